"""Badges of other issuers in Open Badges 3.0: with a Data Integrity proof or as VC-JWT, verified with their status."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from badges.credentials import signing, status
from badges.credentials.encoding import from_base64url
from badges.credentials.exceptions import NotCanonical, UnreadableStatusList
from badges.credentials.keys import Ed25519PublicKey, RsaPublicKey
from badges.enums import ImportedKind
from badges.exceptions import (
    ForeignAssertionRefused,
    ForeignBadgeClassRefused,
    ForeignBadgeRevoked,
    ForeignIssuerRefused,
)
from badges.services.foreign_documents import (
    CLOCK_TOLERANCE,
    JWS,
    ForeignDocuments,
    VerifiedBadge,
    check_contexts,
    check_times,
    host_of,
    image_of,
    instant_in,
    is_address,
    profile_of,
    read_document,
    tags_of,
    text_in,
    types_of,
)
from badges.services.foreign_keys import Key, key_of
from badges.services.foreign_recipients import recipient_of_subject

CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/"
TYPES = {"OpenBadgeCredential", "AchievementCredential"}
BITSTRINGS = {"BitstringStatusListEntry", "StatusList2021Entry"}
REVOCATION_LIST = "1EdTechRevocationList"
# Finds the key that a method names, if it is one of an issuer's; raises ForeignIssuerRefused.
KeyFinder = Callable[[str, str, ForeignDocuments], Key]


def verify_proof(
    document: dict[str, Any], text: str, documents: ForeignDocuments, emails: Mapping[str, str]
) -> VerifiedBadge:
    """Verify a credential by its Data Integrity proof, its status and its times. Raises ForeignBadgeRefused."""
    check_credential(document)
    check_proof(document, documents)
    return _verified(ImportedKind.OB3_PROOF, document, documents, emails, text)


def verify_jwt(token: str, documents: ForeignDocuments, emails: Mapping[str, str]) -> VerifiedBadge:
    """Verify a credential that is signed as a VC-JWT by RS256 or EdDSA. Raises ForeignBadgeRefused."""
    credential = credential_of(token, documents)
    check_credential(credential)
    return _verified(ImportedKind.OB3_JWT, credential, documents, emails, token)


def check_credential(document: Mapping[str, Any]) -> None:
    """Raise ForeignAssertionRefused for what is no Open Badges 3.0 credential that can be read here."""
    check_contexts(document, needs=CONTEXT)
    if not types_of(document) & TYPES:
        raise ForeignAssertionRefused(_("This is not an Open Badges 3.0 credential."))


def issuer_id_of(document: Mapping[str, Any]) -> str:
    """Return the id of who issued a credential. Raises ForeignIssuerRefused."""
    issuer = document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if not isinstance(issuer_id, str) or not issuer_id:
        raise ForeignIssuerRefused(_("The badge does not say who issued it."))
    return issuer_id


def check_proof(document: dict[str, Any], documents: ForeignDocuments, find_key: KeyFinder = key_of) -> None:
    """Raise unless one of the proofs is its issuer's and fits the content."""
    issuer_id = issuer_id_of(document)
    methods = signing.verification_methods(document)
    if not methods:
        raise ForeignAssertionRefused(
            _("The badge has no proof of a kind that is known here (eddsa-rdfc-2022).")
        )
    refusal: ForeignIssuerRefused | None = None
    for method in methods[:3]:
        try:
            key = find_key(issuer_id, method, documents)
        except ForeignIssuerRefused as error:
            refusal = error
            continue
        try:
            if isinstance(key, Ed25519PublicKey) and signing.verify_credential(document, key):
                return
        except NotCanonical as error:
            raise ForeignAssertionRefused(
                _("The badge has content that its proof cannot cover. %(reason)s") % {"reason": _(str(error))}
            ) from error
    raise refusal or ForeignAssertionRefused(_("The proof does not fit the badge."))


