"""Lists of earners in the issuer API, to the letter of seed 002."""

from typing import Any

import pytest

from earners.api.issuer_lists import EarnersListRowShape, EarnersListShape
from earners.models import Earner, EarnersList
from earners.services import ListedPerson, Person, add_earners, create_list
from organizations.enums import ApiScope, OrganizationStatus
from organizations.models import Organization
from tests import factories
from tests.api import Api, assert_as_in_seed, assert_has_shape, golden, seed

LISTS = "/earners_lists"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def listed(acme: Organization) -> EarnersList:
    """A list of acme's with two earners."""
    people = [
        ListedPerson(email="ada@example.org", first_name="Ada", last_name="Lovelace", metadata={"Mark": 4}),
        ListedPerson(email="grace@example.org", first_name="Grace", last_name="Hopper"),
    ]
    return create_list(
        organization=acme, name="Class", description="Facilitated in Paris", people=people, by=None
    )


def test_post_makes_the_list_of_the_seed(api: Api, acme: Organization) -> None:
    request = seed("earners_list_request")

    response = api.post(LISTS, request)

    assert response.status_code == 201
    body = response.json()
    assert_as_in_seed(body, seed("earners_list_created"))
    assert_has_shape(body["data"], EarnersListShape)
    golden("earners_list", body)
    assert [
        {name: earner[name] for name in request["earners"][0]} for earner in body["data"]["earners"]
    ] == request["earners"]
    acme.refresh_from_db()
    assert (acme.earners_count, EarnersList.objects.get().earners_count) == (2, 2)


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_post_means_the_same_in_every_encoding(api: Api, acme: Organization, kind: str) -> None:
    fields = {
        "name": "Class",
        "type": "imported",
        "earners[0][recipient_email]": "ada@example.org",
        "earners[0][metadata][Mark]": "4",
        "earners[1][recipient_email]": "grace@example.org",
    }

    if kind == "form":
        content = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        response = api.raw("POST", LISTS, content, "application/x-www-form-urlencoded")
    else:
        response = api.form("POST", LISTS, fields)

    assert response.status_code == 201
    data = response.json()["data"]
    assert (data["name"], data["type"]) == ("Class", "import")
    assert [(one["recipient_email"], one["metadata"]) for one in data["earners"]] == [
        ("ada@example.org", {"Mark": "4"}),
        ("grace@example.org", None),
    ]


def test_post_takes_an_address_that_is_there_twice_once(api: Api, acme: Organization) -> None:
    earners = [
        {"recipient_email": "ada@example.org", "recipient_first_name": "Ada"},
        {"recipient_email": " ADA@example.org ", "recipient_first_name": "Other"},
    ]

    response = api.post(LISTS, {"name": "Class", "earners": earners})

    assert [one["recipient_first_name"] for one in response.json()["data"]["earners"]] == ["Ada"]
    assert (Earner.objects.count(), EarnersList.objects.get().earners_count) == (1, 1)


def test_post_knows_the_organizations_earners_and_no_others(
    api: Api, acme: Organization, foreign: EarnersList
) -> None:
    known = add_earners(organization=acme, people=[Person(email="ada@example.org")])["ada@example.org"]
    theirs = Earner.objects.get(organization=foreign.organization)
    earners = [{"recipient_email": "ada@example.org"}, {"recipient_email": theirs.email}]

    data = api.post(LISTS, {"name": "Class", "earners": earners}).json()["data"]

    assert data["earners"][0]["id"] == str(known.uuid)
    assert data["earners"][1]["id"] != str(theirs.uuid)
    assert Earner.objects.filter(organization=acme).count() == 2


def test_post_tells_every_error_at_once(api: Api, acme: Organization) -> None:
    body = {
        "name": " ",
        "status": "open",
        "type": 5,
        "description": 7,
        "earners": [
            {"recipient_email": "ada@example.org"},
            {"recipient_email": "nobody", "recipient_first_name": 4},
            "text",
            {"recipient_last_name": "x" * 256, "metadata": [1]},
            {
                "recipient_email": "a@example.org",
                "recipient_first_name": "bell\x07",
                "metadata": {"a": "\x00"},
            },
            {"recipient_email": None},
        ],
    }

    response = api.post(LISTS, body)

    assert response.status_code == 422
    assert response.json() == {
        "message": "The name field is required. (and 12 more errors)",
        "errors": {
            "name": ["The name field is required."],
            "description": ["The description field must be a string."],
            "status": ["The selected status is invalid."],
            "type": ["The selected type is invalid."],
            "earners.1.recipient_first_name": ["The earners.1.recipient_first_name field must be a string."],
            "earners.1.recipient_email": [
                "The earners.1.recipient_email field must be a valid email address."
            ],
            "earners.2": ["The earners.2 field must be an array."],
            "earners.3.recipient_last_name": [
                "The earners.3.recipient_last_name field must not be greater than 255 characters."
            ],
            "earners.3.recipient_email": ["The earners.3.recipient_email field is required."],
            "earners.3.metadata": ["The earners.3.metadata field must be an array."],
            "earners.4.recipient_first_name": ["The earners.4.recipient_first_name field format is invalid."],
            "earners.4.metadata": ["The format is invalid: at most 100 keys, and text without NUL."],
            "earners.5.recipient_email": ["The earners.5.recipient_email field is required."],
        },
    }
    assert (EarnersList.objects.count(), Earner.objects.count()) == (0, 0)


