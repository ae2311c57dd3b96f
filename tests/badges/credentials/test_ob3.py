"""OB 3.0 documents are what the standard, its schema and the verifiers of others take."""

from dataclasses import replace
from decimal import Decimal

import pytest

from badges.credentials import ob3, status
from badges.credentials.values import Achievement, Issuer
from tests.badges.credentials.cast import (
    ACHIEVEMENT,
    AWARD,
    BARE_ACHIEVEMENT,
    BARE_AWARD,
    BASE,
    DID,
    ISSUER,
    NOW,
    STATUS,
)


def test_credential_says_everything_that_an_award_has() -> None:
    assert ob3.credential(ISSUER, ACHIEVEMENT, AWARD, STATUS) == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": AWARD.url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Données & 知識",
        "description": 'Reads "data"\nwell.',
        "issuer": {
            "id": DID,
            "type": ["Profile"],
            "name": "Acme Università",
            "url": "https://acme.example.org/",
            "description": "We teach.",
            "email": "badges@acme.example.org",
            "image": {"id": f"{BASE}/media/acme.png", "type": "Image"},
        },
        "validFrom": "2026-03-01T12:30:15Z",
        "awardedDate": "2026-03-01T12:30:15Z",
        "validUntil": "2028-03-01T12:30:15Z",
        "image": {"id": f"{AWARD.url}.png", "type": "Image"},
        "credentialSubject": {
            "id": "urn:uuid:7c1c1f0e-7a4e-4f6c-8a63-2f0e7c9d1b11",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    # printf 'ada@example.orgs4lt' | sha256sum
                    "identityHash": "sha256$e01ce1162e3b91a04b413bdc0749c6e836952bf4fbb73b1430e0a411efe745c9",
                    "identityType": "emailAddress",
                    "salt": "s4lt",
                },
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    # printf 'Ada Lovelaces4lt' | sha256sum
                    "identityHash": "sha256$4dca1f86919d6e67c47e735ed2e3157fd1dd76f38f1e965a50e2b31586727246",
                    "identityType": "name",
                    "salt": "s4lt",
                },
            ],
            "achievement": {
                "id": f"{BASE}/public/versions/1",
                "type": ["Achievement"],
                "achievementType": "MicroCredential",
                "name": "Données & 知識",
                "description": 'Reads "data"\nwell.',
                "criteria": {"id": "https://acme.example.org/criteria", "narrative": "Do *the* work"},
                "image": {"id": f"{BASE}/media/badge.png", "type": "Image", "caption": "A lens"},
                "tag": ["data", "literacy"],
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Analysis",
                        "targetUrl": "https://example.org/skills/1",
                        "targetDescription": "Analyses data.",
                        "targetFramework": "ESCO",
                        "targetCode": "S1",
                        "targetType": "ext:ESCO",
                    },
                    {
                        "type": ["Alignment"],
                        "targetName": "Reading",
                        "targetUrl": "https://example.org/skills/2",
                    },
                ],
                "inLanguage": "fr",
                "version": "2",
                "humanCode": "DALP",
                "fieldOfStudy": "Statistics",
                "specialization": "Surveys",
                "creditsAvailable": 2.5,
                "otherIdentifier": [
                    {"type": "IdentifierEntry", "identifier": "978-3", "identifierType": "isbn"}
                ],
                "resultDescription": [
                    {
                        "id": f"{BASE}/public/versions/1#grade",
                        "type": ["ResultDescription"],
                        "name": "Grade",
                        "resultType": "LetterGrade",
                        "allowedValue": ["A", "B", "C"],
                        "requiredValue": "B",
                        "valueMin": "C",
                        "valueMax": "A",
                    }
                ],
            },
            "narrative": "Ada did well.",
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": f"{BASE}/public/versions/1#grade",
                    "value": "A",
                    "status": "Completed",
                }
            ],
            "activityStartDate": "2026-01-10T00:00:00Z",
            "activityEndDate": "2026-03-01T12:30:15Z",
            "creditsEarned": 2,
            "licenseNumber": "L-1",
            "role": "Analyst",
            "term": "Spring",
        },
        "evidence": [
            {
                "id": "https://example.org/portfolio",
                "type": ["Evidence"],
                "name": "Portfolio",
                "narrative": "What she made.",
                "description": "Three charts",
                "genre": "Portfolio",
                "audience": "All",
            }
        ],
        "credentialStatus": {
            "id": f"{BASE}/public/issuers/acme/status/1#4711",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "4711",
            "statusListCredential": f"{BASE}/public/issuers/acme/status/1",
        },
    }


def test_credential_leaves_out_what_an_award_has_not() -> None:
    issuer = Issuer(did="did:key:z6Mk", url=f"{BASE}/public/issuers/bare", name="Bare")
    assert ob3.credential(issuer, BARE_ACHIEVEMENT, BARE_AWARD) == {
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": BARE_AWARD.url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Bare",
        "description": "Nothing more.",
        "issuer": {
            "id": "did:key:z6Mk",
            "type": ["Profile"],
            "name": "Bare",
            "url": f"{BASE}/public/issuers/bare",
        },
        "validFrom": "2026-03-01T12:30:15Z",
        "awardedDate": "2026-03-01T12:30:15Z",
        "credentialSubject": {
            "id": "urn:uuid:00000000-0000-4000-8000-00000000000b",
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": "sha256$f93ab065527efd4d88ff644e8ea264a47f74c4860e7d4a069409acf27c148dfc",
                    "identityType": "emailAddress",
                    "salt": "pepper",
                }
            ],
            "achievement": {
                "id": f"{BASE}/public/versions/2",
                "type": ["Achievement"],
                "name": "Bare",
                "description": "Nothing more.",
                "criteria": {"id": f"{BASE}/public/versions/2"},
            },
        },
    }


def test_credential_takes_ready_parts_as_they_are() -> None:
    issuer, achievement = ob3.profile(ISSUER), ob3.achievement(ACHIEVEMENT)
    made = ob3.credential(issuer, achievement, AWARD, STATUS)
    assert made == ob3.credential(ISSUER, ACHIEVEMENT, AWARD, STATUS)
    assert made["issuer"] is issuer
    assert made["credentialSubject"]["achievement"] is achievement


def test_credential_never_shows_address_or_name_of_the_recipient() -> None:
    text = str(ob3.credential(ISSUER, ACHIEVEMENT, replace(AWARD, narrative=None), STATUS)).lower()
    assert "ada@" not in text
    assert "lovelace" not in text


def test_credential_refuses_a_time_without_zone() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        ob3.credential(ISSUER, ACHIEVEMENT, replace(AWARD, issued_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (3, "3"),
        (3.0, "3"),
        (Decimal("3.00"), "3"),
        (2.5, "2.5"),
        (Decimal("0.10"), "0.1"),
        (0, "0"),
        (12.34, "12.34"),
    ],
)
def test_credits_are_written_as_every_json_library_writes_them(
    given: int | float | Decimal, written: str
) -> None:
    achievement = ob3.achievement(Achievement(url=BASE, name="n", description="d", credits_available=given))
    assert repr(achievement["creditsAvailable"]) == written


def test_status_list_credential_is_what_verifiers_read() -> None:
    encoded = status.encode([1])
    assert ob3.status_list_credential(
        url=STATUS.list_url, issuer_did=DID, encoded_list=encoded, published_at=NOW
    ) == {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": STATUS.list_url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": DID,
        "validFrom": "2026-03-01T12:30:15Z",
        "credentialSubject": {
            "id": f"{STATUS.list_url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }
