"""Lists in pages, as Laravel's LengthAwarePaginator answers them: data, links, meta."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request

PER_PAGE = 25
MAX_PER_PAGE = 100
ON_EACH_SIDE = 3
Row_co = TypeVar("Row_co", covariant=True)


class Source(Protocol[Row_co]):
    """Rows that are listed, newest first."""

    def total(self) -> int:
        """Return how many there are."""

    def rows(self, offset: int, limit: int) -> Sequence[Row_co]:
        """Return those of one page."""


class QuerySetSource:
    """The rows of a query, ordered by something unique. The keys are paged first, so that only one page is read."""

    def __init__(self, queryset: "QuerySet[Any]", *, total: int | None = None) -> None:
        self.queryset = queryset
        self.known_total = total

    def total(self) -> int:
        """Count them, unless the number is kept somewhere."""
        return self.queryset.count() if self.known_total is None else self.known_total

    def rows(self, offset: int, limit: int) -> Sequence[Any]:
        """Read a page."""
        return list(self.queryset[offset : offset + limit])


def page_of(request: Request, source: Source[Row_co], body: Callable[[Row_co], Any]) -> dict[str, Any]:
    """Return the page that a request asks for; every edge of `page` and `per_page` is as the table below says.

    `page` that is no number from 1 is 1, one past the end is empty; `per_page` that is no number from 1 is 25, above 100
    it is 100.
    """
    query = request.query_params
    page = _whole(query.get("page")) or 1
    per_page = min(_whole(query.get("per_page")) or PER_PAGE, MAX_PER_PAGE)
    total = source.total()
    offset = (page - 1) * per_page
    rows = source.rows(offset, per_page) if offset < total else []
    last_page = max(1, -(-total // per_page))
    path = f"{settings.PUBLIC_URL}{quote(request.path)}"
    kept = [(name, value) for name, values in query.lists() if name != "page" for value in values]

    def url(number: int) -> str:
        return f"{path}?{urlencode([*kept, ('page', number)], quote_via=quote)}"

    previous = url(page - 1) if page > 1 else None
    following = url(page + 1) if page < last_page else None
    return {
        "data": [body(row) for row in rows],
        "links": {"first": url(1), "last": url(last_page), "prev": previous, "next": following},
        "meta": {
            "current_page": page,
            "from": offset + 1 if rows else None,
            "last_page": last_page,
            "links": [
                {"url": previous, "label": _("« Previous"), "active": False},
                *(
                    {"url": None, "label": "...", "active": False}
                    if number is None
                    else {"url": url(number), "label": str(number), "active": number == page}
                    for number in window(page, last_page)
                ),
                {"url": following, "label": _("Next »"), "active": False},
            ],
            "path": path,
            "per_page": per_page,
            "to": offset + len(rows) if rows else None,
            "total": total,
        },
    }


def window(page: int, last_page: int) -> Iterator[int | None]:
    """Yield the numbers that are linked to, None for a gap: Laravel's UrlWindow with three pages on each side."""
    if last_page < ON_EACH_SIDE * 2 + 8:
        yield from range(1, last_page + 1)
        return
    edge = ON_EACH_SIDE + 4
    if page <= edge:
        yield from range(1, edge + ON_EACH_SIDE + 1)
        yield None
        yield from range(last_page - 1, last_page + 1)
    elif page > last_page - edge:
        yield from range(1, 3)
        yield None
        yield from range(last_page - (edge + ON_EACH_SIDE - 1), last_page + 1)
    else:
        yield from range(1, 3)
        yield None
        yield from range(page - ON_EACH_SIDE, page + ON_EACH_SIDE + 1)
        yield None
        yield from range(last_page - 1, last_page + 1)


def _whole(text: str | None) -> int | None:
    """Return a number from 1, None for anything else. As large as a page may be: a trillion pages are past every end."""
    if not text or not text.isdecimal() or not text.isascii() or len(text) > 12:
        return None
    return int(text) or None


def envelope(data: Any) -> Mapping[str, Any]:
    """Return one object as it is answered."""
    return {"data": data}
