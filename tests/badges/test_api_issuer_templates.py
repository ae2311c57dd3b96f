"""Badge templates in the issuer API: made, listed, read, changed, archived, restored, copied."""

import uuid
from datetime import datetime
from typing import Any

import pytest

from badges.api.issuer_template_bodies import FullTemplateShape, TemplateShape, VersionShape
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.batches import create_batch
from badges.services.paths import PathStepSpec, set_path_steps
from badges.services.templates import TYPE_KEYS, archive_template
from earners.services import Person
from organizations.enums import ApiScope
from organizations.models import Organization
from tests import factories
from tests.api import Api, assert_has_shape, golden

TEMPLATES = "/badge_templates"
# What the original's own documentation sends to create one (reference openbadge_eu section 5.2).
SENT: dict[str, Any] = {
    "title": "Shark Course A1",
    "application_scope": "Nature",
    "assignment_criteria": "Must know sharks",
    "language": "en",
    "color_primary": "#FFFFFF",
    "code": "DALP",
    "type": "skills",
    "type_data": {
        "acquired_knowledge": "Test Knowledge",
        "acquired_skills": "Test Skills",
        "acquired_attitudes": "Test Attitudes",
        "application_scope": "Test Scope",
    },
    "description": "This is a test for learning path",
    "other_org": "Test other Org",
    "other_org_info": "Test other info",
    "is_learning_path": 0,
    "status": "active",
    "is_published": 1,
}
FURTHER = {
    "limit": 100,
    "unique": 1,
    "validity_days": 365,
    "achievement_type": "Course",
    "criteria_url": "https://acme.example/sharks",
    "criteria": [{"description": "Swim", "required": True, "note": None}, {"description": "Dive"}],
    "tags": ["sharks", "sea"],
    "alignments": [
        {"name": "Zoology", "url": "https://framework.example/zoology", "type": "ceasn:Competency"}
    ],
    "result_descriptions": [
        {"id": "grade", "name": "Grade", "type": "LetterGrade", "allowed_values": ["A", "B"]}
    ],
}


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def foreign(globex: Organization) -> BadgeTemplate:
    """A template of globex's."""
    return factories.template(globex, title="Secret", code="SECRET")


def one(template: BadgeTemplate) -> str:
    return f"{TEMPLATES}/{template.uuid}"


# --- making


def test_post_creates_what_the_original_documents(api: Api, acme: Organization) -> None:
    response = api.post(TEMPLATES, SENT | FURTHER)

    assert response.status_code == 201
    body = response.json()
    data = body["data"]
    assert list(data)[:13] == [
        "id", "organization_id", "title", "application_scope", "assignment_criteria", "image_path",
        "image_high_path", "image_thumbnail_path", "background_image_path", "color_primary", "code", "type",
        "type_data",
    ]  # fmt: skip
    assert_has_shape(data, TemplateShape)
    assert {key: data[key] for key in SENT} == SENT
    assert data["organization_id"] == str(acme.uuid)
    default = "http://127.0.0.1:8000/static/badges/default_badge.png"
    assert {data["image_path"], data["image_high_path"], data["image_thumbnail_path"]} == {default}
    assert data["background_image_path"] is None
    assert data["criteria"] == [
        {"description": "Swim", "required": 1, "note": None},
        {"description": "Dive", "required": 0, "note": None},
    ]
    golden("badge_template", body)
    template = BadgeTemplate.objects.get()
    assert (template.organization, template.is_unique, template.limit) == (acme, True, 100)
    acme.refresh_from_db()
    assert acme.badge_templates_count == 1


