"""Keys of other issuers: did:key, did:web, and JWKs at https addresses; each bound to the issuer that a badge names."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from badges.credentials import dids
from badges.credentials.encoding import from_base64url
from badges.credentials.keys import Ed25519PublicKey, RsaPublicKey
from badges.exceptions import ForeignIssuerRefused
from badges.services.foreign_documents import ForeignDocuments

Key = Ed25519PublicKey | RsaPublicKey


def key_of(issuer_id: str, method: str, documents: ForeignDocuments) -> Key:
    """Return the key that `method` names, if it is one by which the issuer makes assertions.

    `method` is the id of a verification method, or for JWTs the https address of a JWK on the issuer's own host. Raises
    ForeignIssuerRefused.
    """
    try:
        if method.startswith(("did:key:", "did:web:")):
            did, _hash, fragment = method.partition("#")
            if did != issuer_id:
                raise ForeignIssuerRefused(_("The key that signed the badge is none of its issuer's."))
            if did.startswith("did:key:"):
                multibase = did.removeprefix("did:key:")
                if fragment not in {"", multibase}:
                    raise ForeignIssuerRefused(_("The key that signed the badge is none of its issuer's."))
                return Ed25519PublicKey.from_multibase(multibase)
            return _key_of_web(did, method, documents)
        if method.startswith("https://") and urlsplit(method).hostname == _host(issuer_id):
            return key_from_jwk(documents.document(method, ForeignIssuerRefused))
    except (ValueError, TypeError) as error:
        raise ForeignIssuerRefused(_("The issuer's key cannot be read.")) from error
    raise ForeignIssuerRefused(
        _("The badge is signed with a key that cannot be traced to its issuer: %(key)s.")
        % {"key": method[:200]}
    )


def _key_of_web(did: str, method: str, documents: ForeignDocuments) -> Key:
    document = documents.document(dids.did_document_url(did), ForeignIssuerRefused)
    if document.get("id") != did:
        raise ForeignIssuerRefused(_("The issuer's DID document is another issuer's."))
    names = {method, "#" + method.partition("#")[2]}
    embedded = [item for item in _list(document.get("assertionMethod")) if isinstance(item, Mapping)]
    asserting = {item for item in _list(document.get("assertionMethod")) if isinstance(item, str)}
    found = [
        item
        for item in _list(document.get("verificationMethod"))
        if isinstance(item, Mapping) and item.get("id") in names and names & asserting
    ]
    found += [item for item in embedded if item.get("id") in names]
    if not found:
        raise ForeignIssuerRefused(
            _("The issuer's DID document does not have the key that signed the badge.")
        )
    if found[0].get("revoked") is not None:
        raise ForeignIssuerRefused(_("The key that signed the badge was revoked by its issuer."))
    jwk = found[0].get("publicKeyJwk")
    if isinstance(jwk, Mapping):
        return key_from_jwk(jwk)
    return Ed25519PublicKey.from_multibase(str(found[0].get("publicKeyMultibase") or ""))


def key_from_jwk(jwk: Mapping[str, Any]) -> Key:
    """Read a public JWK. Raises ValueError."""
    if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
        return Ed25519PublicKey(from_base64url(str(jwk.get("x") or "")))
    return RsaPublicKey.from_jwk(dict(jwk))


def _host(issuer_id: str) -> str | None:
    """Return the host that an issuer's id is of; None for a did:key."""
    if issuer_id.startswith("did:web:"):
        return urlsplit(dids.did_document_url(issuer_id)).hostname
    return urlsplit(issuer_id).hostname if issuer_id.startswith("https://") else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
