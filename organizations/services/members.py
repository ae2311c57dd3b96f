"""Who belongs to an organization, and as what."""

from django.db import transaction
from django.db.models import F, Q

from organizations.actors import Actor
from organizations.enums import Role
from organizations.exceptions import AlreadyMember, LastOwner, TooManyMembers
from organizations.models import Membership, Organization, User


def add_member(*, organization: Organization, user: User, role: Role, by: Actor | None) -> Membership:
    """Make a user a member. Raises AlreadyMember, and TooManyMembers beyond `max_users`."""
    del by
    with transaction.atomic():
        has_room = Organization.objects.filter(
            Q(max_users__isnull=True) | Q(users_count__lt=F("max_users")), pk=organization.pk
        ).update(users_count=F("users_count") + 1)
        if Membership.objects.filter(organization=organization, user=user).exists():
            raise AlreadyMember
        if not has_room:
            raise TooManyMembers
        return Membership.objects.create(organization=organization, user=user, role=role)


def change_role(*, membership: Membership, role: Role, by: Actor | None) -> Membership:
    """Give a member another role. Raises LastOwner when nobody would own the organization afterwards."""
    del by
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=membership.organization_id)
        Membership.objects.filter(pk=membership.pk).update(role=role)
        _require_owner(membership.organization_id)
    membership.role = role
    return membership


def remove_member(*, membership: Membership, by: Actor | None) -> None:
    """End a membership. Raises LastOwner when nobody would own the organization afterwards."""
    del by
    with transaction.atomic():
        Organization.objects.select_for_update().get(pk=membership.organization_id)
        removed, _ = Membership.objects.filter(pk=membership.pk).delete()
        if removed:
            _require_owner(membership.organization_id)
            Organization.objects.filter(pk=membership.organization_id).update(
                users_count=F("users_count") - 1
            )


def _require_owner(organization_id: int) -> None:
    if not Membership.objects.filter(organization=organization_id, role=Role.OWNER).exists():
        raise LastOwner
