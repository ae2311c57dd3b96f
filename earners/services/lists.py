"""Lists of earners are made, changed and deleted, and earners put on them, changed there and taken off."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import folded
from earners.enums import ListStatus, ListType
from earners.models import Earner, EarnersList, ListMembership
from earners.services.people import (
    Person,
    add_earners,
    correct_address,
    in_chunks,
    planned_for_values,
)
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import changes_between, note_act
from organizations.services.inserting import insert
from organizations.services.organizations import require_enabled

MAX_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson(Person):
    """Who is to stand on a list, with what that list alone says of them."""

    metadata: Mapping[str, Any] | None = None


class _Said(Protocol):
    """What a list is to say of a person: a ListedPerson, or a row of a file."""

    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def metadata(self) -> Mapping[str, Any] | None: ...


class Put(NamedTuple):
    """Who stands on a list after people were put on it, in their order; how many did not before, and how many changed."""

    memberships: list[ListMembership]
    added: int
    changed: int = 0


def create_list(
    *,
    organization: Organization,
    name: str,
    description: str | None = None,
    type: ListType = ListType.LIST,
    status: ListStatus = ListStatus.ENABLED,
    people: Iterable[Person] = (),
    by: Actor | None,
) -> EarnersList:
    """Make a list with these people on it; of an address that is there twice the first counts.

    Addresses must be checked where there are thousands (checked_email): they are not checked here again. Raises
    OrganizationDisabled and InvalidInput.
    """
    name = checked_name(name)
    with transaction.atomic():
        organization = hold(organization)
        earners_list = EarnersList.objects.create(
            organization=organization, name=name, description=description, type=type, status=status
        )
        put = _put(earners_list, people, is_new=True)
        if put.added:
            _count(earners_list, put.added)
            earners_list.refresh_from_db()
        _note(AuditAct.LIST_CREATED, earners_list, {"earners": put.added}, by)
    return earners_list


def update_list(*, earners_list: EarnersList, fields: Mapping[str, Any], by: Actor | None) -> EarnersList:
    """Change name, description, type or status; what is not given stays.

    Raises OrganizationDisabled, InvalidInput, and DoesNotExist when the list was deleted meanwhile.
    """
    with transaction.atomic():
        row = (
            EarnersList.objects.select_for_update(of=("self",))
            .select_related("organization")
            .get(pk=earners_list.pk)
        )
        require_enabled(row.organization)
        before = {field: getattr(row, field, None) for field in fields}
        for field, value in fields.items():
            match field:
                case "name":
                    row.name = checked_name(value)
                case "description":
                    row.description = value
                case "type":
                    row.type = ListType(value)
                case "status":
                    row.status = ListStatus(value)
                case _:
                    raise InvalidInput(_("This cannot be changed."), field=field)
        if fields:
            row.save(update_fields=[*fields, "updated_at"])
        changes = changes_between(before, {field: getattr(row, field) for field in fields})
        if changes:
            _note(AuditAct.LIST_CHANGED, row, changes, by)
    return row


def delete_list(*, earners_list: EarnersList, by: Actor | None) -> None:
    """Delete a list. Its earners stay known to the organization, and what was issued to them stays issued.

    Raises OrganizationDisabled.
    """
    with transaction.atomic():
        hold(earners_list.organization)
        count = ListMembership.objects.filter(earners_list=earners_list).count()
        removed, _models = EarnersList.objects.filter(pk=earners_list.pk).delete()
        if removed:
            _note(AuditAct.LIST_DELETED, earners_list, {"earners": count}, by)


def put_on_list(*, earners_list: EarnersList, people: Iterable[Person], by: Actor | None) -> Put:
    """Put people on a list. Who stands there already gets the names and metadata that are given, as by an import.

    Of an address that is there twice the first counts. Addresses must be checked. Raises OrganizationDisabled, and
    DoesNotExist when the list was deleted meanwhile.
    """
    with transaction.atomic():
        hold(earners_list.organization)
        earners_list.refresh_from_db()
        put = _put(earners_list, people, is_new=False)
        if put.added:
            _count(earners_list, put.added)
        if put.added or put.changed:
            _note(AuditAct.LIST_CHANGED, earners_list, {"added": put.added, "changed": put.changed}, by)
    return put


def change_membership(
    *, membership: ListMembership, fields: Mapping[str, Any], by: Actor | None
) -> ListMembership:
    """Change first_name, last_name, metadata or email of somebody on a list; what is not given stays.

    Names are the earner's from now on too. Metadata is merged: a key that is None goes, None as a whole clears it. A
    corrected address is the earner's on all lists, must be no other earner's and is not verified; badges keep the address
    that they were issued to. Raises OrganizationDisabled, InvalidInput with the field `recipient_email`, and DoesNotExist
    when they were taken off meanwhile.
    """
    with transaction.atomic():
        hold(membership.earners_list.organization)
        row = ListMembership.objects.select_related("earner", "earners_list__organization").get(
            pk=membership.pk
        )
        before = _said_of(row)
        for field, value in fields.items():
            match field:
                case "first_name" | "last_name":
                    setattr(row, field, value or "")
                case "metadata":
                    row.metadata = _patched(row.metadata, value)
                case "email":
                    correct_address(row.earner, value)
                case _:
                    raise InvalidInput(_("This cannot be changed."), field=field)
        if fields:
            row.save()
        if "first_name" in fields or "last_name" in fields:
            rename([row])
        changes = changes_between(before, _said_of(row))
        if changes:
            note_act(
                organization=row.earners_list.organization,
                act=AuditAct.EARNER_CHANGED,
                by=by,
                subject=row.earner.uuid,
                label=row.earner.email,
                details={"list": row.earners_list.name, **changes},
            )
    return row


def remove_from_list(*, membership: ListMembership, by: Actor | None) -> None:
    """Take somebody off a list; a second time changes nothing. The earner stays known. Raises OrganizationDisabled."""
    remove_many_from_list(earners_list=membership.earners_list, earners=[membership.earner.uuid], by=by)


def remove_many_from_list(*, earners_list: EarnersList, earners: Collection[UUID], by: Actor | None) -> int:
    """Take earners (their public ids) off a list, with what it says of them; return how many stood on it.

    They stay known, and their badges stay issued. Raises OrganizationDisabled.
    """
    with transaction.atomic():
        hold(earners_list.organization)
        members = ListMembership.objects.filter(earners_list=earners_list)
        removed = 0
        for chunk in in_chunks(earners):
            removed += members.filter(earner__uuid__in=chunk).delete()[0]
        if removed:
            _count(earners_list, -removed)
            _note(AuditAct.LIST_CHANGED, earners_list, {"removed": removed}, by)
    return removed


def hold(organization: Organization) -> Organization:
    """Take the organization's row, so that what changes its earners runs one after the other, and return it as it is now.

    Must run in a transaction. Raises OrganizationDisabled.
    """
    held = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    require_enabled(held)
    return held


def checked_name(name: str) -> str:
    """Return the name of a list trimmed. Raises InvalidInput."""
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise InvalidInput(_("A name has 1 to 255 characters."), field="name")
    return name.strip()


def on_list(earners_list: EarnersList, earners: Iterable[Earner]) -> dict[int, ListMembership]:
    """Return which of these earners stand on a list, by the earner's primary key. Must run in a transaction."""
    by_pk = {earner.pk: earner for earner in earners}
    found = {}
    with planned_for_values(len(by_pk)):
        for membership in ListMembership.objects.filter(earners_list=earners_list, earner__in=list(by_pk)):
            membership.earner = by_pk[membership.earner_id]
            found[membership.earner_id] = membership
    return found


