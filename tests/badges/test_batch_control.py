"""Batches are paused, resumed, stopped and tried again: also while they run, and by several people at once."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from badges.enums import BatchState, RowState
from badges.exceptions import (
    BatchNotPausable,
    BatchNotResumable,
    BatchNotRetryable,
    BatchNotStoppable,
    TemplateNotIssuable,
)
from badges.models import Badge, BadgeTemplate, Batch
from badges.services import batches
from badges.services.batch_control import pause_batch, resume_batch, retry_batch, stop_batch
from badges.services.batches import create_batch, run_batch
from badges.services.counters import recount
from badges.services.templates import update_template
from config.exceptions import RuleBroken
from earners.services import Person
from organizations.exceptions import NotEnoughCredits
from organizations.models import CreditTransaction, Message, Organization, User
from organizations.services.wallet import add_credits
from tests import factories
from tests.racing import kinds, race

ACTS = {"pause": pause_batch, "resume": resume_batch, "stop": stop_batch, "retry": retry_batch}


def rows(count: int, *, broken: int = 0) -> list[tuple[Person, dict[str, str]]]:
    """Return that many people, of whom the first `broken` have no address."""
    return [
        (Person(email="broken" if number < broken else f"earner{number}@example.org"), {})
        for number in range(count)
    ]


def half_done(template: BadgeTemplate, *, broken: int = 0, **more: Any) -> Batch:
    """Return a batch of six rows, of which a chunk of two was tried."""
    batch = create_batch(template=template, people=rows(6, broken=broken), by=None, **more)
    return run_batch(batch, max_chunks=1)


def ledger() -> list[tuple[str, int]]:
    """Return all movements of credits, oldest first."""
    return list(CreditTransaction.objects.order_by("pk").values_list("kind", "credits"))


def counts(batch: Batch) -> tuple[str, int, int, int]:
    """Return state, and how many rows were issued, failed, and stopped; these agree with the rows."""
    batch.refresh_from_db()
    of = {state: batch.rows.filter(state=state).count() for state in RowState}
    assert (batch.issued_count, batch.failed_count, batch.stopped_count) == (
        of[RowState.ISSUED],
        of[RowState.FAILED],
        of[RowState.STOPPED],
    )
    return batch.state, batch.issued_count, batch.failed_count, batch.stopped_count


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows per transaction."""
    monkeypatch.setattr(batches, "CHUNK", 2)


def test_paused_batch_waits_until_it_is_resumed(template: BadgeTemplate, bob: User) -> None:
    batch = half_done(template)

    paused = pause_batch(batch=batch, by=bob)

    assert (paused.state, paused.pause_reason) == (BatchState.PAUSED, "Paused by bob@acme.example.")
    assert counts(run_batch(batch)) == ("paused", 2, 0, 0)
    assert list(Batch.objects.unfinished()) == []

    resumed = resume_batch(batch=batch, by=bob)

    assert (resumed.state, resumed.pause_reason) == (BatchState.PENDING, "")
    assert counts(run_batch(batch)) == ("done", 6, 0, 0)
    assert ledger() == [("issue", -6)]


def test_batch_is_paused_while_it_runs(template: BadgeTemplate) -> None:
    batch = create_batch(template=template, people=rows(6), by=None)

    def pause(batch: Batch) -> None:
        pause_batch(batch=batch, by=None)

    run_batch(batch, on_progress=pause)

    assert counts(batch) == ("paused", 2, 0, 0)
    assert Badge.objects.count() == 2


def test_stopped_batch_gives_back_all_unused_credits_at_once(acme: Organization, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=6, description="six", by=None)
    batch = half_done(factories.template(acme), broken=1, report_to="bob@acme.example", is_announced=False)

    stop_batch(batch=batch, by=None)

    assert counts(batch) == ("stopped", 1, 1, 4)
    assert batch.finished_at is not None
    assert ledger() == [("purchase", 6), ("issue", -6), ("return", 5)]
    acme.refresh_from_db()
    assert acme.credits_left == 5
    assert [message.kind for message in Message.objects.all()] == ["batch_finished"]
    assert counts(run_batch(batch)) == ("stopped", 1, 1, 4)
    assert not any(recount().values())


