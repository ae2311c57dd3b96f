"""Who signs: an organization's active keys as the issuer of documents, and the addresses of its keys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from badges.credentials import dids, values
from badges.credentials.fast_signing import FastSigner
from badges.credentials.keys import Ed25519Key, Ed25519PublicKey, RsaKey, RsaPublicKey
from badges.credentials.signing import sign_credential
from badges.models import BadgeTemplateVersion
from badges.services.values import issuer_of
from organizations.enums import KeyAlgorithm
from organizations.exceptions import KeyNotUsable
from organizations.models import Organization, SigningKey
from organizations.services.keys import private_bytes


@dataclass(frozen=True, slots=True)
class Signatory:
    """An organization with the Ed25519 key that signs its credentials."""

    organization: Organization
    key: SigningKey
    did: str
    issuer: values.Issuer

    def sign(self, document: Mapping[str, Any]) -> str:
        """Return a credential with its proof (eddsa-rdfc-2022) as JSON text. Fast from the second one of a shape on."""
        key = _ed25519_key(private_bytes(self.key))
        return _fast_signer.sign_text(document, key, dids.verification_method(self.did, key), timezone.now())

    def sign_once(self, document: Mapping[str, Any]) -> str:
        """Return a document with its proof as JSON text, where its shape does not come again (status lists)."""
        key = _ed25519_key(private_bytes(self.key))
        return compact(
            sign_credential(dict(document), key, dids.verification_method(self.did, key), timezone.now())
        )


def compact(document: Mapping[str, Any]) -> str:
    """Return a document as the JSON text that is kept and answered."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def _ed25519_key(private: bytes) -> Ed25519Key:
    return Ed25519Key.from_private_bytes(private)


@lru_cache(maxsize=256)
def rsa_key(private: bytes) -> RsaKey:
    """Return the RSA key of these private bytes, read once per process: reading takes as long as signing."""
    return RsaKey.from_private_bytes(private)


_fast_signer = FastSigner()  # one per process: what it learns of a shape holds for all keys


def signatory_of(organization: Organization) -> Signatory:
    """Return who signs the organization's new credentials. Raises KeyNotUsable when it has no active key."""
    return signatory(organization, active_key(organization, KeyAlgorithm.ED25519))


def signatory(organization: Organization, key: SigningKey) -> Signatory:
    """Return the organization signing with this Ed25519 key."""
    did = issuer_did(organization, key)
    return Signatory(organization, key, did, issuer_of(organization, did))


def active_key(organization: Organization, algorithm: KeyAlgorithm) -> SigningKey:
    """Return the organization's active key of an algorithm. Raises KeyNotUsable when there is none."""
    key = SigningKey.objects.active().filter(organization=organization, algorithm=algorithm).first()
    if key is None:
        raise KeyNotUsable
    return key


def issuer_did(organization: Organization, key: SigningKey) -> str:
    """Return the DID under which the organization issues with this Ed25519 key.

    did:web of its public address where that is https. Verifiers resolve did:web by https alone, so an installation without
    it (the demo) issues as did:key, whose proofs verify anywhere without asking anybody (design.md section 6).
    """
    if settings.IS_SECURE:
        return dids.did_web(organization.public_url)
    return dids.did_key(Ed25519PublicKey(bytes(key.public_bytes)))


def key_url(key: SigningKey) -> str:
    """Return the address of the key as a document: a CryptographicKey (OB 2.0), and with .jwk as a JWK (VC-JWT)."""
    return f"{key.organization.public_url}/keys/{key.uuid}"


def signing_profile_url(key: SigningKey) -> str:
    """Return the address of the OB 2.0 Profile that names this key alone."""
    return f"{key_url(key)}/profile.json"


def signed_class_url(version: BadgeTemplateVersion, key: SigningKey) -> str:
    """Return the address of the version as BadgeClass of what this key signs."""
    return f"{version.public_url}/keys/{key.uuid}.json"


def jwt_key_id(key: SigningKey) -> str:
    """Return the `kid` by which verifiers find an RSA key: in did.json under https, else the address of its JWK."""
    if settings.IS_SECURE:
        return f"{dids.did_web(key.organization.public_url)}#{key.uuid}"
    return f"{key_url(key)}.jwk"


def did_document(organization: Organization) -> dict[str, Any]:
    """Return the document of the organization's did:web: every key that is trusted, retired ones too."""
    trusted = list(SigningKey.objects.trusted().filter(organization=organization).order_by("-pk"))
    return dids.did_document(
        dids.did_web(organization.public_url),
        [
            Ed25519PublicKey(bytes(key.public_bytes))
            for key in trusted
            if key.algorithm == KeyAlgorithm.ED25519
        ],
        [
            (str(key.uuid), RsaPublicKey.from_public_bytes(bytes(key.public_bytes)))
            for key in trusted
            if key.algorithm == KeyAlgorithm.RSA
        ],
    )
