"""Two earners become one: badges, lists, progress and counters, and races for it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from badges.models import Badge, BadgeTemplate, PathProgress
from badges.services.counters import recount
from earners.exceptions import EarnersNotMergeable
from earners.models import Earner, EarnersList, ListMembership
from earners.services import ListedPerson, Person, add_earners, create_list
from earners.services.changing import change_earner
from earners.services.erasing import erase_earner
from earners.services.merging import merge_earners
from organizations.enums import OrganizationStatus
from organizations.exceptions import OrganizationDisabled
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.racing import kinds, race


@pytest.fixture
def ada(listed: EarnersList) -> Earner:
    """Ada, who is on the list "Class" with a mark."""
    return Earner.objects.get(email="ada@example.org")


@pytest.fixture
def twin(acme: Organization, listed: EarnersList) -> Earner:
    """Ada again, with another address: on "Class" with a seat, and on a list of her own."""
    person = ListedPerson(email="ada@home.example", first_name="A.", metadata={"Mark": 1, "Seat": "7"})
    create_list(organization=acme, name="Evening", people=[person], by=None)
    twin = Earner.objects.get(email="ada@home.example")
    ListMembership.objects.create(earners_list=listed, earner=twin, metadata={"Mark": 1, "Seat": "7"})
    recount()
    return twin


def test_merge_gives_badges_lists_and_what_they_say_to_who_stays(
    acme: Organization, alice: User, ada: Earner, twin: Earner, listed: EarnersList
) -> None:
    own = factories.badge(factories.template(acme), "ada@example.org")
    other = factories.badge(factories.template(acme, title="Chess"), "ada@home.example")
    body = other.documents.get().body

    merge_earners(kept=ada, gone=twin, by=alice)

    assert list(Earner.objects.order_by("pk").values_list("email", flat=True)) == [
        "ada@example.org",
        "grace@example.org",
    ]
    assert set(Badge.objects.filter(earner=ada)) == {own, other}
    other.refresh_from_db()
    assert (other.recipient_email, other.documents.get().body) == ("ada@home.example", body)
    said = ListMembership.objects.filter(earner=ada).order_by("pk")
    assert list(said.values_list("earners_list__name", "first_name", "metadata")) == [
        ("Class", "Ada", {"Mark": 4, "Seat": "7"}),
        ("Evening", "A.", {"Mark": 1, "Seat": "7"}),
    ]
    listed.refresh_from_db()
    acme.refresh_from_db()
    assert (listed.earners_count, acme.earners_count) == (2, 2)
    assert not any(recount().values())
    entry = AuditEntry.objects.get(act="earner.merged")
    assert (entry.actor, entry.subject, entry.subject_label) == (
        "alice@acme.example",
        ada.uuid,
        "ada@example.org",
    )
    assert entry.details == {"merged": "ada@home.example", "lists": 2}


@pytest.mark.parametrize(
    ("own_ends", "other_ends", "holder"),
    [(None, None, "own"), (1, None, "own"), (-1, None, "other"), (-1, -1, "own")],
)
def test_merge_of_two_who_hold_a_unique_badge_leaves_both_and_one_holds_the_place(
    acme: Organization,
    ada: Earner,
    twin: Earner,
    own_ends: int | None,
    other_ends: int | None,
    holder: str,
) -> None:
    template = factories.template(acme, is_unique=True)
    issued_at = timezone.now() - timedelta(days=9)
    badges = {}
    for name, email, days in (
        ("own", "ada@example.org", own_ends),
        ("other", "ada@home.example", other_ends),
    ):
        ends = None if days is None else timezone.now() + timedelta(days=days)
        badges[name] = factories.badge(template, email, issued_at=issued_at, expires_at=ends)
    assert Badge.objects.filter(holds_place=True).count() == 2

    merge_earners(kept=ada, gone=twin, by=None)

    assert Badge.objects.filter(earner=ada, revoked_at=None).count() == 2
    assert Badge.objects.get(holds_place=True) == badges[holder]


def test_merge_joins_progress_on_paths(acme: Organization, ada: Earner, twin: Earner) -> None:
    given = factories.badge(factories.template(acme, title="Given by the path"), "ada@home.example")
    paths = [factories.template(acme, title=f"Path {number}") for number in range(2)]
    BadgeTemplate.objects.filter(pk__in=[path.pk for path in paths]).update(is_learning_path=True)
    PathProgress.objects.create(path=paths[0], earner=ada, due_at=None)
    PathProgress.objects.create(path=paths[0], earner=twin, badge=given, due_at=None)
    PathProgress.objects.create(path=paths[1], earner=twin, due_at=None)

    merge_earners(kept=ada, gone=twin, by=None)

    rows = PathProgress.objects.order_by("path")
    assert list(rows.values_list("path", "earner", "badge")) == [
        (paths[0].pk, ada.pk, given.pk),
        (paths[1].pk, ada.pk, None),
    ]
    assert all(row.due_at is not None for row in rows)


def test_erasing_who_stays_erases_what_the_log_says_of_who_went(ada: Earner, twin: Earner) -> None:
    change_earner(earner=twin, fields={"last_name": "Byron"}, by=None)
    merge_earners(kept=ada, gone=twin, by=None)
    assert AuditEntry.objects.filter(subject=ada.uuid).count() == 2

    erase_earner(earner=ada, by=None)

    told = [f"{entry.subject_label}{entry.details}" for entry in AuditEntry.objects.all()]
    assert not [words for words in told if "ada@" in words or "Byron" in words]


def test_merge_fills_names_that_are_missing(acme: Organization, twin: Earner) -> None:
    [nameless] = add_earners(organization=acme, people=[Person(email="x@example.org")]).values()

    assert merge_earners(kept=nameless, gone=twin, by=None).first_name == "A."


def test_merge_refuses_what_is_no_pair(ada: Earner, twin: Earner, foreign: EarnersList) -> None:
    mole = foreign.memberships.get().earner
    erase_earner(earner=twin, by=None)
    before = list(Earner.objects.order_by("pk").values())

    for gone in (ada, mole, twin):
        with pytest.raises(EarnersNotMergeable):
            merge_earners(kept=ada, gone=gone, by=None)

    assert list(Earner.objects.order_by("pk").values()) == before


def test_merge_is_refused_to_a_disabled_organization(acme: Organization, ada: Earner, twin: Earner) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        merge_earners(kept=ada, gone=twin, by=None)

    assert Earner.objects.filter(pk=twin.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_race_of_merging_both_ways_leaves_one_with_everything() -> None:
    acme = factories.OrganizationFactory.create()
    template = factories.template(acme)
    for email in ("one@example.org", "two@example.org"):
        factories.badge(template, email)
    one, two = Earner.objects.order_by("pk")

    answers = race(
        lambda number: merge_earners(
            kept=one if number % 2 else two, gone=two if number % 2 else one, by=None
        ),
        times=4,
    )

    assert kinds(answers) == {"Earner": 1, "EarnersNotMergeable": 3}
    assert Badge.objects.filter(earner=Earner.objects.get()).count() == 2
    assert not any(recount().values())
