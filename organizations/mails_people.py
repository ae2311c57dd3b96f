"""Mails by which people come to organizations and keep their accounts: invitations, signing up, changed addresses."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from organizations.enums import MessageKind
from organizations.mails import mail_of
from organizations.models import Invitation, Message, User
from organizations.services.invitations import invitation_path, is_good
from organizations.services.outbox import delivers
from organizations.services.profiles import address_path
from organizations.services.sign_up import has_account, sign_up_path


@delivers(MessageKind.INVITATION)
def invitation_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that asks somebody to join; None when the invitation is over.

    In the language of who has an account, else of the organization.
    """
    invitation = Invitation.objects.select_related("organization").filter(uuid=message.subject).first()
    if invitation is None or not is_good(invitation):
        return None
    user = User.objects.filter(email=invitation.email).first()
    inviter = User.objects.filter(email=invitation.invited_by).first()
    context = {
        "invitation": invitation,
        "inviter": inviter.get_full_name() if inviter is not None else invitation.organization.name,
        "link": f"{settings.PUBLIC_URL}{invitation_path(invitation)}",
    }
    language = user.language if user is not None else invitation.organization.language
    return mail_of(invitation.organization, message.recipient, "invitation", context, language=language)


@delivers(MessageKind.SIGN_UP)
def sign_up_mail(message: Message) -> EmailMultiAlternatives:
    """Return the mail with the link that goes on with signing up; who has an account already is told so instead."""
    context = {
        "has_account": has_account(message.recipient),
        "link": f"{settings.PUBLIC_URL}{sign_up_path(asked=message.subject, email=message.recipient)}",
        "sign_in_url": f"{settings.PUBLIC_URL}{reverse('account_login')}",
        "password_url": f"{settings.PUBLIC_URL}{reverse('account_reset_password')}",
    }
    return _server_mail(message, "sign_up", _language_of(message.recipient), context)


@delivers(MessageKind.ADDRESS_CHANGE)
def address_change_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail with the link that makes an address that of an account; None when it is, or the account is gone."""
    user = User.objects.filter(uuid=message.subject, is_active=True).first()
    if user is None or user.email == message.recipient:
        return None
    context = {
        "before": user.email,
        "has_account": has_account(message.recipient),
        "link": f"{settings.PUBLIC_URL}{address_path(user=user, email=message.recipient)}",
    }
    return _server_mail(message, "address_change", user.language, context)


@delivers(MessageKind.ADDRESS_CHANGED)
def address_changed_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells the former address of an account that it opens it no more."""
    user = User.objects.filter(uuid=message.subject).first()
    if user is None:
        return None
    return _server_mail(
        message, "address_changed", user.language, {"changed_at": message.created_at, "email": user.email}
    )


def _language_of(email: str) -> str:
    """Return the language of who has an account, else that of the server: who is new has told none."""
    user = User.objects.filter(email=email).first()
    return user.language if user is not None else settings.LANGUAGE_CODE


def _server_mail(
    message: Message, name: str, language: str, values: Mapping[str, Any]
) -> EmailMultiAlternatives:
    """Return a mail of the server's own, made of its three templates."""
    host = settings.PUBLIC_URL.partition("://")[2]
    # What the frame of all mails names; these are the server's own.
    values = {
        "host": host,
        "sender": settings.DEFAULT_FROM_EMAIL,
        "organization": {"name": host, "language": language},
        **values,
    }
    with translation.override(language), timezone.override("UTC"):
        mail = EmailMultiAlternatives(
            subject=" ".join(render_to_string(f"emails/{name}_subject.txt", values).split()),
            body=render_to_string(f"emails/{name}.txt", values),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string(f"emails/{name}.html", values), "text/html")
    return mail
