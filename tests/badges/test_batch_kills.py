"""Workers are killed in the middle of batches, with SIGKILL at any moment; then it is counted."""

import random
import subprocess
import time
from collections.abc import Callable

import pytest
from django_tasks_db.models import DBTaskResult

from badges.enums import BatchState, RowState
from badges.models import Badge, BadgeDocument, Batch, BatchRow, StatusList
from badges.services.batch_control import pause_batch, resume_batch, retry_batch, stop_batch
from badges.services.batches import create_batch
from badges.services.counters import recount
from badges.services.tallies import retally
from earners.services import Person
from organizations.models import CreditTransaction, Message, Organization
from organizations.services.wallet import ledger_balance
from tests import factories
from tests.processes import start

pytestmark = [pytest.mark.crash, pytest.mark.django_db(transaction=True)]

PATIENCE = 180  # seconds for a worker on a busy machine


def batch_of(count: int, *, broken_every: int = 0, report_to: str = "") -> Batch:
    """Return a batch of acme's with that many rows; each `broken_every`th has no address."""
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    return create_batch(
        template=template,
        people=(
            (
                Person(
                    email="broken"
                    if broken_every and number % broken_every == 0
                    else f"earner{number}@example.org"
                ),
                {},
            )
            for number in range(count)
        ),
        is_announced=False,
        report_to=report_to,
        by=None,
    )


def tried(batch: Batch) -> int:
    """Return how many rows have their answer."""
    batch.refresh_from_db()
    return batch.issued_count + batch.failed_count


def wait_until(is_so: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    """Wait until something is so while a worker runs."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert worker.poll() is None, (worker.communicate()[1] or b"").decode()
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)


def finish() -> None:
    """Run a worker until nothing is left."""
    worker = start("worker", "--once")
    errors = worker.communicate(timeout=PATIENCE)[1].decode()
    assert worker.returncode == 0, errors


def check_books(batch: Batch) -> None:
    """Everything that is counted about a batch, its badges and their organization agrees."""
    batch.refresh_from_db()
    organization = Organization.objects.get(pk=batch.organization_id)
    rows = {state: batch.rows.filter(state=state).count() for state in RowState}
    assert (batch.issued_count, batch.failed_count, batch.stopped_count) == (
        rows[RowState.ISSUED],
        rows[RowState.FAILED],
        rows[RowState.STOPPED],
    )
    assert sum(rows.values()) == batch.total
    badges = Badge.objects.filter(batch_row__batch=batch)
    assert badges.count() == Badge.objects.count() == batch.issued_count
    assert set(badges.values_list("batch_row_id", flat=True)) == set(
        batch.rows.filter(state=RowState.ISSUED).values_list("pk", flat=True)
    )
    assert not batch.rows.filter(state=RowState.FAILED, reason="").exists()
    assert badges.values("recipient_email").distinct().count() == badges.count()
    assert list(badges.order_by("number").values_list("number", flat=True)) == list(
        range(1, batch.issued_count + 1)
    )
    assert organization.last_badge_number == batch.issued_count
    assert BadgeDocument.objects.count() == batch.issued_count
    assert sum(StatusList.objects.values_list("taken", flat=True)) == batch.issued_count
    held = batch.issued_count if batch.state in (BatchState.DONE, BatchState.STOPPED) else batch.total
    assert ledger_balance(organization) == organization.credits_left == -held
    assert not any(recount().values())
    assert retally(organization) == 0


def test_batch_of_killed_workers_issues_each_row_once() -> None:
    batch = batch_of(4000, broken_every=100, report_to="bob@acme.example")
    chance = random.Random(7)
    killed = 0
    while batch.state != BatchState.DONE and killed < 4:
        before = tried(batch)
        worker = start("worker", "--once")
        # Once it has begun, kill it somewhere inside one of the next chunks.
        wait_until(lambda: tried(batch) > before, worker)  # noqa: B023  called at once
        time.sleep(chance.uniform(0, 0.5))
        worker.kill()
        worker.communicate()
        killed += 1
        check_books(batch)
    assert killed >= 2, "too fast to be killed: more rows are needed"

    finish()

    check_books(batch)
    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.DONE, 3960, 40)
    # Taken once, given back once, told once: however often the end was reached for.
    assert list(CreditTransaction.objects.order_by("pk").values_list("kind", "credits")) == [
        ("issue", -4000),
        ("return", 40),
    ]
    assert Message.objects.count() == 1


def test_two_workers_of_which_one_is_killed_share_a_batch() -> None:
    batch = batch_of(3000)
    workers = [start("worker", "--once"), start("worker", "--once")]
    wait_until(lambda: tried(batch) >= 1000, workers[0])

    workers[0].kill()
    for worker in workers:
        errors = worker.communicate(timeout=PATIENCE)[1].decode()
    assert workers[1].returncode == 0, errors

    check_books(batch)
    assert (batch.state, batch.issued_count) == (BatchState.DONE, 3000)


def test_batch_is_paused_resumed_and_stopped_under_a_running_worker() -> None:
    batch = batch_of(4000)
    worker = start("worker", "--pause", "0.05")
    try:
        wait_until(lambda: tried(batch) >= 500, worker)
        pause_batch(batch=batch, by=None)
        at_pause = tried(batch)
        time.sleep(1)
        assert tried(batch) == at_pause
        check_books(batch)
        resume_batch(batch=batch, by=None)
        wait_until(lambda: tried(batch) > at_pause, worker)
        stop_batch(batch=batch, by=None)
        check_books(batch)
        assert batch.state == BatchState.STOPPED
        assert 0 < batch.issued_count < 4000, "too fast to be stopped: more rows are needed"
        retry_batch(batch=batch, by=None)
        wait_until(lambda: tried(batch) == 4000, worker)
    finally:
        worker.terminate()
        errors = worker.communicate(timeout=PATIENCE)[1].decode()
    assert worker.returncode == 0, errors
    check_books(batch)
    assert (batch.state, batch.issued_count) == (BatchState.DONE, 4000)


def test_worker_told_to_stop_finishes_its_chunk() -> None:
    batch = batch_of(4000)
    worker = start("worker")
    wait_until(lambda: tried(batch) >= 500, worker)

    worker.terminate()
    errors = worker.communicate(timeout=30)[1].decode()

    assert worker.returncode == 0, errors
    check_books(batch)
    assert batch.issued_count % 500 == 0
    assert batch.issued_count < 4000, "too fast to be told: more rows are needed"
    assert BatchRow.objects.filter(state=RowState.PENDING).count() == 4000 - batch.issued_count


def test_batch_whose_nudge_is_lost_is_found_by_its_rows() -> None:
    batch = batch_of(10)
    assert DBTaskResult.objects.count() == 1
    DBTaskResult.objects.all().delete()

    finish()

    check_books(batch)
    assert batch.state == BatchState.DONE
