"""The editor of badge templates: what is typed is kept, checked and shown as it will look, and none of it runs."""

from pathlib import Path
from typing import Any

import pytest
from django.forms import BooleanField
from pytest_django import DjangoAssertNumQueries

from badges.manage.template_editor import TemplateEditor
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import create_template, update_template
from organizations.models import AuditEntry, Organization, User
from organizations.richtext import TAGS
from tests import factories
from tests.at_work import Member

ESCO = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
FULL: dict[str, Any] = {
    "title": "Data literacy",
    "description": "<p>Reads &amp; questions data.</p>\n<p>Explains it.</p>",
    "language": "it",
    "type": "skills",
    "type_data": {"acquired_knowledge": "What data are\nand are not", "acquired_skills": "Reading"},
    "achievement_type": "Course",
    "assignment_criteria": "<p>Finish the <strong>course</strong>.</p><ul><li>All of it</li></ul>",
    "criteria_url": "https://acme.example/criteria",
    "criteria": [
        {"description": "Reads a table", "required": True, "note": None},
        {"description": "Draws a chart", "required": False},
    ],
    "tags": ["data", "statistics"],
    "categories": ["School"],
    "alignments": [
        {"name": "analyse data", "url": ESCO, "framework": "ESCO", "code": None, "description": "Collect"}
    ],
    "result_descriptions": [
        {
            "id": "grade",
            "name": "Grade",
            "type": "LetterGrade",
            "allowed_values": ["A", "B"],
            "required_value": "B",
        },
        {"id": "own", "name": "Own", "type": "ext:Own", "allowed_values": []},
    ],
    "validity_days": 365,
    "limit": 50,
    "is_unique": True,
    "code": "DATA",
    "color_primary": "#1D6B50",
    "other_org": "Globex",
    "other_org_info": "One line",
    "strapline": "Reads data",
    "time_value": 3,
    "time_units": "hours",
    "evidence_type": "URL",
    "badgekit_type": "course",
}


def sent(editor: TemplateEditor, **changed: Any) -> dict[str, Any]:
    """Return what a browser sends of the editor as it is shown, with some fields changed; lines end as browsers end them."""
    fields: dict[str, Any] = {"seen": editor.seen}
    forms: list[Any] = [editor.form, *(form for rows in editor.rows.values() for form in rows.forms)]
    forms += [rows.management_form for rows in editor.rows.values()]
    for form in forms:
        for field in form:
            value = field.value()
            if not isinstance(field.field, BooleanField):
                text = "" if value is None else str(getattr(value, "pk", value))
                fields[field.html_name] = text.replace("\n", "\r\n")
            elif value:
                fields[field.html_name] = "on"
    return fields | changed


def shown(template: BadgeTemplate) -> TemplateEditor:
    template = BadgeTemplate.objects.select_related("current_version", "organization").get(pk=template.pk)
    return TemplateEditor(organization=template.organization, template=template)


def content_of(template: BadgeTemplate) -> dict[str, Any]:
    template.refresh_from_db()
    version = BadgeTemplateVersion.objects.get(pk=str(template.current_version_id))
    return {name: getattr(version if hasattr(version, name) else template, name) for name in FULL}


