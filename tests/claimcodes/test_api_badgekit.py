"""The seven claim code operations of the BadgeKit API (seed 004), in all three scopes: whole bodies, every refusal."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate
from badges.services.templates import archive_template
from claimcodes.models import Claim, ClaimCode
from organizations.models import Organization, Program, System
from tests import factories
from tests.badgekit import BadgekitClient, segment

MADE = datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC)
SCOPES = {
    "system": "/systems/main",
    "issuer": "/systems/main/issuers/acme",
    "program": "/systems/main/issuers/acme/programs/summer",
}


@pytest.fixture
def client(system: System) -> BadgekitClient:
    """A client with a key of the system."""
    return BadgekitClient.of(system)


@pytest.fixture
def program(acme: Organization) -> Program:
    """A program of acme's."""
    return factories.ProgramFactory.create(organization=acme, slug="summer", name="Summer school")


@pytest.fixture
def summer(acme: Organization, program: Program) -> BadgeTemplate:
    """A badge of the program, reached from all three scopes."""
    with time_machine.travel(MADE, tick=False):
        return factories.template(
            acme,
            program=program,
            strapline="Read well",
            earner_description="For earners",
            consumer_description="For consumers",
            issuer_url="https://acme.example/issuer",
            rubric_url="https://acme.example/rubric",
            time_value=10,
            time_units="minutes",
            evidence_type="URL",
            criteria_url="https://acme.example/criteria",
            criteria=[{"description": "Read ten books", "required": True, "note": "Any"}],
            alignments=[{"name": "Reading", "url": "https://acme.example/reading"}],
            categories=["literacy"],
            tags=["books"],
            badgekit_type="skill",
            limit=5,
        )


def badge_of(template: BadgeTemplate) -> dict[str, Any]:
    """Return the badge object that every answer has."""
    return {
        "id": template.pk,
        "slug": "data-literacy",
        "name": "Data literacy",
        "strapline": "Read well",
        "earnerDescription": "For earners",
        "consumerDescription": "For consumers",
        "issuerUrl": "https://acme.example/issuer",
        "rubricUrl": "https://acme.example/rubric",
        "timeValue": 10,
        "timeUnits": "minutes",
        "evidenceType": "URL",
        "limit": 5,
        "unique": 0,
        "created": "2026-02-03T04:05:06.000Z",
        "type": "skill",
        "archived": False,
        "system": {
            "id": template.system_id,
            "slug": "main",
            "url": "https://system.example.org",
            "name": "Main",
            "email": None,
            "imageUrl": None,
            "issuers": [],
        },
        "issuer": {
            "id": template.organization_id,
            "slug": "acme",
            "url": "https://organization.example.org",
            "name": "Acme Academy",
            "description": None,
            "email": "badges@organization.example.org",
            "imageUrl": None,
            "programs": [],
        },
        "program": {
            "id": template.program_id,
            "slug": "summer",
            "url": None,
            "name": "Summer school",
            "description": None,
            "email": None,
            "imageUrl": None,
        },
        "criteriaUrl": "https://acme.example/criteria",
        "criteria": [{"id": 1, "description": "Read ten books", "required": 1, "note": "Any"}],
        "alignments": [
            {"id": 1, "name": "Reading", "url": "https://acme.example/reading", "description": None}
        ],
        "categories": ["literacy"],
        "tags": [{"id": 1, "value": "books"}],
        "milestones": [],
    }


