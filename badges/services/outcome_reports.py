"""Reports of outcomes to issuing platforms: what is sent, how it is signed, what becomes of it. The outbox sends them."""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import OutcomeState
from badges.models import OutcomeRecord
from config.exceptions import InvalidInput
from organizations.encryption import decrypt
from organizations.enums import MessageKind
from organizations.exceptions import KeyNotUsable
from organizations.models import Message
from organizations.services.foreign import NotFetched, ask_foreign
from organizations.services.outbox import PAUSES, delivers, retry_message, write_messages

MAX_ANSWER = 64 * 1024  # bytes of what the platform answers; it is not looked at
REFERENCE_LIFETIME = timedelta(days=90)  # a platform may let people decide
MAX_EVENTS = 50
CALLBACK_PATH = "/api/v2/BadgeAssignment"


def note(record: OutcomeRecord, event: str, *, detail: str = "", by: str = "") -> None:
    """Add what happened to a record's history, which is not saved here. The oldest of more than MAX_EVENTS goes."""
    entry = {"at": timezone.now().isoformat(timespec="milliseconds"), "event": event}
    entry |= {name: value for name, value in (("detail", detail[:1000]), ("by", by)) if value}
    record.history = [*record.history, entry][-MAX_EVENTS:]


def write_report(record: OutcomeRecord) -> None:
    """Have a record reported, in the transaction that makes it wait. One that waits to be sent is sent at once instead."""
    unsent = Message.objects.filter(
        kind=MessageKind.OUTCOME_REPORT, subject=record.uuid, sent_at__isnull=True
    ).first()
    if unsent is not None:
        retry_message(unsent)
        return
    write_messages(
        [
            Message(
                organization=record.outcome.organization,
                kind=MessageKind.OUTCOME_REPORT,
                subject=record.uuid,
                recipient=(urlsplit(record.outcome.call_url).hostname or "")[:320],
            )
        ]
    )


def report_body(record: OutcomeRecord) -> bytes:
    """Return what is sent: JSON with `refId`, `outcome`, `recipient`, `reportedAt` and `callbackUrl`."""
    return json.dumps(
        {
            "refId": str(record.ref_id),
            "outcome": record.outcome.code,
            "recipient": {"type": "email", "identity": record.recipient_email},
            "reportedAt": record.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "callbackUrl": f"{settings.PUBLIC_URL}{CALLBACK_PATH}",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def signature_headers(secret: str, body: bytes, *, at: int) -> dict[str, str]:
    """Return the headers that tell a platform who reports.

    `Laurel-Timestamp` is `at`, in seconds since 1970; `Laurel-Signature` is `v1=` and the hexadecimal HMAC-SHA256, by the
    outcome's signing secret, of that timestamp, a full stop and the body.
    """
    signed = hmac.digest(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hex()
    return {"Laurel-Timestamp": str(at), "Laurel-Signature": f"v1={signed}"}


@dataclass(frozen=True, slots=True)
class OutcomeReport:
    """One try to report a record. `is_last` tells that nothing follows a failure."""

    record: OutcomeRecord
    is_last: bool

    def send(self) -> None:
        """Ask the platform. Raises NotFetched, or KeyNotUsable, and the record says why."""
        try:
            self._ask()
        except (NotFetched, KeyNotUsable) as error:
            _settle(self.record, problem=str(error), is_over=self.is_last)
            raise
        _settle(self.record, problem="", is_over=False)

    def _ask(self) -> None:
        outcome, body = self.record.outcome, report_body(self.record)
        headers = {"Content-Type": "application/json"}
        if outcome.encrypted_signing_secret is not None:
            secret = decrypt(outcome.encrypted_signing_secret).decode()
            headers |= signature_headers(secret, body, at=int(time.time()))
        answer = ask_foreign(
            outcome.call_url, max_bytes=MAX_ANSWER, accept="application/json", body=body, headers=headers
        )
        if not 200 <= answer.status < 300:
            raise NotFetched(_("it answers with the status %(status)d") % {"status": answer.status})


@delivers(MessageKind.OUTCOME_REPORT)
def report_of(message: Message) -> OutcomeReport | None:
    """Return the report that a message is about; None when nothing waits for it any more."""
    record = (
        OutcomeRecord.objects.select_related("outcome")
        .filter(uuid=message.subject, state=OutcomeState.WAITING)
        .first()
    )
    if record is None or not record.outcome.is_active or not record.outcome.call_url:
        return None
    return OutcomeReport(record, is_last=message.attempts > len(PAUSES))


def _settle(record: OutcomeRecord, *, problem: str, is_over: bool) -> None:
    """Keep what became of a try, unless the platform has called back meanwhile."""
    with transaction.atomic():
        held = OutcomeRecord.objects.select_for_update().filter(pk=record.pk, state=OutcomeState.WAITING)
        row = held.first()
        if row is None:
            return
        row.problem = problem[:1000]
        if problem:
            note(row, "report_failed", detail=problem)
            row.state = OutcomeState.REFUSED if is_over else OutcomeState.WAITING
        else:
            note(row, "reported")
            row.reported_at = timezone.now()
        row.save(update_fields=["problem", "history", "state", "reported_at", "updated_at"])


def checked_call_url(url: str) -> str:
    """Return the address of an issuing platform. Raises InvalidInput where it is none that could be asked."""
    url = url.strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        is_sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        is_sound = is_sound and (parts.port is None or parts.port > 0) and len(url) <= 2000
    except ValueError:
        is_sound = False
    if not is_sound or any(character.isspace() for character in url):
        raise InvalidInput(
            _(
                "This is not a full web address. It begins with https:// or http:// and has no password in it."
            ),
            field="call_url",
        )
    return url