def test_post_takes_earners_whose_numbers_have_gaps(api: Api, acme: Organization) -> None:
    ada, nobody = {"recipient_email": "ada@example.org"}, {"recipient_email": "nobody"}

    refused = api.post(LISTS, {"name": "Class", "earners": {"3": ada, "7": nobody}})
    made = api.raw(
        "POST",
        LISTS,
        b"name=Class&earners[0][recipient_email]=ada@example.org&earners[2][recipient_email]=bea@example.org",
        "application/x-www-form-urlencoded",
    )

    assert list(refused.json()["errors"]) == ["earners.7.recipient_email"]
    assert [one["recipient_email"] for one in made.json()["data"]["earners"]] == [
        "ada@example.org",
        "bea@example.org",
    ]


@pytest.mark.parametrize("earners", ["text", {"a": 1}, 5, True])
def test_post_refuses_earners_that_are_no_list(api: Api, acme: Organization, earners: Any) -> None:
    response = api.post(LISTS, {"name": "Class", "earners": earners})

    assert response.status_code == 422
    assert response.json()["errors"] == {"earners": ["The earners field must be an array."]}
    assert EarnersList.objects.count() == 0


@pytest.mark.parametrize(
    "email",
    [
        "ß" * 120 + "@example.org",
        '"\x01"@example.org',
        "ada\x00@example.org",
        "a@" + "b." * 130 + "org",
        "@",
        "\ud800@b.it",
    ],
)
def test_post_refuses_addresses_that_cannot_be_kept(api: Api, acme: Organization, email: str) -> None:
    response = api.post(LISTS, {"name": "Class", "earners": [{"recipient_email": email}]})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["earners.0.recipient_email"]
    assert Earner.objects.count() == 0


def test_post_takes_what_is_unusual_and_right(api: Api, acme: Organization) -> None:
    earners = [
        {"recipient_email": "o'brien+tag@sub.example.museum", "recipient_first_name": "  Zoë  "},
        {"recipient_email": "user@bücher.example", "recipient_last_name": "م‌ح"},
    ]

    data = api.post(LISTS, {"name": "Class", "earners": earners}).json()["data"]

    assert [
        (one["recipient_email"], one["recipient_first_name"], one["recipient_last_name"])
        for one in data["earners"]
    ] == [
        ("o'brien+tag@sub.example.museum", "Zoë", None),
        ("user@bücher.example", None, "م‌ح"),
    ]


def test_post_refuses_more_than_a_hundred_thousand(api: Api, acme: Organization) -> None:
    response = api.post(LISTS, {"name": "Class", "earners": [None] * 100_001})

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "earners": ["The earners field must not have more than 100000 items."]
    }


def test_post_stops_after_a_thousand_bad_rows(api: Api, acme: Organization) -> None:
    response = api.post(LISTS, {"name": "Class", "earners": [None] * 3_000})

    assert response.status_code == 422
    assert len(response.json()["errors"]) == 1_000


def test_post_with_an_idempotency_key_makes_one_list(api: Api, acme: Organization) -> None:
    body = {"name": "Class", "earners": [{"recipient_email": "ada@example.org"}]}

    first = api.post(LISTS, body, Idempotency_Key="k1")
    second = api.post(LISTS, body, Idempotency_Key="k1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert EarnersList.objects.count() == 1


def test_list_is_as_the_seed_has_it(api: Api, listed: EarnersList) -> None:
    create_list(organization=listed.organization, name="Empty", by=None)

    body = api.get(LISTS).json()

    assert_as_in_seed(body, seed("earners_lists"))
    for row in body["data"]:
        assert_has_shape(row, EarnersListRowShape)
    golden("earners_lists", body)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"type": "import"}, ["Imported"]),
        ({"type": "imported"}, ["Imported"]),
        ({"type": "list"}, ["Éclair", "Class"]),
        ({"status": "disabled"}, ["Éclair"]),
        ({"name": "CLA"}, ["Éclair", "Class"]),
        ({"name": "écl"}, ["Éclair"]),
        ({"Created_at_after": "2024-06-02"}, ["Éclair", "Imported"]),
        ({"created_at_before": "2024-06-01"}, ["Class"]),
        ({"Created_at_before": "2024-06-02", "created_at_after": "2024-06-02"}, ["Imported"]),
        ({"type": "list", "status": "enabled"}, ["Class"]),
        ({"page": "2"}, []),
    ],
)
def test_list_is_filtered(api: Api, acme: Organization, query: dict[str, str], names: list[str]) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    # In Rome the second one is of 2 June already.
    for day, name, values in (
        ("2024-06-01 12:00Z", "Class", {}),
        ("2024-06-01 22:30Z", "Imported", {"type": "import"}),
        ("2024-06-03 12:00Z", "Éclair", {"status": "disabled"}),
    ):
        made = create_list(organization=acme, name=name, by=None)
        EarnersList.objects.filter(pk=made.pk).update(created_at=day, **values)

    body = api.get(LISTS, query).json()

    assert [row["name"] for row in body["data"]] == names