def test_new_template_is_made_of_what_was_typed(acme: Organization, alice: User) -> None:
    member = Member(alice, acme)
    fields = sent(
        TemplateEditor(organization=acme),
        title="First aid",
        description="Helps.\r\n\r\nCalls 112 & stays.",
        tags="help\r\n\r\nrescue\r\nhelp",
        validity="days",
        validity_days="730",
        limit="20",
        is_unique="on",
        **{
            "criteria-0-description": "Shows the recovery position",
            "criteria-0-required": "on",
            "alignments-0-name": "first response",
            "alignments-0-url": ESCO,
            "result_descriptions-0-name": "Points",
            "result_descriptions-0-type": "RawScore",
        },
    )

    answer = member.post("new_template", **fields)

    template = BadgeTemplate.objects.get()
    version = template.current_version
    assert version is not None
    assert answer["Location"] == member.url("template", template.uuid)
    assert (template.organization, template.validity_days, template.limit, template.is_unique) == (
        acme,
        730,
        20,
        True,
    )
    assert version.description == "<p>Helps.</p>\n<p>Calls 112 &amp; stays.</p>"
    assert version.tags == ["help", "rescue"]
    assert version.criteria == [{"description": "Shows the recovery position", "required": True}]
    assert version.alignments == [{"name": "first response", "url": ESCO}]
    assert version.result_descriptions == [{"name": "Points", "type": "RawScore", "id": "points"}]
    assert AuditEntry.objects.get(subject=template.uuid).actor == "alice@acme.example"


def test_saving_without_a_change_changes_nothing(acme: Organization, alice: User) -> None:
    template = create_template(organization=acme, fields=FULL, by=None)
    factories.badge(template)
    before = content_of(template)

    answer = Member(alice, acme).post("edit_template", template.uuid, **sent(shown(template)))

    assert answer.status_code == 302
    assert content_of(template) == before
    assert BadgeTemplateVersion.objects.get().is_sealed
    assert list(AuditEntry.objects.filter(subject=template.uuid).values_list("act", flat=True)) == [
        "template.created"
    ]


def test_change_makes_a_version_once_a_badge_was_issued_and_says_so_before(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    member = Member(alice, acme)

    before = member.get("edit_template", template.uuid).content.decode()
    member.post("edit_template", template.uuid, **sent(shown(template), title="First"))
    for number in range(2):
        factories.badge(template, f"earner{number}@example.org")
    after = member.get("edit_template", template.uuid).content.decode()
    page = member.client.post(
        member.url("edit_template", template.uuid), sent(shown(template), title="Second"), follow=True
    )

    assert "No badge was issued from version 1 yet" in before
    assert "2 badges were issued from version 1: they stay as they are" in after
    assert "Saved as version 2." in page.content.decode()
    assert list(template.versions.order_by("number").values_list("title", flat=True)) == ["First", "Second"]
    assert set(Badge.objects.values_list("version__title", flat=True)) == {"First"}


def test_rules_change_without_a_version(
    acme: Organization, alice: User, badge: Badge, template: BadgeTemplate
) -> None:
    fields = sent(shown(template), limit="7", validity="days", validity_days="30", status="inactive")

    Member(alice, acme).post("edit_template", template.uuid, **fields)

    template.refresh_from_db()
    assert (template.limit, template.validity_days, template.status) == (7, 30, "inactive")
    assert template.versions.count() == 1


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"title": ""}, "Title: Give the badge a title."),
        ({"title": "x" * 256}, "Title: Ensure this value has at most 255 characters (it has 256)."),
        ({"title": "a\u200bb\x07"}, "Title: "),
        ({"type": "qualification"}, "Where it is used: A template of the type “Qualification” needs this."),
        ({"validity": "days"}, "Days until it expires: Say after how many days"),
        ({"limit": "0"}, "How many badges at most: "),
        ({"color_primary": "green"}, "Colour: Use the form #1D6B50."),
        ({"criteria_url": "javascript:alert(1)"}, "Link to the criteria: This is not a full web address."),
        ({"program": "1"}, "Programme: "),
        (
            {"alignments-0-url": "javascript:alert(1)", "alignments-0-name": "x"},
            "Link: This is not a full web address.",
        ),
        ({"alignments-0-name": "no link"}, "Link: This is needed."),
        ({"result_descriptions-0-value_max": "10"}, "Name: This is needed."),
        ({"criteria-0-note": "only a note"}, "What has to be done: This is needed."),
        ({"alignments_paste": "fine | https://a.example\nno link"}, "Line 2: There is no link."),
        ({"alignments_paste": "https://a.example/skill"}, "Line 1: It has no name."),
    ],
)
def test_refused_form_says_what_is_wrong_and_keeps_what_was_typed(
    acme: Organization,
    globex: Organization,
    alice: User,
    template: BadgeTemplate,
    changed: dict[str, str],
    error: str,
) -> None:
    program = factories.ProgramFactory.create(organization=globex)
    changed = {name: str(program.pk) if name == "program" else value for name, value in changed.items()}
    before = content_of(template)

    page = Member(alice, acme).post(
        "edit_template", template.uuid, **sent(shown(template), **{"strapline": "Kept as typed", **changed})
    )

    text = page.content.decode()
    assert page.status_code == 400
    assert any(
        f"{label}: {words}".startswith(error) or words.startswith(error)
        for _, label, words in page.context["editor"].errors
    )
    assert 'value="Kept as typed"' in text
    assert content_of(template) == before
    assert AuditEntry.objects.filter(act="template.changed").count() == 0


