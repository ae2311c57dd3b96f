"""All that an account holds, as a ZIP to take along: each badge in all its forms, and what is known of the person."""

import json
import logging
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.text import slugify

from badges.enums import DocumentKind
from badges.models import Badge, BadgeDocument, BadgeShare, ImportedBadge, OutcomeRecord
from badges.services.certificates import certificate_of, draw_certificate
from badges.services.documents import (
    baked_png,
    baked_svg,
    credential,
    credential_jwt,
    hosted_assertion,
)
from badges.services.my_badges import all_badges_of
from earners.models import EarnerAccount, LoginToken, Passkey
from organizations.pictures import rendition_names
from organizations.services.workbooks import Outlet

CHUNK = 20  # badges of others may have their pictures in their documents
PACKED = (".pdf", ".png")  # packing them again would take time and save nothing

log = logging.getLogger(__name__)
Row = TypeVar("Row", Badge, ImportedBadge)
Form = tuple[str, Callable[[], str | bytes]]


def export_account(account: EarnerAccount) -> Iterator[bytes]:
    """Yield the ZIP, a file at a time: for each badge those named after its title and id, then `account.json`.

    Badges issued here, hidden and revoked ones too: the OB 3.0 credential as JSON, JWT, and within a PNG and an SVG, the
    certificate as PDF, and unless revoked the OB 2.0 Assertion. Imported ones: the document as it was verified, and the
    picture. A file that cannot be made, as its picture is lost for example, is missing and keeps back no other:
    `account.json` lists for each badge the files that there are.
    """
    outlet, issued, brought = Outlet(), [], []
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        here = all_badges_of(account).select_related("version__template", "organization")
        for badge in _paged(here):
            files: list[str] = []
            for name, make in _forms(badge):
                yield _add(archive, outlet, name, make, files)
            issued.append(_row(badge) | {"files": files})
        for row in _paged(ImportedBadge.objects.filter(account=account)):
            files = []
            for name, make in _imported_forms(row):
                yield _add(archive, outlet, name, make, files)
            brought.append(_imported_row(row) | {"files": files})
        about = _about(account) | {"badges": issued, "imported": brought}
        archive.writestr("account.json", json.dumps(about, ensure_ascii=False, indent=2, default=_text))
    yield outlet.fetch()


def _paged(rows: QuerySet[Row]) -> Iterator[Row]:
    """Yield rows, newest first, few at a time. Nothing stays open while a slow client reads."""
    rows = rows.order_by("-pk")
    chunk = list(rows[:CHUNK])
    while chunk:
        yield from chunk
        chunk = list(rows.filter(pk__lt=chunk[-1].pk)[:CHUNK])


def _forms(badge: Badge) -> list[Form]:
    """Return the files of a badge, and how each is made."""
    name = f"badges/{_name(badge.version.title)}-{badge.uuid}"
    forms: list[Form] = [(f"{name}.pdf", lambda: draw_certificate(certificate_of(badge)))]
    if BadgeDocument.objects.filter(badge=badge, kind=DocumentKind.OB3).exists():
        forms += [
            (f"{name}.json", partial(credential, badge)),
            (f"{name}.jwt", partial(credential_jwt, badge)),
            (f"{name}.png", partial(baked_png, badge, version=3)),
            (f"{name}.svg", partial(baked_svg, badge, version=3)),
        ]
    if not badge.is_revoked:
        forms.append((f"{name}-ob2.json", lambda: json.dumps(hosted_assertion(badge), ensure_ascii=False)))
    return forms


def _imported_forms(badge: ImportedBadge) -> list[Form]:
    name = f"imported/{_name(badge.name)}-{badge.uuid}"
    forms: list[Form] = [(f"{name}.{badge.suffix}", lambda: badge.document)]
    if badge.image:
        forms.append((f"{name}.png", lambda: _stored(rendition_names(badge.image).regular)))
    return forms


def _stored(name: str) -> bytes:
    with default_storage.open(name) as file:
        return bytes(file.read())


def _add(
    archive: zipfile.ZipFile, outlet: Outlet, name: str, make: Callable[[], str | bytes], files: list[str]
) -> bytes:
    """Make a file, put it into the archive and on the list; return what there is to send. One that fails is logged."""
    try:
        content = make()
    except Exception:
        log.exception("%s is missing in the export of an account.", name)
        return b""
    archive.writestr(name, content, zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED)
    files.append(name)
    return outlet.fetch()


def _about(account: EarnerAccount) -> dict[str, Any]:
    shares = BadgeShare.objects.filter(account=account).select_related("badge")
    outcomes = OutcomeRecord.objects.filter(account=account).select_related("outcome__organization")
    return {
        "id": account.uuid,
        "name": account.name,
        "created_at": account.created_at,
        "addresses": list(account.emails.values("email", "verified_at", "closed_at")),
        "passkeys": list(
            Passkey.objects.filter(account=account).values("name", "created_at", "last_used_at")
        ),
        "programs": list(
            LoginToken.objects.filter(account=account).values(
                "created_at", "expires_at", "revoked_at", "last_used_at"
            )
        ),
        "outcomes": [
            {
                "code": record.outcome.code,
                "issuer": record.outcome.organization.name,
                "state": record.state,
                "reported_at": record.created_at,
            }
            for record in outcomes
        ],
        "sent": [
            {
                "badge": share.badge.uuid,
                "from": share.sender_email,
                "to": share.recipient_email,
                "words": share.note,
                "sent_at": share.created_at,
            }
            for share in shares
        ],
    }


def _row(badge: Badge) -> dict[str, Any]:
    return {
        "id": badge.uuid,
        "title": badge.version.title,
        "issuer": badge.organization.name,
        "recipient_email": badge.recipient_email,
        "issued_at": badge.issued_at,
        "expires_at": badge.expires_at,
        "revoked_at": badge.revoked_at,
        "accepted_at": badge.accepted_at,
        "visibility": badge.visibility,
        "url": badge.public_url,
    }


def _imported_row(badge: ImportedBadge) -> dict[str, Any]:
    return {
        "id": badge.uuid,
        "title": badge.name,
        "issuer": badge.issuer,
        "recipient_email": badge.recipient_email,
        "issued_at": badge.issued_at,
        "expires_at": badge.expires_at,
        "revoked_at": badge.revoked_at,
        "verified_at": badge.verified_at,
        "is_public": badge.is_public,
        "url": badge.source_url or None,
    }


def _text(value: Any) -> str:
    """Return a time or an id as JSON has it."""
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def _name(title: str) -> str:
    return slugify(title)[:60].strip("-") or "badge"
