"""Who asks the issuer API, as section 8 of the reference describes it."""

import json
from typing import Any

import pytest
from django.test import Client

from organizations.api.issuer_user import UserShape
from organizations.enums import ApiScope, Role
from organizations.models import ApiKey, Organization, User
from organizations.services.members import add_member
from tests import factories
from tests.api import Api, assert_has_shape, golden

USER = "/api/v1/auth/user"


def test_user_is_not_wrapped_and_has_the_keys_of_the_reference(acme_key: str, acme: Organization) -> None:
    body = Api(acme_key).get(USER).json()

    assert list(body) == [
        "uuid", "username", "email", "email_verified_at", "created_at", "updated_at", "role", "profile", "organization",
    ]  # fmt: skip
    assert list(body["role"]) == ["slug", "name", "description", "scopes"]
    assert list(body["profile"]) == [
        "name", "last_name", "profile_picture_path", "profile_picture_high_path", "profile_picture_thumbnail_path",
        "settings", "language", "created_at", "updated_at", "t_c_accepted_at",
    ]  # fmt: skip
    assert_has_shape(body, UserShape)
    assert body["organization"] == Api(acme_key).get().json()["data"]
    golden("auth_user", body)


def test_api_key_is_a_user_by_its_name(acme: Organization) -> None:
    key, text = factories.api_key(acme, ApiScope.READ, ApiScope.ISSUE)

    body = Api(text).get(USER).json()

    assert (body["uuid"], body["username"], body["email"]) == (
        str(key.uuid),
        "test",
        "badges@organization.example.org",
    )
    assert body["role"]["slug"] == "issuer"
    assert body["role"]["scopes"] == '["issuer","read","issue"]'


def test_user_who_is_signed_in_is_themselves(acme: Organization, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(email_verified_at="2024-07-18 14:18:21Z", language="it")
    client = Client()
    client.force_login(alice)

    body = Api(None, client).get(USER, Accept_Language="en").json()

    assert_has_shape(body, UserShape)
    assert (body["uuid"], body["username"], body["email"]) == (str(alice.uuid), alice.email, alice.email)
    assert body["email_verified_at"] == "2024-07-18 14:18:21"
    assert (body["role"]["slug"], body["role"]["name"]) == ("owner", "Owner")
    assert json.loads(body["role"]["scopes"]) == ["issuer", "read", "write", "issue"]
    assert (body["profile"]["name"], body["profile"]["language"]) == ("Alice", "it")
    assert body["profile"]["settings"] == {"public_profile": "0", "public_badges": "0"}


def test_member_of_several_organizations_names_one(
    acme: Organization, globex: Organization, alice: User
) -> None:
    add_member(organization=globex, user=alice, role=Role.VIEWER, by=None)
    client = Client()
    client.force_login(alice)

    first = Api(None, client).get(USER).json()
    named = Api(None, client).get(USER, Laurel_Organization=str(globex.uuid)).json()

    assert (first["organization"]["name"], first["role"]["slug"]) == ("Acme Academy", "owner")
    assert (named["organization"]["name"], named["role"]["slug"]) == ("Globex College", "viewer")


def test_user_is_asked_with_a_key_that_opens(acme: Organization, acme_key: str, charlie: User) -> None:
    client = Client()
    client.force_login(charlie)

    assert Api(None).get(USER).status_code == 401
    assert Api("lrl_nothing_at_all").get(USER).status_code == 401
    assert Api(None, client).get(USER).status_code == 403
    ApiKey.objects.update(revoked_at="2024-01-01 00:00Z")
    assert Api(acme_key).get(USER).status_code == 401


def test_user_takes_no_query_beside_the_key(
    acme_key: str, acme: Organization, django_assert_num_queries: Any
) -> None:
    api = Api(acme_key)
    api.get(USER)

    with django_assert_num_queries(1):
        api.get(USER)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_user_is_only_read(acme_key: str, acme: Organization, method: str) -> None:
    assert Api(acme_key).send(method, USER, {}).status_code == 405
