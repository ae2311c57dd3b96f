"""Batches: issuing to many, so that whatever dies in the middle, each row becomes one badge or has a reason."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from badges.enums import BatchState, RowState
from badges.exceptions import BatchBroken, RowBroken, TemplateNotIssuable
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services.awards import CLOCK_TOLERANCE, Award, IssueRequest, checked_award
from badges.services.issuing import issue_badges
from badges.services.values import check_award
from badges.signals import batch_waiting
from config.exceptions import InvalidInput, RuleBroken
from earners.enums import ListStatus
from earners.models import EarnersList
from earners.services import Person, checked_email, in_chunks
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct, MessageKind
from organizations.models import Message, User
from organizations.services.audit import note_act
from organizations.services.inserting import insert
from organizations.services.organizations import require_enabled
from organizations.services.outbox import write_messages
from organizations.services.wallet import count_badges, return_credits

log = logging.getLogger(__name__)

LONGEST_WAIT_BETWEEN_LOOKS = 0.1  # seconds, of SQLite's busy handler
LATEST_START = timedelta(days=366)  # ahead; what is planned for later is a slip more often than a plan
CHUNK = 500  # badges per transaction: long enough to be fast, short enough that others of the organization get their turn


def create_batch(
    *,
    template: BadgeTemplate,
    people: Iterable[tuple[Person, Mapping[str, Any]]] | None = None,
    earners_list: EarnersList | None = None,
    award: Award | None = None,
    is_announced: bool = True,
    report_to: str = "",
    starts_at: datetime | None = None,
    by: Actor | None,
) -> Batch:
    """Write down who is to get the badge, before the first one is issued, and take the credits for all of them at once.

    `people` are pairs of a person and what is said about them alone, in the shape of Award.to_json; or all members of an
    earners list with the names that stand there. They are taken from the iterable as they are written, so that 100,000 need
    no more memory than 1,000. After the commit a worker is told. `report_to` is the address that is told when the batch is
    done. With `starts_at` workers leave it alone until then; who is on the list is decided now, and the credits are taken
    now, so that they are there at that moment. Raises TemplateNotIssuable, OrganizationDisabled, NotEnoughCredits,
    InvalidInput and Unsignable for what is common to all or when there is nobody.
    """
    award = award or Award()
    checked_award(award, validity_days=template.validity_days)
    starts_at = checked_start(starts_at, award)
    if (people is None) == (earners_list is None):
        raise InvalidInput(_("Name either people or a list of earners."))
    if earners_list is not None and earners_list.organization_id != template.organization_id:
        raise InvalidInput(_("The list belongs to another organization."), field="earners_list_id")
    if earners_list is not None and earners_list.status == ListStatus.DISABLED:
        raise InvalidInput(
            _("This list is disabled. Enable it first, or choose another one."), field="earners_list_id"
        )
    with transaction.atomic():
        template = BadgeTemplate.objects.select_related("organization", "current_version").get(pk=template.pk)
        require_enabled(template.organization)
        if not template.is_issuable or template.current_version is None:
            raise TemplateNotIssuable
        check_award(Person(email=""), award, template.current_version)
        batch = Batch.objects.create(
            organization=template.organization,
            template=template,
            earners_list=earners_list,
            award=award.to_json(),
            notify=is_announced,
            report_to=checked_email(report_to, field="report_to") if report_to else "",
            starts_at=starts_at,
            created_by=label_of(by),
        )
        number = 0
        for chunk in in_chunks(people if people is not None else _people_of(earners_list)):
            insert(
                [
                    BatchRow(
                        batch=batch,
                        number=number + offset,
                        email=person.email,
                        first_name=person.first_name,
                        last_name=person.last_name,
                        award=dict(own),
                    )
                    for offset, (person, own) in enumerate(chunk, start=1)
                ]
            )
            number += len(chunk)
        if not number:
            raise InvalidInput(_("There is nobody to issue to."))
        Batch.objects.filter(pk=batch.pk).update(total=number)
        count_badges(
            organization=template.organization,
            badges=0,
            credits=number,
            description=_("Batch of %(count)d") % {"count": number},
            by=by,
        )
        note_batch(
            batch, AuditAct.BATCH_STARTED, by=by, count=number, starts_at=starts_at and starts_at.isoformat()
        )
        tell_worker(batch)
    batch.refresh_from_db()
    return batch


def checked_start(starts_at: datetime | None, award: Award) -> datetime | None:
    """Return when a batch is to start, to the second; None for at once. Raises InvalidInput, with its field."""
    if starts_at is None:
        return None
    if timezone.is_naive(starts_at):
        raise InvalidInput(_("This time has no time zone."), field="starts_at")
    now = timezone.now()
    starts_at = starts_at.replace(microsecond=0)
    if starts_at < now - CLOCK_TOLERANCE:
        raise InvalidInput(
            _("This moment has passed. Choose a later one, or start at once."), field="starts_at"
        )
    if starts_at > now + LATEST_START:
        raise InvalidInput(_("Choose a moment within the next year."), field="starts_at")
    if award.expires_at is not None and award.issued_at is None and award.expires_at <= starts_at:
        raise InvalidInput(
            _("These badges would expire before they are issued. Choose a later day, or an earlier start."),
            field="expires_at",
        )
    return starts_at


def note_batch(batch: Batch, act: AuditAct, *, by: Actor | None, **details: Any) -> None:
    """Note an act on a batch in the log of its organization, in the transaction of the act; by the badge's title."""
    note_act(
        organization=batch.organization,
        act=act,
        by=by,
        subject=batch.uuid,
        label=str(batch.template),
        details={name: value for name, value in details.items() if value is not None},
    )


