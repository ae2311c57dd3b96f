"""Pages of badges: the same badges in the same order, whether they are counted, found or gone through."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services import browsing
from badges.services.browsing import BadgePage, BadgeQuery, Standing, browse, is_waiting, standing_of
from badges.services.revoking import revoke_badge
from earners.models import Earner
from earners.services import Person, create_list
from organizations.models import Organization
from tests import factories


@pytest.fixture
def seven(template: BadgeTemplate) -> list[Badge]:
    """Seven badges: the odd ones expire, the later the sooner."""
    now = timezone.now()
    return [
        factories.badge(
            template,
            f"earner{number}@example.org",
            issued_at=now - timedelta(days=number),
            expires_at=now + timedelta(days=20 - number) if number % 2 else None,
        )
        for number in range(1, 8)
    ]


def numbers(page: BadgePage) -> list[int]:
    return [badge.number for badge in page.badges]


def walk(query: BadgeQuery, size: int = 2) -> list[list[int]]:
    """Return the numbers of all pages, from the first one to the last."""
    page = browse(query, number=1, size=size)
    pages = [numbers(page)]
    while page.has_next:
        page = browse(query, number=page.number + 1, size=size, before=page.before)
        pages.append(numbers(page))
    return pages


def test_all_badges_are_pages_of_numbers(
    acme: Organization, globex: Organization, seven: list[Badge]
) -> None:
    factories.badge(factories.template(globex))
    acme.refresh_from_db()
    query = BadgeQuery(organization=acme)

    assert walk(query) == [[7, 6], [5, 4], [3, 2], [1]]
    last = browse(query, number=99, size=2)
    assert (numbers(last), last.number, last.start, last.end, last.total) == ([1], 4, 7, 7, 7)


FILTERS: list[tuple[dict[str, Any], list[list[int]]]] = [
    ({"text": "earner"}, [[7, 6], [5, 4], [3, 2], [1]]),
    ({"standing": Standing.VALID}, [[7, 6], [5, 4], [3, 2], [1]]),
    ({"standing": Standing.EXPIRES_SOON}, [[7, 5], [3, 1]]),  # the soonest first
    ({"issued_before": timedelta(days=-2)}, [[2, 3], [4, 5], [6, 7]]),  # the last issued first
    ({"visibility": Visibility.PUBLIC}, [[]]),
]


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize(("fields", "expected"), FILTERS)
def test_filtered_badges_are_the_same_found_or_gone_through(
    acme: Organization,
    seven: list[Badge],
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, Any],
    expected: list[list[int]],
    is_many: bool,
) -> None:
    if is_many:
        monkeypatch.setattr(browsing, "MOST_COUNTED", 0)
    fields = {
        name: timezone.now() + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }
    query = BadgeQuery(organization=acme, **fields)

    assert walk(query) == expected


def test_many_badges_are_gone_through_backwards_too(
    acme: Organization, seven: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "MOST_COUNTED", 5)
    query = BadgeQuery(organization=acme, text="example.org")

    first = browse(query, number=1, size=2)
    third = browse(query, number=3, size=2, before=4)
    second = browse(query, number=2, size=2, after=third.after)
    again = browse(query, number=1, size=2, after=second.after)

    assert (numbers(third), third.start, third.total, third.at_least) == ([3, 2], 5, None, 6)
    assert (numbers(second), second.has_next, second.at_least) == ([5, 4], True, 5)
    assert numbers(again) == numbers(first) == [7, 6]
    assert (first.before, first.after, again.number) == (6, None, 1)
    assert numbers(browse(query, number=9, size=2, before=99_999)) == [7, 6]  # no such badge
    assert numbers(browse(query, number=9, size=2, before=1)) == [7, 6]  # nothing behind it


def test_list_filter_finds_badges_of_members(
    acme: Organization, seven: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [Person(email="earner2@example.org"), Person(email="earner5@example.org")]
    query = BadgeQuery(
        organization=acme, earners_list=create_list(organization=acme, name="Two", people=people, by=None).pk
    )

    assert walk(query) == [[5, 2]]
    monkeypatch.setattr(browsing, "MOST_COUNTED", 0)
    assert walk(query) == [[5, 2]]


def test_short_words_are_looked_for_among_the_newest(
    acme: Organization, seven: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browsing, "SHORT_WORDS_AMONG", 3)
    acme.refresh_from_db()

    assert walk(BadgeQuery(organization=acme, text="ea")) == [[7, 6], [5]]
    assert BadgeQuery(organization=acme, text="ea").is_among_newest
    assert not BadgeQuery(organization=acme, text="ear").is_among_newest


def test_standing_says_first_what_weighs_most(template: BadgeTemplate) -> None:
    now = timezone.now()
    badge = factories.badge(template, issued_at=now - timedelta(days=9), expires_at=now + timedelta(days=9))

    assert standing_of(badge, now) is Standing.EXPIRES_SOON
    assert standing_of(badge, now + timedelta(days=9)) is Standing.EXPIRED
    assert is_waiting(badge)
    assert list(Badge.objects.all().unaccepted()) == [badge]
    badge = revoke_badge(badge=badge, reason="Mistake", by=None)
    assert standing_of(badge, now) is Standing.REVOKED
    assert not is_waiting(badge)
    assert not Badge.objects.all().unaccepted().exists()
    assert Earner.objects.exists()
