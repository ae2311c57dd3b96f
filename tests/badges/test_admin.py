"""The staff's pages of badges: templates through services, badges read whole and revoked, history kept."""

import io
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from badges.enums import BadgeStatus, DocumentKind, TemplateStatus
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, Batch, BatchRow, Outcome, StatusList
from badges.services.batches import create_batch, run_batch
from badges.services.documents import credential_jwt
from earners.services import Person
from organizations.models import Organization, User
from organizations.pictures import rendition_names
from tests import factories
from tests.staff import act, browser_of, form_values, history, said, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def new_template(organization: Organization, **values: object) -> dict[str, Any]:
    """Return a filled form of a new template."""
    return {
        "organization": organization.pk,
        "title": "Beekeeping",
        "description": "<p>Keeps bees.</p><script>1</script>",
        "type": "participation",
        "achievement_type": "Badge",
        "status": "active",
        "alignments": "[]",
        "criteria": '[{"description": "Keep a hive", "required": true}]',
        "result_descriptions": "",
        "tags": "bees\n\n  honey ",
    } | values


def picture(content_type: str = "image/png") -> SimpleUploadedFile:
    """Return an upload of a small picture."""
    if content_type == "image/svg+xml":
        svg = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>'
        return SimpleUploadedFile("bee.svg", svg, content_type)
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "gold").save(content, "PNG")
    return SimpleUploadedFile("bee.png", content.getvalue(), content_type)


def test_template_is_created_by_the_service(staff_client: Client, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(language="it")
    values = new_template(
        acme, image=picture("image/svg+xml"), background_image=picture(), is_unique="on", limit="10"
    )
    response = staff_client.post(url(BadgeTemplate, "add"), values)
    assert response.status_code == 302, response.context["errors"]
    template = BadgeTemplate.objects.get()
    version = template.current_version
    assert version is not None
    assert (template.slug, template.is_unique, template.limit, template.system_id) == (
        "beekeeping",
        True,
        10,
        acme.system_id,
    )
    assert (version.title, version.language, version.tags) == ("Beekeeping", "it", ["bees", "honey"])
    assert version.criteria == [{"description": "Keep a hive", "required": True}]
    assert "script" not in version.description
    assert default_storage.exists(rendition_names(str(version.image.name)).svg)
    assert default_storage.exists(rendition_names(str(version.background_image.name)).thumbnail)
    acme.refresh_from_db()
    assert acme.badge_templates_count == 1
    assert history(template) == [(ADDITION, "Added.")]


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"slug": "data-literacy"}, "slug", "taken"),
        ({"type": "skills"}, "type_data.acquired_knowledge", "needs this"),
        ({"alignments": '[{"name": "ESCO"}]'}, "alignments", "0.url: This is needed."),
        ({"alignments": "[{"}, "alignments", "valid JSON"),
        ({"tags": "bees\nbees"}, "tags", "1: “bees” is there twice."),
        ({"color_primary": "green"}, "color_primary", "#1D6B50"),
        ({"image": SimpleUploadedFile("bee.png", b"<html>", "image/png")}, "image", ""),
        (
            {"background_image": SimpleUploadedFile("b.svg", b"<svg></svg>", "image/svg+xml")},
            "background_image",
            "",
        ),
        ({"limit": "0"}, "limit", "greater"),
    ],
)
def test_template_refused_stands_beside_the_field(
    staff_client: Client, template: BadgeTemplate, values: dict[str, object], field: str, words: str
) -> None:
    before = LogEntry.objects.count()
    response = staff_client.post(url(BadgeTemplate, "add"), new_template(template.organization, **values))
    assert response.status_code == 200
    errors = response.context["adminform"].form.errors
    assert list(errors) == [field]
    assert words in unescape(str(errors[field]))
    assert list(BadgeTemplate.objects.all()) == [template]
    assert LogEntry.objects.count() == before


def test_template_saved_as_it_is_changes_nothing(
    staff_client: Client, template: BadgeTemplate, badge: Badge
) -> None:
    address = url(BadgeTemplate, "change", template.pk)
    before = BadgeTemplateVersion.objects.values().get()
    assert staff_client.post(address, form_values(staff_client, address)).status_code == 302
    assert BadgeTemplateVersion.objects.values().get() == before
    assert history(template) == [(CHANGE, "No fields changed.")]


