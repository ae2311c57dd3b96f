"""Badges of other issuers are brought by those who earned them: verified on the way in, kept once, verified again."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import signing
from badges.exceptions import (
    AccountWithoutAddress,
    ForeignAssertionRefused,
    ForeignBadgeRefused,
    TooManyInspections,
)
from badges.models import ImportedBadge
from badges.services.foreign_documents import (
    JWS,
    ForeignDocuments,
    VerifiedBadge,
    address_in,
    is_address,
    is_allowed_host,
    read_badge,
    read_document,
    types_of,
)
from badges.services.foreign_ob2 import verify_hosted, verify_signed
from badges.services.foreign_ob3 import verify_jwt, verify_proof
from earners.models import AccountEmail, EarnerAccount
from organizations.pictures import PictureRefused, delete_picture, prepare_picture, store_picture

MAX_BADGE = 6 * 1024 * 1024  # bytes of a file that somebody brings: a picture with a badge in it


def import_badge(
    *,
    account: EarnerAccount,
    url: str = "",
    content: bytes = b"",
    is_allowed: Callable[[str], bool] = is_allowed_host,
) -> ImportedBadge:
    """Keep a badge of another issuer that the person of an account has; return the row, the same one a second time.

    The badge is at `url`, or it is `content`: JSON, a compact JWS, or a PNG or SVG with one baked in. All that it
    consists of is fetched from hosts that `is_allowed` lets be asked. Raises AccountWithoutAddress, TooManyInspections, and
    ForeignBadgeRefused with what is wrong; then nothing is kept.
    """
    rows = AccountEmail.objects.filter(account=account, verified_at__isnull=False).order_by("pk")
    emails = dict(rows.values_list("email_key", "email"))
    if not emails:
        raise AccountWithoutAddress
    verified = verify_foreign_badge(url=url, content=content, emails=emails, is_allowed=is_allowed)
    return keep_imported(account=account, verified=verified)


def verify_foreign_badge(
    *,
    url: str = "",
    content: bytes = b"",
    emails: Mapping[str, str],
    is_allowed: Callable[[str], bool] = is_allowed_host,
) -> VerifiedBadge:
    """Return what a badge of another issuer says, once it is found good: Open Badges 2.0 hosted or signed, or 3.0.

    It must be issued to one of `emails` (addresses by folded form), signed by its issuer or published by them, neither
    expired nor revoked. Writes nothing. Raises ForeignBadgeRefused.
    """
    documents = ForeignDocuments(is_allowed)
    if url:
        if not settings.FOREIGN_BADGE_HOSTS and is_allowed is is_allowed_host:
            raise ForeignAssertionRefused(_("This server takes no badges of other issuers."))
        _refuse_own(url)
        content = documents.content(url, ForeignAssertionRefused)
    if len(content) > MAX_BADGE:
        raise ForeignAssertionRefused(_("This file is too large for a badge."))
    verified = _verify(read_badge(content) if not _is_url(content) else content.decode(), documents, emails)
    return replace(verified, source_url=url, picture=_picture(verified.image_url, documents))


def keep_imported(*, account: EarnerAccount, verified: VerifiedBadge) -> ImportedBadge:
    """Keep a verified badge for an account, once for its issuer and id, brought up to date; return the row."""
    identity = hashlib.sha256(f"{verified.issuer['id']}\n{verified.badge_id}".encode()).hexdigest()
    with transaction.atomic():
        rows = ImportedBadge.objects.select_for_update()
        row = rows.filter(account=account, identity=identity).first()
        if row is None:
            row = ImportedBadge(account=account, identity=identity)
        row.kind, row.name, row.description = verified.kind, verified.name, verified.description
        row.tags, row.issuer = list(verified.tags), dict(verified.issuer)
        row.image_url = verified.image_url if is_address(verified.image_url) else ""
        row.recipient_email = verified.recipient_email
        row.issued_at, row.expires_at, row.revoked_at = verified.issued_at, verified.expires_at, None
        row.document, row.source_url = verified.document, verified.source_url or row.source_url
        row.verified_at = timezone.now()
        is_new = row.pk is None
        if is_new and verified.picture is not None:
            row.image = _stored(verified.picture, row)
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            # Brought twice at once.
            if row.image and is_new:
                delete_picture(row.image, storage=default_storage)
            row = rows.get(account=account, identity=identity)
    return row


def remove_imported(*, badge: ImportedBadge) -> None:
    """Take an imported badge out of its account; its issuer still has it, and it may be brought again."""
    with transaction.atomic():
        name = badge.image
        badge.delete()
        if name:
            transaction.on_commit(lambda: delete_picture(name, storage=default_storage))


def _is_url(content: bytes) -> bool:
    return content.startswith((b"http://", b"https://")) and b"\n" not in content and content.isascii()


def _refuse_own(*addresses: object) -> None:
    """Say where a badge of this server is found, instead of what went wrong in asking oneself for it."""
    if any(str(address).startswith(f"{settings.PUBLIC_URL}/public/") for address in addresses):
        raise ForeignAssertionRefused(
            _("This badge is from this server: it is in the account of the address that it was issued to.")
        )


def _verify(text: str, documents: ForeignDocuments, emails: Mapping[str, str]) -> VerifiedBadge:
    """Verify a badge that is written as text, in whichever of the standards it is."""
    if is_address(text):
        _refuse_own(text)
        return verify_hosted(text, documents, emails)
    if JWS.fullmatch(text):
        try:
            _header, claims = signing.read_jws(text)
        except ValueError as error:
            raise ForeignAssertionRefused(_("This is no signed badge that can be read.")) from error
        _refuse_own(claims.get("id"), claims.get("badge"))
        if "badge" in claims and "credentialSubject" not in claims:
            return verify_signed(text, documents, emails)
        return verify_jwt(text, documents, emails)
    document = read_document(text.encode("utf-8", "surrogatepass"), ForeignAssertionRefused, _("The badge"))
    _refuse_own(document.get("id"))
    if "credentialSubject" in document:
        return verify_proof(document, text, documents, emails)
    if "Assertion" in types_of(document):
        address = address_in(document)
        if not address:
            raise ForeignAssertionRefused(
                _("The badge is not signed and does not say where it is published.")
            )
        return verify_hosted(address, documents, emails)
    raise ForeignAssertionRefused(_("This is not an Open Badge of version 2.0 or 3.0."))


def _picture(image_url: str, documents: ForeignDocuments) -> bytes | None:
    """Return the badge's picture as it came; None where it has none that can be had. A badge is good without."""
    if image_url.startswith("data:"):
        head, _comma, data = image_url.partition(",")
        try:
            return base64.b64decode(data, validate=True) if head.endswith(";base64") else None
        except (ValueError, binascii.Error):
            return None
    if not image_url:
        return None
    try:
        return documents.content(image_url, ForeignAssertionRefused, accept="image/*")
    except (ForeignBadgeRefused, TooManyInspections):
        return None


def _stored(content: bytes, row: ImportedBadge) -> str:
    """Store a picture, made anew and harmless; return its name, empty where it is none."""
    try:
        return store_picture(prepare_picture(content, allow_svg=True), folder=f"imported/{row.uuid}")
    except PictureRefused:
        return ""
