"""Badges of other issuers in Open Badges 2.0: hosted assertions and signed ones, verified as the standard says."""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from badges.credentials import signing
from badges.credentials.keys import RsaPublicKey
from badges.enums import ImportedKind
from badges.exceptions import (
    ForeignAssertionRefused,
    ForeignBadgeClassRefused,
    ForeignBadgeRefused,
    ForeignBadgeRevoked,
    ForeignIssuerRefused,
)
from badges.services.foreign_documents import (
    ForeignDocuments,
    VerifiedBadge,
    address_in,
    check_contexts,
    check_times,
    host_of,
    image_of,
    instant_in,
    is_address,
    profile_of,
    tags_of,
    text_in,
    types_of,
)
from badges.services.foreign_recipients import recipient_of_assertion

CONTEXT = "https://w3id.org/openbadges/v2"
HOSTED, SIGNED = {"HostedBadge", "hosted"}, {"SignedBadge", "signed"}


def verify_hosted(address: str, documents: ForeignDocuments, emails: Mapping[str, str]) -> VerifiedBadge:
    """Verify the hosted Assertion at an address: it is good because it stands where its issuer publishes.

    Raises ForeignBadgeRefused.
    """
    assertion = documents.document(address, ForeignAssertionRefused)
    check_assertion(assertion)
    if address_in(assertion).partition("#")[0] != address.partition("#")[0]:
        raise ForeignAssertionRefused(_("The badge says that it is published at another address."))
    if not verification_types(assertion) & HOSTED:
        raise ForeignAssertionRefused(_("The badge does not say that it is a hosted one."))
    badge_class, issuer = class_and_issuer(assertion, documents)
    check_origin(address, issuer)
    text = json.dumps(assertion, ensure_ascii=False)
    return _verified(ImportedKind.OB2_HOSTED, assertion, badge_class, issuer, emails, text)


def verify_signed(token: str, documents: ForeignDocuments, emails: Mapping[str, str]) -> VerifiedBadge:
    """Verify an Assertion that is signed as a JWS, by the key that its issuer names, and not revoked by its list.

    Raises ForeignBadgeRefused.
    """
    header, assertion = signing.read_jws(token)
    check_assertion(assertion)
    badge_class, issuer = class_and_issuer(assertion, documents)
    if header.get("alg") != "RS256":
        raise ForeignAssertionRefused(_("The badge is signed by another algorithm than RS256."))
    key = key_of_assertion(assertion, issuer, documents)
    if not signing.verify_jws(token, key):
        raise ForeignAssertionRefused(_("The signature does not fit the badge."))
    check_not_revoked(assertion, issuer, documents)
    return _verified(ImportedKind.OB2_SIGNED, assertion, badge_class, issuer, emails, token)


def check_assertion(assertion: Mapping[str, Any]) -> None:
    """Raise ForeignAssertionRefused for what is no Open Badges 2.0 Assertion, or a revoked one."""
    check_contexts(assertion, needs=CONTEXT)
    if "Assertion" not in types_of(assertion):
        raise ForeignAssertionRefused(_("This is not an Open Badges 2.0 Assertion."))
    if assertion.get("revoked") in (True, "true"):
        raise ForeignBadgeRevoked


def verification_types(assertion: Mapping[str, Any]) -> set[str]:
    """Return in which ways an assertion says that it is to be verified: of HOSTED and SIGNED."""
    verification = assertion.get("verification") or assertion.get("verify")
    return types_of(verification) if isinstance(verification, Mapping) else set()


