"""Corrections at the same time as others, as revocations and as first downloads: every badge stays one that verifies."""

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from badges.credentials.recipients import identity_hash
from badges.enums import DocumentKind
from badges.models import Badge, BadgeDocument
from badges.services.changing import change_badge
from badges.services.counters import recount
from badges.services.documents import credential, credential_jwt, hosted_assertion, signed_assertion
from badges.services.revoking import revoke_badge
from badges.services.verifying import Finding, verify_badge
from organizations.models import Organization
from tests import factories
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> Organization:
    """The organization of these races, committed."""
    return factories.OrganizationFactory.create(slug="acme")


def fresh(badge: Badge) -> Badge:
    return Badge.objects.select_related("organization", "status_list", "version", "earner").get(pk=badge.pk)


def assert_documents_say_what_the_row_says(badge: Badge) -> None:
    badge = fresh(badge)
    assert badge.earner.email_key == badge.recipient_email
    subject = json.loads(credential(badge))["credentialSubject"]
    assert identity_hash(badge.recipient_email, badge.recipient_salt) in {
        identifier["identityHash"] for identifier in subject["identifier"]
    }
    verdict = verify_badge(badge)
    assert (verdict.signature, verdict.issuer) == (Finding.PASSED, Finding.PASSED)


def test_corrections_at_once_leave_one_of_them(acme: Organization) -> None:
    badge = factories.badge(factories.template(acme))

    answers = race(
        lambda number: change_badge(
            badge=Badge.objects.get(pk=badge.pk),
            fields={"recipient_email": f"ada{number}@example.org", "recipient_first_name": f"Ada {number}"},
            by=None,
        ),
        times=8,
    )

    assert kinds(answers) == {"Badge": 8}
    row = fresh(badge)
    assert row.recipient_first_name == f"Ada {row.recipient_email[3]}"
    assert BadgeDocument.objects.filter(badge=badge).count() == 1
    assert_documents_say_what_the_row_says(badge)
    assert not any(recount().values())


def test_corrections_of_a_unique_badge_to_one_earner_at_once_let_one_through(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    badges = [factories.badge(template, f"wrong{number}@example.org") for number in range(8)]

    answers = race(
        lambda number: change_badge(
            badge=badges[number], fields={"recipient_email": "ada@example.org"}, by=None
        ),
        times=8,
    )

    assert kinds(answers) == {"Badge": 1, "BadgeAlreadyHeld": 7}
    assert Badge.objects.filter(earner__email_key="ada@example.org").count() == 1
    assert not any(recount().values())


def test_correction_and_issue_of_a_unique_badge_at_once_are_one(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    badge = factories.badge(template, "wrong@example.org")

    def act(number: int) -> Any:
        if number % 2:
            return change_badge(badge=badge, fields={"recipient_email": "ada@example.org"}, by=None)
        return factories.badge(template)

    answers = race(act, times=6)

    assert Badge.objects.filter(earner__email_key="ada@example.org", holds_place=True).count() == 1
    assert set(kinds(answers)) == {"Badge", "BadgeAlreadyHeld"}
    assert not any(recount().values())


def test_correction_and_revocation_at_once_end_revoked(acme: Organization) -> None:
    template = factories.template(acme)
    badges = [factories.badge(template, f"wrong{number}@example.org") for number in range(6)]

    def act(number: int) -> Any:
        badge = Badge.objects.get(pk=badges[number // 2].pk)
        if number % 2:
            return revoke_badge(badge=badge, reason="Mistake", by=None)
        return change_badge(
            badge=badge, fields={"recipient_email": f"ada{number}@example.org", "is_public": True}, by=None
        )

    answers = race(act, times=12)

    assert set(kinds(answers)) <= {"Badge", "BadgeNotChangeable"}
    assert kinds(answers[1::2]) == {"Badge": 6}
    for badge in badges:
        assert fresh(badge).is_revoked
        assert_documents_say_what_the_row_says(badge)
        assert verify_badge(fresh(badge)).not_revoked == Finding.FAILED
    assert not any(recount().values())


def test_first_download_and_correction_at_once_keep_nothing_old(acme: Organization) -> None:
    badges = [factories.badge(factories.template(acme), "wrong@example.org") for _number in range(8)]
    stale = [
        Badge.objects.select_related("organization", "version").get(pk=badge.pk)
        for badge in badges
        for _two in (0, 1)
    ]

    def act(number: int) -> Any:
        if number % 2:
            return change_badge(badge=stale[number], fields={"recipient_email": "ada@example.org"}, by=None)
        return signed_assertion(stale[number])

    answers = race(act, times=16)

    assert not [answer for answer in answers if isinstance(answer, Exception)]
    for badge in badges:
        kept = BadgeDocument.objects.filter(badge=badge, kind=DocumentKind.OB2_SIGNED).first()
        row = fresh(badge)
        if kept is not None:
            assert recipient_of(kept.body) == hosted_assertion(row)["recipient"]
        assert recipient_of(signed_assertion(row)) == hosted_assertion(row)["recipient"]
        assert credential_jwt(row)
        assert_documents_say_what_the_row_says(badge)


def recipient_of(jws: str) -> Any:
    """Return the recipient of a signed Assertion."""
    payload = jws.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["recipient"]
