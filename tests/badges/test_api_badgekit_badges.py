"""Badges in the BadgeKit API: our templates, made, read, changed, archived and deleted by its clients."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from pytest_django import DjangoAssertNumQueries

from badges.api.badgekit_bodies import instant
from badges.enums import TemplateStatus
from badges.models import Badge, BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import restore_template, update_template
from organizations.enums import ApiScope
from organizations.models import Organization, Program, System
from tests import factories
from tests.badgekit import BadgekitClient
from tests.foreign import Site, foreign_site
from tests.pictures import png
from tests.racing import race

SYSTEM, ISSUER, PROGRAM = (
    "/systems/main",
    "/systems/main/issuers/acme",
    "/systems/main/issuers/acme/programs/evening",
)
DATA_URL = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
LEAST: dict[str, Any] = {
    "name": "Bee keeper",
    "earnerDescription": "Keep bees for a year.",
    "consumerDescription": "Has kept bees for a year.",
    "criteriaUrl": "https://bees.example/criteria",
    "unique": True,
    "type": "skill",
    "image": DATA_URL,
}
FULL: dict[str, Any] = LEAST | {
    "slug": "bee-keeper",
    "strapline": "Busy & <happy>.",
    "issuerUrl": "https://bees.example",
    "rubricUrl": "https://bees.example/rubric",
    "timeValue": 12,
    "timeUnits": "weeks",
    "evidenceType": "Photo",
    "limit": 5,
    "criteria": [
        {"description": "No bee died.", "required": True, "note": "Ask the bees."},
        {"description": "Honey was made.", "required": 0},
    ],
    "alignments": [{"name": "Bees", "url": "https://bees.example/bees", "description": "All about them."}],
    "categories": ["nature", "honey"],
    "tags": ["bees", {"value": "wax"}],
}
KEYS = [
    *(
        "id",
        "slug",
        "name",
        "strapline",
        "earnerDescription",
        "consumerDescription",
        "issuerUrl",
        "rubricUrl",
    ),
    *(
        "timeValue",
        "timeUnits",
        "evidenceType",
        "limit",
        "unique",
        "created",
        "imageUrl",
        "type",
        "archived",
        "system",
        "issuer",
    ),
    *("program", "criteriaUrl", "criteria", "alignments", "categories", "tags", "milestones"),
]


@pytest.fixture
def master(acme: Organization) -> BadgekitClient:
    """A client with the master key; acme and its program `evening` are there."""
    factories.ProgramFactory.create(organization=acme, slug="evening", name="Evening school")
    return BadgekitClient()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A web site of somebody else's with a picture."""
    with foreign_site(monkeypatch) as running:
        running.replies["/badge.png"] = (200, {}, png(200, 200))
        yield running


def make(client: BadgekitClient, scope: str = ISSUER, **fields: Any) -> BadgeTemplate:
    """Make a badge through the API and return its template."""
    answer = client.post(f"{scope}/badges", LEAST | fields)
    assert answer.status == 201, answer.body
    return BadgeTemplate.objects.get(pk=answer.body["badge"]["id"])


