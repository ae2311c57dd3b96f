"""Earners become known to an organization, by their addresses."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.statements import Statement
from config.text import folded
from earners.models import Earner
from organizations.models import Organization
from organizations.services.inserting import insert

MAX_EMAIL = 254  # RFC 5321, and the columns
# Rows per query: SQLite takes at most 32,766 values in one statement, and a row here has up to nine.
CHUNK = 1000
# An UPDATE of Django's is put together anew each time.
COUNT_EARNERS = "UPDATE organizations_organization SET earners_count = earners_count + %s WHERE id = %s"
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is to be known: an address, and names where they are known."""

    email: str
    first_name: str = ""
    last_name: str = ""


def in_chunks(items: Iterable[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def checked_email(email: str, *, field: str = "recipient_email") -> str:
    """Return the address trimmed; raise InvalidInput unless it is one."""
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidInput(
            _("“%(email)s” is not a valid e-mail address.") % {"email": email[:100]}, field=field
        ) from error
    if max(len(email), len(folded(email))) > MAX_EMAIL:
        raise InvalidInput(
            _("An e-mail address has at most %(limit)d characters.") % {"limit": MAX_EMAIL}, field=field
        )
    return email


def add_earners(*, organization: Organization, people: Sequence[Person]) -> dict[str, Earner]:
    """Return the organization's earners with these addresses, by folded address; those not yet known are added.

    Addresses must have been checked. Known earners keep their names; only missing ones are filled in. Must run in a
    transaction that holds the organization's row, so that nobody else adds the same person at the same time.
    """
    wanted: dict[str, Person] = {}
    for person in people:
        wanted.setdefault(folded(person.email), person)
    known = find_earners(organization, wanted)
    added = [
        Earner(
            organization=organization,
            email=person.email,
            email_key=key,
            first_name=person.first_name,
            last_name=person.last_name,
        )
        for key, person in wanted.items()
        if key not in known
    ]
    insert(added)
    if added:
        with connection.cursor() as cursor:
            cursor.execute(COUNT_EARNERS, [len(added), organization.pk])
    named = [earner for key, earner in known.items() if _fills_names(earner, wanted[key])]
    if named:
        Earner.objects.bulk_update(named, ["first_name", "last_name"], batch_size=500)
    return known | {earner.email_key: earner for earner in added}


def _fills_names(earner: Earner, person: Person) -> bool:
    """Put names that are known now into an earner that has none; return whether anything changed."""
    if earner.first_name or earner.last_name or not (person.first_name or person.last_name):
        return False
    earner.first_name, earner.last_name = person.first_name, person.last_name
    return True


def correct_address(earner: Earner, email: str) -> None:
    """Give an earner another address, which is not verified. Must run in a transaction that holds the organization's row.

    Raises InvalidInput with the field `recipient_email`, also where another earner has the address.
    """
    email = checked_email(email)
    key = folded(email)
    if key != earner.email_key:
        if find_earners(earner.organization, [key]):
            raise InvalidInput(
                _("Another earner of the organization has this address."), field="recipient_email"
            )
        earner.email_key, earner.email_verified_at = key, None
    earner.email = email
    earner.save(update_fields=["email", "email_key", "email_verified_at", "updated_at"])


_earner: Statement[Earner] = Statement(
    lambda places: Earner.objects.filter(
        organization=places.number("organization"), email_key=places.text("key")
    ).order_by()
)


def find_earners(organization: Organization, keys: Iterable[str]) -> dict[str, Earner]:
    """Return the organization's earners with these folded addresses. Must run in a transaction."""
    found: dict[str, Earner] = {}
    for chunk in in_chunks(keys):
        if len(chunk) == 1:
            found |= {
                earner.email_key: earner
                for earner in _earner.rows(organization=organization.pk, key=chunk[0])
            }
            continue
        with planned_for_values(len(chunk)):
            earners = Earner.objects.filter(organization=organization, email_key__in=chunk)
            found |= {earner.email_key: earner for earner in earners}
    return found


@contextmanager
def planned_for_values(count: int) -> Iterator[None]:
    """Let PostgreSQL plan the queries made meanwhile for the values that they have; `count` is how many. In a transaction.

    A prepared plan that serves any values compares all rows with all values: 60 ms where a plan for these values takes
    one. Few values are no matter.
    """
    if connection.vendor != "postgresql" or count <= 20:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode TO force_custom_plan")
        yield
        cursor.execute("SET LOCAL plan_cache_mode TO DEFAULT")
