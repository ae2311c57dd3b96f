"""What the BadgeKit API lacked: codes changed, filtered, made in bulk, exported; claims; the brake."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate
from badges.services.revoking import revoke_badge
from claimcodes import guesses
from claimcodes.exceptions import ClaimCodeUnknown
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code, delete_claim_code, update_claim_code
from organizations.enums import OrganizationStatus
from organizations.models import Organization, System
from tests import factories
from tests.badgekit import BadgekitClient
from tests.racing import kinds, race


@pytest.fixture
def client(system: System) -> BadgekitClient:
    """A client with a key of the system."""
    return BadgekitClient.of(system)


@pytest.fixture
def path(template: BadgeTemplate) -> str:
    """The codes of acme's badge."""
    return f"/systems/main/badges/{template.slug}/codes"


@pytest.fixture(autouse=True)
def no_guesses() -> None:
    """Nobody has guessed anything yet."""
    cache.clear()
    guesses._closed_until.clear()


def state(code: ClaimCode) -> dict[str, Any]:
    """Return a code as it is in the database."""
    return dict(ClaimCode.objects.filter(pk=code.pk).values().get())


def test_put_changes_what_it_names(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="old", email="ada@example.org")

    answer = client.put(
        f"{path}/old?extended=1",
        {"code": "New", "multiuse": True, "maxUses": 3, "expires": "2030-01-02T03:04:05Z", "email": None},
    )

    assert answer.status == 200
    assert list(answer.body) == ["status", "claimCode", "badge"]
    assert answer.body["claimCode"] == {
        "id": code.pk,
        "code": "New",
        "claimed": False,
        "email": None,
        "multiuse": True,
        "uses": 0,
        "maxUses": 3,
        "expires": "2030-01-02T03:04:05.000Z",
        "created": code.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "claimUrl": "http://127.0.0.1:8000/claim?code=New",
    }
    assert client.get(f"{path}/old").status == 404
    assert client.get(f"{path}/NEW").status == 200
    row = state(code)
    assert (row["code_key"], row["max_uses"], row["expires_at"]) == (
        "new",
        3,
        datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def test_put_of_nothing_changes_nothing(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="x", is_multiuse=True, max_uses=2, email="ada@example.org")
    before = state(code)

    for body in ({}, None, {"id": 7, "badge": {}, "claimed": None, "multiuse": None}):
        assert client.put(f"{path}/x", body).status == 200

    assert {**state(code), "updated_at": None} == {**before, "updated_at": None}


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"claimed": False}, 409, "ResourceConflict", None),
        ({"multiuse": False}, 409, "ResourceConflict", None),
        ({"maxUses": 1}, 400, "ValidationError", "maxUses"),
        ({"maxUses": 0}, 400, "ValidationError", "maxUses"),
        ({"code": "taken"}, 409, "ResourceConflict", None),
        ({"code": None}, 400, "ValidationError", "code"),
        ({"code": ""}, 400, "ValidationError", "code"),
        ({"email": "nobody"}, 400, "ValidationError", "email"),
        ({"expires": "tomorrow"}, 400, "ValidationError", "expires"),
    ],
)
def test_put_keeps_what_happened(
    client: BadgekitClient,
    path: str,
    template: BadgeTemplate,
    body: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
) -> None:
    factories.claim_code(template, code="taken")
    row = factories.claim_code(template, code="x", is_multiuse=True, max_uses=5)
    for name in ("ada", "bob"):
        claim_code(claim_code=row, email=f"{name}@example.org")
    before = state(row)

    answer = client.put(f"{path}/x", body)

    assert (answer.status, answer.body["code"]) == (status, code)
    if field:
        assert [detail["field"] for detail in answer.body["details"]] == [field]
    assert state(row) == before


def test_put_opens_a_code_that_was_only_marked(
    client: BadgekitClient, path: str, template: BadgeTemplate
) -> None:
    factories.claim_code(template, code="x", is_claimed=True)
    assert client.post(f"{path}/x/claim", {"email": "ada@example.org"}).status == 400

    assert client.put(f"{path}/x", {"claimed": False}).status == 200

    assert client.post(f"{path}/x/claim", {"email": "ada@example.org"}).status == 200


