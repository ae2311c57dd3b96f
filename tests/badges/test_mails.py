"""Mails about badges and batches: in the organization's language and colours, readable as plain text, with a way out."""

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from badges.exceptions import TemplateNotIssuable
from badges.models import Badge, BadgeTemplate, Batch
from badges.services.batch_control import resume_batch
from badges.services.batches import create_batch, run_batch
from badges.services.reminding import resend_badge_mail
from badges.services.templates import update_template
from earners.services import Person
from organizations.enums import MessageKind
from organizations.models import Message, Organization, User
from organizations.services.outbox import deliver_due
from tests import factories
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db


def sent() -> EmailMultiAlternatives:
    """Deliver what is due; return the newest mail."""
    deliver_due()
    newest = mail.outbox[-1]
    assert isinstance(newest, EmailMultiAlternatives)
    return newest


def html_of(message: EmailMultiAlternatives) -> str:
    """Return the part that is HTML."""
    return str(message.alternatives[0][0])


@pytest.mark.parametrize(
    ("chosen", "ground", "text", "links"),
    [
        ("", "#1d6b50", "#ffffff", "#1d6b50"),
        ("#0A2", "#00aa22", "#000000", "#1d6b50"),
        ("#FFEE00", "#ffee00", "#000000", "#1d6b50"),
        ("#102a66", "#102a66", "#ffffff", "#102a66"),
        ("red;x:y", "#1d6b50", "#ffffff", "#1d6b50"),
    ],
)
def test_mail_has_the_organizations_colour_and_can_be_read(
    acme: Organization, badge: Badge, chosen: str, ground: str, text: str, links: str
) -> None:
    Organization.objects.update(color_primary=chosen)

    html = html_of(sent())

    assert f"background:{ground};color:{text};font-weight:600" in html
    assert f"font-size:0;background:{ground}" in html
    assert f'/me" style="color:{links}"' in html


def test_mail_has_the_logo_where_there_is_one(acme: Organization, badge: Badge) -> None:
    assert "logo.png" not in html_of(sent())
    Organization.objects.update(logo="logos/acme/logo.png")
    factories.badge(badge.template)

    assert f'<img src="{acme.public_url}/logo.png" height="40" alt=""' in html_of(sent())


def test_mail_to_an_earner_is_whole_as_plain_text(acme: Organization, badge: Badge) -> None:
    deliver_due()
    resend_badge_mail(badge=badge, by=None)

    message = sent()

    lines = [line for line in str(message.body).splitlines() if line]
    assert lines[0] == "Dear Ada,"
    day = f"{timezone.localtime(badge.issued_at):%d %b %Y}".lstrip("0")
    assert lines[1] == (
        f"on {day} Acme Academy issued you the badge “Data literacy”. You have not accepted it yet."
    )
    assert lines[3].startswith(f"{badge.public_url}?o=")
    assert lines[5] == f"http://127.0.0.1:8000/me/badges/{badge.uuid}"
    assert "<" not in str(message.body)
    assert "&" not in str(message.body)
    assert lines[-2] == "No more mails like this:"


def test_mail_speaks_the_organizations_language(acme: Organization, badge: Badge) -> None:
    Organization.objects.update(language="it")

    message = sent()

    assert '<html lang="it">' in html_of(message)
    assert "Acme Academy" in str(message.body)


def people(count: int) -> list[tuple[Person, dict[str, object]]]:
    """Return so many people."""
    return [(Person(email=f"earner{number}@example.org"), {}) for number in range(count)]


@pytest.fixture
def paused(template: BadgeTemplate, bob: User) -> Batch:
    """A batch of bob's that paused by itself."""
    batch = create_batch(template=template, people=people(2), by=bob)
    update_template(template=template, fields={"status": "inactive"}, by=None)
    with pytest.raises(TemplateNotIssuable):
        run_batch(batch)
    return batch


def test_who_started_a_batch_is_told_once_when_it_pauses_by_itself(paused: Batch, bob: User) -> None:
    run_batch(paused)  # which is left as it is

    message = sent()

    assert [row.kind for row in Message.objects.all()] == [MessageKind.BATCH_PAUSED]
    assert message.to == [bob.email]
    assert message.subject == "Paused: 0 of 2 badges issued · Data literacy"
    assert "This badge template is not active" in str(message.body)
    assert "Still waiting: 2" in str(message.body)
    assert "List-Unsubscribe" not in message.extra_headers


def test_nobody_is_told_of_a_batch_that_goes_on(paused: Batch, template: BadgeTemplate) -> None:
    update_template(template=template, fields={"status": "active"}, by=None)
    resume_batch(batch=paused, by=None)

    deliver_due()

    assert mail.outbox == []


@pytest.mark.parametrize(("report_to", "told"), [("office@acme.example", ["office@acme.example"]), ("", [])])
def test_report_goes_to_who_is_named_or_to_a_user(
    template: BadgeTemplate, report_to: str, told: list[str]
) -> None:
    batch = create_batch(template=template, people=people(1), report_to=report_to, by=None)
    update_template(template=template, fields={"status": "inactive"}, by=None)
    with pytest.raises(TemplateNotIssuable):
        run_batch(batch)

    assert list(Message.objects.values_list("recipient", flat=True)) == told


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once_that_a_batch_paused(template: BadgeTemplate, bob: User) -> None:
    batch = create_batch(template=template, people=people(1), by=bob)
    update_template(template=template, fields={"status": "inactive"}, by=None)

    answers = race(lambda _: run_batch(batch), times=4)

    assert kinds(answers)["TemplateNotIssuable"] >= 1
    assert Message.objects.filter(kind=MessageKind.BATCH_PAUSED).count() == 1
