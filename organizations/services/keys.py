"""Signing keys: made, rotated, revoked, re-encrypted. Private parts leave this file only decrypted for signing."""

import hashlib
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.actors import Actor
from organizations.encryption import decrypt, encrypt, re_encrypt
from organizations.enums import AuditAct, KeyAlgorithm, KeyStatus
from organizations.exceptions import KeyNotUsable
from organizations.models import BadgekitConsumer, Organization, SigningKey
from organizations.services.audit import note_act
from organizations.signals import secrets_re_encrypted, signing_key_revoked

RSA_BITS = 2048  # RS256 with 3072 bits takes three times as long, and no verifier asks for it


def _new_key_pair(algorithm: KeyAlgorithm) -> tuple[bytes, bytes]:
    """Return (private, public): Ed25519 raw 32 bytes each; RSA as PKCS8 and SubjectPublicKeyInfo, DER."""
    if algorithm is KeyAlgorithm.ED25519:
        private = ed25519.Ed25519PrivateKey.generate()
        return private.private_bytes_raw(), private.public_key().public_bytes_raw()
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return (
        rsa_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        rsa_key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def create_signing_key(*, organization: Organization, algorithm: KeyAlgorithm) -> SigningKey:
    """Make an active key. Raises IntegrityError when there is an active one, KeyNotUsable without KEY_ENCRYPTION_KEYS."""
    private, public = _new_key_pair(algorithm)
    return SigningKey.objects.create(
        organization=organization,
        algorithm=algorithm,
        public_bytes=public,
        encrypted_private_bytes=encrypt(private),
    )


def create_signing_keys(*, organization: Organization) -> list[SigningKey]:
    """Make an active key of each algorithm for a new organization."""
    return [create_signing_key(organization=organization, algorithm=algorithm) for algorithm in KeyAlgorithm]


def rotate_signing_key(*, key: SigningKey, by: Actor | None = None) -> SigningKey:
    """Retire an active key and return its successor. Badges signed with it go on verifying; new ones are signed anew.

    Raises KeyNotUsable when the key is not the active one.
    """
    with transaction.atomic():
        retired = SigningKey.objects.filter(pk=key.pk, status=KeyStatus.ACTIVE).update(
            status=KeyStatus.RETIRED, retired_at=timezone.now()
        )
        if not retired:
            raise KeyNotUsable(_("Only an active key can be rotated."))
        _note(key, AuditAct.SIGNING_KEY_ROTATED, by)
        return create_signing_key(organization=key.organization, algorithm=KeyAlgorithm(key.algorithm))


def revoke_signing_key(*, key: SigningKey, by: Actor | None = None) -> SigningKey | None:
    """Withdraw trust from a key, as when it was stolen; return the successor when it was the active one.

    It leaves did.json and the profile at once, so that what it signed verifies no longer under did:web. Badges whose issuer
    is a did:key (installations without https) cannot be untrusted that way: revoke these badges themselves.
    """
    with transaction.atomic():
        Organization.objects.select_for_update().only("pk").get(pk=key.organization_id)
        key = SigningKey.objects.select_related("organization").get(pk=key.pk)
        if key.status == KeyStatus.REVOKED:
            return None
        was_active, key.status, key.revoked_at = (
            key.status == KeyStatus.ACTIVE,
            KeyStatus.REVOKED,
            timezone.now(),
        )
        key.save(update_fields=["status", "revoked_at"])
        successor = None
        if was_active:
            successor = create_signing_key(
                organization=key.organization, algorithm=KeyAlgorithm(key.algorithm)
            )
        signing_key_revoked.send(SigningKey, key=key)
        _note(key, AuditAct.SIGNING_KEY_REVOKED, by)
    return successor


def fingerprint_of(key: SigningKey) -> str:
    """Return by what people compare a key: the SHA-256 of its public part, its first 16 bytes in groups of four digits."""
    digest = hashlib.sha256(bytes(key.public_bytes)).hexdigest()[:32]
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))


def _note(key: SigningKey, act: AuditAct, by: Actor | None) -> None:
    note_act(
        organization=key.organization,
        act=act,
        by=by,
        subject=key.uuid,
        label=f"{KeyAlgorithm(key.algorithm).label} {fingerprint_of(key)}",
    )


@lru_cache(maxsize=256)
def _decrypted(token: bytes) -> bytes:
    return decrypt(token)


def private_bytes(key: SigningKey) -> bytes:
    """Return the private part for signing. Decrypted once per process. Raises KeyNotUsable."""
    return _decrypted(bytes(key.encrypted_private_bytes))


def re_encrypt_secrets() -> int:
    """Encrypt every kept secret with the newest of KEY_ENCRYPTION_KEYS; return how many. The others may go afterwards."""
    with transaction.atomic():
        count = 0
        for key in SigningKey.objects.select_for_update():
            key.encrypted_private_bytes = re_encrypt(key.encrypted_private_bytes)
            key.save(update_fields=["encrypted_private_bytes"])
            count += 1
        for consumer in BadgekitConsumer.objects.select_for_update():
            consumer.encrypted_secret = re_encrypt(consumer.encrypted_secret)
            consumer.save(update_fields=["encrypted_secret"])
            count += 1
        for _receiver, number in secrets_re_encrypted.send(sender=SigningKey):
            count += int(number or 0)
    return count
