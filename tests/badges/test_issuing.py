"""Issuing: one badge or many, in one transaction or not at all."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from badges.credentials.keys import Ed25519PublicKey
from badges.credentials.signing import verify_credential
from badges.enums import BadgeStatus, DocumentKind, TemplateStatus
from badges.exceptions import BadgeAlreadyHeld, LimitReached, TemplateNotIssuable, Unsignable
from badges.models import Badge, BadgeDocument, BadgeTemplate, StatusList
from badges.services.awards import Award, IssueRequest
from badges.services.issuing import issue_badge, issue_badges
from badges.services.templates import archive_template, update_template
from config.exceptions import InvalidInput, RuleBroken
from earners.models import Earner
from earners.services import Person
from organizations.enums import OrganizationStatus
from organizations.exceptions import KeyNotUsable, NotEnoughCredits, OrganizationDisabled
from organizations.models import CreditTransaction, Message, Organization, SigningKey, User
from tests import factories
from tests.keys import ED25519_PUBLIC

ADA = Person(email="Ada@Example.org", first_name="Ada", last_name="Lovelace")
ISSUED = datetime(2026, 3, 1, 12, 30, 45, tzinfo=UTC)


def counts(organization: Organization) -> dict[str, int]:
    """Return everything that issuing adds to."""
    organization.refresh_from_db()
    return {
        "badges": Badge.objects.count(),
        "documents": BadgeDocument.objects.count(),
        "messages": Message.objects.count(),
        "transactions": CreditTransaction.objects.count(),
        "earners": Earner.objects.count(),
        "badges_count": organization.badges_count,
        "earners_count": organization.earners_count,
        "credits_left": organization.credits_left,
        "template": sum(BadgeTemplate.objects.values_list("badges_count", flat=True)),
        "places": sum(StatusList.objects.values_list("taken", flat=True)),
    }


NOTHING = dict.fromkeys(
    (
        "badges",
        "documents",
        "messages",
        "transactions",
        "earners",
        "badges_count",
        "earners_count",
        "credits_left",
        "template",
        "places",
    ),
    0,
)


def test_issue_badge_writes_everything_at_once(
    acme: Organization, template: BadgeTemplate, bob: User
) -> None:
    badge = issue_badge(
        template=template, person=ADA, award=Award(issued_at=ISSUED, notes="well done"), by=bob
    )

    assert counts(acme) == {
        "badges": 1,
        "documents": 1,
        "messages": 1,
        "transactions": 1,
        "earners": 1,
        "badges_count": 1,
        "earners_count": 1,
        "credits_left": -1,
        "template": 1,
        "places": 1,
    }
    badge.refresh_from_db()
    assert (badge.recipient_email, badge.recipient_name, badge.issued_by, badge.notes) == (
        "Ada@Example.org",
        "Ada Lovelace",
        "bob@acme.example",
        "well done",
    )
    assert (badge.issued_at, badge.expires_at, badge.status) == (ISSUED, None, BadgeStatus.VALID)
    assert badge.version == template.current_version
    assert badge.version.is_sealed
    message = Message.objects.get()
    assert (message.subject, message.recipient, message.sent_at) == (badge.uuid, "Ada@Example.org", None)


def test_issue_badge_signs_what_it_stores(badge: Badge) -> None:
    document = json.loads(badge.documents.get(kind=DocumentKind.OB3).body)

    assert verify_credential(document, Ed25519PublicKey(ED25519_PUBLIC))
    assert document["id"] == badge.public_url
    assert document["credentialSubject"]["achievement"]["id"] == badge.version.public_url
    assert document["credentialStatus"]["statusListIndex"] == str(badge.status_index)
    assert "ada@example.org" not in json.dumps(document).lower()


def test_issue_badge_issues_as_did_key_without_https(badge: Badge) -> None:
    document = json.loads(badge.documents.get().body)

    assert document["issuer"]["id"] == f"did:key:{Ed25519PublicKey(ED25519_PUBLIC).multibase}"


def test_issue_badge_issues_as_did_web_with_https(secure: Settings, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    document = json.loads(badge.documents.get().body)

    assert document["issuer"]["id"] == f"did:web:badges.example.org:public:issuers:{badge.organization.uuid}"
    assert document["proof"]["verificationMethod"].startswith(document["issuer"]["id"] + "#z6Mk")
    assert document["id"] == f"https://badges.example.org/public/badges/{badge.uuid}"


def test_issue_badge_knows_the_earner_by_any_spelling(acme: Organization, template: BadgeTemplate) -> None:
    first = factories.badge(template, "ada@example.org")
    second = factories.badge(template, " ADA@example.ORG ")

    assert first.earner == second.earner
    assert counts(acme)["earners_count"] == 1
    assert second.recipient_email == "ADA@example.ORG"


def test_issue_badge_stays_within_a_fixed_number_of_queries(
    template: BadgeTemplate, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(14):  # two of them are the savepoint of a test in a transaction
        issue_badge(template=template, person=Person(email="ada@example.org"), by=None)


def test_issue_badges_takes_as_many_queries_for_three_as_for_one(
    template: BadgeTemplate, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [Person(email=f"earner{number}@example.org") for number in range(4)]
    with django_assert_num_queries(16) as one:
        issue_badges(template=template, requests=[IssueRequest(person=people[0])], by=None)
    with django_assert_num_queries(len(one)):
        issue_badges(
            template=template, requests=[IssueRequest(person=person) for person in people[1:]], by=None
        )


def test_issue_badge_expires_as_the_template_says(template: BadgeTemplate) -> None:
    template = update_template(template=template, fields={"validity_days": 10}, by=None)

    badge = factories.badge(template, issued_at=ISSUED)

    assert badge.expires_at == ISSUED + timedelta(days=10)
    assert badge.status_at(ISSUED) is BadgeStatus.VALID
    assert badge.status_at(ISSUED + timedelta(days=10)) is BadgeStatus.INVALID


def test_issue_badge_cuts_fractions_of_seconds(template: BadgeTemplate) -> None:
    badge = factories.badge(template, issued_at=ISSUED.replace(microsecond=999_999))

    assert badge.issued_at == ISSUED


@pytest.mark.parametrize(
    ("person", "award", "field"),
    [
        (Person(email="no address"), Award(), "recipient_email"),
        (Person(email=""), Award(), "recipient_email"),
        (Person(email=f"ada@{'bücher.' * 36}example.org"), Award(), "recipient_email"),
        (ADA, Award(issued_at=datetime(2026, 1, 1)), "issued_at"),  # noqa: DTZ001
        (ADA, Award(issued_at=ISSUED, expires_at=ISSUED), "expires_at"),
        (ADA, Award(issued_at=datetime(2999, 1, 1, tzinfo=UTC)), "issued_at"),
        (ADA, Award(activity_title="x" * 256), "activity_title"),
        (ADA, Award(evidence=[{"name": "neither link nor story"}]), "evidence.0"),
        (ADA, Award(evidence=[{"narrative": "a", "colour": "red"}]), "evidence.0.colour"),
        (ADA, Award(visibility="secret"), "visibility"),
        (
            ADA,
            Award(activity_started_at=ISSUED, activity_ended_at=ISSUED - timedelta(days=1)),
            "activity_ended_at",
        ),
    ],
)
def test_issue_badge_refuses_what_has_the_wrong_form(
    acme: Organization, template: BadgeTemplate, person: Person, award: Award, field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        issue_badge(template=template, person=person, award=award, by=None)

    assert refusal.value.field == field
    assert counts(acme) == NOTHING


@pytest.mark.parametrize(
    ("award", "field"),
    [
        (Award(narrative="bell \x07"), "narrative"),
        (Award(evidence=[{"url": "not an address", "name": "x"}]), "evidence.0.url"),
        (Award(evidence=[{"narrative": "lone \ud800"}]), "evidence.0.narrative"),
        (Award(results=[{"value": "1", "result_description": "unknown"}]), "results.0.result_description"),
    ],
)
def test_issue_badge_refuses_what_would_break_signatures(
    acme: Organization, template: BadgeTemplate, award: Award, field: str
) -> None:
    with pytest.raises(Unsignable) as refusal:
        issue_badge(template=template, person=ADA, award=award, by=None)

    assert refusal.value.field == field
    assert counts(acme) == NOTHING


def test_issue_badge_refuses_inactive_template(acme: Organization, template: BadgeTemplate) -> None:
    update_template(template=template, fields={"status": TemplateStatus.INACTIVE}, by=None)

    with pytest.raises(TemplateNotIssuable):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == NOTHING


def test_issue_badge_refuses_archived_template(acme: Organization, template: BadgeTemplate) -> None:
    archive_template(template=template, by=None)

    with pytest.raises(TemplateNotIssuable):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == NOTHING


def test_issue_badge_refuses_disabled_organization(acme: Organization, template: BadgeTemplate) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == NOTHING


def test_issue_badge_refuses_without_a_key(acme: Organization, template: BadgeTemplate) -> None:
    SigningKey.objects.update(status="retired")

    with pytest.raises(KeyNotUsable):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == NOTHING


def test_issue_badge_takes_credits_below_zero_where_they_are_counted(
    acme: Organization, template: BadgeTemplate
) -> None:
    factories.badge(template)

    assert counts(acme)["credits_left"] == -1


def test_issue_badge_refuses_without_credits_where_they_are_enforced(
    acme: Organization, template: BadgeTemplate, settings: Settings
) -> None:
    settings.CREDITS = "enforced"

    with pytest.raises(NotEnoughCredits):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == NOTHING


def test_issue_badge_refuses_beyond_the_limit(acme: Organization, template: BadgeTemplate) -> None:
    update_template(template=template, fields={"limit": 1}, by=None)
    factories.badge(template, "first@example.org")
    before = counts(acme)

    with pytest.raises(LimitReached):
        issue_badge(template=template, person=ADA, by=None)

    assert counts(acme) == before


def test_issue_badge_refuses_a_second_unique_badge_and_names_the_first(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    first = factories.badge(template, "ada@example.org")
    before = counts(acme)

    with pytest.raises(BadgeAlreadyHeld) as refusal:
        issue_badge(template=template, person=ADA, by=None)

    assert refusal.value.badge_url == first.public_url
    assert counts(acme) == before


def test_issue_badge_renews_an_expired_unique_badge(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    expired = factories.badge(
        template, issued_at=ISSUED - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )

    renewed = factories.badge(template)

    expired.refresh_from_db()
    assert (expired.holds_place, renewed.holds_place) == (False, True)
    assert expired.status is BadgeStatus.INVALID


def test_issue_badge_refuses_who_held_the_badge_before_it_was_unique(acme: Organization) -> None:
    template = factories.template(acme)
    held = [factories.badge(template, "ada@example.org") for _number in range(2)]
    factories.badge(template, "bob@example.org", issued_at=ISSUED, expires_at=ISSUED + timedelta(days=1))
    template = update_template(template=template, fields={"is_unique": True}, by=None)
    before = counts(acme)

    with pytest.raises(BadgeAlreadyHeld) as refusal:
        issue_badge(template=template, person=ADA, by=None)

    assert refusal.value.badge_url == held[1].public_url
    assert counts(acme) == before
    assert factories.badge(template, "bob@example.org").holds_place  # what had expired is renewed


def test_issue_badge_gives_a_repeatable_badge_again(template: BadgeTemplate) -> None:
    assert factories.badge(template).earner == factories.badge(template).earner


def test_issue_badges_answers_each_request_in_order(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True, limit=3)
    factories.badge(template, "holder@example.org")
    emails = [
        "new@example.org",
        "broken",
        "HOLDER@example.org",
        "New@example.org",
        "second@example.org",
        "third@example.org",
    ]

    answers = issue_badges(
        template=template, requests=[IssueRequest(person=Person(email=email)) for email in emails], by=None
    )

    assert [
        answer.code if isinstance(answer, RuleBroken) else answer.recipient_email for answer in answers
    ] == [
        "new@example.org",
        "invalid_input",
        "badge_already_held",
        "badge_already_held",
        "second@example.org",
        "limit_reached",
    ]
    after = counts(acme)
    assert (after["badges"], after["template"], after["badges_count"], after["messages"]) == (3, 3, 3, 3)
    assert after["credits_left"] == -3


def test_issue_badges_writes_one_credit_transaction(
    acme: Organization, template: BadgeTemplate, bob: User
) -> None:
    requests = [IssueRequest(person=Person(email=f"earner{number}@example.org")) for number in range(3)]

    issue_badges(template=template, requests=requests, by=bob)

    transaction = CreditTransaction.objects.get()
    assert (transaction.credits, transaction.description, transaction.user) == (-3, "3 × Data literacy", bob)


def test_issue_badges_gives_each_badge_a_place_of_its_own(template: BadgeTemplate) -> None:
    issue_badges(
        template=template, requests=[IssueRequest(person=Person(email="first@example.org"))], by=None
    )
    StatusList.objects.update(size=131_072, start=131_000, stride=50_001)
    requests = [IssueRequest(person=Person(email=f"earner{number}@example.org")) for number in range(4)]

    badges = issue_badges(template=template, requests=requests, by=None)

    places = [badge.status_index for badge in badges if isinstance(badge, Badge)]
    assert places == [49_929, 99_930, 18_859, 68_860]