def credential_of(token: str, documents: ForeignDocuments) -> dict[str, Any]:
    """Return what a VC-JWT says, its signature, its claims and its times checked. Raises ForeignBadgeRefused."""
    claims, credential = signed_claims(token, documents)
    check_token_times(claims)
    return credential


def signed_claims(
    token: str, documents: ForeignDocuments, find_key: KeyFinder = key_of
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of a VC-JWT and its credential, signature and claims checked. Raises ForeignBadgeRefused."""
    try:
        header, claims = signing.read_jws(token)
    except ValueError as error:
        raise ForeignAssertionRefused(_("This is no signed badge that can be read.")) from error
    inner = claims.get("vc")
    credential = {**(inner if isinstance(inner, dict) else claims)}
    issuer_id = issuer_id_of(credential)
    method = header.get("kid")
    if not isinstance(method, str) or "crit" in header:
        raise ForeignIssuerRefused(_("The badge does not name the key that signed it."))
    key = find_key(issuer_id, method if not method.startswith("#") else issuer_id + method, documents)
    if not _fits(token, str(header.get("alg")), key):
        raise ForeignAssertionRefused(_("The signature does not fit the badge."))
    if claims.get("iss") not in (None, issuer_id) or claims.get("jti") not in (None, credential.get("id")):
        raise ForeignAssertionRefused(_("The signature is about another badge than the one inside."))
    return claims, credential


def check_token_times(claims: Mapping[str, Any]) -> None:
    """Raise ForeignAssertionRefused for a token that is not valid at this time."""
    now = time.time()
    begins, ends = _seconds(claims, "nbf"), _seconds(claims, "exp")
    if (ends is not None and ends <= now) or (
        begins is not None and begins > now + CLOCK_TOLERANCE.total_seconds()
    ):
        raise ForeignAssertionRefused(_("The badge is not valid at this time."))


def _seconds(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
        raise ForeignAssertionRefused(_("Its %(name)s is no time.") % {"name": name})
    return value


def _fits(token: str, algorithm: str, key: Ed25519PublicKey | RsaPublicKey) -> bool:
    if algorithm == "RS256" and isinstance(key, RsaPublicKey):
        return signing.verify_jws(token, key)
    if algorithm == "EdDSA" and isinstance(key, Ed25519PublicKey):
        message, _dot, signature = token.rpartition(".")
        return key.verifies(from_base64url(signature), message.encode())
    return False


def check_status(document: Mapping[str, Any], documents: ForeignDocuments) -> None:
    """Raise ForeignAssertionRefused for a badge that was revoked or suspended, or of which that cannot be told."""
    entries = document.get("credentialStatus")
    for entry in entries if isinstance(entries, list) else [entries]:
        if entry is None:
            continue
        kinds = types_of(entry) if isinstance(entry, Mapping) else set()
        if kinds & BITSTRINGS:
            is_revoked = _bit(entry, issuer_id_of(document), documents)
        elif REVOCATION_LIST in kinds and is_address(entry.get("id")):
            is_revoked = _is_listed(document, entry, documents)
        else:
            raise ForeignAssertionRefused(
                _("The badge tells in an unknown way whether it was revoked: %(kind)s.")
                % {"kind": ", ".join(sorted(kinds))[:100] or "?"}
            )
        if is_revoked:
            raise ForeignBadgeRevoked


def _bit(entry: Mapping[str, Any], issuer_id: str, documents: ForeignDocuments) -> bool:
    """Return the badge's bit of a status list, which its issuer must have signed."""
    url, index = entry.get("statusListCredential"), str(entry.get("statusListIndex"))
    purpose = entry.get("statusPurpose")
    is_place = is_address(url) and index.isdecimal() and index.isascii() and len(index) <= 9
    if not is_place or not isinstance(purpose, str | None):
        raise ForeignAssertionRefused(_("The badge's place in its status list cannot be read."))
    if purpose not in ("revocation", "suspension"):
        return False
    content = documents.content(str(url), ForeignIssuerRefused)
    text = content.decode("utf-8", "replace").strip()
    if JWS.fullmatch(text):
        published = credential_of(text, documents)
    else:
        published = read_document(content, ForeignIssuerRefused, str(url))
        if issuer_id_of(published) == issuer_id:
            check_proof(published, documents)
    subject = published.get("credentialSubject")
    if issuer_id_of(published) != issuer_id or not isinstance(subject, Mapping):
        raise ForeignIssuerRefused(_("The badge's status list is not its issuer's."))
    purposes = subject.get("statusPurpose")
    purposes = purposes if isinstance(purposes, list) else [purpose if purposes is None else purposes]
    if published.get("id") not in (None, url) or purpose not in purposes:
        raise ForeignIssuerRefused(_("The badge's status list is another one than the badge names."))
    check_times_of(published)
    try:
        return status.is_set(str(subject.get("encodedList")), int(index))
    except (UnreadableStatusList, IndexError) as error:
        raise ForeignIssuerRefused(_("The badge's status list cannot be read.")) from error


def check_times_of(document: Mapping[str, Any]) -> None:
    """Raise ForeignAssertionRefused for a credential that is not valid at this time."""
    begin = instant_in(document, "validFrom", "issuanceDate")
    end = instant_in(document, "validUntil", "expirationDate")
    if begin is not None:
        check_times(begin, end)


def _is_listed(document: Mapping[str, Any], entry: Mapping[str, Any], documents: ForeignDocuments) -> bool:
    """Return whether a 1EdTechRevocationList has the badge; it is signed by nobody, so its host must be the issuer's."""
    url, issuer_id = str(entry["id"]), issuer_id_of(document)
    if issuer_id.startswith("https://") and host_of(issuer_id) != host_of(url):
        raise ForeignIssuerRefused(_("The badge's revocation list is not its issuer's."))
    if issuer_id.startswith("did:web:") and not issuer_id.removeprefix("did:web:").startswith(
        str(urlsplit(url).hostname)
    ):
        raise ForeignIssuerRefused(_("The badge's revocation list is not its issuer's."))
    listed = documents.document(url, ForeignIssuerRefused).get("revokedCredential")
    return any(
        item.get("id") == document.get("id") and item.get("revoked", True) is not False
        for item in (listed if isinstance(listed, list) else [listed])
        if isinstance(item, Mapping)
    )


def _verified(
    kind: ImportedKind,
    document: Mapping[str, Any],
    documents: ForeignDocuments,
    emails: Mapping[str, str],
    text: str,
) -> VerifiedBadge:
    issuer_id = issuer_id_of(document)
    issued_at = instant_in(document, "validFrom", "issuanceDate", is_required=True)
    assert issued_at is not None  # noqa: S101 - required
    expires_at = instant_in(document, "validUntil", "expirationDate")
    check_times(issued_at, expires_at)
    subject = document.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    achievement = subject.get("achievement") if isinstance(subject, Mapping) else None
    if not isinstance(subject, Mapping) or not isinstance(achievement, Mapping):
        raise ForeignBadgeClassRefused(_("The badge does not say what was achieved."))
    if not text_in(achievement, "name"):
        raise ForeignBadgeClassRefused(_("The badge does not say what was achieved: it has no name."))
    badge_id = text_in(document, "id", 2000)
    if not badge_id:
        raise ForeignAssertionRefused(_("The badge has no id."))
    recipient_email = recipient_of_subject(subject, emails)
    check_status(document, documents)
    issuer = document.get("issuer")
    return VerifiedBadge(
        kind=kind,
        badge_id=badge_id,
        name=text_in(achievement, "name", 500),
        description=text_in(achievement, "description"),
        tags=tags_of(achievement, "tag"),
        image_url=image_of(document.get("image")) or image_of(achievement.get("image")),
        issuer=profile_of(issuer if isinstance(issuer, Mapping) else {}, issuer_id),
        recipient_email=recipient_email,
        issued_at=issued_at,
        expires_at=expires_at,
        document=text,
    )
