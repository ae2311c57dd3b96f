"""The versions of a badge template: all of them with what changed, and one whole."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from badges.manage.templates import template_of
from badges.manage.version_changes import changes_between_versions
from badges.manage.version_pictures import picture_of
from badges.models import BadgeTemplateVersion
from badges.views.templates import version_context
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope

ON_A_PAGE = 20


@require_safe
@for_scope(ApiScope.READ)
def template_versions(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the versions, newest first, each with what it says otherwise than the one before it."""
    row, _version = template_of(desk, template_id)
    versions = BadgeTemplateVersion.objects.filter(template=row).order_by("-number")
    page = Paginator(versions, ON_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    before = versions.filter(number__lt=shown[-1].number).first() if shown else None
    older: list[BadgeTemplateVersion | None] = [*shown[1:], before]
    entries = [
        (version, changes_between_versions(earlier, version) if earlier else None)
        for version, earlier in zip(shown, older, strict=True)
    ]
    context = {"row": row, "page": page, "entries": entries}
    return desk.page(request, "manage/templates/versions.html", context)


@require_safe
@for_scope(ApiScope.READ)
def template_version(request: HttpRequest, desk: Desk, template_id: UUID, version_id: UUID) -> HttpResponse:
    """Show what a version says, and what it changed."""
    row, current = template_of(desk, template_id)
    version = get_object_or_404(BadgeTemplateVersion, template=row, uuid=version_id)
    version.template = row
    earlier = (
        BadgeTemplateVersion.objects.filter(template=row, number__lt=version.number)
        .order_by("-number")
        .first()
    )
    context: dict[str, Any] = version_context(version, desk.organization) | {
        "row": row,
        "picture": picture_of(desk, row, version),
        "earlier": earlier,
        "changes": changes_between_versions(earlier, version) if earlier else None,
        "is_current": version.pk == current.pk,
        "is_public": version.is_sealed or (row.is_published and not row.is_archived),
    }
    return desk.page(request, "manage/templates/version.html", context)
