"""Systems change with the organizations that stand for them; they and organizations go out of use."""

import pytest

from badges.services.templates import update_template
from config.exceptions import InvalidInput
from organizations.exceptions import OrganizationDisabled, SlugTaken
from organizations.models import AuditEntry, Organization, System
from organizations.services.organizations import (
    create_organization,
    create_system,
    default_system,
    update_organization,
)
from organizations.services.programs import create_program
from organizations.services.systems import (
    archive_organization,
    archive_system,
    update_system,
)
from tests import factories


def test_create_system_tells_its_organization_what_it_is(db: None) -> None:
    system = create_system(
        name="Bees", description="Honey & <wax>", email="a@bees.example", url="https://bees.example"
    )

    own = system.organizations.get()
    assert (system.description, own.description) == ("Honey & <wax>", "Honey &amp; &lt;wax&gt;")
    assert (own.website, own.contact_info) == ("https://bees.example", {"email": "a@bees.example"})


@pytest.mark.parametrize(
    ("fields", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"url": "bees"}, "url"),
        ({"email": "nobody"}, "email"),
        ({"name": "a\x07"}, "name"),
    ],
)
def test_create_system_refuses_what_does_not_fit(db: None, fields: dict[str, str], at_fault: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        create_system(**{"name": "Bees", **fields})

    assert refusal.value.field == at_fault
    assert (System.objects.count(), Organization.objects.count()) == (0, 0)


def test_update_system_changes_the_organization_that_stands_for_it(
    system: System, acme: Organization
) -> None:
    update_system(
        system=system,
        fields={
            "name": " City ",
            "url": "https://city.example",
            "description": "A & B",
            "email": "",
            "logo": "a/b.png",
        },
        by=None,
    )

    system.refresh_from_db()
    own = system.organizations.get(is_system_itself=True)
    assert (system.name, system.url, system.description, system.email) == (
        "City",
        "https://city.example",
        "A & B",
        "",
    )
    assert (own.name, own.website, own.description, own.email, own.logo.name) == (
        "City",
        "https://city.example",
        "A &amp; B",
        "",
        "a/b.png",
    )
    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


@pytest.mark.parametrize("fields", [{"slug": "x"}, {"name": ""}, {"url": "x"}, {"email": "x"}, {"id": 1}])
def test_update_system_refuses_what_does_not_fit(system: System, fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        update_system(system=system, fields={"description": "new", **fields}, by=None)

    system.refresh_from_db()
    assert (system.name, system.description) == ("Main", "")


def test_an_archived_system_issues_nothing_and_its_tenants_go_on(system: System, acme: Organization) -> None:
    own = factories.template(system.organizations.get(is_system_itself=True))
    theirs = factories.template(acme)

    archive_system(system=system, by=None)

    with pytest.raises(OrganizationDisabled):
        factories.badge(own)
    assert factories.badge(theirs).organization == acme
    with pytest.raises(OrganizationDisabled):
        update_system(system=system, fields={"name": "x"}, by=None)
    with pytest.raises(SlugTaken):
        create_system(name="Main", slug="main")


def test_archiving_twice_keeps_the_first_time(system: System) -> None:
    first = archive_system(system=system, by=None).archived_at

    assert archive_system(system=system, by=None).archived_at == first


def test_default_system_is_not_an_archived_one(db: None) -> None:
    first = default_system()
    archive_system(system=first, by=None)

    second = default_system()

    assert (first.slug, second.slug, default_system()) == ("laurel", "laurel-2", second)


def test_an_archived_organization_changes_nothing_and_keeps_what_it_issued(acme: Organization) -> None:
    template = factories.template(acme)
    badge = factories.badge(template)

    archive_organization(organization=acme, by=None)

    for act in (
        lambda: factories.badge(template, email="bob@example.org"),
        lambda: update_organization(organization=acme, fields={"name": "x"}, by=None),
        lambda: update_template(template=template, fields={"title": "x"}, by=None),
        lambda: create_program(organization=acme, name="x", by=None),
    ):
        with pytest.raises(OrganizationDisabled):
            act()
    badge.refresh_from_db()
    assert not badge.is_revoked
    archive_organization(organization=acme, by=None)
    entry = AuditEntry.objects.get(organization=acme, act="organization.archived")
    assert (entry.actor, entry.subject, entry.subject_label) == ("server", acme.uuid, "Acme Academy")
    with pytest.raises(SlugTaken):
        create_organization(name="Acme", slug="acme", system=acme.system, by=None)
