"""Templates: made, changed without touching what was issued, published, archived."""

from typing import Any

import pytest

from badges.enums import TemplateStatus
from badges.exceptions import TemplateNotChangeable, Unsignable
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import (
    archive_template,
    create_template,
    duplicate_template,
    publish_template,
    restore_template,
    update_template,
)
from config.exceptions import InvalidInput
from organizations.enums import OrganizationStatus
from organizations.exceptions import OrganizationDisabled, SlugTaken
from organizations.models import Organization
from tests import factories


def test_create_template_makes_a_first_version(acme: Organization) -> None:
    template = factories.template(acme, code="DALP", limit=5)

    version = template.current_version
    assert version is not None
    assert (template.slug, template.system, template.code, template.limit) == (
        "data-literacy",
        acme.system,
        "DALP",
        5,
    )
    assert (version.number, version.version_code, version.title, version.is_sealed) == (
        1,
        "1",
        "Data literacy",
        False,
    )
    acme.refresh_from_db()
    assert acme.badge_templates_count == 1


def test_create_template_numbers_a_slug_that_is_taken(acme: Organization, globex: Organization) -> None:
    slugs = [factories.template(organization).slug for organization in (acme, acme, globex)]

    assert slugs == ["data-literacy", "data-literacy-2", "data-literacy-3"]


def test_create_template_refuses_a_slug_of_the_system_that_is_taken(
    acme: Organization, globex: Organization
) -> None:
    create_template(organization=acme, fields={"title": "One"}, slug="one", by=None)

    with pytest.raises(SlugTaken):
        create_template(organization=globex, fields={"title": "Two"}, slug="one", by=None)

    assert BadgeTemplate.objects.count() == 1
    globex.refresh_from_db()
    assert globex.badge_templates_count == 0


def test_create_template_cleans_html(acme: Organization) -> None:
    template = factories.template(acme, description="<p onclick='x()'>Hello<script>alert(1)</script></p>")

    assert template.current_version is not None
    assert template.current_version.description == "<p>Hello</p>"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 256}, "title"),
        ({"type": "honour"}, "type"),
        ({"type": "skills"}, "type_data.acquired_knowledge"),
        ({"type": "skills", "type_data": {"acquired_knowledge": "a"}}, "type_data.acquired_skills"),
        ({"type_data": {"colour": "red"}}, "type_data.colour"),
        ({"type_data": {"acquired_skills": 3}}, "type_data.acquired_skills"),
        ({"color_primary": "green"}, "color_primary"),
        ({"criteria_url": "nowhere"}, "criteria_url"),
        ({"limit": 0}, "limit"),
        ({"validity_days": 0}, "validity_days"),
        ({"status": "asleep"}, "status"),
        ({"tags": "one"}, "tags"),
        ({"tags": ["one", "one"]}, "tags.1"),
        ({"tags": [""]}, "tags.0"),
        ({"alignments": [{"name": "no address"}]}, "alignments.0.url"),
        ({"alignments": [{"name": "a", "url": "https://a.example", "colour": "red"}]}, "alignments.0.colour"),
        ({"criteria": [{"description": "a", "required": "yes"}]}, "criteria.0.required"),
        ({"result_descriptions": [{"id": "a", "name": "b"}]}, "result_descriptions.0.type"),
        ({"language": "tlh"}, "language"),
        ({"sealed_at": None}, "sealed_at"),
        ({"strapline": "x" * 141}, "strapline"),
    ],
)
def test_create_template_refuses_what_has_the_wrong_form(
    acme: Organization, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        factories.template(acme, **fields)

    assert refusal.value.field == field
    assert BadgeTemplateVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": "bell \x07"}, "title"),
        ({"alignments": [{"name": "a", "url": "https://a.example/b c"}]}, "alignments.0.url"),
        ({"alignments": [{"name": "a", "url": "/relative"}]}, "alignments.0.url"),
        (
            {"alignments": [{"name": "a", "url": "https://a.example", "type": "NoSuchType"}]},
            "alignments.0.type",
        ),
        (
            {"result_descriptions": [{"id": "a", "name": "b", "type": "NoSuchType"}]},
            "result_descriptions.0.type",
        ),
    ],
)
def test_create_template_refuses_what_would_break_signatures(
    acme: Organization, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Unsignable) as refusal:
        factories.template(acme, **fields)

    assert refusal.value.field == field
    assert BadgeTemplateVersion.objects.count() == 0