def test_post_needs_a_title_and_a_type_alone(api: Api, acme: Organization) -> None:
    response = api.post(TEMPLATES, {"title": "Present", "type": "participation"})

    assert response.status_code == 201
    data = response.json()["data"]
    assert (data["language"], data["status"], data["is_published"], data["type_data"]) == (
        "en",
        "active",
        0,
        dict.fromkeys(TYPE_KEYS),
    )


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_post_means_the_same_in_every_encoding(api: Api, acme: Organization, kind: str) -> None:
    api.post(
        TEMPLATES, SENT | {"criteria": [{"description": "Swim", "required": 1}], "tags": ["sea", "sharks"]}
    )
    fields = {name: str(value) for name, value in SENT.items() if name != "type_data"}
    fields |= {f"type_data[{key}]": value for key, value in SENT["type_data"].items()}
    fields |= {
        "criteria[0][description]": "Swim",
        "criteria[0][required]": "1",
        "tags[0]": "sea",
        "tags[1]": "sharks",
    }

    if kind == "form":
        encoded = "&".join(f"{name}={value}" for name, value in fields.items()).replace("#", "%23")
        response = api.raw("POST", TEMPLATES, encoded.encode(), "application/x-www-form-urlencoded")
    else:
        response = api.form("POST", TEMPLATES, fields)

    assert response.status_code == 201
    same, as_json = [template["current_version"] for template in _contents()]
    assert same == as_json


def _contents() -> list[dict[str, Any]]:
    """Return what all templates say, newest first, without what differs anyway."""
    different = ("id", "uuid", "template", "created_at", "updated_at")
    found = []
    for template in BadgeTemplate.objects.select_related("current_version"):
        assert template.current_version is not None
        fields = [field.name for field in BadgeTemplateVersion._meta.fields if field.name not in different]
        content = {name: str(getattr(template.current_version, name)) for name in fields}
        found.append({"current_version": content, "is_published": template.is_published})
    return found


def test_post_tells_every_error_at_once(api: Api, acme: Organization) -> None:
    response = api.post(
        TEMPLATES,
        {
            "title": "",
            "language": "de",
            "color_primary": "red",
            "code": "x" * 101,
            "type": "knowledge",
            "type_data": {"acquired_skills": 5, "acquired_attitudes": " "},
            "is_learning_path": "perhaps",
            "status": "enabled",
            "image": "text",
            "limit": 0,
            "validity_days": 36_501,
            "achievement_type": "Hug",
            "criteria_url": "javascript:alert(1)",
            "criteria": [{"note": "x"}, 5],
            "tags": "sea",
            "alignments": [{"name": "a\x01b", "url": "nowhere"}],
            "other_org": ["x"],
        },
    )

    assert response.status_code == 422
    errors = response.json()["errors"]
    assert errors == {
        "title": ["The title field is required."],
        "language": ["The selected language is invalid."],
        "color_primary": ["The color primary field format is invalid."],
        "code": ["The code field must not be greater than 100 characters."],
        "type_data.acquired_skills": ["The type data.acquired skills field must be a string."],
        "is_learning_path": ["The is learning path field must be true or false."],
        "status": ["The selected status is invalid."],
        "other_org": ["The other org field must be a string."],
        "image": ["The image field must be a file."],
        "limit": ["The limit field must be at least 1."],
        "validity_days": ["The validity days field must not be greater than 36500."],
        "achievement_type": ["The selected achievement type is invalid."],
        "criteria_url": [
            "This is not a full web address. It begins with https:// or http:// and has no spaces."
        ],
        "criteria.0.description": ["The criteria.0.description field is required."],
        "criteria.1": ["The criteria.1 field must be an array."],
        "tags": ["The tags field must be an array."],
        "alignments.0.name": [
            "The text has an invisible character (U+0001, at position 2). It cannot be signed. Remove it, or type the"
            " text anew."
        ],
        "alignments.0.url": [
            "This is not a full web address. It begins with https:// or http:// and has no spaces."
        ],
        "type_data.acquired_knowledge": [
            "The type data.acquired knowledge field is required when type is knowledge."
        ],
        "type_data.acquired_attitudes": [
            "The type data.acquired attitudes field is required when type is knowledge."
        ],
    }
    assert response.json()["message"] == "The title field is required. (and 19 more errors)"
    assert not BadgeTemplate.objects.exists()


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("participation", []),
        ("skills", ["acquired_knowledge", "acquired_skills"]),
        ("knowledge", ["acquired_knowledge", "acquired_skills", "acquired_attitudes"]),
        (
            "qualification",
            ["acquired_knowledge", "acquired_skills", "acquired_attitudes", "application_scope"],
        ),
    ],
)
def test_post_needs_the_parts_of_its_type(
    api: Api, acme: Organization, kind: str, missing: list[str]
) -> None:
    response = api.post(TEMPLATES, {"title": "Course", "type": kind, "application_scope": "Nature"})

    assert response.status_code == (422 if missing else 201)
    assert list(response.json().get("errors", {})) == [f"type_data.{key}" for key in missing]
    assert BadgeTemplate.objects.count() == (0 if missing else 1)


