"""Mails about badges, made when they are sent, in the language of the organization."""

from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from badges.models import Badge
from organizations.models import Message


def badge_issued_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells an earner of a badge; None when the badge was revoked or hidden meanwhile."""
    badge = (
        Badge.objects.reachable()
        .select_related("organization", "version")
        .filter(uuid=message.subject, revoked_at__isnull=True)
        .first()
    )
    if badge is None:
        return None
    organization = badge.organization
    with translation.override(organization.language), timezone.override(organization.time_zone):
        context = {
            "badge": badge,
            "version": badge.version,
            "organization": organization,
            "public_url": settings.PUBLIC_URL,
        }
        mail = EmailMultiAlternatives(
            subject=render_to_string("emails/badge_issued_subject.txt", context).strip(),
            body=render_to_string("emails/badge_issued.txt", context),
            from_email=formataddr((organization.name, settings.DEFAULT_FROM_EMAIL)),
            to=[message.recipient],
            reply_to=[organization.email] if organization.email else [],
            # A mail to one person about one thing: vacation replies and list software leave it alone.
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string("emails/badge_issued.html", context), "text/html")
    return mail