def test_template_that_was_issued_gets_a_new_version(
    staff_client: Client, template: BadgeTemplate, badge: Badge
) -> None:
    address = url(BadgeTemplate, "change", template.pk)
    values = form_values(staff_client, address) | {
        "title": "Data fluency",
        "slug": "stolen",
        "tags": "data\nwords",
    }
    values |= {"type": "skills", "type_data.acquired_knowledge": "a", "type_data.acquired_skills": "b"}
    response = staff_client.post(address, values)
    assert response.status_code == 302, response.context["errors"]
    first, second = BadgeTemplateVersion.objects.order_by("number")
    assert (first.title, first.tags, first.type_data) == ("Data literacy", ["data"], {})
    assert (second.title, second.tags) == ("Data fluency", ["data", "words"])
    assert second.type_data == {"acquired_knowledge": "a", "acquired_skills": "b"}
    template.refresh_from_db()
    assert (template.slug, template.current_version) == ("data-literacy", second)
    staff_client.post(address, form_values(staff_client, address) | {"type_data.acquired_skills": "c"})
    second.refresh_from_db()
    assert second.type_data == {"acquired_knowledge": "a", "acquired_skills": "c"}
    version_page = url(BadgeTemplateVersion, "change", first.pk)
    assert staff_client.post(version_page, {"title": "Forged"}).status_code == 403


def test_template_keeps_its_picture_unless_another_is_given(staff_client: Client, acme: Organization) -> None:
    staff_client.post(url(BadgeTemplate, "add"), new_template(acme, image=picture()))
    template = BadgeTemplate.objects.get()
    first = str(template.current_version and template.current_version.image.name)
    assert first
    address = url(BadgeTemplate, "change", template.pk)
    staff_client.post(address, form_values(staff_client, address) | {"code": "BEE"})
    assert BadgeTemplateVersion.objects.get().image.name == first
    staff_client.post(address, form_values(staff_client, address) | {"image": picture()})
    assert BadgeTemplateVersion.objects.get().image.name != first
    assert default_storage.exists(first)  # a copy may share it
    staff_client.post(address, form_values(staff_client, address) | {"image-clear": "on"})
    assert BadgeTemplateVersion.objects.get().image.name == ""


def test_templates_are_published_archived_restored_and_duplicated(
    staff_client: Client, acme: Organization, template: BadgeTemplate
) -> None:
    act(staff_client, BadgeTemplate, "publish", template.pk)
    template.refresh_from_db()
    assert (template.is_published, template.status) == (True, TemplateStatus.ACTIVE)
    assert act(staff_client, BadgeTemplate, "archive", template.pk).status_code == 200
    assert not BadgeTemplate.objects.get().is_archived
    act(staff_client, BadgeTemplate, "archive", template.pk, yes="1")
    acme.refresh_from_db()
    assert (BadgeTemplate.objects.get().is_archived, acme.badge_templates_count) == (True, 0)
    refused = act(staff_client, BadgeTemplate, "publish", template.pk)
    assert (
        said(refused)[-1] == "Data literacy: This badge template is archived. Restore it before changing it."
    )
    act(staff_client, BadgeTemplate, "restore", template.pk)
    act(staff_client, BadgeTemplate, "duplicate", template.pk)
    acme.refresh_from_db()
    assert acme.badge_templates_count == 2
    copy = BadgeTemplate.objects.exclude(pk=template.pk).get()
    assert (str(copy), copy.is_published) == ("Copy of Data literacy", False)
    assert [message for _flag, message in history(template)] == [
        "Published.",
        "Archived.",
        "Restored.",
        "Duplicated.",
    ]
    assert history(copy) == [(ADDITION, "Copied from Data literacy.")]


def test_archived_template_is_not_changed(staff_client: Client, template: BadgeTemplate) -> None:
    act(staff_client, BadgeTemplate, "archive", template.pk, yes="1")
    address = url(BadgeTemplate, "change", template.pk)
    response = staff_client.post(address, form_values(staff_client, address) | {"title": "Other"})
    assert "Restore it" in str(response.context["adminform"].form.errors["__all__"])
    assert BadgeTemplateVersion.objects.get().title == "Data literacy"


def test_badge_is_revoked_with_a_reason(
    staff_client: Client, staff: User, badge: Badge, acme: Organization
) -> None:
    page = act(staff_client, Badge, "revoke", badge.pk)
    assert b"This cannot be taken back" in page.content
    badge.refresh_from_db()
    assert not badge.is_revoked
    for reason in ("", "bell \x07"):
        page = act(staff_client, Badge, "revoke", badge.pk, reason=reason)
        assert list(page.context["form"].errors) == ["reason"]
    badge.refresh_from_db()
    assert not badge.is_revoked
    published = StatusList.objects.get().published_at
    done = act(staff_client, Badge, "revoke", badge.pk, reason="Issued to the wrong person.")
    assert said(done) == ["Badges revoked: 1."]
    badge.refresh_from_db()
    acme.refresh_from_db()
    assert (badge.revocation_reason, badge.revoked_by) == ("Issued to the wrong person.", staff.email)
    assert badge.status == BadgeStatus.REVOKED
    assert acme.badges_count == 0
    assert StatusList.objects.get().published_at > published
    assert history(badge) == [(CHANGE, "Revoked.")]