def test_post_with_an_idempotency_key_creates_once(api: Api, acme: Organization) -> None:
    first = api.post(TEMPLATES, SENT, Idempotency_Key="one")
    second = api.post(TEMPLATES, SENT, Idempotency_Key="one")
    other = api.post(TEMPLATES, SENT | {"title": "Other"}, Idempotency_Key="one")

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == second.json()
    assert BadgeTemplate.objects.count() == 1


def test_html_is_sanitised(api: Api, acme: Organization) -> None:
    sent = SENT | {
        "description": "<p onclick=x>Fine</p><script>bad()</script>",
        "assignment_criteria": "<b>x",
    }

    data = api.post(TEMPLATES, sent).json()["data"]

    assert (data["description"], data["assignment_criteria"]) == ("<p>Fine</p>", "<b>x</b>")


# --- listing


def test_list_is_laravels_page(api: Api, template: BadgeTemplate, foreign: BadgeTemplate) -> None:
    response = api.get(TEMPLATES)

    assert response.status_code == 200
    body = response.json()
    assert [item["id"] for item in body["data"]] == [str(template.uuid)]
    assert body["meta"]["total"] == 1
    assert_has_shape(body["data"][0], TemplateShape)
    golden("badge_templates", body)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_as_for_three(
    api: Api, acme: Organization, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        factories.template(acme, title=f"Course {number}")
    api.get(TEMPLATES)

    with django_assert_num_queries(3):  # the key, how many, which
        assert len(api.get(TEMPLATES).json()["data"]) == rows


@pytest.fixture
def three(acme: Organization, foreign: BadgeTemplate) -> dict[str, BadgeTemplate]:
    """Three templates that differ in everything, and a fourth that is archived."""
    parts = {"acquired_knowledge": "x", "acquired_skills": "y"}
    found = {
        "sea": factories.template(acme, title="Über dem Meer", code="SEA", is_published=True, language="it"),
        "sky": factories.template(acme, title="Sky", code="SKY", type="skills", type_data=parts),
        "path": factories.template(acme, title="Path 100%", status="inactive", is_learning_path=True),
        "old": archive_template(template=factories.template(acme, title="Old"), by=None),
    }
    for day, template in enumerate(found.values(), start=1):
        moment = datetime.fromisoformat(f"2024-06-0{day}T23:30:00+00:00")
        BadgeTemplate.objects.filter(pk=template.pk).update(created_at=moment)
    return found


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["path", "sky", "sea"]),
        ({"title": "sk"}, ["sky"]),
        ({"name": "ÜBER"}, ["sea"]),
        ({"title": "100%"}, ["path"]),
        ({"title": "%"}, ["path"]),
        ({"code": "se"}, ["sea"]),
        ({"search": "s"}, ["sky", "sea"]),
        ({"type": "skills"}, ["sky"]),
        ({"status": "inactive"}, ["path"]),
        ({"is_learning_path": "1"}, ["path"]),
        ({"is_learning_path": "0"}, ["sky", "sea"]),
        ({"is_published": "true"}, ["sea"]),
        ({"language": "it"}, ["sea"]),
        ({"archived": "1"}, ["old"]),
        ({"archived": "0"}, ["path", "sky", "sea"]),
        ({"created_at_after": "2024-06-02"}, ["path", "sky"]),
        ({"created_at_before": "2024-06-02"}, ["sky", "sea"]),
        ({"Created_at_after": "2024-06-02", "Created_at_before": "2024-06-02"}, ["sky"]),
        ({"id": str(uuid.uuid4())}, []),
    ],
)
def test_list_is_filtered(
    api: Api, three: dict[str, BadgeTemplate], query: dict[str, str], expected: list[str]
) -> None:
    names = {str(template.uuid): name for name, template in three.items()}

    response = api.get(TEMPLATES, query)

    assert response.status_code == 200
    assert [names[item["id"]] for item in response.json()["data"]] == expected