def tell_worker(batch: Batch) -> None:
    """Tell that a batch has rows to issue, after the commit of the caller's transaction.

    Only a nudge: a worker finds the batch by its rows too, a moment later. So a queue that is away stops nobody, and of a
    batch that starts later nobody is told: workers look for those whose moment came in every round.
    """
    if batch.is_scheduled:
        return
    transaction.on_commit(partial(batch_waiting.send_robust, sender=Batch, batch=batch))


def run_batch(
    batch: Batch,
    *,
    max_chunks: int | None = None,
    is_waiting: bool = True,
    on_progress: Callable[[Batch], None] | None = None,
) -> Batch:
    """Issue what is left of a batch, one transaction per CHUNK rows, and return it as it is then.

    With `max_chunks` at most that many, so that whoever runs it can do other work, or stop, in between.
    May be called again after it was killed, and by several workers at once: they take turns, a chunk each. Whoever comes
    while another issues a chunk waits, or without `is_waiting` leaves it. A batch that is paused, stopped or done, or that
    starts later, is left as it is. What stops all of it (TemplateNotIssuable, ...; BatchBroken for what nobody foresaw)
    pauses the batch with that reason, of which who started it is told by mail, and is raised; the rows not yet reached
    wait until it is resumed.
    """
    try:
        # The reasons are kept, and read by the organization.
        with translation.override(batch.organization.language):
            chunks, has_more = 0, True
            while has_more and (max_chunks is None or chunks < max_chunks):
                begun = time.monotonic()
                if not _run_chunk(batch, is_waiting=is_waiting):
                    break
                chunks += 1
                batch.refresh_from_db()
                has_more = batch.state == BatchState.RUNNING
                if on_progress is not None:
                    on_progress(batch)
                if has_more:
                    _let_others_write(time.monotonic() - begun)
    except RuleBroken as refusal:
        _pause(batch, refusal)
        raise
    batch.refresh_from_db()
    return batch


def _pause(batch: Batch, refusal: RuleBroken) -> None:
    """Let a batch wait that cannot go on, and tell who started it, once: `report_to`, or the user who made the batch."""
    with transaction.atomic():
        if (
            not Batch.objects.unfinished()
            .filter(pk=batch.pk)
            .update(state=BatchState.PAUSED, pause_reason=refusal.message[:1000])
        ):
            return
        note_batch(batch, AuditAct.BATCH_PAUSED, by=None, reason=refusal.code)
        starters = User.objects.filter(email=batch.created_by, is_active=True)
        recipient = batch.report_to or starters.values_list("email", flat=True).first()
        if recipient:
            write_messages([_report(batch, MessageKind.BATCH_PAUSED, recipient)])


def _report(batch: Batch, kind: MessageKind, recipient: str) -> Message:
    return Message(organization=batch.organization, kind=kind, subject=batch.uuid, recipient=recipient)


def _let_others_write(seconds: float) -> None:
    """Leave SQLite's one lock free for a moment after a chunk that took so long; other databases line writers up themselves.

    Whoever waits for the lock only looks for it now and then, at last every 100 ms: without the pause a batch would keep
    everybody else from writing until it is done.
    """
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        time.sleep(min(seconds, LONGEST_WAIT_BETWEEN_LOOKS))


