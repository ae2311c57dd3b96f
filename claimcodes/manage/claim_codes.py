"""Claim codes in the browser: made, found, printed, shown at an event, changed and deleted; and who claimed."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter, ModelChoiceFilter

from badges.models import BadgeTemplate
from claimcodes.api.code_files import codes_as_csv
from claimcodes.choosing import choose, count_others
from claimcodes.exceptions import ClaimCodeTaken
from claimcodes.guesses import TooManyGuesses
from claimcodes.manage.forms import MULTI, OWN, CodeForm, NewCodesForm
from claimcodes.manage.printing import LAYOUTS, MAX_ON_SHEETS, qr_png, qr_svg, qr_uri
from claimcodes.models import Claim, ClaimCode
from claimcodes.querysets import ClaimCodeQuerySet
from claimcodes.services import (
    create_claim_code,
    create_claim_codes,
    delete_claim_code,
    update_claim_code,
)
from config.exceptions import RuleBroken
from config.text import folded
from organizations.enums import ApiScope, AuditAct
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.manage.listing import ListFilters, listing_of
from organizations.manage.once import once
from organizations.services.audit import note_act

SHOWN_CLAIMS = 200
ON_SCREEN = 8  # names of who claimed last
NEW = timedelta(minutes=5)


def _templates(request: HttpRequest | None) -> "QuerySet[BadgeTemplate]":
    """Return the templates that have codes, for the filter; which organization's, the view says in the request."""
    organization = getattr(request, "organization", None)
    has_codes = Exists(ClaimCode.objects.filter(template=OuterRef("pk")))
    rows = BadgeTemplate.objects.filter(has_codes, organization=organization)
    return rows.select_related("current_version").order_by("current_version__title", "pk")


