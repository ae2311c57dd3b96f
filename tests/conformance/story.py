"""The story that is told to the verifiers: a school imports its people, issues, revokes, rotates its keys.

All documents are fetched from the running product over HTTP; only what must be refused is spoiled here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from badges.credentials import baking, signing
from badges.credentials.encoding import base64url, from_base64url
from badges.credentials.keys import Ed25519Key, RsaKey
from tests.conformance.installation import PLAIN_FORMS, Installation, forms_of, judge_all
from tests.conformance.verdicts import Input, Verdict

ADA = "ada.rossi@example.org"
OTHER = "niccolo.dalo@example.org"
# As spreadsheets export it: no UTF-8, semicolons, a line break inside quotes, an empty row, Ada twice, a bad address.
MESSY_FILE = (
    "Cognome;Nome;Indirizzo e-mail;Città\r\n"
    "Rossi;Ada;Ada.Rossi@Example.org;Forlì\r\n"
    ";;;\r\n"
    'D’Alò;Niccolò; niccolo.dalo@example.org ;"via “Roma”;\n3"\r\n'
    "Rossi;Ada;ada.rossi@example.org;Cantù – 5 €\r\n"
    "Bianchi;Piero;piero(at)example.org;\r\n"
).encode("cp1252")

IN_EVERY_FORM = ("imported", "rich", "hostile", "png-picture", "svg-picture")
IN_PLAIN_FORMS = ("revoked", "old-title", "new-title", "swapped-1", "rotated-1", "rotated-2")

Json = dict[str, Any]
Verdicts = Mapping[str, Mapping[str, Verdict]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What happened, and what each verifier (first key) said of each input (second key) at which time."""

    installation: Installation
    imported: Json
    issued: Json
    at_first: Verdicts
    for_other: Mapping[str, Verdict]
    after_revocation_and_rotation: Verdicts
    after_withdrawal_of_keys: Verdicts


def tell(installation: Installation) -> Story:
    """Let it all happen."""
    imported, issued = _import_and_issue(installation)
    at_first = judge_all(
        installation,
        _merged(
            forms_of(installation, IN_EVERY_FORM),
            forms_of(installation, (*IN_PLAIN_FORMS, "expired"), PLAIN_FORMS),
            _spoiled(installation),
        ),
        recipient=ADA,
    )
    for_other = judge_all(
        installation,
        {
            "validator_core": {
                f"{badge} {form}": installation.form(badge, form)
                for badge in ("imported", "imported-other")
                for form in ("hosted", "ob2.jws")
            }
        },
        recipient=OTHER,
    )
    # As a holder keeps it: fetched while all was well.
    kept = forms_of(installation, ["revoked"])
    installation.badges |= installation.act(
        ("rotate_keys", {"organization": "rotated"}),
        ("revoke", {"badge": installation.badges["revoked"], "reason": "Rilasciato per errore"}),
        ("revoke", {"badge": installation.badges["rotated-2"], "reason": "Issued in error"}),
        ("swap_status_list", {"badge": installation.badges["swapped-1"], "of": installation.badges["rich"]}),
    )
    afterwards = ("rich", "swapped-1", "rotated-1", "rotated-2", "rotated-after")
    after_revocation = judge_all(
        installation, _merged(kept, forms_of(installation, afterwards, PLAIN_FORMS)), recipient=ADA
    )
    installation.act(("revoke_retired_keys", {"organization": "rotated"}))
    after_withdrawal = judge_all(
        installation,
        forms_of(
            installation,
            ("rich", "rotated-1", "rotated-after"),
            {
                name: PLAIN_FORMS[name]
                for name in ("digital_bazaar", "openbadges_library", "vc_jwt", "validator_core")
            },
        ),
    )
    return Story(
        installation=installation,
        imported=imported,
        issued=issued,
        at_first=at_first,
        for_other=for_other["validator_core"],
        after_revocation_and_rotation=after_revocation,
        after_withdrawal_of_keys=after_withdrawal,
    )


def _import_and_issue(installation: Installation) -> tuple[Json, Json]:
    """The commands of "Done when", then badges of all sorts; return what importing and issuing answered."""
    installation.command(
        "create_organization",
        "Scuola «Città» & figli",
        "--slug=scuola",
        "--language=it",
        "--email=badge@scuola.example.org",
        "--website=https://scuola.example.org/",
    )
    installation.act(("template_with_everything", {"organization": "scuola"}))
    file = installation.spoiled("iscritti.csv", MESSY_FILE)
    imported = installation.command("import_earners", "scuola", str(file), "--list=Iscritti")
    issued = installation.command("issue", "everything", "--list=Iscritti")
    by_email = {badge["email"].lower(): badge["id"] for badge in issued["badges"]}
    installation.badges |= {"imported": by_email[ADA], "imported-other": by_email[OTHER]}
    installation.badges |= installation.act(
        ("issue_all_sorts", {"organization": "scuola"}),
        ("issue_from_another", {"organization": "rotated"}),
        ("issue_from_another", {"organization": "swapped"}),
    )
    return imported, issued


