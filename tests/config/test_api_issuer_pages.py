"""Pages of lists as Laravel's LengthAwarePaginator answers them: every edge of the parameters, every window of links."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from config.api.issuer.pages import page_of, window


@dataclass
class Numbers:
    """The numbers 1 to `count` as a list; notes which pages were read."""

    count: int
    read: list[tuple[int, int]] = field(default_factory=list)

    def total(self) -> int:
        return self.count

    def rows(self, offset: int, limit: int) -> Sequence[int]:
        self.read.append((offset, limit))
        return range(1, self.count + 1)[offset : offset + limit]


def page(count: int, query: str = "") -> dict[str, Any]:
    request = Request(APIRequestFactory().get(f"/api/v1/things{query}"))
    return page_of(request, Numbers(count), lambda number: {"id": number})


def url(query: str) -> str:
    return f"http://127.0.0.1:8000/api/v1/things?{query}"


def test_page_has_the_seed_s_envelope() -> None:
    assert page(3, "?page=2&per_page=2") == {
        "data": [{"id": 3}],
        "links": {
            "first": url("per_page=2&page=1"),
            "last": url("per_page=2&page=2"),
            "prev": url("per_page=2&page=1"),
            "next": None,
        },
        "meta": {
            "current_page": 2,
            "from": 3,
            "last_page": 2,
            "links": [
                {"url": url("per_page=2&page=1"), "label": "« Previous", "active": False},
                {"url": url("per_page=2&page=1"), "label": "1", "active": False},
                {"url": url("per_page=2&page=2"), "label": "2", "active": True},
                {"url": None, "label": "Next »", "active": False},
            ],
            "path": "http://127.0.0.1:8000/api/v1/things",
            "per_page": 2,
            "to": 3,
            "total": 3,
        },
    }


def test_keys_stand_in_laravel_s_order() -> None:
    body = page(1)

    assert list(body) == ["data", "links", "meta"]
    assert list(body["links"]) == ["first", "last", "prev", "next"]
    assert list(body["meta"]) == [
        "current_page",
        "from",
        "last_page",
        "links",
        "path",
        "per_page",
        "to",
        "total",
    ]


def test_empty_list_is_one_empty_page() -> None:
    body = page(0)

    assert body["data"] == []
    assert body["links"] == {"first": url("page=1"), "last": url("page=1"), "prev": None, "next": None}
    assert body["meta"] == {
        "current_page": 1,
        "from": None,
        "last_page": 1,
        "links": [
            {"url": None, "label": "« Previous", "active": False},
            {"url": url("page=1"), "label": "1", "active": True},
            {"url": None, "label": "Next »", "active": False},
        ],
        "path": "http://127.0.0.1:8000/api/v1/things",
        "per_page": 25,
        "to": None,
        "total": 0,
    }


@pytest.mark.parametrize(
    "text", ["0", "-1", "x", "", "1.5", "1e3", "%20", "٣", "9" * 13, "null", "%00", "2%00"]
)
def test_page_that_is_no_number_from_1_is_the_first(text: str) -> None:
    assert page(30, f"?page={text}")["meta"]["current_page"] == 1


@pytest.mark.parametrize(
    ("text", "per_page"),
    [
        ("1", 1),
        ("100", 100),
        ("101", 100),
        ("999999999999", 100),
        ("0", 25),
        ("-5", 25),
        ("x", 25),
        ("", 25),
        ("2.0", 25),
    ],
)
def test_per_page_is_1_to_100_and_25_for_anything_else(text: str, per_page: int) -> None:
    assert page(200, f"?per_page={text}")["meta"]["per_page"] == per_page


def test_page_past_the_end_is_empty_and_nothing_is_read() -> None:
    numbers = Numbers(30)
    request = Request(APIRequestFactory().get("/api/v1/things?page=3"))

    body = page_of(request, numbers, lambda number: number)

    assert (body["data"], body["meta"]["from"], body["meta"]["to"]) == ([], None, None)
    assert (body["meta"]["current_page"], body["meta"]["last_page"], body["meta"]["total"]) == (3, 2, 30)
    assert (body["links"]["prev"], body["links"]["next"]) == (url("page=2"), None)
    assert numbers.read == []


def test_last_page_may_be_full() -> None:
    body = page(50, "?page=2")

    assert (len(body["data"]), body["meta"]["last_page"], body["meta"]["to"]) == (25, 2, 50)


def test_of_a_page_that_is_named_twice_the_last_counts() -> None:
    assert page(100, "?page=3&page=2")["meta"]["current_page"] == 2


def test_links_keep_the_query_in_its_order() -> None:
    body = page(100, "?b=2&page=2&a=%C3%A9+%26&b=3&c[]=1")

    assert body["links"]["next"] == url("b=2&b=3&a=%C3%A9%20%26&c%5B%5D=1&page=3")


@pytest.mark.parametrize("last_page", range(1, 14))
def test_up_to_13_pages_are_all_linked(last_page: int) -> None:
    for number in range(1, last_page + 1):
        assert list(window(number, last_page)) == list(range(1, last_page + 1))


# As Laravel links them, None for "...": from 14 pages on there are gaps.
BEGINNING = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, None]
WINDOWS = {
    (1, 14): [*BEGINNING, 13, 14],
    (7, 14): [*BEGINNING, 13, 14],
    (8, 14): [1, 2, None, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    (14, 14): [1, 2, None, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    (7, 15): [*BEGINNING, 14, 15],
    (8, 15): [1, 2, None, 5, 6, 7, 8, 9, 10, 11, None, 14, 15],
    (9, 15): [1, 2, None, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    (1, 30): [*BEGINNING, 29, 30],
    (7, 30): [*BEGINNING, 29, 30],
    (8, 30): [1, 2, None, 5, 6, 7, 8, 9, 10, 11, None, 29, 30],
    (15, 30): [1, 2, None, 12, 13, 14, 15, 16, 17, 18, None, 29, 30],
    (23, 30): [1, 2, None, 20, 21, 22, 23, 24, 25, 26, None, 29, 30],
    (24, 30): [1, 2, None, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
    (30, 30): [1, 2, None, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
    (99, 30): [1, 2, None, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30],
}


@pytest.mark.parametrize(("place", "expected"), WINDOWS.items())
def test_window_is_laravel_s(place: tuple[int, int], expected: list[int | None]) -> None:
    assert list(window(*place)) == expected


@pytest.mark.parametrize("last_page", range(1, 31))
def test_window_leads_everywhere_from_every_page(last_page: int) -> None:
    for number in range(1, last_page + 1):
        linked = list(window(number, last_page))
        pages = [one for one in linked if one is not None]
        assert pages == sorted(set(pages))
        assert {1, number, last_page} <= set(pages) <= set(range(1, last_page + 1))
        # A gap stands for pages that are left out, and nothing is left out without one.
        for before, after in pairwise(linked):
            if before is not None and after is not None:
                assert after == before + 1
        assert linked[0] == 1
        assert linked[-1] == last_page


def test_gap_is_a_link_to_nowhere() -> None:
    links = page(750)["meta"]["links"]

    assert [link["label"] for link in links] == [
        "« Previous", *(str(number) for number in range(1, 11)), "...", "29", "30", "Next »",
    ]  # fmt: skip
    assert links[11] == {"url": None, "label": "...", "active": False}