def test_create_template_refuses_a_program_of_another_organization(
    acme: Organization, globex: Organization
) -> None:
    program = factories.ProgramFactory.create(organization=globex)

    with pytest.raises(InvalidInput) as refusal:
        factories.template(acme, program=program)

    assert refusal.value.field == "program"


def test_update_template_edits_the_version_before_the_first_badge(template: BadgeTemplate) -> None:
    template = update_template(template=template, fields={"title": "Better"}, by=None)

    assert [(version.number, version.title) for version in template.versions.all()] == [(1, "Better")]


def test_update_template_makes_a_version_after_the_first_badge(template: BadgeTemplate) -> None:
    badge = factories.badge(template)

    template = update_template(template=template, fields={"title": "Better"}, by=None)

    assert [(version.number, version.title) for version in template.versions.all()] == [
        (2, "Better"),
        (1, "Data literacy"),
    ]
    badge.refresh_from_db()
    assert badge.version.title == "Data literacy"
    assert factories.badge(template).version.title == "Better"


def test_update_template_makes_no_version_when_nothing_changes(template: BadgeTemplate) -> None:
    factories.badge(template)

    update_template(
        template=template, fields={"title": "Data literacy", "is_published": True, "limit": 9}, by=None
    )

    template.refresh_from_db()
    assert template.versions.count() == 1
    assert (template.is_published, template.limit) == (True, 9)


def test_update_template_refuses_a_limit_below_what_is_out(template: BadgeTemplate) -> None:
    factories.badge(template, "one@example.org")
    factories.badge(template, "two@example.org")

    with pytest.raises(InvalidInput) as refusal:
        update_template(template=template, fields={"limit": 1}, by=None)

    assert refusal.value.field == "limit"
    template.refresh_from_db()
    assert template.limit is None


def test_update_template_refuses_of_disabled_organization(
    acme: Organization, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        update_template(template=template, fields={"title": "Better"}, by=None)

    assert BadgeTemplateVersion.objects.get().title == "Data literacy"


def test_publish_template_makes_it_active_and_shown(template: BadgeTemplate) -> None:
    update_template(template=template, fields={"status": TemplateStatus.INACTIVE}, by=None)

    template = publish_template(template=template, by=None)

    assert (template.status, template.is_published) == (TemplateStatus.ACTIVE, True)
    assert list(BadgeTemplate.objects.published()) == [template]


def test_archive_template_takes_it_out_of_use_and_restore_back(
    acme: Organization, template: BadgeTemplate
) -> None:
    template = archive_template(template=archive_template(template=template, by=None), by=None)
    acme.refresh_from_db()
    assert (template.is_issuable, acme.badge_templates_count) == (False, 0)
    with pytest.raises(TemplateNotChangeable):
        update_template(template=template, fields={"title": "Better"}, by=None)

    template = restore_template(template=template, by=None)
    acme.refresh_from_db()
    assert (template.is_issuable, acme.badge_templates_count) == (True, 1)


def test_duplicate_template_starts_anew_with_the_same_content(acme: Organization) -> None:
    template = factories.template(acme, is_published=True, limit=3, is_unique=True)
    factories.badge(template)

    copy = duplicate_template(template=template, by=None)

    version = copy.current_version
    assert version is not None
    assert (version.title, version.tags, version.number, version.is_sealed) == (
        "Copy of Data literacy",
        ["data"],
        1,
        False,
    )
    assert (copy.limit, copy.is_unique, copy.is_published, copy.badges_count) == (3, True, False, 0)
