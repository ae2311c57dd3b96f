"""The outbox: rows written with what they tell of, delivered after the commit, with growing pauses after failures."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from organizations.enums import MessageKind
from organizations.models import Message, Organization
from organizations.services.bounces import mail_headers, refusal_of
from organizations.services.inserting import insert
from organizations.services.mail_stops import STOPPABLE, note_bounce, stop_of, words_of
from organizations.signals import messages_waiting

log = logging.getLogger(__name__)

# A message that is being sent is not due again for this long: a worker killed in the middle leaves it to the next one.
LEASE = timedelta(minutes=5)
PAUSES = [timedelta(seconds=seconds) for seconds in (30, 120, 600, 3600, 6 * 3600, 24 * 3600, 48 * 3600)]
ROUND = 5.0  # seconds after which no further message of a round is begun: other work has its turn


class Delivery(Protocol):
    """Something that can be sent: a mail of Django's, or a request to somebody's server."""

    def send(self) -> object:
        """Send it, or raise whatever went wrong: then it is tried again later."""


# Makes what is sent of a message; None when there is nothing to tell any more (the badge was revoked meanwhile).
Deliverer = Callable[[Message], Delivery | None]
SomeDeliverer = TypeVar("SomeDeliverer", bound=Deliverer)
# What is known of all kinds. The mails and other deliveries of the apps register themselves when Django starts.
DELIVERERS: dict[MessageKind, Deliverer] = {}


def delivers(kind: MessageKind) -> Callable[[SomeDeliverer], SomeDeliverer]:
    """Register a function as what makes the deliveries of a kind of message: `@delivers(MessageKind.BADGE_ISSUED)`."""

    def register(deliverer: SomeDeliverer) -> SomeDeliverer:
        DELIVERERS[kind] = deliverer
        return deliverer

    return register


def write_messages(messages: Sequence[Message]) -> None:
    """Put messages into the outbox, in the transaction of what they tell of; a worker is told after its commit."""
    insert(messages)
    transaction.on_commit(partial(messages_waiting.send_robust, sender=Message))


def deliver_due(deliverers: Mapping[MessageKind, Deliverer] | None = None, *, limit: int = 100) -> int:
    """Deliver what is due, at most `limit`, and for about ROUND seconds; return how many messages were taken.

    Oldest first, the organizations by turns: one that tells 100,000 earners keeps no other waiting. Any number of workers
    may do this at once. A message is delivered at least once: a worker that dies between sending and noting it sends again.
    After a failure it waits longer each time, and is given up after the last of PAUSES; then `retry_message` starts again.
    Given up at once is what goes to an address that mails are stopped to, or that the mail server refuses for good. Without
    `deliverers` these are the registered ones.
    """
    deliverers = DELIVERERS if deliverers is None else deliverers
    messages = _take_due(limit)
    taken, begun = len(messages), time.monotonic()
    post = _Post()
    try:
        while messages and time.monotonic() - begun < ROUND:
            _deliver(messages.pop(0), deliverers, post)
    finally:
        post.close()
        # Also when this process is told to end here: what was not begun is nobody's failure.
        for message in messages:
            Message.objects.filter(pk=message.pk, attempts=message.attempts).update(
                due_at=message.due_at, attempts=message.attempts - 1
            )
    return taken


def retry_message(message: Message) -> None:
    """Make a message due now, also one that was given up or sent before."""
    Message.objects.filter(pk=message.pk).update(
        due_at=timezone.now(), attempts=0, sent_at=None, given_up_at=None, last_error=""
    )
    transaction.on_commit(partial(messages_waiting.send_robust, sender=Message))


def forget_recipient(*, organization: Organization | None, email: str) -> None:
    """Take an address out of the organization's messages of badges, or out of those that the installation itself wrote.

    What was not sent yet is given up. Must run in the transaction that erases the person.
    """
    messages = Message.objects.filter(organization=organization, recipient__iexact=email)
    if organization is not None:
        messages = messages.filter(kind__in=STOPPABLE)
    messages.filter(sent_at__isnull=True, given_up_at__isnull=True).update(given_up_at=timezone.now())
    messages.update(recipient="", last_error="")


class _Post:
    """One connection to the mail server for the mails of a round; opened by the first, and anew after a failure."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def send(self, mail: EmailMessage) -> None:
        """Send a mail, over a connection that is open."""
        if self.connection is None:
            connection = get_connection()
            connection.open()
            self.connection = connection
        mail.connection = self.connection
        mail.send()

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.close()
            except OSError as error:
                log.info("The mail server did not say goodbye: %s", type(error).__name__)


def _take_due(limit: int) -> list[Message]:
    """Take messages for LEASE, by turns of the organizations; return them as they were, one attempt counted."""
    turn = Window(RowNumber(), partition_by="organization", order_by=["due_at", "id"])
    while True:
        now = timezone.now()
        # Chosen first, as PostgreSQL locks no rows that were numbered. Locking looks at them anew, and leaves out what
        # another worker took meanwhile; when that is all of them, there may be more.
        chosen = Message.objects.due(now).annotate(turn=turn).order_by("turn", "due_at", "id")
        pks = list(chosen.values_list("pk", flat=True)[:limit])
        if not pks:
            return []
        with transaction.atomic():
            due = Message.objects.due(now).filter(pk__in=pks).select_for_update(skip_locked=True)
            messages = {message.pk: message for message in due}
            Message.objects.filter(pk__in=messages).update(due_at=now + LEASE, attempts=F("attempts") + 1)
        for message in messages.values():
            message.attempts += 1
        if messages:
            return [messages[pk] for pk in pks if pk in messages]


def _deliver(message: Message, deliverers: Mapping[MessageKind, Deliverer], post: _Post) -> None:
    row = Message.objects.filter(pk=message.pk)
    try:
        stop = stop_of(message)
        if stop is not None:
            row.update(given_up_at=timezone.now(), last_error=words_of(stop)[:2000])
            return
        delivery = deliverers[MessageKind(message.kind)](message)
        if isinstance(delivery, EmailMessage):
            delivery.extra_headers = mail_headers(message) | delivery.extra_headers
            post.send(delivery)
        elif delivery is not None:
            delivery.send()
    except Exception as error:
        post.close()
        refusal = refusal_of(error)
        if refusal is not None:
            log.info("Message %s was refused for good: no more mails go to its address.", message.pk)
            note_bounce(message=message, reason=refusal)
            return
        reason = f"{type(error).__name__}: {error}"[:2000]
        log.warning(
            "Message %s was not sent (attempt %s): %s", message.pk, message.attempts, type(error).__name__
        )
        row.update(last_error=reason, **_next_try(message.attempts))
    else:
        row.update(sent_at=timezone.now(), last_error="")


def _next_try(attempts: int) -> dict[str, datetime]:
    """Return when a message that failed so often is due again, or since when it is given up."""
    now = timezone.now()
    return {"given_up_at": now} if attempts > len(PAUSES) else {"due_at": now + PAUSES[attempts - 1]}
