"""Open Badges 3.0 documents: achievement, issuer profile, credential and status list, unsigned."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from badges.credentials.dates import day_or_instant, instant
from badges.credentials.encoding import as_uri
from badges.credentials.recipients import identity_hash, name_hash
from badges.credentials.values import (
    Achievement,
    Alignment,
    Award,
    Document,
    Evidence,
    Issuer,
    Number,
    Recipient,
    Result,
    ResultDescription,
    StatusEntry,
)

CREDENTIALS_CONTEXT = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"


def profile(issuer: Issuer) -> Document:
    """Return the Profile that stands as `issuer` in a credential (OB 3.0 section B.1.17)."""
    return _without_nones(
        {
            "id": issuer.did,
            "type": ["Profile"],
            "name": issuer.name,
            "url": issuer.website or issuer.url,
            "description": issuer.description or None,
            "email": issuer.email or None,
            "image": _image(issuer.image_url),
        }
    )


def achievement(achievement: Achievement) -> Document:
    """Return the Achievement (OB 3.0 section B.1.1). The same dict serves any number of credentials."""
    criteria = _without_nones(
        {"id": _uri_or_none(achievement.criteria_url), "narrative": achievement.criteria_narrative or None}
    )
    return _without_nones(
        {
            "id": achievement.url,
            "type": ["Achievement"],
            "achievementType": achievement.achievement_type or None,
            "name": achievement.name,
            "description": achievement.description,
            "criteria": criteria or {"id": achievement.url},
            "image": _image(achievement.image_url, achievement.image_caption),
            "tag": list(achievement.tags) or None,
            "alignment": [_alignment(alignment) for alignment in achievement.alignments] or None,
            "inLanguage": achievement.language or None,
            "version": achievement.version or None,
            "humanCode": achievement.human_code or None,
            "fieldOfStudy": achievement.field_of_study or None,
            "specialization": achievement.specialization or None,
            "creditsAvailable": _number(achievement.credits_available),
            "otherIdentifier": [
                {"type": "IdentifierEntry", "identifier": identifier.value, "identifierType": identifier.type}
                for identifier in achievement.other_identifiers
            ]
            or None,
            "resultDescription": [_result_description(each) for each in achievement.result_descriptions]
            or None,
        }
    )


_achievement = achievement  # `credential` has a parameter of this name


def credential(
    issuer: Issuer | Document,
    achievement: Achievement | Document,
    award: Award,
    status: StatusEntry | None = None,
) -> Document:
    """Return the OpenBadgeCredential of an award, unsigned (OB 3.0 section B.1.2).

    `issuer` and `achievement` may be what `profile` and `achievement` returned, so that a bulk run builds
    them once; they are put in as they are, not copied. `credentialStatus` is one object, as the official
    schema demands. There is no `credentialSchema`: verifiers would fetch it, and those that check the schema
    do so without being told.
    """
    issuer_document = profile(issuer) if isinstance(issuer, Issuer) else issuer
    earned = _achievement(achievement) if isinstance(achievement, Achievement) else achievement
    issued = instant(award.issued_at)
    document: Document = {
        "@context": [CREDENTIALS_CONTEXT, OPEN_BADGES_CONTEXT],
        "id": award.url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": earned["name"],
        "description": earned["description"],
        "issuer": issuer_document,
        "validFrom": issued,
        "awardedDate": issued,
    }
    if award.expires_at is not None:
        document["validUntil"] = instant(award.expires_at)
    if award.image_url:
        document["image"] = _image(award.image_url)
    document["credentialSubject"] = _subject(award, earned)
    if award.evidence:
        document["evidence"] = [_evidence(evidence) for evidence in award.evidence]
    if status is not None:
        document["credentialStatus"] = {
            "id": f"{status.list_url}#{status.index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(status.index),
            "statusListCredential": status.list_url,
        }
    return document


def status_list_credential(
    *, url: str, issuer_did: str, encoded_list: str, published_at: datetime
) -> Document:
    """Return the BitstringStatusListCredential that is published at `url`, unsigned.

    Bitstring Status List, section 2.2. `encoded_list` is what `status.encode` returned. The issuer must be
    the issuer of the credentials that it speaks of.
    """
    return {
        "@context": [CREDENTIALS_CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_did,
        "validFrom": instant(published_at),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_list,
        },
    }


def _subject(award: Award, earned: Mapping[str, Any]) -> Document:
    subject: Document = {
        "id": award.recipient.subject_id,
        "type": ["AchievementSubject"],
        "identifier": _identifiers(award.recipient),
        "achievement": earned,
    }
    if award.narrative:
        subject["narrative"] = award.narrative
    if award.results:
        subject["result"] = [_result(result) for result in award.results]
    if award.activity_started_on is not None:
        subject["activityStartDate"] = day_or_instant(award.activity_started_on)
    if award.activity_ended_on is not None:
        subject["activityEndDate"] = day_or_instant(award.activity_ended_on)
    if award.credits_earned is not None:
        subject["creditsEarned"] = _number(award.credits_earned)
    if award.license_number:
        subject["licenseNumber"] = award.license_number
    if award.role:
        subject["role"] = award.role
    if award.term:
        subject["term"] = award.term
    return subject


def _identifiers(recipient: Recipient) -> list[Document]:
    # The schema takes `type` of an IdentityObject as text only, not as an array like everywhere else.
    identifiers = [("emailAddress", identity_hash(recipient.email, recipient.salt))]
    if recipient.name and recipient.name.strip():
        identifiers.append(("name", name_hash(recipient.name, recipient.salt)))
    return [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": hashed,
            "identityType": identity_type,
            "salt": recipient.salt,
        }
        for identity_type, hashed in identifiers
    ]


def _alignment(alignment: Alignment) -> Document:
    return _without_nones(
        {
            "type": ["Alignment"],
            "targetName": alignment.name,
            "targetUrl": as_uri(alignment.url),
            "targetDescription": alignment.description or None,
            "targetFramework": alignment.framework or None,
            "targetCode": alignment.code or None,
            "targetType": alignment.type or None,
        }
    )


def _result_description(description: ResultDescription) -> Document:
    return _without_nones(
        {
            "id": description.url,
            "type": ["ResultDescription"],
            "name": description.name,
            "resultType": description.result_type,
            "allowedValue": list(description.allowed_values) or None,
            "requiredValue": description.required_value,
            "valueMin": description.value_min,
            "valueMax": description.value_max,
        }
    )


def _result(result: Result) -> Document:
    return _without_nones(
        {
            "type": ["Result"],
            "resultDescription": result.result_description_url,
            "value": result.value,
            "status": result.status,
        }
    )


def _evidence(evidence: Evidence) -> Document:
    return _without_nones(
        {
            "id": _uri_or_none(evidence.url),
            "type": ["Evidence"],
            "name": evidence.name or None,
            "narrative": evidence.narrative or None,
            "description": evidence.description or None,
            "genre": evidence.genre or None,
            "audience": evidence.audience or None,
        }
    )


def _image(url: str | None, caption: str | None = None) -> Document | None:
    if not url:
        return None
    return _without_nones({"id": url, "type": "Image", "caption": caption or None})


def _number(value: Number | None) -> int | float | None:
    """Return a number that all JSON libraries and canonicalisers write the same way.

    It is whole, or has two decimals at most.
    """
    if value is None:
        return None
    hundredths = round(Decimal(str(value)) * 100)
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _uri_or_none(address: str | None) -> str | None:
    """Return an address in ASCII: statements about IRIs beyond it are sorted, so signed, in different orders."""
    return as_uri(address) if address else None


def _without_nones(document: Mapping[str, Any]) -> Document:
    return {name: value for name, value in document.items() if value is not None}
