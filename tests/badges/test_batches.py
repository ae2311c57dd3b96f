"""Batches: each row becomes one badge or has a reason, whoever dies when."""

import contextlib
from collections.abc import Iterator

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from badges.enums import BatchState, RowState
from badges.exceptions import BatchBroken, TemplateNotIssuable
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services import batches
from badges.services.awards import Award
from badges.services.batch_control import resume_batch
from badges.services.batches import create_batch, run_batch
from badges.services.counters import recount
from badges.services.templates import update_template
from badges.tasks import continue_batch
from config.exceptions import InvalidInput
from earners.models import EarnersList
from earners.services import Person, add_earners, create_list
from organizations.enums import MessageKind
from organizations.exceptions import NotEnoughCredits, OrganizationDisabled
from organizations.models import CreditTransaction, Message, Organization, User
from organizations.services.wallet import add_credits
from tests import factories


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

    def deactivate(_: Batch) -> None:
        update_template(template=template, fields={"status": "inactive"}, by=None)

    with pytest.raises(TemplateNotIssuable):
        run_batch(batch, on_progress=deactivate)
    batch.refresh_from_db()
    assert (batch.state, batch.issued_count, Badge.objects.count()) == (BatchState.PAUSED, 2, 2)
    assert batch.pause_reason
    assert list(Batch.objects.unfinished()) == []

    update_template(template=template, fields={"status": "active"}, by=None)
    assert run_batch(batch).issued_count == 2
    batch = run_batch(resume_batch(batch=batch, by=None))

    assert (batch.state, batch.issued_count, Badge.objects.count()) == (BatchState.DONE, 5, 5)


def test_create_batch_refuses_a_disabled_organization(acme: Organization, template: BadgeTemplate) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")

    with pytest.raises(OrganizationDisabled):
        create_batch(template=template, people=people(3), by=None)

    assert (Batch.objects.count(), CreditTransaction.objects.count()) == (0, 0)


def test_create_batch_refuses_a_report_to_nowhere(template: BadgeTemplate) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_batch(template=template, people=people(3), report_to="nobody", by=None)

    assert refusal.value.field == "report_to"
    assert Batch.objects.count() == 0


def test_create_batch_leaves_nothing_when_the_people_end_in_an_error(template: BadgeTemplate) -> None:
    def broken() -> Iterator[tuple[Person, dict[str, str]]]:
        yield from people(1500)
        raise InvalidInput("Row 1501 cannot be read.")

    with pytest.raises(InvalidInput):
        create_batch(template=template, people=broken(), by=None)

    assert (Batch.objects.count(), BatchRow.objects.count(), CreditTransaction.objects.count()) == (0, 0, 0)


def test_batch_that_is_done_tells_whom_it_was_told_to(template: BadgeTemplate) -> None:
    batch = create_batch(
        template=template, people=people(3), is_announced=False, report_to="bob@acme.example", by=None
    )
    assert Message.objects.count() == 0

    run_batch(batch)
    run_batch(batch)

    message = Message.objects.get()
    assert (message.kind, message.subject, message.recipient) == (
        MessageKind.BATCH_FINISHED,
        batch.uuid,
        "bob@acme.example",
    )


def test_row_that_nobody_foresaw_fails_alone(
    template: BadgeTemplate, caplog: pytest.LogCaptureFixture
) -> None:
    # An award of another shape than any service writes: it raises what is no refusal.
    rows = [*people(3), (Person(email="odd@example.org"), {"unknown": "x"}), *people(2)]

    batch = run_batch(create_batch(template=template, people=rows, by=None))

    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.DONE, 5, 1)
    row = batch.rows.get(state=RowState.FAILED)
    assert (row.number, row.reason_code) == (4, "row_broken")
    assert "TypeError" in row.reason
    assert not any(recount().values())


def test_batch_of_which_no_row_can_be_issued_is_paused_with_a_reason(template: BadgeTemplate) -> None:
    rows = [(Person(email=f"odd{number}@example.org"), {"unknown": "x"}) for number in range(3)]
    batch = create_batch(template=template, people=rows, by=None)

    with pytest.raises(BatchBroken):
        run_batch(batch)

    batch.refresh_from_db()
    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.PAUSED, 0, 0)
    assert "TypeError" in batch.pause_reason
    assert batch.rows.filter(state=RowState.PENDING).count() == 3


@pytest.mark.django_db(transaction=True)
def test_new_batch_is_queued_after_the_commit_alone() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    with transaction.atomic():
        batch = create_batch(template=template, people=people(2), by=None)
        assert DBTaskResult.objects.count() == 0
    task = DBTaskResult.objects.get()
    assert (task.task_path, task.args_kwargs["kwargs"]) == (
        "badges.tasks.continue_batch",
        {"batch_uuid": str(batch.uuid)},
    )

    with contextlib.suppress(InvalidInput), transaction.atomic():
        create_batch(template=template, people=people(2), by=None)
        raise InvalidInput
    assert DBTaskResult.objects.count() == 1


def test_nudge_may_come_twice_and_late(template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = create_batch(template=template, people=people(3), by=None)

    answers = [continue_batch.call(str(batch.uuid)) for _ in range(4)]

    assert answers == [True, False, False, False]
    assert Badge.objects.count() == 3
    assert continue_batch.call("00000000-0000-4000-8000-000000000000") is False
