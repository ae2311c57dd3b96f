"""Batches: each row becomes one badge or has a reason, whoever dies when."""

import random
import time

import pytest
from pytest_django import Settings

from badges.enums import BatchState, RowState
from badges.exceptions import TemplateNotIssuable
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services import batches
from badges.services.awards import Award
from badges.services.batches import create_batch, run_batch
from badges.services.counters import recount
from badges.services.templates import archive_template, restore_template
from config.exceptions import InvalidInput
from earners.models import EarnersList
from earners.services import Person, add_earners, create_list
from organizations.exceptions import NotEnoughCredits
from organizations.models import CreditTransaction, Organization, User
from organizations.services.wallet import add_credits
from tests import factories
from tests.processes import start


def people(count: int) -> list[tuple[Person, dict[str, str]]]:
    """Return that many people, with nothing said of each alone."""
    return [
        (Person(email=f"earner{number}@example.org", first_name=f"E{number}"), {}) for number in range(count)
    ]


@pytest.fixture
def earners_list(acme: Organization) -> EarnersList:
    """A list of acme's with two earners."""
    earners_list = create_list(organization=acme, name="Class", by=None)
    for earner in add_earners(organization=acme, people=[person for person, _ in people(2)]).values():
        earners_list.memberships.create(earner=earner, first_name="On", last_name="List")
    return earners_list


def test_run_batch_issues_to_a_list_with_its_names(
    template: BadgeTemplate, earners_list: EarnersList, bob: User
) -> None:
    batch = create_batch(template=template, earners_list=earners_list, award=Award(notes="well done"), by=bob)
    assert (batch.state, batch.total, Badge.objects.count()) == (BatchState.PENDING, 2, 0)

    batch = run_batch(batch)

    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.DONE, 2, 0)
    assert {(badge.recipient_name, badge.notes, badge.issued_by) for badge in Badge.objects.all()} == {
        ("On List", "well done", "bob@acme.example")
    }
    assert all(row.badge.recipient_email == row.email for row in batch.rows.select_related("badge"))


def test_run_batch_gives_each_row_its_own_words(template: BadgeTemplate) -> None:
    rows = [(Person(email="a@example.org"), {"notes": "own"}), (Person(email="b@example.org"), {})]
    run_batch(
        create_batch(template=template, people=rows, award=Award(notes="common", narrative="n"), by=None)
    )

    assert list(Badge.objects.order_by("pk").values_list("notes", "narrative")) == [
        ("own", "n"),
        ("common", "n"),
    ]


def test_run_batch_keeps_reasons_and_returns_unused_credits(acme: Organization, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=4, description="four", by=None)
    template = factories.template(acme, is_unique=True)
    rows: list[tuple[Person, dict[str, str]]] = [
        (Person(email=email), {}) for email in ("a@example.org", "broken", "A@example.org", "b@example.org")
    ]

    batch = create_batch(template=template, people=rows, by=None)
    acme.refresh_from_db()
    assert acme.credits_left == 0
    batch = run_batch(batch)

    assert (batch.issued_count, batch.failed_count) == (2, 2)
    assert list(batch.rows.filter(state=RowState.FAILED).values_list("number", "reason_code")) == [
        (2, "invalid_input"),
        (3, "badge_already_held"),
    ]
    acme.refresh_from_db()
    assert acme.credits_left == 2
    assert list(CreditTransaction.objects.order_by("pk").values_list("kind", "credits")) == [
        ("purchase", 4),
        ("issue", -4),
        ("return", 2),
    ]
    assert not any(recount().values())


def test_run_batch_twice_changes_nothing(template: BadgeTemplate) -> None:
    batch = run_batch(create_batch(template=template, people=people(3), by=None))

    run_batch(batch)

    assert (Badge.objects.count(), CreditTransaction.objects.count()) == (3, 1)


def test_create_batch_refuses_without_credits_for_all(acme: Organization, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=2, description="two", by=None)

    with pytest.raises(NotEnoughCredits):
        create_batch(template=factories.template(acme), people=people(3), by=None)

    assert (Batch.objects.count(), BatchRow.objects.count()) == (0, 0)


def test_create_batch_refuses_nobody(template: BadgeTemplate) -> None:
    with pytest.raises(InvalidInput):
        create_batch(template=template, people=[], by=None)

    assert Batch.objects.count() == 0


def test_create_batch_refuses_a_list_of_another_organization(
    globex: Organization, earners_list: EarnersList
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_batch(template=factories.template(globex), earners_list=earners_list, by=None)

    assert refusal.value.field == "earners_list_id"
    assert Batch.objects.count() == 0


def test_run_batch_pauses_when_the_template_goes_and_goes_on_later(
    template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = create_batch(template=template, people=people(5), by=None)

    def archive(_: Batch) -> None:
        archive_template(template=template, by=None)

    with pytest.raises(TemplateNotIssuable):
        run_batch(batch, on_progress=archive)
    batch.refresh_from_db()
    assert (batch.state, batch.issued_count, Badge.objects.count()) == (BatchState.PAUSED, 2, 2)
    assert batch.pause_reason
    assert list(Batch.objects.unfinished()) == []

    restore_template(template=template, by=None)
    batch = run_batch(batch)

    assert (batch.state, batch.issued_count, Badge.objects.count()) == (BatchState.DONE, 5, 5)


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_batch_of_killed_workers_issues_each_row_once() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")
    template = factories.template(acme)
    batch = create_batch(template=template, people=people(6000), is_announced=False, by=None)
    chance = random.Random(7)
    killed = 0
    while killed < 5:
        worker = start("worker", "--once")
        issued = Batch.objects.get(pk=batch.pk).issued_count
        # Wait until it has begun, then kill it somewhere inside one of the next chunks.
        deadline = time.monotonic() + 60
        while Batch.objects.get(pk=batch.pk).issued_count == issued and time.monotonic() < deadline:
            time.sleep(0.02)
            assert worker.poll() is None, worker.communicate()[1].decode()
        time.sleep(chance.uniform(0, 0.3))
        worker.kill()
        worker.communicate()
        killed += 1
        batch.refresh_from_db()
        assert Badge.objects.count() == batch.issued_count
        if batch.state == BatchState.DONE:
            break
    last = start("worker", "--once")
    assert last.wait(timeout=120) == 0, last.communicate()[1].decode()
    last.communicate()

    batch.refresh_from_db()
    assert killed >= 2, "too fast to be killed: more rows are needed"
    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.DONE, 6000, 0)
    assert Badge.objects.values("recipient_email").distinct().count() == Badge.objects.count() == 6000
    assert not batch.rows.filter(badge__isnull=True).exists()
    assert not any(recount().values())


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_batch() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")
    batch = create_batch(template=factories.template(acme), people=people(3000), is_announced=False, by=None)

    workers = [start("worker", "--once"), start("worker", "--once")]
    for worker in workers:
        errors = worker.communicate(timeout=120)[1].decode()
        assert worker.returncode == 0, errors

    batch.refresh_from_db()
    assert (batch.state, batch.issued_count) == (BatchState.DONE, 3000)
    assert Badge.objects.count() == 3000
    assert not any(recount().values())
