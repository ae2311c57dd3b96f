"""Batches that start later: left alone until then, moved, cancelled; and the log of what was done with batches."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from badges.enums import BatchState, RowState
from badges.exceptions import BatchNotScheduled
from badges.models import Badge, BadgeTemplate, Batch
from badges.services.awards import Award
from badges.services.batch_control import pause_batch, reschedule_batch, resume_batch, retry_batch, stop_batch
from badges.services.batches import create_batch, run_batch
from badges.services.issuing import issue_badge
from config.exceptions import InvalidInput
from config.lanes import Batches
from earners.services import Person
from organizations.models import AuditEntry, CreditTransaction, Organization, User
from organizations.services.wallet import add_credits
from tests.api import Api
from tests.racing import kinds, race

HOUR = timedelta(hours=1)


def scheduled(template: BadgeTemplate, *, by: User | None = None, **more: Any) -> Batch:
    """Return a batch for two people that starts in an hour."""
    people: list[tuple[Person, dict[str, str]]] = [
        (Person(email=email), {}) for email in ("ada@example.org", "alan@example.org")
    ]
    starts_at = more.pop("starts_at", timezone.now() + HOUR)
    return create_batch(template=template, people=people, starts_at=starts_at, by=by, **more)


def come_to_its_moment(batch: Batch) -> None:
    """Let an hour pass."""
    Batch.objects.filter(pk=batch.pk).update(starts_at=timezone.now())


def acts(batch: Batch) -> list[str]:
    """Return what the log has of a batch, oldest first."""
    return list(AuditEntry.objects.filter(subject=batch.uuid).order_by("pk").values_list("act", flat=True))


def test_batch_is_left_alone_until_its_moment(template: BadgeTemplate) -> None:
    batch = scheduled(template)
    lane = Batches(is_waiting=True)

    assert not lane.work()
    assert run_batch(batch).state == BatchState.PENDING
    assert (Badge.objects.count(), batch.is_scheduled) == (0, True)
    assert list(Batch.objects.due(batch.starts_at)) == [batch]

    come_to_its_moment(batch)
    assert lane.work()
    batch.refresh_from_db()
    assert (batch.state, Badge.objects.count()) == (BatchState.DONE, 2)


@pytest.mark.django_db(transaction=True)
def test_worker_starts_a_batch_whose_moment_came_without_being_told(template: BadgeTemplate) -> None:
    batch = scheduled(template)
    call_command("worker", "--once")
    assert not Badge.objects.exists()

    come_to_its_moment(batch)
    call_command("worker", "--once")

    assert Badge.objects.count() == 2


def test_credits_are_taken_at_once_and_come_back_when_it_is_cancelled(
    template: BadgeTemplate, acme: Organization, settings: Settings
) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=2, description="two", by=None)
    batch = scheduled(template)
    acme.refresh_from_db()
    assert acme.credits_left == 0

    stopped = stop_batch(batch=batch, by=None)

    acme.refresh_from_db()
    assert (stopped.state, stopped.stopped_count, acme.credits_left) == (BatchState.STOPPED, 2, 2)
    assert [row.credits for row in CreditTransaction.objects.order_by("pk")] == [2, -2, 2]
    come_to_its_moment(batch)
    assert not Batches(is_waiting=True).work()
    assert not Badge.objects.exists()
    retry_batch(batch=stopped, by=None)
    assert run_batch(stopped).issued_count == 2


def test_start_is_moved_while_it_waits(template: BadgeTemplate, bob: User) -> None:
    batch = scheduled(template, by=bob)
    later = timezone.now().replace(microsecond=0) + 2 * HOUR

    assert reschedule_batch(batch=batch, starts_at=later, by=bob).starts_at == later
    with pytest.raises(InvalidInput):
        reschedule_batch(batch=batch, starts_at=timezone.now() - HOUR, by=bob)
    batch.refresh_from_db()
    assert batch.starts_at == later
    assert reschedule_batch(batch=batch, starts_at=None, by=bob).starts_at is None

    run_batch(batch)
    with pytest.raises(BatchNotScheduled):
        reschedule_batch(batch=batch, starts_at=later, by=bob)
    assert acts(batch) == ["batch.started", "batch.rescheduled", "batch.rescheduled"]


def test_paused_batch_waits_for_its_moment_again(template: BadgeTemplate) -> None:
    batch = scheduled(template)

    pause_batch(batch=batch, by=None)
    assert resume_batch(batch=batch, by=None).is_scheduled

    assert run_batch(batch).issued_count == 0


@pytest.mark.parametrize(
    ("starts_in", "award", "field"),
    [
        (-HOUR, Award(), "starts_at"),
        (timedelta(days=400), Award(), "starts_at"),
        (2 * HOUR, Award(expires_at=timezone.now() + HOUR), "expires_at"),
    ],
)
def test_moment_that_cannot_be_meant_is_refused(
    template: BadgeTemplate, starts_in: timedelta, award: Award, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        scheduled(template, starts_at=timezone.now() + starts_in, award=award)

    assert refused.value.field == field
    assert not Batch.objects.exists()
    assert not CreditTransaction.objects.exists()
    assert scheduled(template, award=Award(expires_at=timezone.now() + 2 * HOUR)).total == 2


@pytest.mark.django_db(transaction=True)
def test_race_of_cancelling_and_moving_ends_in_one_of_them(template: BadgeTemplate) -> None:
    batch = scheduled(template)

    answers = race(
        lambda number: (
            stop_batch(batch=batch, by=None)
            if number % 2
            else reschedule_batch(batch=batch, starts_at=None, by=None)
        ),
        times=6,
    )

    batch.refresh_from_db()
    assert batch.state == BatchState.STOPPED
    assert batch.rows.filter(state=RowState.STOPPED).count() == 2
    assert kinds(answers)["Batch"] in {1, 2}
    assert CreditTransaction.objects.count() == 2


def test_acts_on_a_batch_are_in_the_log_with_their_actor(template: BadgeTemplate, bob: User) -> None:
    batch = scheduled(template, by=bob)

    resume_batch(batch=pause_batch(batch=batch, by=bob), by=bob)
    retry_batch(batch=stop_batch(batch=batch, by=bob), by=bob)

    entries = AuditEntry.objects.filter(subject=batch.uuid).order_by("pk")
    assert acts(batch) == [
        *("batch.started", "batch.paused", "batch.resumed", "batch.stopped", "batch.retried"),
    ]
    assert {(entry.actor, entry.subject_label) for entry in entries} == {
        ("bob@acme.example", "Data literacy")
    }
    assert entries[0].details["count"] == 2


def test_single_badge_is_in_the_log_when_somebody_issued_it(template: BadgeTemplate, bob: User) -> None:
    badge = issue_badge(template=template, person=Person(email="ada@example.org"), by=bob)
    issue_badge(template=template, person=Person(email="claimer@example.org"), by=None)

    entry = AuditEntry.objects.get(act="badge.issued")
    assert (entry.subject, entry.actor, entry.subject_label) == (
        badge.uuid,
        "bob@acme.example",
        "ada@example.org",
    )


def test_api_takes_and_answers_the_moment(acme_key: str, template: BadgeTemplate) -> None:
    body = {"badge_template_id": str(template.uuid), "recipients": [{"recipient_email": "ada@example.org"}]}
    moment = (timezone.now() + HOUR).replace(microsecond=0)
    api = Api(acme_key)

    answer = api.post("/badges/bulk", body | {"starts_at": moment.isoformat()})

    assert answer.status_code == 202
    assert answer.json()["data"]["starts_at"] == f"{moment:%Y-%m-%dT%H:%M:%S}.000000Z"
    assert answer.json()["data"]["state"] == "pending"
    refused = api.post("/badges/bulk", body | {"starts_at": "2020-01-01 10:00:00"})
    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["starts_at"])
    assert Batch.objects.count() == 1
