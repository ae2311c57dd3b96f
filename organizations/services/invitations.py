"""Invitations: an address is asked to become a member, by a mail whose link is good once, for two weeks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.exceptions import InvalidInput
from config.text import folded
from organizations.enums import AuditAct, MessageKind, Role
from organizations.exceptions import (
    AlreadyMember,
    InvitationOfAnother,
    InvitationOver,
    RoleTooLow,
    TooManyAtOnce,
    TooManyMembers,
)
from organizations.models import Invitation, Membership, Message, Organization, User
from organizations.services.audit import note_act
from organizations.services.authority import require_rank
from organizations.services.members import ADD, admit_member, checked_email
from organizations.services.organizations import require_enabled
from organizations.services.outbox import write_messages
from organizations.services.rates import count_act, take_turn

LIFETIME = timedelta(days=14)
MAX_AT_ONCE = 20  # addresses
# In ten minutes, of one organization: so that nobody mails strangers through us.
MAX_INVITES = 10
PAUSE_OF_RESENDING = timedelta(minutes=2)  # of one invitation

_signer = Signer(salt="organizations.invitation")


@dataclass(slots=True)
class Invited:
    """What became of the addresses: invited now, invited before and still open, members already."""

    sent: list[Invitation] = field(default_factory=list)
    open_before: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)


def invite(*, organization: Organization, emails: Iterable[str], role: Role, by: User | None) -> Invited:
    """Invite addresses to a role, by a mail each; those that are members or invited already get none.

    All of them or, when one cannot be, none. Raises OrganizationDisabled, RoleTooLow, InvalidInput with the addresses that
    are none, TooManyMembers when there were more members and open invitations than `max_users`, and TooManyAtOnce.
    """
    wanted = _checked(emails)
    seconds = count_act(f"invitations-of:{organization.pk}", limit=MAX_INVITES)
    if seconds is not None:
        raise TooManyAtOnce(retry_after=seconds)
    with transaction.atomic():
        organization = _held(organization)
        require_enabled(organization)
        require_rank(organization=organization, roles=[role], permission=ADD, by=by)
        invited = Invited(
            members=sorted(
                Membership.objects.filter(organization=organization, user__email__in=wanted).values_list(
                    "user__email", flat=True
                )
            )
        )
        _end_expired(organization)
        still_open = Invitation.objects.filter(organization=organization, ended_at__isnull=True)
        invited.open_before = sorted(still_open.filter(email__in=wanted).values_list("email", flat=True))
        new = [email for email in wanted if email not in {*invited.members, *invited.open_before}]
        if (
            organization.max_users is not None
            and organization.users_count + still_open.count() + len(new) > organization.max_users
            and new
        ):
            raise TooManyMembers
        invited.sent = [
            Invitation(
                organization=organization,
                email=email,
                role=role,
                invited_by=by.email if by is not None else "",
                expires_at=timezone.now() + LIFETIME,
            )
            for email in new
        ]
        Invitation.objects.bulk_create(invited.sent)
        write_messages([_message(invitation) for invitation in invited.sent])
        if new:
            note_act(
                organization=organization,
                act=AuditAct.MEMBER_INVITED,
                by=by,
                subject=invited.sent[0].uuid if len(new) == 1 else None,
                label=", ".join(new),
                details={"role": role, "addresses": len(new)},
            )
    return invited


def resend_invitation(*, invitation: Invitation, by: User | None) -> None:
    """Mail an invitation again, which is good for another two weeks from now; whoever resends it vouches for it.

    Raises OrganizationDisabled, RoleTooLow, InvitationOver for one that was ended, and TooManyAtOnce when it was mailed less
    than two minutes ago.
    """
    with transaction.atomic():
        organization = _held(invitation.organization)
        require_enabled(organization)
        require_rank(organization=organization, roles=[invitation.role], permission=ADD, by=by)
        now = timezone.now()
        seconds = take_turn(f"invitation:{invitation.uuid}", pause=PAUSE_OF_RESENDING)
        if seconds is not None:
            raise TooManyAtOnce(retry_after=seconds)
        if not Invitation.objects.filter(pk=invitation.pk, ended_at__isnull=True).update(
            sent_at=now, expires_at=now + LIFETIME, invited_by=by.email if by is not None else ""
        ):
            raise InvitationOver
        write_messages([_message(invitation)])
        note_act(
            organization=organization,
            act=AuditAct.MEMBER_INVITED,
            by=by,
            subject=invitation.uuid,
            label=invitation.email,
            details={"role": invitation.role, "again": True},
        )


def withdraw_invitation(*, invitation: Invitation, by: User | None) -> None:
    """Take an invitation back: its link works no more. Raises RoleTooLow, and InvitationOver for one that was ended."""
    with transaction.atomic():
        organization = _held(invitation.organization)
        require_rank(organization=organization, roles=[invitation.role], permission=ADD, by=by)
        _end(invitation, by, {})


def decline_invitation(*, invitation: Invitation) -> None:
    """Say no to an invitation, by its link. Raises InvitationOver."""
    with transaction.atomic():
        _held(invitation.organization)
        _end(invitation, None, {"declined": True})


def accept_invitation(*, invitation: Invitation, user: User) -> Membership:
    """Make the user a member, once whoever clicks at the same time; the link has proven that they read the address's mail.

    Who is a member already stays what they are. Raises InvitationOfAnother, InvitationOver (also when who invited may not
    give the role any more), and TooManyMembers: then the invitation stays open.
    """
    with transaction.atomic():
        organization = _held(invitation.organization)
        if folded(user.email) != invitation.email:
            raise InvitationOfAnother
        now = timezone.now()
        row = Invitation.objects.filter(pk=invitation.pk, ended_at__isnull=True, expires_at__gt=now)
        if not row.update(accepted_at=now, ended_at=now):
            raise InvitationOver
        # Read anew: it may have been sent again, by somebody else.
        invitation = Invitation.objects.get(pk=invitation.pk)
        User.objects.filter(pk=user.pk, email_verified_at__isnull=True).update(email_verified_at=now)
        try:
            with transaction.atomic():
                return admit_member(
                    organization=organization,
                    user=user,
                    role=Role(invitation.role),
                    invited_by=_inviter(invitation),
                )
        except AlreadyMember:
            return Membership.objects.select_related("organization", "user").get(
                organization=organization, user=user
            )
        except (RoleTooLow, User.DoesNotExist) as refusal:
            raise InvitationOver from refusal


def accept_as_new_user(
    *, invitation: Invitation, first_name: str, last_name: str, password: str, language: str
) -> Membership:
    """Make an account for the invited address, or give the one without a password its first, and make it a member.

    Both or neither. Raises InvitationOfAnother when the address has an account with a password: its owner signs in; and
    what accept_invitation raises.
    """
    with transaction.atomic():
        _held(invitation.organization)
        user = User.objects.filter(email=invitation.email).first()
        if user is None:
            user = User(email=invitation.email, language=language)
        elif user.has_usable_password() or not user.is_active:
            raise InvitationOfAnother
        user.first_name, user.last_name = first_name, last_name
        user.set_password(password)
        user.save()
        return accept_invitation(invitation=invitation, user=user)


def invitation_path(invitation: Invitation) -> str:
    """Return the path of the page on which an invitation is accepted: whoever knows it reads the mail of its address."""
    signature = _signer.signature(f"{invitation.uuid}:{invitation.email}")
    return reverse("invitation", args=[invitation.uuid, signature])


def invitation_of_link(uuid: UUID, signature: str) -> Invitation | None:
    """Return the invitation whose link this is, open or over as it may be; None for what was never mailed."""
    invitation = Invitation.objects.select_related("organization").filter(uuid=uuid).first()
    if invitation is None:
        return None
    try:
        _signer.unsign(f"{invitation.uuid}:{invitation.email}:{signature}")
    except BadSignature:
        return None
    return invitation


def is_good(invitation: Invitation) -> bool:
    """Whether an invitation could be accepted now: open, not expired, and written by somebody who still may."""
    if invitation.ended_at is not None or invitation.expires_at <= timezone.now():
        return False
    try:
        require_rank(
            organization=invitation.organization,
            roles=[invitation.role],
            permission=ADD,
            by=_inviter(invitation),
        )
    except (RoleTooLow, User.DoesNotExist):
        return False
    return True


def _inviter(invitation: Invitation) -> User | None:
    """Return who invited, None for the server. Raises User.DoesNotExist when there is no such account any more."""
    if not invitation.invited_by:
        return None
    return User.objects.get(email=invitation.invited_by, is_active=True)


def _held(organization: Organization) -> Organization:
    """Return the organization with its row held: who invites, accepts and changes roles waits for the others."""
    return Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def _end(invitation: Invitation, by: User | None, details: dict[str, bool]) -> None:
    now = timezone.now()
    if not Invitation.objects.filter(pk=invitation.pk, ended_at__isnull=True).update(ended_at=now):
        raise InvitationOver
    note_act(
        organization=invitation.organization,
        act=AuditAct.INVITATION_WITHDRAWN,
        by=by,
        subject=invitation.uuid,
        label=invitation.email,
        details=details,
    )


def _end_expired(organization: Organization) -> None:
    """End what has expired, so that the addresses can be invited anew."""
    now = timezone.now()
    expired = Invitation.objects.filter(organization=organization, ended_at__isnull=True, expires_at__lte=now)
    expired.update(ended_at=now)


def _message(invitation: Invitation) -> Message:
    return Message(
        organization_id=invitation.organization_id,
        kind=MessageKind.INVITATION,
        subject=invitation.uuid,
        recipient=invitation.email,
    )


def _checked(emails: Iterable[str]) -> list[str]:
    """Return the addresses as users are known by, each once, in order."""
    wanted: dict[str, None] = {}
    wrong = []
    for email in emails:
        try:
            wanted[checked_email(email)] = None
        except InvalidInput:
            wrong.append(email)
    if wrong:
        raise InvalidInput(
            ngettext(
                "This is no e-mail address: %(addresses)s. Nobody was invited.",
                "These are no e-mail addresses: %(addresses)s. Nobody was invited.",
                len(wrong),
            )
            % {"addresses": ", ".join(wrong[:MAX_AT_ONCE])},
            field="emails",
        )
    if not wanted:
        raise InvalidInput(_("Enter at least one e-mail address."), field="emails")
    if len(wanted) > MAX_AT_ONCE:
        raise InvalidInput(
            _("Invite at most %(limit)d people at once. Nobody was invited.") % {"limit": MAX_AT_ONCE},
            field="emails",
        )
    return list(wanted)
