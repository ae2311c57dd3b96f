"""The cast of the credential tests: one issuer, one rich achievement, one award, and fixed keys."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from badges.credentials.keys import Ed25519Key, RsaKey
from badges.credentials.values import (
    Achievement,
    Alignment,
    Award,
    Evidence,
    Identifier,
    Issuer,
    Recipient,
    Result,
    ResultDescription,
    StatusEntry,
)
from tests.keys import ED25519_PRIVATE, RSA_PRIVATE

BASE = "https://badges.example.org"
DID = "did:web:badges.example.org:public:issuers:acme"
ED25519 = Ed25519Key.from_private_bytes(ED25519_PRIVATE)
STRANGER = Ed25519Key.from_private_bytes(bytes(range(1, 33)))
RSA = RsaKey.from_private_bytes(RSA_PRIVATE)
METHOD = f"{DID}#{ED25519.multibase}"
NOW = datetime(2026, 3, 1, 12, 30, 15, 987654, tzinfo=UTC)

ISSUER = Issuer(
    did=DID,
    url=f"{BASE}/public/issuers/acme",
    name="Acme Università",
    description="We teach.",
    website="https://acme.example.org/",
    email="badges@acme.example.org",
    image_url=f"{BASE}/media/acme.png",
)
ACHIEVEMENT = Achievement(
    url=f"{BASE}/public/versions/1",
    name="Données & 知識",
    description='Reads "data"\nwell.',
    criteria_narrative="Do *the* work",
    criteria_url="https://acme.example.org/criteria",
    image_url=f"{BASE}/media/badge.png",
    image_caption="A lens",
    achievement_type="MicroCredential",
    tags=("data", "literacy"),
    alignments=(
        Alignment(
            name="Analysis",
            url="https://example.org/skills/1",
            description="Analyses data.",
            framework="ESCO",
            code="S1",
            type="ext:ESCO",
        ),
        Alignment(name="Reading", url="https://example.org/skills/2"),
    ),
    language="fr",
    version="2",
    human_code="DALP",
    field_of_study="Statistics",
    specialization="Surveys",
    credits_available=Decimal("2.50"),
    other_identifiers=(Identifier(value="978-3", type="isbn"),),
    result_descriptions=(
        ResultDescription(
            url=f"{BASE}/public/versions/1#grade",
            name="Grade",
            result_type="LetterGrade",
            allowed_values=("A", "B", "C"),
            value_min="C",
            value_max="A",
            required_value="B",
        ),
    ),
)
AWARD = Award(
    url=f"{BASE}/public/badges/0d0a4a63-0c8a-4a63-9a5c-3f1d7f3b2a10",
    uuid=UUID("0d0a4a63-0c8a-4a63-9a5c-3f1d7f3b2a10"),
    recipient=Recipient(
        email=" Ada@Example.org ",
        salt="s4lt",
        subject_id="urn:uuid:7c1c1f0e-7a4e-4f6c-8a63-2f0e7c9d1b11",
        name="Ada Lovelace",
    ),
    issued_at=NOW,
    expires_at=datetime(2028, 3, 1, 12, 30, 15, tzinfo=UTC),
    narrative="Ada did well.",
    evidence=(
        Evidence(
            url="https://example.org/portfolio",
            name="Portfolio",
            narrative="What she made.",
            description="Three charts",
            genre="Portfolio",
            audience="All",
        ),
    ),
    results=(
        Result(value="A", result_description_url=f"{BASE}/public/versions/1#grade", status="Completed"),
    ),
    activity_started_on=date(2026, 1, 10),
    activity_ended_on=NOW,
    credits_earned=2,
    license_number="L-1",
    role="Analyst",
    term="Spring",
    image_url=f"{BASE}/public/badges/0d0a4a63-0c8a-4a63-9a5c-3f1d7f3b2a10.png",
)
STATUS = StatusEntry(list_url=f"{BASE}/public/issuers/acme/status/1", index=4711)

BARE_ACHIEVEMENT = Achievement(url=f"{BASE}/public/versions/2", name="Bare", description="Nothing more.")
BARE_AWARD = Award(
    url=f"{BASE}/public/badges/3b9d2a53-5a5e-4c39-9f0d-6a7b8c9d0e1f",
    uuid=UUID("3b9d2a53-5a5e-4c39-9f0d-6a7b8c9d0e1f"),
    recipient=Recipient(
        email="bob@example.org", salt="pepper", subject_id="urn:uuid:00000000-0000-4000-8000-00000000000b"
    ),
    issued_at=NOW,
)
