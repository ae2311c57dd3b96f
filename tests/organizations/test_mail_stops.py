"""Addresses that mails no longer go to: by the link in each mail, by one click, back again, and who may lift what."""

import re

import pytest
from django.core import mail, signing
from django.test import Client
from pytest_django import Settings

from badges.models import Badge
from organizations.enums import AuditAct, MailStopReason, MessageKind
from organizations.exceptions import MailStopTheirs, MailStopUnknown
from organizations.models import AuditEntry, MailStop, Message, Organization, User
from organizations.services.mail_stops import (
    SALT,
    Subscription,
    lift_mail_stop,
    stop_mails,
    stop_url,
    stops_of,
    words_of,
)
from organizations.services.outbox import deliver_due, write_messages
from tests import factories
from tests.mailbox import sign_in_mails

pytestmark = pytest.mark.django_db
ADA = "ada@example.org"


def path_in_mail() -> str:
    """Deliver what is due; return the path of the link by which the newest mail is stopped."""
    deliver_due()
    sent = mail.outbox[-1]
    found = re.fullmatch(
        r"<http://127.0.0.1:8000(/mail/stop/[\w:-]+)>", sent.extra_headers["List-Unsubscribe"]
    )
    assert found is not None
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert found[1] in str(sent.body)
    return found[1]


def stops() -> list[tuple[str, str, str | None]]:
    """Return all stops: address, reason, organization."""
    return list(MailStop.objects.order_by("pk").values_list("email_key", "reason", "organization__slug"))


def test_link_asks_first_and_stops_the_mails_of_one_organization(badge: Badge, globex: Organization) -> None:
    path, browser = path_in_mail(), Client(enforce_csrf_checks=True)

    asked = browser.get(path)
    assert b"No more mails from Acme Academy" in asked.content
    assert (asked["Cache-Control"], asked["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert stops() == []
    answer = browser.post(path, {"stop": "1"})

    assert (answer.status_code, answer["Location"]) == (302, path)
    assert stops() == [(ADA, "unsubscribed", "acme")]
    assert b"Acme Academy sends ada@example.org no more mails" in browser.get(path).content
    mail.outbox.clear()
    refused = factories.badge(badge.template)
    factories.badge(factories.template(globex))
    deliver_due()
    assert [sent.from_email for sent in mail.outbox] == ["Globex College <badges@127.0.0.1>"]
    message = Message.objects.get(subject=refused.uuid)
    assert message.given_up_at is not None
    assert message.last_error == "Not mailed: this person asked for no more mails."
    browser.post(path, {"stop": "1"})
    assert len(stops()) == 1


def test_mail_program_stops_mails_by_one_click(badge: Badge) -> None:
    path = path_in_mail()

    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer
    assert stops() == [(ADA, "unsubscribed", "acme")]


def test_person_stops_all_mails_and_takes_it_back(badge: Badge, globex: Organization) -> None:
    path, browser = path_in_mail(), Client()
    browser.post(path, {"stop": "1"})

    browser.post(path, {"everywhere": "1"})
    assert stops() == [(ADA, "unsubscribed", "acme"), (ADA, "unsubscribed", None)]
    assert b"Nobody here sends ada@example.org" in browser.get(path).content
    browser.post(path, {"allow": "1"})

    assert stops() == []
    mail.outbox.clear()
    factories.badge(badge.template)
    deliver_due()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "signed", ["x", "W251bGwsImFkYUBleGFtcGxlLm9yZyJd:1:forged", signing.dumps([None, ADA])]
)
def test_link_that_was_never_sent_is_none(badge: Badge, signed: str) -> None:
    assert Client().get(f"/mail/stop/{signed}").status_code == 404
    assert Client().post(f"/mail/stop/{signed}", {"stop": "1"}).status_code == 404
    assert stops() == []


def test_link_survives_a_new_secret_key_and_the_end_of_its_organization(
    acme: Organization, settings: Settings
) -> None:
    path = stop_url(acme, "Ada@Example.org").removeprefix(settings.PUBLIC_URL)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new one " * 6, [settings.SECRET_KEY]

    assert Client().get(path).status_code == 200
    gone = signing.dumps([0, ADA], salt=SALT)
    assert Client().get(f"/mail/stop/{gone}").status_code == 404


def test_codes_and_mails_to_members_go_whatever_a_person_asked_for(acme: Organization, alice: User) -> None:
    for email in (ADA, alice.email):
        stop_mails(subscription=Subscription(None, email))
    write_messages(
        [Message(organization=acme, kind=MessageKind.MEMBER_ADDED, subject=alice.uuid, recipient=alice.email)]
    )

    Client().post("/me/sign-in", {"email": ADA})

    assert len(sign_in_mails()) == 1
    assert sorted(sent.to[0] for sent in mail.outbox) == [ADA, alice.email]


def test_bounced_address_gets_no_mail_but_a_code_a_day_later_which_mends_it(badge: Badge) -> None:
    stop = MailStop.objects.create(email_key=ADA, reason=MailStopReason.BOUNCED, details="5.1.1 Unknown")
    Client().post("/me/sign-in", {"email": ADA})
    assert sign_in_mails() == []
    assert (
        Message.objects.filter(
            last_error="Not mailed: the address does not accept mail (5.1.1 Unknown)."
        ).count()
        == 2
    )

    MailStop.objects.filter(pk=stop.pk).update(created_at=badge.created_at.replace(year=2020))
    browser = Client()
    browser.post("/me/sign-in", {"email": ADA})
    [sent] = sign_in_mails()
    assert len(mail.outbox) == 1
    browser.get(sent.path)

    assert stops() == []


def test_issuer_lifts_what_bounced_and_not_what_a_person_asked_for(
    acme: Organization, alice: User, staff: User
) -> None:
    with pytest.raises(MailStopUnknown):
        lift_mail_stop(organization=acme, email=ADA, by=alice)
    MailStop.objects.create(email_key=ADA, reason=MailStopReason.BOUNCED)
    stop_mails(subscription=Subscription(acme, "mary@example.org"))
    assert {
        key: words_of(stop) for key, stop in stops_of(acme, ["Ada@example.org", "mary@example.org"]).items()
    } == {
        ADA: "Not mailed: the address does not accept mail.",
        "mary@example.org": "Not mailed: this person asked for no more mails.",
    }

    lift_mail_stop(organization=acme, email="Ada@example.org", by=alice)
    with pytest.raises(MailStopTheirs):
        lift_mail_stop(organization=acme, email="mary@example.org", by=alice)

    assert stops() == [("mary@example.org", "unsubscribed", "acme")]
    entries = AuditEntry.objects.filter(act=AuditAct.MAIL_STOP_LIFTED)
    assert list(entries.values_list("actor", "subject_label")) == [(alice.email, "Ada@example.org")]
    lift_mail_stop(organization=acme, email="mary@example.org", by=staff)
    assert stops() == []


def test_stop_of_another_organization_is_none_of_ours(acme: Organization, globex: Organization) -> None:
    stop_mails(subscription=Subscription(globex, ADA))

    with pytest.raises(MailStopUnknown):
        lift_mail_stop(organization=acme, email=ADA, by=None)

    assert stops_of(acme, [ADA]) == {}
    assert stops() == [(ADA, "unsubscribed", "globex")]
