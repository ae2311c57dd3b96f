"""What the list of badges can be asked for in the browser, and which badges an act is about: some, or all found."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.querysets import BadgeQuerySet
from badges.services.browsing import BadgePage, BadgeQuery, Standing, badges_numbered, browse
from earners.models import EarnersList
from organizations.manage.desk import Desk
from organizations.manage.listing import ON_A_PAGE, Chip, DayFilter, ListFilters

PLACES = ("page", "before", "after")  # of the address: where in the list one is
MOST_CHOSEN = 500  # badges named one by one


class BadgeFilters(ListFilters):
    """By what was earned, how the badge stands, who is on a list; and more. The search box finds people and titles."""

    template = ChoiceFilter(label=_("Badge"), empty_label=_("Every badge"))
    status = ChoiceFilter(choices=Standing.choices(), label=_("Status"), empty_label=_("Every status"))
    list = ChoiceFilter(label=_("Earners on"), empty_label=_("Every list, or none"))
    since = DayFilter(label=_("Issued from"))
    until = DayFilter(label=_("Issued until"))
    visibility = ChoiceFilter(
        choices=Visibility.choices, label=_("Who finds it"), empty_label=_("Whoever it is")
    )

    def __init__(self, data: QueryDict, *, desk: Desk) -> None:
        asked = data.copy()
        for name in PLACES:
            asked.pop(name, None)
        super().__init__(asked, queryset=Badge.objects.none())
        self.desk = desk
        templates = BadgeTemplate.objects.filter(
            organization=desk.organization, current_version__isnull=False
        )
        self.templates = _choices(templates.values_list("uuid", "pk", "current_version__title"))
        lists = EarnersList.objects.filter(organization=desk.organization)
        self.lists = _choices(lists.values_list("uuid", "pk", "name"))
        for name, known in (("template", self.templates), ("list", self.lists)):
            self.filters[name].extra["choices"] = [(uuid, words) for uuid, (_pk, words) in known.items()]

    def query(self) -> BadgeQuery:
        """Return the badges that are asked for; a value that is none of a filter's narrows nothing."""
        self.form.is_valid()
        asked = self.form.cleaned_data
        since, until = asked.get("since"), asked.get("until")
        return BadgeQuery(
            organization=self.desk.organization,
            text=asked.get("q") or "",
            template=self.templates[asked["template"]][0] if asked.get("template") else None,
            standing=Standing(asked["status"]) if asked.get("status") else None,
            earners_list=self.lists[asked["list"]][0] if asked.get("list") else None,
            visibility=Visibility(asked["visibility"]) if asked.get("visibility") else None,
            issued_from=_start_of(since) if since else None,
            issued_before=_start_of(until + timedelta(days=1)) if until else None,
        )

    def address_query(self, **places: int | None) -> str:
        """Return the query of an address with these filters and a place in the list."""
        kept = [(name, value) for name, values in self.data.lists() for value in values if value]
        return urlencode([*kept, *((name, place) for name, place in places.items() if place)])


@dataclass(frozen=True, slots=True)
class BadgeListing:
    """A page of the list with its filters, as `manage/_list_toolbar.html` shows them, and the ways on."""

    filters: BadgeFilters
    query: BadgeQuery
    page: BadgePage
    chips: Sequence[Chip]

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is in force: an empty list then says so."""
        return bool(self.chips)

    @property
    def previous_query(self) -> str | None:
        """The query of the page before, or None."""
        number = self.page.number - 1
        return self.filters.address_query(page=number, after=self.page.after) if number else None

    @property
    def next_query(self) -> str | None:
        """The query of the next page, or None."""
        if not self.page.has_next:
            return None
        return self.filters.address_query(page=self.page.number + 1, before=self.page.before)

    @property
    def kept(self) -> Sequence[tuple[str, str]]:
        """The filters in force, as hidden fields carry them on."""
        return [(name, value) for name, values in self.filters.data.lists() for value in values if value]


def listing_of_badges(request: HttpRequest, desk: Desk) -> BadgeListing:
    """Return the page of the list that a request asks for."""
    filters = BadgeFilters(request.GET, desk=desk)
    query = filters.query()
    page = browse(
        query,
        number=_whole(request.GET.get("page")) or 1,
        size=ON_A_PAGE,
        before=_whole(request.GET.get("before")),
        after=_whole(request.GET.get("after")),
    )
    return BadgeListing(filters=filters, query=query, page=page, chips=list(filters.chips()))


@dataclass(frozen=True, slots=True)
class Selection:
    """The badges that an act is about. `is_all` are all that the filters find."""

    badges: BadgeQuerySet
    is_all: bool


def selection_of(request: HttpRequest, desk: Desk) -> Selection:
    """Return the badges that an address names: with `all` those that its filters find, else each `badge`."""
    if request.GET.get("all"):
        return Selection(BadgeFilters(request.GET, desk=desk).query().badges(), is_all=True)
    ids = [found for text in request.GET.getlist("badge")[:MOST_CHOSEN] if (found := _uuid(text)) is not None]
    return Selection(badges_numbered(desk.organization, ids), is_all=False)


def way_back(request: HttpRequest, desk: Desk) -> str:
    """Return where one came from: the list as it was filtered, where `next` names a page of this organization."""
    asked = request.GET.get("next") or request.POST.get("next") or ""
    is_ours = asked.startswith(desk.url("dashboard")) and ".." not in asked
    if not is_ours or not url_has_allowed_host_and_scheme(asked, allowed_hosts=None):
        return desk.url("badges")
    return asked


def _choices(rows: Any) -> dict[str, tuple[int, str]]:
    """Return (uuid, primary key, words) by the text of the uuid, in the order of the words."""
    return {str(uuid): (pk, words) for uuid, pk, words in sorted(rows, key=lambda row: row[2].casefold())}


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
