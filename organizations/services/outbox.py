"""The outbox: rows are written with what they tell of, and sent after the commit, with growing pauses after failures."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from organizations.enums import MessageKind
from organizations.models import Message

log = logging.getLogger(__name__)

# A message that is being sent is not due again for this long: a worker killed in the middle leaves it to the next one.
LEASE = timedelta(minutes=5)
PAUSES = [timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 6 * 3600, 24 * 3600, 48 * 3600)]

# Makes the mail of a message; None when there is nothing to tell any more (the badge was revoked meanwhile).
Renderer = Callable[[Message], EmailMessage | None]


def deliver_due(renderers: Mapping[MessageKind, Renderer], *, limit: int = 100) -> int:
    """Send what is due, oldest first, at most `limit`; return how many messages were taken.

    Any number of workers may do this at once. A message is sent at least once: a worker that dies between sending and
    noting it sends again. After a failure it waits longer each time, and is given up after the last of PAUSES; then
    `retry_message` starts again.
    """
    messages = _take_due(limit)
    if not messages:
        return 0
    connection = get_connection()
    try:
        for message in messages:
            _deliver(message, renderers, connection)
    finally:
        connection.close()
    return len(messages)


def retry_message(message: Message) -> None:
    """Make a message due now, also one that was given up or sent before."""
    Message.objects.filter(pk=message.pk).update(
        due_at=timezone.now(), attempts=0, sent_at=None, given_up_at=None, last_error=""
    )


def _take_due(limit: int) -> list[Message]:
    with transaction.atomic():
        messages = list(Message.objects.due().select_for_update(skip_locked=True)[:limit])
        if messages:
            Message.objects.filter(pk__in=[message.pk for message in messages]).update(
                due_at=timezone.now() + LEASE, attempts=F("attempts") + 1
            )
    return messages


def _deliver(
    message: Message, renderers: Mapping[MessageKind, Renderer], connection: BaseEmailBackend
) -> None:
    row = Message.objects.filter(pk=message.pk)
    try:
        mail = renderers[MessageKind(message.kind)](message)
        if mail is not None:
            mail.connection = connection
            mail.send()
    except Exception as error:
        attempts = message.attempts + 1
        now = timezone.now()
        reason = f"{type(error).__name__}: {error}"[:2000]
        log.warning("Message %s was not sent (attempt %s): %s", message.pk, attempts, type(error).__name__)
        if attempts > len(PAUSES):
            row.update(given_up_at=now, last_error=reason)
        else:
            row.update(due_at=now + PAUSES[attempts - 1], last_error=reason)
    else:
        row.update(sent_at=timezone.now(), last_error="")
