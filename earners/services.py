"""What changes earners: they are added, put on lists, imported from files."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.exceptions import InvalidInput
from config.text import folded
from earners.enums import ListType
from earners.files import EarnerRow, EarnersFile
from earners.models import AccountEmail, Earner, EarnerAccount, EarnersList, ListMembership, LoginToken
from organizations.actors import Actor
from organizations.models import Organization
from organizations.services.inserting import insert
from organizations.services.organizations import require_enabled

MAX_EMAIL = 254  # RFC 5321, and the columns
# Rows per query: SQLite takes at most 32,766 values in one statement, and a row here has up to nine.
CHUNK = 1000
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
    known = _by_key(organization, wanted)
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
        Organization.objects.filter(pk=organization.pk).update(earners_count=F("earners_count") + len(added))
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


def _by_key(organization: Organization, keys: Iterable[str]) -> dict[str, Earner]:
    """Return the organization's earners with these folded addresses. Must run in a transaction."""
    found: dict[str, Earner] = {}
    with connection.cursor() as cursor:
        for chunk in in_chunks(keys):
            # A prepared plan that serves any values compares all earners with all values: 60 ms where a plan for these
            # values takes one. Few values are no matter.
            is_planned_anew = connection.vendor == "postgresql" and len(chunk) > 20
            if is_planned_anew:
                cursor.execute("SET LOCAL plan_cache_mode TO force_custom_plan")
            earners = Earner.objects.filter(organization=organization, email_key__in=chunk)
            found |= {earner.email_key: earner for earner in earners}
            if is_planned_anew:
                cursor.execute("SET LOCAL plan_cache_mode TO DEFAULT")
    return found


def create_list(
    *,
    organization: Organization,
    name: str,
    description: str | None = None,
    type: ListType = ListType.LIST,
    by: Actor | None,
) -> EarnersList:
    """Make an empty list of earners. Raises OrganizationDisabled and InvalidInput."""
    del by
    require_enabled(organization)
    return EarnersList.objects.create(
        organization=organization, name=_checked_name(name), description=description, type=type
    )


def _checked_name(name: str) -> str:
    if not 1 <= len(name.strip()) <= 255:
        raise InvalidInput(_("A name has 1 to 255 characters."), field="name")
    return name.strip()


class RowResult(StrEnum):
    """What an import does, or would do, with a row of the file."""

    ADDED = "added"
    LISTED = "listed"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    PROBLEM = "problem"