def test_a_badge_is_made_and_read_back(master: BadgekitClient, acme: Organization) -> None:
    made = master.post(f"{PROGRAM}/badges", FULL)

    template = BadgeTemplate.objects.get(slug="bee-keeper")
    version = template.current_version
    assert version is not None
    program = Program.objects.get()
    assert made.status == 201
    assert made.headers["Location"] == f"{PROGRAM}/badges/bee-keeper"
    badge = {
        "id": template.pk,
        "slug": "bee-keeper",
        "name": "Bee keeper",
        "strapline": "Busy & <happy>.",
        "earnerDescription": "Keep bees for a year.",
        "consumerDescription": "Has kept bees for a year.",
        "issuerUrl": "https://bees.example",
        "rubricUrl": "https://bees.example/rubric",
        "timeValue": 12,
        "timeUnits": "weeks",
        "limit": 5,
        "unique": 1,
        "created": instant(template.created_at),
        "imageUrl": f"{settings.PUBLIC_URL}/public/versions/{version.uuid}/image.png",
        "type": "skill",
        "archived": False,
        "system": {
            "id": acme.system_id,
            "slug": "main",
            "url": "https://system.example.org",
            "name": "Main",
            "email": None,
            "imageUrl": None,
            "issuers": [],
        },
        "issuer": {
            "id": acme.pk,
            "slug": "acme",
            "url": "https://organization.example.org",
            "name": "Acme Academy",
            "description": None,
            "email": "badges@organization.example.org",
            "imageUrl": None,
            "programs": [],
        },
        "program": {
            "id": program.pk,
            "slug": "evening",
            "url": None,
            "name": "Evening school",
            "description": None,
            "email": None,
            "imageUrl": None,
        },
        "criteriaUrl": "https://bees.example/criteria",
        "criteria": [
            {"id": 1, "description": "No bee died.", "required": 1, "note": "Ask the bees."},
            {"id": 2, "description": "Honey was made.", "required": 0, "note": None},
        ],
        "alignments": [
            {"id": 1, "name": "Bees", "url": "https://bees.example/bees", "description": "All about them."}
        ],
        "evidenceType": "Photo",
        "categories": ["nature", "honey"],
        "tags": [{"id": 1, "value": "bees"}, {"id": 2, "value": "wax"}],
        "milestones": [],
    }
    assert made.body == {"status": "created", "badge": badge}
    assert list(made.body["badge"]) == KEYS
    for scope in (SYSTEM, ISSUER, PROGRAM):
        assert master.get(f"{scope}/badges/bee-keeper").body == {"badge": badge}
        assert master.get(f"{scope}/badges").body == {"badges": [badge]}
    assert master.client.get(f"/public/versions/{version.uuid}/image.png").status_code == 200


@pytest.mark.parametrize(
    ("scope", "reached"),
    [(SYSTEM, [200, 404, 404]), (ISSUER, [200, 200, 404]), (PROGRAM, [200, 200, 200])],
    ids=["system", "issuer", "program"],
)
def test_a_path_only_narrows_down(master: BadgekitClient, scope: str, reached: list[int]) -> None:
    template = make(master, scope)

    answers = [master.get(f"{path}/badges/{template.slug}") for path in (SYSTEM, ISSUER, PROGRAM)]
    lists = [master.get(f"{path}/badges").body["badges"] for path in (SYSTEM, ISSUER, PROGRAM)]

    assert [answer.status for answer in answers] == reached
    assert [200 if rows else 404 for rows in lists] == reached
    assert template.organization.is_system_itself == (scope == SYSTEM)
    assert ("issuer" in answers[0].body["badge"]) == (scope != SYSTEM)
    for answer in answers:
        if answer.status == 404:
            message = f"Could not find badge field: `slug`, value: `{template.slug}`"
            assert answer.body == {"code": "ResourceNotFound", "message": message}


def test_a_badge_made_here_is_issued_anywhere(master: BadgekitClient) -> None:
    template = make(master)

    badge = factories.badge(template)

    assert (template.is_published, template.is_unique, badge.holds_place) == (True, True, True)
    page = master.client.get(template.public_path, headers={"Accept": "text/html"})
    assert "Bee keeper" in page.content.decode()
    shown = master.client.get(f"{badge.public_path}/ob3.json").json()
    assert shown["credentialSubject"]["achievement"]["description"] == "Has kept bees for a year."


def test_a_template_made_in_the_browser_is_a_badge_here(
    master: BadgekitClient, template: BadgeTemplate
) -> None:
    badge = master.get(f"{ISSUER}/badges/{template.slug}").body["badge"]

    assert "imageUrl" not in badge
    assert (badge["name"], badge["earnerDescription"], badge["unique"], badge["limit"]) == (
        "Data literacy",
        "Reads and questions data.",
        0,
        None,
    )
    assert badge["criteriaUrl"] == f"{settings.PUBLIC_URL}{template.public_path}"


def test_what_is_missing_is_told_all_at_once(master: BadgekitClient) -> None:
    answer = master.post(f"{ISSUER}/badges", {"nonsense": "x"})

    assert (answer.status, answer.body["code"]) == (400, "ValidationError")
    assert [part["field"] for part in answer.body["details"]] == [
        *("name", "earnerDescription", "consumerDescription", "criteriaUrl", "unique", "type", "image")
    ]
    assert BadgeTemplate.objects.count() == 0


