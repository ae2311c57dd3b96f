"""OB 2.0 documents are what 1EdTech's validator takes."""

from dataclasses import replace

from badges.credentials import ob2
from badges.credentials.values import Award, Document
from tests.badges.credentials.cast import ACHIEVEMENT, AWARD, BARE_ACHIEVEMENT, BARE_AWARD, BASE, ISSUER, RSA

CONTEXT = "https://w3id.org/openbadges/v2"
KEY_URL = f"{ISSUER.url}/keys/1"
LIST_URL = f"{ISSUER.url}/revocations"


def test_profile_names_key_and_revocation_list() -> None:
    assert ob2.profile(ISSUER, public_key_urls=[KEY_URL], revocation_list_url=LIST_URL) == {
        "@context": CONTEXT,
        "type": "Issuer",
        "id": ISSUER.url,
        "name": "Acme Università",
        "url": "https://acme.example.org/",
        "email": "badges@acme.example.org",
        "description": "We teach.",
        "image": f"{BASE}/media/acme.png",
        "publicKey": KEY_URL,
        "revocationList": LIST_URL,
    }


def test_profile_without_key_says_nothing_of_keys() -> None:
    assert ob2.profile(replace(ISSUER, description=None, image_url=None, website=None)) == {
        "@context": CONTEXT,
        "type": "Issuer",
        "id": ISSUER.url,
        "name": "Acme Università",
        "url": ISSUER.url,
        "email": "badges@acme.example.org",
    }


def test_profile_lists_several_keys() -> None:
    keys = [KEY_URL, f"{KEY_URL}2"]
    assert ob2.profile(ISSUER, public_key_urls=keys)["publicKey"] == keys


def test_cryptographic_key_points_back_at_its_owner() -> None:
    assert ob2.cryptographic_key(KEY_URL, ISSUER.url, RSA.pem) == {
        "@context": CONTEXT,
        "type": "CryptographicKey",
        "id": KEY_URL,
        "owner": ISSUER.url,
        "publicKeyPem": RSA.pem,
    }


def test_badge_class_says_what_version_2_can_say() -> None:
    assert ob2.badge_class(ACHIEVEMENT, ISSUER.url) == {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": ACHIEVEMENT.url,
        "name": "Données & 知識",
        "description": 'Reads "data"\nwell.',
        "image": {"type": "Image", "id": f"{BASE}/media/badge.png", "caption": "A lens"},
        "criteria": {"id": "https://acme.example.org/criteria", "narrative": "Do *the* work"},
        "issuer": ISSUER.url,
        "tags": ["data", "literacy"],
        "alignment": [
            {
                "targetName": "Analysis",
                "targetUrl": "https://example.org/skills/1",
                "targetDescription": "Analyses data.",
                "targetFramework": "ESCO",
                "targetCode": "S1",
            },
            {"targetName": "Reading", "targetUrl": "https://example.org/skills/2"},
        ],
        "@language": "fr",
        "version": "2",
    }


def test_badge_class_without_criteria_points_at_its_own_page() -> None:
    assert ob2.badge_class(replace(BARE_ACHIEVEMENT, image_url=f"{BASE}/b.png"), ISSUER.url) == {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": BARE_ACHIEVEMENT.url,
        "name": "Bare",
        "description": "Nothing more.",
        "image": f"{BASE}/b.png",
        "criteria": {"id": BARE_ACHIEVEMENT.url},
        "issuer": ISSUER.url,
    }


def assertion(award: Award, **own: object) -> Document:
    """The assertion of AWARD but for what differs between hosted and signed."""
    return {
        "@context": CONTEXT,
        "type": "Assertion",
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": "s4lt",
            "identity": "sha256$e01ce1162e3b91a04b413bdc0749c6e836952bf4fbb73b1430e0a411efe745c9",
        },
        "badge": ACHIEVEMENT.url,
        "issuedOn": "2026-03-01T12:30:15Z",
        "expires": "2028-03-01T12:30:15Z",
        "image": award.image_url,
        "narrative": "Ada did well.",
        "evidence": [
            {
                "type": "Evidence",
                "id": "https://example.org/portfolio",
                "name": "Portfolio",
                "narrative": "What she made.",
                "description": "Three charts",
                "genre": "Portfolio",
                "audience": "All",
            }
        ],
        **own,
    }


def test_hosted_assertion_is_found_at_the_address_of_the_award() -> None:
    made = ob2.hosted_assertion(AWARD, ACHIEVEMENT.url)
    assert made == assertion(AWARD, id=AWARD.url, verification={"type": "HostedBadge"})


def test_signed_assertion_has_a_urn_and_names_its_key() -> None:
    made = ob2.signed_assertion(AWARD, ACHIEVEMENT.url, KEY_URL)
    assert made == assertion(
        AWARD,
        id="urn:uuid:0d0a4a63-0c8a-4a63-9a5c-3f1d7f3b2a10",
        verification={"type": "SignedBadge", "creator": KEY_URL},
    )


def test_bare_assertion_leaves_out_what_there_is_not() -> None:
    assert sorted(ob2.hosted_assertion(BARE_AWARD, ACHIEVEMENT.url)) == [
        "@context",
        "badge",
        "id",
        "issuedOn",
        "recipient",
        "type",
        "verification",
    ]


def test_revoked_assertion_gives_the_reason() -> None:
    assert ob2.revoked_assertion(AWARD.url, "Issued by mistake") == {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": AWARD.url,
        "revoked": True,
        "revocationReason": "Issued by mistake",
    }


def test_revocation_list_never_has_a_single_entry() -> None:
    sentinels = [{"id": sentinel} for sentinel in ob2.SENTINELS]
    one = ("urn:uuid:1", "Typo")
    two = ("urn:uuid:2", None)
    lists = [ob2.revocation_list(LIST_URL, ISSUER.url, revoked) for revoked in ([], [one], [one, two])]
    assert [each["revokedAssertions"] for each in lists] == [
        sentinels,
        [{"id": "urn:uuid:1", "revocationReason": "Typo"}, sentinels[1]],
        [{"id": "urn:uuid:1", "revocationReason": "Typo"}, {"id": "urn:uuid:2"}],
    ]
    assert lists[0] == {
        "@context": CONTEXT,
        "type": "RevocationList",
        "id": LIST_URL,
        "issuer": ISSUER.url,
        "revokedAssertions": sentinels,
    }
