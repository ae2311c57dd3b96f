"""Every example of seed 002, lists of earners, replayed on what the demo holds."""

from typing import Any

from tests.api import Api, seed
from tests.seeds.comparing import assert_same


def made_list(issuer: Api, **more: Any) -> str:
    """Make the list of the seed, with more about each earner; return the path to it."""
    request = seed("earners_list_request")
    request["earners"] = [earner | more for earner in request["earners"]]
    response = issuer.post("/earners_lists", request)
    return f"/earners_lists/{response.json()['data']['id']}"


def test_seed_earners_list_created(issuer: Api) -> None:
    response = issuer.post("/earners_lists", seed("earners_list_request"))

    assert response.status_code == 201
    assert_same(response.json(), seed("earners_list_created"))


def test_seed_earners_list_updated(issuer: Api) -> None:
    path = made_list(issuer, metadata={"Mark": 4})

    response = issuer.put(path, {"name": "Students Culinary 2024", "description": "Facilitated in Paris"})

    assert response.status_code == 200
    assert_same(response.json(), seed("earners_list_updated"))
    assert response.json()["data"]["name"] == "Students Culinary 2024"


def test_seed_earners_list_retrieved(issuer: Api) -> None:
    response = issuer.get(made_list(issuer))

    assert response.status_code == 200
    assert_same(response.json(), seed("earners_list"))


def test_seed_earners_lists_listed(issuer: Api) -> None:
    for _ in range(30):
        made_list(issuer)

    response = issuer.get("/earners_lists")

    assert response.status_code == 200
    assert_same(response.json(), seed("earners_lists"))
    numbers = {
        key: response.json()["meta"][key] for key in ("current_page", "from", "last_page", "per_page", "to")
    }
    assert numbers == {key: seed("earners_lists")["meta"][key] for key in numbers}


def test_seed_earners_list_deleted(issuer: Api) -> None:
    path = made_list(issuer)

    response = issuer.delete(path)

    assert (response.status_code, response.content) == (204, b"")
    assert issuer.get(path).status_code == 404
