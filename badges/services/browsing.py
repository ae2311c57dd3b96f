"""Badges as their issuers go through them: which ones, how many, and a page of them, among a million as among ten.

A page never skips rows to get to its own. Without a filter it is a range of numbers, which have no gaps. Where few badges
fit the filters, all of them are found and put in order; where many do, one comes by those of a page soon by going through
them in order, from the row at which the page before ended.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from badges.enums import Visibility
from badges.models import Badge
from badges.querysets import BadgeQuerySet
from badges.services.searching import badges_with, has_long_word, is_rare
from earners.models import ListMembership
from organizations.models import Organization

MOST_COUNTED = 10_000
SHORT_WORDS_AMONG = 20_000  # of the newest badges
EXPIRES_SOON = timedelta(days=30)
ROW = (
    *("uuid", "number", "recipient_email", "recipient_first_name", "recipient_last_name", "issued_at"),
    *("expires_at", "revoked_at", "accepted_at", "opened_at", "is_imported", "visibility", "activity_title"),
    *("version__uuid", "version__title", "version__language"),
)


class Standing(StrEnum):
    """How a badge stands with its issuer: the words of _status.html."""

    VALID = "valid"
    EXPIRES_SOON = "expires_soon"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NOT_ACCEPTED = "not_accepted"
    IMPORTED = "imported"

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        """Return those that can be filtered by, each with its word."""
        return [
            (cls.VALID, _("Valid")),
            (cls.EXPIRES_SOON, _("Expires soon")),
            (cls.EXPIRED, _("Expired")),
            (cls.REVOKED, _("Revoked")),
            (cls.NOT_ACCEPTED, _("Not accepted")),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeQuery:
    """Which badges of an organization are asked for. What is not said narrows nothing.

    `template` and `earners_list` are primary keys; `issued_from` is the first moment, `issued_before` the first one after.
    """

    organization: Organization
    text: str = ""
    template: int | None = None
    standing: Standing | None = None
    earners_list: int | None = None
    visibility: Visibility | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether some badges are left out."""
        return any((self.text, self.template, self.standing, self.earners_list, self.visibility)) or any(
            (self.issued_from, self.issued_before)
        )

    @property
    def is_among_newest(self) -> bool:
        """Whether only the newest badges are looked at, because the words are too short for the index."""
        return bool(self.text) and not has_long_word(self.text)

    @property
    def order(self) -> str:
        """The column by which the badges are in order, before their number: the one that a filter goes by."""
        if self.standing in {Standing.EXPIRES_SOON, Standing.EXPIRED}:
            return "expires_at"
        return "issued_at" if self.issued_from or self.issued_before else "number"

    def badges(self, *, is_walked: bool = False) -> BadgeQuerySet:
        """Return the badges, in no order; `is_walked` where many fit and they are gone through in their order."""
        rows = Badge.objects.all().filter(organization=self.organization)
        if self.template is not None:
            rows = rows.filter(template=self.template)
        if self.earners_list is not None:
            members = ListMembership.objects.filter(earners_list=self.earners_list)
            # Few members lead to their badges; where many fit, each badge is asked whether its earner is one.
            is_member = Exists(members.filter(earner=OuterRef("earner")))
            rows = rows.filter(is_member if is_walked else Q(earner__in=members.values("earner")))
        if self.visibility is not None:
            rows = rows.filter(visibility=self.visibility)
        if self.issued_from is not None:
            rows = rows.filter(issued_at__gte=self.issued_from)
        if self.issued_before is not None:
            rows = rows.filter(issued_at__lt=self.issued_before)
        rows = _standing(rows, self.standing)
        if self.text:
            if self.is_among_newest:
                rows = rows.filter(number__gt=self.organization.last_badge_number - SHORT_WORDS_AMONG)
            rows = badges_with(rows, self.text, titles_of=self.organization, is_walked=is_walked)
        return rows.order_by()


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgePage:
    """A page of badges. `total` is None where more than `at_least` fit, and nobody counted them.

    `before` and `after` are the numbers at which the next page and the previous one begin, where a page is not known by its
    own number.
    """

    badges: Sequence[Badge]
    number: int
    start: int
    total: int | None
    at_least: int
    before: int | None
    after: int | None
    has_next: bool

    @property
    def end(self) -> int:
        """The place of the last badge of the page, counted from 1."""
        return self.start + len(self.badges) - 1