REFUSED: dict[str, list[Any]] = {
    "name": ["", "x" * 256, None, [], {}, True],
    "slug": ["a b", "x" * 256, "ü", {"a": 1}, ["a"]],
    "strapline": ["x" * 141, ["a"], {"a": "b"}],
    "earnerDescription": ["", None, "x" * 20_001],
    "consumerDescription": ["", None, ["a"]],
    "issuerUrl": ["bees", "javascript:alert(1)", 7, "https://x.example/" + "y" * 2000],
    "rubricUrl": ["bees", {"a": 1}],
    "criteriaUrl": ["", None, "ftp://bees.example", "bees"],
    "timeValue": [-1, "x", 1.5, 2**31, True, [1]],
    "timeUnits": ["years", 7, ["days"]],
    "evidenceType": ["url", "Smell", {"a": 1}],
    "limit": [-1, "x", 2**31, []],
    "unique": ["", None, "maybe", 2, [], {}],
    "type": ["", None, "x" * 256],
    "archived": ["maybe", [1]],
    "tags.0": [[["a"]], ["x" * 256], [{"value": {}}]],
    "tags": [["a"] * 101, "[1", [str(number) for number in range(101)]],
    "categories.1": [["a", True], ["a", {"value": []}]],
    "criteria.0": [["a"], [["a"]], ["x", {}]],
    "criteria.0.description": [[{}], [{"description": ""}], [{"description": True}]],
    "criteria.0.required": [[{"description": "a", "required": "maybe"}]],
    "alignments.0.url": [[{"name": "a"}], [{"name": "a", "url": "javascript:x"}]],
    "image": ["", None, "logo.png", "http://127.0.0.1/", 7, []],
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in REFUSED.items() for value in values]
)
def test_what_does_not_fit_is_refused_by_its_field(master: BadgekitClient, field: str, value: object) -> None:
    answer = master.post(f"{ISSUER}/badges", LEAST | {field.partition(".")[0]: value})

    assert (answer.status, answer.body["code"]) == (400, "ValidationError"), answer.body
    assert field in [part["field"] for part in answer.body["details"]]
    assert BadgeTemplate.objects.count() == 0


def test_ids_of_others_are_ignored(master: BadgekitClient, globex: Organization) -> None:
    template = make(
        master,
        id=99,
        systemId=99,
        issuerId=globex.pk,
        programId=99,
        organization=globex.pk,
        badges_count=7,
        created="2001-01-01",
        milestones=[{"id": 1}],
        system={"slug": "other"},
        issuer={"slug": "globex"},
    )

    assert (template.organization.slug, template.program, template.badges_count) == ("acme", None, 0)
    master.put(
        f"{ISSUER}/badges/{template.slug}", {"issuerId": globex.pk, "id": 5, "programId": 3, "unique": 0}
    )
    template.refresh_from_db()
    assert (template.organization.slug, template.program, template.is_unique) == ("acme", None, False)


@pytest.mark.parametrize(("sent", "kept"), [(0, None), ("0", None), (None, None), (3, 3), ("3", 3)])
def test_a_limit_of_zero_is_none(master: BadgekitClient, sent: object, kept: int | None) -> None:
    assert make(master, limit=sent).limit == kept


@pytest.mark.parametrize(
    ("sent", "kept"), [(True, 1), (1, 1), ("1", 1), ("true", 1), (False, 0), (0, 0), ("0", 0), ("false", 0)]
)
def test_unique_means_what_it_says(master: BadgekitClient, sent: object, kept: int) -> None:
    assert master.post(f"{ISSUER}/badges", LEAST | {"unique": sent}).body["badge"]["unique"] == kept


def test_badges_are_made_by_forms(master: BadgekitClient) -> None:
    fields = {name: value for name, value in LEAST.items() if name != "image"}
    body = bytes(
        encode_multipart(
            BOUNDARY,
            fields
            | {
                "unique": "false",
                "criteria[0][description]": "No bee died.",
                "criteria[0][required]": "1",
                "tags": ["bees", "wax", "bees", ""],
                "categories[]": "nature",
                "alignments": json.dumps([{"name": "Bees", "url": "https://bees.example"}]),
                "image": SimpleUploadedFile("bee.png", png()),
            },
        )
    )

    badge = master.call("POST", f"{ISSUER}/badges", body, content_type=MULTIPART_CONTENT).body["badge"]

    assert badge["criteria"] == [{"id": 1, "description": "No bee died.", "required": 1, "note": None}]
    assert badge["tags"] == [{"id": 1, "value": "bees"}, {"id": 2, "value": "wax"}]
    assert (badge["categories"], badge["unique"]) == (["nature"], 0)
    assert badge["alignments"][0]["url"] == "https://bees.example"


