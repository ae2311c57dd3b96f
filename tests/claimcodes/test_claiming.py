"""Claim codes: made, and claimed exactly as often as they may be."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from badges.exceptions import BadgeAlreadyHeld, LimitReached, TemplateNotIssuable
from badges.models import Badge, BadgeTemplate
from badges.services.counters import recount
from badges.services.templates import archive_template
from claimcodes.exceptions import ClaimCodeExpired, ClaimCodeTaken, ClaimCodeUsedUp
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code, create_claim_code, random_code, recount_uses
from config.exceptions import InvalidInput, RuleBroken
from organizations.models import Organization, User
from tests import factories
from tests.racing import kinds, race


def test_create_claim_code_makes_ten_hexadecimal_digits(template: BadgeTemplate) -> None:
    codes = {factories.claim_code(template).code for _ in range(20)}

    assert len(codes) == 20
    assert all(len(code) == 10 and set(code) <= set("0123456789abcdef") for code in codes)


@pytest.mark.parametrize("prefix", ["", "2026", "12E", "exam-"])
def test_random_codes_are_no_numbers_that_a_spreadsheet_writes_anew(prefix: str) -> None:
    codes = {random_code(3, prefix=prefix) for _time in range(500)}

    assert {len(code) for code in codes} == {len(prefix) + 3}
    assert [code for code in codes if re.fullmatch(r"\d+(e\d+)?", code.lower())] == []


@pytest.mark.parametrize("code", ["A", "x" * 255, "with space", "a/b?c#d", "café ☕", "random"])
def test_create_claim_code_keeps_a_code_as_typed(template: BadgeTemplate, code: str) -> None:
    assert ClaimCode.objects.get(pk=factories.claim_code(template, code=code).pk).code == code


@pytest.mark.parametrize("code", ["", "x" * 256, "   "])
def test_create_claim_code_refuses_empty_and_long_codes(template: BadgeTemplate, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        factories.claim_code(template, code=code)

    assert refusal.value.field == "code"
    assert ClaimCode.objects.count() == 0


@pytest.mark.parametrize("spelling", ["Summer", " SUMMER ", "summer"])
def test_create_claim_code_refuses_another_spelling_in_the_system(
    acme: Organization, globex: Organization, spelling: str
) -> None:
    factories.claim_code(factories.template(acme), code="summer")

    with pytest.raises(ClaimCodeTaken):
        factories.claim_code(factories.template(globex), code=spelling)

    assert ClaimCode.objects.count() == 1


def test_claim_code_with_email_issues_the_badge(template: BadgeTemplate) -> None:
    code = factories.claim_code(template)

    claim = claim_code(claim_code=code, email="ada@example.org", first_name="Ada")

    code.refresh_from_db()
    assert (code.is_claimed, code.uses, code.email) == (True, 1, "ada@example.org")
    assert claim.badge is not None
    assert (claim.badge.recipient_email, claim.badge.recipient_first_name) == ("ada@example.org", "Ada")


def test_claim_code_without_email_only_marks_it(template: BadgeTemplate) -> None:
    code = factories.claim_code(template, email="kept@example.org")

    claim = claim_code(claim_code=code)

    code.refresh_from_db()
    assert (code.is_claimed, code.uses, code.email, claim.badge) == (True, 1, "kept@example.org", None)
    assert Badge.objects.count() == 0


def test_claim_code_refuses_a_single_use_code_the_second_time(template: BadgeTemplate) -> None:
    code = factories.claim_code(template)
    claim_code(claim_code=code, email="ada@example.org")

    with pytest.raises(ClaimCodeUsedUp):
        claim_code(claim_code=code, email="ada@example.org")

    assert (Claim.objects.count(), Badge.objects.count()) == (1, 1)


def test_claim_code_refuses_a_code_made_as_claimed(template: BadgeTemplate) -> None:
    with pytest.raises(ClaimCodeUsedUp):
        claim_code(claim_code=factories.claim_code(template, is_claimed=True), email="ada@example.org")

    assert Badge.objects.count() == 0


def test_claim_code_for_many_counts_each_person_once(template: BadgeTemplate) -> None:
    code = factories.claim_code(template, is_multiuse=True, max_uses=2)

    first = claim_code(claim_code=code, email="ada@example.org")
    again = claim_code(claim_code=code, email=" ADA@example.org")
    other = claim_code(claim_code=code, email="grace@example.org")
    after_the_last = claim_code(claim_code=code, email="ada@example.org")

    assert first == again == after_the_last
    assert other != first
    with pytest.raises(ClaimCodeUsedUp):
        claim_code(claim_code=code, email="third@example.org")
    code.refresh_from_db()
    assert (code.uses, Badge.objects.count()) == (2, 2)


def test_claim_code_refuses_after_its_time(template: BadgeTemplate) -> None:
    code = factories.claim_code(template, expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(ClaimCodeExpired):
        claim_code(claim_code=code, email="ada@example.org")

    code.refresh_from_db()
    assert (code.uses, code.is_claimed, Badge.objects.count()) == (0, False, 0)


def refused(code: ClaimCode, kind: type[RuleBroken]) -> RuleBroken:
    """Claim for Ada, assert the refusal, and that the code is as unused as before."""
    before = (code.uses, code.is_claimed, Claim.objects.count(), Badge.objects.count())
    with pytest.raises(kind) as refusal:
        claim_code(claim_code=code, email="ada@example.org")
    code.refresh_from_db()
    assert (code.uses, code.is_claimed, Claim.objects.count(), Badge.objects.count()) == before
    return refusal.value


def test_refused_claim_of_a_held_unique_badge_leaves_the_code(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    held = factories.badge(template, "Ada@example.org")

    refusal = refused(factories.claim_code(template), BadgeAlreadyHeld)

    assert isinstance(refusal, BadgeAlreadyHeld)
    assert refusal.badge_url == held.public_url


def test_refused_claim_at_the_limit_leaves_the_code(acme: Organization) -> None:
    template = factories.template(acme, limit=1)
    factories.badge(template, "other@example.org")

    refused(factories.claim_code(template), LimitReached)


def test_refused_claim_of_an_archived_template_leaves_the_code(template: BadgeTemplate) -> None:
    code = factories.claim_code(template)
    archive_template(template=template, by=None)

    refused(code, TemplateNotIssuable)


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "two@example.org, three@example.org"])
def test_claim_code_refuses_what_is_no_address(template: BadgeTemplate, email: str) -> None:
    code = factories.claim_code(template)

    with pytest.raises(InvalidInput) as refusal:
        claim_code(claim_code=code, email=email)

    assert refusal.value.field == "email"
    code.refresh_from_db()
    assert code.uses == 0


def test_database_refuses_a_second_use_of_a_single_use_code(template: BadgeTemplate) -> None:
    code = factories.claim_code(template)

    with pytest.raises(IntegrityError):
        ClaimCode.objects.filter(pk=code.pk).update(uses=2)


def test_visible_to_shows_codes_of_own_organizations(
    acme: Organization, globex: Organization, alice: User, charlie: User
) -> None:
    ours = factories.claim_code(factories.template(acme))
    factories.claim_code(factories.template(globex))

    assert list(ClaimCode.objects.visible_to(alice)) == [ours]
    assert list(ClaimCode.objects.visible_to(charlie)) == []
    assert list(ClaimCode.objects.visible_to(None)) == []


@pytest.fixture
def committed() -> BadgeTemplate:
    """A template that other connections see."""
    return factories.template(factories.OrganizationFactory.create(slug="acme"))


@pytest.mark.django_db(transaction=True)
def test_race_for_a_single_use_code_has_one_winner(committed: BadgeTemplate) -> None:
    code = create_claim_code(template=committed, by=None)

    answers = race(lambda number: claim_code(claim_code=code, email=f"earner{number}@example.org"), times=20)

    assert kinds(answers) == {"Claim": 1, "ClaimCodeUsedUp": 19}
    assert (Claim.objects.count(), Badge.objects.count()) == (1, 1)
    assert not any(recount().values())
    assert recount_uses() == 0


@pytest.mark.django_db(transaction=True)
def test_race_for_a_multi_use_code_counts_each_person_once(committed: BadgeTemplate) -> None:
    code = create_claim_code(template=committed, is_multiuse=True, max_uses=4, by=None)

    answers = race(
        lambda number: claim_code(claim_code=code, email=f"earner{number % 8}@example.org"), times=24
    )

    assert (Claim.objects.count(), Badge.objects.count()) == (4, 4)
    assert set(kinds(answers)) <= {"Claim", "ClaimCodeUsedUp"}
    assert len({answer.pk for answer in answers if isinstance(answer, Claim)}) == 4
    assert recount_uses() == 0


@pytest.mark.django_db(transaction=True)
def test_race_to_make_one_code_makes_it_once(committed: BadgeTemplate) -> None:
    answers = race(
        lambda number: factories.claim_code(committed, code="Summer" if number % 2 else "summer"), times=10
    )

    assert kinds(answers) == {"ClaimCode": 1, "ClaimCodeTaken": 9}