def test_paused_batch_can_be_stopped(template: BadgeTemplate) -> None:
    batch = half_done(template)
    pause_batch(batch=batch, by=None)

    stop_batch(batch=batch, by=None)

    assert counts(batch) == ("stopped", 2, 0, 4)
    assert ledger() == [("issue", -6), ("return", 4)]


def test_batch_is_stopped_while_it_runs(template: BadgeTemplate) -> None:
    batch = create_batch(template=template, people=rows(6), by=None)

    def stop(batch: Batch) -> None:
        stop_batch(batch=batch, by=None)

    run_batch(batch, on_progress=stop)

    assert counts(batch) == ("stopped", 2, 0, 4)
    assert ledger() == [("issue", -6), ("return", 4)]


def test_retry_tries_the_failed_rows_alone(acme: Organization) -> None:
    template = factories.template(acme)
    batch = run_batch(create_batch(template=template, people=rows(6, broken=3), by=None))
    assert counts(batch) == ("done", 3, 3, 0)
    issued = set(Badge.objects.values_list("pk", flat=True))
    batch.rows.filter(number=1).update(email="mended@example.org")

    again = retry_batch(batch=batch, by=None)

    assert (again.state, again.finished_at, again.failed_count) == (BatchState.PENDING, None, 0)
    assert counts(run_batch(batch)) == ("done", 4, 2, 0)
    assert batch.finished_at is not None
    assert list(Badge.objects.exclude(pk__in=issued).values_list("recipient_email", flat=True)) == [
        "mended@example.org"
    ]
    assert ledger() == [("issue", -6), ("return", 3), ("issue", -3), ("return", 2)]
    acme.refresh_from_db()
    assert acme.credits_left == -4
    assert not any(recount().values())


def test_retry_of_a_stopped_batch_goes_on_where_it_stopped(template: BadgeTemplate) -> None:
    batch = half_done(template, broken=1)
    stop_batch(batch=batch, by=None)
    batch.rows.filter(number=1).update(email="mended@example.org")

    retry_batch(batch=batch, by=None)

    assert counts(run_batch(batch)) == ("done", 6, 0, 0)
    assert ledger() == [("issue", -6), ("return", 5), ("issue", -5)]
    assert Badge.objects.count() == 6


def test_retry_without_credits_changes_nothing(acme: Organization, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=6, description="six", by=None)
    batch = run_batch(create_batch(template=factories.template(acme), people=rows(6, broken=2), by=None))
    add_credits(organization=acme, credits=-1, description="gone", by=None)
    before = ledger()

    with pytest.raises(NotEnoughCredits):
        retry_batch(batch=batch, by=None)

    assert counts(batch) == ("done", 4, 2, 0)
    assert batch.rows.filter(reason_code="invalid_input").count() == 2
    assert ledger() == before


@pytest.mark.parametrize("act", [resume_batch, retry_batch])
def test_what_would_pause_again_is_refused_at_once(act: Any, template: BadgeTemplate) -> None:
    batch = half_done(template, broken=1)
    if act is resume_batch:
        pause_batch(batch=batch, by=None)
    else:
        stop_batch(batch=batch, by=None)
    update_template(template=template, fields={"status": "inactive"}, by=None)
    before, moved = counts(batch), ledger()

    with pytest.raises(TemplateNotIssuable):
        act(batch=batch, by=None)

    assert (counts(batch), ledger()) == (before, moved)