@pytest.mark.parametrize("scope", [SYSTEM, ISSUER, PROGRAM])
def test_a_taken_slug_is_a_conflict_in_the_whole_system(
    master: BadgekitClient, globex: Organization, scope: str
) -> None:
    factories.template(globex, title="Bee keeper")

    answer = master.post(f"{scope}/badges", LEAST | {"slug": "bee-keeper"})

    sentence = "badge with that `slug` already exists"
    details = {name: value for name, value in LEAST.items() if name != "image"} | {"slug": "bee-keeper"}
    assert (answer.status, answer.body) == (
        409,
        {"code": "ResourceConflict", "error": sentence, "message": sentence, "details": details},
    )
    assert BadgeTemplate.objects.count() == 1


def test_without_a_slug_one_is_made_of_the_name(master: BadgekitClient) -> None:
    assert [make(master).slug, make(master).slug] == ["bee-keeper", "bee-keeper-2"]


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", ["a", "c"]),
        ("?archived=false", ["a", "c"]),
        ("?archived=0", ["a", "c"]),
        ("?archived=true", ["b"]),
        ("?archived=1", ["b"]),
        ("?archived=any", ["a", "b", "c"]),
        ("?archived=", ["a", "b", "c"]),
        ("?archived=any&page=2&count=2", ["c"]),
    ],
)
def test_lists_are_filtered_by_archived(master: BadgekitClient, query: str, slugs: list[str]) -> None:
    for slug in "abc":
        make(master, slug=slug, archived=slug == "b")

    answer = master.get(f"{ISSUER}/badges{query}")

    assert [row["slug"] for row in answer.body["badges"]] == slugs
    if "page" in query:
        assert answer.body["pageData"] == {"page": 2, "count": 2, "total": 3}


def test_another_word_for_archived_is_refused(master: BadgekitClient) -> None:
    answer = master.get(f"{ISSUER}/badges?archived=maybe")

    assert (answer.status, answer.body) == (
        400,
        {
            "code": "InvalidParameter",
            "parameter": "archived",
            "message": "Invalid `archived` parameter. Expecting one of 'true', 'false' or 'any'.",
        },
    )


