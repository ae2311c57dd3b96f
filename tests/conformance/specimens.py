"""Good and bad badges that the instruments are tested with: made by badges.credentials, spoiled here."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from PIL import Image

from badges.credentials import baking, dids, ob2, ob3, signing, status
from badges.credentials.encoding import base64url, from_base64url
from badges.credentials.keys import Ed25519Key, RsaKey
from badges.credentials.values import Achievement, Award, Evidence, Issuer, Recipient, StatusEntry
from tests.conformance.loopback import Document, DocumentServer

RECIPIENT = "ada@example.org"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"><circle cx="45" cy="45" r="40"/></svg>'
NOT_REVOKED, REVOKED = 3, 7
NOW = datetime.now(UTC) - timedelta(minutes=1)
LONG_AGO = datetime(2019, 1, 1, tzinfo=UTC)
EXPIRED_AT = datetime(2020, 1, 1, tzinfo=UTC)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who signs, on a server of this machine: an issuer with both kinds of keys, and a stranger's keys."""

    server: DocumentServer
    issuer: Issuer
    proof_key: Ed25519Key
    token_key: RsaKey
    strange_proof_key: Ed25519Key
    strange_token_key: RsaKey

    @property
    def proof_method(self) -> str:
        return dids.verification_method(self.issuer.did, self.proof_key)

    @property
    def status_list_url(self) -> str:
        return f"{self.server.url}/status/1"

    @property
    def achievement(self) -> Achievement:
        return Achievement(
            url=f"{self.server.url}/achievements/1",
            name="Données & 知識",
            description="Earned by doing things",
            criteria_narrative="Do *the* work",
            image_url=f"{self.server.url}/badge.png",
            achievement_type="Badge",
            tags=("data", "literacy"),
        )


def png() -> bytes:
    """A small picture."""
    written = io.BytesIO()
    Image.radial_gradient("L").save(written, "PNG")
    return written.getvalue()


def signer_on(server: DocumentServer) -> Signer:
    """An issuer whose DID document, keys, status list and picture are published on the server.

    did:web where the server speaks https, else did:key. Bit REVOKED of its status list is set.
    """
    proof_key, token_key = Ed25519Key.generate(), RsaKey.generate()
    url = f"{server.url}/issuers/1"
    is_secure = url.startswith("https:")
    signer = Signer(
        server=server,
        issuer=Issuer(
            did=dids.did_web(url) if is_secure else dids.did_key(proof_key),
            url=url,
            name="Universität Beispiel",
            website=server.url,
            email="badges@example.org",
        ),
        proof_key=proof_key,
        token_key=token_key,
        strange_proof_key=Ed25519Key.generate(),
        strange_token_key=RsaKey.generate(),
    )
    if is_secure:
        did_document = dids.did_document(signer.issuer.did, [proof_key], [("rsa-1", token_key)])
        publish(server, f"{url}/did.json", did_document)
    publish(server, f"{server.url}/keys/rsa-1", dict(token_key.jwk))
    publish(server, f"{server.url}/keys/set", {"keys": [dict(token_key.jwk)]})
    revocations = _status_list(signer.status_list_url, signer.issuer.did)
    publish(server, signer.status_list_url, _proved(signer, revocations))
    server.documents["/badge.png"] = Document(png(), "image/png")
    return signer


def publish(server: DocumentServer, url: str, document: Json, status_code: int = HTTPStatus.OK) -> None:
    """Let the server answer the url with the document."""
    body = json.dumps(document).encode()
    server.documents[urlsplit(url).path] = Document(body, "application/ld+json", status_code)


