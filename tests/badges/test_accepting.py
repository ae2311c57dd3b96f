"""What becomes of a badge at its earner's: opened and accepted once, by themselves, and the figures follow."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from badges.enums import Visibility
from badges.exceptions import BadgeRevoked, BadgeUnknown
from badges.models import Badge, BadgeTally, BadgeTemplate
from badges.services.accepting import accept_badge, accept_badges, note_opened, opening_marker
from badges.services.changing import change_badge
from badges.services.counters import recount
from badges.services.my_badges import show_badge
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import record_outcome
from badges.services.revoking import revoke_badge
from claimcodes.services import claim_code
from organizations.models import Organization
from organizations.services.outbox import deliver_due
from tests import factories
from tests.accounts import account_of
from tests.badges.test_my_badges import signed_in
from tests.racing import race

pytestmark = pytest.mark.django_db
ADA, CHARLES = "ada@example.org", "charles@example.org"
A_BROWSER = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def accepted() -> int:
    """Return how many badges the tallies have as accepted, which is what they count."""
    assert sum(recount().values()) == 0
    return sum(BadgeTally.objects.values_list("accepted_badges", flat=True))


def test_badge_is_accepted_once_and_counted(badge: Badge) -> None:
    ada = account_of(ADA)
    assert (accepted(), badge.accepted_at) == (0, None)

    first = accept_badge(account=ada, badge_id=badge.uuid)
    again = accept_badge(account=ada, badge_id=badge.uuid)

    badge.refresh_from_db()
    assert badge.accepted_at == first.accepted_at == again.accepted_at
    assert badge.opened_at == badge.accepted_at
    assert accepted() == 1


def test_nobody_accepts_anothers_badge_or_a_revoked_one(template: BadgeTemplate, badge: Badge) -> None:
    ada = account_of(ADA)
    theirs = factories.badge(template, CHARLES)
    revoke_badge(badge=badge, reason="Mistake", by=None)

    with pytest.raises(BadgeUnknown):
        accept_badge(account=ada, badge_id=theirs.uuid)
    with pytest.raises(BadgeRevoked):
        accept_badge(account=ada, badge_id=badge.uuid)

    assert not Badge.objects.filter(accepted_at__isnull=False).exists()
    assert accept_badge(account=account_of(CHARLES), badge_id=theirs.uuid).accepted_at is not None


def test_all_that_wait_are_accepted_and_nothing_else(
    acme: Organization, globex: Organization, template: BadgeTemplate
) -> None:
    ada = account_of(ADA)
    last_month = timezone.now() - timedelta(days=40)
    waiting = [
        factories.badge(template),
        factories.badge(template, issued_at=last_month),
        factories.badge(factories.template(globex)),
    ]
    hidden = factories.badge(template)
    show_badge(account=ada, badge_id=hidden.uuid, visibility=Visibility.HIDDEN)
    revoke_badge(badge=factories.badge(template), reason="Mistake", by=None)
    factories.badge(template, CHARLES)

    assert accept_badges(account=ada) == 3

    found = Badge.objects.filter(accepted_at__isnull=False).values_list("pk", flat=True)
    assert sorted(found) == sorted(badge.pk for badge in waiting)
    assert accepted() == 3
    assert accept_badges(account=ada) == 0


def test_accepted_badge_that_is_revoked_counts_no_longer(badge: Badge) -> None:
    accept_badge(account=account_of(ADA), badge_id=badge.uuid)
    factories.badge(badge.template)  # of the same month, whose tally would tell
    assert accepted() == 1

    revoke_badge(badge=badge, reason="Mistake", by=None)

    assert accepted() == 0


def test_badge_that_goes_to_another_person_waits_for_them(badge: Badge) -> None:
    accept_badge(account=account_of(ADA), badge_id=badge.uuid)
    changed = change_badge(badge=badge, fields={"recipient_first_name": "Augusta"}, by=None)
    assert changed.accepted_at is not None

    changed = change_badge(badge=badge, fields={"recipient_email": CHARLES}, by=None)

    assert (changed.accepted_at, changed.opened_at) == (None, None)
    assert accepted() == 0


def test_who_claims_or_asks_by_a_token_has_accepted(acme: Organization, template: BadgeTemplate) -> None:
    create_outcome(organization=acme, code="course-7", template=template, by=None)
    by_program = claim_code(
        claim_code=factories.claim_code(template), email="program@example.org", by=factories.api_key(acme)[0]
    )

    by_earner = claim_code(claim_code=factories.claim_code(template), email=ADA)
    by_token = record_outcome(account=account_of(CHARLES), code="course-7")

    assert by_earner.badge is not None
    assert by_token.badge is not None
    assert by_program.badge is not None
    found = set(Badge.objects.filter(accepted_at__isnull=False))
    assert found == {by_earner.badge, by_token.badge}
    assert accepted() == 2


def test_list_and_page_accept_and_hide(template: BadgeTemplate) -> None:
    ada = signed_in(ADA)
    first, second, third = (factories.badge(template) for _ in range(3))
    theirs = factories.badge(template, CHARLES)

    to_page = ada.post(f"/me/badges/{first.uuid}/accept")
    to_list = ada.post(f"/me/badges/{second.uuid}/hide", {"back": "q=data&next=//evil.example"})
    everything = ada.post("/me/badges/accept", {"back": ""})

    assert to_page["Location"] == f"/me/badges/{first.uuid}"
    assert to_list["Location"] == "/me?q=data&next=%2F%2Fevil.example"
    assert everything["Location"] == "/me"
    first, second, third, theirs = (
        Badge.objects.get(pk=badge.pk) for badge in (first, second, third, theirs)
    )
    assert [badge.accepted_at is not None for badge in (first, second, third, theirs)] == [
        True,
        False,
        True,
        False,
    ]
    assert second.visibility == Visibility.HIDDEN
    ada.get("/me")  # which says what was done
    absent = ada.post(f"/me/badges/{uuid4()}/accept")
    for act in ("accept", "hide"):
        answer = ada.post(f"/me/badges/{theirs.uuid}/{act}")
        assert (answer.status_code, answer.content) == (404, absent.content)
    assert Client().post(f"/me/badges/{first.uuid}/accept")["Location"] == "/me/sign-in"


def test_link_of_the_mail_tells_that_it_was_opened_and_leads_to_the_plain_address(badge: Badge) -> None:
    deliver_due()
    [sent] = mail.outbox
    assert f"{badge.public_url}?o={opening_marker(badge)}" in str(sent.body)
    path = f"{badge.public_path}?o={opening_marker(badge)}"

    answer = Client().get(f"{path}&claimed=1", headers=A_BROWSER)

    badge.refresh_from_db()
    first = badge.opened_at
    assert first is not None
    assert (answer.status_code, answer["Location"]) == (302, f"{badge.public_path}?claimed=1")
    assert answer["Cache-Control"] == "private, no-store"
    assert Client().get(path, headers=A_BROWSER)["Location"] == badge.public_path
    badge.refresh_from_db()
    assert badge.opened_at == first
    assert badge.accepted_at is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        A_BROWSER | {"Sec-Purpose": "prefetch;prerender"},
        A_BROWSER | {"Purpose": "prefetch"},
    ],
)
def test_program_that_looks_at_the_link_opens_nothing(badge: Badge, headers: dict[str, str]) -> None:
    path = f"{badge.public_path}?o={opening_marker(badge)}"

    for answer in (Client().get(path, headers=headers), Client().head(path, headers=A_BROWSER)):
        assert (answer.status_code, answer["Location"]) == (302, badge.public_path)

    badge.refresh_from_db()
    assert badge.opened_at is None


def test_marker_of_another_badge_or_address_opens_nothing(template: BadgeTemplate, badge: Badge) -> None:
    old, other = opening_marker(badge), opening_marker(factories.badge(template))
    change_badge(badge=badge, fields={"recipient_email": CHARLES}, by=None)

    for marker in (old, other, "", "x" * 5000, "\x00"):
        answer = Client().get(badge.public_path, {"o": marker}, headers=A_BROWSER)
        assert answer["Location"] == badge.public_path

    badge.refresh_from_db()
    assert badge.opened_at is None


def test_badge_is_opened_from_the_account(badge: Badge) -> None:
    ada = signed_in(ADA)
    ada.get("/me")
    ada.head(f"/me/badges/{badge.uuid}")
    badge.refresh_from_db()
    assert badge.opened_at is None

    ada.get(f"/me/badges/{badge.uuid}")

    badge.refresh_from_db()
    assert badge.opened_at is not None
    assert not note_opened(badge=badge)


@pytest.mark.django_db(transaction=True)
def test_badge_that_is_accepted_many_times_at_once_is_counted_once(badge: Badge) -> None:
    ada = account_of(ADA)

    race(
        lambda number: (
            accept_badges(account=ada) if number % 2 else accept_badge(account=ada, badge_id=badge.uuid)
        ),
        times=6,
    )

    assert accepted() == 1
