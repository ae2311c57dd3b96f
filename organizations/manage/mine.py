"""The organizations of who is signed in: where they work, and where staff may look in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from organizations.enums import AuditAct
from organizations.manage.desk import LOOKING_KEY, private
from organizations.manage.profile import user_of
from organizations.models import Membership, Organization
from organizations.services.audit import note_act
from organizations.services.sign_up import is_waiting_for_first, may_make_organization

ON_A_PAGE = 25
MANY = 8  # organizations from which on a search box helps
MAX_SEARCH = 200


@require_safe
@login_required
def my_organizations(request: HttpRequest) -> HttpResponse:
    """Lead to the one organization of a person, or to making the first; else let them choose. Superusers search all."""
    user = user_of(request)
    asked = request.GET.get("q", "")[:MAX_SEARCH].strip()
    mine = Membership.objects.filter(user=user)
    total = mine.count()
    is_choosing = "choose" in request.GET or "q" in request.GET
    if total == 0 and is_waiting_for_first():
        return HttpResponseRedirect(reverse("new_organization"))
    if total == 1 and not is_choosing and not user.sees_everything:
        return HttpResponseRedirect(reverse("manage:dashboard", args=[mine.get().organization_id]))
    found = mine.select_related("organization").order_by("organization__name", "pk")
    others = Organization.objects.none()
    if user.sees_everything:
        others = Organization.objects.exclude(memberships__user=user).order_by("name", "pk")
    if asked:
        words = Q(name__icontains=asked) | Q(slug__icontains=asked)
        named = Q(organization__name__icontains=asked) | Q(organization__slug__icontains=asked)
        found, others = found.filter(named), others.filter(words)
    response = render(
        request,
        "manage/mine/list.html",
        {
            "place": "organizations",
            "memberships": Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
            "others": Paginator(others, ON_A_PAGE).get_page(request.GET.get("others")),
            "asked": asked,
            "is_searchable": bool(asked) or total > MANY or user.sees_everything,
            "may_make": may_make_organization(user),
            "sees_everything": user.sees_everything,
        },
    )
    private(response)
    return response


@require_POST
@login_required
def look_in(request: HttpRequest, organization: int) -> HttpResponse:
    """Let a superuser see the pages of an organization that they are no member of; the organization's log tells it."""
    user = user_of(request)
    if not user.sees_everything:
        raise PermissionDenied
    row = get_object_or_404(Organization, pk=organization)
    note_act(organization=row, act=AuditAct.STAFF_ENTERED, by=user, subject=row.uuid, label=row.name)
    request.session[LOOKING_KEY] = sorted({*request.session.get(LOOKING_KEY, []), row.pk})
    return HttpResponseRedirect(reverse("manage:dashboard", args=[row.pk]))


@require_POST
@login_required
def stop_looking_in(request: HttpRequest) -> HttpResponse:
    """End all looking in."""
    request.session.pop(LOOKING_KEY, None)
    messages.success(request, _("You look in nowhere any more."))
    return HttpResponseRedirect(reverse("my_organizations"))
