"""Make a login token of an earner's account."""

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from earners.services import create_login_token

MAX_DAYS = 3650


class Command(AnsweringCommand):
    """Make a token that opens the account of an e-mail address, and print it for the only time."""

    help = "Make a token that opens the earner account of an e-mail address, and print it, for the only time."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose account and for how long."""
        super().add_arguments(parser)
        parser.add_argument("email")
        parser.add_argument("--days", type=int, default=1, help="For how long. Default: 1.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Make it."""
        if not 1 <= options["days"] <= MAX_DAYS:
            raise InvalidInput(f"A token lives for 1 to {MAX_DAYS} days.", field="--days")
        row, token = create_login_token(email=options["email"], lifetime=timedelta(days=options["days"]))
        values = {"login_token": token, "expires_at": row.expires_at.isoformat()}
        return (
            f"{token}\nIt opens the account until {row.expires_at:%Y-%m-%d %H:%M} UTC and is not shown again.",
            values,
        )
