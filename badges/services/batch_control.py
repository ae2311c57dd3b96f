"""Batches under way: moved, paused, resumed, stopped, and their rows without a badge tried again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from badges.enums import BatchState, RowState
from badges.exceptions import (
    BatchNotPausable,
    BatchNotResumable,
    BatchNotRetryable,
    BatchNotScheduled,
    BatchNotStoppable,
    TemplateNotIssuable,
)
from badges.models import BadgeTemplate, Batch
from badges.services.awards import Award
from badges.services.batches import checked_start, close_batch, note_batch, tell_worker
from config.exceptions import RuleBroken
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct
from organizations.services.organizations import require_enabled
from organizations.services.wallet import count_badges

OPEN = (BatchState.PENDING, BatchState.RUNNING)


def pause_batch(*, batch: Batch, by: Actor | None) -> Batch:
    """Let a batch wait until it is resumed, and return it as it is then. A chunk that is being issued is finished first.

    Raises BatchNotPausable unless it waits or runs.
    """
    with transaction.atomic():
        batch = _held(batch, OPEN, BatchNotPausable)
        batch.state = BatchState.PAUSED
        batch.pause_reason = (_("Paused by %(who)s.") % {"who": label_of(by)})[:1000]
        batch.save(update_fields=["state", "pause_reason"])
        note_batch(batch, AuditAct.BATCH_PAUSED, by=by)
    return batch


def reschedule_batch(*, batch: Batch, starts_at: datetime | None, by: Actor | None) -> Batch:
    """Move the start of a batch that waits for its moment, None: to now, and return it as it is then.

    Raises BatchNotScheduled when it has begun or ended, and InvalidInput for a moment that has passed or is a year ahead.
    """
    with transaction.atomic():
        batch = _held(batch, (BatchState.PENDING,), BatchNotScheduled)
        if not batch.is_scheduled:
            raise BatchNotScheduled
        before, batch.starts_at = batch.starts_at, checked_start(starts_at, Award.from_json(batch.award))
        batch.save(update_fields=["starts_at"])
        moments = [before and before.isoformat(), batch.starts_at and batch.starts_at.isoformat()]
        note_batch(batch, AuditAct.BATCH_RESCHEDULED, by=by, starts_at=moments)
        tell_worker(batch)
    return batch


def resume_batch(*, batch: Batch, by: Actor | None) -> Batch:
    """Let a paused batch go on, and return it as it is then. One that starts later waits for its moment again.

    Raises BatchNotResumable unless it is paused; TemplateNotIssuable, OrganizationDisabled for what would pause it again.
    """
    with transaction.atomic():
        batch = _held(batch, (BatchState.PAUSED,), BatchNotResumable)
        _require_issuable(batch)
        batch.state, batch.pause_reason = BatchState.PENDING, ""
        batch.save(update_fields=["state", "pause_reason"])
        note_batch(batch, AuditAct.BATCH_RESUMED, by=by)
        tell_worker(batch)
    return batch


def stop_batch(*, batch: Batch, by: Actor | None) -> Batch:
    """End a batch before its end, and return it as it is then: badges that were issued stay, the other rows are not tried.

    A chunk that is being issued is finished first. The credits of all rows that became no badge come back at once, as one
    transaction. Raises BatchNotStoppable when it is stopped or done.
    """
    with transaction.atomic():
        batch = _held(batch, (*OPEN, BatchState.PAUSED), BatchNotStoppable)
        batch.stopped_count = batch.rows.filter(state=RowState.PENDING).update(state=RowState.STOPPED)
        batch.save(update_fields=["stopped_count"])
        close_batch(batch, BatchState.STOPPED, by=by)
        batch.refresh_from_db()
        note_batch(
            batch, AuditAct.BATCH_STOPPED, by=by, issued=batch.issued_count, not_tried=batch.stopped_count
        )
    return batch


def retry_batch(*, batch: Batch, by: Actor | None) -> Batch:
    """Try again the rows of an ended batch that became no badge, those alone, and return it as it is then.

    These are the ones that failed and, where the batch was stopped, the ones that were not tried. Their credits are taken
    again, as one transaction. Raises BatchNotRetryable unless the batch is stopped or done and has such rows;
    NotEnoughCredits, TemplateNotIssuable, OrganizationDisabled.
    """
    with transaction.atomic():
        batch = _held(batch, (BatchState.DONE, BatchState.STOPPED), BatchNotRetryable)
        _require_issuable(batch)
        again = batch.rows.filter(state__in=[RowState.FAILED, RowState.STOPPED]).update(
            state=RowState.PENDING, reason_code="", reason=""
        )
        if not again:
            raise BatchNotRetryable(
                _("Every row of this batch became a badge: there is nothing to try again.")
            )
        count_badges(
            organization=batch.organization,
            badges=0,
            credits=again,
            description=_("Batch of %(total)d: %(count)d tried again")
            % {"total": batch.total, "count": again},
            by=by,
        )
        # Whoever tries again wants it now, also where the batch was stopped before its moment.
        batch.state, batch.finished_at, batch.starts_at = BatchState.PENDING, None, None
        batch.failed_count = batch.stopped_count = 0
        batch.save(update_fields=["state", "finished_at", "starts_at", "failed_count", "stopped_count"])
        note_batch(batch, AuditAct.BATCH_RETRIED, by=by, count=again)
        tell_worker(batch)
    return batch


def _held(batch: Batch, states: tuple[BatchState, ...], refusal: type[RuleBroken]) -> Batch:
    """Return the batch as it is now, its row held; raise the refusal unless it is in one of the states.

    Waits for a chunk that is being issued. Batches come first of all rows that are held (services.batches).
    """
    found = Batch.objects.select_for_update(no_key=True).get(pk=batch.pk)
    if found.state not in states:
        raise refusal
    return found


def _require_issuable(batch: Batch) -> None:
    template = BadgeTemplate.objects.select_related("organization").get(pk=batch.template_id)
    require_enabled(template.organization)
    if not template.is_issuable:
        raise TemplateNotIssuable