def test_badges_revoked_together_say_which_was_refused(staff_client: Client, template: BadgeTemplate) -> None:
    first, second = factories.badge(template, "ada@example.org"), factories.badge(template, "eve@example.org")
    act(staff_client, Badge, "revoke", first.pk, reason="First.")
    done = act(staff_client, Badge, "revoke", first.pk, second.pk, reason="Second.")
    assert said(done)[-2:] == [
        "Badges revoked: 1.",
        f"{first}: This badge was revoked before. Nothing was changed.",
    ]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.revocation_reason, second.revocation_reason) == ("First.", "Second.")


def test_badge_is_not_revoked_by_who_may_only_look(badge: Badge) -> None:
    viewer = User.objects.create_user("viewer@server.example", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_badge"))
    client = browser_of(viewer)
    act(client, Badge, "revoke", badge.pk, reason="Mischief.")
    badge.refresh_from_db()
    assert not badge.is_revoked
    viewer.user_permissions.add(Permission.objects.get(codename="change_badge"))
    act(client, Badge, "revoke", badge.pk, reason="Allowed.")
    badge.refresh_from_db()
    assert badge.is_revoked


def test_badge_page_tells_the_whole_story(staff_client: Client, template: BadgeTemplate) -> None:
    batch = create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)
    run_batch(batch)
    badge = Badge.objects.get()
    credential_jwt(badge)
    page = staff_client.get(url(Badge, "change", badge.pk)).content.decode()
    status_list = StatusList.objects.get()
    for text in (
        badge.public_url,
        url(Batch, "change", batch.pk),
        "Row 1 of 1",
        url(StatusList, "change", status_list.pk),
        f"Place {badge.status_index} of list {status_list.number}",
        url(BadgeTemplateVersion, "change", badge.version_id),
        reverse("admin:earners_earner_change", args=[badge.earner_id]),
        str(DocumentKind.OB3.label),
        str(DocumentKind.VC_JWT.label),
    ):
        assert text in page, text
    assert badge.documents.first() is not None
    assert "proofValue" not in page


def test_badges_are_filtered_by_status(staff_client: Client, template: BadgeTemplate) -> None:
    valid, expired, revoked = (factories.badge(template, f"{name}@example.org") for name in ("a", "b", "c"))
    Badge.objects.filter(pk=expired.pk).update(
        issued_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    )
    act(staff_client, Badge, "revoke", revoked.pk, reason="Wrong.")
    for status, expected in (("valid", valid), ("invalid", expired), ("revoked", revoked)):
        found = staff_client.get(url(Badge, "changelist"), {"status": status})
        assert list(found.context["cl"].result_list) == [expected], status


def test_badges_are_found_by_everything_that_staff_are_told(
    staff_client: Client, template: BadgeTemplate
) -> None:
    badge = factories.badge(template)
    factories.badge(factories.template(template.organization, title="Another"), "eve@example.org")
    for term in (
        "ada@example.org",
        "lovelace ada@",
        "literacy",
        str(badge.uuid),
        f"{badge.public_url}/ob3.json",
    ):
        found = staff_client.get(url(Badge, "changelist"), {"q": term})
        assert list(found.context["cl"].result_list) == [badge], term


def test_batch_leads_to_the_rows_that_failed(staff_client: Client, template: BadgeTemplate) -> None:
    people: list[tuple[Person, dict[str, str]]] = [
        (Person(email="ada@example.org"), {}),
        (Person(email="no address"), {}),
    ]
    batch = run_batch(create_batch(template=template, people=people, by=None))
    address = url(BatchRow, "changelist") + f"?batch__id__exact={batch.pk}&state__exact=failed"
    assert address in unescape(staff_client.get(url(Batch, "change", batch.pk)).content.decode())
    found = staff_client.get(address)
    assert [row.email for row in found.context["cl"].result_list] == ["no address"]
    assert Batch.objects.get().failed_count == 1


def test_outcome_leads_to_a_template_of_its_organization(
    staff_client: Client, acme: Organization, globex: Organization, template: BadgeTemplate
) -> None:
    values = {"organization": globex.pk, "code": "course-7", "template": template.pk, "is_active": "on"}
    response = staff_client.post(url(Outcome, "add"), values)
    assert list(response.context["adminform"].form.errors) == ["template"]
    assert not Outcome.objects.exists()
    assert staff_client.post(url(Outcome, "add"), values | {"organization": acme.pk}).status_code == 302
    outcome = Outcome.objects.get()
    foreign = factories.template(globex, title="Foreign")
    records = {
        "records-TOTAL_FORMS": "0",
        "records-INITIAL_FORMS": "0",
    }  # what the browser sends of the inline
    response = staff_client.post(url(Outcome, "change", outcome.pk), records | {"template": foreign.pk})
    assert list(response.context["adminform"].form.errors) == ["template"]
    staff_client.post(url(Outcome, "change", outcome.pk), records | {"name": "Course 7", "code": "stolen"})
    outcome.refresh_from_db()
    assert (outcome.code, outcome.name, outcome.template, outcome.is_active) == (
        "course-7",
        "Course 7",
        None,
        False,
    )
