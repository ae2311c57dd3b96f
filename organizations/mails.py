"""Mails about organizations, made when they are sent, in the language of the organization."""

import re
from collections.abc import Mapping
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from organizations.enums import CreditStatus, MessageKind
from organizations.models import CreditTransaction, Membership, Message, Organization, User
from organizations.services.outbox import delivers

LAUREL_GREEN = "#1d6b50"
PAPER, INK = "#ffffff", "#000000"
MIN_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3


def mail_of(
    organization: Organization,
    recipient: str,
    name: str,
    context: Mapping[str, Any],
    *,
    language: str | None = None,
    stop_url: str = "",
) -> EmailMultiAlternatives:
    """Return a mail of the organization made of templates/emails/<name>_subject.txt, <name>.txt and <name>.html.

    They get the context, `organization` and `public_url`, and the organization's logo and colours. Answers go to the
    organization. The language is the organization's unless told. `stop_url` is where the reader has no more such mails, by
    one click in their mail program (RFC 8058).
    """
    language = language or organization.language
    headers = {"Auto-Submitted": "auto-generated"}  # to one person: vacation replies leave it alone
    if stop_url:
        headers |= {
            "List-Unsubscribe": f"<{stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    with translation.override(language), timezone.override(organization.time_zone):
        values = {
            **context,
            **colours_of(organization),
            "organization": organization,
            "language": language,
            "logo_url": f"{organization.public_url}/logo.png" if organization.logo else "",
            "public_url": settings.PUBLIC_URL,
            "stop_url": stop_url,
        }
        subject = render_to_string(f"emails/{name}_subject.txt", values)
        mail = EmailMultiAlternatives(
            # One line, whatever stands in the names of badges.
            subject=" ".join(subject.split()),
            body=render_to_string(f"emails/{name}.txt", values),
            from_email=formataddr((organization.name, settings.DEFAULT_FROM_EMAIL)),
            to=[recipient],
            reply_to=[organization.email] if organization.email else [],
            headers=headers,
        )
        mail.attach_alternative(render_to_string(f"emails/{name}.html", values), "text/html")
    return mail


def colours_of(organization: Organization) -> dict[str, str]:
    """Return the organization's `colour`, what can be read on it (`on_colour`), on white `link_colour`."""
    colour = organization.color_primary.lower()
    if re.fullmatch("#[0-9a-f]{3}", colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if not re.fullmatch("#[0-9a-f]{6}", colour):
        colour = LAUREL_GREEN
    on_white = _contrast(colour, PAPER)
    return {
        "colour": colour,
        # One of the two always has enough contrast: their own product is 21.
        "on_colour": PAPER if on_white >= MIN_CONTRAST else INK,
        "link_colour": colour if on_white >= MIN_CONTRAST else LAUREL_GREEN,
    }


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG reckons it, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@delivers(MessageKind.CREDITS_REQUESTED)
def credits_requested_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that a request for credits has arrived; None when it was decided meanwhile: there is another mail."""
    request = _request_of(message)
    if request is None or request.status != CreditStatus.REQUEST:
        return None
    return mail_of(request.organization, message.recipient, "credits_requested", {"request": request})


@delivers(MessageKind.CREDITS_DECIDED)
def credits_decided_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that a request for credits was accepted or declined; None when there is no such request."""
    request = _request_of(message)
    if request is None:
        return None
    context = {"request": request, "is_accepted": request.status == CreditStatus.ACCEPTED}
    return mail_of(request.organization, message.recipient, "credits_decided", context)


@delivers(MessageKind.CREDITS_TO_DECIDE)
def credits_to_decide_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail by which staff learn of a request for credits, in their language; None when it was decided."""
    request = _request_of(message)
    if request is None or request.status != CreditStatus.REQUEST:
        return None
    reader = User.objects.filter(email=message.recipient).first()
    path = reverse("admin:organizations_credittransaction_change", args=[request.pk])
    context = {"request": request, "link": f"{settings.PUBLIC_URL}{path}"}
    language = reader.language if reader is not None else settings.LANGUAGE_CODE
    return mail_of(request.organization, message.recipient, "credits_to_decide", context, language=language)


@delivers(MessageKind.MEMBER_ADDED)
def member_added_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that welcomes a new member; None when the membership has ended meanwhile."""
    membership = (
        Membership.objects.select_related("user", "organization")
        .filter(organization=message.organization_id, user__uuid=message.subject)
        .first()
    )
    if membership is None:
        return None
    context = {
        "membership": membership,
        "user": membership.user,
        "has_password": membership.user.has_usable_password(),
        "sign_in_url": f"{settings.PUBLIC_URL}{reverse('account_login')}",
        "password_url": f"{settings.PUBLIC_URL}{reverse('account_reset_password')}",
    }
    return mail_of(membership.organization, message.recipient, "member_added", context)


def _request_of(message: Message) -> CreditTransaction | None:
    return (
        CreditTransaction.objects.select_related("organization", "user").filter(uuid=message.subject).first()
    )
