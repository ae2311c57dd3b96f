"""The queue in the database: its tasks are run, those of killed workers again, and old ones are thrown away."""

import logging
import threading
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

log = logging.getLogger(__name__)

# A task is one short look: one that has run for this long belongs to a worker that was killed.
ABANDONED_AFTER = timedelta(minutes=15)
MAX_RUNS = 3  # a task whose workers died as often is not begun again: it may be what kills them
KEPT_FOR = timedelta(days=7)


class DatabaseQueue:
    """The database's queue, as one worker sees it."""

    def __init__(self) -> None:
        self.worker = Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )

    def run_one(self) -> bool:
        """Run the task that is next, if there is one; return whether there was. A task that fails is kept with its error."""
        waiting = DBTaskResult.objects.ready().filter(backend_name="default")
        if not waiting.exists():
            return False  # nearly always: then nothing is locked
        with transaction.atomic():
            task = waiting.get_locked()
            if task is None:
                return False
            task.claim(self.worker.worker_id)
        self.worker.run_task(task)
        return True

    def tidy(self) -> None:
        """Let tasks of killed workers run again, and throw away what ended long ago."""
        now = timezone.now()
        for task in DBTaskResult.objects.running().filter(started_at__lt=now - ABANDONED_AFTER)[:1000]:
            # By what it was when it was read: another worker may tidy too.
            row = DBTaskResult.objects.running().filter(pk=task.pk, started_at=task.started_at)
            if len(task.worker_ids) < MAX_RUNS:
                row.update(status=TaskResultStatus.READY, started_at=None)
            else:
                log.error("Task %s is given up: the workers that ran it were killed.", task.pk)
                row.update(
                    status=TaskResultStatus.FAILED,
                    finished_at=now,
                    traceback="The workers that ran it were killed.",
                )
        DBTaskResult.objects.finished().filter(finished_at__lt=now - KEPT_FOR).delete()

    def wait(self, seconds: float, stopping: threading.Event) -> None:
        """Wait for so long, or until told to stop: a table tells nobody."""
        stopping.wait(seconds)

    def close(self) -> None:
        """Nothing is held between tasks."""
