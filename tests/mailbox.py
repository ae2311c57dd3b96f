"""The mail that earners read in tests: what was sent to sign in with, delivered by the outbox."""

import re
from dataclasses import dataclass

from django.core import mail

from organizations.services.outbox import deliver_due


@dataclass(frozen=True, slots=True)
class SignInMail:
    """One mail to sign in with."""

    to: str
    subject: str
    code: str
    path: str
    text: str


def sign_in_mails() -> list[SignInMail]:
    """Deliver what is due; return all mails to sign in with, oldest first."""
    deliver_due()
    found = []
    for message in mail.outbox:
        code = re.search(r"^ {4}(\d{3} \d{3})$", str(message.body), re.MULTILINE)
        path = re.search(r"(/me/sign-in/link/\S+)", str(message.body))
        if code and path:
            body = str(message.body)
            found.append(SignInMail(message.to[0], str(message.subject), code[1], path[1], body))
    return found
