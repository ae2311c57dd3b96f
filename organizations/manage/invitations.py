"""Invitations: made and taken back by a team, accepted by who is invited."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from config.exceptions import RuleBroken
from organizations.enums import ApiScope, Role
from organizations.exceptions import InvitationOver
from organizations.manage.desk import Desk, for_scope, lately_confirmed, private, say_refused
from organizations.manage.forms_people import InviteForm, PersonForm
from organizations.manage.sign_up import enter
from organizations.manage.team import ROLE_WORDS, roles_explained
from organizations.models import Invitation, Membership, User
from organizations.services.invitations import (
    Invited,
    accept_as_new_user,
    accept_invitation,
    decline_invitation,
    invitation_of_link,
    invite,
    is_good,
    resend_invitation,
    withdraw_invitation,
)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def new_invitation(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask whom to invite as what; or invite them."""
    form = InviteForm(request.POST if request.method == "POST" else None, roles=roles_explained(desk))
    if form.is_valid():
        try:
            invited = invite(
                organization=desk.organization,
                emails=form.addresses(),
                role=Role(form.cleaned_data["role"]),
                by=desk.user,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            _tell(request, invited)
            return desk.go("team")
    return desk.page(request, "manage/team/invite.html", {"form": form}, status=400 if form.errors else 200)


@require_POST
@for_scope(ApiScope.WRITE)
def resend(request: HttpRequest, desk: Desk, invitation_id: UUID) -> HttpResponse:
    """Mail an invitation again."""
    row = _invitation(desk, invitation_id)
    try:
        resend_invitation(invitation=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(
            request,
            _("The invitation goes to %(address)s again, and is good for two weeks.")
            % {"address": row.email},
        )
    return desk.go("team")


@require_POST
@for_scope(ApiScope.WRITE)
def withdraw(request: HttpRequest, desk: Desk, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    row = _invitation(desk, invitation_id)
    try:
        withdraw_invitation(invitation=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(
            request,
            _("The invitation of %(address)s is withdrawn: its link works no more.") % {"address": row.email},
        )
    return desk.go("team")


@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, uuid: UUID, signature: str) -> HttpResponse:
    """Show an invitation to who has its link; join, with the account of its address or with a new one."""
    row = invitation_of_link(uuid, signature)
    if row is None or not is_good(row):
        return _page(request, "over", row, status=410)
    user = request.user if isinstance(request.user, User) else None
    known = User.objects.filter(email=row.email).first()
    if user is not None and user != known:
        return _page(request, "other", row, status=409 if request.method == "POST" else 200)
    if user is None and known is not None and (known.has_usable_password() or not known.is_active):
        return _page(request, "sign_in", row)
    form = PersonForm(request.POST if request.method == "POST" and user is None else None, of_email=row.email)
    if request.method == "POST" and (user is not None or form.is_valid()):
        try:
            if user is not None:
                membership = accept_invitation(invitation=row, user=user)
            else:
                membership = accept_as_new_user(invitation=row, **form.person())
        except InvitationOver:
            return _page(request, "over", row, status=410)
        except RuleBroken as refusal:
            form.add_error(None, refusal.message) if form.is_bound else messages.error(
                request, refusal.message
            )
        else:
            return _entered(request, membership, is_new=user is None)
    status = 400 if form.errors else 200
    return _page(request, "join", row, status=status, form=form if user is None else None)


@require_POST
def decline(request: HttpRequest, uuid: UUID, signature: str) -> HttpResponse:
    """Say no to an invitation."""
    row = invitation_of_link(uuid, signature)
    if row is None:
        return _page(request, "over", row, status=410)
    try:
        decline_invitation(invitation=row)
    except InvitationOver:
        return _page(request, "over", row, status=410)
    return _page(request, "declined", row)


@require_POST
def switch_account(request: HttpRequest, uuid: UUID, signature: str) -> HttpResponse:
    """Sign out, and go on with the invitation."""
    logout(request)
    return HttpResponseRedirect(reverse("invitation", args=[uuid, signature]))


def _invitation(desk: Desk, invitation_id: UUID) -> Invitation:
    rows = Invitation.objects.select_related("organization")
    return get_object_or_404(rows, organization=desk.organization, uuid=invitation_id)


def _tell(request: HttpRequest, invited: Invited) -> None:
    """Say what became of the addresses."""
    sent = len(invited.sent)
    if sent:
        messages.success(
            request,
            ngettext(
                "%(count)d invitation is on its way. Its link works for two weeks.",
                "%(count)d invitations are on their way. Their links work for two weeks.",
                sent,
            )
            % {"count": sent},
        )
    if invited.members:
        words = _("Members already: %(addresses)s.") % {"addresses": ", ".join(invited.members)}
        messages.info(request, words)
    if invited.open_before:
        words = _("Invited already: %(addresses)s. Send it again from the list below.") % {
            "addresses": ", ".join(invited.open_before)
        }
        messages.info(request, words)


def _entered(request: HttpRequest, membership: Membership, *, is_new: bool) -> HttpResponse:
    """Lead a new member to the organization, signed in."""
    words = _("Welcome! You belong to %(name)s now.") % {"name": membership.organization.name}
    messages.success(request, words)
    address = reverse("manage:dashboard", args=[membership.organization_id])
    if is_new:
        return enter(request, membership.user, address)
    return HttpResponseRedirect(address)


def _page(
    request: HttpRequest,
    name: str,
    row: Invitation | None,
    *,
    status: int = 200,
    form: PersonForm | None = None,
) -> HttpResponse:
    """Answer a page about an invitation. A role is said in words; who invited is named as their account is."""
    inviter = (
        User.objects.filter(email=row.invited_by).first() if row is not None and row.invited_by else None
    )
    context = {
        "invitation": row,
        "inviter": inviter,
        "form": form,
        "role_words": ROLE_WORDS[Role(row.role)] if row is not None else None,
        "is_expired": row is not None and row.ended_at is None and row.expires_at <= timezone.now(),
    }
    response = render(request, f"manage/sign_up/invitation_{name}.html", context, status=status)
    private(response)
    return response
