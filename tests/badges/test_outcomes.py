"""Outcomes: recorded once for each person, led to a badge or to a platform, tried again, never twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from badges.enums import OutcomeState
from badges.exceptions import (
    AccountWithoutAddress,
    OutcomeBadgeRefused,
    OutcomeInactive,
    OutcomeRecordDone,
    OutcomeUnknown,
    OutcomeWithoutTarget,
)
from badges.models import Badge, BadgeTemplate, Outcome, OutcomeRecord
from badges.services.outcome_settings import (
    create_outcome,
    delete_outcome,
    re_encrypt_outcomes,
    rotate_outcome_secrets,
    update_outcome,
)
from badges.services.outcomes import find_callback, record_outcome, retry_outcome
from badges.services.revoking import revoke_badge
from badges.services.templates import update_template
from config.exceptions import InvalidInput
from earners.models import AccountEmail, EarnerAccount
from organizations.encryption import decrypt
from organizations.enums import MessageKind
from organizations.exceptions import OrganizationDisabled
from organizations.models import Message, Organization
from tests import factories
from tests.accounts import account_of
from tests.racing import kinds, race


@pytest.fixture
def ada(db: None) -> EarnerAccount:
    """The account of ada@example.org."""
    return account_of("ada@example.org")


@pytest.fixture
def outcome(template: BadgeTemplate) -> Outcome:
    """An outcome of acme's that leads to a template."""
    return create_outcome(organization=template.organization, code="course-7", template=template, by=None)[0]


def events(record: OutcomeRecord) -> list[str]:
    """Return what happened to a record."""
    return [entry["event"] for entry in record.history]


def test_outcome_with_a_template_issues_its_badge_at_once(ada: EarnerAccount, outcome: Outcome) -> None:
    record = record_outcome(account=ada, code="course-7")

    badge = Badge.objects.select_related("earner").get()
    record.refresh_from_db()
    assert (record.state, record.badge_id, record.problem) == (OutcomeState.ISSUED, badge.pk, "")
    assert events(record) == ["recorded", "issued"]
    assert (badge.recipient_email, badge.template_id, badge.issued_by) == (
        "ada@example.org",
        outcome.template_id,
        "outcome course-7",
    )
    assert [message.kind for message in Message.objects.all()] == [MessageKind.BADGE_ISSUED]


def test_outcome_reported_again_changes_nothing(ada: EarnerAccount, outcome: Outcome) -> None:
    first = record_outcome(account=ada, code="course-7")

    again = record_outcome(account=ada, code="course-7")

    assert again.pk == first.pk
    assert (Badge.objects.count(), OutcomeRecord.objects.count()) == (1, 1)
    again.refresh_from_db()
    assert events(again) == ["recorded", "issued"]


def test_outcome_reported_after_its_badge_was_revoked_issues_no_other(
    ada: EarnerAccount, outcome: Outcome
) -> None:
    record = record_outcome(account=ada, code="course-7")
    assert record.badge is not None
    revoke_badge(badge=record.badge, reason="Mistake", by=None)

    record_outcome(account=ada, code="course-7")

    assert Badge.objects.count() == 1


def test_outcome_knows_the_earner_as_the_organization_does(outcome: Outcome) -> None:
    account = account_of("ada@example.org", "countess@example.org")
    assert outcome.template is not None
    factories.badge(outcome.template, "Countess@example.org")

    record = record_outcome(account=account, code="course-7")

    assert record.badge is not None
    assert record.recipient_email == "Countess@example.org"
    assert record.badge.recipient_name == "Ada Lovelace"


@pytest.mark.parametrize("code", ["", "course-8", "Course-7", "course-7 ", "a\x00b", "\ud800", "x" * 5000])
def test_unknown_outcome_is_not_recorded(ada: EarnerAccount, outcome: Outcome, code: str) -> None:
    with pytest.raises(OutcomeUnknown):
        record_outcome(account=ada, code=code)

    assert OutcomeRecord.objects.count() == 0
    assert record_outcome(account=ada, code="course-7").state == OutcomeState.ISSUED


def test_inactive_outcome_looks_like_none(ada: EarnerAccount, outcome: Outcome) -> None:
    update_outcome(outcome=outcome, fields={"is_active": False}, by=None)

    with pytest.raises(OutcomeUnknown):
        record_outcome(account=ada, code="course-7")

    assert OutcomeRecord.objects.count() == 0


def test_account_without_a_confirmed_address_gets_no_badge(ada: EarnerAccount, outcome: Outcome) -> None:
    AccountEmail.objects.update(verified_at=None)

    with pytest.raises(AccountWithoutAddress):
        record_outcome(account=ada, code="course-7")

    assert (OutcomeRecord.objects.count(), Badge.objects.count()) == (0, 0)


