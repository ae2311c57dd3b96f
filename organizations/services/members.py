"""Who belongs to an organization, and as what."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import folded
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct, Language, MessageKind, Role
from organizations.exceptions import AlreadyMember, LastOwner, TooManyMembers
from organizations.models import Membership, Message, Organization, User
from organizations.services.audit import note_act
from organizations.services.authority import require_giving, require_rank
from organizations.services.outbox import write_messages

MAX_EMAIL = 254
ADD, CHANGE = "organizations.add_membership", "organizations.change_membership"
DELETE = "organizations.delete_membership"


def add_member(*, organization: Organization, user: User, role: Role, by: Actor | None) -> Membership:
    """Make a user a member. Raises RoleTooLow, AlreadyMember, and TooManyMembers beyond `max_users`."""
    with transaction.atomic():
        has_room = _take_room(organization)
        require_rank(organization=organization, roles=[role], permission=ADD, by=by)
        require_giving(role=role, by=by)
        membership = _insert(organization, user, role, has_room=has_room)
        _note(membership, AuditAct.MEMBER_ADDED, by, {"role": role})
    return membership


def admit_member(
    *, organization: Organization, user: User, role: Role, invited_by: Actor | None
) -> Membership:
    """Make a user a member who comes by an invitation; `invited_by` is who vouches for them, None the server.

    Raises RoleTooLow when that person may not give the role any more, AlreadyMember, and TooManyMembers.
    """
    with transaction.atomic():
        has_room = _take_room(organization)
        require_rank(organization=organization, roles=[role], permission=ADD, by=invited_by)
        membership = _insert(organization, user, role, has_room=has_room)
        _note(membership, AuditAct.MEMBER_ADDED, user, {"role": role, "invited_by": label_of(invited_by)})
    return membership


def invite_member(
    *,
    organization: Organization,
    email: str,
    role: Role,
    first_name: str = "",
    last_name: str = "",
    language: Language | None = None,
    by: Actor | None,
) -> Membership:
    """Make the user with this address a member, and the user too where there is none; they are told by mail.

    A new user has no password: the mail leads to where they set one. Names and language are a new user's alone, a known
    one keeps theirs: they are a person's, not the organization's. Raises RoleTooLow, AlreadyMember, TooManyMembers and
    InvalidInput.
    """
    email = checked_email(email)
    with transaction.atomic():
        user = _user(
            email,
            first_name=first_name,
            last_name=last_name,
            language=language or Language(organization.language),
        )
        membership = add_member(organization=organization, user=user, role=role, by=by)
        write_messages(
            [
                Message(
                    organization=organization,
                    kind=MessageKind.MEMBER_ADDED,
                    subject=user.uuid,
                    recipient=user.email,
                )
            ]
        )
    return membership


def change_role(*, membership: Membership, role: Role, by: Actor | None) -> Membership:
    """Give a member another role.

    Raises RoleTooLow, DoesNotExist for a membership that has ended, and LastOwner when nobody would own the organization
    afterwards.
    """
    with transaction.atomic():
        row = _held(membership)
        require_rank(organization=row.organization, roles=[row.role, role], permission=CHANGE, by=by)
        require_giving(role=role, by=by)
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        if before == Role.OWNER:
            _require_owner(row.organization_id)
        if before != role:
            _note(row, AuditAct.MEMBER_ROLE_CHANGED, by, {"role": [before, role]})
    membership.role = role
    return membership


def remove_member(*, membership: Membership, by: Actor | None) -> None:
    """End a membership; everybody may end their own, and a second time changes nothing.

    Raises RoleTooLow, and LastOwner when nobody would own the organization afterwards.
    """
    with transaction.atomic():
        try:
            row = _held(membership)
        except Membership.DoesNotExist:
            return
        if by != row.user:
            require_rank(organization=row.organization, roles=[row.role], permission=DELETE, by=by)
        _note(row, AuditAct.MEMBER_REMOVED, by, {"role": row.role})
        row.delete()
        if row.role == Role.OWNER:
            _require_owner(membership.organization_id)
        Organization.objects.filter(pk=membership.organization_id).update(users_count=F("users_count") - 1)


def _take_room(organization: Organization) -> bool:
    """Count a member that is about to be, with the organization's row held; return whether there was room for them."""
    return bool(
        Organization.objects.filter(
            Q(max_users__isnull=True) | Q(users_count__lt=F("max_users")), pk=organization.pk
        ).update(users_count=F("users_count") + 1)
    )


def _insert(organization: Organization, user: User, role: Role, *, has_room: bool) -> Membership:
    if Membership.objects.filter(organization=organization, user=user).exists():
        raise AlreadyMember
    if not has_room:
        raise TooManyMembers
    return Membership.objects.create(organization=organization, user=user, role=role)


def _note(membership: Membership, act: AuditAct, by: Actor | None, details: Mapping[str, Any]) -> None:
    user = membership.user
    note_act(
        organization=membership.organization,
        act=act,
        by=by,
        subject=user.uuid,
        label=user.email,
        details=details,
    )


def _held(membership: Membership) -> Membership:
    """Return a membership as it is now, with the organization's row held: roles change one after the other."""
    Organization.objects.select_for_update(no_key=True).get(pk=membership.organization_id)
    return Membership.objects.select_related("organization", "user").get(pk=membership.pk)


def _require_owner(organization_id: int) -> None:
    if not Membership.objects.filter(organization=organization_id, role=Role.OWNER).exists():
        raise LastOwner


def checked_email(email: str) -> str:
    """Return the address as users are known by."""
    email = folded(email)
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(_("This is not a valid e-mail address."), field="email") from error
    if len(email) > MAX_EMAIL:
        raise InvalidInput(
            _("An e-mail address has at most %(limit)d characters.") % {"limit": MAX_EMAIL}, field="email"
        )
    return email


def _user(email: str, *, first_name: str, last_name: str, language: Language) -> User:
    """Return the user with an address, made without a password where there is none. Must run in a transaction."""
    users = User.objects.filter(email=email)
    user = users.first()
    if user is not None:
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email, first_name=first_name, last_name=last_name, language=language
            )
    except IntegrityError:
        return users.get()  # somebody else made them a moment ago
