"""Who may call what: every route of the issuer API, for everybody who may ask. A route that is not in the table fails."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from organizations.enums import ApiScope, Role
from organizations.models import ApiKey, Membership, Organization, User
from tests import factories
from tests.api import Api
from tests.things import Things

BASE = "api/v1/issuers/organization"
READ, WRITE, ISSUE = ApiScope.READ, ApiScope.WRITE, ApiScope.ISSUE
TEMPLATE, LIST, BATCH = (
    f"{BASE}/badge_templates/<uuid:template_id>",
    f"{BASE}/earners_lists/<uuid:list_id>",
    f"{BASE}/batches/<uuid:batch_id>",
)
BADGE = f"{BASE}/badges/<uuid:uuid>"

# Route, then the scope that each method needs.
TABLE: dict[str, dict[str, ApiScope]] = {
    "api/v1/auth/user": {"GET": READ},
    "api/v1/issuers/badges/<uuid:uuid>/revoke": {"POST": ISSUE},
    BASE: {"GET": READ, "PUT": WRITE},
    f"{BASE}/logo": {"POST": WRITE},
    f"{BASE}/year-statistics": {"GET": READ},
    f"{BASE}/statistics": {"GET": READ},
    f"{BASE}/api_keys": {"GET": READ, "POST": WRITE},
    f"{BASE}/api_keys/<uuid:key_id>": {"GET": READ, "DELETE": WRITE},
    f"{BASE}/members": {"GET": READ, "POST": WRITE},
    f"{BASE}/members/<uuid:user_id>": {"GET": READ, "PUT": WRITE, "DELETE": WRITE},
    f"{BASE}/credit_transactions": {"GET": READ, "POST": WRITE},
    f"{BASE}/credit_transactions/<uuid:transaction_id>": {"GET": READ},
    f"{BASE}/earners": {"GET": READ},
    f"{BASE}/earners/<uuid:earner_id>": {"GET": READ},
    f"{BASE}/earners_lists": {"GET": READ, "POST": WRITE},
    LIST: {"GET": READ, "PUT": WRITE, "DELETE": WRITE},
    f"{LIST}/earners": {"GET": READ, "POST": WRITE},
    f"{LIST}/earners/<uuid:earner_id>": {"GET": READ, "PUT": WRITE, "DELETE": WRITE},
    f"{LIST}/import": {"POST": WRITE},
    f"{BASE}/learning_paths": {"GET": READ},
    f"{BASE}/badge_templates": {"GET": READ, "POST": WRITE},
    TEMPLATE: {"GET": READ, "PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE},
    f"{TEMPLATE}/image": {"POST": WRITE, "DELETE": WRITE},
    f"{TEMPLATE}/background_image": {"POST": WRITE, "DELETE": WRITE},
    f"{TEMPLATE}/restore": {"POST": WRITE},
    f"{TEMPLATE}/duplicate": {"POST": WRITE},
    f"{TEMPLATE}/versions": {"GET": READ},
    f"{TEMPLATE}/versions/<uuid:version_id>": {"GET": READ},
    f"{TEMPLATE}/path": {"GET": READ, "PUT": WRITE, "PATCH": WRITE},
    f"{TEMPLATE}/path/progress": {"GET": READ},
    f"{TEMPLATE}/path/progress/<uuid:earner_id>/retry": {"POST": ISSUE},
    f"{TEMPLATE}/claim_codes": {"GET": READ, "POST": ISSUE},
    f"{TEMPLATE}/claim_codes/export": {"GET": READ},
    f"{TEMPLATE}/claim_codes/<uuid:code_id>": {"GET": READ, "PUT": ISSUE, "PATCH": ISSUE, "DELETE": WRITE},
    f"{TEMPLATE}/claim_codes/<uuid:code_id>/claims": {"GET": READ},
    f"{BASE}/badges": {"GET": READ, "POST": ISSUE},
    f"{BASE}/badges/bulk": {"POST": ISSUE},
    f"{BASE}/badges/export": {"GET": READ},
    f"{BASE}/badges/export.csv": {"GET": READ},
    f"{BASE}/badges/export.xls": {"GET": READ},
    f"{BASE}/badges/export.xlsx": {"GET": READ},
    BADGE: {"GET": READ, "PUT": ISSUE, "PATCH": ISSUE},
    f"{BADGE}/revoke": {"POST": ISSUE},
    f"{BADGE}/download/<str:form>": {"GET": READ},
    f"{BASE}/batches": {"GET": READ},
    BATCH: {"GET": READ},
    f"{BATCH}/rows": {"GET": READ},
    f"{BATCH}/failed.csv": {"GET": READ},
    f"{BATCH}/pause": {"POST": ISSUE},
    f"{BATCH}/resume": {"POST": ISSUE},
    f"{BATCH}/stop": {"POST": ISSUE},
    f"{BATCH}/retry": {"POST": ISSUE},
    f"{BASE}/outcomes": {"GET": READ, "POST": WRITE},
    f"{BASE}/outcomes/<uuid:outcome_id>": {"GET": READ, "PUT": WRITE, "PATCH": WRITE, "DELETE": WRITE},
    f"{BASE}/outcomes/<uuid:outcome_id>/secrets": {"POST": WRITE},
    f"{BASE}/outcomes/<uuid:outcome_id>/records": {"GET": READ},
    f"{BASE}/outcome_records": {"GET": READ},
    f"{BASE}/outcome_records/<uuid:record_id>": {"GET": READ},
    f"{BASE}/outcome_records/<uuid:record_id>/retry": {"POST": ISSUE},
}
CALLS = [(route, method) for route, methods in TABLE.items() for method in methods]
ROLES = {
    Role.VIEWER: {READ},
    Role.ISSUER: {READ, ISSUE},
    Role.ADMIN: {READ, ISSUE, WRITE},
    Role.OWNER: {READ, ISSUE, WRITE},
}


def call(api: Api, method: str, path: str) -> Any:
    """Call with an empty JSON object where there is a body."""
    return api.send(method, path, None if method in {"GET", "DELETE"} else {})


def test_every_route_is_in_the_table() -> None:
    found: dict[str, set[str]] = {}

    def walk(patterns: Any, prefix: str) -> None:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, route)
            elif route.startswith("api/v1/"):
                view = pattern.callback.cls
                methods = {
                    name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)
                }
                found[route] = methods

    walk(get_resolver().url_patterns, "")

    assert found == {route: set(methods) for route, methods in TABLE.items()}


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_nobody_is_let_in_without_a_key(things: Things, route: str, method: str) -> None:
    for key in (None, "", "lrl_0123456789ab_wrong", "nonsense", "ü"):
        response = call(Api(key), method, things.path(route))

        assert (response.status_code, response.json()) == (401, {"message": "Unauthenticated."})


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_key_may_do_what_its_scope_says(acme: Organization, things: Things, route: str, method: str) -> None:
    for scope in ApiScope:
        response = call(Api(factories.api_key(acme, scope)[1]), method, things.path(route))

        if scope == TABLE[route][method]:
            assert response.status_code not in {401, 403, 404, 405}, response.content
        else:
            assert response.status_code == 403, (scope, response.content)


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_member_may_do_what_their_role_says(
    acme: Organization, things: Things, route: str, method: str
) -> None:
    for role, scopes in ROLES.items():
        user = factories.member(acme, role, f"{role}@members.example")
        client = Client()
        client.force_login(user)

        with transaction.atomic():
            response = call(Api(None, client), method, things.path(route))
            transaction.set_rollback(True)  # the next role finds all there again

        if TABLE[route][method] in scopes:
            assert response.status_code not in {401, 403, 404, 405}, (role, response.content)
        else:
            assert response.status_code == 403, (role, response.content)


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_another_organization_sees_nothing_and_changes_nothing(
    globex: Organization, things: Things, route: str, method: str
) -> None:
    path = things.path(route)
    key = factories.api_key(globex)[1]

    response = call(Api(key), method, path)

    if "<uuid:" in route:
        assert response.status_code == 404, response.content
        unknown = things.path(route)
        for value in things.ids.values():
            unknown = (
                unknown.replace(str(value), "00000000-0000-4000-8000-000000000000")
                if "-" in str(value)
                else unknown
            )
        absent = call(Api(key), method, unknown)
        assert (absent.status_code, absent.json()) == (404, response.json()), (
            "hidden and absent look the same"
        )
    content = b"".join(response) if response.streaming else response.content
    for secret in things.secrets:
        assert secret.encode() not in content


@pytest.mark.parametrize(("route", "method"), CALLS)
def test_stranger_and_former_member_are_kept_out(
    charlie: User, things: Things, route: str, method: str
) -> None:
    client = Client()
    client.force_login(charlie)

    response = call(Api(None, client), method, things.path(route))

    assert response.status_code == 403
    for secret in things.secrets:
        assert secret.encode() not in response.content


def test_member_of_two_names_the_organization(acme: Organization, globex: Organization, alice: User) -> None:
    Membership.objects.create(user=alice, organization=globex, role=Role.VIEWER)
    client = Client()
    client.force_login(alice)
    api = Api(None, client)

    assert api.get().json()["data"]["name"] == "Acme Academy"
    assert api.get(Laurel_Organization=str(globex.uuid)).json()["data"]["name"] == "Globex College"
    assert api.put("", {"name": "Mine"}, Laurel_Organization=str(globex.uuid)).status_code == 403


def test_session_needs_a_csrf_token_to_write(acme: Organization, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    api = Api(None, client)

    assert api.get().status_code == 200
    response = api.put("", {"name": "Forged"})

    assert response.status_code == 403
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


@pytest.mark.parametrize(
    "change", [{"revoked_at": "2024-01-01T00:00:00Z"}, {"expires_at": "2024-01-01T00:00:00Z"}]
)
def test_key_that_ended_opens_nothing(acme: Organization, change: dict[str, str]) -> None:
    key, text = factories.api_key(acme)
    assert Api(text).get().status_code == 200

    ApiKey.objects.filter(pk=key.pk).update(**change)

    assert Api(text).get().status_code == 401
