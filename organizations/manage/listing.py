"""Lists on the issuers' pages: search, filters kept in the address, chips to remove them, pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, DateFilter, FilterSet

from organizations.manage.forms import DayField, end_of_day

ON_A_PAGE = 25
MAX_SEARCH = 200


class DayFilter(DateFilter):  # type: ignore[misc]  # django-filter has no annotations
    """Keeps the rows of a moment's field from a day on ("gte") or up to its end ("lte"), on the organization's clock.

    It compares moments, for which there are indexes, not the day of each row.
    """

    field_class = DayField

    def filter(self, qs: "QuerySet[Any]", value: date | None) -> "QuerySet[Any]":
        """Narrow the rows."""
        if value is None:
            return qs
        if self.lookup_expr == "lte":
            return qs.filter(**{f"{self.field_name}__lt": end_of_day(value)})
        begin = timezone.make_aware(datetime.combine(value, time.min))
        return qs.filter(**{f"{self.field_name}__gte": begin})


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is in force: what it narrows to, and the query of the list without it."""

    label: str
    value: str
    query: str


class ListFilters(FilterSet):  # type: ignore[misc]  # django-filter has no annotations
    """The search box `q` and the filters of one list; a subclass says which rows `search` finds.

    Filters beyond the first `shown` ones stand behind "More filters". A value that is none of a filter's is shown as an
    error beside it, and narrows nothing.
    """

    shown: ClassVar[int] = 3
    q = CharFilter(
        method="search",
        label=_("Search"),
        max_length=MAX_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Keep the rows that have what was typed."""
        raise NotImplementedError(f"{type(self).__name__} says nothing of how it searches by {name}")

    def narrowed(self) -> "QuerySet[Any]":
        """Return the rows that the filters keep; those whose value is wrong keep all."""
        self.form.is_valid()
        rows: QuerySet[Any] = self.filter_queryset(self.queryset)
        return rows

    def filter_queryset(self, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Apply the filters whose values are right."""
        for name, value in self.form.cleaned_data.items():
            queryset = self.filters[name].filter(queryset, value)
        return queryset

    @property
    def main_fields(self) -> list[BoundField]:
        """The filters that stand beside the search box."""
        return self._fields()[: self.shown]

    @property
    def more_fields(self) -> list[BoundField]:
        """The filters behind "More filters"."""
        return self._fields()[self.shown :]

    @property
    def has_more_in_force(self) -> bool:
        """Whether one of those behind "More filters" narrows the list now, so that they are shown."""
        return any(field.value() not in (None, "") for field in self.more_fields)

    def _fields(self) -> list[BoundField]:
        return [field for field in self.form if field.name != "q"]

    def chips(self) -> Iterator[Chip]:
        """Yield the filters in force."""
        for field in self.form:
            value = self.form.cleaned_data.get(field.name)
            if value in (None, "", []) or isinstance(value, QuerySet):
                continue
            query = self.data.copy()
            for name in (field.name, f"{field.name}_min", f"{field.name}_max", "page"):
                query.pop(name, None)
            yield Chip(str(field.label), _shown(field, value), query.urlencode())


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, as `manage/_list_toolbar.html` and `_pagination.html` show it."""

    filters: ListFilters
    page: "Page[Any]"
    chips: list[Chip]

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is in force: an empty list then says so."""
        return bool(self.chips)


def listing_of(
    request: HttpRequest,
    filters: type[ListFilters],
    rows: "QuerySet[Any]",
    *,
    on_a_page: int = ON_A_PAGE,
    paginator: "type[Paginator[Any]]" = Paginator,
    **options: Any,
) -> Listing:
    """Return the page of a list that a request asks for; `rows` must be ordered by something unique.

    Pages beyond the end are the last one. `options` go to the filters.
    """
    asked = filters(request.GET, queryset=rows, request=request, **options)
    page = paginator(asked.narrowed(), on_a_page).get_page(request.GET.get("page"))
    return Listing(filters=asked, page=page, chips=list(asked.chips()))


def _shown(field: BoundField, value: Any) -> str:
    """Return a filter's value as people read it: the label of a choice, a date as it was typed."""
    choices = dict(getattr(field.field, "choices", []))
    if isinstance(value, list):
        return ", ".join(str(choices.get(one, one)) for one in value)
    return str(choices.get(value, choices.get(str(value), value)))