def proof_specimens(signer: Signer, folder: Path) -> dict[str, Path]:
    """Open Badges 3.0 with a Data Integrity proof, plain and baked, by what is the matter with them."""
    stranger = signer.strange_proof_key
    strange_method = dids.verification_method(dids.did_key(stranger), stranger)
    good = _proved(signer, _credential(signer))
    own = replace(signer.issuer, did=dids.did_key(signer.proof_key))
    own_method = dids.verification_method(own.did, signer.proof_key)
    documents: dict[str, Json] = {
        "good": good,
        "good-without-status": _proved(signer, _credential(signer, status_index=None)),
        "good-did-key": signing.sign_credential(
            _credential(signer, issuer=own, status_index=None), signer.proof_key, own_method, NOW
        ),
        "revoked": _proved(signer, _credential(signer, status_index=REVOKED)),
        "expired": _proved(signer, _credential(signer, expired=True)),
        "tampered": _spoiled(
            good, lambda badge: badge["credentialSubject"]["achievement"].update(name="PhD")
        ),
        # Says that the issuer's key signed it, but it was another.
        "strange-key": signing.sign_credential(_credential(signer), stranger, signer.proof_method, NOW),
        # A sound proof by somebody who is not the issuer.
        "strange-signer": signing.sign_credential(_credential(signer), stranger, strange_method, NOW),
        # A canonicaliser without safe mode drops the term, and then the signature fits.
        "undefined-term": {**good, "myOwnTerm": "unsigned"},
        # The same statements, so the signature fits; the official schema wants one object.
        "bad-form": {**good, "credentialStatus": [good["credentialStatus"]]},
        "strange-status": _proved(signer, _credential(signer, status_list=_strange_list(signer))),
        "unsigned-status": _proved(signer, _credential(signer, status_list=_unsigned_list(signer))),
        "foreign-status": _proved(signer, _credential(signer, status_list="https://status.example.org/1")),
    }
    files = {name: folder / f"{name}.json" for name in documents}
    for name, file in files.items():
        file.write_text(json.dumps(documents[name]), encoding="utf-8")
    for name in ("good", "revoked", "tampered"):
        text = json.dumps(documents[name])
        files[f"{name}-png"] = folder / f"{name}.png"
        files[f"{name}-png"].write_bytes(baking.bake_png(png(), text, 3))
        files[f"{name}-svg"] = folder / f"{name}.svg"
        files[f"{name}-svg"].write_bytes(baking.bake_svg(SVG, 3, body=text))
    return files


def token_specimens(signer: Signer, elsewhere: DocumentServer, folder: Path) -> dict[str, Path]:
    """VC-JWT, by what is the matter with them; a stranger's key is published on the other server."""
    url_kid = f"{signer.server.url}/keys/rsa-1"
    # A did:key holds one Ed25519 key and no other: the RSA key of such an issuer is found by its address.
    kid = f"{signer.issuer.did}#rsa-1" if signer.issuer.did.startswith("did:web:") else url_kid
    publish(elsewhere, f"{elsewhere.url}/keys/strange", dict(signer.strange_token_key.jwk))
    good = signing.sign_jwt(_credential(signer), signer.token_key, kid)
    header, claims, signature = good.split(".")
    graduated = _spoiled(_opened(claims), lambda badge: badge["credentialSubject"].update(role="PhD"))
    tokens = {
        "good": good,
        "good-key-by-address": signing.sign_jwt(_credential(signer), signer.token_key, url_kid),
        "revoked": signing.sign_jwt(_credential(signer, status_index=REVOKED), signer.token_key, kid),
        "expired": signing.sign_jwt(_credential(signer, expired=True), signer.token_key, kid),
        "tampered": ".".join([header, _closed(graduated), signature]),
        "strange-key": signing.sign_jwt(_credential(signer), signer.strange_token_key, kid),
        "strange-signer": signing.sign_jwt(
            _credential(signer), signer.strange_token_key, f"{elsewhere.url}/keys/strange"
        ),
        "key-set": signing.sign_jwt(_credential(signer), signer.token_key, f"{signer.server.url}/keys/set"),
        "wrong-subject": _token(signer, kid, {**_opened(claims), "sub": "urn:uuid:somebody"}),
        "wrong-start": _token(signer, kid, {**_opened(claims), "nbf": 1}),
    }
    files = {name: folder / f"{name}.jws" for name in tokens}
    for name, file in files.items():
        file.write_text(tokens[name])
    return files


