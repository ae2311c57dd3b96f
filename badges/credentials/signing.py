"""Signatures over badges: Data Integrity proofs, VC-JWT and OB 2.0 JWS, and their verification."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from badges.credentials.canonical import canonicalise
from badges.credentials.dates import instant, seconds
from badges.credentials.encoding import base58, base64url, compact_json, from_base58, from_base64url
from badges.credentials.exceptions import NotCanonical
from badges.credentials.keys import Ed25519Key, Ed25519PublicKey, RsaKey, RsaPublicKey
from badges.credentials.values import Document

CRYPTOSUITE = "eddsa-rdfc-2022"
# No set: what is looked for may be anything that JSON has.
_UNDERSTOOD = (("DataIntegrityProof", CRYPTOSUITE), ("Ed25519Signature2020", None))


def sign_credential(
    credential: Mapping[str, Any], key: Ed25519Key, verification_method: str, created: datetime
) -> Document:
    """Return the credential with a DataIntegrityProof, made in the generic way.

    Data Integrity EdDSA Cryptosuites, section 3.2. Works for any JSON-LD document with known contexts, at
    some milliseconds each; `fast_signing.FastSigner` does the same for badges in a fraction. A `proof` that
    is there is replaced. `verification_method` is the key's id in the issuer's DID document
    (`dids.verification_method`). Raises NotCanonical where something would not be signed.
    """
    document = without_proof(credential)
    proof = proof_options(verification_method, created)
    message = hashed_proof(document, proof) + hashlib.sha256(canonicalise(document).encode()).digest()
    return {**document, "proof": {**proof, "proofValue": proof_value(key, message)}}


def verify_credential(document: Mapping[str, Any], key: Ed25519PublicKey) -> bool:
    """Tell whether a proof of the document was made over its present content with this key.

    Knows eddsa-rdfc-2022 and the older Ed25519Signature2020. Whether the key is the issuer's, and whether the
    badge is revoked or expired, is for the caller to find out. Raises NotCanonical for a document with
    content that no proof covers.
    """
    unsigned = without_proof(document)
    return any(_verify_proof(unsigned, proof, key) for proof in _understood_proofs(document))


def verification_methods(document: Mapping[str, Any]) -> list[str]:
    """Return the ids of the keys that the document's proofs of a known kind name."""
    return [proof["verificationMethod"] for proof in _understood_proofs(document)]


def proof_options(verification_method: str, created: datetime) -> dict[str, str]:
    """Return the proof as it is before `proofValue` is added."""
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": instant(created),
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
    }


def hashed_proof(document: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of the canonical proof options, read with the contexts of the document."""
    if "@context" not in document:
        raise NotCanonical("The document has no @context.")
    return hashlib.sha256(canonicalise({"@context": document["@context"], **proof}).encode()).digest()


def proof_value(key: Ed25519Key, message: bytes) -> str:
    """Return the signature as multibase base58btc."""
    return "z" + base58(key.sign(message))


def without_proof(document: Mapping[str, Any]) -> Document:
    """Return a shallow copy without `proof`."""
    return {name: value for name, value in document.items() if name != "proof"}


def sign_jwt(credential: Mapping[str, Any], key: RsaKey, kid: str) -> str:
    """Return the credential as a VC-JWT, RS256 (OB 3.0 section 8.2.4).

    The payload is the credential itself and the claims made from it; the header has `alg`, `kid` and `typ`
    and nothing else. `kid` must lead to one JWK: `<did:web>#<fragment>` of a JsonWebKey, or the address of a
    JWK. Raises KeyError when the credential has no `credentialSubject.id`.
    """
    issuer = credential["issuer"]
    claims: Document = {
        **credential,
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": credential["id"],
        "nbf": seconds(credential["validFrom"]),
        "sub": credential["credentialSubject"]["id"],
    }
    if "validUntil" in credential:
        claims["exp"] = seconds(credential["validUntil"])
    return _compact_jws({"alg": "RS256", "kid": kid, "typ": "JWT"}, claims, key)


def sign_jws(assertion: Mapping[str, Any], key: RsaKey) -> str:
    """Return a signed Assertion of OB 2.0 as compact JWS.

    RS256 is the one algorithm that 1EdTech's validator takes.
    """
    return _compact_jws({"alg": "RS256", "typ": "JWT"}, assertion, key)


def read_jws(token: str) -> tuple[Document, Document]:
    """Return header and payload of a compact JWS, unverified. Raises ValueError when it is none."""
    try:
        parts = [from_base64url(part) for part in token.split(".")]
        header, payload, _signature = json.loads(parts[0]), json.loads(parts[1]), parts[2]
    except (ValueError, IndexError, RecursionError) as error:
        raise ValueError("This is not a compact JWS.") from error
    if len(parts) != 3 or not isinstance(header, dict) or not isinstance(payload, dict):
        raise ValueError("This is not a compact JWS.")
    return header, payload


def verify_jws(token: str, key: RsaPublicKey) -> bool:
    """Tell whether a compact JWS or VC-JWT is signed with this key by RS256.

    Raises ValueError when it is no JWS.
    """
    header, _payload = read_jws(token)
    message, _dot, signature = token.rpartition(".")
    return header.get("alg") == "RS256" and key.verifies(from_base64url(signature), message.encode())


def _compact_jws(header: Mapping[str, str], payload: Mapping[str, Any], key: RsaKey) -> str:
    message = ".".join(base64url(compact_json(part).encode()) for part in (header, payload))
    return f"{message}.{base64url(key.sign(message.encode()))}"


def _understood_proofs(document: Mapping[str, Any]) -> list[Document]:
    proofs = document.get("proof")
    return [
        proof
        for proof in (proofs if isinstance(proofs, list) else [proofs])
        if isinstance(proof, dict)
        and proof.get("proofPurpose") == "assertionMethod"
        and isinstance(proof.get("proofValue"), str)
        and isinstance(proof.get("verificationMethod"), str)
        and (proof.get("type"), proof.get("cryptosuite")) in _UNDERSTOOD
    ]


def _verify_proof(unsigned: Document, proof: Document, key: Ed25519PublicKey) -> bool:
    try:
        signature = from_base58(proof["proofValue"].removeprefix("z"))
    except ValueError:
        return False
    options = {name: value for name, value in proof.items() if name not in ("proofValue", "@context")}
    message = hashed_proof(unsigned, options) + hashlib.sha256(canonicalise(unsigned).encode()).digest()
    return key.verifies(signature, message)
