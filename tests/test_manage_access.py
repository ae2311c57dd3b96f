"""Who may open which page of the issuers, and send its forms. A route that is not in the table fails."""

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from config.urls import MANAGE
from organizations.enums import ApiScope, Role
from organizations.manage.desk import LOOKING_KEY
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.at_work import Member
from tests.manage_routes import ROUTES, path_of
from tests.things import Things

READ, WRITE, ISSUE = ApiScope.READ, ApiScope.WRITE, ApiScope.ISSUE
ROLES = {
    Role.VIEWER: {READ},
    Role.ISSUER: {READ, ISSUE},
    Role.ADMIN: {READ, ISSUE, WRITE},
    Role.OWNER: {READ, ISSUE, WRITE},
}
CALLS = [(name, method) for name, methods in ROUTES.items() for method in methods]
KEPT_OUT = {403, 404, 405, 500}


def send(client: Client, method: str, path: str) -> Any:
    """Open a page, or send its form empty."""
    return client.get(path) if method == "GET" else client.post(path, {})


def shown_of(things: Things, response: Any) -> list[str]:
    """Return the words of another organization's things that an answer shows; "hidden" alone is a word of HTML."""
    text = (b"".join(response) if response.streaming else response.content).decode(errors="replace")
    text = text.replace(response.wsgi_request.path, "")  # what was asked for is no news to who asked
    words = (set(things.secrets) - {"hidden", "Hidden"}) | {
        "hidden@",
        "hidden-",
        "hidden.",
        "hidden ",
        "Hidden list",
    }
    return [word for word in sorted(words) if word in text.replace("hidden role", "").replace("hidden>", "")]


def test_every_page_is_in_the_table() -> None:
    found = set()

    def walk(patterns: list[Any]) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns)
            elif isinstance(pattern, URLPattern):
                found.add(pattern.name)

    walk(MANAGE)

    assert found == set(ROUTES)


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_member_may_do_what_their_role_says(
    acme: Organization, things: Things, name: str, method: str
) -> None:
    path = path_of(name, acme, things)
    for role, scopes in ROLES.items():
        client = Member(factories.member(acme, role, f"{role}@members.example"), acme).client

        with transaction.atomic():
            response = send(client, method, path)
            transaction.set_rollback(True)  # the next role finds all there again

        if ROUTES[name][method] in scopes:
            assert response.status_code not in KEPT_OUT, (role, response.content)
        else:
            assert response.status_code == 403, (role, response.content)


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_others_find_nothing(
    acme: Organization, globex: Organization, charlie: User, things: Things, name: str, method: str
) -> None:
    path = path_of(name, acme, things)
    owner_elsewhere = factories.member(globex, Role.OWNER, "owner@globex.example")
    superuser = factories.UserFactory.create(email="root@server.example", is_staff=True, is_superuser=True)
    for user in (charlie, owner_elsewhere, superuser):
        response = send(Member(user, globex).client, method, path)
        assert response.status_code == 404
        assert shown_of(things, response) == []

    anonymous = send(Client(), method, path)

    assert anonymous.status_code == 302
    assert anonymous["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_things_of_another_organization_are_not_there(
    acme: Organization, globex: Organization, things: Things, name: str, method: str
) -> None:
    path = path_of(name, globex, things)
    response = send(
        Member(factories.member(globex, Role.OWNER, "owner@globex.example"), globex).client, method, path
    )

    if any(str(value) in path for value in things.ids.values() if isinstance(value, UUID)):
        assert response.status_code == 404, response.content
    assert shown_of(things, response) == []


def test_staff_look_in_after_saying_so_and_change_nothing(acme: Organization, staff: User) -> None:
    member = Member(staff, acme)
    assert member.get("api_keys").status_code == 404

    member.client.post(reverse("look_in", args=[acme.pk]))

    assert member.client.session[LOOKING_KEY] == [acme.pk]
    entry = AuditEntry.objects.get(organization=acme, act="staff.entered")
    assert (entry.act, entry.actor, entry.is_staff) == ("staff.entered", "staff@server.example", True)
    assert "You look in at Acme Academy as staff" in member.get("api_keys").content.decode()
    assert member.get("audit_log").status_code == 200
    refused = member.post("new_api_key", name="Mine", scopes=["read"])
    assert refused.status_code == 403
    assert f'href="{member.url("dashboard")}"' in refused.content.decode()
    member.client.post(reverse("stop_looking_in"))
    assert member.get("api_keys").status_code == 404


def test_address_beyond_all_organizations_is_not_there(acme: Organization, alice: User) -> None:
    client = Member(alice, acme).client

    assert client.get(f"/manage/{2**63}/").status_code == 404
    assert client.get("/manage/")["Location"] == "/manage"


def test_others_cannot_look_in(acme: Organization, charlie: User) -> None:
    member = Member(charlie, acme)

    assert member.client.post(reverse("look_in", args=[acme.pk])).status_code == 403

    assert member.get("api_keys").status_code == 404
    assert not AuditEntry.objects.filter(act="staff.entered").exists()
