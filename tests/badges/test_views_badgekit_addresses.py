"""The public addresses of BadgeKit's server: each leads on to what is now at its place, and to nothing else."""

import json

import pytest
from django.conf import settings
from django.test import Client

from badges.models import Badge, BadgeTemplate
from badges.services.revising import withdraw_template
from badges.services.templates import update_template
from config.version import VERSION
from organizations.models import Organization, Program, System
from organizations.services.systems import archive_organization, archive_system
from tests import factories

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def program(acme: Organization) -> Program:
    """A program of acme's."""
    return factories.ProgramFactory.create(organization=acme, slug="evening", name="Evening school")


@pytest.fixture
def published(acme: Organization, program: Program) -> BadgeTemplate:
    """A published badge of acme's program: `bees`."""
    return factories.template(acme, title="Bees", program=program, is_published=True)


def led(client: Client, path: str, accept: str = "") -> str:
    """Return the path that an address leads to, permanently and for scripts of any site."""
    response = client.get(path, headers={"Accept": accept} if accept else {})
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (301, "*"), response.content
    location = response["Location"]
    assert json.loads(response.content) == {"location": location}
    assert location.startswith(settings.PUBLIC_URL)
    return str(location.removeprefix(settings.PUBLIC_URL))


@pytest.mark.parametrize("accept", ["", "*/*", "application/json", "application/ld+json"])
@pytest.mark.parametrize("form", ["{}", "{.hex}"], ids=["uuid", "digits"])
def test_an_assertion_leads_programs_to_the_hosted_one(
    client: Client, badge: Badge, accept: str, form: str
) -> None:
    target = led(client, f"/public/assertions/{form.format(badge.uuid)}", accept)

    assert target == f"/public/badges/{badge.uuid}/ob2.json"
    assert client.get(target).json()["type"] == "Assertion"


def test_an_assertion_leads_browsers_to_the_page(client: Client, badge: Badge) -> None:
    assert led(client, f"/public/assertions/{badge.uuid}", BROWSER) == badge.public_path


@pytest.mark.parametrize("scope", ["", "/issuers/acme", "/issuers/acme/programs/evening"])
def test_a_badge_class_leads_to_ours(client: Client, published: BadgeTemplate, scope: str) -> None:
    path = f"/public/systems/main{scope}/badges/bees"

    assert led(client, path) == f"{published.public_path}.json"
    assert led(client, path, BROWSER) == published.public_path
    assert client.get(led(client, path)).json()["name"] == "Bees"


@pytest.mark.parametrize("scope", ["", "/issuers/acme", "/issuers/acme/programs/evening"])
def test_an_issuer_leads_to_its_profile(
    client: Client, system: System, acme: Organization, program: Program, scope: str
) -> None:
    issuer = acme if scope else system.organizations.get(is_system_itself=True)

    target = led(client, f"/public/systems/main{scope}")

    assert target == f"{issuer.public_path}.json"
    assert client.get(target).json()["name"] == issuer.name
    assert led(client, f"/public/systems/main{scope}", BROWSER) == issuer.public_path


def test_the_list_tells_published_badges_by_their_old_addresses(
    client: Client, system: System, acme: Organization, published: BadgeTemplate, template: BadgeTemplate
) -> None:
    own = system.organizations.get(is_system_itself=True)
    factories.template(own, title="Of the city", is_published=True)
    factories.template(acme, title="Of acme", is_published=True)

    response = client.get("/public/badges")

    assert response.json() == {
        "badgelist": [
            {"location": f"{settings.PUBLIC_URL}/public/systems/main/{place}"}
            for place in (
                "issuers/acme/programs/evening/badges/bees",
                "badges/of-the-city",
                "issuers/acme/badges/of-acme",
            )
        ]
    }
    for row in response.json()["badgelist"]:
        led(client, row["location"].removeprefix(settings.PUBLIC_URL))
    paged = client.get("/public/badges?page=2&count=2").json()
    assert paged["badgelist"] == response.json()["badgelist"][2:]
    assert paged["pageData"] == {"page": 2, "count": 2, "total": 3}


