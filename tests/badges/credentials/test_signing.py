"""Signatures: the official vector byte for byte, the claims of OB 3.0, and nothing that was changed."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from badges.credentials import ob2, ob3
from badges.credentials.canonical import canonicalise
from badges.credentials.encoding import base64url, from_base64url
from badges.credentials.exceptions import NotCanonical
from badges.credentials.fast_signing import FastSigner
from badges.credentials.keys import Ed25519Key, Ed25519PublicKey, RsaKey
from badges.credentials.signing import (
    hashed_proof,
    proof_options,
    proof_value,
    read_jws,
    sign_credential,
    sign_jws,
    sign_jwt,
    verification_methods,
    verify_credential,
    verify_jws,
)
from badges.credentials.values import Document
from tests.badges.credentials.cast import (
    ACHIEVEMENT,
    AWARD,
    ED25519,
    ISSUER,
    METHOD,
    NOW,
    RSA,
    STATUS,
    STRANGER,
)

KID = f"{ISSUER.did}#rsa-1"
CREDENTIAL = ob3.credential(ISSUER, ACHIEVEMENT, AWARD, STATUS)

# 1EdTech, Open Badges 3.0 Implementation Guide, linked data proof example
VECTOR_KEY = Ed25519Key.from_private_bytes(
    bytes.fromhex("6241a409e6707bb640a0140a8a32bc3d193c33a661747284d6adfa4ed4180be4")
)
VECTOR: Document = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "http://example.com/credentials/3527",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {
        "id": "https://example.edu/issuers/565049",
        "type": ["Profile"],
        "url": "https://www.imsglobal.org",
        "name": "Example Corp",
    },
    "validFrom": "2010-01-01T00:00:00Z",
    "name": "Teamwork Badge",
    "credentialSubject": {
        "id": "did:example:ebfeb1f712ebc6f1c276e12ec21",
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "https://example.com/achievements/21st-century-skills/teamwork",
            "type": ["Achievement"],
            "criteria": {
                "narrative": "Team members are nominated for this badge by their peers and recognized upon "
                "review by Example Corp management."
            },
            "description": "This badge recognizes the development of the capacity to collaborate within a "
            "group environment.",
            "name": "Teamwork",
        },
    },
}
VECTOR_METHOD = "https://example.edu/issuers/565049#z6MkjZRZv3aez3r18pB1RBFJR1kwUVJ5jHt92JmQwXbd5hwi"
VECTOR_CREATED = datetime(2010, 1, 1, 19, 23, 24, tzinfo=UTC)
VECTOR_SIGNATURE = "z5x9aCBYovW3CQCbKdNyhEm7ffYSw1YpEdPywQJoNbzDD2gkzQDKJ1sYKJaWvqZtkMtSbz35HcbgXVEDYHxCzgkCr"
VECTOR_SIGNED = {
    **VECTOR,
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2010-01-01T19:23:24Z",
        "verificationMethod": VECTOR_METHOD,
        "proofPurpose": "assertionMethod",
        "proofValue": VECTOR_SIGNATURE,
    },
}


def test_generic_signature_equals_the_official_vector() -> None:
    assert sign_credential(VECTOR, VECTOR_KEY, VECTOR_METHOD, VECTOR_CREATED) == VECTOR_SIGNED


def test_fast_signatures_equal_the_official_vector() -> None:
    signer = FastSigner()
    signed = [signer.sign(VECTOR, VECTOR_KEY, VECTOR_METHOD, VECTOR_CREATED) for _ in range(5)]
    assert signed == [VECTOR_SIGNED] * 5


def test_credential_verifies_with_the_key_that_signed_it() -> None:
    assert verify_credential(sign_credential(CREDENTIAL, ED25519, METHOD, NOW), ED25519)


def test_credential_does_not_verify_with_another_key() -> None:
    assert not verify_credential(sign_credential(CREDENTIAL, ED25519, METHOD, NOW), STRANGER)


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "PhD"},
        {"validUntil": "2099-01-01T00:00:00Z"},
        {"evidence": []},
        {"credentialSubject": {**CREDENTIAL["credentialSubject"], "role": "Head"}},
        {"credentialStatus": {**CREDENTIAL["credentialStatus"], "statusListIndex": "1"}},
    ],
)
def test_changed_credential_does_not_verify(changed: dict[str, Any]) -> None:
    signed = sign_credential(CREDENTIAL, ED25519, METHOD, NOW)
    assert not verify_credential({**signed, **changed}, ED25519)


@pytest.mark.parametrize(
    "changed",
    [
        {"created": "2026-01-01T00:00:00Z"},
        {"verificationMethod": f"{METHOD}x"},
        {"proofPurpose": "authentication"},
        {"cryptosuite": "eddsa-jcs-2022"},
        {"proofValue": VECTOR_SIGNATURE},
        {"proofValue": "z0OIl"},
        {"proofValue": None},
    ],
)
def test_changed_proof_does_not_verify(changed: dict[str, Any]) -> None:
    signed = sign_credential(CREDENTIAL, ED25519, METHOD, NOW)
    assert not verify_credential({**signed, "proof": {**signed["proof"], **changed}}, ED25519)


@pytest.mark.parametrize(("purpose", "verifies"), [("assertionMethod", True), ("authentication", False)])
def test_sound_proof_counts_only_when_it_was_made_to_assert(purpose: str, verifies: bool) -> None:
    options = {**proof_options(METHOD, NOW), "proofPurpose": purpose}
    message = hashed_proof(CREDENTIAL, options) + hashlib.sha256(canonicalise(CREDENTIAL).encode()).digest()
    signed = {**CREDENTIAL, "proof": {**options, "proofValue": proof_value(ED25519, message)}}
    assert verify_credential(signed, ED25519) is verifies


@pytest.mark.parametrize("proof", [None, [], "proof", {}, ["proof"]])
def test_credential_without_proof_does_not_verify(proof: object) -> None:
    assert not verify_credential({**CREDENTIAL, "proof": proof}, ED25519)


def test_one_of_several_proofs_is_enough() -> None:
    ours = sign_credential(CREDENTIAL, ED25519, METHOD, NOW)
    theirs = sign_credential(CREDENTIAL, STRANGER, f"did:key:{STRANGER.multibase}#{STRANGER.multibase}", NOW)
    both = {**ours, "proof": [theirs["proof"], ours["proof"]]}
    assert verify_credential(both, ED25519)
    assert verify_credential(both, STRANGER)
    assert verification_methods(both) == [f"did:key:{STRANGER.multibase}#{STRANGER.multibase}", METHOD]


def test_content_that_no_proof_covers_is_not_judged() -> None:
    signed = sign_credential(CREDENTIAL, ED25519, METHOD, NOW)
    with pytest.raises(NotCanonical, match="'grade'"):
        verify_credential({**signed, "grade": "A"}, ED25519)


def test_document_without_context_is_neither_signed_nor_judged() -> None:
    without = {name: value for name, value in CREDENTIAL.items() if name != "@context"}
    proof = sign_credential(CREDENTIAL, ED25519, METHOD, NOW)["proof"]
    with pytest.raises(NotCanonical, match="no @context"):
        sign_credential(without, ED25519, METHOD, NOW)
    with pytest.raises(NotCanonical, match="no @context"):
        verify_credential({**without, "proof": proof}, ED25519)


def test_badge_of_an_older_time_signed_by_other_software_verifies() -> None:
    """A VC 1.1 badge with Ed25519Signature2020, signed by @digitalcredentials/ed25519-signature-2020."""
    path = Path(__file__).parent / "documents" / "ed25519_signature_2020.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    key = Ed25519PublicKey.from_multibase(document["issuer"]["id"].removeprefix("did:key:"))
    assert verify_credential(document, key)
    assert not verify_credential({**document, "name": "PhD"}, key)


def test_jwt_has_the_claims_of_the_standard_and_nothing_in_its_header_besides() -> None:
    token = sign_jwt(CREDENTIAL, RSA, KID)
    header, payload = read_jws(token)
    assert header == {"alg": "RS256", "kid": KID, "typ": "JWT"}
    assert payload == {
        **CREDENTIAL,
        "iss": ISSUER.did,
        "jti": AWARD.url,
        "nbf": 1772368215,
        "sub": AWARD.recipient.subject_id,
        "exp": 1835526615,
    }
    assert verify_jws(token, RSA)


def test_jwt_of_a_badge_that_does_not_expire_has_no_exp() -> None:
    lasting = {name: value for name, value in CREDENTIAL.items() if name != "validUntil"}
    assert "exp" not in read_jws(sign_jwt({**lasting, "issuer": "did:web:x"}, RSA, KID))[1]
    assert read_jws(sign_jwt({**lasting, "issuer": "did:web:x"}, RSA, KID))[1]["iss"] == "did:web:x"


def test_jws_carries_the_assertion_as_it_is() -> None:
    assertion = ob2.signed_assertion(AWARD, ACHIEVEMENT.url, f"{ISSUER.url}/keys/1")
    token = sign_jws(assertion, RSA)
    assert read_jws(token) == ({"alg": "RS256", "typ": "JWT"}, assertion)
    assert verify_jws(token, RSA)


def test_changed_jws_does_not_verify() -> None:
    head, payload, signature = sign_jws({"id": "urn:uuid:1"}, RSA).split(".")
    changed = base64url(from_base64url(payload).replace(b"1", b"2"))
    assert not verify_jws(f"{head}.{changed}.{signature}", RSA)


def test_jws_of_another_key_or_algorithm_does_not_verify() -> None:
    token = sign_jws({"id": "urn:uuid:1"}, RsaKey.generate())
    assert not verify_jws(token, RSA)
    none = base64url(b'{"alg":"none"}')
    assert not verify_jws(f"{none}.{token.split('.')[1]}.", RSA)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a.b", "a.b.c", "e30.e30", "e30.e30.a.b", "W10.e30.aa", "e30.W10.aa", "é.é.é", "e30.e30.a"],
)
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a compact JWS"):
        read_jws(text)