def test_outcome_that_leads_nowhere_is_recorded_and_led_on_later(
    ada: EarnerAccount, acme: Organization, template: BadgeTemplate
) -> None:
    outcome, secrets = create_outcome(organization=acme, code="course-7", by=None)
    with pytest.raises(OutcomeWithoutTarget):
        record_outcome(account=ada, code="course-7")
    with pytest.raises(OutcomeWithoutTarget):
        record_outcome(account=ada, code="course-7")
    record = OutcomeRecord.objects.get()
    assert (secrets, record.state, events(record)) == (None, OutcomeState.RECORDED, ["recorded"])
    update_outcome(outcome=outcome, fields={"template": template}, by=None)

    retry_outcome(record=record, by=None)

    record.refresh_from_db()
    assert (record.state, events(record)) == (OutcomeState.ISSUED, ["recorded", "retried", "issued"])


def test_refused_badge_is_told_to_the_issuer_and_tried_again(ada: EarnerAccount, outcome: Outcome) -> None:
    assert outcome.template is not None
    update_template(template=outcome.template, fields={"status": "inactive"}, by=None)
    for _ in range(2):
        with pytest.raises(OutcomeBadgeRefused):
            record_outcome(account=ada, code="course-7")
    record = OutcomeRecord.objects.get()
    assert record.state == OutcomeState.REFUSED
    assert record.problem == "This badge template is not active, so no badge can be issued from it."
    assert (Badge.objects.count(), Message.objects.count()) == (0, 0)
    assert retry_outcome(record=record, by=None).state == OutcomeState.REFUSED
    update_template(template=outcome.template, fields={"status": "active"}, by=None)

    record_outcome(account=ada, code="course-7")

    record.refresh_from_db()
    assert (record.state, record.problem) == (OutcomeState.ISSUED, "")
    assert events(record) == ["recorded", "refused", "refused", "retried", "refused", "issued"]