@pytest.mark.parametrize(
    ("state", "refusals"),
    [
        ("pending", {"resume": BatchNotResumable, "retry": BatchNotRetryable}),
        ("running", {"resume": BatchNotResumable, "retry": BatchNotRetryable}),
        ("paused", {"pause": BatchNotPausable, "retry": BatchNotRetryable}),
        (
            "stopped",
            {"pause": BatchNotPausable, "resume": BatchNotResumable, "stop": BatchNotStoppable},
        ),
        (
            "done",
            {
                "pause": BatchNotPausable,
                "resume": BatchNotResumable,
                "stop": BatchNotStoppable,
                "retry": BatchNotRetryable,  # all of it was issued
            },
        ),
    ],
)
def test_act_that_does_not_fit_the_state_is_refused(
    state: str, refusals: dict[str, type[RuleBroken]], template: BadgeTemplate
) -> None:
    batch = create_batch(template=template, people=rows(6), by=None)
    if state != "pending":
        batch = run_batch(batch, max_chunks=3 if state == "done" else 1)
    if state == "paused":
        pause_batch(batch=batch, by=None)
    if state == "stopped":
        stop_batch(batch=batch, by=None)
    before, moved = counts(batch), ledger()
    assert before[0] == state

    for name, refusal in refusals.items():
        with pytest.raises(refusal):
            ACTS[name](batch=batch, by=None)

    assert (counts(batch), ledger()) == (before, moved)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["pause", "stop", "retry"])
def test_act_of_many_at_once_happens_once(name: str) -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    batch = create_batch(template=template, people=rows(6, broken=2), by=None)
    batch = run_batch(batch, max_chunks=None if name == "retry" else 1)

    answers = race(lambda _: ACTS[name](batch=batch, by=None), times=5)

    refusal = {"pause": BatchNotPausable, "stop": BatchNotStoppable, "retry": BatchNotRetryable}[name]
    assert kinds(answers) == {"Batch": 1, refusal.__name__: 4}
    assert (
        ledger()
        == {
            "pause": [("issue", -6)],
            "stop": [("issue", -6), ("return", 6)],
            "retry": [("issue", -6), ("return", 2), ("issue", -2)],
        }[name]
    )
    counts(batch)


@pytest.mark.django_db(transaction=True)
def test_pause_resume_and_stop_among_running_workers_lose_no_row() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    batch = create_batch(template=template, people=rows(200), is_announced=False, by=None)
    is_over = threading.Event()

    def act(number: int) -> None:
        if number < 2:
            while not is_over.is_set():
                run_batch(batch, max_chunks=1)
            return
        try:
            for _ in range(3):
                pause_batch(batch=batch, by=None)
                assert counts(batch)[0] == "paused"
                resume_batch(batch=batch, by=None)
            stop_batch(batch=batch, by=None)
        finally:
            is_over.set()
            connection.close()

    answers = race(act, times=3)

    assert answers == [None, None, None]
    state, issued, failed, stopped = counts(batch)
    assert (state, failed, issued + stopped) == ("stopped", 0, 200)
    assert stopped > 0, "too fast to be stopped: more rows are needed"
    assert Badge.objects.count() == issued
    assert ledger() == [("issue", -200), ("return", stopped)]
    retry_batch(batch=batch, by=None)
    assert counts(run_batch(batch)) == ("done", 200, 0, 0)
    assert ledger()[2:] == [("issue", -stopped)]
    assert Badge.objects.values("recipient_email").distinct().count() == Badge.objects.count() == 200
    assert not any(recount().values())


def test_staff_pause_resume_stop_and_retry_in_the_admin(
    client: Client, staff: User, template: BadgeTemplate
) -> None:
    client.force_login(staff)
    batch = half_done(template, broken=1)

    def act(name: str) -> tuple[str, int, int, int]:
        form = {"action": name, "_selected_action": str(batch.pk), "confirmed": "yes"}
        response = client.post(reverse("admin:badges_batch_changelist"), form, follow=True)
        assert response.status_code == 200
        return counts(batch)

    assert [act(name) for name in ("pause", "resume", "stop", "retry")] == [
        ("paused", 1, 1, 0),
        ("pending", 1, 1, 0),
        ("stopped", 1, 1, 4),
        ("pending", 1, 0, 0),
    ]
    page = client.get(reverse("admin:badges_batch_change", args=[batch.pk])).content.decode()
    assert ("Stop…" in page, "Try rows without a badge again…" in page) == (True, False)
