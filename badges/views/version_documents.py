"""A template version's documents: BadgeClass (OB 2.0), Achievement (OB 3.0), and its picture."""

from uuid import UUID

from django.core.files.storage import default_storage
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from badges.credentials import ob2, ob3
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.pictures import png_of, svg_of
from badges.services.profiles import signed_class_of
from badges.services.values import achievement_of
from badges.views import answers
from badges.views.issuer_documents import trusted_rsa_key
from badges.views.negotiation import CREDENTIAL_LINKED_DATA, LINKED_DATA
from organizations.pictures import rendition_names

DEFAULT_PICTURE = "laurel"


@answers.document
def ob2_json(request: HttpRequest, uuid: UUID, content_type: str = LINKED_DATA) -> HttpResponse:
    """Answer the version as BadgeClass."""
    return _badge_class(request, shown_version(uuid), content_type)


@answers.document
def ob3_json(request: HttpRequest, uuid: UUID, content_type: str = CREDENTIAL_LINKED_DATA) -> HttpResponse:
    """Answer the version as Achievement."""
    return _achievement(request, shown_version(uuid), content_type)


@answers.document
def template_ob2_json(request: HttpRequest, uuid: UUID, content_type: str = LINKED_DATA) -> HttpResponse:
    """Answer the template's current version as BadgeClass; its id is the address of the version."""
    return _badge_class(request, _current_version(uuid), content_type, cache=answers.FOR_A_MINUTE)


@answers.document
def template_ob3_json(
    request: HttpRequest, uuid: UUID, content_type: str = CREDENTIAL_LINKED_DATA
) -> HttpResponse:
    """Answer the template's current version as Achievement; its id is the address of the version."""
    return _achievement(request, _current_version(uuid), content_type, cache=answers.FOR_A_MINUTE)


@answers.document
def png(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the version's picture. A stored file never changes under its name, so the name is its ETag."""
    return _picture(request, shown_version(uuid), "png")


@answers.document
def svg(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the version's picture as SVG, when it was uploaded as one."""
    version = shown_version(uuid)
    if version.image and not default_storage.exists(rendition_names(str(version.image)).svg):
        raise Http404
    return _picture(request, version, "svg")


@answers.document
def signed_ob2_json(request: HttpRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Answer the version as BadgeClass of what one key signed: its issuer is the Profile that has this key alone."""
    version = shown_version(uuid)
    row = trusted_rsa_key(version.template.organization.uuid, key)
    return answers.json_body(request, signed_class_of(version, row), LINKED_DATA, cache=answers.FOR_A_MINUTE)


def _badge_class(
    request: HttpRequest, version: BadgeTemplateVersion, content_type: str, cache: str | None = None
) -> HttpResponse:
    # The words that Laurel adds to criteria are in the version's language, whatever the reader's is.
    with translation.override(version.language):
        content = ob2.badge_class(achievement_of(version), version.template.organization.public_url)
    return answers.json_body(request, content, content_type, cache=cache or _cache(version))


def _achievement(
    request: HttpRequest, version: BadgeTemplateVersion, content_type: str, cache: str | None = None
) -> HttpResponse:
    with translation.override(version.language):
        content = {
            "@context": [ob3.CREDENTIALS_CONTEXT, ob3.OPEN_BADGES_CONTEXT],
            **ob3.achievement(achievement_of(version)),
        }
    return answers.json_body(request, content, content_type, cache=cache or _cache(version))


def _picture(request: HttpRequest, version: BadgeTemplateVersion, suffix: str) -> HttpResponse:
    name = str(version.image).rpartition("/")[2].rpartition(".")[0] or DEFAULT_PICTURE
    # The picture that Laurel brings may be drawn anew by a later Laurel: its ETag is that of its bytes.
    etag = f'"{name}-{suffix}"' if version.image else None
    cache = _cache(version)
    if etag and answers.is_known(request, etag):
        return answers.unchanged(etag, cache)
    try:
        content = png_of(version) if suffix == "png" else svg_of(version)
    except FileNotFoundError as error:
        raise Http404 from error
    content_type = "image/png" if suffix == "png" else "image/svg+xml"
    return answers.body(request, content, content_type, cache=cache, etag=etag, policy=answers.PICTURE_POLICY)


def _cache(version: BadgeTemplateVersion) -> str:
    return answers.FOR_EVER if version.is_sealed else answers.FOR_A_MINUTE


def shown_version(uuid: UUID) -> BadgeTemplateVersion:
    """Return a version that anybody may see, with its organization. Raises Http404."""
    return _shown(Q(uuid=uuid))


def _current_version(template: UUID) -> BadgeTemplateVersion:
    return _shown(Q(pk__in=BadgeTemplate.objects.filter(uuid=template).values("current_version")))


def _shown(which: Q) -> BadgeTemplateVersion:
    """Return a version that anybody may see: badges were issued from it, or its template is published now."""
    published = Q(template__in=BadgeTemplate.objects.published())
    version = (
        BadgeTemplateVersion.objects.filter(which, Q(sealed_at__isnull=False) | published)
        .select_related("template__organization")
        .first()
    )
    if version is None:
        raise Http404
    return version
