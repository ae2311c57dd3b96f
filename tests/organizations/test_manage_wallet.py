"""The pages of the wallet and of the plan."""

from typing import Any

import pytest
from pytest_django import Settings

from organizations.enums import MessageKind
from organizations.models import CreditTransaction, Message, Organization, User
from organizations.services.wallet import add_credits, decide_request
from tests.at_work import Member


def test_wallet_shows_the_balance_after_each_movement(acme: Organization, alice: User) -> None:
    for credits in (100, -30, 5):
        add_credits(organization=acme, credits=credits, description=f"moved {credits}", by=None)

    page = Member(alice, acme).get("wallet")

    assert [(row.credits, balance) for row, balance in page.context["rows"]] == [
        (5, 75),
        (-30, 70),
        (100, 100),
    ]
    assert [
        balance for _row, balance in Member(alice, acme).get("wallet", q="moved -30").context["rows"]
    ] == [None]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wallet", '12</span><span class="figure-label">Credits used beyond those that came in'),
        ("dashboard", '12</span><span class="figure-label">Credits used beyond those that came in'),
        ("plan", "Credits used beyond those that came in: 12"),
        ("new_credit_request", "Credits used beyond those that came in: 12."),
    ],
)
def test_credits_beyond_those_that_came_in_are_no_credits_left(
    acme: Organization, alice: User, name: str, words: str
) -> None:
    add_credits(organization=acme, credits=-12, description="corrected", by=None)

    page = Member(alice, acme).get(name).content.decode()

    assert words in page
    assert "-12 left" not in page
    assert "Credits left" not in page


def test_credits_are_asked_for_and_granted(acme: Organization, alice: User, staff: User) -> None:
    member = Member(alice, acme)

    page = member.post("new_credit_request", credits="50", description="Summer", follow=True).content.decode()

    assert "50 credits were asked for" in page
    request = CreditTransaction.objects.get()
    kinds = Message.objects.values_list("kind", "recipient")
    assert set(kinds) == {
        (MessageKind.CREDITS_REQUESTED, "alice@acme.example"),
        (MessageKind.CREDITS_TO_DECIDE, "staff@server.example"),
    }
    decide_request(request=request, accept=True, by=staff)
    page = member.get("wallet").content.decode()
    assert "were asked for" not in page
    assert "+50" in page


@pytest.mark.parametrize("credits", ["", "0", "-5", "1.5", "ten", "1000001"])
def test_request_without_sense_is_refused(acme: Organization, alice: User, credits: str) -> None:
    page = Member(alice, acme).post("new_credit_request", credits=credits, description="Typed")

    assert page.status_code == 400
    assert "Typed" in page.content.decode()
    assert not CreditTransaction.objects.exists()


def test_request_cannot_accept_itself(acme: Organization, alice: User) -> None:
    Member(alice, acme).post(
        "new_credit_request", credits="50", status="accepted", kind="correction", amount="-1", decided_by="me"
    )

    request = CreditTransaction.objects.get()
    assert (request.status, request.kind, request.decided_by) == ("request", "purchase", "")
    assert request.amount == 0
    acme.refresh_from_db()
    assert acme.credits_left == 0


@pytest.mark.parametrize(
    ("setting", "words"), [("enforced", "nothing is issued"), ("counted", "they are counted")]
)
def test_pages_say_whether_credits_are_enforced(
    acme: Organization, alice: User, settings: Settings, setting: str, words: str
) -> None:
    settings.CREDITS = setting

    assert words in Member(alice, acme).get("wallet").content.decode().replace("They are", "they are")
    assert words in Member(alice, acme).get("plan").content.decode()


def test_plan_shows_what_staff_set(acme: Organization, alice: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(max_users=5, subscription_status="active")

    page = Member(alice, acme).get("plan").content.decode()

    assert "1 of 5" in page
    assert "Active" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_wallet_costs_the_same_however_long(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        add_credits(organization=acme, credits=1, description="", by=None)
    member = Member(alice, acme)

    with django_assert_num_queries(7):
        page = member.get("wallet")

    assert len(page.context["rows"]) == rows
