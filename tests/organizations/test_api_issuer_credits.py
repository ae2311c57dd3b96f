"""Credit transactions in the issuer API, as section 7 of the reference describes them."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from config.exceptions import InvalidInput
from organizations.api.issuer_credits import CreditTransactionShape
from organizations.enums import CreditStatus, MessageKind
from organizations.models import AuditEntry, CreditTransaction, Message, Organization, User
from organizations.services.wallet import add_credits, decide_request, request_credits
from tests.api import Api, assert_has_shape, golden

CREDITS = "/credit_transactions"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def ledger(acme: Organization, alice: User) -> list[CreditTransaction]:
    """A purchase, a correction, an open request of alice's and a declined one."""
    bought = add_credits(organization=acme, credits=50, description="Package", by=None)
    CreditTransaction.objects.filter(pk=bought.pk).update(amount="100.00", created_at="2024-06-01 12:00Z")
    corrected = add_credits(organization=acme, credits=-5, description="", by=None)
    asked = request_credits(
        organization=acme, credits=20, description="Autumn", amount=Decimal(40), user=alice
    )
    declined = request_credits(organization=acme, credits=99, description="Too many", user=None)
    decide_request(request=declined, accept=False, by=None)
    return [bought, corrected, asked, declined]


def test_list_has_the_keys_of_the_reference(api: Api, ledger: list[CreditTransaction], alice: User) -> None:
    body = api.get(CREDITS).json()

    assert [(one["credits"], one["amount"], one["status"], one["user_id"]) for one in body["data"]] == [
        (99, "0.00", "declined", None),
        (20, "40.00", "request", alice.pk),
        (-5, "0.00", "accepted", None),
        (50, "100.00", "accepted", None),
    ]
    assert list(body["data"][0]) == [
        "id", "organization_id", "user_id", "description", "credits", "currency", "amount", "status", "created_at",
        "updated_at",
    ]  # fmt: skip
    for one in body["data"]:
        assert_has_shape(one, CreditTransactionShape)


def test_transaction_is_answered_by_its_id(api: Api, ledger: list[CreditTransaction]) -> None:
    golden("credit_transaction", api.get(f"{CREDITS}/{ledger[0].uuid}").json())


def test_empty_list_is_that_of_the_reference(api: Api, acme: Organization) -> None:
    golden("credit_transactions_empty", api.get(CREDITS).json())


@pytest.mark.parametrize(
    ("query", "credits"),
    [
        ({"status": "request"}, [20]),
        ({"status": "declined,request"}, [99, 20]),
        ({"credit": "50"}, [50]),
        ({"credits": "-5"}, [-5]),
        ({"amount": "40"}, [20]),
        ({"amount": "100.00"}, [50]),
        ({"created_at_before": "2024-06-01"}, [50]),
        ({"created_at_after": "2024-06-02", "status": "accepted"}, [-5]),
        ({"user_id": "999999"}, []),
    ],
)
def test_list_is_filtered(
    api: Api, ledger: list[CreditTransaction], query: dict[str, str], credits: list[int]
) -> None:
    assert [one["credits"] for one in api.get(CREDITS, query).json()["data"]] == credits


def test_list_is_filtered_by_user(api: Api, ledger: list[CreditTransaction], alice: User) -> None:
    assert [one["credits"] for one in api.get(CREDITS, {"user_id": str(alice.pk)}).json()["data"]] == [20]


def test_list_refuses_unknown_values_in_filters(api: Api, acme: Organization) -> None:
    query = {"status": "open", "credit": "many", "amount": "NaN", "user_id": "x", "created_at_after": "0"}

    response = api.get(CREDITS, query)

    assert response.status_code == 422
    assert set(response.json()["errors"]) == set(query)


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_two_queries_beside_the_key(
    api: Api, acme: Organization, alice: User, count: int, django_assert_num_queries: Any
) -> None:
    for _number in range(count):
        request_credits(organization=acme, credits=1, description="", user=alice)
    api.get()

    with django_assert_num_queries(3):
        assert len(api.get(CREDITS).json()["data"]) == count


def test_post_asks_and_moves_nothing(api: Api, acme: Organization) -> None:
    response = api.post(CREDITS, {"credits": 30, "description": "Spring", "amount": "59.9"})

    assert response.status_code == 201
    data = response.json()["data"]
    assert_has_shape(data, CreditTransactionShape)
    assert (data["credits"], data["amount"], data["status"], data["user_id"]) == (
        30,
        "59.90",
        "request",
        None,
    )
    acme.refresh_from_db()
    assert (acme.credits_left, Message.objects.count()) == (0, 0)
    assert AuditEntry.objects.get(act="credits.requested").actor.startswith("API key ")
    assert api.get(f"{CREDITS}/{data['id']}").json()["data"] == data


def test_post_of_a_user_is_theirs_and_told(acme: Organization, alice: User) -> None:
    client = Client()
    client.force_login(alice)

    data = Api(None, client).post(CREDITS, {"credits": 30}).json()["data"]

    assert (data["user_id"], data["description"], data["amount"]) == (alice.pk, None, "0.00")
    assert list(Message.objects.values_list("kind", "recipient")) == [
        (MessageKind.CREDITS_REQUESTED, "alice@acme.example")
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "credits"),
        ({"credits": 0}, "credits"),
        ({"credits": -1}, "credits"),
        ({"credits": 1.5}, "credits"),
        ({"credits": True}, "credits"),
        ({"credits": 10**30}, "credits"),
        ({"credits": 1, "amount": "-1"}, "amount"),
        ({"credits": 1, "amount": "1.234"}, "amount"),
        ({"credits": 1, "amount": "1e400"}, "amount"),
        ({"credits": 1, "amount": "NaN"}, "amount"),
        ({"credits": 1, "amount": 10**12}, "amount"),
        ({"credits": 1, "amount": [1]}, "amount"),
        ({"credits": 1, "description": "x" * 1001}, "description"),
        ({"credits": 1, "description": "\x00"}, "description"),
    ],
)
def test_post_refuses(api: Api, acme: Organization, body: dict[str, Any], field: str) -> None:
    response = api.post(CREDITS, body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert CreditTransaction.objects.count() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"credits": 2_000_000},
        {"amount": Decimal(10_000_000)},
        {"amount": Decimal(-1)},
        {"description": "x" * 1001},
    ],
)
def test_request_credits_refuses_what_no_column_keeps(acme: Organization, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        request_credits(**{"organization": acme, "credits": 1, "description": "", "user": None, **values})

    assert refusal.value.field in values
    assert CreditTransaction.objects.count() == 0


def test_post_with_an_idempotency_key_asks_once(api: Api, acme: Organization) -> None:
    first, second = (api.post(CREDITS, {"credits": 5}, Idempotency_Key="k") for _time in range(2))

    assert first.json() == second.json()
    assert CreditTransaction.objects.filter(status=CreditStatus.REQUEST).count() == 1


def test_transactions_of_others_look_like_none(api: Api, acme: Organization, globex: Organization) -> None:
    theirs = add_credits(organization=globex, credits=7, description="", by=None)

    answers = [api.get(f"{CREDITS}/{one}") for one in (theirs.uuid, "00000000-0000-4000-8000-000000000000")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert api.get(CREDITS).json()["meta"]["total"] == 0