def same(found: Any, expected: Any) -> bool:
    """Whether two bodies are equal, the order of their keys too."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and list(found) == list(expected)
            and all(same(found[key], value) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(same, found, expected))
    return type(found) is type(expected) and bool(found == expected)


@pytest.fixture(params=SCOPES)
def scope(request: pytest.FixtureRequest, summer: BadgeTemplate) -> str:
    """Each of the three scopes."""
    return SCOPES[request.param]


def test_list_answers_codes_badge_and_page(client: BadgekitClient, scope: str, summer: BadgeTemplate) -> None:
    codes = [factories.claim_code(summer, code=f"c{number}") for number in range(3)]
    path = f"{scope}/badges/{summer.slug}/codes"
    bodies = [
        {"id": code.pk, "code": code.code, "claimed": False, "email": None, "multiuse": False}
        for code in codes
    ]

    plain, second = client.get(path), client.get(f"{path}?page=2&count=2")

    assert plain.status == second.status == 200
    assert same(plain.body, {"claimCodes": bodies, "badge": badge_of(summer)})
    assert same(
        second.body,
        {
            "claimCodes": bodies[2:],
            "badge": badge_of(summer),
            "pageData": {"page": 2, "count": 2, "total": 3},
        },
    )
    assert (plain.headers["Content-Type"], plain.headers["Content-Length"]) == (
        "application/json",
        str(len(plain.content)),
    )


def test_get_answers_badge_then_code(client: BadgekitClient, scope: str, summer: BadgeTemplate) -> None:
    code = factories.claim_code(summer, code="One", is_multiuse=True, email="ada@example.org")

    answer = client.get(f"{scope}/badges/{summer.slug}/codes/one")

    assert answer.status == 200
    assert same(
        answer.body,
        {
            "badge": badge_of(summer),
            "claimCode": {
                "id": code.pk,
                "code": "One",
                "claimed": False,
                "email": "ada@example.org",
                "multiuse": True,
            },
        },
    )


def test_badge_from_code(client: BadgekitClient, scope: str, summer: BadgeTemplate) -> None:
    factories.claim_code(summer, code="open")
    factories.claim_code(summer, code="used", is_claimed=True)
    factories.claim_code(summer, code="many", is_claimed=True, is_multiuse=True)

    answers = {code: client.get(f"{scope}/codes/{code}") for code in ("open", "used", "many")}

    for code, claimed in (("open", 0), ("used", 1), ("many", 0)):
        assert answers[code].status == 200
        assert same(answers[code].body, {"badge": badge_of(summer) | {"claimed": claimed}})


def test_create_answers_what_was_sent(client: BadgekitClient, scope: str, summer: BadgeTemplate) -> None:
    path = f"{scope}/badges/{summer.slug}/codes"

    plain = client.post(path, {"code": "plain"})
    full = client.post(
        path, {"code": "Full", "claimed": True, "multiuse": True, "email": "ada@example.org", "id": 9}
    )
    null = client.post(path, {"code": "null", "email": None})

    first, second, third = ClaimCode.objects.order_by("pk")
    assert [plain.status, full.status, null.status] == [201, 201, 201]
    assert same(
        plain.body,
        {
            "status": "created",
            "claimCode": {"id": first.pk, "code": "plain", "claimed": False, "multiuse": False},
            "badge": badge_of(summer),
        },
    )
    assert full.body["claimCode"] == {
        "id": second.pk,
        "code": "Full",
        "claimed": True,
        "email": "ada@example.org",
        "multiuse": True,
    }
    assert third.email is None
    assert null.body["claimCode"]["email"] is None
    assert (first.is_claimed, first.is_multiuse, second.is_claimed, second.is_multiuse) == (
        False,
        False,
        True,
        True,
    )


def test_random_answers_ten_hexadecimal_digits(
    client: BadgekitClient, scope: str, summer: BadgeTemplate
) -> None:
    path = f"{scope}/badges/{summer.slug}/codes/random"

    answers = [
        client.post(path),
        client.post(path, {}),
        client.post(path, {"code": "mine", "multiuse": True}),
    ]

    assert [answer.status for answer in answers] == [201, 201, 201]
    for answer, row in zip(answers, ClaimCode.objects.order_by("pk"), strict=True):
        assert same(
            answer.body,
            {
                "status": "created",
                "claimCode": {
                    "id": row.pk,
                    "code": row.code,
                    "claimed": False,
                    "multiuse": row.is_multiuse,
                },
                "badge": badge_of(summer),
            },
        )
        assert len(row.code) == 10
        assert set(row.code) <= set("0123456789abcdef")
    assert row.is_multiuse


def test_delete_answers_the_last_state_once(
    client: BadgekitClient, scope: str, summer: BadgeTemplate
) -> None:
    code = factories.claim_code(summer, code="Gone", is_claimed=True, email="ada@example.org")
    path = f"{scope}/badges/{summer.slug}/codes/GONE"

    first, second = client.delete(path), client.delete(path)

    assert (first.status, second.status) == (200, 404)
    assert same(
        first.body,
        {
            "status": "deleted",
            "claimCode": {
                "id": code.pk,
                "code": "Gone",
                "claimed": True,
                "email": "ada@example.org",
                "multiuse": False,
            },
            "badge": badge_of(summer),
        },
    )
    assert second.body == code_not_found("GONE")
    assert ClaimCode.objects.count() == 0


def test_claim_issues_the_badge(client: BadgekitClient, scope: str, summer: BadgeTemplate) -> None:
    code = factories.claim_code(summer, code="Mine")
    path = f"{scope}/badges/{summer.slug}/codes/mine/claim"

    first, second = (
        client.post(path, {"email": "ada@example.org"}),
        client.post(path, {"email": "b@example.org"}),
    )

    assert first.status == 200
    assert same(
        first.body,
        {
            "status": "updated",
            "claimCode": {
                "id": code.pk,
                "code": "Mine",
                "claimed": True,
                "email": "ada@example.org",
                "multiuse": False,
            },
            "badge": badge_of(summer),
        },
    )
    assert (second.status, second.body) == (
        400,
        {"code": "CodeAlreadyUsed", "message": "Claim code `Mine` has already been claimed"},
    )
    badge = Badge.objects.get()
    assert (badge.recipient_email, badge.template) == ("ada@example.org", summer)
    assert Claim.objects.get().badge == badge


def not_found(kind: str, field: str, value: str) -> dict[str, str]:
    """Return the body of a 404."""
    return {
        "code": "ResourceNotFound",
        "message": f"Could not find {kind} field: `{field}`, value: `{value}`",
    }


def code_not_found(code: str, *, is_read: bool = False) -> dict[str, str]:
    """Return the body of a 404 for a claim code, as seed 004 words it."""
    named = f"the request claim code: {code}" if is_read else f"claimCode field: `code`, value: {code}"
    return {"code": "ResourceNotFound", "message": f"Could not find {named}"}


def test_claim_without_email_marks_and_keeps_the_stored_one(
    client: BadgekitClient, summer: BadgeTemplate
) -> None:
    path = f"{SCOPES['system']}/badges/{summer.slug}/codes"
    for name, body in (("nothing", None), ("empty", {}), ("null", {"email": None})):
        factories.claim_code(summer, code=name, email="kept@example.org")

        answer = client.post(f"{path}/{name}/claim", body)

        assert answer.status == 200
        assert answer.body["claimCode"]["claimed"] is True
        assert answer.body["claimCode"]["email"] == "kept@example.org"
    assert (Claim.objects.count(), Badge.objects.count()) == (3, 0)


def test_claim_refuses_what_is_no_address(client: BadgekitClient, summer: BadgeTemplate) -> None:
    code = factories.claim_code(summer, code="x")

    for email in ("not-an-email", "", 7, ["a@example.org"], "a@example.org\nb", "x" * 300 + "@example.org"):
        answer = client.post(f"/systems/main/badges/{summer.slug}/codes/x/claim", {"email": email})

        assert (answer.status, answer.body["code"]) == (400, "ValidationError")
        assert [detail["field"] for detail in answer.body["details"]] == ["email"]
    code.refresh_from_db()
    assert (code.uses, code.is_claimed, Badge.objects.count()) == (0, False, 0)


def test_claim_of_a_code_for_many(client: BadgekitClient, summer: BadgeTemplate) -> None:
    factories.claim_code(summer, code="many", is_multiuse=True)
    path = f"/systems/main/badges/{summer.slug}/codes/many/claim"

    emails = ["ada@example.org", "ADA@example.org", "bob@example.org", "ada@example.org"]
    answers = [client.post(path, {"email": email}) for email in emails]

    assert [answer.status for answer in answers] == [200] * 4
    assert [answer.body["claimCode"]["email"] for answer in answers] == [
        "ada@example.org",
        "ada@example.org",
        "bob@example.org",
        "ada@example.org",
    ]
    assert client.get(path.removesuffix("/claim")).body["claimCode"]["email"] == "bob@example.org"
    assert (Claim.objects.count(), Badge.objects.count()) == (2, 2)


def test_claim_at_the_limit_leaves_the_code(client: BadgekitClient, acme: Organization) -> None:
    template = factories.template(acme, limit=1)
    factories.badge(template)
    code = factories.claim_code(template, code="x")

    answer = client.post(f"/systems/main/badges/{template.slug}/codes/x/claim", {"email": "b@example.org"})

    assert (answer.status, answer.body["code"]) == (400, "LimitReached")
    code.refresh_from_db()
    assert (code.uses, code.is_claimed, Badge.objects.count()) == (0, False, 1)


def test_claim_without_credits_leaves_the_code(
    client: BadgekitClient, summer: BadgeTemplate, settings: Settings
) -> None:
    settings.CREDITS = "enforced"
    path = f"/systems/main/badges/{summer.slug}/codes"
    client.post(path, {"code": "abc"})

    answer = client.post(f"{path}/abc/claim", {"email": "ada@example.org"})

    assert (answer.status, answer.body["code"]) == (402, "NotEnoughCredits")
    assert not ClaimCode.objects.get().is_claimed
    assert Badge.objects.count() == 0


def test_claim_of_a_held_unique_badge_tells_its_address(client: BadgekitClient, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    held = factories.badge(template, "ada@example.org")
    code = factories.claim_code(template, code="x")

    answer = client.post(f"/systems/main/badges/{template.slug}/codes/x/claim", {"email": "ADA@example.org"})

    assert answer.status == 409
    assert (answer.body["code"], answer.body["details"]) == (
        "ResourceConflict",
        {"assertionUrl": f"{held.public_url}/ob2.json"},
    )
    assert list(answer.body) == ["code", "error", "message", "details"]
    code.refresh_from_db()
    assert (code.uses, Badge.objects.count()) == (0, 1)


def test_archived_badge_can_be_looked_up_but_not_claimed(
    client: BadgekitClient, summer: BadgeTemplate
) -> None:
    code = factories.claim_code(summer, code="x")
    archive_template(template=summer, by=None)
    path = f"/systems/main/badges/{summer.slug}/codes"

    found = [client.get(path), client.get(f"{path}/x"), client.get("/systems/main/codes/x")]
    made = client.post(path, {"code": "new"})
    claimed = client.post(f"{path}/x/claim", {"email": "ada@example.org"})

    assert [answer.body["badge"]["archived"] for answer in found] == [True, True, True]
    assert (made.status, claimed.status, claimed.body["code"]) == (201, 400, "BadgeNotIssuable")
    code.refresh_from_db()
    assert code.uses == 0


@pytest.mark.parametrize(
    ("path", "kind", "value"),
    [
        ("/systems/nowhere/badges/data-literacy/codes", "system", "nowhere"),
        ("/systems/main/issuers/nobody/badges/data-literacy/codes", "issuer", "nobody"),
        ("/systems/main/issuers/main/badges/data-literacy/codes", "issuer", "main"),
        ("/systems/main/issuers/acme/programs/winter/badges/data-literacy/codes", "program", "winter"),
        ("/systems/main/issuers/globex/programs/summer/badges/data-literacy/codes", "program", "summer"),
        ("/systems/main/badges/nope/codes", "badge", "nope"),
        ("/systems/main/issuers/globex/badges/data-literacy/codes", "badge", "data-literacy"),
        ("/systems/main/issuers/nobody/badges/nope/codes", "issuer", "nobody"),
        ("/systems/main/badges/caf%C3%A9/codes", "badge", "café"),
    ],
)
def test_outermost_missing_part_is_told(
    globex: Organization, summer: BadgeTemplate, path: str, kind: str, value: str
) -> None:
    master = BadgekitClient()
    calls = [
        master.get(path),
        master.get(f"{path}/x"),
        master.post(path, {"code": ""}),
        master.post(f"{path}/random"),
        master.put(f"{path}/x", {"multiuse": True}),
        master.delete(f"{path}/x"),
        master.post(f"{path}/x/claim", {"email": "nobody"}),
        master.get(f"{path}/x/claims"),
    ]

    for answer in calls:
        assert (answer.status, answer.body) == (404, not_found(kind, "slug", value))
    assert ClaimCode.objects.count() == 0


def test_path_narrows_down_and_never_widens(
    client: BadgekitClient, system: System, acme: Organization, summer: BadgeTemplate
) -> None:
    own = system.organizations.get(is_system_itself=True)
    of_system, of_issuer = factories.template(own, title="Own"), factories.template(acme, title="Issuer's")
    for template, code in ((of_system, "s"), (of_issuer, "i"), (summer, "p")):
        factories.claim_code(template, code=code)
    reached = {"system": "sip", "issuer": "ip", "program": "p"}

    for name, prefix in SCOPES.items():
        for template, code in ((of_system, "s"), (of_issuer, "i"), (summer, "p")):
            expected = 200 if code in reached[name] else 404
            found = client.get(f"{prefix}/badges/{template.slug}/codes/{code}")
            by_code = client.get(f"{prefix}/codes/{code}")
            assert (found.status, by_code.status) == (expected, expected), (name, code)
            if expected == 404:
                assert found.body == not_found("badge", "slug", template.slug)
                assert by_code.body == code_not_found(code, is_read=True)
    assert "issuer" not in client.get("/systems/main/codes/s").body["badge"]


def test_code_of_another_badge_is_not_found(
    client: BadgekitClient, acme: Organization, summer: BadgeTemplate
) -> None:
    other = factories.template(acme, title="Other")
    factories.claim_code(other, code="x")
    path = f"/systems/main/badges/{summer.slug}/codes/x"

    read = client.get(path)
    assert (read.status, read.body) == (404, code_not_found("x", is_read=True))
    for answer in (client.delete(path), client.put(path, {}), client.post(f"{path}/claim", {})):
        assert (answer.status, answer.body) == (404, code_not_found("x"))
    assert ClaimCode.objects.get().uses == 0


def test_codes_of_other_systems_are_other_codes(summer: BadgeTemplate) -> None:
    other = factories.OrganizationFactory.create(
        system=factories.SystemFactory.create(slug="other"), slug="acme"
    )
    factories.claim_code(summer, code="x")
    template = factories.template(other)
    factories.claim_code(template, code="X", email="theirs@example.org")
    master = BadgekitClient()

    ours, theirs = (master.get(f"/systems/{name}/codes/x").body["badge"]["id"] for name in ("main", "other"))

    assert (ours, theirs) == (summer.pk, template.pk)


def test_what_is_archived_is_gone(client: BadgekitClient, acme: Organization, summer: BadgeTemplate) -> None:
    factories.claim_code(summer, code="x")
    path = f"/systems/main/issuers/acme/badges/{summer.slug}/codes/x"
    assert client.get(path).status == 200
    acme.archived_at = MADE
    acme.save()

    assert client.get(path).body == not_found("issuer", "slug", "acme")
    assert client.get(f"/systems/main/badges/{summer.slug}/codes/x").body == not_found(
        "badge", "slug", summer.slug
    )
    assert client.get("/systems/main/codes/x").status == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("count=2", None),
        ("page=1", None),
        ("page=0&count=2", None),
        ("page=-1&count=2", None),
        ("page=abc&count=2", None),
        ("page=1&count=", None),
        ("page=1.9&count=2.9", (1, 2, 2)),
        ("page=1x&count=2y", (1, 2, 2)),
        ("page=1&page=2&count=2&count=1", (1, 2, 2)),
        ("page=2&count=2", (2, 2, 1)),
        ("page=9&count=2", (9, 2, 0)),
        ("page=99999999999999&count=99999999999999", (99999999999999, 10_000, 0)),
        ("page=1&count=100000", (1, 10_000, 3)),
    ],
)
def test_paging_reads_numbers_as_the_old_server_did(
    client: BadgekitClient, summer: BadgeTemplate, query: str, expected: tuple[int, int, int] | None
) -> None:
    for number in range(3):
        factories.claim_code(summer, code=f"c{number}")

    answer = client.get(f"/systems/main/badges/{summer.slug}/codes?{query}")

    assert answer.status == 200
    if expected is None:
        assert len(answer.body["claimCodes"]) == 3
        assert "pageData" not in answer.body
    else:
        page, count, rows = expected
        assert answer.body["pageData"] == {"page": page, "count": count, "total": 3}
        assert len(answer.body["claimCodes"]) == rows


def test_unpaged_list_stops_at_a_thousand_with_a_link(client: BadgekitClient, summer: BadgeTemplate) -> None:
    client.post(f"/systems/main/badges/{summer.slug}/codes/random", {"count": 1001, "prefix": "a-"})
    path = f"/systems/main/badges/{summer.slug}/codes"

    answer = client.get(path)

    assert len(answer.body["claimCodes"]) == 1000
    assert "pageData" not in answer.body
    assert answer.headers["Link"] == f'<{path}?page=2&count=1000>; rel="next"'
    rest = client.get(f"{path}?page=2&count=1000")
    assert len(rest.body["claimCodes"]) == 1
    codes = {code["code"] for code in answer.body["claimCodes"] + rest.body["claimCodes"]}
    assert len(codes) == 1001


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_the_same_whatever_its_length(
    client: BadgekitClient, summer: BadgeTemplate, django_assert_num_queries: Any, number: int
) -> None:
    for index in range(number):
        factories.claim_code(summer, code=f"c{index}")

    with django_assert_num_queries(4):  # consumer, badge, count, codes
        client.get(f"/systems/main/badges/{summer.slug}/codes?page=1&count=25")
    with django_assert_num_queries(2):  # consumer, code with its badge
        client.get(f"/systems/main/badges/{summer.slug}/codes/{segment('c0')}")
