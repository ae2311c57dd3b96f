"""Keys survive their storage, and publish themselves in the forms of the standards."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_public_key,
)

from badges.credentials.keys import Ed25519Key, Ed25519PublicKey, RsaKey, RsaPublicKey
from tests.badges.credentials.cast import ED25519, RSA, STRANGER
from tests.keys import ED25519_PRIVATE, ED25519_PUBLIC, RSA_PRIVATE, RSA_PUBLIC

# RFC 8032 section 7.1, test 1
RFC_8032_PRIVATE = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
RFC_8032_PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC_8032_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
    "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_ed25519_signs_as_rfc_8032_says() -> None:
    key = Ed25519Key.from_private_bytes(RFC_8032_PRIVATE)
    assert key.public_bytes == RFC_8032_PUBLIC
    assert key.sign(b"") == RFC_8032_SIGNATURE
    assert key.verifies(RFC_8032_SIGNATURE, b"")
    assert not key.verifies(RFC_8032_SIGNATURE, b"x")
    assert not key.verifies(b"", b"")


def test_ed25519_survives_its_storage() -> None:
    key = Ed25519Key.generate()
    again = Ed25519Key.from_private_bytes(key.private_bytes)
    assert (again.public_bytes, again.sign(b"x")) == (key.public_bytes, key.sign(b"x"))
    assert len(key.private_bytes) == 32
    assert ED25519.private_bytes == ED25519_PRIVATE


def test_ed25519_keys_are_fresh() -> None:
    assert Ed25519Key.generate().private_bytes != Ed25519Key.generate().private_bytes


def test_ed25519_publishes_itself() -> None:
    assert ED25519.public_bytes == ED25519_PUBLIC
    assert Ed25519PublicKey.from_multibase(ED25519.multibase).public_bytes == ED25519_PUBLIC
    assert ED25519.multibase.startswith("z6Mk")
    assert ED25519.jwk == {"kty": "OKP", "crv": "Ed25519", "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}
    assert ED25519.pem.startswith("-----BEGIN PUBLIC KEY-----\n")


@pytest.mark.parametrize(
    "text", ["", "z", "z6Mk", "m6Mk", STRANGER.multibase[1:], STRANGER.multibase + "1", "z0"]
)
def test_what_is_no_ed25519_multikey_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Multikey|base58|32 bytes"):
        Ed25519PublicKey.from_multibase(text)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_ed25519_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Ed25519Key.from_private_bytes(bytes(length))


def test_rsa_survives_its_storage() -> None:
    again = RsaKey.from_private_bytes(RSA.private_bytes)
    assert again.public_bytes == RSA.public_bytes == RSA_PUBLIC
    assert RSA.private_bytes == RSA_PRIVATE
    assert RSA.verifies(again.sign(b"x"), b"x")
    assert not RSA.verifies(again.sign(b"x"), b"y")


def test_rsa_publishes_itself() -> None:
    again = [
        RsaPublicKey.from_pem(RSA.pem),
        RsaPublicKey.from_jwk(RSA.jwk),
        RsaPublicKey.from_public_bytes(RSA.public_bytes),
    ]
    assert [key.public_bytes for key in again] == [RSA_PUBLIC] * 3
    assert RSA.jwk | {"n": ""} == {"kty": "RSA", "n": "", "e": "AQAB", "alg": "RS256"}


def test_rsa_is_generated_long_enough() -> None:
    assert len(RsaKey.generate().sign(b"x")) == 256


def test_rsa_that_is_too_short_is_refused() -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 - what is tested
    with pytest.raises(ValueError, match="1024 bits is too short"):
        RsaKey(short)


@pytest.mark.parametrize("jwk", [{}, {"kty": "EC"}, {"kty": "RSA"}, {"kty": "RSA", "n": "AQAB"}])
def test_what_is_no_rsa_jwk_is_refused(jwk: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="not the JWK of an RSA public key"):
        RsaPublicKey.from_jwk(jwk)


def test_keys_of_another_kind_are_refused_as_rsa() -> None:
    pem = load_pem_public_key(ED25519.pem.encode())
    der = pem.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = Ed25519PrivateKey.from_private_bytes(ED25519_PRIVATE).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    with pytest.raises(ValueError, match="not an RSA public key"):
        RsaPublicKey.from_pem(ED25519.pem)
    with pytest.raises(ValueError, match="not an RSA public key"):
        RsaPublicKey.from_public_bytes(der)
    with pytest.raises(ValueError, match="not an RSA private key"):
        RsaKey.from_private_bytes(private)


def test_rsa_is_read_from_pem() -> None:
    pem = load_der_private_key(RSA_PRIVATE, password=None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    assert RsaKey.from_private_pem(pem.decode()).private_bytes == RSA_PRIVATE