def test_list_by_id_finds_no_other_organizations(
    api: Api, template: BadgeTemplate, foreign: BadgeTemplate
) -> None:
    found = api.get(TEMPLATES, {"id": f"{template.uuid},{foreign.uuid}"}).json()

    assert [item["id"] for item in found["data"]] == [str(template.uuid)]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"type": "hug"}, "The selected type is invalid."),
        ({"status": "enabled"}, "The selected status is invalid."),
        ({"language": "de"}, "The selected language is invalid."),
        ({"is_published": "perhaps"}, "The is published field must be true or false."),
        ({"created_at_after": "soon"}, "The created at after field must be a valid date."),
        ({"id": "5"}, "The id field must be a valid UUID."),
        ({"title": "a\x00"}, "The title field format is invalid."),
    ],
)
def test_list_refuses_filters_that_mean_nothing(
    api: Api, template: BadgeTemplate, query: dict[str, str], message: str
) -> None:
    response = api.get(TEMPLATES, query)

    assert response.status_code == 422
    assert response.json() == {"message": message, "errors": {next(iter(query)): [message]}}


# --- reading


def test_get_answers_the_template_with_its_organization(api: Api, template: BadgeTemplate) -> None:
    response = api.get(one(template))

    assert response.status_code == 200
    data = response.json()["data"]
    assert_has_shape(data, FullTemplateShape)
    assert data["organization"] == api.get().json()["data"]
    del data["organization"]
    assert data == api.get(TEMPLATES).json()["data"][0]


def test_get_is_answered_once_to_those_who_have_it(api: Api, template: BadgeTemplate) -> None:
    etag = api.get(one(template))["ETag"]

    assert api.get(one(template), If_None_Match=etag).status_code == 304


# --- changing


def test_put_changes_what_is_sent_and_nothing_else(api: Api, template: BadgeTemplate) -> None:
    before = api.get(TEMPLATES).json()["data"][0]

    response = api.put(
        one(template), {"title": "Data mastery", "is_published": 1, "code": None, "tags": None}
    )

    assert response.status_code == 200
    after = response.json()["data"]
    changed = {
        "title": "Data mastery",
        "is_published": 1,
        "tags": [],
        "updated_at": after["updated_at"],
        "public_url": f"http://127.0.0.1:8000/public/templates/{template.uuid}",
    }
    assert after == before | changed
    assert api.get(TEMPLATES).json()["data"][0] == after


def test_put_merges_the_parts_of_type_data(api: Api, acme: Organization) -> None:
    template = api.post(TEMPLATES, SENT).json()["data"]

    response = api.put(
        f"{TEMPLATES}/{template['id']}",
        {"type_data": {"acquired_skills": "Better", "application_scope": None}},
    )

    assert response.status_code == 200
    assert response.json()["data"]["type_data"] == {
        "acquired_knowledge": "Test Knowledge",
        "acquired_skills": "Better",
        "acquired_attitudes": "Test Attitudes",
        "application_scope": None,
    }


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ({"type": "qualification"}, ["application_scope"]),
        ({"type_data": {"acquired_skills": ""}}, ["acquired_skills"]),
        ({"type": "participation", "type_data": {"acquired_skills": None}}, []),
        ({"type_data": None}, []),
        ({"title": "Other"}, []),
    ],
)
def test_put_keeps_the_parts_that_the_type_needs(
    api: Api, acme: Organization, sent: dict[str, Any], missing: list[str]
) -> None:
    created = SENT | {"type_data": SENT["type_data"] | {"application_scope": None}}
    path = f"{TEMPLATES}/{api.post(TEMPLATES, created).json()['data']['id']}"
    before = api.get(path).json()["data"]

    response = api.put(path, sent)

    assert response.status_code == (422 if missing else 200)
    assert list(response.json().get("errors", {})) == [f"type_data.{key}" for key in missing]
    assert (api.get(path).json()["data"]["updated_at"] == before["updated_at"]) is bool(missing)


