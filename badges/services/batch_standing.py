"""Where a batch stands, for who watches it: when something moved last, and whether anybody works on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from badges.enums import BatchState, RowState
from badges.models import Badge, Batch
from organizations.models import AuditEntry

QUIET = timedelta(
    seconds=30
)  # without a badge: a worker that is there needs a second for a chunk, and a moment to begin


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchStanding:
    """A batch as it is now. `quiet_since` is since when nothing has moved although it should; None where all is well."""

    batch: Batch
    quiet_since: datetime | None

    @property
    def is_moving(self) -> bool:
        """Whether it is worth looking again soon."""
        return self.batch.state in {BatchState.PENDING, BatchState.RUNNING} and not self.batch.is_scheduled

    @property
    def is_beginning(self) -> bool:
        """Whether a worker has yet to begin."""
        return self.batch.state == BatchState.PENDING and not self.batch.is_scheduled


def standing_of(batch: Batch) -> BatchStanding:
    """Return where a batch stands.

    What moved last is the newest badge, or an act of somebody; a chunk in which all rows failed leaves no moment behind.
    """
    standing = BatchStanding(batch=batch, quiet_since=None)
    if not standing.is_moving:
        return standing
    moments = [batch.created_at, batch.starts_at, _last_issued_at(batch), _last_act_at(batch)]
    moved_at = max(moment for moment in moments if moment is not None)
    is_quiet = timezone.now() - moved_at > QUIET
    return BatchStanding(batch=batch, quiet_since=moved_at if is_quiet else None)


def _last_issued_at(batch: Batch) -> datetime | None:
    if not batch.issued_count:
        return None
    last = batch.rows.filter(state=RowState.ISSUED).order_by("-number").values("pk")[:1]
    return Badge.objects.filter(batch_row__in=last).values_list("created_at", flat=True).first()


def _last_act_at(batch: Batch) -> datetime | None:
    entries = AuditEntry.objects.filter(organization=batch.organization_id, subject=batch.uuid)
    return entries.order_by("-pk").values_list("at", flat=True).first()
