"""Mails that come back: refused by the mail server or reported later; recorded once they are surely ours and final."""

import io
import smtplib
import sys
from collections.abc import Sequence
from email import message_from_bytes
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError
from pytest_django import Settings

from badges.models import Badge
from organizations.models import MailStop, Message
from organizations.services.bounces import refusal_of, take_report
from organizations.services.mail_stops import Subscription, stop_mails
from organizations.services.outbox import deliver_due
from tests import factories
from tests.commands import answered

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"
FAILED = "Final-Recipient: rfc822; Ada@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 No such user"


class RefusingBackend(EmailBackend):
    """A mail server that refuses every recipient with `answer`."""

    answer = (550, b"5.1.1 <ada@example.org>: no such\r\nuser")

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Refuse."""
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: self.answer})


@pytest.fixture
def sent(badge: Badge) -> bytes:
    """The mail that told of a badge, as it went out."""
    deliver_due()
    return mail.outbox[0].message().as_bytes()


def report(sent: bytes, recipient: str = FAILED, *, headers_alone: bool = False) -> bytes:
    """Return the delivery report of a mail server about a mail (RFC 3464)."""
    whole = MIMEMultipart("report")
    whole.set_param("report-type", "delivery-status")
    whole["From"] = "Mail Delivery System <MAILER-DAEMON@mx.example>"
    whole["Subject"] = "Undelivered Mail Returned to Sender"
    whole.attach(MIMEText("I'm sorry to have to inform you that your message could not be delivered."))
    status = message_from_bytes(
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{recipient}\n".encode()
    )
    whole.attach(status)
    original = message_from_bytes(sent)
    if headers_alone:
        lines = "".join(f"{name}: {value}\n" for name, value in original.items())
        whole.attach(MIMEText(lines, "rfc822-headers", "utf-8"))
    else:
        whole.attach(MIMEMessage(original))
    return whole.as_bytes()


def stops() -> list[tuple[str, str, str]]:
    """Return all stops, none of which is of an organization."""
    return list(
        MailStop.objects.filter(organization__isnull=True).values_list("email_key", "reason", "details")
    )


def test_address_that_the_mail_server_refuses_for_good_is_given_up(badge: Badge, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.organizations.test_bounces.RefusingBackend"

    deliver_due()

    message = Message.objects.get()
    assert message.given_up_at is not None
    assert message.last_error == "550 5.1.1 <ada@example.org>: no such user"
    assert stops() == [(ADA, "bounced", "550 5.1.1 <ada@example.org>: no such user")]


@pytest.mark.parametrize(
    ("code", "text", "is_final"),
    [
        (550, b"No such user", True),
        (553, b"5.1.3 Bad address syntax", True),
        (554, b"5.2.1 Mailbox disabled", True),
        (450, b"4.2.0 Greylisted", False),
        (550, b"5.7.1 Relaying denied", False),
        (554, b"5.7.1 Your address is on a list", False),
        (550, b"relay not permitted", False),
        (530, b"Authentication required", False),
        (554, b"Transaction failed", False),
    ],
)
def test_only_what_is_said_of_the_address_is_final(code: int, text: bytes, is_final: bool) -> None:
    assert (refusal_of(smtplib.SMTPRecipientsRefused({ADA: (code, text)})) is not None) == is_final


def test_failure_that_passes_is_tried_again(badge: Badge, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.organizations.test_bounces.RefusingBackend"
    RefusingBackend.answer, before = (450, b"4.2.2 Mailbox full"), RefusingBackend.answer
    try:
        deliver_due()
    finally:
        RefusingBackend.answer = before

    assert Message.objects.get().given_up_at is None
    assert stops() == []


@pytest.mark.parametrize("headers_alone", [False, True])
def test_report_stops_mails_to_the_address(badge: Badge, sent: bytes, headers_alone: bool) -> None:
    is_stopped, _words = take_report(report(sent, headers_alone=headers_alone))
    again, _words = take_report(report(sent, headers_alone=headers_alone))

    assert (is_stopped, again) == (True, True)
    assert stops() == [(ADA, "bounced", "5.1.1 550 No such user")]
    message = Message.objects.get()
    assert (message.sent_at, message.last_error) == (None, "5.1.1 550 No such user")
    assert message.given_up_at is not None
    mail.outbox.clear()
    factories.badge(badge.template)
    deliver_due()
    assert mail.outbox == []


def test_report_is_known_by_our_own_header_where_the_message_id_was_changed(sent: bytes) -> None:
    changed = message_from_bytes(sent)
    changed.replace_header("Message-ID", "<made-up@gateway.example>")

    assert take_report(report(changed.as_bytes()))[0]


@pytest.mark.parametrize(
    "recipient",
    [
        FAILED.replace("failed", "delayed").replace("5.1.1", "4.4.7"),
        FAILED.replace("5.1.1", "4.2.2"),
        FAILED.replace("failed", "delivered").replace("5.1.1", "2.0.0"),
        FAILED.replace("Ada@example.org", "mary@example.org"),
        FAILED.replace("5.1.1", "nonsense"),
        "Final-Recipient: ;;\nAction:\nStatus:",
    ],
)
def test_report_of_no_final_failure_of_the_address_changes_nothing(sent: bytes, recipient: str) -> None:
    assert not take_report(report(sent, recipient))[0]

    assert stops() == []
    assert Message.objects.get().sent_at is not None


def test_refusal_by_policy_is_noted_and_the_address_kept(sent: bytes) -> None:
    assert not take_report(report(sent, FAILED.replace("5.1.1", "5.7.1")))[0]

    assert stops() == []
    assert Message.objects.get().last_error == "5.7.1 550 No such user"


def test_forged_report_and_what_is_none_change_nothing(sent: bytes) -> None:
    forged = message_from_bytes(sent)
    number = Message.objects.get().pk
    for name in ("Message-ID", "Laurel-Message"):
        forged.replace_header(name, f"<{number}.AAAA@127.0.0.1>")
    unnamed = message_from_bytes(sent)
    del unnamed["Message-ID"]
    del unnamed["Laurel-Message"]

    for content in (
        report(forged.as_bytes()),
        report(unnamed.as_bytes()),
        sent,
        b"",
        b"\x00\xff" * 1000,
        b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n--x--",
        report(b""),
    ):
        assert not take_report(content)[0]

    assert stops() == []
    assert take_report(report(sent))[0]


def test_report_leaves_what_a_person_asked_for(sent: bytes) -> None:
    stop_mails(subscription=Subscription(None, ADA))

    take_report(report(sent))

    assert stops() == [(ADA, "unsubscribed", "")]


def test_command_reads_a_report_as_a_mail_server_hands_it_over(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(sent))))
    assert answered("bounces") == {
        "stopped": True,
        "found": "The address does not accept mail (5.1.1 550 No such user), so it gets none from now on.",
    }
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"Hello")))
    assert answered("bounces")["stopped"] is False


class AwayBuffer(io.BytesIO):
    """Standard input while the database is away."""

    def read(self, size: int | None = -1) -> bytes:
        """Fail as the database would a moment later."""
        raise OperationalError("away")


def test_command_has_the_mail_server_try_again_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=AwayBuffer()))

    with pytest.raises(CommandError) as failure:
        call_command("bounces")

    assert failure.value.returncode == 75
