"""Earners are mailed of a badge once more: not too often, not against their will, and each refusal has its reason."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from badges.enums import Visibility
from badges.exceptions import BadgeHidden, BadgeMailedJustNow, BadgeNotMailable, BadgeRevoked
from badges.models import Badge, BadgeTemplate
from badges.services.accepting import accept_badge
from badges.services.my_badges import show_badge
from badges.services.reminding import resend_badge_mail, resend_badge_mails
from badges.services.revoking import revoke_badge
from config.exceptions import RuleBroken
from earners.services.erasing import erase_earner
from organizations.enums import AuditAct, MessageKind, OrganizationStatus
from organizations.exceptions import MailStopped, OrganizationDisabled
from organizations.models import AuditEntry, Message, Organization, RequestCount, User
from organizations.services.mail_stops import Subscription, stop_mails
from organizations.services.outbox import deliver_due
from tests import factories
from tests.accounts import account_of
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


def mails() -> list[str]:
    """Return the subjects of the mails that are sent now."""
    mail.outbox.clear()
    deliver_due()
    return [str(sent.subject) for sent in mail.outbox]


def test_earner_is_reminded_until_they_accept_and_then_mailed_as_at_first(badge: Badge, bob: User) -> None:
    assert mails() == ["Your badge: Data literacy"]

    resend_badge_mail(badge=badge, by=bob)
    assert mails() == ["Your badge waits for you: Data literacy"]
    assert "You have not accepted it yet." in str(mail.outbox[0].body)
    accept_badge(account=account_of(ADA), badge_id=badge.uuid)
    RequestCount.objects.all().delete()  # an hour later
    resend_badge_mail(badge=badge, by=bob)

    assert mails() == ["Your badge: Data literacy"]
    entries = AuditEntry.objects.filter(act=AuditAct.BADGE_MAILED).values_list("actor", "subject")
    assert list(entries) == [("bob@acme.example", badge.uuid)] * 2


def test_reminder_of_a_badge_accepted_meanwhile_is_not_sent(badge: Badge) -> None:
    mails()
    resend_badge_mail(badge=badge, by=None)
    accept_badge(account=account_of(ADA), badge_id=badge.uuid)

    assert mails() == []


def test_badge_is_mailed_once_an_hour(badge: Badge) -> None:
    resend_badge_mail(badge=badge, by=None)

    with pytest.raises(BadgeMailedJustNow) as refusal:
        resend_badge_mail(badge=badge, by=None)

    assert 3500 < refusal.value.retry_after <= 3600
    assert "in 60 minutes" in refusal.value.message
    assert Message.objects.filter(kind=MessageKind.BADGE_REMINDER).count() == 1
    RequestCount.objects.update(window=int((timezone.now() - timedelta(seconds=1)).timestamp()))
    resend_badge_mail(badge=badge, by=None)


def test_refusals_say_why_and_change_nothing(acme: Organization, template: BadgeTemplate, bob: User) -> None:
    revoked, hidden, stopped, imported, erased, fine = (
        factories.badge(template, f"{name}@example.org")
        for name in ("revoked", "hidden", "stopped", "imported", "erased", "fine")
    )
    revoke_badge(badge=revoked, reason="Mistake", by=None)
    show_badge(account=account_of("hidden@example.org"), badge_id=hidden.uuid, visibility=Visibility.HIDDEN)
    stop_mails(subscription=Subscription(acme, "stopped@example.org"))
    Badge.objects.filter(pk=imported.pk).update(is_imported=True)
    erase_earner(earner=erased.earner, by=None)
    before = Message.objects.count()

    refused: dict[Badge, type[RuleBroken]] = {
        revoked: BadgeRevoked,
        hidden: BadgeHidden,
        stopped: MailStopped,
        imported: BadgeNotMailable,
        erased: BadgeNotMailable,
    }
    for badge, refusal in refused.items():
        with pytest.raises(refusal):
            resend_badge_mail(badge=badge, by=bob)

    assert Message.objects.count() == before
    assert not RequestCount.objects.exists()
    assert not AuditEntry.objects.filter(act=AuditAct.BADGE_MAILED).exists()
    resend_badge_mail(badge=fine, by=bob)
    assert Message.objects.count() == before + 1


def test_disabled_organization_mails_nobody_but_staff_may(badge: Badge, bob: User, staff: User) -> None:
    Organization.objects.update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        resend_badge_mail(badge=badge, by=bob)
    with pytest.raises(OrganizationDisabled):
        resend_badge_mails(badges=[badge], by=bob)

    assert not Message.objects.filter(kind=MessageKind.BADGE_REMINDER).exists()
    resend_badge_mail(badge=badge, by=staff)


def test_many_are_mailed_and_the_others_counted_by_reason(
    acme: Organization, template: BadgeTemplate, bob: User
) -> None:
    badges = [factories.badge(template, f"earner{number}@example.org") for number in range(4)]
    revoke_badge(badge=badges[0], reason="Mistake", by=None)
    stop_mails(subscription=Subscription(acme, "earner1@example.org"))

    outcome = resend_badge_mails(badges=badges, by=bob)
    again = resend_badge_mails(badges=badges, by=bob)

    assert (outcome.mailed, {code: count for (code, _), count in outcome.refused.items()}) == (
        2,
        {"badge_revoked": 1, "mail_stopped": 1},
    )
    assert ("mail_stopped", "Not mailed: this person asked for no more mails.") in outcome.refused
    assert (again.mailed, again.refused.total()) == (0, 4)
    assert Message.objects.filter(kind=MessageKind.BADGE_REMINDER).count() == 2
    entry = AuditEntry.objects.get(act=AuditAct.BADGE_MAILED)
    assert entry.details == {"mailed": 2, "not_mailed": 2}


@pytest.mark.django_db(transaction=True)
def test_two_who_resend_at_once_send_one_mail(badge: Badge) -> None:
    answers = race(lambda _: resend_badge_mail(badge=badge, by=None), times=5)

    assert kinds(answers) == {"NoneType": 1, "BadgeMailedJustNow": 4}
    assert Message.objects.filter(kind=MessageKind.BADGE_REMINDER).count() == 1
