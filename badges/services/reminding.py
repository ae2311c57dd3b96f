"""Mailing earners of their badges once more: one, or many at once, each with the reason where nothing is mailed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from badges.enums import Visibility
from badges.exceptions import BadgeHidden, BadgeMailedJustNow, BadgeNotMailable, BadgeRevoked
from badges.models import Badge
from config.exceptions import RuleBroken
from config.text import folded
from organizations.actors import Actor
from organizations.enums import AuditAct, MessageKind
from organizations.exceptions import MailStopped
from organizations.models import MailStop, Message, Organization
from organizations.services.audit import note_act
from organizations.services.mail_stops import stops_of, words_of
from organizations.services.organizations import require_enabled
from organizations.services.outbox import write_messages
from organizations.services.rates import take_turn

PAUSE = timedelta(hours=1)
CHUNK = 500


@dataclass(slots=True)
class Remailed:
    """What became of mailing many: how many mails are on their way, and how often each refusal (code, message) was met."""

    mailed: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)


def resend_badge_mail(*, badge: Badge, by: Actor | None) -> None:
    """Mail the earner of a badge once more: a reminder while they have not accepted it, afterwards the first mail again.

    At most once an hour for each badge, over all who may. Raises BadgeRevoked, BadgeHidden, BadgeNotMailable, MailStopped,
    BadgeMailedJustNow, and OrganizationDisabled (except for staff); then nothing has changed.
    """
    with transaction.atomic():
        organization = _enabled(badge.organization_id, by)
        stops = stops_of(organization, [badge.recipient_email])
        held = _mail(badge.pk, organization, stops)
        note_act(
            organization=organization,
            act=AuditAct.BADGE_MAILED,
            by=by,
            subject=held.uuid,
            label=held.recipient_email,
        )


def resend_badge_mails(*, badges: Iterable[Badge], by: Actor | None) -> Remailed:
    """Mail the earners of many badges of one organization once more, as resend_badge_mail does; return what became of it.

    Whoever cannot be mailed keeps no other waiting: the refusals are counted. 500 badges are one transaction, and all of
    them one act in the log. Raises OrganizationDisabled (except for staff).
    """
    rows, outcome = list(badges), Remailed()
    if len({badge.organization_id for badge in rows}) > 1:
        raise ValueError("All badges must be of one organization.")
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        with transaction.atomic():
            organization = _enabled(chunk[0].organization_id, by)
            stops = stops_of(organization, [badge.recipient_email for badge in chunk])
            for badge in sorted(chunk, key=lambda badge: badge.pk):
                try:
                    _mail(badge.pk, organization, stops)
                except RuleBroken as refusal:
                    outcome.refused[refusal.code, refusal.message] += 1
                else:
                    outcome.mailed += 1
            if start + CHUNK >= len(rows) and outcome.mailed:
                note_act(
                    organization=organization,
                    act=AuditAct.BADGE_MAILED,
                    by=by,
                    details={"mailed": outcome.mailed, "not_mailed": outcome.refused.total()},
                )
    return outcome


def _enabled(organization_id: int, by: Actor | None) -> Organization:
    organization = Organization.objects.get(pk=organization_id)
    if by is None or not by.sees_everything:
        require_enabled(organization)
    return organization


def _mail(badge_pk: int, organization: Organization, stops: dict[str, MailStop]) -> Badge:
    """Put the mail into the outbox and return the badge, which is held: of two who ask at once the second is refused."""
    badge = Badge.objects.select_for_update(no_key=True).get(pk=badge_pk)
    if badge.is_revoked:
        raise BadgeRevoked
    if badge.is_imported or badge.is_anonymous:
        raise BadgeNotMailable
    if badge.visibility == Visibility.HIDDEN:
        raise BadgeHidden
    stop = stops.get(folded(badge.recipient_email))
    if stop is not None:
        raise MailStopped(words_of(stop))
    if (seconds := take_turn(f"badge-mail:{badge.pk}", pause=PAUSE)) is not None:
        raise BadgeMailedJustNow(retry_after=seconds)
    kind = MessageKind.BADGE_REMINDER if badge.accepted_at is None else MessageKind.BADGE_ISSUED
    write_messages(
        [Message(organization=organization, kind=kind, subject=badge.uuid, recipient=badge.recipient_email)]
    )
    return badge