def takes(membership: ListMembership, said: _Said) -> bool:
    """Put names and metadata on a membership; return whether anything changed. What is empty changes nothing."""
    before = (membership.first_name, membership.last_name, membership.metadata)
    if said.first_name or said.last_name:
        membership.first_name, membership.last_name = said.first_name, said.last_name
    if said.metadata:
        membership.metadata = {**(membership.metadata or {}), **said.metadata}
    return (membership.first_name, membership.last_name, membership.metadata) != before


def save_changed(memberships: list[ListMembership]) -> None:
    """Write names and metadata of memberships, and give their earners the names that a list now has for them."""
    now = timezone.now()
    for membership in memberships:
        membership.updated_at = now
    ListMembership.objects.bulk_update(
        memberships, ["first_name", "last_name", "metadata", "updated_at"], batch_size=500
    )
    rename(memberships)


def rename(memberships: Iterable[ListMembership]) -> None:
    """Give earners the names that a list now has for them; a list without names takes nobody's away."""
    renamed = []
    now = timezone.now()
    for membership in memberships:
        earner = membership.earner
        names = (membership.first_name, membership.last_name)
        if any(names) and names != (earner.first_name, earner.last_name):
            earner.first_name, earner.last_name = names
            earner.updated_at = now
            renamed.append(earner)
    Earner.objects.bulk_update(renamed, ["first_name", "last_name", "updated_at"], batch_size=500)


def _put(earners_list: EarnersList, people: Iterable[Person], *, is_new: bool) -> Put:
    """Put people on a list whose organization is held, without counting them."""
    wanted: dict[str, Person] = {}
    for person in people:
        wanted.setdefault(folded(person.email), person)
    memberships, added, changes = [], 0, 0
    for chunk in in_chunks(wanted.values()):
        known = add_earners(organization=earners_list.organization, people=chunk)
        there = {} if is_new else on_list(earners_list, known.values())
        new, changed = [], []
        for person in chunk:
            earner = known[folded(person.email)]
            said = _said(person)
            membership = there.get(earner.pk)
            if membership is None:
                membership = ListMembership(
                    earners_list=earners_list,
                    earner=earner,
                    first_name=said.first_name,
                    last_name=said.last_name,
                    metadata=dict(said.metadata) if said.metadata else None,
                )
                new.append(membership)
            elif takes(membership, said):
                changed.append(membership)
            memberships.append(membership)
        insert(new)
        save_changed(changed)
        added += len(new)
        changes += len(changed)
    return Put(memberships, added, changes)


def _note(act: AuditAct, earners_list: EarnersList, details: Mapping[str, Any], by: Actor | None) -> None:
    note_act(
        organization=earners_list.organization,
        act=act,
        by=by,
        subject=earners_list.uuid,
        label=earners_list.name,
        details=details,
    )


def _said_of(row: ListMembership) -> dict[str, Any]:
    """Return what a list says of somebody, and their address."""
    return {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "metadata": row.metadata,
        "email": row.earner.email,
    }


def _said(person: Person) -> ListedPerson:
    if isinstance(person, ListedPerson):
        return person
    return ListedPerson(email=person.email, first_name=person.first_name, last_name=person.last_name)


def _count(earners_list: EarnersList, number: int) -> None:
    EarnersList.objects.filter(pk=earners_list.pk).update(
        earners_count=F("earners_count") + number, updated_at=timezone.now()
    )


def _patched(metadata: Mapping[str, Any] | None, patch: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if patch is None:
        return None
    merged = {**(metadata or {}), **patch}
    return {key: value for key, value in merged.items() if value is not None} or None
