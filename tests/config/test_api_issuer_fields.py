"""Values on the wire: how they are read, how they are answered, and what is said of those that are not accepted."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rest_framework import serializers

from config.api.issuer.errors import Invalid
from config.api.issuer.fields import (
    DayField,
    FlagField,
    Input,
    MomentField,
    ObjectField,
    TextField,
    WholeField,
    read_moment,
    spaced,
    timestamp,
)
from config.api.issuer.wording import attribute, message_of


class EarnerInput(Input):
    recipient_email = serializers.EmailField(max_length=254)
    metadata = ObjectField(required=False, allow_null=True)


class InfoInput(Input):
    city = TextField(required=False, allow_null=True)


class ThingInput(Input):
    """A field of every kind."""

    name = TextField(max_length=10)
    type = serializers.ChoiceField(["a", "b"], required=False)
    website = serializers.URLField(required=False, allow_null=True)
    count = WholeField(required=False, min_value=1, max_value=5)
    price = serializers.DecimalField(max_digits=5, decimal_places=2, required=False)
    flag = FlagField(required=False)
    due_at = MomentField(required=False, allow_null=True)
    day = DayField(required=False)
    template_id = serializers.UUIDField(required=False)
    tags = serializers.ListField(child=TextField(), required=False, max_length=2)
    info = InfoInput(required=False)
    earners = EarnerInput(many=True, required=False)
    logo = serializers.FileField(required=False)


def checked(body: Any, zone: str = "UTC") -> dict[str, Any]:
    return ThingInput(data=body, context={"time_zone": zone}).checked()


def errors(body: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        checked(body)
    return caught.value.errors


def test_good_values_are_read() -> None:
    assert checked(
        {
            "name": "  Zoë ",
            "website": "",
            "count": "3",
            "flag": "0",
            "due_at": "2024-07-01 12:00:00",
            "day": "2024-07-01",
            "tags": ["a", "b"],
            "info": {"city": " ", "unknown": 1},
            "earners": [{"recipient_email": " a@b.example ", "metadata": {"Mark": 4, "deep": {"x": [None]}}}],
            "unknown": 5,
        },
        "Europe/Rome",
    ) == {
        "name": "Zoë",
        "website": None,
        "count": 3,
        "flag": False,
        "due_at": datetime(2024, 7, 1, 10, tzinfo=UTC),
        "day": date(2024, 7, 1),
        "tags": ["a", "b"],
        "info": {"city": None},
        "earners": [{"recipient_email": "a@b.example", "metadata": {"Mark": 4, "deep": {"x": [None]}}}],
    }


def test_empty_list_is_an_empty_object_as_php_writes_it() -> None:
    values = checked(
        {"name": "x", "info": [], "earners": [{"recipient_email": "a@b.example", "metadata": []}]}
    )

    assert values["info"] == {}
    assert values["earners"][0]["metadata"] == {}


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        (True, True),
        (1, True),
        ("1", True),
        ("true", True),
        (False, False),
        (0, False),
        ("0", False),
        ("false", False),
    ],
)
def test_flags_are_read_in_every_form(value: Any, meant: bool) -> None:
    assert checked({"name": "x", "flag": value})["flag"] is meant


@pytest.mark.parametrize("value", [2, -1, 1.0, 0.0, "yes", "on", "True ", [], {}, [1], "01"])
def test_flags_of_other_forms_are_told(value: Any) -> None:
    assert errors({"name": "x", "flag": value}) == {"flag": ["The flag field must be true or false."]}


EACH_FAULT: list[tuple[dict[str, Any], dict[str, list[str]]]] = [
    ({"name": None}, {"name": ["The name field is required."]}),
    ({"name": " "}, {"name": ["The name field is required."]}),
    ({"name": 5}, {"name": ["The name field must be a string."]}),
    ({"name": ["x"]}, {"name": ["The name field must be a string."]}),
    ({"name": "x" * 11}, {"name": ["The name field must not be greater than 10 characters."]}),
    ({"name": "a\x00"}, {"name": ["The name field format is invalid."]}),
    ({"name": "\ud800"}, {"name": ["The name field format is invalid."]}),
    ({"type": "c"}, {"type": ["The selected type is invalid."]}),
    ({"type": {"x": 1}}, {"type": ["The selected type is invalid."]}),
    ({"website": "nowhere"}, {"website": ["The website field must be a valid URL."]}),
    ({"website": "javascript:alert(1)"}, {"website": ["The website field must be a valid URL."]}),
    ({"count": "x"}, {"count": ["The count field must be an integer."]}),
    ({"count": True}, {"count": ["The count field must be an integer."]}),
    ({"count": 1.0}, {"count": ["The count field must be an integer."]}),
    ({"count": "9" * 2000}, {"count": ["The count field must be an integer."]}),
    ({"count": 0}, {"count": ["The count field must be at least 1."]}),
    ({"count": 6}, {"count": ["The count field must not be greater than 5."]}),
    ({"price": "x"}, {"price": ["The price field must be a number."]}),
    ({"due_at": "soon"}, {"due_at": ["The due at field must be a valid date."]}),
    ({"due_at": 5}, {"due_at": ["The due at field must be a valid date."]}),
    ({"due_at": "2024-02-30"}, {"due_at": ["The due at field must be a valid date."]}),
    ({"due_at": "0001-01-01"}, {"due_at": ["The due at field must be a valid date."]}),
    ({"day": "2024-13-01"}, {"day": ["The day field must be a valid date."]}),
    ({"template_id": "7"}, {"template_id": ["The template id field must be a valid UUID."]}),
    ({"template_id": 7.5}, {"template_id": ["The template id field must be a valid UUID."]}),
    ({"tags": "a"}, {"tags": ["The tags field must be an array."]}),
    ({"tags": ["a", "b", "c"]}, {"tags": ["The tags field must not have more than 2 items."]}),
    ({"tags": ["a", 5]}, {"tags.1": ["The tags.1 field must be a string."]}),
    ({"info": "Rome"}, {"info": ["The info field must be an array."]}),
    ({"info": {"city": 5}}, {"info.city": ["The info.city field must be a string."]}),
    ({"earners": {}}, {"earners": ["The earners field must be an array."]}),
    ({"earners": ["x"]}, {"earners.0": ["The earners.0 field must be an array."]}),
    (
        {"earners": [{"recipient_email": "a@b.example"}, {"recipient_email": "x"}]},
        {"earners.1.recipient_email": ["The earners.1.recipient_email field must be a valid email address."]},
    ),
    (
        {"earners": [{"recipient_email": "a@b.example", "metadata": [1]}]},
        {"earners.0.metadata": ["The earners.0.metadata field must be an array."]},
    ),
    ({"logo": "text"}, {"logo": ["The logo field must be a file."]}),
]


@pytest.mark.parametrize(("fault", "expected"), EACH_FAULT, ids=[repr(fault)[:40] for fault, _ in EACH_FAULT])
def test_each_fault_is_told_in_laravel_s_words(fault: dict[str, Any], expected: dict[str, list[str]]) -> None:
    assert errors({"name": "x"} | fault) == expected


def test_all_faults_are_told_at_once_in_the_order_of_the_fields() -> None:
    found = errors({"earners": [{}, {"recipient_email": 5}], "count": "x", "name": 5})

    assert list(found) == ["name", "count", "earners.0.recipient_email", "earners.1.recipient_email"]
    assert message_of(found) == "The name field must be a string. (and 3 more errors)"


@pytest.mark.parametrize(
    "value", [{"a": "x\x00"}, {"a": {"b": ["\ud800"]}}, {"\x00": 1}, {"n": 2**63}, {"n": -(2**70)}]
)
def test_objects_that_no_database_keeps_are_told(value: Any) -> None:
    found = errors({"name": "x", "earners": [{"recipient_email": "a@b.example", "metadata": value}]})

    assert list(found) == ["earners.0.metadata"]


def test_summary_counts_the_other_errors() -> None:
    assert message_of({"a": ["One."]}) == "One."
    assert message_of({"a": ["One.", "Two."]}) == "One. (and 1 more error)"
    assert message_of({"a": ["One."], "b": ["Two.", "Three."]}) == "One. (and 2 more errors)"


def test_values_are_called_in_words_or_as_they_stand_in_lists() -> None:
    assert attribute(["address_info", "city"]) == "address info.city"
    assert attribute(["earners", "0", "recipient_email"]) == "earners.0.recipient_email"


ROME = ZoneInfo("Europe/Rome")


@pytest.mark.parametrize(
    ("text", "is_end", "expected"),
    [
        ("2024-07-01", False, datetime(2024, 6, 30, 22, tzinfo=UTC)),
        ("2024-07-01", True, datetime(2024, 7, 1, 21, 59, 59, 999_999, UTC)),
        ("2024-07-01 10:00:00", True, datetime(2024, 7, 1, 8, tzinfo=UTC)),
        ("2024-07-01T10:00:00", False, datetime(2024, 7, 1, 8, tzinfo=UTC)),
        ("2024-07-01T10:00:00Z", False, datetime(2024, 7, 1, 10, tzinfo=UTC)),
        ("2024-07-01T10:00:00.5+02:00", False, datetime(2024, 7, 1, 8, 0, 0, 500_000, UTC)),
        ("2024-07-01 10:00", False, datetime(2024, 7, 1, 8, tzinfo=UTC)),
        # The hour that there is twice, and the one that there is not: read, whichever is meant.
        ("2024-10-27 02:30:00", False, datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        ("2024-03-31 02:30:00", False, datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
        *(
            (text, False, None)
            for text in (
                "",
                "x",
                "2024",
                "2024-7-1x",
                "2024-02-30",
                "10:00",
                "2024-07-01 25:00",
                "0001-01-01",
            )
        ),
        ("9999-12-31T23:59:59-14:00", False, None),
    ],
)
def test_moments_are_read_in_a_time_zone(text: str, is_end: bool, expected: datetime | None) -> None:
    assert read_moment(text, ROME, is_end=is_end) == expected


def test_moments_are_answered_in_two_forms() -> None:
    moment = datetime(2024, 6, 17, 6, 37, 33, 120_000, UTC)

    assert timestamp(moment) == "2024-06-17T06:37:33.120000Z"
    assert timestamp(moment.astimezone(ROME)) == "2024-06-17T06:37:33.120000Z"
    assert spaced(moment) == "2024-06-17 06:37:33"
    assert spaced(moment, ROME) == "2024-06-17 08:37:33"
    assert (timestamp(None), spaced(None)) == (None, None)
    long_ago = moment.replace(year=987)
    assert (timestamp(long_ago), spaced(long_ago)) == ("0987-06-17T06:37:33.120000Z", "0987-06-17 06:37:33")
