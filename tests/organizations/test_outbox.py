"""The outbox: sent after commit, once where nothing fails, again with growing pauses where something does."""

import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from badges.mails import badge_issued_mail
from badges.models import Badge, BadgeTemplate
from badges.services.batch_control import retry_batch
from badges.services.batches import create_batch, run_batch
from badges.services.revoking import revoke_badge
from earners.services import Person
from organizations.enums import MessageKind
from organizations.exceptions import TransactionNotOpen
from organizations.models import Message, Organization, User
from organizations.services import outbox
from organizations.services.outbox import DELIVERERS, LEASE, PAUSES, deliver_due, retry_message
from organizations.services.wallet import decide_request, request_credits
from tests import factories
from tests.commands import answered, refused, told
from tests.racing import race

RENDERERS = {MessageKind.BADGE_ISSUED: badge_issued_mail}


def test_deliver_due_sends_the_earner_one_mail(badge: Badge) -> None:
    assert deliver_due(RENDERERS) == 1
    assert deliver_due(RENDERERS) == 0

    [sent] = mail.outbox
    assert sent.to == ["ada@example.org"]
    assert sent.subject == "Your badge: Data literacy"
    assert badge.public_url in sent.body
    assert "Dear Ada," in sent.body
    assert sent.from_email == "Acme Academy <badges@127.0.0.1>"
    assert Message.objects.get().sent_at is not None


def test_badge_mail_escapes_in_html_and_not_in_text(acme: object, template: BadgeTemplate) -> None:
    template.current_version.title = "<b>Tom & Jerry</b>"  # type: ignore[union-attr]
    template.current_version.save()  # type: ignore[union-attr]
    factories.badge(template)

    deliver_due(RENDERERS)

    [sent] = mail.outbox
    assert sent.subject == "Your badge: <b>Tom & Jerry</b>"
    assert "<b>Tom & Jerry</b>" in sent.body
    html = sent.alternatives[0][0]  # type: ignore[attr-defined]
    assert "&lt;b&gt;Tom &amp; Jerry" in html
    assert "<b>Tom" not in html


def test_no_mail_of_a_revoked_badge(badge: Badge) -> None:
    revoke_badge(badge=badge, reason="Mistake", by=None)

    assert deliver_due(RENDERERS) == 1

    assert mail.outbox == []
    assert Message.objects.get().sent_at is not None


def test_no_message_of_what_was_rolled_back(template: BadgeTemplate) -> None:
    with transaction.atomic():
        factories.badge(template)
        assert Message.objects.count() == 1
        transaction.set_rollback(True)

    assert Message.objects.count() == 0


def failing(message: Message) -> EmailMessage:
    """Stand for whatever goes wrong."""
    raise OSError(f"no route for {message.pk}")


def test_deliver_due_waits_longer_after_each_failure_and_gives_up(badge: Badge) -> None:
    waits = []
    for _ in PAUSES:
        Message.objects.update(due_at=timezone.now())
        before = timezone.now()
        assert deliver_due({MessageKind.BADGE_ISSUED: failing}) == 1
        waits.append(Message.objects.get().due_at - before)
    assert all(wait >= pause for wait, pause in zip(waits, PAUSES, strict=True))
    assert waits == sorted(waits)
    assert Message.objects.get().given_up_at is None

    Message.objects.update(due_at=timezone.now())
    deliver_due({MessageKind.BADGE_ISSUED: failing})

    message = Message.objects.get()
    assert message.given_up_at is not None
    assert message.last_error == f"OSError: no route for {message.pk}"
    Message.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert deliver_due(RENDERERS) == 0

    retry_message(message)

    assert deliver_due(RENDERERS) == 1
    assert len(mail.outbox) == 1


def test_one_failure_does_not_hold_up_the_others(template: BadgeTemplate, settings: Settings) -> None:
    factories.badge(template, "first@example.org")
    factories.badge(template, "second@example.org")
    bad = Message.objects.get(recipient="first@example.org")

    def renderer(message: Message) -> EmailMessage | None:
        return failing(message) if message.pk == bad.pk else badge_issued_mail(message)

    deliver_due({MessageKind.BADGE_ISSUED: renderer})

    assert [sent.to for sent in mail.outbox] == [["second@example.org"]]


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_send_one_message_twice() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    for number in range(20):
        factories.badge(template, f"earner{number}@example.org")

    race(lambda _: deliver_due(RENDERERS, limit=5), times=4)
    while deliver_due(RENDERERS):
        pass

    assert sorted(sent.to[0] for sent in mail.outbox) == sorted(
        f"earner{number}@example.org" for number in range(20)
    )


