"""Learning paths in the browser: their steps, whom new steps would reward, and how far earners are."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter

from badges.manage.path_forms import NewPathForm, OrderForm, StepsFormSet, steps_forms, templates_for_steps
from badges.models import BadgeTemplate, PathProgress, PathStep
from badges.services.paths import PathForesight, foresee_steps, retry_path_progress, set_path_steps
from badges.services.standings import progress_of
from badges.services.templates import update_template
from config.exceptions import RuleBroken
from earners.models import Earner
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.manage.listing import ListFilters, listing_of


class PathFilters(ListFilters):
    """The search finds titles."""

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep paths whose title has the text."""
        return rows.filter(current_version__title__icontains=value)


class ProgressFilters(ListFilters):
    """Earners on a path by how far they are; the search finds names and addresses."""

    standing = ChoiceFilter(
        choices=[
            ("under_way", gettext_lazy("On the way")),
            ("awarded", gettext_lazy("Have the badge")),
            ("refused", gettext_lazy("Badge refused")),
        ],
        label=gettext_lazy("Standing"),
        empty_label=gettext_lazy("All"),
        method="by_standing",
    )

    def by_standing(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep who is on the way, was given the badge, or was refused it."""
        if value == "awarded":
            return rows.filter(badge__isnull=False)
        refused = Q(badge__isnull=True) & ~Q(problem="")
        return rows.filter(refused) if value == "refused" else rows.filter(badge__isnull=True, problem="")

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep earners who have the text in name or address."""
        return rows.filter(
            Q(earner__email__icontains=value)
            | Q(earner__first_name__icontains=value)
            | Q(earner__last_name__icontains=value)
        )


@require_safe
@for_scope(ApiScope.READ)
def paths(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the learning paths, newest first: steps, who is on the way, who has the badge."""
    rows = (
        BadgeTemplate.objects.filter(
            organization=desk.organization, is_learning_path=True, archived_at__isnull=True
        )
        .select_related("current_version")
        .annotate(
            steps=_counted(PathStep.objects.all()),
            under_way=_counted(PathProgress.objects.filter(badge=None, steps_done__gt=0)),
        )
        .order_by("-pk")
    )
    return desk.page(request, "manage/paths/list.html", {"listing": listing_of(request, PathFilters, rows)})


def _counted(rows: "QuerySet[Any]") -> Coalesce:
    """Return how many of the rows a path has: counted for the paths of a page alone, whatever the others have."""
    found = rows.filter(path=OuterRef("pk")).order_by().values("path")
    return Coalesce(Subquery(found.annotate(count=Count("pk")).values("count")), 0)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def new_path(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask which badge stands at the end; or make its template a learning path, and lead on to the steps."""
    form = NewPathForm(request.POST if request.method == "POST" else None, organization=desk.organization)
    if form.is_valid():
        template = form.cleaned_data["template"]
        try:
            update_template(template=template, fields={"is_learning_path": True}, by=desk.user)
        except RuleBroken as refusal:
            form.add_error(None, refusal.message)
        else:
            return desk.go("edit_path", template.uuid)
    status = 400 if form.errors else 200
    return desk.page(request, "manage/paths/new.html", {"form": form}, status=status)


@require_safe
@for_scope(ApiScope.READ)
def path(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the steps of a path, how many earners reached each, and the earners."""
    row = _path(desk, template_id)
    steps = _steps(row)
    rows = PathProgress.objects.filter(path=row).filter(
        Q(steps_done__gt=0) | Q(badge__isnull=False) | ~Q(problem="")
    )
    reached = dict(rows.order_by().values_list("steps_done").annotate(earners=Count("pk")))
    counts = rows.aggregate(
        under_way=Count("pk", filter=Q(badge__isnull=True, problem="")),
        awarded=Count("pk", filter=Q(badge__isnull=False)),
        refused=Count("pk", filter=Q(badge__isnull=True) & ~Q(problem="")),
    )
    total = sum(reached.values())
    at_least = [sum(earners for done, earners in reached.items() if done >= step.position) for step in steps]
    listed = rows.select_related("earner", "badge").order_by("-steps_done", "-pk")
    return desk.page(
        request,
        "manage/paths/path.html",
        {
            "path": row,
            "steps": list(zip(steps, at_least, strict=True)),
            "counts": counts,
            "total": total,
            "listing": listing_of(request, ProgressFilters, listed),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def edit_path(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the steps to be changed; or set them, after saying whom that gives the badge at once."""
    row = _path(desk, template_id)
    templates = list(templates_for_steps(desk.organization, row))
    is_sent = request.method == "POST"
    order = OrderForm(request.POST if is_sent else None, initial={"in_order": row.is_path_in_order})
    steps = steps_forms(
        request.POST if is_sent else None, initial=[] if is_sent else _initial(row), templates=templates
    )
    foresight = None
    if is_sent and order.is_valid() and steps.is_valid():
        specs, in_order = steps.specs(templates), order.cleaned_data["in_order"]
        try:
            foresight = foresee_steps(path=row, steps=specs, in_order=in_order)
            if not _has_to_be_said(request, foresight):
                set_path_steps(path=row, steps=specs, in_order=in_order, by=desk.user)
                messages.success(
                    request, _("Saved. Who has done all steps is given the badge within a minute.")
                )
                return desk.go("path", template_id)
        except RuleBroken as refusal:
            steps.refuse(refusal)
            foresight = None
    return _edit_page(request, desk, row, order, steps, foresight)


@require_safe
@for_scope(ApiScope.READ)
def path_earner(request: HttpRequest, desk: Desk, template_id: UUID, earner_id: UUID) -> HttpResponse:
    """Show one earner's standing, step by step."""
    row = _path(desk, template_id)
    earner = get_object_or_404(Earner, organization=desk.organization, uuid=earner_id)
    progress = PathProgress.objects.select_related("badge").filter(path=row, earner=earner).first()
    standing = progress_of(path=row, earner=earner)
    steps = [
        (step, [(template, step.earned.get(template.pk)) for template in step.step.templates.all()])
        for step in standing.steps
    ]
    context = {"path": row, "earner": earner, "progress": progress, "standing": standing, "steps": steps}
    return desk.page(request, "manage/paths/earner.html", context)


@require_POST
@for_scope(ApiScope.ISSUE)
def retry_path_award(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Have the path's badge tried again for all to whom it was refused, or for the one that `earner` names."""
    row = _path(desk, template_id)
    earner = None
    if request.POST.get("earner"):
        earners = Earner.objects.filter(organization=desk.organization, path_progress__path=row)
        earner = next((one for one in earners if str(one.uuid) == request.POST["earner"]), None)
        if earner is None:
            messages.error(request, _("There is no such earner on this path."))
            return desk.go("path", template_id)
    try:
        count = retry_path_progress(path=row, earner=earner, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(
            request,
            ngettext(
                "Tried again for %(count)d earner, within a minute.",
                "Tried again for %(count)d earners, within a minute.",
                count,
            )
            % {"count": count},
        )
    return desk.go("path", template_id)


def _path(desk: Desk, template_id: UUID) -> BadgeTemplate:
    rows = BadgeTemplate.objects.select_related("current_version")
    return get_object_or_404(rows, organization=desk.organization, uuid=template_id, is_learning_path=True)


def _steps(row: BadgeTemplate) -> list[PathStep]:
    found = PathStep.objects.filter(path=row).order_by("position")
    return list(found.prefetch_related("templates__current_version"))


def _initial(row: BadgeTemplate) -> list[dict[str, Any]]:
    return [
        {
            "title": step.title,
            "needed": step.needed,
            "templates": [str(template.uuid) for template in step.templates.all()],
        }
        for step in _steps(row)
    ]


def _has_to_be_said(request: HttpRequest, foresight: PathForesight) -> bool:
    """Whether the change gives badges at once, and who sends the form has not been told so."""
    return foresight.complete > 0 and request.POST.get("told") != str(foresight.complete)


def _edit_page(
    request: HttpRequest,
    desk: Desk,
    row: BadgeTemplate,
    order: OrderForm,
    steps: StepsFormSet,
    foresight: PathForesight | None,
) -> HttpResponse:
    is_wrong = bool(steps.is_bound and (order.errors or any(steps.errors) or steps.non_form_errors()))
    context = {"path": row, "order": order, "steps": steps, "foresight": foresight}
    return desk.page(request, "manage/paths/edit.html", context, status=400 if is_wrong else 200)