def test_changes_of_a_code_that_is_gone_are_refused(template: BadgeTemplate) -> None:
    code = factories.claim_code(template)
    ClaimCode.objects.all().delete()

    for act in (
        lambda: update_claim_code(claim_code=code, fields={"is_multiuse": True}, by=None),
        lambda: delete_claim_code(claim_code=code, by=None),
        lambda: claim_code(claim_code=code, email="ada@example.org"),
    ):
        with pytest.raises(ClaimCodeUnknown):
            act()
    assert Badge.objects.count() == 0


def test_disabled_organization_changes_nothing(
    client: BadgekitClient, path: str, acme: Organization, template: BadgeTemplate
) -> None:
    code = factories.claim_code(template, code="x")
    acme.status = OrganizationStatus.DISABLED
    acme.save()
    before = state(code)

    answers = [
        client.post(path, {"code": "y"}),
        client.post(f"{path}/random", {"count": 2}),
        client.put(f"{path}/x", {"multiuse": True}),
        client.delete(f"{path}/x"),
        client.post(f"{path}/x/claim", {"email": "ada@example.org"}),
    ]

    assert [(answer.status, answer.body["code"]) for answer in answers] == [(403, "NotAuthorized")] * 5
    assert state(code) == before
    assert (ClaimCode.objects.count(), client.get(path).status) == (1, 200)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("claimed=true", ["used"]),
        ("claimed=false", ["Alpha", "many"]),
        ("multiuse=1", ["many"]),
        ("multiuse=0&claimed=0", ["Alpha"]),
        ("email=ADA@example.org", ["many", "used"]),
        ("email=bob@example.org", ["many"]),
        ("q=LPH", ["Alpha"]),
        ("q=%25", []),
        ("q=a", ["Alpha", "many"]),
        ("claimed=&q=", ["Alpha", "many", "used"]),
    ],
)
def test_list_filters(
    client: BadgekitClient, path: str, template: BadgeTemplate, query: str, expected: list[str]
) -> None:
    factories.claim_code(template, code="Alpha")
    many = factories.claim_code(template, code="many", is_multiuse=True)
    used = factories.claim_code(template, code="used")
    for name in ("ada", "bob"):
        claim_code(claim_code=many, email=f"{name}@example.org")
    claim_code(claim_code=used, email="ada@example.org")
    ClaimCode.objects.filter(code="many").update(is_claimed=False)

    answer = client.get(f"{path}?{query}&page=1&count=2")
    everything = client.get(f"{path}?{query}")

    assert [code["code"] for code in everything.body["claimCodes"]] == expected
    assert [code["code"] for code in answer.body["claimCodes"]] == expected[:2]
    assert answer.body["pageData"]["total"] == len(expected)


def test_list_refuses_other_flags(client: BadgekitClient, path: str) -> None:
    answer = client.get(f"{path}?claimed=maybe")

    assert (answer.status, answer.body) == (
        400,
        {"code": "InvalidParameter", "message": "`claimed` must be true or false"},
    )


def test_many_codes_at_once(client: BadgekitClient, path: str) -> None:
    named = client.post(path, {"codes": ["a", "B/ü"], "multiuse": True, "maxUses": 2})
    random = client.post(f"{path}/random", {"count": 60, "prefix": "Spring-", "length": 16})
    one = client.post(f"{path}/random", {"prefix": "One-", "claimed": True})

    assert [answer.status for answer in (named, random, one)] == [201, 201, 201]
    assert list(named.body) == ["status", "claimCodes", "badge"]
    rows = list(ClaimCode.objects.order_by("pk"))
    assert named.body["claimCodes"] == [
        {"id": row.pk, "code": code, "claimed": False, "multiuse": True}
        for row, code in zip(rows, ["a", "B/ü"], strict=False)
    ]
    assert [code["id"] for code in random.body["claimCodes"]] == [row.pk for row in rows[2:62]]
    assert {len(code["code"]) for code in random.body["claimCodes"]} == {len("Spring-") + 16}
    assert len({code["code"] for code in random.body["claimCodes"]}) == 60
    assert one.body["claimCode"]["code"].startswith("One-")
    assert one.body["claimCode"]["claimed"]
    assert [row.max_uses for row in rows[:3]] == [2, 2, None]


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("", {"codes": []}, 400),
        ("", {"codes": ["a", "A "]}, 400),
        ("", {"codes": ["a", ""]}, 400),
        ("", {"codes": ["a", 1]}, 400),
        ("", {"codes": {"a": 1}}, 400),
        ("", {"codes": ["a", "TAKEN", "b"]}, 409),
        ("/random", {"count": 0}, 400),
        ("/random", {"count": 5001}, 400),
        ("/random", {"count": "many"}, 400),
        ("/random", {"length": 9}, 400),
        ("/random", {"count": 2, "prefix": "x" * 250}, 400),
        ("/random", {"count": 2, "prefix": "a\n"}, 400),
        ("/random", {"count": 2, "email": "nobody"}, 400),
    ],
)
def test_many_codes_are_made_all_or_none(
    client: BadgekitClient, path: str, template: BadgeTemplate, address: str, body: Any, status: int
) -> None:
    factories.claim_code(template, code="taken")

    answer = client.post(f"{path}{address}", body)

    assert answer.status == status
    if status == 409:
        assert answer.body["details"] == {"codes": ["TAKEN"]}
    assert ClaimCode.objects.count() == 1


