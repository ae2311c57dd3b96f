"""How commands answer: a few lines for people, or with --json one JSON object for programs and nothing else."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, ProgrammingError

from config.exceptions import RuleBroken


class AnsweringCommand(BaseCommand):
    """A command with --json whose refusals are one clear line. Subclasses write `answer`, which returns (text, object)."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --json."""
        parser.add_argument(
            "--json", action="store_true", dest="is_json", help="Print one JSON object and nothing else."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Run `answer` and print what it returned. A refused rule ends the command with its sentence and status 1.

        So does a database that is away or lacks migrations; --traceback shows where.
        """
        try:
            text, values = self.answer(**options)
        except RuleBroken as refusal:
            raise CommandError(
                f"{refusal.field}: {refusal.message}" if refusal.field else refusal.message
            ) from refusal
        except (OperationalError, ProgrammingError) as failure:
            raise CommandError(
                f"The database refused: {' '.join(str(failure).split())}."
                " Is DATABASE_URL right, and has `manage.py migrate` been run?"
            ) from failure
        self.stdout.write(json.dumps(values, ensure_ascii=False) if options["is_json"] else text)

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Do the work; return what a person and what a program reads."""
        raise NotImplementedError
