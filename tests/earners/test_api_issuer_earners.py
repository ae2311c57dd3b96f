"""Earners in the issuer API: on a list, in a file, and all whom the organization knows."""

from typing import Any

import pytest

from earners.api.issuer_earners import EarnerShape, EarnerWithListsShape
from earners.api.issuer_people import ListedEarnerShape
from earners.models import Earner, EarnersList
from earners.services import (
    Person,
    create_list,
)
from organizations.models import Organization
from tests.api import Api, assert_has_shape, golden
from tests.earners.membership_counts import ada_of, counts


@pytest.fixture
def members(listed: EarnersList) -> str:
    """The path of the earners on the list."""
    return f"/earners_lists/{listed.uuid}/earners"


def test_list_earners_are_paged_newest_first(api: Api, members: str) -> None:
    body = api.get(members, {"per_page": "1"}).json()

    assert [one["recipient_email"] for one in body["data"]] == ["grace@example.org"]
    assert (body["meta"]["total"], body["meta"]["last_page"]) == (2, 2)
    assert_has_shape(body["data"][0], ListedEarnerShape)
    golden("earners_list_earners", body)


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ({"search": "LOVE"}, ["ada@example.org"]),
        ({"search": "@example"}, ["grace@example.org", "ada@example.org"]),
        ({"email": "ADA@Example.org"}, ["ada@example.org"]),
        ({"recipient_email": "ada@example"}, []),
    ],
)
def test_list_earners_are_filtered(api: Api, members: str, query: dict[str, str], emails: list[str]) -> None:
    body = api.get(members, query).json()

    assert [one["recipient_email"] for one in body["data"]] == emails
    assert body["meta"]["total"] == len(emails)


@pytest.mark.parametrize("count", [1, 3])
def test_list_earners_take_two_queries_beside_the_key(
    api: Api, acme: Organization, count: int, django_assert_num_queries: Any
) -> None:
    people = [Person(email=f"p{number}@example.org") for number in range(count)]
    made = create_list(organization=acme, name="Class", people=people, by=None)
    api.get()

    with django_assert_num_queries(3):
        body = api.get(f"/earners_lists/{made.uuid}/earners").json()
    assert len(body["data"]) == body["meta"]["total"] == count


def test_post_puts_one_on_the_list(api: Api, members: str, listed: EarnersList) -> None:
    response = api.post(members, {"recipient_email": "alan@example.org", "metadata": {"Mark": 3}})

    assert response.status_code == 201
    data = response.json()["data"]
    assert_has_shape(data, ListedEarnerShape)
    assert (data["recipient_email"], data["recipient_first_name"], data["metadata"]) == (
        "alan@example.org",
        None,
        {"Mark": 3},
    )
    assert counts(listed) == (3, 3, 3)
    assert api.get(f"{members}/{data['id']}").json()["data"] == data


def test_post_puts_many_on_the_list_and_changes_who_stands_there(
    api: Api, members: str, listed: EarnersList
) -> None:
    earners = [
        {"recipient_email": "alan@example.org"},
        {
            "recipient_email": "ADA@example.org",
            "recipient_first_name": "Augusta",
            "recipient_last_name": "King",
            "metadata": {"Room": "5"},
        },
        {"recipient_email": "grace@example.org"},
    ]

    response = api.post(members, {"earners": earners})

    assert response.status_code == 201
    assert [
        (one["recipient_email"], one["recipient_first_name"], one["metadata"])
        for one in response.json()["data"]
    ] == [
        ("alan@example.org", None, None),
        ("ada@example.org", "Augusta", {"Mark": 4, "Room": "5"}),
        ("grace@example.org", "Grace", None),
    ]
    assert counts(listed) == (3, 3, 3)
    assert Earner.objects.get(email="ada@example.org").last_name == "King"
    assert api.post(members, {"earners": earners}).status_code == 200
    assert counts(listed) == (3, 3, 3)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["recipient_email"]),
        ({"recipient_email": "nobody"}, ["recipient_email"]),
        ({"earners": []}, []),
        ({"earners": None}, ["earners"]),
        ({"earners": [{"recipient_email": "x@example.org"}, {}]}, ["earners.1.recipient_email"]),
    ],
)
def test_post_refuses_and_puts_nobody(
    api: Api, members: str, listed: EarnersList, body: dict[str, Any], fields: list[str]
) -> None:
    response = api.post(members, body)

    assert response.status_code == (422 if fields else 200)
    assert list(response.json().get("errors", {})) == fields
    assert counts(listed) == (2, 2, 2)


def test_put_changes_names_and_metadata_of_this_list(api: Api, members: str, listed: EarnersList) -> None:
    ada = ada_of(listed).earner
    other = create_list(
        organization=listed.organization,
        name="Other",
        people=[Person(email=ada.email, first_name="A.")],
        by=None,
    )

    body = api.put(
        f"{members}/{ada.uuid}",
        {"recipient_first_name": "Augusta", "metadata": {"Room": 5, "Mark": None}},
    ).json()["data"]

    assert (body["recipient_first_name"], body["recipient_last_name"], body["metadata"]) == (
        "Augusta",
        "Lovelace",
        {"Room": 5},
    )
    assert other.memberships.get().first_name == "A."
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name) == ("Augusta", "Lovelace")
    assert api.put(f"{members}/{ada.uuid}", {"metadata": None}).json()["data"]["metadata"] is None


