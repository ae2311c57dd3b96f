"""The search of badges: what it finds, and that its index is kept as the badges are."""

import pytest
from django.db import connection

from badges.models import Badge, BadgeTemplate
from badges.services.searching import badges_with, is_rare
from organizations.models import Organization
from tests import factories


@pytest.fixture
def people(template: BadgeTemplate) -> list[Badge]:
    """Badges of Ada, of Zoë and of Łucja, in this order."""
    rows = []
    for email, first, last, activity in (
        ("ada@example.org", "Ada", "Lovelace", "Spring class"),
        ("zoe.bell@school.example", "Zoë", "Bell", ""),
        ("lucja@school.example", "Łucja", "O'Hara_%", 'Night "owls"'),
    ):
        badge = factories.badge(template, email, activity_title=activity)
        Badge.objects.filter(pk=badge.pk).update(recipient_first_name=first, recipient_last_name=last)
        rows.append(badge)
    return rows


def found(text: str, titles_of: Organization | None = None, *, is_walked: bool = False) -> list[str]:
    """Return the first parts of the addresses of the badges that a search finds, in the order of issue."""
    badges = badges_with(Badge.objects.all(), text, titles_of=titles_of, is_walked=is_walked)
    return [badge.recipient_email.split("@")[0] for badge in badges.order_by("number")]


@pytest.mark.parametrize("is_walked", [False, True])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ovelac", ["ada"]),
        ("LOVELACE ada", ["ada"]),
        ("ada bell", []),
        ("zoë", ["zoe.bell"]),
        ("ZOË", ["zoe.bell"]),
        ("łucja", ["lucja"]),
        ("school.example", ["zoe.bell", "lucja"]),
        ("spring", ["ada"]),
        ("_%", ["lucja"]),
        ("o'hara_%", ["lucja"]),
        ('"owls"', ["lucja"]),
        ("* OR ada", []),
        ("li", []),
        ("be", ["zoe.bell"]),
        ("data", []),
    ],
)
@pytest.mark.usefixtures("people")
def test_search_finds_every_word_wherever_it_stands(text: str, expected: list[str], is_walked: bool) -> None:
    assert found(text, is_walked=is_walked) == expected


def test_search_finds_titles_of_the_organization(people: list[Badge], acme: Organization) -> None:
    factories.badge(factories.template(acme, title="Web pages"), "web@example.org")

    assert found("data", acme) == ["ada", "zoe.bell", "lucja"]
    assert found("LITERACY bell", acme) == ["zoe.bell"]
    assert found("web", acme) == ["web"]


def test_search_finds_ids_and_their_beginnings(people: list[Badge]) -> None:
    uuid = str(people[1].uuid)

    assert found(uuid) == found(uuid[:8]) == found(uuid[:13].upper()) == ["zoe.bell"]
    assert found(f"{uuid[:8]} bell") == ["zoe.bell"]
    assert found(f"{uuid[:8]} ada") == []


def test_search_follows_what_becomes_of_a_badge(people: list[Badge]) -> None:
    assert found("lovelace") == ["ada"]

    Badge.objects.filter(pk=people[0].pk).update(recipient_last_name="Byron")

    assert found("lovelace") == []
    assert found("byron") == ["ada"]


@pytest.mark.django_db
def test_index_of_the_search_is_there() -> None:
    """A migration that makes the table of badges anew on SQLite has to make the triggers again, as 0014 does."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE tbl_name = 'badges_badge' AND type = 'trigger'"
            )
            wanted = {f"badges_search_{act}" for act in ("insert", "delete", "update")}
        else:
            cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname = 'badge_search'")
            wanted = {"badge_search"}
        assert {name for (name,) in cursor.fetchall()} == wanted


@pytest.mark.usefixtures("people")
def test_search_takes_the_index() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")

    plan = badges_with(Badge.objects.all(), "lovelace").order_by().explain()

    assert "badge_search" in plan or "badges_search VIRTUAL TABLE" in plan


def test_words_that_are_too_short_are_not_rare(people: list[Badge], acme: Organization) -> None:
    assert is_rare("ada", titles_of=acme)
    assert is_rare("li ada", titles_of=acme)
    assert not is_rare("li ab", titles_of=acme)
