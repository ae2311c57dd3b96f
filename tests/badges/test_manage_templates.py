"""The issuers' pages of badge templates: the list, one, what is done with it as a whole."""

import io

import pytest
from PIL import Image
from pytest_django import DjangoAssertNumQueries, Settings

from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion, PathStep
from badges.services.batches import create_batch
from badges.services.templates import archive_template, update_template
from earners.services import Person
from organizations.enums import Role
from organizations.models import AuditEntry, Organization, User
from organizations.pictures import prepare_picture, store_picture
from tests import factories
from tests.at_work import Member


def titles(page: object) -> list[str]:
    return [str(row) for row, _picture in page.context["rows"]]  # type: ignore[attr-defined]


def acts(template: BadgeTemplate) -> list[tuple[str, str, dict[str, object]]]:
    entries = AuditEntry.objects.filter(subject=template.uuid).order_by("pk")
    return [(entry.act, entry.actor, entry.details) for entry in entries]


def test_list_finds_sorts_and_leaves_out_what_is_archived(acme: Organization, alice: User) -> None:
    data = factories.template(acme, title="Data literacy", code="DATA")
    first_aid = factories.template(acme, title="First aid", is_published=True)
    factories.badge(data)
    archive_template(template=factories.template(acme, title="Old"), by=None)
    member = Member(alice, acme)

    assert titles(member.get("templates")) == ["First aid", "Data literacy"]
    assert titles(member.get("templates", order="most")) == ["Data literacy", "First aid"]
    assert titles(member.get("templates", order="title", q="a")) == ["Data literacy", "First aid"]
    assert titles(member.get("templates", q="dat")) == ["Data literacy"]
    assert titles(member.get("templates", published="yes")) == ["First aid"]
    assert titles(member.get("templates", path="yes")) == []
    assert titles(member.get("templates", status="archived")) == ["Old"]
    assert titles(member.get("templates", status="inactive")) == []
    update_template(template=first_aid, fields={"status": "inactive", "type": "participation"}, by=None)
    assert titles(member.get("templates", status="inactive", type="participation")) == ["First aid"]


def test_list_keeps_all_rows_where_a_filter_is_wrong(acme: Organization, alice: User) -> None:
    factories.template(acme)

    page = Member(alice, acme).get("templates", status="lost")

    assert titles(page) == ["Data literacy"]
    assert 'aria-invalid="true"' in page.content.decode()


