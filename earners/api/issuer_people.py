"""People in bodies of the issuer API: as requests name them, and as answers show them on a list (seed 002)."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from config.api.issuer.fields import Input, ObjectField, Shape, TextField, numbered, spaced, timestamp
from config.text import UNSIGNABLE_CHARACTERS, folded
from earners.api import issuer_examples as examples
from earners.models import EarnersList, ListMembership
from earners.services import MAX_EMAIL, ListedPerson

MAX_EARNERS = 100_000
MAX_NAME = 255
MAX_BAD = 1_000  # whoever has more bad rows in one body has one and the same mistake in all of them
# Most addresses: what fits is an address by the service's rules too, and is found in a tenth of the time.
PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]{1,60}(?:\.[A-Za-z0-9_+-]{1,60}){0,2}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?\.){1,2}[A-Za-z]{2,20}"
)


class NameField(TextField):
    """A name that can stand in a badge."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, allow_null=True, max_length=MAX_NAME, **options)

    def to_internal_value(self, data: Any) -> str:
        """Return the name trimmed."""
        name = super().to_internal_value(data)
        if UNSIGNABLE_CHARACTERS.search(name):
            raise ValidationError("", code="format")
        return name


class AddressField(serializers.EmailField):
    """An e-mail address that an earner can have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=MAX_EMAIL, **options)
        self.validators.append(_is_kept)


def _is_kept(email: str) -> None:
    """Refuse what passes for an address and cannot be kept: too long when folded, or with characters that break a badge."""
    if len(email) <= MAX_EMAIL < len(folded(email)):
        raise ValidationError("", code="max_length")
    if UNSIGNABLE_CHARACTERS.search(email) and "\x00" not in email:
        raise ValidationError("", code="email")


class PersonInput(Input):
    """Somebody who is to stand on a list."""

    recipient_first_name = NameField()
    recipient_last_name = NameField()
    recipient_email = AddressField()
    metadata = ObjectField(required=False, allow_null=True)


class PersonChangeInput(Input):
    """What may change of somebody on a list. A corrected address is the earner's on every list."""

    example = examples.EARNER_CHANGE
    recipient_first_name = NameField()
    recipient_last_name = NameField()
    recipient_email = AddressField(required=False)
    metadata = ObjectField(
        required=False,
        allow_null=True,
        help_text="Merged; a key that is null goes, null as a whole clears it.",
    )


@extend_schema_field(PersonInput(many=True))
class PeopleField(serializers.ListField):
    """Many people at once, each read by hand where nothing is unusual: a serializer for each of 100,000 takes minutes."""

    child: PersonInput

    def __init__(self, **options: Any) -> None:
        super().__init__(child=PersonInput(), max_length=MAX_EARNERS, **options)

    def to_internal_value(self, data: Any) -> list[ListedPerson]:
        """Return the people. Raises ValidationError with the faults of up to MAX_BAD of them by their number."""
        rows = numbered(data)
        if rows is not None and len(rows) > MAX_EARNERS:
            raise ValidationError("", code="max_length")
        people: list[ListedPerson] = super().to_internal_value(data if rows is None else rows)
        return people

    def run_child_validation(self, data: Any) -> list[ListedPerson]:
        """Return the people of rows with their numbers."""
        people: list[ListedPerson] = []
        errors: dict[int, Any] = {}
        for number, row in data:
            person = _plain(row)
            if person is None:
                try:
                    person = person_of(self.child.run_validation(row))
                except ValidationError as error:
                    errors[number] = error.detail
                    if len(errors) == MAX_BAD:
                        break
                    continue
            people.append(person)
        if errors:
            raise ValidationError(errors)  # type: ignore[arg-type]  # by number, as the framework's own lists do
        return people


def _plain(row: Any) -> ListedPerson | None:
    """Return the person in a row that has nothing unusual; None for one that must be looked at closely."""
    if not isinstance(row, dict):
        return None
    email = row.get("recipient_email")
    if not isinstance(email, str) or not PLAIN_EMAIL.fullmatch(email) or row.get("metadata") is not None:
        return None
    first, last = row.get("recipient_first_name") or "", row.get("recipient_last_name") or ""
    for name in (first, last):
        if not isinstance(name, str) or len(name) > MAX_NAME or not name.isprintable():
            return None
    return ListedPerson(email=email, first_name=first.strip(), last_name=last.strip())


def person_of(values: Mapping[str, Any]) -> ListedPerson:
    """Return the person that checked values name."""
    return ListedPerson(
        email=values["recipient_email"],
        first_name=values.get("recipient_first_name") or "",
        last_name=values.get("recipient_last_name") or "",
        metadata=values.get("metadata"),
    )


# In the key order of seed 002.
class ListedEarnerShape(Shape):
    """An earner on a list: the id is the earner's, names and metadata are this list's."""

    example = examples.LISTED_EARNER
    id = serializers.UUIDField()
    recipient_email = serializers.CharField()
    recipient_first_name = serializers.CharField(allow_null=True)
    recipient_last_name = serializers.CharField(allow_null=True)
    metadata = serializers.DictField(allow_null=True)
    created_at = serializers.CharField(help_text="When they came on the list: 2024-09-16T15:22:00.000000Z")
    updated_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")
    email_verified_at = serializers.CharField(allow_null=True, help_text="2024-09-16 15:22:00, UTC")


COLUMNS = (
    "earner__uuid",
    "earner__email",
    "first_name",
    "last_name",
    "metadata",
    "created_at",
    "updated_at",
    "earner__email_verified_at",
)


def listed_rows(memberships: "QuerySet[ListMembership]") -> "QuerySet[ListMembership, tuple[Any, ...]]":
    """Return the columns of memberships that `listed_body` shows: no objects are made, as there may be 100,000."""
    return memberships.values_list(*COLUMNS)


def listed_body(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return a row of `listed_rows` as ListedEarnerShape says."""
    uuid, email, first_name, last_name, metadata, created_at, updated_at, verified_at = row
    return {
        "id": str(uuid),
        "recipient_email": email,
        "recipient_first_name": first_name or None,
        "recipient_last_name": last_name or None,
        "metadata": metadata,
        "created_at": timestamp(created_at),
        "updated_at": timestamp(updated_at),
        "email_verified_at": spaced(verified_at),
    }


def membership_body(membership: ListMembership) -> dict[str, Any]:
    """Return a membership, whose earner was read, as ListedEarnerShape says."""
    earner = membership.earner
    return listed_body(
        (
            earner.uuid,
            earner.email,
            membership.first_name,
            membership.last_name,
            membership.metadata,
            membership.created_at,
            membership.updated_at,
            earner.email_verified_at,
        )
    )


def all_listed(earners_list: EarnersList) -> list[dict[str, Any]]:
    """Return everybody on a list, in the order in which they came on it."""
    memberships = ListMembership.objects.filter(earners_list=earners_list).order_by("pk")
    return [listed_body(row) for row in listed_rows(memberships)]
