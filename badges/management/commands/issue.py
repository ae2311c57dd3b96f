"""Issue a template's badge to everybody on a list."""

import contextlib
import uuid
from typing import Any

from django.core.management.base import CommandParser

from badges.enums import BatchState, RowState
from badges.models import BadgeTemplate, Batch
from badges.services.batch_control import resume_batch, retry_batch
from badges.services.batches import create_batch, run_batch
from config.commands import AnsweringCommand
from config.exceptions import InvalidInput
from earners.models import EarnersList


class Command(AnsweringCommand):
    """Issue to a list as one batch. Killed in the middle it goes on with --resume or by a worker; nobody gets it twice."""

    help = "Issue a template's badge to everybody on a list, as one batch."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what is issued and to whom."""
        super().add_arguments(parser)
        parser.add_argument("template", nargs="?", help="Id or slug of the badge template.")
        parser.add_argument("--list", dest="list_name", help="Name or id of the earners list.")
        parser.add_argument(
            "--resume", metavar="BATCH", help="Id of a batch that was left or paused: go on with it."
        )
        parser.add_argument(
            "--retry", metavar="BATCH", help="Id of a batch that ended: try its rows without a badge again."
        )
        parser.add_argument("--no-mail", action="store_true", help="Do not tell the earners by e-mail.")

    def answer(self, **options: Any) -> tuple[str, dict[str, Any]]:
        """Issue and report."""
        if options["resume"]:
            batch = _find_batch(options["resume"], "--resume")
            if batch.state in (BatchState.PAUSED, BatchState.STOPPED):
                batch = resume_batch(batch=batch, by=None)
        elif options["retry"]:
            batch = retry_batch(batch=_find_batch(options["retry"], "--retry"), by=None)
        else:
            batch = self._new_batch(options)
            self.stderr.write(f"Batch {batch.uuid}: {batch.total} to issue.")
        batch = run_batch(batch, on_progress=self._tell)
        if batch.is_scheduled:
            self.stderr.write(f"The batch is scheduled: it starts at {batch.starts_at:%Y-%m-%d %H:%M} UTC.")
        if batch.state in (BatchState.PAUSED, BatchState.STOPPED):
            self.stderr.write(f"The batch is {batch.get_state_display().lower()}. {batch.pause_reason}")
        failed = batch.rows.filter(state=RowState.FAILED).order_by("number")
        values = {
            "batch": str(batch.uuid),
            "total": batch.total,
            "issued": batch.issued_count,
            "failed": [
                {"row": row.number, "email": row.email, "code": row.reason_code, "reason": row.reason}
                for row in failed
            ],
            "badges": [
                {"id": str(badge_uuid), "email": email}
                for badge_uuid, email in batch.rows.filter(badge__isnull=False)
                .order_by("number")
                .values_list("badge__uuid", "badge__recipient_email")
            ],
        }
        lines = [f"row {row.number}: {row.email}: {row.reason}" for row in failed]
        return "\n".join([*lines, f"{batch.issued_count} of {batch.total} badges issued."]), values

    def _new_batch(self, options: dict[str, Any]) -> Batch:
        if not options["template"] or not options["list_name"]:
            raise InvalidInput("Name a template and a list: issue TEMPLATE --list NAME.")
        template = _find(
            BadgeTemplate.objects.select_related("organization"), "slug", options["template"], "template"
        )
        lists = EarnersList.objects.filter(organization=template.organization)
        return create_batch(
            template=template,
            earners_list=_find(lists, "name", options["list_name"], "list"),
            is_announced=not options["no_mail"],
            by=None,
        )

    def _tell(self, batch: Batch) -> None:
        self.stderr.write(f"{batch.issued_count + batch.failed_count} of {batch.total}")


def _find_batch(text: str, option: str) -> Batch:
    """Return the batch with this id. Raises InvalidInput naming those that have not ended."""
    with contextlib.suppress(ValueError, Batch.DoesNotExist):
        return Batch.objects.get(uuid=uuid.UUID(text))
    ended = [BatchState.DONE, BatchState.STOPPED]
    unfinished = Batch.objects.exclude(state__in=ended).order_by("pk").values_list("uuid", flat=True)[:20]
    known = ", ".join(map(str, unfinished))
    raise InvalidInput(f"There is no batch “{text}”. Not finished are: {known or 'none'}.", field=option)


def _find(rows: Any, name: str, text: str, kind: str) -> Any:
    """Return the one row with this id or name. Raises InvalidInput when there is none or more."""
    try:
        found = list(rows.filter(uuid=uuid.UUID(text)))
    except ValueError:
        found = list(rows.filter(**{name: text})[:2])
    if len(found) != 1:
        known = ", ".join(rows.order_by("pk").values_list(name, flat=True)[:20])
        raise InvalidInput(f"No single {kind} is called “{text}”. There are: {known or 'none'}.")
    return found[0]
