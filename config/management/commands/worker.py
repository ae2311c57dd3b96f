"""Work that goes on beside the web server: mails are sent, batches that were left are finished."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from badges.mails import badge_issued_mail
from badges.models import Batch
from badges.services.batches import run_batch
from config.exceptions import RuleBroken
from organizations.enums import MessageKind
from organizations.services.outbox import deliver_due

log = logging.getLogger(__name__)

MAILS = 20  # per round: a slow mail server must keep neither batches nor SIGTERM waiting for long
RENDERERS = {MessageKind.BADGE_ISSUED: badge_issued_mail}


class Command(BaseCommand):
    """Run until told to stop; any number of workers may run at once. What is under way is finished before stopping."""

    help = (
        "Send what is in the outbox and finish batches that were left. Any number of workers may run at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add how to run."""
        parser.add_argument("--once", action="store_true", help="Do what is there to do, then end.")
        parser.add_argument(
            "--pause", type=float, default=1.0, help="Seconds between looks when there was nothing."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Work."""
        stopping = threading.Event()
        if threading.current_thread() is threading.main_thread():

            def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
                stopping.set()

            signal.signal(signal.SIGTERM, stop)
            signal.signal(signal.SIGINT, stop)
        log.info("The worker is ready.")
        while not stopping.is_set():
            busy = self._work()
            if options["once"] and not busy:
                break
            if not busy:
                stopping.wait(options["pause"])
        log.info("The worker has stopped.")

    def _work(self) -> bool:
        """Do one round; return whether there was anything to do. A database that is away is waited for."""
        close_old_connections()
        try:
            busy = deliver_due(RENDERERS, limit=MAILS) > 0
            batch = Batch.objects.unfinished().order_by("pk").first()
            if batch is not None:
                before = batch.issued_count + batch.failed_count
                batch = run_batch(batch, max_chunks=1)
                # Nothing was left for this worker when others hold the last rows: then it pauses.
                busy = busy or batch.issued_count + batch.failed_count > before
        except RuleBroken as refusal:
            log.warning("A batch is paused: %s", refusal.message)
            return True
        except DatabaseError:
            log.exception("The database did not answer; trying again.")
            return False
        return busy