def assertion_specimens(signer: Signer, elsewhere: DocumentServer, folder: Path) -> dict[str, Path | str]:
    """Open Badges 2.0 hosted (addresses), signed and baked (files), by what is the matter with them."""
    server, issuer, achievement = signer.server, signer.issuer, signer.achievement
    key_url, list_url = f"{server.url}/keys/1", f"{server.url}/revocations"
    revoked = _award(signer)
    publish(server, issuer.url, ob2.profile(issuer, public_key_urls=[key_url], revocation_list_url=list_url))
    publish(server, achievement.url, ob2.badge_class(achievement, issuer.url))
    publish(server, key_url, ob2.cryptographic_key(key_url, issuer.url, signer.token_key.pem))
    publish(server, list_url, ob2.revocation_list(list_url, issuer.url, [(revoked.uuid.urn, "typo")]))

    def hosted(award: Award, place: DocumentServer = server) -> Json:
        assertion = ob2.hosted_assertion(award, achievement.url)
        publish(place, award.url, assertion)
        return assertion

    def signed(award: Award, key: RsaKey = signer.token_key) -> str:
        return signing.sign_jws(ob2.signed_assertion(award, achievement.url, key_url), key)

    good, expired, gone = _award(signer), _award(signer, expired=True), _award(signer)
    publish(server, gone.url, ob2.revoked_assertion(gone.url, "typo"), HTTPStatus.GONE)
    moved = replace(good, url=f"{elsewhere.url}/badges/moved")
    header, payload, signature = signed(good).split(".")
    graduated = _spoiled(_opened(payload), lambda assertion: assertion.update(narrative="PhD"))
    contents: dict[str, bytes] = {
        "signed.jws": signed(good).encode(),
        "signed-revoked.jws": signed(revoked).encode(),
        "signed-expired.jws": signed(expired).encode(),
        "signed-tampered.jws": ".".join([header, _closed(graduated), signature]).encode(),
        "signed-strange-key.jws": signed(good, signer.strange_token_key).encode(),
        "signed.png": baking.bake_png(png(), signed(good), 2),
        "signed.svg": baking.bake_svg(SVG, 2, verify=signed(good)),
        "hosted.png": baking.bake_png(png(), json.dumps(hosted(good)), 2),
        "hosted.svg": baking.bake_svg(SVG, 2, verify=good.url, body=json.dumps(hosted(good))),
        "empty.png": png(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents} | {
        "hosted": hosted(good)["id"],
        "hosted-revoked": gone.url,
        "hosted-expired": hosted(expired)["id"],
        "hosted-elsewhere": hosted(moved, elsewhere)["id"],
        "hosted-nowhere": f"{server.url}/badges/never",
    }


def _award(signer: Signer, *, expired: bool = False) -> Award:
    uuid = uuid4()
    return Award(
        url=f"{signer.server.url}/badges/{uuid}",
        uuid=uuid,
        recipient=Recipient(email=RECIPIENT, salt="s4lt", subject_id=f"urn:uuid:{uuid4()}", name="Ada"),
        issued_at=LONG_AGO if expired else NOW,
        expires_at=EXPIRED_AT if expired else None,
        evidence=(
            Evidence(url=f"{signer.server.url}/evidence", name="Portfolio", narrative="Line 1\nLine 2"),
        ),
    )


def _credential(
    signer: Signer,
    *,
    issuer: Issuer | None = None,
    status_index: int | None = NOT_REVOKED,
    status_list: str | None = None,
    expired: bool = False,
) -> Json:
    entry = None
    if status_index is not None:
        entry = StatusEntry(list_url=status_list or signer.status_list_url, index=status_index)
    award = _award(signer, expired=expired)
    return ob3.credential(issuer or signer.issuer, signer.achievement, award, entry)


def _status_list(url: str, issuer_did: str) -> Json:
    return ob3.status_list_credential(
        url=url, issuer_did=issuer_did, encoded_list=status.encode([REVOKED]), published_at=NOW
    )


def _strange_list(signer: Signer) -> str:
    """The address of a list that a stranger has signed, soundly and in the own name."""
    url, key = f"{signer.server.url}/status/strange", signer.strange_proof_key
    did = dids.did_key(key)
    signed = signing.sign_credential(_status_list(url, did), key, dids.verification_method(did, key), NOW)
    publish(signer.server, url, signed)
    return url


def _unsigned_list(signer: Signer) -> str:
    url = f"{signer.server.url}/status/unsigned"
    publish(signer.server, url, _status_list(url, signer.issuer.did))
    return url


def _proved(signer: Signer, credential: Json) -> Json:
    return signing.sign_credential(credential, signer.proof_key, signer.proof_method, NOW)


def _spoiled(document: Json, spoil: Callable[[Json], None]) -> Json:
    copy: Json = json.loads(json.dumps(document))
    spoil(copy)
    return copy


def _opened(part: str) -> Json:
    content: Json = json.loads(from_base64url(part))
    return content


def _closed(content: Json) -> str:
    return base64url(json.dumps(content).encode())


def _token(signer: Signer, kid: str, claims: Json) -> str:
    signed = f"{_closed({'alg': 'RS256', 'kid': kid, 'typ': 'JWT'})}.{_closed(claims)}"
    return f"{signed}.{base64url(signer.token_key.sign(signed.encode()))}"