def test_badge_that_the_earner_holds_already_is_the_outcomes(ada: EarnerAccount, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    held = factories.badge(template)
    create_outcome(organization=acme, code="course-7", template=template, by=None)

    record = record_outcome(account=ada, code="course-7")

    assert (record.state, record.badge_id) == (OutcomeState.ISSUED, held.pk)
    assert events(record) == ["recorded", "held_already"]
    assert Badge.objects.count() == 1


def test_outcome_of_a_disabled_organization_issues_nothing(ada: EarnerAccount, outcome: Outcome) -> None:
    Organization.objects.update(status="disabled")

    with pytest.raises(OutcomeBadgeRefused):
        record_outcome(account=ada, code="course-7")

    assert Badge.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_outcome_sent_fifty_times_at_once_issues_one_badge() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    create_outcome(organization=template.organization, code="course-7", template=template, by=None)
    account = account_of("ada@example.org")

    answers = race(lambda _: record_outcome(account=account, code="course-7").pk, times=50)

    assert kinds(answers) == {"int": 50}
    assert len(set(answers)) == 1
    assert (Badge.objects.count(), OutcomeRecord.objects.count()) == (1, 1)
    assert Organization.objects.get(slug="acme").badges_count == 1


@pytest.mark.django_db(transaction=True)
def test_one_outcome_of_many_people_at_once_is_recorded_for_each() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    create_outcome(organization=template.organization, code="course-7", template=template, by=None)
    accounts = [account_of(f"earner{number}@example.org") for number in range(10)]

    answers = race(lambda number: record_outcome(account=accounts[number], code="course-7").state, times=10)

    assert answers == [OutcomeState.ISSUED] * 10
    assert Badge.objects.count() == 10


def test_retry_leaves_alone_what_has_its_badge(ada: EarnerAccount, outcome: Outcome) -> None:
    record = record_outcome(account=ada, code="course-7")

    with pytest.raises(OutcomeRecordDone):
        retry_outcome(record=record, by=None)

    record.refresh_from_db()
    assert events(record) == ["recorded", "issued"]


def test_retry_waits_for_an_active_outcome(ada: EarnerAccount, acme: Organization) -> None:
    outcome, _secrets = create_outcome(organization=acme, code="course-7", by=None)
    with pytest.raises(OutcomeWithoutTarget):
        record_outcome(account=ada, code="course-7")
    update_outcome(outcome=outcome, fields={"is_active": False}, by=None)

    with pytest.raises(OutcomeInactive):
        retry_outcome(record=OutcomeRecord.objects.get(), by=None)

    assert events(OutcomeRecord.objects.get()) == ["recorded"]


def test_outcome_that_calls_out_waits_with_a_reference(ada: EarnerAccount, acme: Organization) -> None:
    outcome, secrets = create_outcome(
        organization=acme, code="exam", call_url="https://platform.example/outcomes", by=None
    )

    record = record_outcome(account=ada, code="exam")
    record_outcome(account=ada, code="exam")

    record.refresh_from_db()
    assert secrets is not None
    assert record.state == OutcomeState.WAITING
    assert record.ref_id is not None
    assert record.ref_expires_at is not None
    assert record.ref_expires_at > timezone.now() + timedelta(days=89)
    [message] = Message.objects.all()
    assert (message.kind, message.subject, message.recipient) == (
        MessageKind.OUTCOME_REPORT,
        record.uuid,
        "platform.example",
    )
    assert Badge.objects.count() == 0
    outcome.refresh_from_db()
    assert outcome.encrypted_signing_secret is not None
    assert decrypt(outcome.encrypted_signing_secret).decode() == secrets.signing_secret
    assert secrets.callback_token not in str(outcome.callback_digest)
    assert find_callback(secrets.callback_token, client=None) == outcome


def test_retry_of_what_waits_sends_the_same_report_again(ada: EarnerAccount, acme: Organization) -> None:
    create_outcome(organization=acme, code="exam", call_url="https://platform.example/", by=None)
    record = record_outcome(account=ada, code="exam")
    Message.objects.update(attempts=3, last_error="down", due_at=timezone.now() + timedelta(hours=6))

    again = retry_outcome(record=record, by=None)

    [message] = Message.objects.all()
    assert (message.attempts, message.last_error) == (0, "")
    assert message.due_at <= timezone.now()
    assert again.ref_id == record.ref_id


def test_secrets_are_replaced_and_the_old_ones_are_of_no_use(acme: Organization) -> None:
    outcome, old = create_outcome(
        organization=acme, code="exam", call_url="https://platform.example/", by=None
    )
    assert old is not None

    new = rotate_outcome_secrets(outcome=outcome, by=None)

    assert new.callback_token != old.callback_token
    assert new.signing_secret != old.signing_secret
    assert find_callback(new.callback_token, client=None) == outcome
    with pytest.raises(Exception, match="credentials"):
        find_callback(old.callback_token, client=None)
    assert re_encrypt_outcomes() == 1


def test_outcome_without_an_address_has_no_secrets(outcome: Outcome) -> None:
    with pytest.raises(InvalidInput):
        rotate_outcome_secrets(outcome=outcome, by=None)

    outcome.refresh_from_db()
    assert (outcome.encrypted_signing_secret, outcome.callback_digest) == (None, None)


@pytest.mark.parametrize("code", ["", "  ", "a/b", ".", "..", "a\x00", "a\nb\x07", "x" * 256])
def test_code_that_fits_no_address_is_refused(acme: Organization, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_outcome(organization=acme, code=code, by=None)

    assert refusal.value.field == "code"
    assert Outcome.objects.count() == 0


def test_code_is_there_once_whatever_organization_has_it(outcome: Outcome, globex: Organization) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_outcome(organization=globex, code=" course-7 ", by=None)

    assert refusal.value.field == "code"
    assert create_outcome(organization=globex, code="course-8", by=None)[0].code == "course-8"


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://platform.example/", "platform.example", "https://", "https://a:b@platform.example/"),
        *("https://platform.example:0/", "https://platform.example:99999/", "https://a b.example/"),
        "https://platform.example/" + "x" * 2000,
    ],
)
def test_address_that_cannot_be_called_is_refused(acme: Organization, url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_outcome(organization=acme, code="exam", call_url=url, by=None)

    assert refusal.value.field == "call_url"
    assert Outcome.objects.count() == 0


def test_outcome_leads_to_one_place(outcome: Outcome) -> None:
    with pytest.raises(InvalidInput):
        update_outcome(outcome=outcome, fields={"call_url": "https://platform.example/"}, by=None)

    outcome.refresh_from_db()
    assert outcome.call_url == ""


def test_template_of_another_organization_is_refused(globex: Organization, template: BadgeTemplate) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_outcome(organization=globex, code="exam", template=template, by=None)

    assert refusal.value.field == "template"


def test_code_stays_once_it_was_reported(ada: EarnerAccount, outcome: Outcome) -> None:
    update_outcome(outcome=outcome, fields={"code": "course-9"}, by=None)
    record_outcome(account=ada, code="course-9")

    with pytest.raises(InvalidInput):
        update_outcome(outcome=outcome, fields={"code": "course-7"}, by=None)

    outcome.refresh_from_db()
    assert outcome.code == "course-9"


def test_outcome_is_deleted_only_while_nothing_was_reported(ada: EarnerAccount, outcome: Outcome) -> None:
    other, _secrets = create_outcome(organization=outcome.organization, code="other", by=None)
    record_outcome(account=ada, code="course-7")

    assert delete_outcome(outcome=other, by=None) is True
    assert delete_outcome(outcome=outcome, by=None) is False

    assert list(Outcome.objects.values_list("code", "is_active")) == [("course-7", False)]


def test_disabled_organization_defines_nothing(outcome: Outcome) -> None:
    Organization.objects.update(status="disabled")
    acme = Organization.objects.get(slug="acme")

    for act in (
        lambda: create_outcome(organization=acme, code="new", by=None),
        lambda: update_outcome(outcome=outcome, fields={"name": "New"}, by=None),
        lambda: delete_outcome(outcome=outcome, by=None),
    ):
        with pytest.raises(OrganizationDisabled):
            act()

    assert list(Outcome.objects.values_list("code", "name")) == [("course-7", "")]
