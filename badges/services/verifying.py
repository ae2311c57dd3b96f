"""Verify a badge as anybody else would: its kept document against the keys and the status list that are published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from badges.credentials import dids, signing, status
from badges.credentials.exceptions import NotCanonical, UnreadableStatusList
from badges.credentials.keys import Ed25519PublicKey
from badges.enums import DocumentKind
from badges.models import Badge, BadgeDocument
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey


class Finding(StrEnum):
    """What a check found."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found about a badge at `at`: whether the signature fits the content, whether the key that made it is one
    that the issuer publishes, whether the published status list has it as revoked, whether it has expired.
    """

    at: datetime
    signature: Finding
    issuer: Finding
    not_revoked: Finding
    not_expired: Finding


def verify_badge(badge: Badge, *, at: datetime | None = None) -> Verdict:
    """Verify a badge now, or as if it were `at`. Needs `organization` and `status_list`.

    The proof is made good over the document's present content with the key that it names. That key must be in the
    organization's did.json as it is published now (did:web), or be the DID itself and a key that the organization still
    trusts (did:key). The list must be the one that the document names, signed by the same issuer. A badge that the
    database has as revoked is never found unrevoked. Without a kept document, as for a badge imported from elsewhere,
    signature and issuer are unknown.
    """
    at = at or timezone.now()
    kept = (
        BadgeDocument.objects.filter(badge=badge, kind=DocumentKind.OB3)
        .values_list("body", flat=True)
        .first()
    )
    document = _read(kept)
    trusted = _trusted_methods(badge.organization, _issuer_id(document))
    return Verdict(
        at=at,
        signature=Finding.UNKNOWN if kept is None else _finding(is_good=_has_good_proof(document)),
        issuer=Finding.UNKNOWN if kept is None else _finding(is_good=_is_by(document, trusted)),
        not_revoked=_revocation(badge, document, trusted),
        not_expired=_finding(is_good=not _is_expired(badge, document, at)),
    )


def _finding(*, is_good: bool) -> Finding:
    return Finding.PASSED if is_good else Finding.FAILED


def _read(text: str | None) -> dict[str, Any]:
    """Return a document as an object; what is none is an empty one, which no check lets pass."""
    try:
        document = json.loads(text or "{}")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _issuer_id(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, Mapping) else issuer)


def _has_good_proof(document: dict[str, Any]) -> bool:
    """Tell whether a proof fits the document's content, made with the key that it names."""
    for method in signing.verification_methods(document):
        try:
            key = Ed25519PublicKey.from_multibase(method.rpartition("#")[2])
            if signing.verify_credential(document, key):
                return True
        except (ValueError, NotCanonical):
            continue
    return False


def _trusted_methods(organization: Organization, issuer: str) -> set[str]:
    """Return the ids of the keys by which `issuer`, when it is the organization, signs for verifiers elsewhere."""
    keys = [
        Ed25519PublicKey(bytes(public))
        for public in SigningKey.objects.trusted()
        .filter(organization=organization, algorithm=KeyAlgorithm.ED25519)
        .values_list("public_bytes", flat=True)
    ]
    if settings.IS_SECURE and issuer == dids.did_web(organization.public_url):
        return {dids.verification_method(issuer, key) for key in keys}
    return {dids.verification_method(issuer, key) for key in keys if issuer == dids.did_key(key)}


def _is_by(document: Mapping[str, Any], trusted: set[str]) -> bool:
    methods = signing.verification_methods(document)
    return bool(methods) and trusted.issuperset(methods)


def _revocation(badge: Badge, document: Mapping[str, Any], trusted: set[str]) -> Finding:
    """Return whether the badge is not revoked: by the published list, or without one by the organization's records."""
    if badge.is_revoked:
        return Finding.FAILED
    entry = document.get("credentialStatus")
    if not isinstance(entry, Mapping):
        return Finding.PASSED
    if badge.status_list is None:
        return Finding.UNKNOWN
    published = _read(badge.status_list.body)
    subject = published.get("credentialSubject")
    if (
        not isinstance(subject, Mapping)
        or published.get("id") != entry.get("statusListCredential")
        or _issuer_id(published) != _issuer_id(document)
        or not _is_by(published, trusted)
        or not _has_good_proof(published)
    ):
        return Finding.UNKNOWN
    try:
        is_revoked = status.is_set(str(subject.get("encodedList")), int(str(entry.get("statusListIndex"))))
    except (UnreadableStatusList, ValueError, IndexError):
        return Finding.UNKNOWN
    return _finding(is_good=not is_revoked)


def _is_expired(badge: Badge, document: Mapping[str, Any], at: datetime) -> bool:
    """Tell whether the badge's last day is over, by its document, or without one by the organization's records."""
    written = document.get("validUntil")
    expires_at = parse_datetime(written) if isinstance(written, str) else badge.expires_at
    return expires_at is not None and expires_at <= at