def test_registered_deliverers_know_every_kind() -> None:
    assert set(DELIVERERS) == set(MessageKind)


class Request:
    """What stands for a request to somebody's server."""

    def __init__(self, message: Message, sent: list[str]) -> None:
        self.recipient, self.sent = message.recipient, sent

    def send(self) -> None:
        """Note that it was sent."""
        self.sent.append(self.recipient)


def test_delivery_need_not_be_a_mail(badge: Badge) -> None:
    sent: list[str] = []

    assert deliver_due({MessageKind.BADGE_ISSUED: lambda message: Request(message, sent)}) == 1

    assert (sent, mail.outbox) == (["ada@example.org"], [])
    assert Message.objects.get().sent_at is not None


def test_kind_without_a_deliverer_waits_with_its_error(badge: Badge) -> None:
    deliver_due({})

    message = Message.objects.get()
    assert (message.sent_at, message.attempts) == (None, 1)
    assert message.last_error.startswith("KeyError")


def test_organizations_take_turns_in_the_outbox(acme: Organization, globex: Organization) -> None:
    many, one = factories.template(acme), factories.template(globex)
    for number in range(10):
        factories.badge(many, f"earner{number}@example.org")
    factories.badge(one, "late@example.org")

    assert deliver_due(limit=4) == 4

    assert [sent.to[0] for sent in mail.outbox] == [
        "earner0@example.org",
        "late@example.org",
        "earner1@example.org",
        "earner2@example.org",
    ]


def test_round_ends_in_time_and_what_was_not_begun_waits_as_before(
    template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "ROUND", 0.05)
    for number in range(3):
        factories.badge(template, f"earner{number}@example.org")
    due = list(Message.objects.order_by("pk").values_list("due_at", flat=True))

    def slow(message: Message) -> EmailMessage | None:
        time.sleep(0.1)
        return failing(message)

    assert deliver_due({MessageKind.BADGE_ISSUED: slow}) == 3

    tried, *waiting = Message.objects.order_by("pk")
    assert (tried.attempts, tried.last_error) == (1, f"OSError: no route for {tried.pk}")
    assert [(message.attempts, message.due_at, message.last_error) for message in waiting] == [
        (0, due[1], ""),
        (0, due[2], ""),
    ]


def test_message_that_was_sent_is_sent_again_when_asked_for(badge: Badge) -> None:
    deliver_due()
    assert (deliver_due(), len(mail.outbox)) == (0, 1)

    retry_message(Message.objects.get())

    assert (deliver_due(), len(mail.outbox)) == (1, 2)


