"""Work that goes on beside the web server: what is in the outbox is sent, batches are issued, the queue is emptied."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.lanes import Work, chosen_queue

log = logging.getLogger(__name__)


class Command(BaseCommand):
    """Run until told to stop; any number of workers may run at once. What is under way is finished before stopping."""

    help = "Send what is in the outbox, issue batches, and do what else waits. Any number of workers may run at once."

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
        queue = chosen_queue()
        work = Work(queue, is_once=options["once"])
        log.info("The worker is ready.")
        try:
            while not stopping.is_set():
                if not work.do_round():
                    if options["once"]:
                        break
                    queue.wait(options["pause"], stopping)
        finally:
            queue.close()
        log.info("The worker has stopped.")
