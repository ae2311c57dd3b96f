"""The worker: its queue in the database and in Redis, its lanes, what it does about killed workers and unforeseen errors."""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings
from redis import Redis
from redis.exceptions import RedisError

from badges.enums import BatchState
from badges.models import Badge, BadgeTemplate, Batch
from badges.services import batches
from badges.services.batches import create_batch
from badges.tasks import continue_batch
from config import checks
from config.env import SETTINGS, task_options
from config.lanes import Batches, Lane, Work
from config.queues.database import ABANDONED_AFTER, KEPT_FOR, MAX_RUNS, DatabaseQueue
from earners.services import Person
from organizations.models import Message, Organization
from organizations.tasks import deliver_messages
from tests import factories
from tests.processes import environment, start

# The worker drops connections that are in a transaction, as between two requests: so these tests are in none.
commits = pytest.mark.django_db(transaction=True)
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


def people(count: int) -> list[tuple[Person, dict[str, str]]]:
    """Return that many people."""
    return [(Person(email=f"earner{number}@example.org"), {}) for number in range(count)]


@pytest.fixture
def redis() -> Iterator[Redis]:
    """An emptied Redis database."""
    connection = Redis.from_url(REDIS_URL)
    try:
        connection.flushdb()
    except RedisError as error:
        pytest.skip(f"no Redis at {REDIS_URL}: {error}")
    yield connection
    connection.flushdb()
    connection.close()


@commits
def test_worker_runs_the_queue_and_the_rows(template: BadgeTemplate) -> None:
    batch = create_batch(template=template, people=people(3), by=None)
    result = continue_batch.enqueue(batch_uuid=str(batch.uuid))
    deliver_messages.enqueue()

    call_command("worker", "--once")

    batch.refresh_from_db()
    assert (batch.state, Badge.objects.count()) == (BatchState.DONE, 3)
    assert not Message.objects.filter(sent_at__isnull=True).exists()
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"SUCCESSFUL"}
    assert continue_batch.get_result(result.id).return_value is False


@commits
def test_task_that_fails_is_kept_with_its_error_and_stops_nobody(template: BadgeTemplate) -> None:
    factories.badge(template)
    task = continue_batch.enqueue(batch_uuid="no uuid")

    call_command("worker", "--once")

    kept = DBTaskResult.objects.get(pk=task.id)
    assert (kept.status, kept.exception_class_path) == (
        "FAILED",
        "django.core.exceptions.ValidationError",
    )
    assert Message.objects.get().sent_at is not None


def test_task_of_a_killed_worker_runs_again_but_not_for_ever(template: BadgeTemplate) -> None:
    queue = DatabaseQueue()
    batch = create_batch(template=template, people=people(1), by=None)
    task = continue_batch.enqueue(batch_uuid=str(batch.uuid))
    row = DBTaskResult.objects.get(pk=task.id)
    row.claim("killed")
    queue.tidy()
    assert queue.run_one() is False  # it may well be running

    DBTaskResult.objects.update(started_at=timezone.now() - ABANDONED_AFTER - timedelta(seconds=1))
    queue.tidy()

    assert queue.run_one() is True
    row.refresh_from_db()
    assert (row.status, len(row.worker_ids)) == ("SUCCESSFUL", 2)

    DBTaskResult.objects.update(
        status="RUNNING",
        worker_ids=["killed"] * MAX_RUNS,
        started_at=timezone.now() - ABANDONED_AFTER - timedelta(seconds=1),
    )
    queue.tidy()
    row.refresh_from_db()
    assert (row.status, row.traceback) == ("FAILED", "The workers that ran it were killed.")
    assert queue.run_one() is False


def test_old_tasks_are_thrown_away(template: BadgeTemplate) -> None:
    queue = DatabaseQueue()
    for _ in range(3):
        deliver_messages.enqueue()
    assert [queue.run_one(), queue.run_one()] == [True, True]
    old, new = DBTaskResult.objects.finished().order_by("pk")
    DBTaskResult.objects.filter(pk=old.pk).update(finished_at=timezone.now() - KEPT_FOR - timedelta(hours=1))

    queue.tidy()

    waiting = DBTaskResult.objects.ready().get()
    assert set(DBTaskResult.objects.values_list("pk", flat=True)) == {new.pk, waiting.pk}


