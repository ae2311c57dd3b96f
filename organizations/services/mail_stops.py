"""Addresses that mails no longer go to: stopped by their owners or because they accept none, and allowed again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.text import folded
from organizations.actors import Actor
from organizations.enums import AuditAct, MailStopReason, MessageKind
from organizations.exceptions import MailStopTheirs, MailStopUnknown
from organizations.models import MailStop, Message, Organization
from organizations.services.audit import note_act

SALT = "organizations.mail-stop"
PATH = "/mail/stop/"
# What comes without having been asked for. All other mails belong to something that their reader does here.
STOPPABLE = frozenset({MessageKind.BADGE_ISSUED, MessageKind.BADGE_REMINDER, MessageKind.BADGE_SHARED})
# A person who asks for a code may have mended their mailbox: one is tried again after so long.
TRIED_AGAIN = timedelta(days=1)
MAX_DETAILS = 1000


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the link in a mail is about: mails of an organization, or without one of all, to an address (folded)."""

    organization: Organization | None
    email_key: str

    @property
    def is_stopped(self) -> bool:
        """Whether its owner asked for no more of these mails."""
        return self.stops().exists()

    @property
    def is_stopped_everywhere(self) -> bool:
        """Whether its owner asked for no more mails of anybody here."""
        return self.stops().filter(organization__isnull=True).exists()

    def stops(self) -> QuerySet[MailStop]:
        """Return what its owner asked for: of the organization, and of all."""
        rows = MailStop.objects.filter(email_key=self.email_key, reason=MailStopReason.UNSUBSCRIBED)
        return rows.filter(Q(organization__isnull=True) | Q(organization=self.organization))


def stop_url(organization: Organization | None, email: str) -> str:
    """Return the address at which who got a mail stops such mails: signed, and good for as long as the mail is kept."""
    about = [organization.pk if organization is not None else None, folded(email)]
    return f"{settings.PUBLIC_URL}{PATH}{signing.dumps(about, salt=SALT)}"


def subscription_of(signed: str) -> Subscription | None:
    """Return what a link is about; None for one that was never sent, or whose organization is gone."""
    try:
        pk, email_key = signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        return None
    organization = Organization.objects.filter(pk=pk).first() if pk is not None else None
    if pk is not None and organization is None:
        return None
    return Subscription(organization, email_key)


def stop_mails(*, subscription: Subscription, is_everywhere: bool = False) -> None:
    """Send no more badge mails to an address: of the organization, or of anybody. A second time changes nothing."""
    organization = None if is_everywhere else subscription.organization
    with transaction.atomic():
        stop, is_new = MailStop.objects.get_or_create(
            email_key=subscription.email_key,
            organization=organization,
            defaults={"reason": MailStopReason.UNSUBSCRIBED},
        )
        # Who answers a mail gets mails: what once came back does so no longer.
        if not is_new and stop.reason != MailStopReason.UNSUBSCRIBED:
            MailStop.objects.filter(pk=stop.pk).update(reason=MailStopReason.UNSUBSCRIBED, details="")


def allow_mails(*, subscription: Subscription) -> None:
    """Take back what stop_mails did, for the organization and for everybody: the person wants mails again."""
    subscription.stops().delete()


def stop_of(message: Message) -> MailStop | None:
    """Return what keeps a message from being mailed, or None.

    Mails of badges are kept back by anything. All others go, unless the address bounced; of those to sign in with one a
    day goes even then, as its person is there and waits. A request to a program is no mail.
    """
    if message.kind == MessageKind.OUTCOME_REPORT:
        return None
    stops = MailStop.objects.filter(email_key=folded(message.recipient)).filter(
        Q(organization__isnull=True) | Q(organization=message.organization_id)
    )
    if message.kind not in STOPPABLE:
        stops = stops.filter(reason=MailStopReason.BOUNCED)
    if message.kind == MessageKind.SIGN_IN:
        stops = stops.filter(created_at__gt=timezone.now() - TRIED_AGAIN)
    return stops.first()


def stops_of(organization: Organization, emails: Iterable[str]) -> dict[str, MailStop]:
    """Return what keeps the organization's badge mails from these addresses, by folded address. One query."""
    rows = MailStop.objects.filter(email_key__in={folded(email) for email in emails}).filter(
        Q(organization__isnull=True) | Q(organization=organization)
    )
    return {row.email_key: row for row in rows}


def words_of(stop: MailStop) -> str:
    """Return why nothing is mailed, for who looks for it."""
    if stop.reason == MailStopReason.UNSUBSCRIBED:
        return _("Not mailed: this person asked for no more mails.")
    if stop.details:
        return _("Not mailed: the address does not accept mail (%(details)s).") % {"details": stop.details}
    return _("Not mailed: the address does not accept mail.")


def note_bounce(*, message: Message, reason: str) -> None:
    """Give a message up because its address accepts no mail, and send none there any more.

    What its owner asked for stands where they asked for no more mails already.
    """
    now = timezone.now()
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(sent_at=None, given_up_at=now, last_error=reason[:2000])
        stop, is_new = MailStop.objects.get_or_create(
            email_key=folded(message.recipient),
            organization=None,
            defaults={"reason": MailStopReason.BOUNCED, "details": reason[:MAX_DETAILS]},
        )
        if not is_new and stop.reason == MailStopReason.BOUNCED:
            MailStop.objects.filter(pk=stop.pk).update(created_at=now, details=reason[:MAX_DETAILS])


def note_address_works(email: str) -> None:
    """Let mails go to an address again that bounced: its owner has just read one there."""
    MailStop.objects.filter(
        email_key=folded(email), organization__isnull=True, reason=MailStopReason.BOUNCED
    ).delete()


def lift_mail_stop(*, organization: Organization, email: str, by: Actor | None) -> None:
    """Let mails of the organization go to an address again that bounced, as its owner says that it works now.

    Whoever calls has made sure that the address is one of the organization's people. Where the person asked for no more
    mails only staff and the server may. Raises MailStopUnknown and MailStopTheirs.
    """
    with transaction.atomic():
        rows = MailStop.objects.select_for_update().filter(
            Q(organization__isnull=True) | Q(organization=organization), email_key=folded(email)
        )
        stops = list(rows)
        if not stops:
            raise MailStopUnknown
        is_theirs = any(stop.reason == MailStopReason.UNSUBSCRIBED for stop in stops)
        if is_theirs and by is not None and not by.sees_everything:
            raise MailStopTheirs
        MailStop.objects.filter(pk__in=[stop.pk for stop in stops]).delete()
        note_act(organization=organization, act=AuditAct.MAIL_STOP_LIFTED, by=by, label=email)


def remove_stop(*, stop: MailStop, by: Actor | None) -> None:
    """Let mails go to an address again, whoever stopped them: an act of staff. Noted where it is of one organization."""
    with transaction.atomic():
        if MailStop.objects.filter(pk=stop.pk).delete()[0] and stop.organization is not None:
            note_act(
                organization=stop.organization,
                act=AuditAct.MAIL_STOP_LIFTED,
                by=by,
                label=stop.email_key,
            )