def test_list_refuses_unknown_values_in_filters(api: Api, acme: Organization) -> None:
    response = api.get(LISTS, {"type": "other", "status": "imported", "Created_at_after": "soon"})

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "type": ["The selected type is invalid."],
        "status": ["The selected status is invalid."],
        "Created_at_after": ["The Created at after field must be a valid date."],
    }


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_two_queries_beside_the_key(
    api: Api, acme: Organization, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        create_list(organization=acme, name=f"List {number}", by=None)
    api.get(LISTS)

    with django_assert_num_queries(3):
        assert api.get(LISTS).json()["meta"]["total"] == count


def test_get_answers_everybody_on_the_list(api: Api, listed: EarnersList) -> None:
    body = api.get(f"{LISTS}/{listed.uuid}").json()

    assert_as_in_seed(body, seed("earners_list"))
    assert [one["recipient_email"] for one in body["data"]["earners"]] == [
        "ada@example.org",
        "grace@example.org",
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_get_takes_three_queries_for_any_number_of_earners(
    api: Api, acme: Organization, count: int, django_assert_num_queries: Any
) -> None:
    people = [Person(email=f"p{number}@example.org") for number in range(count)]
    made = create_list(organization=acme, name="Class", people=people, by=None)
    api.get(LISTS)

    with django_assert_num_queries(3):
        assert len(api.get(f"{LISTS}/{made.uuid}").json()["data"]["earners"]) == count


def test_put_changes_what_is_sent_and_nothing_else(api: Api, listed: EarnersList) -> None:
    before = api.get(f"{LISTS}/{listed.uuid}").json()["data"]

    body = api.put(
        f"{LISTS}/{listed.uuid}", {"status": "disabled", "description": None, "earners": []}
    ).json()

    assert_as_in_seed(body, seed("earners_list_updated"))
    assert body["data"] == before | {
        "status": "disabled",
        "description": None,
        "updated_at": body["data"]["updated_at"],
    }
    assert body["data"]["updated_at"] > before["updated_at"]


def test_put_without_anything_changes_nothing(api: Api, listed: EarnersList) -> None:
    before = api.get(f"{LISTS}/{listed.uuid}").json()

    assert api.put(f"{LISTS}/{listed.uuid}", {}).json() == before


def test_put_tells_every_error(api: Api, listed: EarnersList) -> None:
    response = api.put(f"{LISTS}/{listed.uuid}", {"name": None, "status": 1, "type": "x"})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["name", "status", "type"]
    listed.refresh_from_db()
    assert listed.name == "Class"


def test_delete_leaves_the_earners_known(api: Api, listed: EarnersList, acme: Organization) -> None:
    response = api.delete(f"{LISTS}/{listed.uuid}")

    assert (response.status_code, response.content) == (204, b"")
    assert "Content-Type" not in response
    assert EarnersList.objects.count() == 0
    acme.refresh_from_db()
    assert (acme.earners_count, Earner.objects.count()) == (2, 2)
    assert api.delete(f"{LISTS}/{listed.uuid}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_lists_of_others_look_like_none(api: Api, foreign: EarnersList, method: str) -> None:
    answers = [
        api.send(method, f"{LISTS}/{uuid}", None if method == "GET" else {"name": "Mine"})
        for uuid in (foreign.uuid, "00000000-0000-4000-8000-000000000000")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert api.get(LISTS).json()["data"] == []
    foreign.refresh_from_db()
    assert (foreign.name, foreign.earners_count) == ("Secret", 1)


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        ([ApiScope.READ], "POST", 403),
        ([ApiScope.ISSUE], "GET", 403),
        ([ApiScope.WRITE], "GET", 403),
        ([ApiScope.WRITE], "POST", 201),
    ],
)
def test_lists_take_the_scope(acme: Organization, scopes: list[ApiScope], method: str, status: int) -> None:
    api = Api(factories.api_key(acme, *scopes)[1])

    assert api.send(method, LISTS, {"name": "Class"} if method == "POST" else None).status_code == status


def test_disabled_organization_keeps_its_lists_as_they_are(api: Api, listed: EarnersList) -> None:
    Organization.objects.update(status=OrganizationStatus.DISABLED)

    for response in (
        api.post(LISTS, {"name": "New"}),
        api.put(f"{LISTS}/{listed.uuid}", {"name": "New"}),
        api.delete(f"{LISTS}/{listed.uuid}"),
    ):
        assert response.status_code == 403
    assert [row["name"] for row in api.get(LISTS).json()["data"]] == ["Class"]