@pytest.mark.parametrize("number", [1, 3])
def test_lists_take_the_same_number_of_queries(
    master: BadgekitClient, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        make(master, PROGRAM)

    with django_assert_num_queries(4):
        assert len(master.get(f"{PROGRAM}/badges").body["badges"]) == number


def test_put_changes_what_is_sent_and_nothing_else(master: BadgekitClient) -> None:
    before = master.post(f"{ISSUER}/badges", FULL).body["badge"]

    after = master.put(f"{ISSUER}/badges/bee-keeper", {"name": "Master of bees", "tags": ["queen"]})

    assert (after.status, after.body) == (
        200,
        {
            "status": "updated",
            "badge": before | {"name": "Master of bees", "tags": [{"id": 1, "value": "queen"}]},
        },
    )


def test_null_clears_what_need_not_be_there(master: BadgekitClient) -> None:
    master.post(f"{ISSUER}/badges", FULL)
    optional = [
        *("strapline", "issuerUrl", "rubricUrl", "timeValue", "timeUnits", "evidenceType", "limit"),
        *("criteria", "alignments", "categories", "tags"),
    ]

    badge = master.put(f"{ISSUER}/badges/bee-keeper", dict.fromkeys(optional)).body["badge"]

    assert [badge[name] for name in optional] == [None] * 7 + [[]] * 4
    assert master.put(f"{ISSUER}/badges/bee-keeper", {"name": None, "unique": None}).status == 400


def test_what_was_read_can_be_sent_back_as_it_is(
    master: BadgekitClient, template: BadgeTemplate, badge: Badge
) -> None:
    read = master.get(f"{ISSUER}/badges/{template.slug}").body["badge"]

    answer = master.put(f"{ISSUER}/badges/{template.slug}", read)

    assert (answer.status, answer.body) == (200, {"status": "updated", "badge": read})
    assert BadgeTemplateVersion.objects.count() == 1


def test_a_change_after_issuing_leaves_what_was_issued(master: BadgekitClient) -> None:
    template = make(master)
    badge = factories.badge(template)

    answer = master.put(f"{ISSUER}/badges/{template.slug}", {"name": "Master of bees"})

    badge.refresh_from_db()
    assert answer.body["badge"]["name"] == "Master of bees"
    assert (badge.version.title, badge.version.number) == ("Bee keeper", 1)
    assert BadgeTemplateVersion.objects.filter(template=template).count() == 2


def test_a_limit_below_what_was_issued_is_refused(master: BadgekitClient) -> None:
    template = make(master, unique=False)
    factories.badge(template)
    factories.badge(template)

    answer = master.put(f"{ISSUER}/badges/{template.slug}", {"limit": 1})

    assert (answer.status, answer.body["details"][0]["field"]) == (400, "limit")
    template.refresh_from_db()
    assert template.limit is None


def test_badges_are_archived_changed_and_restored(master: BadgekitClient, acme: Organization) -> None:
    template = make(master)
    path = f"{ISSUER}/badges/{template.slug}"

    assert master.put(path, {"archived": True}).body["badge"]["archived"] is True
    assert master.put(path, {"name": "Master of bees"}).body["badge"]["archived"] is True
    assert master.get(path).body["badge"]["name"] == "Master of bees"
    acme.refresh_from_db()
    assert acme.badge_templates_count == 0
    assert master.put(path, {"archived": "false"}).body["badge"]["archived"] is False
    acme.refresh_from_db()
    assert acme.badge_templates_count == 1


def test_a_slug_cannot_be_changed(master: BadgekitClient) -> None:
    template = make(master)

    answer = master.put(f"{ISSUER}/badges/{template.slug}", {"slug": "other", "name": "Other"})

    assert (answer.status, answer.body["details"][0]["field"]) == (400, "slug")
    assert master.get(f"{ISSUER}/badges/{template.slug}").body["badge"]["name"] == "Bee keeper"


def test_a_deleted_badge_is_gone_and_what_was_issued_stays(master: BadgekitClient) -> None:
    template = make(master, slug="bees")
    badge = factories.badge(template)
    path = f"{ISSUER}/badges/bees"
    shown = master.get(path).body["badge"]

    deleted = master.delete(path)

    assert (deleted.status, deleted.body) == (200, {"status": "deleted", "badge": shown})
    gone = {"code": "ResourceNotFound", "message": "Could not find badge field: `slug`, value: `bees`"}
    for answer in (master.get(path), master.delete(path), master.put(path, {"archived": False})):
        assert (answer.status, answer.body) == (404, gone)
    assert master.get(f"{ISSUER}/badges?archived=any").body == {"badges": []}
    assert master.get(f"{path}/codes").status == 404
    assert master.post(f"{ISSUER}/badges", LEAST | {"slug": "bees"}).status == 409
    assert master.client.get(badge.public_path, headers={"Accept": "text/html"}).status_code == 200
    assert master.client.get(template.public_path, headers={"Accept": "text/html"}).status_code == 404


def test_staff_can_bring_a_deleted_badge_back(master: BadgekitClient) -> None:
    template = make(master)
    master.delete(f"{ISSUER}/badges/{template.slug}")

    restore_template(template=template, by=None)
    update_template(template=template, fields={"status": TemplateStatus.ACTIVE}, by=None)

    assert master.get(f"{ISSUER}/badges/{template.slug}").status == 200


def test_a_badge_of_an_archived_issuer_is_gone(master: BadgekitClient) -> None:
    template = make(master)

    master.delete(ISSUER)

    assert master.get(f"{SYSTEM}/badges/{template.slug}").status == 404
    assert master.get(f"{SYSTEM}/badges").body == {"badges": []}


def test_pictures_are_fetched_once(master: BadgekitClient, site: Site) -> None:
    template = make(master, image=None, imageUrl="http://bees.example/badge.png")
    path = f"{ISSUER}/badges/{template.slug}"
    first = master.get(path).body["badge"]["imageUrl"]

    again = master.put(path, {"imageUrl": first, "name": "Same picture"}).body["badge"]["imageUrl"]
    other = master.put(path, {"image": "http://bees.example/badge.png"}).body["badge"]["imageUrl"]

    assert first == again == other  # the address of the version, which no badge was issued of
    assert len(site.asked) == 2
    shown = master.client.get(first.removeprefix(settings.PUBLIC_URL))
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/png")


def test_a_picture_that_cannot_be_fetched_changes_nothing(master: BadgekitClient, site: Site) -> None:
    answer = master.post(f"{ISSUER}/badges", LEAST | {"image": "http://bees.example/none.png"})

    assert answer.status == 400
    assert answer.body["details"] == [
        {
            "message": "The picture at this address cannot be had: it answers with the status 404.",
            "field": "image",
            "value": "http://bees.example/none.png",
        }
    ]
    assert BadgeTemplate.objects.count() == 0


def test_an_svg_is_made_safe(master: BadgekitClient) -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="alert(1)">'
        b'<script>alert(2)</script><rect width="10" height="10" fill="#1d6b50"/></svg>'
    )
    url = f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"

    badge = master.post(f"{ISSUER}/badges", LEAST | {"image": url}).body["badge"]

    shown = master.client.get(badge["imageUrl"].removeprefix(settings.PUBLIC_URL).replace(".png", ".svg"))
    assert shown.status_code == 200
    assert b"alert" not in shown.content