ROW_MESSAGES = {
    RowResult.ADDED: gettext_lazy("New earner, put on the list."),
    RowResult.LISTED: gettext_lazy("Known earner, put on the list."),
    RowResult.UPDATED: gettext_lazy("On the list already; name or further columns changed."),
    RowResult.UNCHANGED: gettext_lazy("On the list already; nothing to change."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReport:
    """One row of the file and what became of it, in plain words."""

    number: int
    email: str | None
    result: RowResult
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do when it was a dry run: every row, and how the file was understood."""

    rows: tuple[RowReport, ...]
    earners_list: EarnersList | None
    is_dry_run: bool
    warnings: tuple[str, ...]

    def count(self, result: RowResult) -> int:
        """Return how many rows had this result."""
        return sum(1 for row in self.rows if row.result is result)


def import_earners(
    *,
    organization: Organization,
    file: EarnersFile,
    list_name: str,
    is_dry_run: bool = False,
    by: Actor | None,
) -> ImportReport:
    """Put the people of a file on the organization's list of that name, which is made when there is none.

    All usable rows in one transaction, or none; rows with a problem are left out and reported. Names and metadata of the
    file replace those on the list where the file has any. A second import of the same file changes nothing. A dry run
    reports the same and writes nothing. Raises OrganizationDisabled, InvalidInput, UnreadableFile.
    """
    require_enabled(organization)
    list_name = _checked_name(list_name)
    reports: list[RowReport] = []
    with transaction.atomic():
        # The organization's row is taken first: two imports of one file at once run one after the other.
        Organization.objects.select_for_update().get(pk=organization.pk)
        earners_list = (
            EarnersList.objects.filter(organization=organization, name=list_name, type=ListType.LIST)
            .order_by("pk")
            .first()
        )
        if earners_list is None and not is_dry_run:
            earners_list = create_list(organization=organization, name=list_name, by=by)
        for chunk in in_chunks(file.rows):
            reports += _import_chunk(organization, earners_list, chunk, is_dry_run=is_dry_run)
        if earners_list is not None and not is_dry_run:
            listed = sum(row.result in {RowResult.ADDED, RowResult.LISTED} for row in reports)
            if listed:
                EarnersList.objects.filter(pk=earners_list.pk).update(
                    earners_count=F("earners_count") + listed, updated_at=timezone.now()
                )
            earners_list.refresh_from_db()
    return ImportReport(
        rows=tuple(reports), earners_list=earners_list, is_dry_run=is_dry_run, warnings=tuple(file.warnings)
    )


def _import_chunk(
    organization: Organization, earners_list: EarnersList | None, chunk: list[EarnerRow], *, is_dry_run: bool
) -> list[RowReport]:
    usable = {folded(row.email): row for row in chunk if row.email and not row.problems}
    known = _by_key(organization, usable)
    on_list: dict[str, ListMembership] = {}
    if earners_list is not None:
        memberships = ListMembership.objects.filter(earners_list=earners_list, earner__email_key__in=usable)
        on_list = {
            membership.earner.email_key: membership for membership in memberships.select_related("earner")
        }

    results: dict[str, RowResult] = {}
    changed: list[ListMembership] = []
    for key, row in usable.items():
        if key not in known:
            results[key] = RowResult.ADDED
        elif key not in on_list:
            results[key] = RowResult.LISTED
        elif _takes_row(on_list[key], row):
            results[key] = RowResult.UPDATED
            changed.append(on_list[key])
        else:
            results[key] = RowResult.UNCHANGED

    if not is_dry_run and earners_list is not None:
        people = [
            Person(email=row.email or "", first_name=row.first_name, last_name=row.last_name)
            for row in usable.values()
        ]
        earners = add_earners(organization=organization, people=people)
        ListMembership.objects.bulk_create(
            ListMembership(
                earners_list=earners_list,
                earner=earners[key],
                first_name=row.first_name,
                last_name=row.last_name,
                metadata=row.metadata or None,
            )
            for key, row in usable.items()
            if results[key] in {RowResult.ADDED, RowResult.LISTED}
        )
        ListMembership.objects.bulk_update(
            changed, ["first_name", "last_name", "metadata", "updated_at"], batch_size=500
        )
        _rename(changed)
    return [_report(row, results) for row in chunk]


def _takes_row(membership: ListMembership, row: EarnerRow) -> bool:
    """Put the row's names and metadata on the membership; return whether anything changed. Empty cells change nothing."""
    before = (membership.first_name, membership.last_name, membership.metadata)
    if row.first_name or row.last_name:
        membership.first_name, membership.last_name = row.first_name, row.last_name
    if row.metadata:
        membership.metadata = {**(membership.metadata or {}), **row.metadata}
    membership.updated_at = timezone.now()
    return (membership.first_name, membership.last_name, membership.metadata) != before


def _rename(memberships: Iterable[ListMembership]) -> None:
    """Give earners the names that a list now has for them."""
    renamed = []
    for membership in memberships:
        earner = membership.earner
        if (earner.first_name, earner.last_name) != (membership.first_name, membership.last_name):
            earner.first_name, earner.last_name = membership.first_name, membership.last_name
            renamed.append(earner)
    Earner.objects.bulk_update(renamed, ["first_name", "last_name"], batch_size=500)


def _report(row: EarnerRow, results: dict[str, RowResult]) -> RowReport:
    if row.problems or not row.email:
        return RowReport(
            number=row.number, email=row.email, result=RowResult.PROBLEM, message=" ".join(row.problems)
        )
    result = results[folded(row.email)]
    return RowReport(number=row.number, email=row.email, result=result, message=str(ROW_MESSAGES[result]))


def create_login_token(*, email: str, lifetime: timedelta = timedelta(days=1)) -> tuple[LoginToken, str]:
    """Make a token that opens the account of an address, which is made when there is none; return (row, token).

    The token has 256 random bits, is returned only here, and is kept as a digest. Raises InvalidInput.
    """
    email = checked_email(email, field="email")
    with transaction.atomic():
        address = AccountEmail.objects.select_related("account").filter(email_key=folded(email)).first()
        if address is None:
            address = AccountEmail.objects.create(
                account=EarnerAccount.objects.create(),
                email=email,
                email_key=folded(email),
                verified_at=timezone.now(),
            )
        token = secrets.token_urlsafe(32)
        row = LoginToken.objects.create(
            account=address.account,
            digest=hashlib.sha256(token.encode()).hexdigest(),
            expires_at=timezone.now() + lifetime,
        )
    return row, token