def test_put_after_the_first_badge_makes_a_version(api: Api, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    before = api.get(one(template)).json()["data"]

    after = api.put(one(template), {"title": "Data mastery"}).json()["data"]
    rules = api.put(one(template), {"status": "inactive"}).json()["data"]

    assert (before["version_code"], after["version_code"], rules["version_code"]) == ("1", "2", "2")
    assert (
        before["badge_template_version_id"] == str(badge.version.uuid) != after["badge_template_version_id"]
    )
    assert (after["badges_count"], after["title"]) == (1, "Data mastery")
    badge.version.refresh_from_db()
    assert badge.version.title == "Data literacy"


def test_put_refuses_a_limit_below_what_is_out(api: Api, template: BadgeTemplate) -> None:
    factories.badge(template)
    factories.badge(template, "bea@example.org")

    response = api.put(one(template), {"limit": 1, "title": "Other"})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["limit"]
    assert api.get(one(template)).json()["data"]["title"] == "Data literacy"
    assert api.put(one(template), {"limit": 2}).status_code == 200


def test_put_refuses_items_with_parts_missing(api: Api, template: BadgeTemplate) -> None:
    sent = {"criteria": [{}], "alignments": [{"name": "x"}, {}], "result_descriptions": [{}]}

    response = api.put(one(template), sent | {"title": None, "type": "hug"})

    assert response.status_code == 422
    assert sorted(response.json()["errors"]) == [
        "alignments.0.url",
        "alignments.1.name",
        "alignments.1.url",
        "criteria.0.description",
        "result_descriptions.0.id",
        "result_descriptions.0.name",
        "result_descriptions.0.type",
        "title",
        "type",
    ]


def test_post_with_method_put_is_put(api: Api, template: BadgeTemplate) -> None:
    response = api.form("POST", one(template), {"_method": "PUT", "title": "Data mastery"})

    assert (response.status_code, response.json()["data"]["title"]) == (200, "Data mastery")


# --- versions


def test_versions_are_listed_and_read(api: Api, template: BadgeTemplate) -> None:
    factories.badge(template)
    api.put(one(template), {"title": "Data mastery"})

    listed = api.get(f"{one(template)}/versions").json()
    first = api.get(f"{one(template)}/versions/{listed['data'][1]['id']}")

    assert [(item["version_code"], item["title"]) for item in listed["data"]] == [
        ("2", "Data mastery"),
        ("1", "Data literacy"),
    ]
    assert [item["sealed_at"] is None for item in listed["data"]] == [True, False]
    assert first.json()["data"] == listed["data"][1]
    assert_has_shape(listed["data"][1], VersionShape)
    assert list(listed["data"][1])[:5] == [
        "id",
        "organization_id",
        "title",
        "assignment_criteria",
        "image_path",
    ]
    golden("badge_template_versions", listed)


@pytest.mark.parametrize("rows", [1, 3])
def test_versions_ask_as_often_for_one_as_for_three(
    api: Api, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        api.put(one(template), {"title": f"Title {number}"})
        factories.badge(template, f"earner{number}@example.org")

    with django_assert_num_queries(4):  # the key, the template, how many, which
        assert len(api.get(f"{one(template)}/versions").json()["data"]) == rows


def test_version_of_another_template_is_missing(
    api: Api, template: BadgeTemplate, acme: Organization
) -> None:
    other = factories.template(acme)
    assert other.current_version is not None

    assert api.get(f"{one(template)}/versions/{other.current_version.uuid}").status_code == 404
    assert api.get(f"{one(other)}/versions/{other.current_version.uuid}").status_code == 200


# --- archiving and copying


def test_delete_archives_and_restore_brings_back(
    api: Api, template: BadgeTemplate, acme: Organization
) -> None:
    badge = factories.badge(template)

    assert (api.delete(one(template)).status_code, api.delete(one(template)).status_code) == (204, 204)
    assert api.get(TEMPLATES).json()["data"] == []
    assert api.get(one(template)).json()["data"]["archived_at"] is not None
    refused = api.put(one(template), {"title": "Other"})
    assert (refused.status_code, api.get(one(template)).json()["data"]["title"]) == (409, "Data literacy")
    badge.refresh_from_db()
    assert badge.revoked_at is None

    restored = api.post(f"{one(template)}/restore")
    assert (restored.status_code, restored.json()["data"]["archived_at"]) == (200, None)
    acme.refresh_from_db()
    assert acme.badge_templates_count == 1


def test_delete_refuses_while_a_batch_runs(api: Api, template: BadgeTemplate) -> None:
    create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)

    response = api.delete(one(template))

    assert response.status_code == 409
    assert response.json()["message"].startswith("A batch of this badge template has not ended.")
    template.refresh_from_db()
    assert not template.is_archived


def test_delete_refuses_what_a_path_cannot_do_without(
    api: Api, template: BadgeTemplate, acme: Organization
) -> None:
    other = factories.template(acme, title="Statistics")
    path = factories.template(acme, title="Expert", is_learning_path=True)
    spec = PathStepSpec(templates=[template, other], needed=1)
    set_path_steps(path=path, steps=[spec], in_order=False, by=None)

    first = api.delete(one(other))
    second = api.delete(one(template))

    assert (first.status_code, second.status_code) == (204, 409)
    assert "step 1 of the learning path “Expert”" in second.json()["message"]
    template.refresh_from_db()
    assert not template.is_archived
    assert api.delete(one(path)).status_code == 204
    assert api.delete(one(template)).status_code == 204


def test_delete_leaves_claim_codes_to_a_later_day(api: Api, template: BadgeTemplate) -> None:
    code = factories.claim_code(template)

    assert api.delete(one(template)).status_code == 204
    code.refresh_from_db()
    assert not code.is_claimed


def test_duplicate_copies_content_and_rules(api: Api, acme: Organization) -> None:
    source = api.post(TEMPLATES, SENT | FURTHER).json()["data"]

    response = api.post(f"{TEMPLATES}/{source['id']}/duplicate", {"title": "Whales"})
    unnamed = api.post(f"{TEMPLATES}/{source['id']}/duplicate")

    assert (response.status_code, unnamed.status_code) == (201, 201)
    copy = response.json()["data"]
    own = ("id", "badge_template_version_id", "created_at", "updated_at")
    changed = {"title": "Whales", "is_published": 0, "public_url": None}
    assert copy == source | changed | {name: copy[name] for name in own}
    assert copy["id"] != source["id"]
    assert unnamed.json()["data"]["title"] == "Copy of Shark Course A1"


# --- who may


ROUTES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "", None),
    ("PUT", "", {"title": "Mine"}),
    ("PATCH", "", {"title": "Mine"}),
    ("DELETE", "", None),
    ("POST", "/restore", None),
    ("POST", "/duplicate", {}),
    ("POST", "/image", {}),
    ("DELETE", "/image", None),
    ("POST", "/background_image", {}),
    ("DELETE", "/background_image", None),
    ("GET", "/versions", None),
    ("GET", "/versions/{version}", None),
]