@pytest.mark.parametrize("flag", ["public_profile", "public_badge_templates"])
def test_the_list_keeps_to_what_an_organization_shows(
    client: Client, acme: Organization, published: BadgeTemplate, flag: str
) -> None:
    assert len(client.get("/public/badges").json()["badgelist"]) == 1
    setattr(acme, flag, False)
    acme.save()

    assert client.get("/public/badges").json() == {"badgelist": []}


def test_what_is_archived_is_not_listed_and_stays_reachable(
    client: Client, system: System, acme: Organization, published: BadgeTemplate, badge: Badge
) -> None:
    archive_organization(organization=acme, by=None)

    assert client.get("/public/badges").json() == {"badgelist": []}
    assert led(client, "/public/systems/main/issuers/acme") == f"{acme.public_path}.json"
    archive_system(system=system, by=None)
    assert led(client, "/public/systems/main").startswith("/public/issuers/")


def test_a_deleted_badge_leads_to_what_was_issued_last(client: Client, published: BadgeTemplate) -> None:
    badge = factories.badge(published)
    withdraw_template(template=published, by=None)

    assert led(client, "/public/systems/main/badges/bees") == f"{badge.version.public_path}.json"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("systems/none", "system"),
        ("systems/main/issuers/main", "issuer"),
        ("systems/main/issuers/none", "issuer"),
        ("systems/main/issuers/acme/programs/none", "program"),
        ("systems/main/badges/none", "badge"),
        ("systems/main/issuers/globex/badges/bees", "badge"),
        ("systems/main/badges/data-literacy", "badge"),  # never published, nothing issued
        ("assertions/none", "badgeInstance"),
    ],
)
def test_what_is_not_public_is_not_found(
    client: Client,
    globex: Organization,
    published: BadgeTemplate,
    template: BadgeTemplate,
    path: str,
    kind: str,
) -> None:
    response = client.get(f"/public/{path}")

    assert response.status_code == 404
    message = f"Could not find {kind} field: `slug`, value: `{path.rpartition('/')[2]}`"
    assert response.json() == {"code": "ResourceNotFound", "message": message}


def test_a_hidden_change_is_not_led_to(client: Client, published: BadgeTemplate) -> None:
    update_template(template=published, fields={"is_published": False}, by=None)

    assert client.get("/public/systems/main/badges/bees").status_code == 404


def test_head_has_no_body_and_other_methods_are_refused(client: Client, published: BadgeTemplate) -> None:
    head = client.head("/public/badges")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head["Content-Length"]) == len(client.get("/public/badges").content)
    assert client.post("/public/badges").status_code == 405


@pytest.mark.parametrize("path", ["/public/images/0123456789abcdef", "/public/systems", "/public/assertions"])
def test_what_never_was_ours_is_not_found(client: Client, db: None, path: str) -> None:
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 404


def test_the_healthcheck_says_who_answers_and_nothing_else(client: Client) -> None:
    response = client.get("/healthcheck")

    assert response.json() == {"app": "BadgeKit API", "version": "0.2.22", "server": f"Laurel {VERSION}"}
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        # As the Python client asks: its `ping` and `require_server_version` read what is here.
        ({"Accept": "*/*", "Authorization": 'JWT token="a.b.c"'}, "application/json"),
        ({"Accept": "application/json"}, "application/json"),
        ({"Accept": "*/*"}, "text/html; charset=utf-8"),
        ({}, "text/html; charset=utf-8"),
    ],
)
def test_clients_find_at_the_root_what_was_there(
    client: Client, db: None, headers: dict[str, str], kind: str
) -> None:
    response = client.get("/", headers=headers)

    assert (response.status_code, response["Content-Type"]) == (200, kind)
    if kind == "application/json":
        assert response.json() == client.get("/healthcheck").json()