def test_list_says_what_to_do_where_there_is_nothing(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)

    empty = member.get("templates").content.decode()
    archive_template(template=factories.template(acme), by=None)
    archived = member.get("templates").content.decode()
    narrowed = member.get("templates", q="nothing like it").content.decode()

    assert "There is nothing to earn yet" in empty
    assert 'role="search"' not in empty
    assert "All templates are archived" in archived
    assert 'role="search"' in archived
    assert "Nothing fits these filters" in narrowed


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        factories.template(acme, title=f"Badge {number}")
    member = Member(alice, acme)

    with django_assert_num_queries(5):  # session, user, membership, how many, which
        page = member.get("templates")

    assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_template_costs_the_same_however_many_badges(
    acme: Organization,
    alice: User,
    template: BadgeTemplate,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(rows):
        factories.badge(template, f"earner{number}@example.org")
        path = factories.template(acme, title=f"Path {number}", is_learning_path=True)
        PathStep.objects.create(path=path, position=1).templates.add(template)
    member = Member(alice, acme)

    with django_assert_num_queries(6):  # session, user, membership, template, badges, steps
        page = member.get("template", template.uuid)

    assert (len(page.context["recent"]), len(page.context["steps"])) == (rows, rows)


def test_template_offers_what_the_role_may_do(acme: Organization, template: BadgeTemplate) -> None:
    offered = {}
    for role in (Role.VIEWER, Role.ISSUER, Role.ADMIN):
        member = Member(factories.member(acme, role, f"{role}@acme.example"), acme)
        page = member.get("template", template.uuid).content.decode()
        names = ("edit_template", "duplicate_template", "archive_template", "publish_template")
        offered[role] = [member.url(name, template.uuid) in page for name in names]
        offered[role].append(f"{member.url('issue')}?template={template.uuid}" in page)

    assert offered == {
        Role.VIEWER: [False] * 5,
        Role.ISSUER: [False] * 4 + [True],
        Role.ADMIN: [True] * 5,
    }


def test_archived_template_can_only_be_restored_and_copied(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    archive_template(template=template, by=None)
    member = Member(alice, acme)

    page = member.get("template", template.uuid).content.decode()
    refused = member.get("edit_template", template.uuid)

    assert member.url("restore_template", template.uuid) in page
    assert member.url("edit_template", template.uuid) not in page
    assert "?template=" not in page.replace("badges?template=", "")
    assert refused["Location"] == member.url("template", template.uuid)


def test_archiving_asks_and_says_what_stays(
    acme: Organization, alice: User, badge: Badge, template: BadgeTemplate
) -> None:
    member = Member(alice, acme)

    question = member.get("archive_template", template.uuid).content.decode()
    template.refresh_from_db()
    assert "The 1 badge that is out stays valid" in question
    assert not template.is_archived

    member.post("archive_template", template.uuid)
    template.refresh_from_db()
    assert template.is_archived
    member.post("restore_template", template.uuid)
    template.refresh_from_db()
    assert not template.is_archived
    assert acts(template) == [
        ("template.created", "server", {}),
        ("template.archived", "alice@acme.example", {}),
        ("template.restored", "alice@acme.example", {}),
    ]


def test_archiving_is_refused_with_the_reason_while_a_batch_runs(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)

    page = Member(alice, acme).post("archive_template", template.uuid, follow=True)

    template.refresh_from_db()
    assert "A batch of this badge template has not ended" in page.content.decode()
    assert not template.is_archived
    assert [act for act, _actor, _details in acts(template)] == ["template.created"]


def test_template_is_published_and_hidden_again(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    member = Member(alice, acme)

    shown = member.post("publish_template", template.uuid, published="1", follow=True).content.decode()
    template.refresh_from_db()
    assert template.is_published
    assert "stands on your organization" in shown

    member.post("publish_template", template.uuid, published="0")
    template.refresh_from_db()
    assert not template.is_published
    assert acts(template)[1:] == [
        ("template.changed", "alice@acme.example", {"is_published": [False, True]}),
        ("template.changed", "alice@acme.example", {"is_published": [True, False]}),
    ]
    assert member.client.get(member.url("publish_template", template.uuid)).status_code == 405
    member.post("publish_template", template.uuid)
    template.refresh_from_db()
    assert not template.is_published


def test_copy_is_made_under_another_title_and_edited_next(
    acme: Organization, alice: User, template: BadgeTemplate, badge: Badge
) -> None:
    member = Member(alice, acme)

    asked = member.get("duplicate_template", template.uuid).content.decode()
    answer = member.post("duplicate_template", template.uuid, title="Data literacy 2")

    copy = BadgeTemplate.objects.get(current_version__title="Data literacy 2")
    assert 'value="Copy of Data literacy"' in asked
    assert answer["Location"] == member.url("edit_template", copy.uuid)
    assert (copy.organization, copy.badges_count, copy.is_published) == (acme, 0, False)
    refused = member.post("duplicate_template", template.uuid, title="x" * 256)
    assert refused.status_code == 400
    assert "x" * 256 in refused.content.decode()
    assert BadgeTemplate.objects.count() == 2


def test_picture_is_shown_to_members_and_kept_by_their_browsers(
    acme: Organization, alice: User, charlie: User, settings: Settings, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path
    file = io.BytesIO()
    Image.new("RGB", (300, 300), "green").save(file, "PNG")
    name = store_picture(prepare_picture(file.getvalue(), allow_svg=False), folder="pictures")
    factories.template(acme, image=name)
    plain = factories.template(acme, title="Without")
    member = Member(alice, acme)

    page = member.get("templates")
    (_, without), (_, picture) = page.context["rows"]
    answer = member.client.get(picture)

    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert Image.open(io.BytesIO(answer.content)).size == (150, 150)
    assert without.endswith("default_badge.png")
    assert plain.current_version is not None
    assert member.get("version_picture", plain.uuid, plain.current_version.uuid).status_code == 302
    elsewhere = Member(charlie, acme).client.get(picture)
    assert elsewhere.status_code == 404
    assert "immutable" not in elsewhere.get("Cache-Control", "")


def test_versions_say_what_changed(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    factories.badge(template)
    update_template(
        template=template,
        fields={
            "title": "Data literacy for all",
            "description": "<p>Reads, questions and explains data.</p>",
            "tags": ["data", "reading"],
            "assignment_criteria": "<p>Finish the course and the project.</p>",
            "type": "skills",
            "type_data": {"acquired_knowledge": "What data are", "acquired_skills": "Reading"},
            "criteria": [{"description": "Reads a table", "required": True}],
        },
        by=alice,
    )

    page = Member(alice, acme).get("template_versions", template.uuid)

    (newest, changes), (first, nothing) = page.context["entries"]
    assert (newest.number, first.number, nothing) == (2, 1, None)
    told = {
        change.label: change.words
        or [(piece.kind, piece.text) for piece in change.pieces]
        or [*change.gone, *change.new]
        for change in changes
    }
    assert told == {
        "Title": [("same", "Data literacy"), ("new", " for all")],
        "Description": [
            ("gone", "Reads"),
            ("new", "Reads, questions"),
            ("same", " and "),
            ("gone", "questions"),
            ("new", "explains"),
            ("same", " data."),
        ],
        "What it takes": "The words are the same; their formatting or links changed.",
        "List of criteria": ["Reads a table · required"],
        "Type": [("gone", "Participation"), ("new", "Skills")],
        "Knowledge": [("new", "What data are")],
        "Skills": [("new", "Reading")],
        "Tags": ["reading"],
    }
    assert acts(template)[-1] == (
        "template.changed",
        "alice@acme.example",
        {
            "title": ["Data literacy", "Data literacy for all"],
            "content": [
                *("title", "description", "assignment_criteria", "criteria", "type", "type_data", "tags"),
            ],
            "version": 2,
        },
    )
    one = Member(alice, acme).get("template_version", template.uuid, first.uuid)
    assert (one.context["changes"], one.context["is_current"]) == (None, False)
    assert "Finish the <strong>course</strong>" in one.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_versions_cost_the_same_however_many(
    acme: Organization,
    alice: User,
    template: BadgeTemplate,
    rows: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    version = template.current_version
    assert version is not None
    for number in range(2, rows + 1):
        BadgeTemplateVersion.objects.create(template=template, number=number, title=f"Title {number}")
    member = Member(alice, acme)

    with django_assert_num_queries(7):  # session, user, membership, template, how many, which, the one before
        page = member.get("template_versions", template.uuid)

    assert len(page.context["entries"]) == rows
