"""Mails about badges, made when they are sent, in the language of the organization."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from badges.enums import BatchState, Visibility
from badges.models import Badge, BadgeShare, Batch
from badges.services.accepting import MARKER, opening_marker
from organizations.enums import MessageKind
from organizations.mails import mail_of
from organizations.models import Message
from organizations.services.mail_stops import stop_url
from organizations.services.outbox import delivers


@delivers(MessageKind.BADGE_ISSUED)
def badge_issued_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells an earner of a badge; None when it was revoked, hidden or given to another address."""
    badge = _badge_of(message)
    return _to_earner(badge, "badge_issued") if badge is not None else None


@delivers(MessageKind.BADGE_REMINDER)
def badge_reminder_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells an earner once more of a badge; None when they have accepted it, and as for the first."""
    badge = _badge_of(message)
    if badge is None or badge.accepted_at is not None:
        return None
    return _to_earner(badge, "badge_reminder")


@delivers(MessageKind.BADGE_SHARED)
def badge_shared_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail by which an earner shows a badge to somebody; None when it was revoked or hidden meanwhile.

    It comes from the installation and says who had it sent: an answer goes to nobody, as neither the organization nor this
    server wrote what stands in it.
    """
    share = (
        BadgeShare.objects.select_related("badge__organization", "badge__version__template")
        .filter(uuid=message.subject, badge__revoked_at__isnull=True)
        .exclude(badge__visibility=Visibility.HIDDEN)
        .first()
    )
    if share is None:
        return None
    context = {
        "share": share,
        "badge": share.badge,
        "version": share.badge.version,
        "link": share.badge.public_url,
        "note_lines": share.note.splitlines(),
        "host": settings.PUBLIC_URL.partition("://")[2],
    }
    mail = mail_of(
        share.badge.organization,
        message.recipient,
        "badge_shared",
        context,
        language=share.language,
        stop_url=stop_url(None, message.recipient),
    )
    mail.from_email, mail.reply_to = settings.DEFAULT_FROM_EMAIL, []
    return mail


@delivers(MessageKind.BATCH_FINISHED)
def batch_finished_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells what became of a batch; None while rows are tried again: there will be another mail."""
    batch = _batch_of(message, BatchState.DONE, BatchState.STOPPED)
    if batch is None:
        return None
    context = {
        "batch": batch,
        "title": batch.template.current_version.title if batch.template.current_version else "",
        "is_stopped": batch.state == BatchState.STOPPED,
        "retry_count": batch.failed_count + batch.stopped_count,
    }
    return mail_of(batch.organization, message.recipient, "batch_finished", context)


@delivers(MessageKind.BATCH_PAUSED)
def batch_paused_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that a batch paused by itself, and why; None when somebody has resumed or stopped it meanwhile."""
    batch = _batch_of(message, BatchState.PAUSED)
    if batch is None:
        return None
    context = {
        "batch": batch,
        "title": batch.template.current_version.title if batch.template.current_version else "",
        "waiting_count": batch.total - batch.issued_count - batch.failed_count - batch.stopped_count,
    }
    return mail_of(batch.organization, message.recipient, "batch_paused", context)


def _badge_of(message: Message) -> Badge | None:
    badge = (
        Badge.objects.reachable()
        .select_related("organization", "version__template")
        .filter(uuid=message.subject, revoked_at__isnull=True)
        .first()
    )
    return badge if badge is not None and badge.recipient_email == message.recipient else None


def _to_earner(badge: Badge, name: str) -> EmailMultiAlternatives:
    """Return a mail to the badge's earner. Its link has a marker, by which the badge's issuer sees that it was opened."""
    context = {
        "badge": badge,
        "version": badge.version,
        "link": f"{badge.public_url}?{MARKER}={opening_marker(badge)}",
        "account_url": f"{settings.PUBLIC_URL}{reverse('my_badges')}",
        "accept_url": f"{settings.PUBLIC_URL}{reverse('my_badge', args=[badge.uuid])}",
    }
    url = stop_url(badge.organization, badge.recipient_email)
    return mail_of(badge.organization, badge.recipient_email, name, context, stop_url=url)


def _batch_of(message: Message, *states: BatchState) -> Batch | None:
    batches = Batch.objects.select_related("organization", "template__current_version")
    return batches.filter(uuid=message.subject, state__in=states).first()
