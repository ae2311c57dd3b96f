"""Pictures of templates on the issuers' pages, published or not: for members alone, and kept by their browsers."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.views.decorators.http import require_safe

from badges.api.issuer_template_bodies import DEFAULT_PICTURE
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.pictures import png_at
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope
from organizations.pictures import rendition_names

KEPT = "private, max-age=31536000, immutable"


def picture_of(
    desk: Desk,
    template: BadgeTemplate | None,
    version: BadgeTemplateVersion | None,
    *,
    is_small: bool = False,
) -> str:
    """Return the address of the picture of a template's version, for members; without one that of Laurel's own picture.

    It has the name of the stored file in it, which changes with the picture, so that browsers may keep what they got.
    """
    if template is None or version is None or not version.image:
        return static(DEFAULT_PICTURE)
    stem = str(version.image).rpartition("/")[2].removesuffix(".png")
    query = {"file": stem} | ({"small": 1} if is_small else {})
    return desk.url("version_picture", template.uuid, version.uuid, **query)


def kept_by_browsers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Have browsers keep what a view answers, for the one person: its address changes with it. Stands above `for_scope`."""

    @wraps(view)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        response = view(request, **kwargs)
        if response.status_code == 200:
            response["Cache-Control"] = KEPT
        return response

    return answered


@require_safe
@kept_by_browsers
@for_scope(ApiScope.READ)
def version_picture(request: HttpRequest, desk: Desk, template_id: UUID, version_id: UUID) -> HttpResponse:
    """Answer the picture of a version as PNG: 600 pixels wide at most, or 150 where `small` is asked for."""
    version = get_object_or_404(
        BadgeTemplateVersion,
        template__organization=desk.organization,
        template__uuid=template_id,
        uuid=version_id,
    )
    if not version.image:
        return HttpResponseRedirect(static(DEFAULT_PICTURE))
    names = rendition_names(str(version.image))
    name = names.thumbnail if "small" in request.GET else names.regular
    if not default_storage.exists(name):
        raise Http404
    return HttpResponse(png_at(name), content_type="image/png")