def test_a_consumer_reaches_its_own_system_alone(master: BadgekitClient, template: BadgeTemplate) -> None:
    consumer = BadgekitClient.of(factories.SystemFactory.create(slug="other"))
    mine = make(consumer, "/systems/other", slug="mine")

    assert consumer.get(f"{ISSUER}/badges").status == 403
    assert consumer.put(f"{ISSUER}/badges/{template.slug}", {"name": "Taken"}).status == 403
    assert consumer.get(f"/systems/other/badges/{template.slug}").status == 404
    assert consumer.delete(f"/systems/other/badges/{template.slug}").status == 404
    assert [row["id"] for row in consumer.get("/systems/other/badges").body["badges"]] == [mine.pk]
    template.refresh_from_db()
    assert (str(template), template.is_archived) == ("Data literacy", False)


def test_an_api_key_reaches_its_own_issuer_alone(
    master: BadgekitClient, acme: Organization, globex: Organization
) -> None:
    theirs = factories.template(globex)
    reader = {"Authorization": f"Bearer {factories.api_key(acme, ApiScope.READ)[1]}"}
    writer = {"Authorization": f"Bearer {factories.api_key(acme, ApiScope.WRITE)[1]}"}

    assert master.post(f"{ISSUER}/badges", LEAST, writer).status == 201
    assert master.post(f"{ISSUER}/badges", LEAST, reader).status == 403
    assert master.get(f"{ISSUER}/badges", reader).status == 200
    assert master.get(f"{SYSTEM}/badges", reader).status == 403
    assert master.get(f"/systems/main/issuers/globex/badges/{theirs.slug}", reader).status == 404
    assert master.delete(f"/systems/main/issuers/globex/badges/{theirs.slug}", writer).status == 404
    assert master.get(f"{ISSUER}/badges/{theirs.slug}", reader).status == 404
    assert BadgeTemplate.objects.count() == 2


def test_without_a_signature_nothing_is_told(master: BadgekitClient, template: BadgeTemplate) -> None:
    for path in (f"{ISSUER}/badges", f"{ISSUER}/badges/{template.slug}", SYSTEM, "/systems"):
        assert master.client.get(path).status_code == 403


def test_a_disabled_organization_changes_nothing(
    master: BadgekitClient, acme: Organization, template: BadgeTemplate
) -> None:
    acme.status = "disabled"
    acme.save()

    answers = [
        master.post(f"{ISSUER}/badges", LEAST),
        master.put(f"{ISSUER}/badges/{template.slug}", {"name": "x"}),
        master.delete(f"{ISSUER}/badges/{template.slug}"),
    ]

    assert {(answer.status, answer.body["code"]) for answer in answers} == {(403, "NotAuthorized")}
    assert BadgeTemplate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_organizations_at_once_take_a_slug_once() -> None:
    system: System = factories.SystemFactory.create(slug="main")
    for number in range(4):
        factories.OrganizationFactory.create(system=system, slug=f"issuer-{number}")

    answers = race(
        lambda number: (
            BadgekitClient()
            .post(f"/systems/main/issuers/issuer-{number}/badges", LEAST | {"slug": "bees"})
            .status
        ),
        times=4,
    )

    assert sorted(map(str, answers)) == ["201", "409", "409", "409"]
    assert BadgeTemplate.objects.count() == 1
