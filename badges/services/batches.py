"""Batches: issuing to many, so that whatever dies in the middle, each row becomes one badge or has a reason."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import BatchState, RowState
from badges.exceptions import TemplateNotIssuable
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services.awards import Award, IssueRequest, checked_award
from badges.services.issuing import issue_badges
from config.exceptions import InvalidInput, RuleBroken
from earners.models import EarnersList
from earners.services import Person, in_chunks
from organizations.actors import Actor, label_of
from organizations.services.wallet import count_badges, return_credits

CHUNK = 500  # badges per transaction: long enough to be fast, short enough that others of the organization get their turn


def create_batch(
    *,
    template: BadgeTemplate,
    people: Iterable[tuple[Person, Mapping[str, Any]]] | None = None,
    earners_list: EarnersList | None = None,
    award: Award | None = None,
    is_announced: bool = True,
    by: Actor | None,
) -> Batch:
    """Write down who is to get the badge, before the first one is issued, and take the credits for all of them at once.

    `people` are pairs of a person and what is said about them alone, in the shape of Award.to_json; or all members of an
    earners list with the names that stand there. Raises TemplateNotIssuable, OrganizationDisabled, NotEnoughCredits,
    InvalidInput for what is common to all or when there is nobody.
    """
    award = award or Award()
    checked_award(award, validity_days=template.validity_days)
    if (people is None) == (earners_list is None):
        raise InvalidInput(_("Name either people or a list of earners."))
    if earners_list is not None and earners_list.organization_id != template.organization_id:
        raise InvalidInput(_("The list belongs to another organization."), field="earners_list_id")
    with transaction.atomic():
        template = BadgeTemplate.objects.select_related("organization").get(pk=template.pk)
        if not template.is_issuable:
            raise TemplateNotIssuable
        batch = Batch.objects.create(
            organization=template.organization,
            template=template,
            earners_list=earners_list,
            award=award.to_json(),
            notify=is_announced,
            created_by=label_of(by),
        )
        number = 0
        for chunk in in_chunks(people if people is not None else _people_of(earners_list)):
            BatchRow.objects.bulk_create(
                BatchRow(
                    batch=batch,
                    number=number + offset,
                    email=person.email,
                    first_name=person.first_name,
                    last_name=person.last_name,
                    award=dict(own),
                )
                for offset, (person, own) in enumerate(chunk, start=1)
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
    batch.refresh_from_db()
    return batch


def run_batch(
    batch: Batch, *, max_chunks: int | None = None, on_progress: Callable[[Batch], None] | None = None
) -> Batch:
    """Issue what is left of a batch, one transaction per CHUNK rows, and return it as it is then.

    With `max_chunks` at most that many, so that whoever runs it can do other work, or stop, in between.
    May be called again after it was killed, and by several workers at once: each chunk takes its rows in the
    transaction that issues them. Credits of rows that failed come back at the end. What stops all of it
    (TemplateNotIssuable, ...) pauses the batch with that reason and is raised; the rows not yet reached wait until it is
    run again.
    """
    try:
        chunks = 0
        while (max_chunks is None or chunks < max_chunks) and _run_chunk(batch):
            chunks += 1
            if on_progress is not None:
                batch.refresh_from_db()
                on_progress(batch)
    except RuleBroken as refusal:
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.PAUSED, pause_reason=refusal.message[:1000])
        raise
    batch.refresh_from_db()
    return batch


def _run_chunk(batch: Batch) -> bool:
    """Issue the next rows; return whether there may be more."""
    with transaction.atomic():
        rows = list(
            BatchRow.objects.select_for_update(skip_locked=True)
            .filter(batch=batch, state=RowState.PENDING)
            .order_by("number")[:CHUNK]
        )
        if not rows:
            return _finish(batch)
        Batch.objects.filter(pk=batch.pk).exclude(state=BatchState.RUNNING).update(
            state=BatchState.RUNNING, pause_reason=""
        )
        answers = issue_badges(
            template=batch.template,
            requests=[_request(batch, row) for row in rows],
            by=None,
            issued_by=batch.created_by,
            is_prepaid=True,
            is_announced=batch.notify,
        )
        issued, failed = [], []
        for row, answer in zip(rows, answers, strict=True):
            if isinstance(answer, Badge):
                issued.append(row.pk)
            else:
                row.state, row.reason_code, row.reason = RowState.FAILED, answer.code, answer.message[:1000]
                failed.append(row)
        BatchRow.objects.filter(pk__in=issued).update(state=RowState.ISSUED)
        BatchRow.objects.bulk_update(failed, ["state", "reason_code", "reason"], batch_size=100)
        Batch.objects.filter(pk=batch.pk).update(
            issued_count=F("issued_count") + len(issued), failed_count=F("failed_count") + len(failed)
        )
    return True


def _finish(batch: Batch) -> bool:
    """Close the batch when every row has its answer, and give back the credits of those that failed. Returns False."""
    done = Batch.objects.filter(pk=batch.pk, total=F("issued_count") + F("failed_count")).exclude(
        state=BatchState.DONE
    )
    if done.update(state=BatchState.DONE, finished_at=timezone.now()):
        batch.refresh_from_db()
        if batch.failed_count:
            return_credits(
                organization=batch.organization,
                credits=batch.failed_count,
                description=_("Batch of %(total)d: %(failed)d not issued")
                % {"total": batch.total, "failed": batch.failed_count},
                by=None,
            )
    return False


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
