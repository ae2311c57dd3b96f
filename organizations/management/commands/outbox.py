"""Show what waits in the outbox and what failed, and send it again."""

from typing import Any

from django.core.management.base import CommandParser
from django.db.models import Q

from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from organizations.models import Message
from organizations.services.outbox import retry_message

WAITING = Q(sent_at__isnull=True, given_up_at__isnull=True)
FAILED = Q(given_up_at__isnull=False) | (WAITING & ~Q(last_error=""))


class Command(AnsweringCommand):
    """List messages that failed or wait; make some of them due now. Messages that were sent are listed with --all."""

    help = "List what failed or waits in the outbox, or send it again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what to list and what to send."""
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", dest="is_all", help="List what was sent too.")
        parser.add_argument(
            "--limit", type=int, default=50, help="How many to list, newest first (default: %(default)s)."
        )
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--retry", type=int, metavar="ID", help="Send this message again, also one that was sent before."
        )
        which.add_argument(
            "--retry-failed", action="store_true", help="Send everything again that failed or was given up."
        )

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Send again what was asked for; count and list."""
        again = 0
        for message in _asked_for(options):
            retry_message(message)
            again += 1
        counts = {
            "waiting": Message.objects.filter(WAITING).count(),
            "failing": Message.objects.filter(WAITING & FAILED).count(),
            "given_up": Message.objects.filter(given_up_at__isnull=False).count(),
        }
        rows = Message.objects.select_related("organization").order_by("-pk")
        if not options["is_all"]:
            rows = rows.filter(WAITING | FAILED)
        messages = [_as_json(message) for message in rows[: options["limit"]]]
        lines = [_as_line(message) for message in messages]
        if again:
            lines.append(f"Made due again: {again}.")
        lines.append(
            "Waiting: {waiting}, of which failed before: {failing}. Given up: {given_up}.".format(**counts)
        )
        return "\n".join(lines), {"retried": again, **counts, "messages": messages}


def _asked_for(options: dict[str, Any]) -> list[Message]:
    if options["retry_failed"]:
        return list(Message.objects.filter(FAILED).order_by("pk"))
    if options["retry"] is None:
        return []
    found = list(Message.objects.filter(pk=options["retry"]))
    if not found:
        raise InvalidInput(f"There is no message {options['retry']}.", field="--retry")
    return found


def _as_json(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": message.kind,
        "organization": message.organization.name if message.organization else None,
        "recipient": message.recipient,
        "subject": str(message.subject),
        "attempts": message.attempts,
        "created_at": message.created_at.isoformat(),
        "due_at": message.due_at.isoformat(),
        "sent_at": message.sent_at.isoformat() if message.sent_at else None,
        "given_up_at": message.given_up_at.isoformat() if message.given_up_at else None,
        "last_error": message.last_error,
    }


def _as_line(message: dict[str, Any]) -> str:
    if message["given_up_at"]:
        state = "given up"
    elif message["sent_at"]:
        state = "sent"
    else:
        state = f"due {message['due_at'][:19]}"
    error = f": {message['last_error'].splitlines()[0][:100]}" if message["last_error"] else ""
    return f"{message['id']}  {message['kind']}  {message['recipient']}  {state}, attempts {message['attempts']}{error}"
