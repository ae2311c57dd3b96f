"""Badges whose earner is erased: they count as before, and nothing in them or about them says whose they were."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import OutcomeState, RowState, Visibility
from badges.models import Badge, BadgeDocument, BadgeShare, BatchRow, OutcomeRecord
from badges.services.tallies import tally_shown
from earners.models import Earner
from organizations.services.audit import forget_in_log

NO_PERSON: dict[str, Any] = {
    "recipient_email": "",
    "recipient_first_name": "",
    "recipient_last_name": "",
    "recipient_salt": "",  # with it whoever guesses the address could prove it
    "activity_title": "",
    "narrative": "",
    "evidence": [],
    "results": [],
    "notes": "",
    "additional_details": None,
}


def anonymise_badges(*, earner: Earner) -> None:
    """Take the person out of all badges of an earner. Must run in a transaction that holds the organization's row.

    Number, template, dates, acceptance and revocation stay, and so do all figures but that of public badges: page and
    documents answer as if there were none, and what was signed is deleted. The place in the status list stays as it is: the
    badge was not taken back, so a file that its earner kept still verifies by its signature.
    """
    badges = Badge.objects.filter(earner=earner)
    for badge in badges.counted().filter(visibility=Visibility.PUBLIC):
        tally_shown(earner.organization, badge, is_public=False)
    uuids = list(badges.values_list("uuid", flat=True))
    BadgeDocument.objects.filter(badge__in=badges).delete()
    BadgeShare.objects.filter(badge__in=badges).delete()
    anonymise_records(
        OutcomeRecord.objects.filter(
            Q(badge__in=badges)
            | Q(outcome__organization=earner.organization_id, recipient_email__iexact=earner.email)
        )
    )
    # Rows of batches that became no badge are found by the address; those that still wait are issued to somebody new.
    rows = BatchRow.objects.filter(
        Q(badge__in=badges) | Q(batch__organization=earner.organization_id, email__iexact=earner.email)
    )
    BatchRow.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).exclude(
        state=RowState.PENDING
    ).update(email="", first_name="", last_name="", award={})
    badges.update(**NO_PERSON, visibility=Visibility.HIDDEN, updated_at=timezone.now())
    forget_in_log(organization=earner.organization, subjects=uuids)


def anonymise_records(records: QuerySet[OutcomeRecord]) -> None:
    """Take the person out of records of outcomes: that somebody reached it, and what became of it then, stays."""
    close_records(records)
    for record in records.only("pk", "history"):
        record.history = [
            {name: value for name, value in entry.items() if name != "detail"} for entry in record.history
        ]
        OutcomeRecord.objects.filter(pk=record.pk).update(
            account=None, recipient_email="", badge_url="", history=record.history, updated_at=timezone.now()
        )


def close_records(records: QuerySet[OutcomeRecord]) -> None:
    """End the records that wait for a badge: there is nobody any more to give it to."""
    records.filter(state=OutcomeState.WAITING).update(
        state=OutcomeState.REFUSED,
        ref_id=None,
        ref_expires_at=None,
        problem=_("The person has deleted their account."),
        updated_at=timezone.now(),
    )