def test_limit_below_what_is_out_is_refused_beside_its_field(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    for number in range(2):
        factories.badge(template, f"earner{number}@example.org")

    page = Member(alice, acme).post("edit_template", template.uuid, **sent(shown(template), limit="1"))

    assert page.status_code == 400
    assert page.context["form"].errors == {
        "limit": ["2 of these badges are out already, so the limit cannot be lower."]
    }
    template.refresh_from_db()
    assert template.limit is None


def test_what_somebody_else_saved_is_not_written_over_unseen(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    fields = sent(shown(template), title="Mine")
    update_template(template=template, fields={"title": "Theirs"}, by=None)
    member = Member(alice, acme)

    warned = member.post("edit_template", template.uuid, **fields)
    template.refresh_from_db()
    assert warned.status_code == 400
    assert "Somebody else changed this template" in warned.content.decode()
    assert str(template) == "Theirs"

    member.post("edit_template", template.uuid, **fields | {"seen": warned.context["editor"].seen})
    template = BadgeTemplate.objects.get()
    assert str(template) == "Mine"


def test_fields_that_are_not_in_the_form_are_not_taken(
    acme: Organization, globex: Organization, alice: User, template: BadgeTemplate
) -> None:
    fields = sent(shown(template), title="Changed")
    extra: dict[str, Any] = {
        "organization": globex.pk,
        "badges_count": "9",
        "slug": "stolen",
        "is_published": "on",
        "image": "/etc/passwd",
    }

    Member(alice, acme).post("edit_template", template.uuid, **fields, **extra)

    template = BadgeTemplate.objects.get()
    assert str(template) == "Changed"
    assert (template.organization, template.badges_count, template.is_published) == (acme, 0, False)
    assert template.current_version is not None
    assert not template.current_version.image


def test_rows_are_added_and_taken_out(acme: Organization, alice: User) -> None:
    template = create_template(organization=acme, fields=FULL, by=None)
    member = Member(alice, acme)

    longer = member.post("edit_template", template.uuid, **sent(shown(template), title="", add="criteria"))
    fields = sent(
        longer.context["editor"],
        **{"title": "T", "criteria-0-DELETE": "on", "criteria-3-description": "Third"},
    )
    member.post("edit_template", template.uuid, **fields)

    assert longer.status_code == 200
    assert longer.context["editor"].errors == []
    assert len(longer.context["editor"].criteria.forms) == 4
    assert content_of(template)["criteria"] == [
        {"description": "Draws a chart", "required": False},
        {"description": "Third"},
    ]
    assert content_of(template)["alignments"] == FULL["alignments"]


def test_template_with_as_many_rows_as_there_may_be_is_saved(acme: Organization, alice: User) -> None:
    lists = {
        "criteria": [{"description": f"Criterion {number}"} for number in range(100)],
        "alignments": [{"name": "Skill", "url": f"https://acme.example/{number}"} for number in range(100)],
        "result_descriptions": [
            {"id": f"result-{number}", "name": "Result", "type": "Result"} for number in range(100)
        ],
    }
    template = create_template(organization=acme, fields=FULL | lists, by=None)

    answer = Member(alice, acme).post(
        "edit_template", template.uuid, **sent(shown(template), **{"criteria-99-description": "Last"})
    )

    assert answer.status_code == 302
    assert content_of(template)["criteria"] == [*lists["criteria"][:99], {"description": "Last"}]
    assert content_of(template)["alignments"] == lists["alignments"]


def test_pasted_links_become_rows_or_say_why_not(
    acme: Organization, globex: Organization, alice: User
) -> None:
    create_template(organization=acme, fields=FULL, by=None)
    create_template(
        organization=globex,
        fields=FULL | {"alignments": [{"name": "Secret", "url": "https://globex.example/"}]},
        by=None,
    )
    case = "https://case.example/uri/0f0e0d0c-1111-4222-8333-444455556666"
    pasted = [
        ESCO,
        f"Soil science | {case} | S.1",
        "https://www.onetonline.org/link/summary/19-1012.00\tSoil scientist",
        "own skill https://acme.example/skills/1",
        f"https://esco.ec.europa.eu/en/classification/skill?uri={ESCO[:-1]}0 | graft trees",
        "https://globex.example/",
        "",
        "0f0e0d0c-1111-4222-8333-444455556666",
        "javascript:alert(1) | evil",
        "ftp://files.example/skill | old",
    ]
    member = Member(alice, acme)
    page = member.post(
        "new_template",
        **sent(TemplateEditor(organization=acme), add="alignments", alignments_paste="\r\n".join(pasted)),
    )

    editor = page.context["editor"]
    rows = [
        {key: value for key, value in row.cleaned_data.items() if value and key != "DELETE"}
        for row in editor.alignments.forms
    ]
    assert rows == [
        {"name": "analyse data", "url": ESCO, "framework": "ESCO", "description": "Collect"},
        {"name": "Soil science", "url": case, "code": "S.1", "framework": "CASE", "type": "CFItem"},
        {
            "name": "Soil scientist",
            "url": "https://www.onetonline.org/link/summary/19-1012.00",
            "framework": "O*NET",
            "code": "19-1012.00",
        },
        {"name": "own skill", "url": "https://acme.example/skills/1"},
        {
            "name": "graft trees",
            "url": f"{ESCO[:-1]}0",
            "framework": "ESCO",
        },
        {"url": "https://globex.example/"},
    ]
    assert editor.form["alignments_paste"].value().splitlines() == pasted[-3:]
    assert [error for _id, _label, error in editor.errors] == [
        "Line 1: An identifier needs the address of its server, such as https://…/uri/….",
        "Line 2: There is no link. Write: name | link | code.",
        "Line 3: This is not a full web address. It begins with https:// or http:// and has no spaces.",
    ]


def test_search_finds_what_the_organization_used_and_one_click_adds_it(
    acme: Organization, globex: Organization, alice: User, template: BadgeTemplate
) -> None:
    create_template(organization=acme, fields=FULL, by=None)
    create_template(
        organization=globex,
        fields=FULL | {"alignments": [{"name": "Secret data", "url": "https://g.example/"}]},
        by=None,
    )
    member = Member(alice, acme)

    found = member.get("template_alignments", alignment_search="DATA esco").content.decode()
    nothing = member.get("template_alignments", alignment_search="<b>bees").content.decode()
    page = member.post("edit_template", template.uuid, **sent(shown(template), chosen=ESCO))

    assert found.count("<li>") == 1
    assert "analyse data" in found
    assert "You used no skill with “&lt;b&gt;bees” yet" in nothing
    assert [row.cleaned_data["name"] for row in page.context["editor"].alignments.forms] == ["analyse data"]
    assert content_of(template)["alignments"] == []


def test_preview_shows_what_saving_would_keep(
    acme: Organization, alice: User, template: BadgeTemplate
) -> None:
    fields = sent(
        shown(template),
        title="Typed <i>title</i>",
        description='<p onclick="x()">Typed <b>bold</b><script>alert(1)</script></p>',
        template=str(template.uuid),
        limit="wrong",
    )
    member = Member(alice, acme)

    part = member.client.post(member.url("template_preview"), fields, headers={"HX-Request": "true"})
    whole = member.client.post(member.url("template_preview"), fields)
    unknown = member.post("template_preview", template="nonsense")

    text = part.content.decode()
    assert "<html" not in text
    assert "Typed &lt;i&gt;title&lt;/i&gt;" in text
    assert "Typed bold" in text
    assert "alert(1)" not in text
    assert "onclick" not in text
    assert "Finish the <strong>course</strong>" in text
    assert "<html" in whole.content.decode()
    assert unknown.status_code == 404
    assert content_of(template)["title"] == "Data literacy"


ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)>{{ 7|add:7000000 }}"


def test_nothing_that_was_typed_runs(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    """Each text field has an attack in it: refused ones come back as text, kept ones are shown as text everywhere."""
    factories.badge(template)
    member = Member(alice, acme)
    texts = {
        name: ATTACK
        for name, field in shown(template).form.fields.items()
        if field.__class__.__name__ in {"CharField", "RichTextField", "TextLinesField", "ListedField"}
        and name not in {"criteria_url", "issuer_url", "rubric_url", "color_primary", "alignments_paste"}
    }
    rows = {
        **dict.fromkeys(
            ("criteria-0-description", "criteria-0-note", "alignments-0-name", "alignments-0-code"), ATTACK
        ),
        **dict.fromkeys(("alignments-0-framework", "alignments-0-description"), ATTACK),
        **dict.fromkeys(
            (f"result_descriptions-0-{key}" for key in ("name", "value_min", "allowed_values")), ATTACK
        ),
        "alignments-0-url": "https://a.example/?q='><script>",
    }
    texts |= {"strapline": ATTACK[:140], "code": ATTACK[:100]}

    refused = member.post("edit_template", template.uuid, **sent(shown(template), **texts, **rows))
    saved = member.post(
        "edit_template",
        template.uuid,
        **sent(shown(template), **texts, **rows | {"alignments-0-url": "https://a.example/"}),
    )
    pages = [
        member.get("templates"),
        member.get("template", template.uuid),
        member.get("edit_template", template.uuid),
        member.get("template_versions", template.uuid),
        member.get("template_version", template.uuid, BadgeTemplate.objects.get().current_version.uuid),  # type: ignore[union-attr]
        member.get("duplicate_template", template.uuid),
        member.get("archive_template", template.uuid),
        member.get("template_alignments"),
        member.client.get(template.public_path),
    ]

    assert saved.status_code == 302, saved.context["editor"].errors
    assert refused.status_code == 400
    for page in (refused, *pages):
        text = page.content.decode()
        assert page.status_code in {200, 400}
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "<svg onload" not in text
        assert "7000007" not in text
    assert sum("alert(1)" in page.content.decode() for page in pages) >= 7


@pytest.mark.parametrize("rows", [1, 3])
def test_editor_costs_the_same_however_much_there_is(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    template = create_template(organization=acme, fields=FULL, by=None)
    for number in range(rows):
        factories.badge(template, f"earner{number}@example.org")
        factories.ProgramFactory.create(organization=acme, slug=f"program-of-acme-{number}")
        create_template(organization=acme, fields=FULL, by=None)
    member = Member(alice, acme)

    with django_assert_num_queries(
        8
    ):  # session, user, membership, template, used, badges out, programs: any, all
        member.get("edit_template", template.uuid)


def test_editor_script_cleans_like_the_server() -> None:
    """The elements that the editor in the browser lets through are those that saving keeps."""

    script = (Path(__file__).parents[2] / "static" / "rich_text.js").read_text()
    kept = script.partition('KEPT = new Set("')[2].partition('"')[0]

    assert set(kept.lower().split()) == TAGS
