"""Secrets at rest: encrypted by KEY_ENCRYPTION_KEYS, which have nothing to do with SECRET_KEY and rotate on their own."""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.translation import gettext as _

from organizations.exceptions import KeyNotUsable


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    keys = tuple(settings.KEY_ENCRYPTION_KEYS)
    if not keys:
        raise KeyNotUsable(
            _(
                "KEY_ENCRYPTION_KEYS is not set, so secrets can be neither kept nor read. "
                "Make one with `manage.py new_encryption_key` and set it."
            )
        )
    try:
        return _fernet(keys)
    except ValueError as error:
        raise KeyNotUsable(
            _("KEY_ENCRYPTION_KEYS has a value that is no key. Make one with `manage.py new_encryption_key`.")
        ) from error


def encrypt(secret: bytes) -> bytes:
    """Encrypt with the first of KEY_ENCRYPTION_KEYS. Raises KeyNotUsable when there is none."""
    return _current().encrypt(secret)


def decrypt(token: bytes | memoryview) -> bytes:
    """Decrypt with whichever of KEY_ENCRYPTION_KEYS fits. Raises KeyNotUsable when none does."""
    try:
        return _current().decrypt(bytes(token))
    except InvalidToken as error:
        raise KeyNotUsable(
            _(
                "A secret was encrypted with a key that is not among KEY_ENCRYPTION_KEYS. Put that key back at its end."
            )
        ) from error


def re_encrypt(token: bytes | memoryview) -> bytes:
    """Return the same secret, encrypted with the first of KEY_ENCRYPTION_KEYS."""
    return encrypt(decrypt(token))
