"""Mails that come back: what the mail server refuses for good, and delivery reports (RFC 3464) that arrive later."""

import re
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import EmailMessage as ParsedMail
from email.message import Message as ParsedPart
from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from config.text import folded
from organizations.models import Message
from organizations.services.mail_stops import note_bounce

HEADER = "Laurel-Message"
MAX_REPORT = (
    2 * 1024 * 1024
)  # bytes; what is longer is cut, and the report stands before the mail that came back
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Told to whoever sends from here, whatever the address: the server may not relay, or is not trusted (RFC 3463, X.5 and X.7).
ABOUT_US = re.compile(r"relay|authenticat", re.IGNORECASE)
OUR_FAULT = {"3", "5", "6", "7"}  # subjects of RFC 3463: system, protocol, content, policy
OF_ADDRESS = {550, 551, 553}  # RFC 5321, section 4.2.2: no such mailbox, not here, not spelled so


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient in a delivery report. `status` is "5.1.1", `recipients` are as the report names them, folded."""

    action: str
    status: str
    recipients: frozenset[str]
    diagnosis: str


def mail_headers(message: Message) -> dict[str, str]:
    """Return the headers by which a mail that comes back is known again: the message's number, signed.

    Nobody but who got the mail can name it, so nobody stops mails to somebody else by a made-up report.
    """
    token = _signer().sign(str(message.pk))
    return {"Message-ID": f"<{token}@{urlsplit(settings.PUBLIC_URL).hostname}>", HEADER: token}


def refusal_of(error: Exception) -> str | None:
    """Return why the mail server refuses the one recipient for good; None where it may not be the address's fault.

    That is a reply 5xx to the recipient: with an enhanced status (RFC 3463) one about the address or its mailbox, without
    one a code that says so. What is said of us instead (relaying, policy) would be said of every address.
    """
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or len(error.recipients) != 1:
        return None
    [(code, reply)] = error.recipients.values()
    text = " ".join(reply.decode("utf-8", "replace").split())
    status = STATUS.search(text)
    if status is not None:
        is_final = 500 <= code < 600 and status[1] == "5" and status[2] not in OUR_FAULT
    else:
        is_final = code in OF_ADDRESS and not ABOUT_US.search(text)
    return f"{code} {text}" if is_final else None


def take_report(content: bytes) -> tuple[bool, str]:
    """Record what a delivery report tells of one of our mails; return whether an address was stopped, and what was found.

    Counted is a permanent failure (5.x.x) of the very address that the mail went to. Delays and failures that pass (4.x.x),
    reports of mails that are not ours or were not signed by us, and what is no report at all change nothing.
    """
    mail = message_from_bytes(content[:MAX_REPORT], policy=policy.default)
    failures = list(_failures(mail))
    if not failures:
        return False, _("This is no delivery report (RFC 3464), so nothing was changed.")
    message = _message_of(mail)
    if message is None:
        return False, _("This report is not about a mail that was sent from here, so nothing was changed.")
    for failure in failures:
        if failure.action != "failed" or not failure.status.startswith("5."):
            continue
        if folded(message.recipient) not in failure.recipients:
            continue
        reason = f"{failure.status} {failure.diagnosis}".strip()
        if failure.status.split(".")[1] == "7":
            Message.objects.filter(pk=message.pk).update(last_error=reason[:2000])
            return False, _(
                "The mail was refused by a policy (%(reason)s): this is about the server that sends, so the address is"
                " written to again."
            ) % {"reason": reason}
        note_bounce(message=message, reason=reason)
        return True, _("The address does not accept mail (%(reason)s), so it gets none from now on.") % {
            "reason": reason
        }
    return False, _("This report tells of no permanent failure of the address, so nothing was changed.")


def _signer() -> Signer:
    return Signer(salt="organizations.message", sep=".")


def _failures(mail: ParsedMail) -> Iterator[Failure]:
    """Yield what a report says of each recipient: the blocks of its second part, but the first (RFC 3464, section 2.1)."""
    for part in mail.walk() if mail.get_content_type() == "multipart/report" else ():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks[1:] if isinstance(blocks, list) else ():
            if not isinstance(block, ParsedPart):
                continue
            named = [_text(block, name) for name in ("Original-Recipient", "Final-Recipient")]
            yield Failure(
                action=_text(block, "Action").lower(),
                status=_text(block, "Status").partition(" ")[0],
                recipients=frozenset(folded(name.partition(";")[2].strip(" <>")) for name in named if name),
                diagnosis=" ".join(_text(block, "Diagnostic-Code").partition(";")[2].split())[:500],
            )


def _message_of(mail: ParsedMail) -> Message | None:
    """Return the message whose mail came back: by the headers of ours that the report brings back with it."""
    for part in mail.walk():
        if part is mail:
            continue
        kind = part.get_content_type()
        returned: ParsedPart | None = None
        if kind == "message/rfc822":
            inner = part.get_payload()
            returned = inner[0] if isinstance(inner, list) and isinstance(inner[0], ParsedPart) else None
        elif kind == "text/rfc822-headers":
            returned = message_from_string(str(part.get_content()), policy=policy.default)
        if returned is None:
            continue
        for token in (_text(returned, HEADER), _text(returned, "Message-ID").strip("<>").rpartition("@")[0]):
            try:
                pk = _signer().unsign(token.strip())
            except BadSignature:
                continue
            return Message.objects.filter(pk=pk).first()
    return None


def _text(part: ParsedPart, name: str) -> str:
    """Return a header's text in one line; empty without it, or where it cannot be read."""
    try:
        return " ".join(str(part.get(name) or "").split())
    except (ValueError, IndexError, AttributeError):  # of Python's parser, at headers of nonsense
        return ""