def close_batch(batch: Batch, state: BatchState, *, by: Actor | None) -> None:
    """End a batch whose row is held: give back the credits that became no badge, as one transaction, and tell `report_to`.

    Must run in the transaction that holds the row, after the last change of its counts.
    """
    batch.refresh_from_db()
    Batch.objects.filter(pk=batch.pk).update(state=state, pause_reason="", finished_at=timezone.now())
    unused = batch.total - batch.issued_count
    if unused:
        return_credits(
            organization=batch.organization,
            credits=unused,
            description=_("Batch of %(total)d: %(failed)d not issued")
            % {"total": batch.total, "failed": unused},
            by=by,
        )
    if batch.report_to:
        write_messages([_report(batch, MessageKind.BATCH_FINISHED, batch.report_to)])


def _run_chunk(batch: Batch, *, is_waiting: bool) -> bool:
    """Issue the next rows, and close the batch with its last ones; return whether there was anything to do.

    The batch's row is held first and all the while. So workers take turns, and whoever pauses, stops or retries a batch
    never meets one half way. What they would hold next, template and organization, is one for all of them anyway.
    """
    with transaction.atomic():
        held = (
            Batch.objects.due()
            .filter(pk=batch.pk)
            .select_for_update(no_key=True, skip_locked=not is_waiting)
            .first()
        )
        if held is None:
            return False
        rows = list(held.rows.filter(state=RowState.PENDING).order_by("number")[:CHUNK])
        issued, failed = [], []
        for row, answer in zip(rows, _issue(held, rows), strict=True):
            if isinstance(answer, Badge):
                issued.append(row.pk)
            else:
                row.state, row.reason_code, row.reason = RowState.FAILED, answer.code, answer.message[:1000]
                failed.append(row)
        BatchRow.objects.filter(pk__in=issued).update(state=RowState.ISSUED)
        BatchRow.objects.bulk_update(failed, ["state", "reason_code", "reason"], batch_size=100)
        Batch.objects.filter(pk=held.pk).update(
            state=BatchState.RUNNING,
            pause_reason="",
            issued_count=F("issued_count") + len(issued),
            failed_count=F("failed_count") + len(failed),
        )
        if held.total == held.issued_count + held.failed_count + len(rows):
            close_batch(held, BatchState.DONE, by=None)
    return True


def _issue(batch: Batch, rows: Sequence[BatchRow]) -> list[Badge | RuleBroken]:
    """Return one answer per row. Where something unforeseen happens, find out by which row."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            return _issue_at_once(batch, rows)
    except (RuleBroken, OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("Batch %s: the chunk from row %d is issued row by row.", batch.uuid, rows[0].number)
        return _issue_singly(batch, rows, error)


def _issue_at_once(batch: Batch, rows: Sequence[BatchRow]) -> list[Badge | RuleBroken]:
    return issue_badges(
        template=batch.template,
        requests=[_request(batch, row) for row in rows],
        by=None,
        issued_by=batch.created_by,
        is_prepaid=True,
        is_announced=batch.notify,
    )


def _issue_singly(batch: Batch, rows: Sequence[BatchRow], first_error: Exception) -> list[Badge | RuleBroken]:
    """Issue row by row, so that one that nobody foresaw holds up no other. Raises BatchBroken when it is every row."""
    answers: list[Badge | RuleBroken] = []
    for row in rows:
        try:
            with transaction.atomic():
                answers += _issue_at_once(batch, [row])
        except (RuleBroken, OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.warning("Batch %s, row %d: %s", batch.uuid, row.number, type(error).__name__)
            answers.append(RowBroken(error=type(error).__name__))
    is_every_row = all(isinstance(answer, RowBroken) for answer in answers)
    if is_every_row and (len(rows) > 1 or not batch.issued_count):
        raise BatchBroken(error=type(first_error).__name__) from first_error
    return answers


def _request(batch: Batch, row: BatchRow) -> IssueRequest:
    return IssueRequest(
        person=Person(email=row.email, first_name=row.first_name, last_name=row.last_name),
        award=Award.from_json(batch.award, row.award),
        batch_row=row,
    )


def _people_of(earners_list: EarnersList | None) -> Iterable[tuple[Person, Mapping[str, Any]]]:
    if earners_list is None:
        return
    members = earners_list.memberships.select_related("earner").order_by("pk")
    for member in members.iterator(chunk_size=1000):
        yield Person(email=member.earner.email, first_name=member.first_name, last_name=member.last_name), {}
