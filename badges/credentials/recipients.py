"""Recipients in public documents: salted hashes of their addresses and names."""

import hashlib
import secrets


def new_salt() -> str:
    """Return a fresh salt: 22 characters of base64url, 128 random bits."""
    return secrets.token_urlsafe(16)


def normalized_email(email: str) -> str:
    """Return the spelling of an address that is hashed: trimmed and lower-cased.

    Verifiers hash the address exactly as their user gives it (1EdTech validator-core and openbadgeslib both
    do), and people and wallets give it in lower case. Of all spellings of one address only the lower-case one
    can be guessed from any other.
    """
    return email.strip().lower()


def identity_hash(email: str, salt: str) -> str:
    """Return `sha256$` and the hexadecimal SHA-256 of address and salt (OB 2.0 and 3.0, IdentityHash)."""
    return hashed(normalized_email(email), salt)


def name_hash(name: str, salt: str) -> str:
    """Return the hash of a recipient's name as it is written, its outer spaces aside."""
    return hashed(name.strip(), salt)


def hashed(value: str, salt: str) -> str:
    """Return `sha256$` and the hexadecimal SHA-256 of the UTF-8 bytes of value and salt, in this order."""
    return "sha256$" + hashlib.sha256((value + salt).encode()).hexdigest()
