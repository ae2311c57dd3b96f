"""What the apps above have of earners, shown on the earners' pages: they register it when Django starts."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Q

from earners.models import Earner
from organizations.manage.desk import Desk


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an earner's page: its template, and what that shows."""

    template: str
    context: Mapping[str, Any]


class Holdings(Protocol):
    """What earners hold."""

    def held(self) -> Q:
        """Return the condition for earners who hold something."""

    def counts(self, earners: Collection[Earner]) -> Mapping[int, int]:
        """Return how much each of these earners holds, by primary key. One query."""

    def part(self, desk: Desk, earner: Earner) -> Part:
        """Return what one earner holds, for their page."""

    def held_by_both(self, one: Earner, other: Earner) -> list[str]:
        """Return the names of what each person holds once, and both of these do."""


HOLDINGS: list[Holdings] = []


def show_on_earner_pages(holdings: Holdings) -> None:
    """Show what earners hold on their pages."""
    HOLDINGS.append(holdings)


def held() -> Q:
    """Return the condition for earners who hold anything."""
    condition = Q(pk__in=[])
    for holdings in HOLDINGS:
        condition |= holdings.held()
    return condition


def counts_of(earners: Collection[Earner]) -> Mapping[int, int]:
    """Return how much each of these earners holds, by primary key."""
    counts: Counter[int] = Counter()
    for holdings in HOLDINGS:
        counts.update(holdings.counts(earners))
    return counts


def parts_of(desk: Desk, earner: Earner) -> list[Part]:
    """Return all that an earner holds, for their page."""
    return [holdings.part(desk, earner) for holdings in HOLDINGS]


def held_by_both(one: Earner, other: Earner) -> list[str]:
    """Return the names of what each person holds once, and both of these do."""
    return [name for holdings in HOLDINGS for name in holdings.held_by_both(one, other)]
