"""What a worker does, in lanes: kinds of work that get the same share of its time, so that none keeps another waiting."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils.module_loading import import_string

from badges.models import Batch, Revocation
from badges.services.batches import run_batch
from badges.services.paths import complete_due_paths
from badges.services.revocations import run_revocation
from badges.services.sharing import prune_shares
from config.exceptions import RuleBroken
from earners.services.sign_in import prune_sign_ins
from organizations.services.outbox import deliver_due
from organizations.services.rates import prune_requests

log = logging.getLogger(__name__)

SITTING_OUT = 30.0  # seconds without its turn for a lane in which something unforeseen went wrong
TIDYING = 600.0  # seconds between looks for what is left over in the queue


class Queue(Protocol):
    """What tells a worker to look at something at once (config/queues)."""

    def run_one(self) -> bool:
        """Run the next task; return whether there was one."""

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Wait for a task, for so long or until told to stop."""

    def tidy(self) -> None:
        """Clear away what killed workers left, and what ended long ago."""

    def close(self) -> None:
        """Let go of what is held."""


def chosen_queue() -> Queue:
    """Return the queue that TASKS_URL names."""
    # By name: without Redis its packages are not there.
    name = "config.queues.redis.RedisQueue" if settings.TASKS_URL else "config.queues.database.DatabaseQueue"
    queue: Queue = import_string(name)()
    return queue


class Batches:
    """The batches that are due, by turns, a chunk each: also those whose moment came, as no queue needs to tell."""

    def __init__(self, *, is_waiting: bool) -> None:
        self.is_waiting = is_waiting
        self.last_pk = 0

    def work(self) -> bool:
        """Issue a chunk of the next batch that no other worker has in hand; return whether there was one."""
        due = list(Batch.objects.due().order_by("pk").values_list("pk", flat=True))
        for pk in sorted(due, key=lambda pk: (pk <= self.last_pk, pk)):
            self.last_pk = pk
            batch = Batch.objects.get(pk=pk)
            before = batch.issued_count + batch.failed_count
            try:
                batch = run_batch(batch, max_chunks=1, is_waiting=self.is_waiting)
            except RuleBroken as refusal:
                log.warning("Batch %s is paused: %s", batch.uuid, refusal.message)
                return True
            if batch.issued_count + batch.failed_count > before:
                return True
        return False


class Revocations:
    """The revocations of many badges, the oldest first; one that is held up lets the others go on."""

    def __init__(self, *, is_waiting: bool) -> None:
        self.is_waiting = is_waiting

    def work(self) -> bool:
        """Revoke the next badges of one that no other worker has in hand; return whether there was one."""
        for revocation in Revocation.objects.unfinished().order_by("pk"):
            try:
                if run_revocation(revocation, is_waiting=self.is_waiting):
                    return True
            except RuleBroken as refusal:
                log.warning("Revocation %s is held up: %s", revocation.uuid, refusal.message)
        return False


@dataclass(slots=True)
class Lane:
    """One kind of work: `work` does a short piece and returns whether there was any. Times in seconds."""

    name: str
    work: Callable[[], bool]
    spent: float = 0.0
    next_turn: float = 0.0

    def take_turn(self) -> bool:
        """Do a piece; return whether there was any. What goes wrong is logged, and the lane sits out for a while."""
        begun = time.monotonic()
        if begun < self.next_turn:
            return False
        try:
            return self.work()
        except (OperationalError, InterfaceError):
            # Not its own fault: a database that is away is waited for.
            log.exception("%s: the database did not answer; trying again.", self.name)
            return False
        except Exception:
            log.exception("%s: something unforeseen; trying again in %d s.", self.name, SITTING_OUT)
            self.next_turn = time.monotonic() + SITTING_OUT
            return False
        finally:
            self.spent += time.monotonic() - begun


class Work:
    """All lanes of a worker, and what is tidied between them."""

    def __init__(self, queue: Queue, *, is_once: bool) -> None:
        self.queue = queue
        self.tidied_at: float | None = None
        self.lanes: Sequence[Lane] = (
            Lane("Queue", queue.run_one),
            Lane("Messages", lambda: deliver_due() > 0),
            Lane("Batches", Batches(is_waiting=is_once).work),
            Lane("Revocations", Revocations(is_waiting=is_once).work),
            Lane("Learning paths", lambda: complete_due_paths() > 0),
        )

    def do_round(self) -> bool:
        """Let the lane that had least time do a piece, or the next one when it has nothing; return whether any had."""
        close_old_connections()
        self._tidy()
        for lane in sorted(self.lanes, key=lambda lane: lane.spent):
            if lane.take_turn():
                return True
            # Who rests does not save up time: else it would keep all others waiting later.
            lane.spent = max(other.spent for other in self.lanes)
        return False

    def _tidy(self) -> None:
        now = time.monotonic()
        if self.tidied_at is None or now - self.tidied_at > TIDYING:
            self.tidied_at = now
            try:
                self.queue.tidy()
                prune_requests()
                prune_sign_ins()
                # Of browsers that never came back, and what was typed in them on the way to issuing.
                import_string(f"{settings.SESSION_ENGINE}.SessionStore").clear_expired()
                prune_shares()
            except (OperationalError, InterfaceError):
                log.exception("The database did not answer; tidying later.")
