"""The audit log: acts are noted in the transaction in which they are done."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from organizations.actors import Actor, label_of
from organizations.enums import AuditAct
from organizations.models import AuditEntry, Membership, Organization, User
from organizations.services.inserting import insert

MAX_LABEL = 255


def note_act(
    *,
    organization: Organization,
    act: AuditAct,
    by: Actor | None,
    subject: UUID | None = None,
    label: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Note an act of `by` in the log of the organization; None is the server itself.

    Must run in the transaction of the act, so that neither is there without the other. `label` is how the subject is called
    now, and cut to 255 characters; `details` are words and numbers, never a secret. Large acts (a batch) are one entry.
    """
    user = by if isinstance(by, User) else None
    entry = AuditEntry(
        organization=organization,
        act=act,
        actor=label_of(by)[:MAX_LABEL],
        user=user,
        is_staff=user is not None and user.is_staff and not _is_member(organization, user),
        subject=subject,
        subject_label=label[:MAX_LABEL],
        details=dict(details or {}),
    )
    insert([entry])


def forget_in_log(*, organization: Organization, subjects: Collection[UUID]) -> None:
    """Take what people were called out of the entries about these subjects: that somebody acted, and when, stays.

    The one change of what entries say, where a person is erased. Must run in the transaction that does so.
    """
    entries = AuditEntry.objects.filter(organization=organization, subject__in=subjects)
    entries.update(subject_label="", details={})


def move_in_log(*, organization: Organization, subject: UUID, to: UUID) -> None:
    """Have the entries about a subject that became one with another be about that other: whoever erases it finds them.

    Must run in the transaction that makes the two one.
    """
    AuditEntry.objects.filter(organization=organization, subject=subject).update(subject=to)


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the fields whose values differ, each with the value before and after: {"name": ["Acme", "Acme Academy"]}."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def picture_change(before: str, after: str) -> list[str | None]:
    """Return how a change of a picture is noted, whose name in the storage says nothing to anybody: as ["old", "new"]."""
    return [_("old") if before else None, _("new") if after else None]


def _is_member(organization: Organization, user: User) -> bool:
    return Membership.objects.filter(organization=organization, user=user).exists()