def browse(
    query: BadgeQuery, *, number: int, size: int, before: int | None = None, after: int | None = None
) -> BadgePage:
    """Return a page of the badges, newest first (those that expire soon: the soonest first).

    Pages beyond the end are the last one. `before` or `after` is where the page begins when many badges fit; without either
    it is the first page.
    """
    if not query.is_narrowed:
        return _numbered(query.organization, number, size)
    is_soonest_first = query.standing is Standing.EXPIRES_SOON
    is_counted = not query.text or query.is_among_newest or is_rare(query.text, titles_of=query.organization)
    places = _places(query) if is_counted else None
    if places is not None:
        places.sort(reverse=not is_soonest_first)
        number = max(1, min(number, -(-len(places) // size)))
        start = (number - 1) * size
        return BadgePage(
            badges=_rows(query.organization, [place for _key, place in places[start : start + size]]),
            number=number,
            start=start + 1,
            total=len(places),
            at_least=len(places),
            before=None,
            after=None,
            has_next=start + size < len(places),
        )
    return _walked(query, number, size, before, after, at_least=MOST_COUNTED if is_counted else 0)


def _places(query: BadgeQuery) -> list[tuple[Any, int]] | None:
    """Return the places of the badges in their order; None where they are more than are counted."""
    found = query.badges()
    # Dates are dear to read, so many of them are only counted.
    if query.order != "number" and found[: MOST_COUNTED + 1].count() > MOST_COUNTED:
        return None
    places = list(found.values_list(query.order, "number")[: MOST_COUNTED + 1])
    return places if len(places) <= MOST_COUNTED else None


def badges_numbered(organization: Organization, ids: Collection[UUID]) -> BadgeQuerySet:
    """Return those of the organization's badges that have these ids."""
    return Badge.objects.all().filter(organization=organization, uuid__in=ids)


def standing_of(badge: Badge, at: datetime) -> Standing:
    """Return how a badge stands at an instant, whether or not its earner accepted it."""
    if badge.revoked_at is not None:
        return Standing.REVOKED
    if badge.expires_at is not None and badge.expires_at <= at:
        return Standing.EXPIRED
    if badge.is_imported:
        return Standing.IMPORTED
    if badge.expires_at is not None and badge.expires_at <= at + EXPIRES_SOON:
        return Standing.EXPIRES_SOON
    return Standing.VALID


def is_waiting(badge: Badge) -> bool:
    """Whether a badge waits for its earner, as BadgeQuerySet.unaccepted says."""
    return (
        badge.accepted_at is None
        and badge.revoked_at is None
        and not badge.is_imported
        and badge.visibility != Visibility.HIDDEN
    )


def _standing(rows: BadgeQuerySet, standing: Standing | None) -> BadgeQuerySet:
    match standing:
        case Standing.VALID:
            return rows.valid()
        case Standing.EXPIRES_SOON:
            return rows.expiring(EXPIRES_SOON)
        case Standing.EXPIRED:
            return rows.expired()
        case Standing.REVOKED:
            return rows.revoked()
        case Standing.NOT_ACCEPTED:
            return rows.unaccepted()
    return rows


def _numbered(organization: Organization, number: int, size: int) -> BadgePage:
    total = organization.last_badge_number
    number = max(1, min(number, -(-total // size)))
    newest = total - (number - 1) * size
    return BadgePage(
        badges=_rows(organization, range(max(newest - size, 0) + 1, newest + 1)),
        number=number,
        start=(number - 1) * size + 1,
        total=total,
        at_least=total,
        before=None,
        after=None,
        has_next=number * size < total,
    )


def _walked(
    query: BadgeQuery, number: int, size: int, before: int | None, after: int | None, *, at_least: int
) -> BadgePage:
    """Return a page of badges that are many, from the one where the page before, or the one after, has its end."""
    is_descending = query.standing is not Standing.EXPIRES_SOON
    is_backwards = after is not None
    rows = query.badges(is_walked=True)
    begin = after if is_backwards else before
    edge = Badge.objects.filter(organization=query.organization, number=begin).first() if begin else None
    if edge is None:
        number, is_backwards = 1, False
    else:
        rows = rows.filter(_beyond(query.order, edge, is_lower=is_descending != is_backwards))
    sign = "-" if is_descending != is_backwards else ""
    keys = [f"{sign}{query.order}"] if query.order != "number" else []
    found = list(rows.order_by(*keys, f"{sign}number").values_list("number", flat=True)[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if edge is not None and (not found or (is_backwards and len(found) < size)):
        return _walked(
            query, 1, size, None, None, at_least=at_least
        )  # the list has changed, or an end is near
    if is_backwards:
        found.reverse()
        if not has_more:
            number = 1
    start = (number - 1) * size + 1
    has_next = has_more or is_backwards
    reached = start + len(found) - 1
    return BadgePage(
        badges=_rows(query.organization, found),
        number=number,
        start=start,
        total=None if has_next or at_least else reached,
        at_least=max(at_least, reached),
        before=found[-1] if found and has_next else None,
        after=found[0] if found and number > 1 else None,
        has_next=has_next,
    )


def _beyond(order: str, edge: Badge, *, is_lower: bool) -> Q:
    """Return the condition of being behind a badge, in the order of a column and then of the numbers."""
    way = "lt" if is_lower else "gt"
    behind = Q(**{f"number__{way}": edge.number})
    if order == "number":
        return behind
    value = getattr(edge, order)
    # The first part says nothing new, and lets the index begin at the place.
    return Q(**{f"{order}__{way}e": value}) & (
        Q(**{f"{order}__{way}": value}) | (Q(**{order: value}) & behind)
    )


def _rows(organization: Organization, numbers: Collection[int]) -> list[Badge]:
    """Read the badges with these numbers, in the order of the numbers' own collection; a range means newest first."""
    badges = Badge.objects.select_related("version").only(*ROW)
    found = {
        badge.number: badge for badge in badges.filter(organization=organization, number__in=list(numbers))
    }
    order = reversed(numbers) if isinstance(numbers, range) else numbers
    return [found[number] for number in order if number in found]