@pytest.mark.parametrize(("method", "tail", "body"), ROUTES)
def test_another_organizations_template_is_as_absent(
    api: Api, foreign: BadgeTemplate, method: str, tail: str, body: Any
) -> None:
    assert foreign.current_version is not None
    tail = tail.format(version=foreign.current_version.uuid)

    hidden = api.send(method, f"{one(foreign)}{tail}", body)
    absent = api.send(method, f"{TEMPLATES}/{uuid.uuid4()}{tail}", body)

    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.status_code == 404
    foreign.refresh_from_db()
    assert (str(foreign), foreign.is_archived, BadgeTemplate.objects.count()) == ("Secret", False, 1)
    owner = Api(factories.api_key(foreign.organization)[1])
    assert owner.get(one(foreign)).status_code == 200


@pytest.mark.parametrize(("method", "tail", "body"), [("POST", None, SENT), *ROUTES])
def test_key_that_may_only_read_writes_nothing(
    template: BadgeTemplate, acme: Organization, method: str, tail: str | None, body: Any
) -> None:
    reader = Api(factories.api_key(acme, ApiScope.READ)[1])
    assert template.current_version is not None
    path = (
        TEMPLATES if tail is None else f"{one(template)}{tail.format(version=template.current_version.uuid)}"
    )

    response = reader.send(method, path, body)

    assert response.status_code == (200 if method == "GET" else 403)
    template.refresh_from_db()
    assert (str(template), template.is_archived, BadgeTemplate.objects.count()) == ("Data literacy", False, 1)


