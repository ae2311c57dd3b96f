"""An issuer elsewhere: all that it publishes of one badge for ada@example.org, in every form, on a site of the tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from badges.credentials import dids, ob2, ob3, signing, status
from badges.credentials.encoding import base64url, compact_json
from badges.credentials.keys import Ed25519Key, RsaKey
from badges.credentials.values import Achievement, Award, Issuer, Recipient, StatusEntry
from tests.foreign import Site
from tests.keys import RSA_PRIVATE
from tests.pictures import png

HOST = "badges.other.example"
BASE = f"https://{HOST}"
DID = f"did:web:{HOST}:issuers:1"
ED25519 = Ed25519Key.from_private_bytes(bytes(range(7, 39)))
RSA = RsaKey.from_private_bytes(RSA_PRIVATE)
SINCE = datetime.now(UTC).replace(microsecond=0) - timedelta(days=30)
JSON = {"Content-Type": "application/json"}
ASSERTION, CLASS, PROFILE = f"{BASE}/assertions/1", f"{BASE}/classes/1", f"{BASE}/issuers/1"
KEY, REVOCATIONS = f"{BASE}/keys/1", f"{BASE}/revocations"
CREDENTIAL, STATUS = f"{BASE}/credentials/1", f"{BASE}/status/1"
JWT_KEY = f"{DID}#rsa"

ISSUER = Issuer(
    did=DID,
    url=PROFILE,
    name="Red Hospital",
    description="Heals.",
    website="https://hospital.other.example/",
    email="badges@other.example",
)
ACHIEVEMENT = Achievement(
    url=CLASS,
    name="First aid",
    description="Knows what to do.",
    criteria_narrative="Do the course.",
    image_url=f"{BASE}/badge.png",
    tags=("health", "safety"),
)
AWARD = Award(
    url=ASSERTION,
    uuid=UUID("7b0b3f0e-5d0c-4c55-9c4e-0f2f8d1f3a11"),
    recipient=Recipient(
        email="ada@example.org", salt="s4lt", subject_id="urn:uuid:5b0b3f0e-5d0c-4c55-9c4e-0f2f8d1f3a11"
    ),
    issued_at=SINCE,
)


@dataclass
class Elsewhere:
    """What the issuer publishes, by address; `publish` puts it on the site. Change a document, then publish."""

    site: Site
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.documents = {
            ASSERTION: ob2.hosted_assertion(AWARD, CLASS),
            CLASS: ob2.badge_class(ACHIEVEMENT, PROFILE),
            PROFILE: ob2.profile(ISSUER, public_key_urls=[KEY], revocation_list_url=REVOCATIONS),
            KEY: ob2.cryptographic_key(KEY, PROFILE, RSA.pem),
            REVOCATIONS: ob2.revocation_list(REVOCATIONS, PROFILE, []),
            f"{BASE}/issuers/1/did.json": dids.did_document(DID, [ED25519], [("rsa", RSA)]),
            STATUS: self.status_list([]),
        }
        self.site.replies["/badge.png"] = (200, {"Content-Type": "image/png"}, png(40, 40))
        self.publish()

    def publish(self) -> None:
        """Put all documents on the site."""
        for url, document in self.documents.items():
            self.site.replies[url.removeprefix(BASE)] = (200, JSON, json.dumps(document).encode())

    def put(self, path: str, content: bytes | str | Mapping[str, Any], status: int = 200) -> str:
        """Put something on the site; return its address."""
        if isinstance(content, Mapping):
            content = json.dumps(content)
        self.site.replies[path] = (status, JSON, content if isinstance(content, bytes) else content.encode())
        return BASE + path

    def status_list(self, revoked: list[int], key: Ed25519Key = ED25519, did: str = DID) -> dict[str, Any]:
        """Return the signed status list with these places revoked."""
        unsigned = ob3.status_list_credential(
            url=STATUS, issuer_did=did, encoded_list=status.encode(revoked), published_at=SINCE
        )
        return signing.sign_credential(unsigned, key, dids.verification_method(did, key), SINCE)

    def credential(self, **changes: Any) -> dict[str, Any]:
        """Return the unsigned credential; `changes` are members, None takes one away."""
        award = replace(AWARD, url=CREDENTIAL)
        document = ob3.credential(ISSUER, ACHIEVEMENT, award, StatusEntry(list_url=STATUS, index=5)) | changes
        return {name: value for name, value in document.items() if value is not None}

    def proved(
        self, document: dict[str, Any] | None = None, key: Ed25519Key = ED25519, did: str = DID
    ) -> dict[str, Any]:
        """Return a credential with its proof."""
        return signing.sign_credential(
            document or self.credential(), key, dids.verification_method(did, key), SINCE
        )

    def jwt(self, document: dict[str, Any] | None = None, kid: str = JWT_KEY) -> str:
        """Return a credential as VC-JWT, RS256."""
        return signing.sign_jwt(document or self.credential(), RSA, kid)

    def eddsa_jwt(self, document: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return a credential as VC-JWT, EdDSA; `changes` are claims."""
        credential = document or self.credential()
        header = {"alg": "EdDSA", "kid": dids.verification_method(DID, ED25519), "typ": "JWT"}
        claims = {**credential, "iss": DID, "jti": credential["id"], **changes}
        message = ".".join(base64url(compact_json(part).encode()) for part in (header, claims))
        return f"{message}.{base64url(ED25519.sign(message.encode()))}"

    def jws(self, **changes: Any) -> str:
        """Return the signed OB 2.0 Assertion; `changes` are members, None takes one away."""
        document = ob2.signed_assertion(AWARD, CLASS, KEY) | changes
        return signing.sign_jws({name: value for name, value in document.items() if value is not None}, RSA)