def test_put_corrects_an_address_that_is_free(
    api: Api, members: str, listed: EarnersList, foreign: EarnersList
) -> None:
    ada = ada_of(listed).earner
    Earner.objects.filter(pk=ada.pk).update(email_verified_at="2024-06-01 12:00Z")
    assert api.get(f"{members}/{ada.uuid}").json()["data"]["email_verified_at"] == "2024-06-01 12:00:00"

    # It is somebody's in another organization, which is nobody's business here.
    response = api.put(f"{members}/{ada.uuid}", {"recipient_email": "Mole@globex.example"})

    assert response.status_code == 200
    data = response.json()["data"]
    assert (data["id"], data["recipient_email"], data["email_verified_at"]) == (
        str(ada.uuid),
        "Mole@globex.example",
        None,
    )
    ada.refresh_from_db()
    assert ada.email_key == "mole@globex.example"
    assert counts(listed) == (2, 2, 2)


def test_put_refuses_an_address_of_another_earner(api: Api, members: str, listed: EarnersList) -> None:
    ada = ada_of(listed).earner

    response = api.put(
        f"{members}/{ada.uuid}", {"recipient_email": "GRACE@example.org", "recipient_first_name": "Other"}
    )

    assert response.status_code == 422
    assert response.json() == {
        "message": "Another earner of the organization has this address.",
        "errors": {"recipient_email": ["Another earner of the organization has this address."]},
    }
    membership = ada_of(listed)
    assert (membership.earner.email, membership.first_name) == ("ada@example.org", "Ada")


def test_delete_takes_off_the_list_and_out_of_no_other(api: Api, members: str, listed: EarnersList) -> None:
    ada = ada_of(listed).earner

    response = api.delete(f"{members}/{ada.uuid}")

    assert (response.status_code, response.content) == (204, b"")
    assert counts(listed) == (1, 1, 2)
    assert api.delete(f"{members}/{ada.uuid}").status_code == 404
    assert api.get(f"/earners/{ada.uuid}").json()["data"]["earners_lists"] == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_lists_and_earners_of_others_look_like_none(
    api: Api, members: str, listed: EarnersList, foreign: EarnersList, method: str
) -> None:
    mole = foreign.memberships.get().earner
    ada = ada_of(listed).earner
    nobody = "00000000-0000-4000-8000-000000000000"
    body = {"recipient_email": "new@example.org"}

    paths = (
        [f"/earners_lists/{uuid}/earners" for uuid in (foreign.uuid, nobody)]
        if method == "POST"
        else [
            f"/earners_lists/{foreign.uuid}/earners/{mole.uuid}",
            f"/earners_lists/{foreign.uuid}/earners/{ada.uuid}",
            f"{members}/{mole.uuid}",
            f"{members}/{nobody}",
        ]
    )
    answers = [api.send(method, path, None if method == "GET" else body) for path in paths]

    assert [answer.status_code for answer in answers] == [404] * len(paths)
    assert Earner.objects.filter(email="new@example.org").count() == 0
    assert (counts(foreign), counts(listed)) == ((1, 1, 1), (2, 2, 2))
    assert api.get(f"/earners/{mole.uuid}").json() == api.get(f"/earners/{nobody}").json()


def test_earners_are_those_of_the_organization(api: Api, listed: EarnersList, foreign: EarnersList) -> None:
    body = api.get("/earners").json()

    assert [one["recipient_email"] for one in body["data"]] == ["grace@example.org", "ada@example.org"]
    for one in body["data"]:
        assert_has_shape(one, EarnerShape)
    golden("earners", body)


@pytest.mark.parametrize("count", [1, 3])
def test_earners_take_one_query_beside_the_key(
    api: Api, acme: Organization, count: int, django_assert_num_queries: Any
) -> None:
    people = [Person(email=f"p{number}@example.org") for number in range(count)]
    create_list(organization=acme, name="Class", people=people, by=None)
    api.get()

    with django_assert_num_queries(2):
        assert len(api.get("/earners").json()["data"]) == count


def test_earners_are_filtered(
    api: Api, acme: Organization, listed: EarnersList, foreign: EarnersList
) -> None:
    create_list(organization=acme, name="Other", people=[Person(email="ada@example.org")], by=None)

    def found(**query: str) -> list[str]:
        return [one["recipient_email"] for one in api.get("/earners", query).json()["data"]]

    assert found(search="hop") == ["grace@example.org"]
    assert found(email="Ada@example.org") == ["ada@example.org"]
    assert found(list=str(listed.uuid)) == ["grace@example.org", "ada@example.org"]
    assert found(list=str(foreign.uuid)) == found(list="00000000-0000-4000-8000-000000000000") == []
    assert api.get("/earners", {"list": "x"}).json()["errors"] == {
        "list": ["The list field must be a valid UUID."]
    }


def test_earner_is_answered_with_their_lists(api: Api, listed: EarnersList) -> None:
    ada = ada_of(listed).earner

    body = api.get(f"/earners/{ada.uuid}").json()

    assert_has_shape(body["data"], EarnerWithListsShape)
    golden("earner", body)
