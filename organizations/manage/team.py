"""The team: who belongs to the organization, as what, and who is invited; roles changed, memberships ended."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_filters import ChoiceFilter

from config.exceptions import RuleBroken
from organizations.enums import ApiScope, Role
from organizations.manage.desk import Desk, for_scope, lately_confirmed, say_refused
from organizations.manage.forms_people import RoleForm
from organizations.manage.listing import ListFilters, listing_of
from organizations.models import Invitation, Membership
from organizations.services.authority import RANKS
from organizations.services.members import change_role as give_role
from organizations.services.members import remove_member as end_membership

if TYPE_CHECKING:
    from django.utils.functional import Promise

MANY = 8  # members from which on a search box helps
ROLE_WORDS: dict[Role, "str | Promise"] = {
    Role.VIEWER: gettext_lazy("sees badges, templates, earners and figures"),
    Role.ISSUER: gettext_lazy("issues and revokes badges, makes claim codes, and sees all that viewers see"),
    Role.ADMIN: gettext_lazy("does what issuers do, and changes templates, lists, team and settings"),
    Role.OWNER: gettext_lazy("does everything, and makes others owners"),
}


class TeamFilters(ListFilters):
    """Members by name, address and role."""

    role = ChoiceFilter(
        choices=Role.choices, label=gettext_lazy("Role"), empty_label=gettext_lazy("All roles")
    )

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Find by address, and by name, as far as it is shown."""
        has_come = Q(user__last_login__gte=F("created_at"))
        named = Q(user__first_name__icontains=value) | Q(user__last_name__icontains=value)
        return rows.filter(Q(user__email__icontains=value) | has_come & named)


@dataclass(frozen=True, slots=True)
class Place:
    """A member as the list shows them.

    Name, last sign-in and second factor are a person's, who may have them from elsewhere: they are shown once the person
    has come since they were made a member, as otherwise they would tell who has an account here.
    """

    membership: Membership
    is_oneself: bool
    may_change: bool

    @property
    def has_come(self) -> bool:
        """Whether they have signed in since they were made a member."""
        last_login = self.membership.user.last_login
        return self.is_oneself or (last_login is not None and last_login >= self.membership.created_at)


@require_safe
@for_scope(ApiScope.READ)
def team(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the members, oldest first, and the open invitations."""
    factor = Authenticator.objects.filter(
        user=OuterRef("user"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    members = (
        Membership.objects.filter(organization=desk.organization)
        .select_related("user")
        .annotate(has_second_factor=Exists(factor))
        .order_by("pk")
    )
    listing = listing_of(request, TeamFilters, members)
    invitations = list(
        Invitation.objects.filter(organization=desk.organization, ended_at__isnull=True).order_by("-pk")
    )
    mine = roles_of(desk)
    context = {
        "listing": listing,
        "page": listing.page,
        "places": [
            Place(
                membership=row,
                is_oneself=row.user_id == desk.user.pk,
                may_change=row.role in mine,
            )
            for row in listing.page
        ],
        "roles": [role for role in Role if role in mine],
        "invitations": [
            {
                "row": row,
                "is_expired": row.expires_at <= timezone.now(),
                "may_change": row.role in mine,
            }
            for row in invitations
        ],
        "is_searchable": listing.is_narrowed or desk.organization.users_count > MANY,
        "is_full": desk.organization.max_users is not None
        and desk.organization.users_count >= desk.organization.max_users,
    }
    return desk.page(request, "manage/team/list.html", context)


@require_POST
@for_scope(ApiScope.WRITE)
@lately_confirmed
def change_role(request: HttpRequest, desk: Desk, user_id: UUID) -> HttpResponse:
    """Give a member another role."""
    membership = _membership(desk, user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a role. Nothing was changed."))
        return _back(request, desk)
    try:
        give_role(membership=membership, role=Role(form.cleaned_data["role"]), by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        words = _("%(address)s has the role “%(role)s” now.")
        messages.success(
            request,
            words % {"address": membership.user.email, "role": Role(membership.role).label},
        )
    return _back(request, desk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def remove_member(request: HttpRequest, desk: Desk, user_id: UUID) -> HttpResponse:
    """Ask; or end a membership."""
    membership = _membership(desk, user_id)
    if request.method == "POST":
        try:
            end_membership(membership=membership, by=desk.user)
        except RuleBroken as refusal:
            say_refused(request, refusal)
        else:
            if membership.user_id == desk.user.pk:
                return _left(request, desk)
            words = _("%(address)s is no member any more.")
            messages.success(request, words % {"address": membership.user.email})
        return desk.go("team")
    return desk.page(request, "manage/team/remove.html", {"membership": membership})


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.READ)
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask; or end one's own membership."""
    membership = _membership(desk, desk.user.uuid)
    if request.method == "POST":
        try:
            end_membership(membership=membership, by=desk.user)
        except RuleBroken as refusal:
            say_refused(request, refusal)
            return desk.go("team")
        return _left(request, desk)
    return desk.page(request, "manage/team/leave.html", {"membership": membership})


def roles_of(desk: Desk) -> frozenset[str]:
    """Return the roles that somebody may give, change and take, as `require_rank` has it; the service decides."""
    if not desk.may_write or desk.role is None:
        return frozenset()
    return frozenset(RANKS[: RANKS.index(desk.role) + 1])


def roles_explained(desk: Desk) -> list[tuple[str, Any]]:
    """Return the roles that somebody may give, as choices that say what each may do."""
    return [(role, f"{role.label}: {ROLE_WORDS[role]}") for role in RANKS if role in roles_of(desk)]


def _membership(desk: Desk, user_id: UUID) -> Membership:
    rows = Membership.objects.select_related("user", "organization")
    return get_object_or_404(rows, organization=desk.organization, user__uuid=user_id)


def _left(request: HttpRequest, desk: Desk) -> HttpResponse:
    messages.success(request, _("You do not belong to %(name)s any more.") % {"name": desk.organization.name})
    return HttpResponseRedirect(reverse("my_organizations"))


def _back(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Lead back to the list as it was filtered, where the form names it."""
    asked = request.POST.get("next", "")
    address = desk.url("team")
    is_ours = asked == address or asked.startswith(f"{address}?")
    if is_ours and url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return HttpResponseRedirect(asked)
    return HttpResponseRedirect(address)