# --- what nobody should send


@pytest.mark.parametrize(
    "body",
    [
        {"title": {"a": 1}, "type": "participation"},
        {"title": True, "type": "participation"},
        {"title": "a\x00b", "type": "participation"},
        {"title": "a\x01b", "type": "participation"},
        {"title": "\ud800", "type": "participation"},
        {"title": "x" * 256, "type": "participation"},
        {"title": "x", "type": ["participation"]},
        {"title": "x", "type": {"a": 1}},
        {"title": "x", "type": None},
        {"title": "x", "type": 5},
        {"title": "x", "type": "skills", "type_data": "text"},
        {"title": "x", "type": "skills", "type_data": [1]},
        {"title": "x", "type": "skills", "type_data": {"acquired_skills": [], "acquired_knowledge": {}}},
        {"title": "x", "type": "skills", "type_data": {"acquired_skills": 5, "acquired_knowledge": 1e308}},
        {"title": "x", "type": "participation", "limit": 10**30},
        {"title": "x", "type": "participation", "limit": 1.0},
        {"title": "x", "type": "participation", "limit": [1]},
        {"title": "x", "type": "participation", "validity_days": -1},
        {"title": "x", "type": "participation", "tags": {"a": 1}},
        {"title": "x", "type": "participation", "tags": ["a", "a"]},
        {"title": "x", "type": "participation", "tags": [["a"]]},
        {"title": "x", "type": "participation", "tags": ["a"] * 101},
        {"title": "x", "type": "participation", "tags": [""]},
        {"title": "x", "type": "participation", "criteria": {"0": {"description": "x"}}},
        {"title": "x", "type": "participation", "criteria": [None]},
        {"title": "x", "type": "participation", "criteria": "text"},
        {"title": "x", "type": "participation", "alignments": [{"name": "x", "url": "https://[x"}]},
        {"title": "x", "type": "participation", "alignments": [{"name": "x", "url": "https://x y.example"}]},
        {"title": "x", "type": "participation", "alignments": [{"name": "x", "url": "https://x.example", "type": "No"}]},
        {"title": "x", "type": "participation", "result_descriptions": [{"id": "g", "name": "G", "type": "No"}]},
        {"title": "x", "type": "participation", "result_descriptions": [{"id": 5, "name": "G", "type": "Status"}]},
        {"title": "x", "type": "participation", "image": {"a": 1}},
        {"title": "x", "type": "participation", "image": ["a"]},
        {"title": "x", "type": "participation", "color_primary": "#12345\n"},
        {"title": "x", "type": "participation", "color_primary": 123456},
        {"title": "x", "type": "participation", "description": "x" * 65_536},
        {"title": "x", "type": "participation", "description": "a\x01b"},
        {"title": "x", "type": "participation", "is_published": 2},
        {"title": "x", "type": "participation", "is_published": None},
        {"title": "x", "type": "participation", "is_published": {"a": []}},
        {"title": "x", "type": "participation", "status": None},
    ],
)  # fmt: skip
def test_post_refuses_what_nobody_should_send(api: Api, acme: Organization, body: dict[str, Any]) -> None:
    response = api.post(TEMPLATES, body)

    assert response.status_code == 422, response.content
    assert response.json()["errors"]
    assert not BadgeTemplate.objects.exists()