def test_length_of_random_codes_is_a_setting(client: BadgekitClient, path: str, settings: Settings) -> None:
    settings.CLAIM_CODE_LENGTH = 17

    assert len(client.post(f"{path}/random").body["claimCode"]["code"]) == 17


def test_export_as_text_and_csv(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    factories.claim_code(template, code='say "hi", ü')
    evil = factories.claim_code(template, code="=1+1", is_multiuse=True)
    claim_code(claim_code=evil, email="+ada@example.org")
    made = evil.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    text, table = client.get(f"{path}?format=text"), client.get(f"{path}?format=csv&multiuse=true")

    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.decode() == 'say "hi", ü\n=1+1\n'
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert table.headers["Content-Disposition"] == 'attachment; filename="data-literacy-codes.csv"'
    assert table.content.decode().split("\r\n") == [
        "code,claimed,multiuse,email,uses,maxUses,expires,created,claimUrl",
        f"'=1+1,true,true,'+ada@example.org,1,,,{made},http://127.0.0.1:8000/claim?code=%3D1%2B1",
        "",
    ]


def test_claims_tell_who_claimed(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="many", is_multiuse=True)
    claims = [
        claim_code(claim_code=code, email="ada@example.org"),
        claim_code(claim_code=code),
        claim_code(claim_code=code, email="bob@example.org"),
    ]
    badge = Badge.objects.get(recipient_email="bob@example.org")
    revoke_badge(badge=badge, reason="Mistaken", by=None)

    of_code = client.get(f"{path}/many/claims")
    of_badge = client.get(f"{path.removesuffix('/codes')}/claims?page=1&count=1")

    assert of_code.status == 200
    assert [(claim["id"], claim["email"], claim["revoked"]) for claim in of_code.body["claims"]] == [
        (claims[0].pk, "ada@example.org", False),
        (claims[1].pk, None, False),
        (claims[2].pk, "bob@example.org", True),
    ]
    assert of_code.body["claims"][1]["assertionUrl"] is None
    assert of_code.body["claims"][2]["assertionUrl"].startswith(badge.public_url)
    assert of_code.body["claimCode"]["uses"] == 3
    assert of_badge.body["pageData"] == {"page": 1, "count": 1, "total": 3}
    assert of_badge.body["claims"] == [of_code.body["claims"][0] | {"code": "many"}]


def test_claim_may_name_the_earner_and_tell_the_badge(
    client: BadgekitClient, path: str, template: BadgeTemplate
) -> None:
    factories.claim_code(template, code="x")

    answer = client.post(
        f"{path}/x/claim?extended=true",
        {"email": "ada@example.org", "firstName": "Ada", "lastName": "Lovelace"},
    )

    badge = Badge.objects.get()
    assert badge.recipient_name == "Ada Lovelace"
    assert answer.body["claim"]["assertionUrl"].startswith(badge.public_url)
    assert answer.body["claimCode"]["uses"] == 1


def test_expired_code_is_refused(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="x", expires_at=timezone.now() - timedelta(seconds=1))

    answer = client.post(f"{path}/x/claim", {"email": "ada@example.org"})

    assert (answer.status, answer.body["code"]) == (400, "CodeExpired")
    assert client.get("/systems/main/codes/x").body["badge"]["claimed"] == 1
    assert state(code)["uses"] == 0


@pytest.mark.parametrize("within", ["/systems/main/codes", None])
def test_visitor_who_guesses_is_refused_and_nobody_else(
    client: BadgekitClient,
    path: str,
    template: BadgeTemplate,
    caplog: pytest.LogCaptureFixture,
    within: str | None,
) -> None:
    factories.claim_code(template, code="right")
    guesser, other = {"Laurel-Visitor": "203.0.113.7"}, {"Laurel-Visitor": "203.0.113.8"}

    statuses = [client.get(f"{within or path}/w{number}", guesser).status for number in range(11)]
    refused = client.post(f"{path}/right/claim", {"email": "ada@example.org"}, guesser)

    assert statuses == [404] * 10 + [429]
    assert (refused.status, refused.body["code"]) == (429, "TooManyRequests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 600
    assert Claim.objects.count() == 0
    assert client.get(f"{path}/right", guesser).status == 429
    assert client.get("/systems/main/codes/right", other).status == 200
    assert client.post(f"{path}/right/claim", {"email": "ada@example.org"}).status == 200
    assert any("203.0.113" not in message and "guessed" in message for message in caplog.messages)


def test_an_api_key_cannot_be_used_to_guess_codes_of_others(
    client: BadgekitClient, acme: Organization, template: BadgeTemplate, globex: Organization
) -> None:
    others = factories.template(globex)
    for number in range(12):
        factories.claim_code(others, code=f"secret{number}")
    own = f"/systems/main/issuers/{acme.slug}/badges/{template.slug}/codes"
    factories.claim_code(template, code="mine")
    key = {"Authorization": f"Bearer {factories.api_key(acme)[1]}"}

    many = client.post(own, {"codes": [f"secret{number}" for number in range(12)]}, key)
    one = client.post(own, {"code": "secret11"}, key)
    changed = client.put(f"{own}/mine", {"code": "secret11"}, key)

    assert (many.status, len(many.body["details"]["codes"])) == (409, 10)
    assert (one.status, changed.status) == (429, 429)
    assert client.post(f"{own}/random", {}, key).status == 201
    # A consumer acts in the whole system, where it may list all codes.
    assert client.post(own, {"code": "secret11"}).status == 409


def test_server_is_refused_only_far_beyond_misprints(
    client: BadgekitClient,
    path: str,
    template: BadgeTemplate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    factories.claim_code(template, code="right")
    monkeypatch.setattr(guesses, "MAX_WRONG_CODES_OF_ALL", 5)
    monkeypatch.setattr(guesses, "MAX_WRONG_CODES_OF_SERVER", 12)

    wrong = [client.post(f"{path}/w{number}/claim", {}).status for number in range(12)]
    still = client.get("/systems/main/codes/right").status
    over = client.get("/systems/main/codes/w99")
    after = client.post(f"{path}/right/claim", {"email": "ada@example.org"})

    assert wrong == [404] * 12
    assert still == 200
    assert (over.status, after.status) == (429, 429)
    assert Claim.objects.count() == 0
    # Reading and making codes go on, and so does another system's server; so do named visitors.
    assert client.get(f"{path}/right").status == 200
    assert client.get("/systems/main/codes/right", {"Laurel-Visitor": "203.0.113.9"}).status == 200
    assert sum("through an issuer's server" in message for message in caplog.messages) == 2


def test_looking_for_free_codes_is_no_guessing(
    client: BadgekitClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "MAX_WRONG_CODES_OF_SERVER", 2)

    assert {client.get(f"{path}/free{number}").status for number in range(10)} == {404}


@pytest.mark.django_db(transaction=True)
def test_race_of_claims_and_deletion_leaves_all_or_nothing() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    code = factories.claim_code(template, is_multiuse=True)

    def act(number: int) -> Any:
        if number == 5:
            return delete_claim_code(claim_code=code, by=None)
        return claim_code(claim_code=code, email=f"e{number}@example.org")

    answers = race(act, times=12)

    told = kinds(answers)
    assert set(told) <= {"Claim", "ClaimCode", "ClaimCodeUnknown"}
    assert told["ClaimCode"] == 1
    assert Badge.objects.count() == told.get("Claim", 0)
    assert (ClaimCode.objects.count(), Claim.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_race_to_change_a_code_and_claim_it_never_loses_a_use() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    code = factories.claim_code(template, is_multiuse=True)

    def act(number: int) -> Any:
        if number % 2:
            return update_claim_code(claim_code=code, fields={"max_uses": 3 + number}, by=None)
        return claim_code(claim_code=code, email=f"e{number}@example.org")

    race(act, times=12)

    row = ClaimCode.objects.get()
    assert row.uses == Claim.objects.count() == Badge.objects.count()
    assert row.max_uses is None or row.uses <= row.max_uses
