"""A badge's documents: OB 3.0 as signed and as JWT, OB 2.0 hosted and signed, and both woven into its picture."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import slugify

from badges.enums import DocumentKind, Visibility
from badges.models import Badge, BadgeDocument
from badges.services import documents
from badges.services.issuers import compact
from badges.views import answers
from badges.views.negotiation import CREDENTIAL_LINKED_DATA, LINKED_DATA

# As 1EdTech's certification asks, credentials are served as application/vc+ld+json, compact JWTs as text/plain.
TOKEN = "text/plain"  # noqa: S105  a media type
PICTURE_TYPES = {"png": "image/png", "svg": "image/svg+xml"}


@answers.document
def ob3_json(request: HttpRequest, uuid: UUID, content_type: str = CREDENTIAL_LINKED_DATA) -> HttpResponse:
    """Answer the OB 3.0 credential as it was signed, with one statement; a revoked badge's too: its status list tells.

    The document never changes, so its ETag is made of when it was signed, and who has it is answered without its text
    being read. It holds the media type as well, as one address answers several.
    """
    if "HTTP_IF_NONE_MATCH" in request.META:
        (signed_at,) = _kept_credential("d.created_at", uuid)
        etag = _etag(signed_at, content_type)
        if answers.is_known(request, etag):
            return answers.unchanged(etag, answers.FOR_MINUTES)
    signed_at, text = _kept_credential("d.created_at, d.body", uuid)
    return answers.body(
        request,
        text,
        content_type,
        cache=answers.FOR_MINUTES,
        etag=_etag(signed_at, content_type),
        filename=_filename(request, uuid, "ob3", "json"),
    )


@answers.document
def ob2_json(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the hosted OB 2.0 Assertion; of a revoked badge with 410 and the short one (OB 2.0 section Revocation)."""
    badge = _badge(uuid)
    return answers.body(
        request,
        compact(documents.hosted_assertion(badge)),
        LINKED_DATA,
        cache=answers.FOR_A_MINUTE,
        status=410 if badge.is_revoked else 200,
        filename=_filename(request, uuid, "ob2", "json"),
    )


@answers.document
def ob3_jwt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the credential as VC-JWT."""
    return _token(request, uuid, "ob3", documents.credential_jwt)


@answers.document
def ob2_jws(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the signed OB 2.0 Assertion."""
    return _token(request, uuid, "ob2", documents.signed_assertion)


@answers.document
def baked(request: HttpRequest, uuid: UUID, version: int, suffix: str) -> HttpResponse:
    """Answer the badge's picture with its OB 2.0 or 3.0 document in it."""
    badge = _badge(uuid)
    try:
        bake = documents.baked_png if suffix == "png" else documents.baked_svg
        picture = bake(badge, version=version)
    except (FileNotFoundError, BadgeDocument.DoesNotExist) as error:
        raise Http404 from error
    return answers.body(
        request,
        picture,
        PICTURE_TYPES[suffix],
        cache=answers.FOR_MINUTES,
        policy=answers.PICTURE_POLICY,
        filename=_filename(request, uuid, f"ob{version}", suffix),
    )


def _token(request: HttpRequest, uuid: UUID, form: str, read: Callable[[Badge], str]) -> HttpResponse:
    badge = _badge(uuid)
    try:
        text = read(badge)
    except BadgeDocument.DoesNotExist as error:
        raise Http404 from error
    suffix = "jwt" if form == "ob3" else "jws"
    return answers.body(
        request, text, TOKEN, cache=answers.FOR_MINUTES, filename=_filename(request, uuid, form, suffix)
    )


def _badge(uuid: UUID) -> Badge:
    badge = (
        Badge.objects.reachable()
        .select_related("version__template", "organization")
        .filter(uuid=uuid)
        .first()
    )
    if badge is None:
        raise Http404
    return badge


def _kept_credential(columns: str, uuid: UUID) -> tuple[Any, ...]:
    """Return columns of the kept credential of a badge that may be seen.

    What verifiers ask for most, and the one statement of Laurel that is written by hand: to build it anew for each request
    took longer than to run it (docs/benchmarks.md).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM badges_badgedocument d JOIN badges_badge b ON b.id = d.badge_id"  # noqa: S608
            " WHERE b.uuid = %s AND d.kind = %s AND b.visibility <> %s",
            [
                uuid if connection.features.has_native_uuid_field else uuid.hex,
                DocumentKind.OB3.value,
                Visibility.HIDDEN.value,
            ],
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise Http404
    return row


def _etag(signed_at: object, content_type: str) -> str:
    """Return an ETag of the time as the driver gives it (text on SQLite): it tells nothing of how many badges there are."""
    digits = "".join(filter(str.isdigit, str(signed_at)))
    return f'"{digits}-{content_type.rpartition("/")[2]}"'


def _filename(request: HttpRequest, uuid: UUID, form: str, suffix: str) -> str | None:
    """Return the name of the file when the address asks for a download (`?download=1`)."""
    if request.GET.get("download") != "1":
        return None
    title = Badge.objects.filter(uuid=uuid).values_list("version__title", flat=True).get()
    return f"{slugify(title)[:60].strip('-') or 'badge'}-{form}.{suffix}"