class CodeFilters(ListFilters):
    """Codes by badge, kind and state; the search finds codes and who claimed."""

    template = ModelChoiceFilter(
        queryset=_templates,
        to_field_name="uuid",
        label=gettext_lazy("Badge"),
        empty_label=gettext_lazy("All"),
    )
    state = ChoiceFilter(
        choices=[
            ("open", gettext_lazy("Can be used")),
            ("used", gettext_lazy("Used up")),
            ("ended", gettext_lazy("Time is over")),
        ],
        label=gettext_lazy("State"),
        empty_label=gettext_lazy("All"),
        method="by_state",
    )
    kind = ChoiceFilter(
        choices=[("single", gettext_lazy("One person")), ("multi", gettext_lazy("Many"))],
        label=gettext_lazy("For"),
        empty_label=gettext_lazy("All"),
        method="by_kind",
    )

    def by_state(self, rows: ClaimCodeQuerySet, name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep codes that can be used, are used up, or whose time is over."""
        if value == "open":
            return rows.claimable()
        over = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
        return rows.filter(over) if value == "ended" else rows.exclude(over).exclude(pk__in=rows.claimable())

    def by_kind(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep codes for one person, or for many."""
        return rows.filter(is_multiuse=value == "multi")

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep codes with the text in them, and those that an address claimed with."""
        return rows.filter(
            Q(code_key__contains=folded(value))
            | Q(pk__in=Claim.objects.filter(email_key=folded(value)).values("claim_code"))
        )


@require_safe
@for_scope(ApiScope.READ)
def claim_codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the codes of all templates, newest first."""
    context = {"listing": _listing(request, desk), "query": request.GET.urlencode()}
    return desk.page(request, "manage/claim_codes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
@once
def new_claim_codes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for which badge, for whom and how many; or make the codes, all or none."""
    initial = {"template": request.GET.get("template")}
    form = NewCodesForm(
        request.POST if request.method == "POST" else None, organization=desk.organization, initial=initial
    )
    if form.is_valid():
        made = _made(desk, form)
        if made:
            words = ngettext("%(count)d claim code is made.", "%(count)d claim codes are made.", len(made))
            messages.success(request, words % {"count": len(made)})
            if len(made) == 1:
                return desk.go("claim_code", made[0].uuid)
            return desk.go("claim_codes", template=form.cleaned_data["template"].uuid, state="open")
    status = 400 if form.errors else 200
    return desk.page(request, "manage/claim_codes/new.html", {"form": form}, status=status)


@require_safe
@for_scope(ApiScope.READ)
def claim_code(request: HttpRequest, desk: Desk, code_id: UUID) -> HttpResponse:
    """Show a code, its QR code, and who claimed with it."""
    row = _code(desk, code_id)
    return _code_page(request, desk, row, CodeForm(claim_code=row))


@require_POST
@for_scope(ApiScope.ISSUE)
def change_claim_code(request: HttpRequest, desk: Desk, code_id: UUID) -> HttpResponse:
    """Change how often and until when a code may be used; or end it now."""
    row = _code(desk, code_id)
    form = CodeForm(request.POST, claim_code=row)
    fields: dict[str, Any] = {}
    if "end" in request.POST:
        fields = {"expires_at": timezone.now()}
    elif form.is_valid():
        fields = {"expires_at": form.expires_at()}
        if row.is_multiuse:
            fields["max_uses"] = form.cleaned_data["max_uses"]
    if fields:
        try:
            update_claim_code(claim_code=row, fields=fields, by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("The code opens nothing any more.") if "end" in request.POST else _("Saved.")
            )
            return desk.go("claim_code", code_id)
    return _code_page(request, desk, row, form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def remove_claim_code(request: HttpRequest, desk: Desk, code_id: UUID) -> HttpResponse:
    """Say what deleting does; or delete the code."""
    row = _code(desk, code_id)
    if request.method != "POST":
        return desk.page(request, "manage/claim_codes/delete.html", {"code": row})
    try:
        delete_claim_code(claim_code=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return desk.go("claim_code", code_id)
    messages.success(request, _("The code is deleted. Badges that were claimed with it stay."))
    return desk.go("claim_codes")


@require_safe
@for_scope(ApiScope.READ)
def claim_code_qr(request: HttpRequest, desk: Desk, code_id: UUID, ending: str) -> HttpResponse:
    """Answer the QR code of a code as a file, svg or png."""
    del request
    row = _code(desk, code_id)
    kinds = {"svg": (qr_svg, "image/svg+xml"), "png": (qr_png, "image/png")}
    if ending not in kinds:
        raise Http404
    draw, content_type = kinds[ending]
    name = f"claim-code-{row.template.slug[:60]}.{ending}"
    return HttpResponse(
        draw(row.public_url),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
@for_scope(ApiScope.READ)
def claim_codes_sheet(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the codes that the filters keep and that can still be used, as sheets to be printed; `code` names one."""
    layout = LAYOUTS.get(request.GET.get("layout", ""), LAYOUTS["labels24"])
    if request.GET.get("code"):
        rows = [_code(desk, _uuid(request.GET["code"]))]
        count = 1
    else:
        found = _filters(request, desk).narrowed().filter(pk__in=ClaimCode.objects.claimable())
        count = found.count()
        rows = list(found.order_by("pk")[:MAX_ON_SHEETS])
    labels = [(row, qr_uri(row.public_url)) for row in rows]
    size = layout.on_a_sheet
    kept = request.GET.copy()
    kept.pop("layout", None)
    context = {
        "layout": layout,
        "layouts": LAYOUTS.values(),
        "sheets": [labels[start : start + size] for start in range(0, len(labels), size)],
        "count": count,
        "left_out": count - len(rows),
        "kept": kept.urlencode(),
        "address": rows[0].public_url.partition("?")[0] if rows else "",
    }
    return desk.page(request, "manage/claim_codes/sheet.html", context)


@require_safe
@for_scope(ApiScope.READ)
def claim_codes_export(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:
    """Answer the codes that the filters keep as CSV, in the order in which they were made; the log notes who took them."""
    if request.method == "GET":
        note_act(
            organization=desk.organization,
            act=AuditAct.DATA_EXPORTED,
            by=desk.user,
            details={"claim_codes": "csv"},
        )
    content = codes_as_csv(
        cast("ClaimCodeQuerySet", _filters(request, desk).narrowed()), ZoneInfo(desk.organization.time_zone)
    )
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{desk.organization.slug}-claim-codes.csv"'},
    )


@require_safe
@for_scope(ApiScope.READ)
def event_screen(request: HttpRequest, desk: Desk, code_id: UUID) -> HttpResponse:
    """Show a code on a large screen: QR code, address, and how many have claimed, counting on."""
    row = _code(desk, code_id)
    context = _standing(request, row) | {"qr": qr_uri(row.public_url)}
    return desk.page(request, "manage/claim_codes/event.html", context)


@require_safe
@for_scope(ApiScope.READ)
def event_counter(request: HttpRequest, desk: Desk, code_id: UUID) -> HttpResponse:
    """Answer the part of the event's screen that changes."""
    return desk.page(
        request, "manage/claim_codes/_event_counter.html", _standing(request, _code(desk, code_id))
    )


def _filters(request: HttpRequest, desk: Desk) -> CodeFilters:
    request.organization = desk.organization  # type: ignore[attr-defined]  # for the filter of templates
    return CodeFilters(request.GET, queryset=_codes(desk), request=request)


def _listing(request: HttpRequest, desk: Desk) -> Any:
    request.organization = desk.organization  # type: ignore[attr-defined]
    return listing_of(request, CodeFilters, _codes(desk))


def _codes(desk: Desk) -> ClaimCodeQuerySet:
    codes: ClaimCodeQuerySet = ClaimCode.objects.filter(template__organization=desk.organization)
    return codes.select_related("template__current_version").order_by("-pk")


def _code(desk: Desk, code_id: UUID) -> ClaimCode:
    rows = ClaimCode.objects.select_related("template__current_version")
    return get_object_or_404(rows, template__organization=desk.organization, uuid=code_id)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _made(desk: Desk, form: NewCodesForm) -> list[ClaimCode]:
    """Make what a valid form asks for; nothing where it was refused, and then the form says why."""
    values = form.cleaned_data
    common = {
        "template": values["template"],
        "is_multiuse": values["uses"] == MULTI,
        "max_uses": values["max_uses"] if values["uses"] == MULTI else None,
        "expires_at": form.expires_at(),
        "by": desk.user,
    }
    try:
        if values["how"] != OWN:
            return create_claim_codes(
                count=values["count"], prefix=values["begins_with"], length=values["length"], **common
            )
        code = values["code"]
        return [
            choose(
                organization=desk.organization,
                codes=[code],
                act=lambda: create_claim_code(code=code, **common),
            )
        ]
    except ClaimCodeTaken as refusal:
        count_others(desk.organization, refusal.others)
        form.refuse(refusal)
    except TooManyGuesses:
        form.add_error(
            "code", _("Too many codes that are taken were tried. Wait some minutes, or draw one at random.")
        )
    except RuleBroken as refusal:
        form.refuse(refusal)
    return []


def _code_page(request: HttpRequest, desk: Desk, row: ClaimCode, form: CodeForm) -> HttpResponse:
    claims = Claim.objects.filter(claim_code=row).select_related("badge").order_by("-pk")
    context = {
        "code": row,
        "form": form,
        "qr": qr_uri(row.public_url),
        "claims": claims[:SHOWN_CLAIMS],
        "claims_left_out": max(0, row.uses - SHOWN_CLAIMS),
        "layouts": LAYOUTS.values(),
    }
    return desk.page(request, "manage/claim_codes/code.html", context, status=400 if form.errors else 200)


def _standing(request: HttpRequest, row: ClaimCode) -> dict[str, Any]:
    """Return what the screen of an event counts. Names are shown where `names` is asked for: a first name and an initial."""
    wants_names = "names" in request.GET
    claims = Claim.objects.filter(claim_code=row).select_related("badge").order_by("-pk")[:ON_SCREEN]
    names = [
        " ".join(filter(None, [badge.recipient_first_name, f"{badge.recipient_last_name[:1]}."]))
        for claim in (claims if wants_names else ())
        if (badge := claim.badge) is not None and badge.recipient_first_name
    ]
    return {"code": row, "names": names, "wants_names": wants_names}
