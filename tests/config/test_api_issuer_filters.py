"""Filters of lists: names in every spelling, values read strictly, errors under the name that was sent."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.db.models import QuerySet
from django.http import QueryDict

from config.api.issuer.errors import Invalid
from config.api.issuer.filters import (
    AmountFilter,
    ChoiceFilter,
    DayFilter,
    ExactFilter,
    FlagFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
    WholeFilter,
)
from organizations.enums import CreditStatus
from organizations.models import CreditTransaction, Organization


class TransactionFilters(LaravelFilterSet):
    """Filters of every kind, on a model that has columns of every kind."""

    id = IdFilter("uuid")
    status = ChoiceFilter("status", choices=CreditStatus.values, help_text="What became of it.")
    description = TextFilter("description")
    currency = ExactFilter("currency")
    credits = WholeFilter("credits")
    amount = AmountFilter("amount")
    mine = FlagFilter("user", lookup_expr="isnull")
    created_at_after = DayFilter("created_at")
    created_at_before = DayFilter("created_at", is_end=True)
    aliases: ClassVar[dict[str, str]] = {"credit": "credits", "since": "created_at_after"}


@pytest.fixture
def transactions(acme: Organization) -> list[CreditTransaction]:
    """Three transactions, the second one in Rome's 5 March from its first to its last instant."""
    rows = []
    for number, moment in enumerate(
        [
            datetime(2024, 3, 4, 22, 59, 59, 999_999, UTC),
            datetime(2024, 3, 4, 23, tzinfo=UTC),
            datetime(2024, 3, 5, 23, tzinfo=UTC),
        ]
    ):
        row = CreditTransaction.objects.create(
            organization=acme,
            kind="purchase",
            status=CreditStatus.values[number],
            description=["Spring", "École d'été", "100% (A_B)"][number],
            credits=[10, 1, -5][number],
            amount=[Decimal("100.00"), Decimal(0), Decimal("0.50")][number],
        )
        CreditTransaction.objects.filter(pk=row.pk).update(created_at=moment)
        rows.append(row)
    return rows


def narrowed(query: str) -> "QuerySet[Any]":
    asked = TransactionFilters.asked(QueryDict(query))
    return TransactionFilters.narrow(CreditTransaction.objects.order_by("pk"), asked, time_zone="Europe/Rome")


def found(query: str, rows: list[CreditTransaction]) -> list[int]:
    places = {row.pk: place for place, row in enumerate(rows)}
    return [places[row.pk] for row in narrowed(query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=accepted", [1]),
        ("status=request,declined", [0, 2]),
        ("status[]=request&status[]=accepted", [0, 1]),
        ("status=request&status=accepted", [0, 1]),
        ("STATUS=accepted", [1]),
        ("description=SPRING", [0]),
        ("description=%C3%89T%C3%89", [1]),
        ("description=%25+(A_b", [2]),
        ("description=.*", []),
        ("credits=1", [1]),
        ("credits=-5", [2]),
        ("credit=10", [0]),
        ("Credit=10", [0]),
        ("credits=7&credits=10", [0]),
        ("amount=100", [0]),
        ("amount=100.00", [0]),
        ("amount=.5", [2]),
        ("mine=1", [0, 1, 2]),
        ("mine=false", []),
        ("created_at_after=2024-03-05", [1, 2]),
        ("since=2024-03-05", [1, 2]),
        ("created_at_before=2024-03-05", [0, 1]),
        ("Created_at_after=2024-03-05&Created_at_before=2024-03-05", [1]),
        ("created_at_after=2024-03-04T23:00:00Z", [1, 2]),
        ("created_at_before=2024-03-04+23:59:59", [0]),
        ("status=accepted&credits=10", []),
        ("credits=%20&status=&description=+", [0, 1, 2]),
        ("colour=red", [0, 1, 2]),
        ("", [0, 1, 2]),
    ],
)
def test_filter_keeps_what_is_asked_for(
    transactions: list[CreditTransaction], query: str, expected: list[int]
) -> None:
    assert found(query, transactions) == expected


def test_ids_are_found_one_and_several(transactions: list[CreditTransaction]) -> None:
    first, _second, third = (str(row.uuid) for row in transactions)

    assert found(f"id={first}", transactions) == [0]
    assert found(f"id={first.upper()},{third}", transactions) == [0, 2]
    assert found("id=00000000-0000-4000-8000-000000000000", transactions) == []


def test_nothing_asked_for_is_no_work(acme: Organization) -> None:
    rows = CreditTransaction.objects.all()

    assert TransactionFilters.asked(QueryDict("page=2&per_page=5&status=&x=1")) == {}
    assert TransactionFilters.narrow(rows, {}, time_zone="UTC") is rows


@pytest.mark.parametrize(
    ("query", "name", "sentence"),
    [
        ("status=paid", "status", "The selected status is invalid."),
        ("status=accepted,paid", "status", "The selected status is invalid."),
        ("Status[]=paid", "Status", "The selected Status is invalid."),
        ("credit=1.5", "credit", "The credit field must be an integer."),
        ("credits=2147483648", "credits", "The credits field must be an integer."),
        ("credits=%D9%A3", "credits", "The credits field must be an integer."),
        ("credits[]=1", "credits", "The credits field must be a string."),
        ("amount=NaN", "amount", "The amount field must be a number."),
        ("amount=1e9999", "amount", "The amount field must be a number."),
        ("mine=maybe", "mine", "The mine field must be true or false."),
        ("id=7", "id", "The id field must be a valid UUID."),
        (
            "created_at_after=2024-02-30",
            "created_at_after",
            "The created at after field must be a valid date.",
        ),
        ("created_at_after=tomorrow", "created_at_after", "The created at after field must be a valid date."),
        ("since=9999-12-31", "since", "The since field must be a valid date."),
        ("since=0001-01-01", "since", "The since field must be a valid date."),
        ("description=a%00b", "description", "The description field format is invalid."),
        (
            "description=" + "x" * 256,
            "description",
            "The description field must not be greater than 255 characters.",
        ),
    ],
)
def test_bad_values_are_told(acme: Organization, query: str, name: str, sentence: str) -> None:
    with pytest.raises(Invalid) as caught:
        narrowed(query)

    assert caught.value.errors == {name: [sentence]}


def test_every_bad_value_is_told(acme: Organization) -> None:
    with pytest.raises(Invalid) as caught:
        narrowed("status=paid&credits=x&mine=1&created_at_after=x")

    assert sorted(caught.value.errors) == ["created_at_after", "credits", "status"]


def test_openapi_document_says_what_there_is() -> None:
    parameters = {parameter.name: parameter for parameter in TransactionFilters.parameters()}

    assert list(parameters) == [
        "id", "status", "description", "currency", "credits", "amount", "mine", "created_at_after", "created_at_before",
    ]  # fmt: skip
    assert parameters["status"].type == {"type": "string", "enum": ["request", "accepted", "declined"]}
    assert parameters["status"].description == "What became of it."
    assert parameters["credits"].description == "This number. `credit` means the same."
