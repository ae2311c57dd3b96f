"""Issuing, step by step: what, to whom, with what, and a look before it is done. Each step has an address."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from badges.manage.award_forms import AwardForm, more_evidence
from badges.manage.drafts import Draft, Drafts
from badges.manage.recipient_forms import FORMS, SOURCES, AudienceForm
from badges.manage.version_pictures import picture_of
from badges.models import BadgeTemplate
from badges.services.findings import Level
from badges.services.issue_plans import (
    Audience,
    Done,
    IssuePlan,
    Wish,
    check_wish,
    issue_once,
    issued_before,
    plan_issue,
)
from badges.services.verifiability import are_mails_sent
from config.exceptions import RuleBroken
from earners.models import Earner, EarnersList
from organizations.enums import ApiScope
from organizations.forms import RefusableForm
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import ListFilters, listing_of

ON_A_PAGE = 24
CARRIED = ("list", "earner", "draft")  # what the address of the first step says for the second


class TemplateFilters(ListFilters):
    """The search among templates."""

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep templates whose title or code has the text."""
        return rows.filter(Q(current_version__title__icontains=value) | Q(code__icontains=value))


@require_safe
@for_scope(ApiScope.ISSUE)
def choose_template(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what can be issued; or go on where the address says what."""
    carried = _carried(request)
    if "template" in request.GET:
        return desk.go("issue_recipients", template=request.GET["template"], **carried)
    templates = (
        BadgeTemplate.objects.issuable()
        .filter(organization=desk.organization)
        .select_related("current_version")
        .order_by("current_version__title", "pk")
    )
    listing = listing_of(request, TemplateFilters, templates, on_a_page=ON_A_PAGE)
    tiles = [
        (
            row,
            picture_of(desk, row, row.current_version),
            desk.url("issue_recipients", template=row.uuid, **carried),
        )
        for row in listing.page
    ]
    context = {"listing": listing, "tiles": tiles, "carried": carried, "step": 1}
    return desk.page(request, "manage/issue/template.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def choose_recipients(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask who gets the badge: one person, addresses, a list or a file; keep the answer and go on."""
    drafts = Drafts(request, desk.organization)
    draft = drafts.find(request.GET.get("draft", ""), with_recipients=True)
    template = _template(desk, request.GET.get("template") or (draft.template if draft else ""))
    if template is None:
        return _begin_again(request, desk)
    source = _source(request, draft)
    if request.method == "POST":
        form = FORMS[source](request.POST, request.FILES, organization=desk.organization)
        if form.is_valid():
            draft = draft or drafts.new(str(template.uuid))
            _fill(draft, template, source, form)
            drafts.keep(draft)
            return desk.go("issue_details", draft=draft.pk)
    else:
        form = FORMS[source](initial=_initial(request, desk, source, draft), organization=desk.organization)
    query = {"template": template.uuid, **_carried(request)}
    context = {
        "template": template,
        "picture": picture_of(desk, template, template.current_version),
        "form": form,
        "source": source,
        "sources": [
            (name, words, icon, desk.url("issue_recipients", **query, to=name))
            for name, (words, icon) in SOURCES.items()
        ],
        "draft": draft,
        "step": 2,
    }
    return desk.page(request, "manage/issue/recipients.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def describe(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask what the badges say and when they are issued; keep the answer and go on."""
    drafts = Drafts(request, desk.organization)
    draft = drafts.find(request.GET.get("draft", ""))
    template = _template(desk, draft.template) if draft else None
    if draft is None or template is None:
        return _begin_again(request, desk)
    status = 200
    if request.method == "POST" and "add_evidence" in request.POST:
        form = _award_form(template, more_evidence(request.POST))
        form.forget_errors()
    elif request.method == "POST":
        form = _award_form(template, request.POST)
        if _is_accepted(form, template, desk):
            draft.details = {
                name: [str(value) for value in request.POST.getlist(name)] for name in request.POST
            }
            drafts.keep(draft)
            return desk.go("issue_summary", draft=draft.pk)
        status = 400
    else:
        form = _award_form(template, _typed(draft))
    context = {
        "template": template,
        "picture": picture_of(desk, template, template.current_version),
        "form": form,
        "draft": draft,
        "step": 3,
    }
    return desk.page(request, "manage/issue/details.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.ISSUE)
def summary(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what issuing would do; or do it, once however often it is sent."""
    drafts = Drafts(request, desk.organization)
    token = request.GET.get("draft", "")
    draft = drafts.find(token, with_recipients=True)
    # Asked after the draft: whoever issues drops it then, so one of the two is there whenever the form is sent again.
    done = issued_before(organization=desk.organization, token=token) if token else None
    if done is not None:
        return _lead_to(desk, done)
    template = _template(desk, draft.template) if draft else None
    if draft is None or template is None:
        return _begin_again(request, desk)
    details = _award_form(template, _typed(draft))
    if not details.is_valid():
        return desk.go("issue_details", draft=draft.pk)
    audience = _audience(desk, draft)
    if audience is None:
        messages.error(request, _("The list is gone meanwhile. Choose once more who gets the badge."))
        return desk.go("issue_recipients", draft=draft.pk, to="list")
    wish = replace(
        details.wish(report_to=desk.user.email),
        leaves_out_holders="leave_out" in (request.POST if request.method == "POST" else request.GET),
    )
    form = RefusableForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            done = issue_once(
                token=draft.pk,
                template=template,
                audience=audience,
                wish=wish,
                expected=_number(request.POST.get("count", "")),
                by=desk.user,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            drafts.drop(draft.pk)
            _say_done(request, done, wish)
            return _lead_to(desk, done)
    plan = plan_issue(template=template, audience=audience, leaves_out_holders=wish.leaves_out_holders)
    context = {
        "template": template,
        "picture": picture_of(desk, template, template.current_version),
        "form": form,
        "draft": draft,
        "plan": plan,
        "wish": wish,
        "audience": audience,
        "recipients": draft.recipients,
        "doubts": [finding for finding in plan.findings if finding.level is Level.ERROR],
        "remarks": [finding for finding in plan.findings if finding.code == "mail" and wish.is_announced],
        "button": _button_words(plan, wish),
        "step": 4,
    }
    return desk.page(request, "manage/issue/summary.html", context, status=400 if form.errors else 200)


def _template(desk: Desk, uuid: str) -> BadgeTemplate | None:
    """Return the organization's template of this id, if badges can be issued from it."""
    templates = BadgeTemplate.objects.issuable().filter(organization=desk.organization)
    try:
        return templates.select_related("organization", "current_version__template").filter(uuid=uuid).first()
    except ValidationError:  # no id at all
        return None


def _carried(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in CARRIED if name in request.GET}


def _begin_again(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Lead to the first step, with the reason where something was lost."""
    if "draft" in request.GET:
        messages.warning(
            request, _("What was typed here is kept for a day, and it is gone now. Nothing was issued of it.")
        )
    elif "template" in request.GET:
        messages.warning(request, _("No badge can be issued from this template. Choose another one."))
    return desk.go("issue")


def _source(request: HttpRequest, draft: Draft | None) -> str:
    """Return where the people come from: as the address says, or as before."""
    if request.GET.get("to") in FORMS:
        return request.GET["to"]
    if "list" in request.GET:
        return "list"
    if "earner" in request.GET:
        return "person"
    return draft.source if draft is not None else "paste"


def _initial(request: HttpRequest, desk: Desk, source: str, draft: Draft | None) -> dict[str, Any]:
    """Return what a form begins with: what was typed before, or whom the address names."""
    if source == "list" and ("list" in request.GET or draft is not None):
        return {"list": request.GET.get("list") or (draft.list_uuid if draft else None)}
    if source == "person" and "earner" in request.GET:
        try:
            earner = Earner.objects.filter(organization=desk.organization, uuid=request.GET["earner"]).first()
        except ValidationError:
            earner = None
        if earner is not None:
            return {"email": earner.email, "first_name": earner.first_name, "last_name": earner.last_name}
    return dict(draft.typed) if draft is not None and draft.source == source else {}


def _fill(draft: Draft, template: BadgeTemplate, source: str, form: AudienceForm) -> None:
    """Put the answer of the second step into a draft."""
    found, chosen = form.recipients, form.earners_list
    draft.template, draft.source, draft.typed = str(template.uuid), source, form.typed()
    draft.recipients, draft.file_name = found, form.file_name
    draft.list_uuid = str(chosen.uuid) if chosen is not None else None
    draft.counts = {
        "people": chosen.earners_count if chosen is not None else len(found.people) if found else 0,
        "list": chosen.name if chosen is not None else "",
        "unusable": found.unusable_count if found else 0,
    }


def _award_form(template: BadgeTemplate, data: Any) -> AwardForm:
    return AwardForm(data, template=template)


def _typed(draft: Draft) -> QueryDict | None:
    """Return the fields of the third step as they were typed."""
    if draft.details is None:
        return None
    typed = QueryDict(mutable=True)
    for name, values in draft.details.items():
        typed.setlist(name, values)
    return typed


def _is_accepted(form: AwardForm, template: BadgeTemplate, desk: Desk) -> bool:
    """Return whether all badges could say this; what the services refuse is shown in the form."""
    if not form.is_valid():
        return False
    try:
        check_wish(template=template, wish=form.wish(report_to=desk.user.email))
    except RuleBroken as refusal:
        form.refuse(refusal)
        return False
    return True


def _audience(desk: Desk, draft: Draft) -> Audience | None:
    """Return who gets the badge; None where the list is gone."""
    if draft.list_uuid is None:
        return Audience(people=draft.recipients.people if draft.recipients else ())
    chosen = EarnersList.objects.filter(organization=desk.organization, uuid=UUID(draft.list_uuid)).first()
    return None if chosen is None else Audience(earners_list=chosen)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _button_words(plan: IssuePlan, wish: Wish) -> str:
    if wish.starts_at is not None:
        return ngettext("Schedule %(count)d badge", "Schedule %(count)d badges", plan.count) % {
            "count": plan.count
        }
    return ngettext("Issue %(count)d badge", "Issue %(count)d badges", plan.count) % {"count": plan.count}


def _say_done(request: HttpRequest, done: Done, wish: Wish) -> None:
    if done.badge is not None:
        words = _("The badge is issued.")
        if wish.is_announced:
            words = (
                _("The badge is issued, and its earner is told by mail.")
                if are_mails_sent()
                else _("The badge is issued. This server sends no mail: give its earner the link.")
            )
    elif wish.starts_at is not None:
        words = _("It is scheduled. The credits were taken; they come back if you cancel it.")
    else:
        words = _("It has begun. You can leave this page: it goes on by itself.")
    messages.success(request, words)


def _lead_to(desk: Desk, done: Done) -> HttpResponse:
    return desk.go("badge", done.badge) if done.badge is not None else desk.go("batch", done.batch)
