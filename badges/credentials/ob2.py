"""Open Badges 2.0 documents: issuer profile, key, badge class, hosted and signed assertions, revocations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from badges.credentials.dates import instant
from badges.credentials.encoding import as_uri
from badges.credentials.recipients import identity_hash
from badges.credentials.values import Achievement, Alignment, Award, Document, Evidence, Issuer

CONTEXT = "https://w3id.org/openbadges/v2"

# A list with one entry becomes an object when 1EdTech's validator compacts it, and the validator then
# overlooks the revocation in it. These entries name no badge: version 4 UUIDs that nobody draws.
SENTINELS = ("urn:uuid:00000000-0000-4000-8000-000000000000", "urn:uuid:00000000-0000-4000-8000-000000000001")


def profile(
    issuer: Issuer, *, public_key_urls: Sequence[str] = (), revocation_list_url: str | None = None
) -> Document:
    """Return the issuer's Profile, published at `issuer.url` (OB 2.0 section Profile).

    Verifiers require `email`. Give one key: 1EdTech's validator refuses a profile with several, and with it
    every badge.
    """
    keys = list(public_key_urls)
    return _without_nones(
        {
            "@context": CONTEXT,
            "type": "Issuer",
            "id": issuer.url,
            "name": issuer.name,
            "url": as_uri(issuer.website or issuer.url),
            "email": issuer.email or None,
            "description": issuer.description or None,
            "image": issuer.image_url or None,
            "publicKey": keys[0] if len(keys) == 1 else keys or None,
            "revocationList": revocation_list_url,
        }
    )


def cryptographic_key(url: str, owner: str, pem: str) -> Document:
    """Return the CryptographicKey published at `url`.

    `owner` is the Profile's url; the Profile must name the key in turn.
    """
    return {"@context": CONTEXT, "type": "CryptographicKey", "id": url, "owner": owner, "publicKeyPem": pem}


def badge_class(achievement: Achievement, issuer_url: str) -> Document:
    """Return the BadgeClass published at `achievement.url`. Verifiers require an image."""
    image: str | Document | None = achievement.image_url or None
    if image and achievement.image_caption:
        image = {"type": "Image", "id": image, "caption": achievement.image_caption}
    criteria = _without_nones(
        {"id": _uri_or_none(achievement.criteria_url), "narrative": achievement.criteria_narrative or None}
    )
    return _without_nones(
        {
            "@context": CONTEXT,
            "type": "BadgeClass",
            "id": achievement.url,
            "name": achievement.name,
            "description": achievement.description,
            "image": image,
            "criteria": criteria or {"id": achievement.url},
            "issuer": issuer_url,
            "tags": list(achievement.tags) or None,
            "alignment": [_alignment(alignment) for alignment in achievement.alignments] or None,
            "@language": achievement.language or None,
            "version": achievement.version or None,
        }
    )


def hosted_assertion(award: Award, badge_class_url: str) -> Document:
    """Return the Assertion that verifies by being found at `award.url`."""
    return _assertion(award, award.url, badge_class_url, {"type": "HostedBadge"})


def signed_assertion(award: Award, badge_class_url: str, creator: str) -> Document:
    """Return the Assertion to be signed as a JWS; `creator` is the url of the CryptographicKey.

    Its id is the award's UUID as a URN. Verifiers take versions 1 to 5 only.
    """
    return _assertion(award, award.uuid.urn, badge_class_url, {"type": "SignedBadge", "creator": creator})


def revoked_assertion(url: str, reason: str | None = None) -> Document:
    """Return what stands at the url of a revoked hosted Assertion, to be answered with status 410."""
    return _without_nones(
        {
            "@context": CONTEXT,
            "type": "Assertion",
            "id": url,
            "revoked": True,
            "revocationReason": reason or None,
        }
    )


def revocation_list(url: str, issuer_url: str, revoked: Iterable[tuple[str, str | None]]) -> Document:
    """Return the RevocationList published at `url`: pairs of a signed Assertion's id and the reason.

    It always has at least two entries (see SENTINELS).
    """
    entries = [
        _without_nones({"id": assertion_id, "revocationReason": reason or None})
        for assertion_id, reason in revoked
    ]
    entries += [{"id": sentinel} for sentinel in SENTINELS[len(entries) :]]
    return {
        "@context": CONTEXT,
        "type": "RevocationList",
        "id": url,
        "issuer": issuer_url,
        "revokedAssertions": entries,
    }


def _assertion(
    award: Award, assertion_id: str, badge_class_url: str, verification: Mapping[str, str]
) -> Document:
    return _without_nones(
        {
            "@context": CONTEXT,
            "type": "Assertion",
            "id": assertion_id,
            "recipient": {
                "type": "email",
                "hashed": True,
                "salt": award.recipient.salt,
                "identity": identity_hash(award.recipient.email, award.recipient.salt),
            },
            "badge": badge_class_url,
            "verification": dict(verification),
            "issuedOn": instant(award.issued_at),
            "expires": instant(award.expires_at) if award.expires_at is not None else None,
            "image": award.image_url or None,
            "narrative": award.narrative or None,
            "evidence": [_evidence(evidence) for evidence in award.evidence] or None,
        }
    )


def _alignment(alignment: Alignment) -> Document:
    return _without_nones(
        {
            "targetName": alignment.name,
            "targetUrl": as_uri(alignment.url),
            "targetDescription": alignment.description or None,
            "targetFramework": alignment.framework or None,
            "targetCode": alignment.code or None,
        }
    )


def _evidence(evidence: Evidence) -> Document:
    return _without_nones(
        {
            "type": "Evidence",
            "id": _uri_or_none(evidence.url),
            "name": evidence.name or None,
            "narrative": evidence.narrative or None,
            "description": evidence.description or None,
            "genre": evidence.genre or None,
            "audience": evidence.audience or None,
        }
    )


def _uri_or_none(address: str | None) -> str | None:
    """Return an address as 1EdTech's validator takes it: it refuses a badge with any IRI beyond ASCII."""
    return as_uri(address) if address else None


def _without_nones(document: Mapping[str, Any]) -> Document:
    return {name: value for name, value in document.items() if value is not None}
