"""The pages of outcomes."""

import re
from typing import Any

import pytest

from badges.models import Badge, BadgeTemplate, Outcome, OutcomeRecord
from badges.services.outcome_settings import callback_digest, create_outcome
from badges.services.outcomes import record_outcome
from badges.services.templates import update_template
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.accounts import account_of
from tests.at_work import Member


def test_outcome_is_defined_and_its_badge_is_issued(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    member = Member(alice, acme)

    page = member.post(
        "new_outcome", code="exam", name="The exam", template=str(template.uuid), is_active="on", follow=True
    )

    outcome = Outcome.objects.get(organization=acme)
    assert (outcome.code, outcome.template, outcome.is_active) == ("exam", template, True)
    assert "/api/v2/Outcome/" in page.content.decode()
    assert AuditEntry.objects.filter(act="outcome.created", subject=outcome.uuid).count() == 1
    record_outcome(account=account_of("ada@example.org"), code="exam")
    assert "ada@example.org" in member.get("outcome", outcome.uuid).content.decode()


def test_secrets_are_shown_once_and_kept_out_of_the_log(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    made = member.post("new_outcome", code="exam", call_url="https://platform.example/hook", is_active="on")
    outcome = Outcome.objects.get()
    first = re.findall(r"lrl_(?:sign|call)_[\w-]+", made.content.decode())
    renewed = member.post("new_outcome_secrets", outcome.uuid)
    second = re.findall(r"lrl_(?:sign|call)_[\w-]+", renewed.content.decode())

    assert len(first) == len(second) == 2
    assert not set(first) & set(second)
    outcome.refresh_from_db()
    assert outcome.callback_digest == callback_digest(second[1])
    noted = str(list(AuditEntry.objects.values()))
    assert "lrl_" not in noted
    assert "lrl_" not in member.get("outcome", outcome.uuid).content.decode()


def test_taken_code_is_refused_and_kept(acme: Organization, globex: Organization, alice: User) -> None:
    create_outcome(organization=globex, code="exam", by=None)

    page = Member(alice, acme).post("new_outcome", code="exam", name="Typed")

    assert page.status_code == 400
    assert "This code is taken" in page.content.decode()
    assert 'value="Typed"' in page.content.decode()
    assert not Outcome.objects.filter(organization=acme).exists()


def test_template_of_another_organization_cannot_be_chosen(
    acme: Organization, globex: Organization, alice: User
) -> None:
    theirs = factories.template(globex, title="Secret course")

    page = Member(alice, acme).post("new_outcome", code="exam", template=str(theirs.uuid))

    assert page.status_code == 400
    assert "Secret course" not in page.content.decode()
    assert not Outcome.objects.exists()


def test_refused_report_is_tried_again(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    create_outcome(organization=acme, code="exam", template=template, by=None)
    update_template(template=template, fields={"status": "inactive"}, by=None)
    with pytest.raises(Exception, match="was recorded"):
        record_outcome(account=account_of("ada@example.org"), code="exam")
    record = OutcomeRecord.objects.get()
    member = Member(alice, acme)
    assert "Refused" in member.get("outcome_record", record.uuid).content.decode()
    update_template(template=template, fields={"status": "active"}, by=None)

    page = member.post("retry_outcome_record", record.uuid, follow=True).content.decode()

    assert "Badge issued" in page
    assert Badge.objects.get().recipient_email == "ada@example.org"


def test_reported_outcome_is_switched_off_not_deleted(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    reported, _secrets = create_outcome(organization=acme, code="exam", template=template, by=None)
    record_outcome(account=account_of("ada@example.org"), code="exam")
    unused, _secrets = create_outcome(organization=acme, code="unused", by=None)
    member = Member(alice, acme)
    assert "switched off instead" in member.get("delete_outcome", reported.uuid).content.decode()

    member.post("delete_outcome", reported.uuid)
    member.post("delete_outcome", unused.uuid)

    assert [(row.code, row.is_active) for row in Outcome.objects.all()] == [("exam", False)]
    assert OutcomeRecord.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_however_long(
    acme: Organization, alice: User, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        outcome, _secrets = create_outcome(
            organization=acme, code=f"exam-{number}", template=template, by=None
        )
    for number in range(rows):
        record_outcome(account=account_of(f"ada{number}@example.org"), code=outcome.code)
    member = Member(alice, acme)

    with django_assert_num_queries(5):
        member.get("outcomes")
    with django_assert_num_queries(7):
        page = member.get("outcome", outcome.uuid)

    assert len(page.context["listing"].page) == rows