def test_mails_of_a_round_go_over_one_connection(template: BadgeTemplate, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "tests.organizations.test_outbox.CountingBackend"
    CountingBackend.opened = CountingBackend.closed = 0
    for number in range(3):
        factories.badge(template, f"earner{number}@example.org")

    deliver_due()

    assert (CountingBackend.opened, CountingBackend.closed, len(mail.outbox)) == (1, 1, 3)


class CountingBackend(EmailBackend):
    """Mails in memory, that counts how often a connection is opened and closed."""

    opened = closed = 0

    def open(self) -> bool:
        """Count."""
        CountingBackend.opened += 1
        return True

    def close(self) -> None:
        """Count."""
        CountingBackend.closed += 1


@pytest.mark.parametrize("language", ["en", "it"])
def test_mails_of_all_kinds_are_whole(
    language: str, acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(language=language)
    template.refresh_from_db()
    batch = run_batch(
        create_batch(
            template=template,
            people=[(Person(email="ada@example.org"), {}), (Person(email="broken"), {})],
            report_to="alice@acme.example",
            by=None,
        )
    )
    asked = request_credits(organization=acme, credits=5, description="<b>five</b>", user=alice)
    Message.objects.create(
        organization=acme, kind=MessageKind.MEMBER_ADDED, subject=alice.uuid, recipient=alice.email
    )
    deliver_due()
    decide_request(request=asked, accept=True, by=None)
    deliver_due()

    assert not Message.objects.filter(sent_at__isnull=True).exists()
    assert {message.kind for message in Message.objects.all()} == {
        MessageKind.BADGE_ISSUED,
        MessageKind.BATCH_FINISHED,
        MessageKind.CREDITS_REQUESTED,
        MessageKind.CREDITS_DECIDED,
        MessageKind.MEMBER_ADDED,
    }
    assert len(mail.outbox) == 5
    for sent in mail.outbox:
        assert isinstance(sent, EmailMultiAlternatives)
        text, html = str(sent.body), str(sent.alternatives[0][0])
        assert sent.subject
        assert "Acme Academy" in text
        assert "Acme Academy" in html
        assert "<b>" not in html
        assert "{" not in f"{sent.subject} {text} {html.partition('<body')[2]}"
    subjects = {sent.to[0]: sent.subject for sent in mail.outbox}
    if language == "en":
        assert subjects["ada@example.org"] == "Your badge: Data literacy"
        texts = {str(sent.subject): str(sent.body) for sent in mail.outbox}
        assert str(batch.uuid) in texts["Done: 1 of 2 badges issued · Data literacy"]
        assert "<b>five</b>" in texts["Your request for 5 credits has arrived"]
        assert "5 credits are in the wallet" in texts["You have 5 more credits"]
        assert reverse("account_login") in texts["You are a member of Acme Academy"]


def test_declined_credits_are_told_and_nobodys_request_tells_nobody(acme: Organization, alice: User) -> None:
    asked = request_credits(organization=acme, credits=1, description="", user=alice)
    decide_request(request=asked, accept=False, by=None)
    decide_request(
        request=request_credits(organization=acme, credits=2, description="", user=None), accept=True, by=None
    )

    deliver_due()

    # That it has arrived is no news any more.
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [
        (["alice@acme.example"], "Your request for 1 credit was declined")
    ]


def test_decision_that_was_refused_tells_nobody(acme: Organization, alice: User) -> None:
    asked = request_credits(organization=acme, credits=1, description="", user=alice)
    decide_request(request=asked, accept=True, by=None)
    assert Message.objects.count() == 2

    with pytest.raises(TransactionNotOpen):
        decide_request(request=asked, accept=False, by=None)

    assert Message.objects.count() == 2


def test_no_report_of_a_batch_that_is_tried_again(template: BadgeTemplate) -> None:
    batch = run_batch(
        create_batch(
            template=template, people=[(Person(email="broken"), {})], report_to="alice@acme.example", by=None
        )
    )
    retry_batch(batch=batch, by=None)

    deliver_due()
    assert mail.outbox == []

    run_batch(batch)
    deliver_due()
    assert [sent.subject for sent in mail.outbox] == ["Done: 0 of 1 badges issued · Data literacy"]


def test_outbox_command_lists_and_sends_again(badge: Badge) -> None:
    deliver_due({MessageKind.BADGE_ISSUED: failing})
    message = Message.objects.get()

    listed = answered("outbox")
    assert (listed["waiting"], listed["failing"], listed["given_up"], listed["retried"]) == (1, 1, 0, 0)
    [row] = listed["messages"]
    assert (row["id"], row["recipient"], row["attempts"]) == (message.pk, "ada@example.org", 1)
    assert row["last_error"] == f"OSError: no route for {message.pk}"
    assert told("outbox")[-1] == "Waiting: 1, of which failed before: 1. Given up: 0."
    assert deliver_due() == 0  # not yet

    assert answered("outbox", "--retry-failed")["retried"] == 1
    assert (deliver_due(), len(mail.outbox)) == (1, 1)

    assert answered("outbox")["messages"] == []
    assert [row["id"] for row in answered("outbox", "--all")["messages"]] == [message.pk]
    assert answered("outbox", "--retry", str(message.pk))["retried"] == 1
    assert (deliver_due(), len(mail.outbox)) == (1, 2)


def test_outbox_command_refuses_a_message_that_is_not_there(badge: Badge) -> None:
    before = Message.objects.values().get()

    assert refused("outbox", "--retry", "0") == "--retry: There is no message 0."

    assert Message.objects.values().get() == before


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_messages_of_a_killed_worker_are_due_again_after_the_lease() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    factories.badge(template)

    def die(message: Message) -> EmailMessage | None:
        raise SystemExit  # as a process that ends in the middle

    with pytest.raises(SystemExit):
        deliver_due({MessageKind.BADGE_ISSUED: die})

    message = Message.objects.get()
    assert (message.sent_at, message.attempts) == (None, 1)
    assert deliver_due() == 0
    Message.objects.update(due_at=message.due_at - LEASE)
    assert (deliver_due(), len(mail.outbox)) == (1, 1)
