"""Badge templates: the list, one with what it is and what can be done with it, making and changing it with a preview."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter

from badges.enums import TemplateStatus, TemplateType
from badges.manage.template_editor import TemplateEditor
from badges.manage.version_pictures import picture_of
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, PathStep
from badges.services.alignments import used_alignments
from badges.services.frameworks import FRAMEWORKS
from badges.services.templates import create_template, update_template
from badges.views.templates import version_context
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import ListFilters, listing_of
from organizations.manage.once import once

ARCHIVED = "archived"
NEWEST, TITLE, MOST = "newest", "title", "most"
ORDERS = {
    NEWEST: ("-pk",),
    TITLE: ("current_version__title", "pk"),
    MOST: ("-badges_count", "-pk"),
}
YES_NO = [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]
COUNTED = 10_000
RECENT = 5


class TemplateFilters(ListFilters):
    """By type, status and order; archived ones only where they are asked for. The search finds titles and codes."""

    type = ChoiceFilter(
        "current_version__type",
        choices=TemplateType.choices,
        label=gettext_lazy("Type"),
        empty_label=gettext_lazy("All types"),
    )
    status = ChoiceFilter(
        method="of_status",
        choices=[*TemplateStatus.choices, (ARCHIVED, gettext_lazy("Archived"))],
        label=gettext_lazy("Status"),
        empty_label=gettext_lazy("In use"),
    )
    order = ChoiceFilter(
        method="in_order",
        choices=[
            (TITLE, gettext_lazy("Title")),
            (MOST, gettext_lazy("Most badges first")),
        ],
        label=gettext_lazy("Order"),
        empty_label=gettext_lazy("Newest first"),
    )
    published = ChoiceFilter(
        method="if_published",
        choices=YES_NO,
        label=gettext_lazy("Published"),
        empty_label=gettext_lazy("All"),
    )
    path = ChoiceFilter(
        method="if_path", choices=YES_NO, label=gettext_lazy("Learning path"), empty_label=gettext_lazy("All")
    )

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep templates that have the text in title, sentence or code."""
        return rows.filter(
            Q(current_version__title__icontains=value)
            | Q(code__icontains=value)
            | Q(current_version__strapline__icontains=value)
        )

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply the filters; archived ones are left out unless they are asked for."""
        rows = super().filter_queryset(queryset)
        is_archive = self.form.cleaned_data.get("status") == ARCHIVED
        return rows.filter(archived_at__isnull=not is_archive)

    def of_status(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep those of a status; for archived ones it says nothing."""
        return rows if value == ARCHIVED else rows.filter(**{name: value})

    def in_order(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Sort them."""
        return rows.order_by(*ORDERS[value])

    def if_published(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep those on the public page, or the others."""
        return rows.filter(is_published=value == "yes")

    def if_path(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep learning paths, or the others."""
        return rows.filter(is_learning_path=value == "yes")


def templates_of(desk: Desk) -> "QuerySet[BadgeTemplate]":
    """Return the organization's templates with what they say."""
    templates = BadgeTemplate.objects.filter(organization=desk.organization, current_version__isnull=False)
    return templates.select_related("current_version", "program")


def template_of(desk: Desk, template_id: UUID) -> tuple[BadgeTemplate, BadgeTemplateVersion]:
    """Return one of the organization's templates and its current version; raises Http404."""
    template = get_object_or_404(templates_of(desk), uuid=template_id)
    if template.current_version is None:
        raise Http404
    template.organization = desk.organization
    template.current_version.template = template
    return template, template.current_version


@require_safe
@for_scope(ApiScope.READ)
def templates(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the templates in use, or those that filters ask for."""
    listing = listing_of(request, TemplateFilters, templates_of(desk).order_by("-pk"))
    rows = [(row, picture_of(desk, row, row.current_version, is_small=True)) for row in listing.page]
    has_any = bool(rows) or listing.is_narrowed or templates_of(desk).exists()
    context = {"listing": listing, "rows": rows, "has_any": has_any}
    return desk.page(request, "manage/templates/list.html", context)


@require_safe
@for_scope(ApiScope.READ)
def template(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show what a template is, how it is doing, and what can be done with it."""
    row, version = template_of(desk, template_id)
    recent = Badge.objects.filter(template=row).order_by("-number")
    steps = PathStep.objects.filter(
        templates=row, path__is_learning_path=True, path__archived_at__isnull=True
    ).select_related("path__current_version")
    context = version_context(version, desk.organization) | {
        "picture": picture_of(desk, row, version),
        "recent": recent[:RECENT],
        "left": row.limit - row.badges_count if row.limit is not None else None,
        "steps": steps.order_by("path", "position"),
    }
    return desk.page(request, "manage/templates/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@once
def new_template(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask what the new template is; or make it."""
    editor = TemplateEditor(
        organization=desk.organization, data=request.POST if request.method == "POST" else None
    )
    if request.method != "POST":
        return _editor_page(request, desk, editor)
    if "add" in request.POST or "chosen" in request.POST:
        return _longer_editor_page(request, desk, editor)
    if editor.is_valid():
        try:
            made = create_template(organization=desk.organization, fields=editor.given(), by=desk.user)
        except RuleBroken as refusal:
            editor.refuse(refusal)
        else:
            messages.success(
                request, _("“%(title)s” is made. Give it a picture, then issue it.") % {"title": str(made)}
            )
            return desk.go("template", made.uuid)
    return _editor_page(request, desk, editor, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_template(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the editor, and what a change means for badges that are out; or change the template."""
    row, version = template_of(desk, template_id)
    if row.is_archived:
        messages.warning(request, _("This template is archived. Restore it before changing it."))
        return desk.go("template", row.uuid)
    editor = TemplateEditor(
        organization=desk.organization, template=row, data=request.POST if request.method == "POST" else None
    )
    if request.method != "POST":
        return _editor_page(request, desk, editor)
    if "add" in request.POST or "chosen" in request.POST:
        return _longer_editor_page(request, desk, editor)
    if editor.is_valid():
        try:
            changed = update_template(template=row, fields=editor.given(), by=desk.user)
        except RuleBroken as refusal:
            editor.refuse(refusal)
        else:
            messages.success(request, _saved_words(changed, version))
            return desk.go("template", row.uuid)
    return _editor_page(request, desk, editor, status=400)


@require_POST
@for_scope(ApiScope.WRITE)
def template_preview(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the badge's page as what is typed would make it: a part for the editor, or a page of its own without scripts."""
    row = None
    if request.POST.get("template"):
        try:
            row, _version = template_of(desk, UUID(request.POST["template"]))
        except ValueError as error:
            raise Http404 from error
    editor = TemplateEditor(organization=desk.organization, template=row, data=request.POST)
    page = "_preview.html" if request.headers.get("HX-Request") else "preview.html"
    return desk.page(request, f"manage/templates/{page}", _preview_of(desk, editor))


def _editor_page(
    request: HttpRequest, desk: Desk, editor: TemplateEditor, *, status: int = 200
) -> HttpResponse:
    context = _preview_of(desk, editor) | {
        "editor": editor,
        "form": editor.form,
        "row": editor.template,
        "meaning": _meaning_of_a_change(editor.template),
        "used": used_alignments(desk.organization),
        "frameworks": FRAMEWORKS,
    }
    return desk.page(request, "manage/templates/editor.html", context, status=status)


def _longer_editor_page(request: HttpRequest, desk: Desk, editor: TemplateEditor) -> HttpResponse:
    """Show the editor with another row, or with the alignments that were pasted or chosen; nothing is saved."""
    chosen = request.POST.get("chosen", "")
    name = "alignments" if chosen else request.POST.get("add", "")
    if name not in editor.rows:
        return _editor_page(request, desk, editor, status=400)
    return _editor_page(request, desk, editor.with_more(name, chosen=chosen))


def _preview_of(desk: Desk, editor: TemplateEditor) -> dict[str, Any]:
    shown = editor.draft
    saved = editor.template.current_version if editor.template else None
    return version_context(shown, desk.organization) | {"picture": picture_of(desk, editor.template, saved)}


def _issued_from(version: BadgeTemplateVersion) -> int:
    """Return how many badges were issued from a version, counted up to just over COUNTED."""
    return Badge.objects.filter(version=version).order_by()[: COUNTED + 1].count()


def _meaning_of_a_change(row: BadgeTemplate | None) -> str:
    """Return what saving will mean for badges that are out; empty for a new template."""
    version = row.current_version if row else None
    if version is None:
        return ""
    if not version.is_sealed:
        return _("No badge was issued from version %(number)d yet, so your changes are made in it.") % {
            "number": version.number
        }
    count = _issued_from(version)
    names = {"count": count, "many": COUNTED, "number": version.number, "next": version.number + 1}
    if count > COUNTED:
        return (
            _(
                "More than %(many)d badges were issued from version %(number)d: they stay as they are. A change to what the"
                " badge says makes version %(next)d, for badges issued from then on."
            )
            % names
        )
    return (
        ngettext(
            "%(count)d badge was issued from version %(number)d: it stays as it is. A change to what the badge says makes"
            " version %(next)d, for badges issued from then on.",
            "%(count)d badges were issued from version %(number)d: they stay as they are. A change to what the badge says"
            " makes version %(next)d, for badges issued from then on.",
            count,
        )
        % names
    )


def _saved_words(changed: BadgeTemplate, before: BadgeTemplateVersion) -> str:
    after = changed.current_version
    if after is not None and after.number != before.number:
        return _("Saved as version %(number)d. Badges issued from earlier versions stay as they are.") % {
            "number": after.number
        }
    return _("Saved.")