def class_and_issuer(
    assertion: Mapping[str, Any], documents: ForeignDocuments
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return BadgeClass and Profile. Where they have an address they are fetched from there, whatever is written here."""
    badge_class = _resolved(assertion.get("badge"), documents, ForeignBadgeClassRefused)
    if "BadgeClass" not in types_of(badge_class) or not text_in(badge_class, "name"):
        raise ForeignBadgeClassRefused(
            _("The badge does not say what was achieved: it has no BadgeClass with a name.")
        )
    if not address_in(badge_class.get("issuer")):
        raise ForeignIssuerRefused(_("The badge does not say where its issuer is published."))
    issuer = _resolved(badge_class.get("issuer"), documents, ForeignIssuerRefused)
    if not types_of(issuer) & {"Issuer", "Profile"} or not text_in(issuer, "name"):
        raise ForeignIssuerRefused(_("The issuer of the badge has no Profile with a name."))
    return badge_class, issuer


def _resolved(
    value: Any, documents: ForeignDocuments, refused: type[ForeignBadgeRefused]
) -> Mapping[str, Any]:
    url = address_in(value)
    if not url:
        if isinstance(value, Mapping):
            return value
        raise refused(_("A part of the badge has no address: %(value)s.") % {"value": str(value)[:100]})
    document = documents.document(url, refused)
    if address_in(document) != url:
        raise refused(_("%(url)s says that it is published at another address.") % {"url": url[:200]})
    return document


def check_origin(address: str, issuer: Mapping[str, Any]) -> None:
    """Refuse an assertion that is not where its issuer lets assertions be (OB 2.0, VerificationObject)."""
    policy = issuer.get("verification")
    policy = policy if isinstance(policy, Mapping) else {}
    prefixes = _texts(policy.get("startsWith"))
    origins = [origin.lower() for origin in _texts(policy.get("allowedOrigins"))]
    own = host_of(address_in(issuer))
    if prefixes:
        is_good = any(address.startswith(prefix) and is_address(prefix) for prefix in prefixes)
    elif origins:
        host = host_of(address)
        is_good = host in origins or host.rpartition(":")[0] in origins
    else:
        is_good = host_of(address) == own
    if not is_good:
        raise ForeignIssuerRefused(_("The issuer does not publish its badges where this one is."))


def key_of_assertion(
    assertion: Mapping[str, Any], issuer: Mapping[str, Any], documents: ForeignDocuments
) -> RsaPublicKey:
    """Return the key that the assertion was made by, if key and issuer name each other."""
    named = issuer.get("publicKey")
    keys = {address_in(item) for item in (named if isinstance(named, list) else [named])} - {""}
    verification = assertion.get("verification") or assertion.get("verify")
    creator = verification.get("creator") if isinstance(verification, Mapping) else None
    if not verification_types(assertion) & SIGNED:
        raise ForeignAssertionRefused(_("The badge does not say that it is a signed one."))
    url = address_in(creator) or (next(iter(keys)) if len(keys) == 1 else "")
    if url not in keys:
        raise ForeignIssuerRefused(_("The key that signed the badge is none of its issuer's."))
    document = _resolved(url, documents, ForeignIssuerRefused)
    if address_in(document.get("owner")) != address_in(issuer):
        raise ForeignIssuerRefused(_("The key that signed the badge belongs to somebody else."))
    try:
        return RsaPublicKey.from_pem(text_in(document, "publicKeyPem"))
    except (ValueError, TypeError) as error:
        raise ForeignIssuerRefused(_("The issuer's key cannot be read.")) from error


def check_not_revoked(
    assertion: Mapping[str, Any], issuer: Mapping[str, Any], documents: ForeignDocuments
) -> None:
    """Raise ForeignBadgeRevoked for a signed assertion that is in its issuer's list."""
    url = address_in(issuer.get("revocationList"))
    if not url:
        return
    entries = documents.document(url, ForeignIssuerRefused).get("revokedAssertions")
    ids = [
        entry.get("id") if isinstance(entry, Mapping) else entry
        for entry in (entries if isinstance(entries, list) else [entries])
        if isinstance(entry, Mapping | str)
    ]
    if text_in(assertion, "id") in {one for one in ids if isinstance(one, str)}:
        raise ForeignBadgeRevoked


def _verified(
    kind: ImportedKind,
    assertion: Mapping[str, Any],
    badge_class: Mapping[str, Any],
    issuer: Mapping[str, Any],
    emails: Mapping[str, str],
    document: str,
) -> VerifiedBadge:
    badge_id = text_in(assertion, "id", 2000)
    if not badge_id:
        raise ForeignAssertionRefused(_("The badge has no id."))
    issued_at = instant_in(assertion, "issuedOn", is_required=True)
    assert issued_at is not None  # noqa: S101 - required
    expires_at = instant_in(assertion, "expires")
    check_times(issued_at, expires_at)
    return VerifiedBadge(
        kind=kind,
        badge_id=badge_id,
        name=text_in(badge_class, "name", 500),
        description=text_in(badge_class, "description"),
        tags=tags_of(badge_class, "tags"),
        image_url=image_of(assertion.get("image")) or image_of(badge_class.get("image")),
        issuer=profile_of(issuer, address_in(issuer)),
        recipient_email=recipient_of_assertion(assertion, emails),
        issued_at=issued_at,
        expires_at=expires_at,
        document=document,
    )


def _texts(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]
