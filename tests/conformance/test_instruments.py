"""The instruments themselves: each accepts good badges and refuses bad ones, for the right reason."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.conformance import verdicts
from tests.conformance.authority import Authority
from tests.conformance.loopback import DocumentServer
from tests.conformance.specimens import (
    RECIPIENT,
    Signer,
    assertion_specimens,
    proof_specimens,
    signer_on,
    token_specimens,
)
from tests.conformance.verdicts import InstrumentError, Verdict

Specimens = Mapping[str, Path | str]
Expectation = tuple[bool, bool | None, bool | None, str]

# name: verified, revoked, expired, and what the reason says
PROOFS_BY_DIGITAL_BAZAAR: dict[str, Expectation] = {
    "good": (True, False, False, ""),
    "good-without-status": (True, None, False, ""),
    "good-did-key": (True, None, False, ""),
    "revoked": (False, True, False, "revoked"),
    "expired": (False, None, True, "validUntil"),
    "tampered": (False, None, None, "Invalid signature"),
    "strange-key": (False, None, None, "Invalid signature"),
    "strange-signer": (False, None, None, "issuer must match the verification method controller"),
    "undefined-term": (False, None, None, "myOwnTerm"),
    "bad-form": (True, False, False, ""),
    "strange-status": (False, None, None, "do not match"),
    "unsigned-status": (False, None, None, "proof"),
}
PROOFS_BY_DCC: dict[str, Expectation] = {
    "good": (True, False, False, ""),
    "good-without-status": (True, None, False, ""),
    "good-did-key": (True, None, False, ""),
    "revoked": (False, True, False, "revocation_status"),
    "expired": (False, False, True, "expiration"),
    "tampered": (False, None, None, "signature is not valid"),
    "strange-key": (False, None, None, "signature is not valid"),
    "strange-signer": (False, None, None, "signature is not valid"),
    "undefined-term": (False, None, None, "myOwnTerm"),
    "bad-form": (True, False, False, "credentialStatus must be object"),
}
PROOFS_BY_OPENBADGES_LIBRARY: dict[str, Expectation] = {
    "good": (True, False, False, ""),
    "good-without-status": (True, None, False, ""),
    "good-did-key": (True, None, False, ""),
    "revoked": (False, True, None, "index 7"),
    "expired": (False, None, True, "expired"),
    "tampered": (False, None, None, "signature mismatch"),
    "strange-key": (False, None, None, "signature mismatch"),
    "strange-signer": (False, None, None, "verificationMethod"),
    "undefined-term": (False, None, None, "myOwnTerm"),
    "good-png": (True, False, False, ""),
    "good-svg": (True, False, False, ""),
    "revoked-png": (False, True, None, "index 7"),
    "revoked-svg": (False, True, None, "index 7"),
    "tampered-png": (False, None, None, "signature mismatch"),
    "tampered-svg": (False, None, None, "signature mismatch"),
}
TOKENS_BY_JOSE: dict[str, Expectation] = {
    "good": (True, False, False, ""),
    "good-key-by-address": (True, False, False, ""),
    "revoked": (False, True, False, "revoked"),
    "expired": (False, None, True, "exp"),
    "tampered": (False, None, None, "signature verification failed"),
    "strange-key": (False, None, None, "signature verification failed"),
    "strange-signer": (False, None, None, "not of the issuer's origin"),
    "key-set": (False, None, None, "is not one JWK"),
    "wrong-subject": (False, False, False, "sub is not credentialSubject.id"),
    "wrong-start": (False, False, False, "nbf is not validFrom"),
}
ASSERTIONS_BY_VALIDATOR_CORE: dict[str, Expectation] = {
    "hosted": (True, False, False, ""),
    "hosted.png": (True, False, False, ""),
    "hosted.svg": (True, False, False, ""),
    "signed.jws": (True, False, False, ""),
    "signed.png": (True, False, False, ""),
    "signed.svg": (True, False, False, ""),
    "hosted-revoked": (False, True, None, "recipient"),
    "hosted-expired": (False, None, True, "expired on"),
    "hosted-elsewhere": (False, None, None, "HOSTED"),
    "hosted-nowhere": (False, None, None, "FETCH_HTTP_NODE"),
    "signed-revoked.jws": (False, True, None, "has been revoked"),
    "signed-expired.jws": (False, None, True, "expired on"),
    "signed-tampered.jws": (False, None, None, "failed verification"),
    "signed-strange-key.jws": (False, None, None, "failed verification"),
    "empty.png": (False, None, None, "nothing is baked in"),
}


FORMS_BY_OFFICIAL_SCHEMA: dict[str, Expectation] = {
    "good": (True, None, None, ""),
    "bad-form": (False, None, None, "/credentialStatus must be object"),
}
CONTENTS_BY_MOZILLA_BAKERY: dict[str, Expectation] = {
    "hosted.png": (True, None, None, ""),
    "hosted.svg": (True, None, None, ""),
    "signed.png": (True, None, None, ""),
    "signed.svg": (True, None, None, ""),
    "empty.png": (False, None, None, "does not have any baked in data"),
}
EXPECTED: dict[str, dict[str, Expectation]] = {
    "digital_bazaar": PROOFS_BY_DIGITAL_BAZAAR,
    "dcc": PROOFS_BY_DCC,
    "openbadges_library": PROOFS_BY_OPENBADGES_LIBRARY,
    "vc_jwt": TOKENS_BY_JOSE,
    "validator_core": ASSERTIONS_BY_VALIDATOR_CORE,
    "official_schema": FORMS_BY_OFFICIAL_SCHEMA,
    "mozilla_bakery": CONTENTS_BY_MOZILLA_BAKERY,
}
CASES = [(instrument, name) for instrument, expected in EXPECTED.items() for name in expected]


@pytest.fixture(scope="module")
def signer(documents_over_https: DocumentServer) -> Signer:
    return signer_on(documents_over_https)


@pytest.fixture(scope="module")
def proofs(signer: Signer, tmp_path_factory: pytest.TempPathFactory) -> Specimens:
    return proof_specimens(signer, tmp_path_factory.mktemp("proofs"))


@pytest.fixture(scope="module")
def tokens(
    signer: Signer, documents_over_http: DocumentServer, tmp_path_factory: pytest.TempPathFactory
) -> Specimens:
    return token_specimens(signer, documents_over_http, tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def assertions(
    documents_over_https: DocumentServer,
    documents_over_http: DocumentServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Specimens:
    signer = signer_on(documents_over_http)
    return assertion_specimens(signer, documents_over_https, tmp_path_factory.mktemp("assertions"))


@pytest.fixture(scope="module")
def verdict_of(
    proofs: Specimens, tokens: Specimens, assertions: Specimens, authority: Authority
) -> dict[tuple[str, str], Verdict]:
    """Every verdict by instrument and specimen; each instrument is started once."""
    specimens = {"vc_jwt": tokens, "validator_core": assertions, "mozilla_bakery": assertions}
    answers = {}
    for instrument, expected in EXPECTED.items():
        inputs = [specimens.get(instrument, proofs)[name] for name in expected]
        found: list[Verdict] = getattr(verdicts, instrument)(inputs, trust=authority.root)
        answers.update({(instrument, name): verdict for name, verdict in zip(expected, found, strict=True)})
    return answers


@pytest.mark.parametrize(("instrument", "name"), CASES)
def test_instrument_tells_good_from_bad(
    instrument: str, name: str, verdict_of: dict[tuple[str, str], Verdict]
) -> None:
    verified, revoked, expired, reason = EXPECTED[instrument][name]

    verdict = verdict_of[instrument, name]

    assert (verdict.verified, verdict.revoked, verdict.expired) == (verified, revoked, expired), verdict.why
    assert reason in verdict.why
    assert bool(reason) == bool(verdict.why)


def test_schema_is_judged_by_both_that_know_it(verdict_of: dict[tuple[str, str], Verdict]) -> None:
    by_instrument = {
        instrument: (
            verdict_of[instrument, "good"].schema_valid,
            verdict_of[instrument, "bad-form"].schema_valid,
        )
        for instrument in ("dcc", "official_schema", "digital_bazaar")
    }

    assert by_instrument == {
        "dcc": (True, False),
        "official_schema": (True, False),
        "digital_bazaar": (None, None),
    }


def test_schema_is_judged_inside_a_token(tokens: Specimens) -> None:
    [verdict] = verdicts.official_schema([tokens["good"]])

    assert (verdict.verified, verdict.why) == (True, "")


def test_issuer_without_https_is_judged_too(documents_over_http: DocumentServer, tmp_path: Path) -> None:
    """What the demo issues: did:key, everything over plain http."""
    signer = signer_on(documents_over_http)
    proofs = proof_specimens(signer, tmp_path)
    tokens = token_specimens(signer, documents_over_http, tmp_path)
    inputs = [proofs["good"], proofs["revoked"], proofs["tampered"]]

    answers = {
        "digital_bazaar": verdicts.digital_bazaar(inputs),
        "dcc": verdicts.dcc(inputs),
        "vc_jwt": verdicts.vc_jwt([tokens["good"], tokens["revoked"], tokens["tampered"]]),
    }

    assert {name: [verdict.verified for verdict in found] for name, found in answers.items()} == {
        "digital_bazaar": [True, False, False],
        "dcc": [True, False, False],
        "vc_jwt": [True, False, False],
    }


def test_validator_core_accepts_the_recipient_only(assertions: Specimens) -> None:
    inputs = [assertions["hosted"], assertions["signed.jws"]]

    hers = verdicts.validator_core(inputs, recipient=RECIPIENT)
    not_his = verdicts.validator_core(inputs, recipient="eve@example.org")

    assert [verdict.verified for verdict in hers] == [True, True]
    assert [verdict.verified for verdict in not_his] == [False, False]
    assert ["VERIFY_RECIPIENT_IDENTIFIER" in verdict.why for verdict in not_his] == [True, True]


def test_bakeries_find_what_was_baked(
    assertions: Specimens, proofs: Specimens, verdict_of: dict[tuple[str, str], Verdict]
) -> None:
    token, proof = Path(assertions["signed.jws"]).read_text(), Path(proofs["good"]).read_text()

    assert [verdict_of["mozilla_bakery", f"signed.{kind}"].content for kind in ("png", "svg")] == [
        token,
        token,
    ]
    assert [verdict_of["openbadges_library", f"good-{kind}"].content for kind in ("png", "svg")] == [
        proof,
        proof,
    ]


@pytest.mark.parametrize("instrument", [verdicts.digital_bazaar, verdicts.dcc, verdicts.openbadges_library])
def test_foreign_address_breaks_the_instrument(
    instrument: Callable[..., list[Verdict]], proofs: Specimens, authority: Authority
) -> None:
    with pytest.raises(InstrumentError, match=r"outside this machine: https://status\.example\.org/1"):
        instrument([proofs["foreign-status"]], trust=authority.root)


def test_foreign_hosted_badge_breaks_validator_core() -> None:
    with pytest.raises(InstrumentError, match=r"outside this machine: https://badges\.example\.org/1"):
        verdicts.validator_core(["https://badges.example.org/1"])


@pytest.mark.parametrize(
    "instrument",
    [
        verdicts.digital_bazaar,
        verdicts.dcc,
        verdicts.vc_jwt,
        verdicts.official_schema,
        verdicts.mozilla_bakery,
        verdicts.openbadges_library,
        verdicts.validator_core,
    ],
)
def test_missing_file_is_no_verdict(instrument: Callable[..., list[Verdict]], tmp_path: Path) -> None:
    with pytest.raises(InstrumentError, match=r"nothing\.json"):
        instrument([tmp_path / "nothing.json"])
