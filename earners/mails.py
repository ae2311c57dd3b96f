"""Mails to persons with accounts, made when they are sent, so that what they say is kept nowhere."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from earners.models import AccountNotice, SignIn
from earners.services.mailed_secrets import code_of, link_path
from organizations.enums import MessageKind
from organizations.models import Message
from organizations.services.outbox import delivers


@delivers(MessageKind.SIGN_IN)
def sign_in_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail with code and link, in the language it was asked for in; None when they are of no use any more."""
    sign_in = SignIn.objects.usable().filter(uuid=message.subject).first()
    if sign_in is None:
        return None
    code = code_of(sign_in)
    values = {
        "sign_in": sign_in,
        "code": f"{code[:3]} {code[3:]}",
        "link": f"{settings.PUBLIC_URL}{link_path(sign_in)}",
    }
    return _mail(message, "sign_in", sign_in.language, values)


@delivers(MessageKind.ACCOUNT_NOTICE)
def notice_mail(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail that tells what changed about who gets into an account; None when the account is no more."""
    notice = AccountNotice.objects.filter(uuid=message.subject).first()
    if notice is None:
        return None
    values = {
        "notice": notice,
        "link": f"{settings.PUBLIC_URL}/me/account",
        "sender": settings.DEFAULT_FROM_EMAIL,
    }
    return _mail(message, "account_notice", notice.language, values)


def _mail(message: Message, name: str, language: str, values: Mapping[str, Any]) -> EmailMultiAlternatives:
    """Return a mail of the server's own, made of its three templates."""
    host = settings.PUBLIC_URL.partition("://")[2]
    # What the frame of all mails names; these are the server's own.
    values = {"host": host, "organization": {"name": host, "language": language}} | dict(values)
    with translation.override(language):
        mail = EmailMultiAlternatives(
            subject=" ".join(render_to_string(f"emails/{name}_subject.txt", values).split()),
            body=render_to_string(f"emails/{name}.txt", values),
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[message.recipient],
            headers={"Auto-Submitted": "auto-generated"},
        )
        mail.attach_alternative(render_to_string(f"emails/{name}.html", values), "text/html")
    return mail
