"""What is true of every route of the issuer API: who is heard, what is refused and how, and what caches are told."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from config.api.json_bodies import MAX_BYTES
from organizations.enums import ApiScope, Role
from organizations.models import ApiKey, Organization, User
from organizations.services.access import revoke_api_key
from organizations.services.members import add_member
from tests import factories
from tests.api import BASE, Api

JSON = "application/json"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def assert_unchanged(acme: Organization) -> None:
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_unknown_keys_are_not_heard(acme: Organization, acme_key: str) -> None:
    prefix, _line, _secret = acme_key.rpartition("_")
    for header in (
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        f"Bearer {prefix}_wrong",
        f"Basic {acme_key}",
        acme_key,
        f"Bearer {acme_key}x",
        "Bearer lrl_é_x",
    ):
        response = Client().get(BASE, headers={"Authorization": header} if header else {})

        assert (response.status_code, response.json()) == (401, {"message": "Unauthenticated."}), header
        assert response["WWW-Authenticate"] == "Bearer"
        assert response["Content-Type"] == JSON


def test_revoked_key_is_not_heard(api: Api, acme: Organization) -> None:
    assert api.get().status_code == 200
    revoke_api_key(key=ApiKey.objects.get(), by=None)

    assert api.get().json() == {"message": "Unauthenticated."}


def test_scope_is_named_that_is_missing(acme: Organization) -> None:
    response = Api(factories.api_key(acme, ApiScope.READ)[1]).put("", {"name": "Other"})

    assert (response.status_code, response.json()) == (
        403,
        {"message": "This API key lacks the scope “write”."},
    )
    assert_unchanged(acme)


def test_member_who_is_signed_in_may_what_the_role_may(acme: Organization, bob: User, client: Client) -> None:
    client.force_login(bob)

    assert client.get(BASE).json()["data"]["name"] == "Acme Academy"
    response = client.put(BASE, {"name": "Other"}, JSON)

    assert response.status_code == 403
    assert_unchanged(acme)


def test_session_writes_with_a_csrf_token_alone(acme: Organization, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    response = client.put(BASE, {"name": "Other"}, JSON)

    assert response.status_code == 403
    assert response["Content-Type"] == JSON
    assert_unchanged(acme)


def test_member_of_two_names_one(
    acme: Organization, globex: Organization, alice: User, client: Client
) -> None:
    add_member(organization=globex, user=alice, role=Role.VIEWER, by=None)
    client.force_login(alice)

    named = client.get(BASE, headers={"Laurel-Organization": str(globex.uuid)})

    assert named.json()["data"]["name"] == "Globex College"
    assert client.get(BASE).json()["data"]["name"] == "Acme Academy"


def test_stranger_who_is_signed_in_sees_nothing(acme: Organization, charlie: User, client: Client) -> None:
    client.force_login(charlie)

    for headers in ({}, {"Laurel-Organization": str(acme.uuid)}, {"Laurel-Organization": "x"}):
        response = client.get(BASE, headers=headers)
        assert (response.status_code, response.json()) == (
            403,
            {"message": "You are not a member of this organization."},
        )


def test_method_that_is_not_there_names_those_that_are(api: Api, acme: Organization) -> None:
    response = api.delete()

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, PUT"
    assert response.json() == {
        "message": (
            "The DELETE method is not supported for route api/v1/issuers/organization."
            " Supported methods: GET, HEAD, PUT."
        )
    }


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "dispatch", "__class__"])
def test_strange_methods_are_not_there(api: Api, acme: Organization, method: str) -> None:
    assert api.raw(method, "", b"", "").status_code == 405


def test_options_say_the_methods(api: Api, acme: Organization) -> None:
    response = api.raw("OPTIONS", "", b"", "")

    assert (response.status_code, response["Allow"], response.content) == (204, "GET, HEAD, PUT", b"")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "", "nonsense", "application/json-patch+json"]
)
def test_other_bodies_are_not_read(api: Api, acme: Organization, content_type: str) -> None:
    response = api.raw("PUT", "", b'{"name": "Other"}', content_type)

    assert response.status_code == 415
    assert response["Accept"] == "application/json, application/x-www-form-urlencoded, multipart/form-data"
    assert_unchanged(acme)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[1]",
        b'{"name": NaN}',
        b'{"name": "a", "name": "b"}',
        b"\xff",
        b"[" * 100_000,
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_broken_json_is_a_bad_request(api: Api, acme: Organization, content: bytes, method: str) -> None:
    path = "" if method == "PUT" else "/badges"

    response = api.raw(method, path, content, JSON)

    assert response.status_code == 400
    assert list(response.json()) == ["message"]
    assert_unchanged(acme)


def test_who_asks_is_known_before_the_body_is_judged(acme: Organization) -> None:
    assert Api("lrl_none").raw("POST", "/badges", b"{", JSON).status_code == 401


def test_large_bodies_are_not_read(api: Api, acme: Organization) -> None:
    response = api.raw("PUT", "", b'{"name": "' + b"a" * MAX_BYTES + b'"}', JSON)

    assert response.status_code == 413
    assert_unchanged(acme)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "a\x00b"},
        {"name": "a\ud800b"},
        {"name": ["a"]},
        {"name": {"a": 1}},
        {"name": True},
        {"name": 1e300},
        {"address_info": "Rome"},
        {"address_info": [1]},
        {"address_info": {"city": {"x": 1}}},
        {"settings": {"public_profile": 10**50}},
        {"settings": {"public_profile": 1.0}},
        {"language": {"$ne": 1}},
        {"type": None},
        {"name": "x" * 1_000_000},
    ],
)
def test_values_of_wrong_kinds_are_told(api: Api, acme: Organization, body: dict[str, Any]) -> None:
    response = api.put("", body)

    assert response.status_code == 422
    assert list(response.json()) == ["message", "errors"]
    assert_unchanged(acme)


def test_unchanged_answer_is_not_sent_again(api: Api, acme: Organization) -> None:
    first = api.get()
    etag = first["ETag"]

    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = api.get(If_None_Match=condition)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert "Content-Type" not in again
        assert again["Cache-Control"] == "private, no-cache"
    api.put("", {"name": "Acme School"})
    changed = api.get(If_None_Match=etag)

    assert changed.status_code == 200
    assert changed["ETag"] != etag


def test_answers_are_one_s_own(api: Api, acme: Organization) -> None:
    response = api.get()

    assert response["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie", "Accept-Language"} <= set(response["Vary"].split(", "))
    assert response["Content-Type"] == JSON
    assert "Set-Cookie" not in response


def test_refusals_have_no_etag(api: Api, acme: Organization) -> None:
    assert "ETag" not in api.put("", {"name": ""})


def test_head_is_like_get(api: Api, acme: Organization) -> None:
    response = api.raw("HEAD", "", b"", "")

    assert response.status_code == 200
    assert response["ETag"] == api.get()["ETag"]
    assert response.content == b""


@pytest.mark.parametrize("override", ["PUT", "put", "Put"])
def test_post_may_name_its_method(api: Api, acme: Organization, override: str) -> None:
    response = api.post("", {"_method": override, "name": "Acme School"})

    assert response.status_code == 200
    assert response.json()["data"]["name"] == "Acme School"


@pytest.mark.parametrize("override", ["GET", "OPTIONS", "x", 5, None, ["PUT"], ""])
def test_post_may_name_no_other_method(api: Api, acme: Organization, override: Any) -> None:
    response = api.post("", {"_method": override, "name": "Other"})

    assert response.status_code == 405
    assert_unchanged(acme)


def test_language_is_the_reader_s_or_the_organization_s(api: Api, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(language="it")

    assert api.get()["Content-Language"] == "it"
    for spoken, accepted in {
        "en": ("en", "fr, en;q=0.5", "en-GB"),
        "it": ("*", "fr", "fr, *;q=0.1, en;q=0.05"),
    }.items():
        for one in accepted:
            assert api.get(Accept_Language=one)["Content-Language"] == spoken


@pytest.mark.usefixtures("middle_of_a_minute")
def test_too_many_requests_are_told_when_to_come_again(
    api: Api, acme: Organization, settings: Settings
) -> None:
    settings.API_RATE_LIMIT = 3

    answers = [api.get() for _number in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer["X-RateLimit-Limit"] for answer in answers] == ["3"] * 4
    assert [answer["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert [name for name in ("Retry-After", "X-RateLimit-Reset") if name in answers[2]] == []
    assert int(answers[3]["X-RateLimit-Reset"]) > int(answers[3]["Retry-After"])
    assert answers[3].json() == {"message": "Too Many Attempts."}
    assert json.loads(answers[0].content)["data"]["name"] == "Acme Academy"


@pytest.mark.usefixtures("middle_of_a_minute")
def test_refused_requests_count_too(api: Api, acme: Organization, settings: Settings) -> None:
    settings.API_RATE_LIMIT = 2

    assert [api.put("", {"name": ""}).status_code for _number in range(3)] == [422, 422, 429]


def test_body_in_chunks_is_refused_rather_than_taken_for_none(acme_key: str) -> None:
    client = Client()

    response = client.generic(
        "POST",
        "/api/v1/issuers/organization/badges",
        headers={"Authorization": f"Bearer {acme_key}", "Transfer-Encoding": "chunked"},
        CONTENT_LENGTH="",
    )

    assert response.status_code == 411
    assert response.json() == {"message": "Send the header Content-Length: a body in chunks is not read."}