def test_batches_take_turns(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    first, second, third = (
        create_batch(template=factories.template(acme), people=people(4), by=None) for _ in range(3)
    )
    lane = Batches(is_waiting=True)

    def issued() -> list[int]:
        lane.work()
        return [Batch.objects.get(pk=batch.pk).issued_count for batch in (first, second, third)]

    assert [issued() for _ in range(6)] == [
        [2, 0, 0],
        [2, 2, 0],
        [2, 2, 2],
        [4, 2, 2],
        [4, 4, 2],
        [4, 4, 4],
    ]
    assert lane.work() is False


@commits
def test_batch_that_cannot_go_on_is_paused_and_the_next_one_goes_on(acme: Organization) -> None:
    inactive, active = factories.template(acme), factories.template(acme)
    stuck = create_batch(template=inactive, people=people(1), by=None)
    fine = create_batch(template=active, people=people(1), by=None)
    BadgeTemplate.objects.filter(pk=inactive.pk).update(status="inactive")

    call_command("worker", "--once")

    stuck.refresh_from_db()
    fine.refresh_from_db()
    assert (stuck.state, fine.state) == (BatchState.PAUSED, BatchState.DONE)
    assert stuck.pause_reason


def work_of(*lanes: Lane) -> Work:
    """Return work with these lanes alone."""
    work = Work(DatabaseQueue(), is_once=True)
    work.lanes = lanes
    return work


@commits
def test_lanes_share_the_time_of_a_worker() -> None:
    turns: list[str] = []

    def busy(name: str, seconds: float) -> Lane:
        def do() -> bool:
            turns.append(name)
            time.sleep(seconds)
            return True

        return Lane(name, do)

    slow, quick = busy("slow", 0.2), busy("quick", 0.01)
    work = work_of(slow, Lane("idle", lambda: False), quick)
    for _ in range(12):
        assert work.do_round() is True

    # A piece of the slow lane, then as many quick ones as fit into the same time: never two slow pieces running.
    assert turns[:2] == ["slow", "quick"]
    assert "slow" not in turns[1:6]


@commits
def test_lane_that_rested_does_not_keep_the_others_waiting() -> None:
    turns: list[str] = []
    is_awake = threading.Event()

    def late() -> bool:
        if not is_awake.is_set():
            return False
        turns.append("late")
        time.sleep(0.02)
        return True

    def steady() -> bool:
        turns.append("steady")
        time.sleep(0.02)
        return True

    work = work_of(Lane("late", late), Lane("steady", steady))
    for _ in range(10):
        work.do_round()
    is_awake.set()
    for _ in range(6):
        work.do_round()

    assert turns[:10] == ["steady"] * 10
    assert turns[10:].count("late") <= 4


@commits
def test_lane_with_an_unforeseen_error_sits_out_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[str] = []

    def broken() -> bool:
        tried.append("broken")
        raise ZeroDivisionError

    def fine() -> bool:
        tried.append("fine")
        return len(tried) < 4

    work = work_of(Lane("broken", broken), Lane("fine", fine))
    while work.do_round():
        pass

    assert tried == ["broken", "fine", "fine", "fine"]
    assert [record.getMessage() for record in caplog.records if "unforeseen" in record.getMessage()] == [
        "broken: something unforeseen; trying again in 30 s."
    ]


def test_tasks_url_is_empty_or_of_redis() -> None:
    assert task_options("") == ({"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}, {}, [])
    assert task_options("redis://:p%40ss@tasks.example.org:6379/1") == (
        {"default": {"BACKEND": "django_tasks_rq.RQBackend"}},
        {
            "default": {
                "URL": "redis://:p%40ss@tasks.example.org:6379/1?socket_connect_timeout=2&socket_timeout=5"
            }
        },
        ["django_rq"],
    )


@pytest.mark.parametrize("url", ["amqp://127.0.0.1", "redis", "redis://", "127.0.0.1:6379"])
def test_tasks_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        task_options(url)


def test_tasks_url_without_its_packages_is_refused_at_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TASKS_URL = "redis://127.0.0.1:6379/9"
    assert "laurel.E015" not in [found.id for found in run_checks()]

    monkeypatch.setattr(checks, "has_redis_queue", lambda: False)

    assert "laurel.E015" in [found.id for found in run_checks()]


def test_tasks_url_is_a_secret() -> None:
    assert [setting.is_secret for setting in SETTINGS if setting.name == "TASKS_URL"] == [True]


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_worker_on_redis_is_woken_and_finds_what_redis_lost(redis: Redis) -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    by_rows = create_batch(template=template, people=people(3), is_announced=False, by=None)
    settings_of_redis = environment() | {"TASKS_URL": REDIS_URL}
    worker = start("worker", "--pause", "5", env=settings_of_redis)
    try:
        wait_until_done(by_rows)  # nothing was in Redis: it was found by its rows
        by_nudge = create_batch(template=template, people=people(3), is_announced=False, by=None)
        assert enqueue_in_redis(by_nudge, settings_of_redis) == 0
        wait_until_done(by_nudge)
    finally:
        worker.terminate()
        errors = worker.communicate(timeout=60)[1].decode()
    assert worker.returncode == 0, errors
    assert Badge.objects.count() == 6
    assert redis.llen("rq:queue:default") == 0
    assert redis.scard("rq:workers") == 0
    assert redis.zcard("rq:finished:default") == 1, errors


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_worker_goes_on_while_redis_is_away() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    batch = create_batch(template=template, people=people(3), is_announced=False, by=None)

    worker = start("worker", "--once", env=environment() | {"TASKS_URL": "redis://127.0.0.1:1/0"})
    errors = worker.communicate(timeout=120)[1].decode()

    assert worker.returncode == 0, errors
    assert "Redis does not answer" in errors
    batch.refresh_from_db()
    assert batch.state == BatchState.DONE


def wait_until_done(batch: Batch) -> None:
    """Wait until a worker has done a batch."""
    deadline = time.monotonic() + 60
    while Batch.objects.get(pk=batch.pk).state != BatchState.DONE:
        assert time.monotonic() < deadline, "the worker does not find it"
        time.sleep(0.05)


def enqueue_in_redis(batch: Batch, env: dict[str, str]) -> int:
    """Put the batch's nudge into Redis, as a process of the product does after its commit; return its exit code."""
    line = (
        "from badges.tasks import continue_batch;"
        f"continue_batch.enqueue(batch_uuid='{uuid.UUID(str(batch.uuid))}')"
    )
    process = start("shell", "--no-imports", "-c", line, env=env)
    process.communicate(timeout=60)
    return process.returncode
