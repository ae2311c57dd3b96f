"""The queue in Redis: its tasks are run in this process, one at a time, as RQ's own simple worker runs them."""

import logging
import threading
import time

import django_rq
from django_tasks_rq import Job
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import DequeueTimeout
from rq.timeouts import TimerDeathPenalty

log = logging.getLogger(__name__)

HEARTBEAT = 60.0  # seconds; RQ takes a worker for dead that was silent for about seven times as long
PAUSE_WHEN_AWAY = 30.0  # seconds: a Redis that does not answer must not slow down the rest of the work


class _Worker(SimpleWorker):
    """RQ's worker in one process; signals belong to the command."""

    death_penalty_class = TimerDeathPenalty


class RedisQueue:
    """The queue in Redis, as one worker sees it. While Redis is away there is nothing in it."""

    def __init__(self) -> None:
        self.worker: _Worker | None = None
        self.beaten_at = 0.0
        self.away_until = 0.0

    def run_one(self) -> bool:
        """Run the task that is next, if there is one; return whether there was. A task that fails is kept with its error."""
        return self._run_next(None)

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Wait for a task and run it; when none comes, until so long after, in whole seconds, at least one."""
        begun = time.monotonic()
        if not self._run_next(max(1, round(seconds))):
            stopping.wait(begun + seconds - time.monotonic())

    def _run_next(self, patience: int | None) -> bool:
        if time.monotonic() < self.away_until:
            return False
        try:
            worker = self._registered()
            found = worker.queue_class.dequeue_any(
                worker.queues, patience, connection=worker.connection, job_class=Job
            )
            if found is None:
                return False
            worker.execute_job(*found)
        except DequeueTimeout:
            return False
        except RedisError as error:
            log.warning("Redis does not answer (%s): looking without it.", type(error).__name__)
            self.worker, self.away_until = None, time.monotonic() + PAUSE_WHEN_AWAY
            return False
        return True

    def tidy(self) -> None:
        """Let RQ clear away what killed workers left, and what ended long ago."""
        try:
            self._registered().run_maintenance_tasks()  # type: ignore[no-untyped-call]
        except RedisError:
            self.worker = None

    def close(self) -> None:
        """Tell Redis that this worker is gone."""
        if self.worker is not None:
            try:
                self.worker.register_death()  # type: ignore[no-untyped-call]
            except RedisError as error:
                log.info("Redis was not told of the end: %s", type(error).__name__)

    def _registered(self) -> _Worker:
        if self.worker is None:
            queue = django_rq.get_queue("default", job_class=Job)
            self.worker = _Worker([queue], connection=queue.connection, job_class=Job)
            self.worker.log.setLevel(logging.WARNING)
            self.worker.register_birth()  # type: ignore[no-untyped-call]
            self.beaten_at = time.monotonic()
        elif time.monotonic() - self.beaten_at > HEARTBEAT:
            self.worker.heartbeat()
            self.beaten_at = time.monotonic()
        return self.worker
