"""API keys in the issuer API: a key makes none that may more, or lives longer, than itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations.api.issuer_keys import ApiKeyShape, NewApiKeyShape
from organizations.enums import ApiScope, OrganizationStatus, Role
from organizations.exceptions import RoleTooLow
from organizations.models import ApiKey, Organization, User
from organizations.services.access import create_api_key, find_api_key, revoke_api_key
from tests import factories
from tests.api import BASE, Api, assert_has_shape, golden

KEYS = f"{BASE}/api_keys"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def test_post_shows_the_key_once(api: Api, acme: Organization) -> None:
    response = api.post(
        KEYS, {"name": " Moodle ", "scopes": ["issue", "read"], "expires_at": "2099-01-31 10:00:00"}
    )

    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    data = response.json()["data"]
    assert_has_shape(data, NewApiKeyShape)
    assert (data["name"], data["scopes"]) == ("Moodle", ["read", "issue"])
    found = find_api_key(data["key"])
    assert found is not None
    assert (str(found.uuid), found.organization) == (data["id"], acme)
    body = api.get(KEYS).content.decode()
    assert data["prefix"] in body
    assert data["key"] not in body
    assert found.digest not in body


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_two_queries_beside_the_key(
    api: Api, acme: Organization, globex: Organization, count: int, django_assert_num_queries: Any
) -> None:
    factories.api_key(globex)
    for _number in range(count - 1):
        factories.api_key(acme, ApiScope.READ)
    api.get()

    with django_assert_num_queries(3):
        body = api.get(KEYS).json()
    assert len(body["data"]) == count
    for one in body["data"]:
        assert_has_shape(one, ApiKeyShape)


def test_key_is_answered_by_its_id(api: Api, acme: Organization) -> None:
    key = factories.api_key(acme, ApiScope.READ)[0]
    ApiKey.objects.filter(pk=key.pk).update(prefix="0123456789ab")

    golden("api_key", api.get(f"{KEYS}/{key.uuid}").json())


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, ["name", "scopes"]),
        ({"name": "x" * 101, "scopes": []}, ["name", "scopes"]),
        ({"name": "x", "scopes": ["read", "admin"]}, ["scopes.1"]),
        ({"name": "x", "scopes": "read"}, ["scopes"]),
        ({"name": "x", "scopes": ["read"], "expires_at": "soon"}, ["expires_at"]),
        ({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01"}, ["expires_at"]),
    ],
)
def test_post_tells_what_is_wrong(
    api: Api, acme: Organization, body: dict[str, Any], fields: list[str]
) -> None:
    response = api.post(KEYS, body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == fields
    assert ApiKey.objects.count() == 1


def test_key_makes_none_that_may_more(acme: Organization) -> None:
    writer = Api(factories.api_key(acme, ApiScope.READ, ApiScope.WRITE)[1])

    refused = writer.post(KEYS, {"name": "more", "scopes": ["issue"]})
    made = writer.post(KEYS, {"name": "less", "scopes": ["read"]})

    assert (refused.status_code, made.status_code) == (403, 201)
    assert sorted(ApiKey.objects.values_list("name", flat=True)) == ["less", "test"]


def test_key_makes_none_that_outlives_it(acme: Organization) -> None:
    key, text = factories.api_key(acme)
    ends = timezone.now() + timedelta(days=3)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=ends)
    api = Api(text)

    refused = api.post(KEYS, {"name": "longer", "scopes": ["read"], "expires_at": "2099-01-01"})
    silent = api.post(KEYS, {"name": "as long", "scopes": ["read"]})

    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["expires_at"]
    assert silent.status_code == 201
    assert ApiKey.objects.get(name="as long").expires_at == ends
    assert ApiKey.objects.count() == 2


def test_delete_revokes_at_once(api: Api, acme: Organization) -> None:
    key, text = factories.api_key(acme)
    assert Api(text).get().status_code == 200

    response = api.delete(f"{KEYS}/{key.uuid}")

    assert (response.status_code, response.content) == (204, b"")
    assert Api(text).get().status_code == 401
    assert api.get(f"{KEYS}/{key.uuid}").json()["data"]["revoked_at"] is not None
    assert api.delete(f"{KEYS}/{key.uuid}").status_code == 204


def test_key_revokes_none_that_may_more(acme: Organization, api: Api) -> None:
    strong, weak = factories.api_key(acme)[0], Api(factories.api_key(acme, ApiScope.WRITE)[1])

    assert weak.delete(f"{KEYS}/{strong.uuid}").status_code == 403

    strong.refresh_from_db()
    assert strong.revoked_at is None


@pytest.mark.parametrize("scope", [ApiScope.READ, ApiScope.ISSUE])
def test_keys_are_made_and_revoked_with_the_scope_write(acme: Organization, scope: ApiScope) -> None:
    key, text = factories.api_key(acme, scope)

    answers = [Api(text).post(KEYS, {"name": "x", "scopes": [scope]}), Api(text).delete(f"{KEYS}/{key.uuid}")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert ApiKey.objects.filter(revoked_at=None).count() == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_keys_of_others_look_like_none(api: Api, globex: Organization, method: str) -> None:
    key = factories.api_key(globex)[0]

    answers = [
        api.send(method, f"{KEYS}/{one}", None) for one in (key.uuid, "00000000-0000-4000-8000-000000000000")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    key.refresh_from_db()
    assert key.revoked_at is None


def test_disabled_organization_revokes_and_makes_none(api: Api, acme: Organization) -> None:
    key = factories.api_key(acme)[0]
    Organization.objects.update(status=OrganizationStatus.DISABLED)

    assert api.post(KEYS, {"name": "x", "scopes": ["read"]}).status_code == 403
    assert api.delete(f"{KEYS}/{key.uuid}").status_code == 204


def test_members_make_and_revoke_keys_by_their_role(
    acme: Organization, alice: User, bob: User, charlie: User
) -> None:
    key = factories.api_key(acme)[0]
    for actor in (bob, charlie):
        with pytest.raises(RoleTooLow):
            create_api_key(organization=acme, name="x", scopes=[ApiScope.READ], by=actor)
        with pytest.raises(RoleTooLow):
            revoke_api_key(key=key, by=actor)
    admin = factories.member(acme, Role.ADMIN, "dana@acme.example")
    client = Client()
    client.force_login(admin)

    response = Api(None, client).post(KEYS, {"name": "Team", "scopes": ["read", "write", "issue"]})

    assert response.status_code == 201
    revoke_api_key(key=key, by=alice)
    key.refresh_from_db()
    assert key.revoked_at is not None
