"""Read a mail that came back, as a mail server hands it over, and stop writing to an address that accepts no mail."""

import sys
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

from config.commands import AnsweringCommand
from organizations.services.bounces import MAX_REPORT, take_report

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the report and hands it over later


class Command(AnsweringCommand):
    """Take one delivery report (RFC 3464) from standard input. What is none is ignored, with status 0 all the same."""

    help = "Read a delivery report from standard input; stop mails to an address that accepts none."

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:  # noqa: ARG002
        """Record it. A database that is away ends the command so that the mail server tries again."""
        try:
            is_stopped, words = take_report(sys.stdin.buffer.read(MAX_REPORT))
        except DatabaseError as failure:
            raise CommandError(
                f"The database did not answer ({type(failure).__name__}); hand the report over again.",
                returncode=TRY_AGAIN,
            ) from failure
        return words, {"stopped": is_stopped, "found": words}
