"""Signing keys, and the forms in which their public parts are published.

Ed25519 signs the proofs of OB 3.0, RSA signs VC-JWT and OB 2.0.
"""

from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from badges.credentials.encoding import base58, base64url, from_base58, from_base64url

# Multicodec ed25519-pub, as a varint (Multikey section 2.1.1)
_ED25519_PREFIX = b"\xed\x01"
RSA_BITS = 2048


class Ed25519PublicKey:
    """What verifies an Ed25519 signature."""

    def __init__(self, public_bytes: bytes) -> None:
        """Take the 32 bytes of the key. Raises ValueError for another length."""
        self.public_bytes = bytes(public_bytes)
        self.multibase = "z" + base58(_ED25519_PREFIX + self.public_bytes)
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(self.public_bytes)

    @classmethod
    def from_multibase(cls, multibase: str) -> Self:
        """Read a Multikey such as `z6Mk...`. Raises ValueError for any other kind of key."""
        content = from_base58(multibase[1:]) if multibase.startswith("z") else b""
        if not content.startswith(_ED25519_PREFIX):
            raise ValueError(f"{multibase[:60]!r} is not an Ed25519 Multikey.")
        return cls(content.removeprefix(_ED25519_PREFIX))

    @property
    def jwk(self) -> dict[str, str]:
        """The public JWK (RFC 8037)."""
        return {"kty": "OKP", "crv": "Ed25519", "x": base64url(self.public_bytes)}

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo as PEM."""
        return self._key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature is this key's over the message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Ed25519Key(Ed25519PublicKey):
    """A private Ed25519 key.

    `private_bytes` are 32 secret bytes: the caller encrypts them before they are stored.
    """

    def __init__(self, private_bytes: bytes) -> None:
        """Take the 32 bytes of the private key. Raises ValueError for another length."""
        self._private_key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(private_bytes))
        super().__init__(
            self._private_key.public_key().public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw
            )
        )

    @classmethod
    def generate(cls) -> Self:
        """Return a fresh key."""
        return cls.from_private_bytes(
            ed25519.Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
            )
        )

    @classmethod
    def from_private_bytes(cls, private_bytes: bytes) -> Self:
        """Read what `private_bytes` gave."""
        return cls(private_bytes)

    @property
    def private_bytes(self) -> bytes:
        """The 32 secret bytes."""
        return self._private_key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature."""
        return self._private_key.sign(message)


class RsaPublicKey:
    """What verifies an RS256 signature."""

    def __init__(self, public_key: rsa.RSAPublicKey) -> None:
        """Take a key of the cryptography library. Raises ValueError below 2,048 bits (RFC 7518, 3.3)."""
        if public_key.key_size < RSA_BITS:
            raise ValueError(
                f"An RSA key of {public_key.key_size} bits is too short. Use at least {RSA_BITS}."
            )
        self._public_key = public_key

    @classmethod
    def from_public_bytes(cls, public_bytes: bytes) -> "RsaPublicKey":
        """Read SubjectPublicKeyInfo, DER. Raises ValueError when it holds no RSA key."""
        key = serialization.load_der_public_key(bytes(public_bytes))
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("This is not an RSA public key.")
        return RsaPublicKey(key)

    @classmethod
    def from_pem(cls, pem: str) -> "RsaPublicKey":
        """Read SubjectPublicKeyInfo, PEM. Raises ValueError when it holds no RSA key."""
        key = serialization.load_pem_public_key(pem.encode())
        if not isinstance(key, rsa.RSAPublicKey):
            raise ValueError("This is not an RSA public key.")
        return RsaPublicKey(key)

    @classmethod
    def from_jwk(cls, jwk: dict[str, str]) -> "RsaPublicKey":
        """Read a public RSA JWK. Raises ValueError when it is another kind or incomplete."""
        if jwk.get("kty") != "RSA" or not isinstance(jwk.get("n"), str) or not isinstance(jwk.get("e"), str):
            raise ValueError("This is not the JWK of an RSA public key.")
        numbers = rsa.RSAPublicNumbers(n=_from_integer(jwk["n"]), e=_from_integer(jwk["e"]))
        return RsaPublicKey(numbers.public_key())

    @property
    def public_bytes(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        return self._public_key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @property
    def pem(self) -> str:
        """SubjectPublicKeyInfo, PEM: the `publicKeyPem` of OB 2.0."""
        return self._public_key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()

    @property
    def jwk(self) -> dict[str, str]:
        """The public JWK (RFC 7518 section 6.3.1)."""
        numbers = self._public_key.public_numbers()
        return {"kty": "RSA", "n": _integer(numbers.n), "e": _integer(numbers.e), "alg": "RS256"}

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature is this key's over the message, by RS256."""
        try:
            self._public_key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature:
            return False
        return True


class RsaKey(RsaPublicKey):
    """A private RSA key. `private_bytes` are secret: the caller encrypts them before they are stored."""

    def __init__(self, private_key: rsa.RSAPrivateKey) -> None:
        """Take a key of the cryptography library."""
        self._private_key = private_key
        super().__init__(private_key.public_key())

    @classmethod
    def generate(cls, bits: int = RSA_BITS) -> Self:
        """Return a fresh key; this takes up to a second."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=bits))

    @classmethod
    def from_private_bytes(cls, private_bytes: bytes) -> Self:
        """Read what `private_bytes` gave. Raises ValueError when it holds no RSA key."""
        return cls(_rsa_private_key(serialization.load_der_private_key(bytes(private_bytes), password=None)))

    @classmethod
    def from_private_pem(cls, pem: str) -> Self:
        """Read an unencrypted PEM. Raises ValueError when it holds no RSA key."""
        return cls(_rsa_private_key(serialization.load_pem_private_key(pem.encode(), password=None)))

    @property
    def private_bytes(self) -> bytes:
        """The secret key as PKCS #8, DER."""
        return self._private_key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """Return the RS256 signature (RSASSA-PKCS1-v1_5 with SHA-256)."""
        return self._private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def _rsa_private_key(key: object) -> rsa.RSAPrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("This is not an RSA private key.")
    return key


def _integer(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def _from_integer(text: str) -> int:
    return int.from_bytes(from_base64url(text), "big")
