"""A device with passkeys for tests: it makes them and signs with them as browsers tell it to, and can be told to lie."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


@dataclass
class Authenticator:
    """One passkey on a device. `count` is what it counts of its signatures; `step` 0 for a device that counts nothing."""

    origin: str = "https://badges.example.org"
    name: str = "badges.example.org"
    step: int = 1
    count: int = 0
    flags: FLAG = FLAG.UP | FLAG.UV
    user: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def make(self, options: dict[str, Any]) -> str:
        """Answer the options of `navigator.credentials.create`, as JSON."""
        asked = options["publicKey"]
        self.user = websafe_decode(asked["user"]["id"])
        credential = AttestedCredentialData.create(
            Aaguid(bytes(16)), self.id, ES256.from_cryptography_key(self.key.public_key())
        )
        told = AuthenticatorData.create(
            sha256(self.name.encode()), self.flags | FLAG.AT, self.count, credential
        )
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer(
            clientDataJSON=client, attestationObject=bytes(AttestationObject.create("none", told, {}))
        )

    def sign(self, options: dict[str, Any]) -> str:
        """Answer the options of `navigator.credentials.get`, as JSON."""
        self.count += self.step
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        told = AuthenticatorData.create(sha256(self.name.encode()), self.flags, self.count)
        signature = self.key.sign(bytes(told) + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            clientDataJSON=client,
            authenticatorData=bytes(told),
            signature=signature,
            userHandle=self.user,
        )

    def _client(self, type: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(type, websafe_decode(challenge), self.origin))

    def _answer(self, **response: bytes) -> str:
        identity = websafe_encode(self.id)
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": {name: websafe_encode(value) for name, value in response.items()},
                "clientExtensionResults": {},
            }
        )