def said_of(badge: str, verdicts: Verdicts) -> dict[str, dict[str, str]]:
    """What each instrument said of each form of a badge, in a word."""
    said: dict[str, dict[str, str]] = {}
    for instrument, by_name in verdicts.items():
        for name, verdict in by_name.items():
            of, _, form = name.partition(" ")
            if of == badge:
                said.setdefault(instrument, {})[form] = _word(verdict)
    return said


def _word(verdict: Verdict) -> str:
    if verdict.verified:
        return "accepted" if verdict.schema_valid is not False else "of bad form"
    if "could not fetch status list" in verdict.why:
        return "status unknown"
    return "revoked" if verdict.revoked else "expired" if verdict.expired else "refused"


# One letter is another in each: in the achievement's name, in who it is for, in what was shown.
CREDENTIAL_SPOILERS: Mapping[str, Callable[[Json], None]] = {
    "tampered-name": lambda badge: _change(badge["credentialSubject"]["achievement"], "name"),
    "tampered-recipient": lambda badge: _change(badge["credentialSubject"]["identifier"][0], "identityHash"),
    "tampered-evidence": lambda badge: _change(badge["evidence"][1], "narrative"),
}
ASSERTION_SPOILERS: Mapping[str, Callable[[Json], None]] = {
    "tampered-narrative": lambda assertion: _change(assertion, "narrative"),
    "tampered-recipient": lambda assertion: _change(assertion["recipient"], "identity"),
    "tampered-evidence": lambda assertion: _change(assertion["evidence"][1], "narrative"),
}


def _spoiled(installation: Installation) -> dict[str, dict[str, Input]]:
    """The badge `rich` with one letter changed, and signed by a stranger who says that it is the issuer's key."""
    proofs, tokens, assertions = _spoiled_proofs(installation), {}, {}
    token, jws = installation.text("rich", "ob3.jwt"), installation.text("rich", "ob2.jws")
    for name, spoil in CREDENTIAL_SPOILERS.items():
        tokens[name] = _written(installation, f"{name}-ob3.jws", _with_claims(token, spoil))
    for name, spoil in ASSERTION_SPOILERS.items():
        assertions[name] = _written(installation, f"{name}-ob2.jws", _with_claims(jws, spoil))
    stranger = RsaKey.generate()
    tokens["strange-key"] = _written(installation, "strange-ob3.jws", _signed_by(stranger, token))
    assertions["strange-key"] = _written(installation, "strange-ob2.jws", _signed_by(stranger, jws))
    plain = {name: file for name, file in proofs.items() if not name.endswith(("png", "svg"))}
    return {
        "digital_bazaar": plain,
        "dcc": plain,
        "openbadges_library": proofs,
        "vc_jwt": tokens,
        "validator_core": assertions,
    }


def _spoiled_proofs(installation: Installation) -> dict[str, Input]:
    text = installation.text("rich", "ob3.json")
    unsigned = json.loads(text)
    method = unsigned.pop("proof")["verificationMethod"]
    by_stranger = signing.sign_credential(unsigned, Ed25519Key.generate(), method, datetime.now(UTC))
    contents = {name: _edited(text, spoil) for name, spoil in CREDENTIAL_SPOILERS.items()}
    contents["strange-key"] = json.dumps(by_stranger)
    files: dict[str, Input] = {}
    for name, content in contents.items():
        files[name] = _written(installation, f"{name}.json", content)
        for form, baked in _rebaked(installation, content).items():
            files[f"{name} {form}"] = _written(installation, f"{name}.{form}", baked)
    return files


def _rebaked(installation: Installation, content: str) -> dict[str, bytes]:
    """The pictures of `rich` with other content."""
    png, svg = (Path(installation.form("rich", f"ob3.{kind}")).read_bytes() for kind in ("png", "svg"))
    return {"png": baking.bake_png(png, content, 3), "svg": baking.bake_svg(svg, 3, body=content)}


def _written(installation: Installation, name: str, content: str | bytes) -> Input:
    return installation.spoiled(name, content)


def _edited(text: str, spoil: Callable[[Json], None]) -> str:
    document = json.loads(text)
    spoil(document)
    return json.dumps(document)


def _with_claims(token: str, spoil: Callable[[Json], None]) -> str:
    """The token with other claims and its old signature."""
    header, claims, signature = token.split(".")
    edited = _edited(from_base64url(claims).decode(), spoil)
    return ".".join([header, base64url(edited.encode()), signature])


def _signed_by(key: RsaKey, token: str) -> str:
    """The token with the same header and claims, and the signature of another key."""
    content = token.rpartition(".")[0]
    return f"{content}.{base64url(key.sign(content.encode()))}"


def _change(part: Json, name: str) -> None:
    """Put another letter in the place of the last one."""
    text = part[name]
    part[name] = text[:-1] + ("a" if text[-1] != "a" else "b")


def _merged(*parts: Mapping[str, Mapping[str, Input]]) -> dict[str, dict[str, Input]]:
    """The inputs of several parts, by instrument."""
    merged: dict[str, dict[str, Input]] = {}
    for part in parts:
        for instrument, inputs in part.items():
            merged.setdefault(instrument, {}).update(inputs)
    return merged
