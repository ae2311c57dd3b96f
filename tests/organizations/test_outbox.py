"""The outbox: sent after commit, once where nothing fails, again with growing pauses where something does."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from badges.mails import badge_issued_mail
from badges.models import Badge, BadgeTemplate
from badges.services.revoking import revoke_badge
from organizations.enums import MessageKind
from organizations.models import Message
from organizations.services.outbox import PAUSES, deliver_due, retry_message
from tests import factories
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
