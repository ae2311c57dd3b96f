"""Claim codes in the issuer API: made, listed, read, changed, deleted, written to files."""

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate
from claimcodes.api.issuer_codes import ClaimShape, CodeShape, FullCodeShape
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from organizations.enums import ApiScope
from organizations.models import AuditEntry, Organization
from organizations.services.organizations import update_organization
from tests import factories
from tests.api import Api, assert_has_shape, golden
from tests.racing import race


@pytest.fixture(autouse=True)
def nothing_guessed() -> None:
    """Forget earlier guesses."""
    cache.clear()


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def foreign(globex: Organization) -> ClaimCode:
    """A claim code of globex's."""
    return factories.claim_code(factories.template(globex, title="Secret"), code="GLOBEX")


def codes_of(template: BadgeTemplate) -> str:
    return f"/badge_templates/{template.uuid}/claim_codes"


def path_to(code: ClaimCode) -> str:
    return f"{codes_of(code.template)}/{code.uuid}"


# --- making


def test_post_makes_a_random_code(api: Api, template: BadgeTemplate, settings: Settings) -> None:
    response = api.post(codes_of(template))

    assert response.status_code == 201
    body = response.json()
    assert_has_shape(body["data"], CodeShape)
    code = ClaimCode.objects.get()
    assert body["data"] == {
        "id": str(code.uuid),
        "code": code.code,
        "claimed": 0,
        "multiuse": 0,
        "max_uses": None,
        "uses": 0,
        "email": None,
        "expires_at": None,
        "claim_url": f"http://127.0.0.1:8000/claim?code={code.code}",
        "created_at": body["data"]["created_at"],
        "updated_at": body["data"]["updated_at"],
    }
    assert len(code.code) == settings.CLAIM_CODE_LENGTH


def test_post_makes_the_code_that_is_sent(api: Api, template: BadgeTemplate, acme: Organization) -> None:
    update_organization(organization=acme, fields={"time_zone": "Europe/Rome"}, by=None)
    sent = {
        "code": "Summer School",
        "multiuse": 1,
        "max_uses": 30,
        "expires_at": "2030-07-01 12:00:00",
        "email": "ada@example.org",
    }

    response = api.post(codes_of(template), sent)

    assert response.status_code == 201
    data = response.json()["data"]
    assert {name: data[name] for name in sent} == sent
    assert data["claim_url"].endswith("/claim?code=Summer%20School")
    assert ClaimCode.objects.get().expires_at.isoformat() == "2030-07-01T10:00:00+00:00"  # type: ignore[union-attr]
    golden("claim_code", response.json())


def test_post_means_the_same_in_a_form(api: Api, template: BadgeTemplate) -> None:
    response = api.form("POST", codes_of(template), {"codes[0]": "one", "codes[1]": "two", "multiuse": "1"})

    assert response.status_code == 201
    assert [(item["code"], item["multiuse"]) for item in response.json()["data"]] == [("one", 1), ("two", 1)]


def test_post_makes_many_random_codes(api: Api, template: BadgeTemplate) -> None:
    response = api.post(codes_of(template), {"count": 30, "prefix": "ACME-", "length": 12})

    assert response.status_code == 201
    texts = [item["code"] for item in response.json()["data"]]
    assert len(set(texts)) == ClaimCode.objects.filter(template=template).count() == 30
    assert {(text[:5], len(text)) for text in texts} == {("ACME-", 17)}


def test_post_with_an_idempotency_key_makes_codes_once(api: Api, template: BadgeTemplate) -> None:
    first = api.post(codes_of(template), {"count": 3}, Idempotency_Key="k")
    second = api.post(codes_of(template), {"count": 3}, Idempotency_Key="k")

    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.json() == second.json()
    assert ClaimCode.objects.count() == 3


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"code": "a\x01"}, ["code"]),
        ({"code": "a\x00"}, ["code"]),
        ({"code": "a\nb"}, ["code"]),
        ({"code": "x" * 256}, ["code"]),
        ({"code": 5}, ["code"]),
        ({"code": ["x"]}, ["code"]),
        ({"code": "a", "count": 2}, ["count"]),
        ({"code": "a", "codes": ["b"], "prefix": "x"}, ["codes", "prefix"]),
        ({"codes": []}, ["codes"]),
        ({"codes": "a"}, ["codes"]),
        ({"codes": ["a", "A "]}, ["codes.1"]),
        ({"codes": ["a", None]}, ["codes.1"]),
        ({"codes": ["a", "\ud800"]}, ["codes.1"]),
        ({"count": 0}, ["count"]),
        ({"count": 5001}, ["count"]),
        ({"count": "many"}, ["count"]),
        ({"count": 10**30}, ["count"]),
        ({"count": 2, "length": 9}, ["length"]),
        ({"count": 2, "length": 256}, ["length"]),
        ({"count": 2, "prefix": "x" * 100, "length": 200}, ["length"]),
        ({"count": 2, "prefix": "a\x01"}, ["prefix"]),
        ({"max_uses": 3}, ["max_uses"]),
        ({"multiuse": 1, "max_uses": 0}, ["max_uses"]),
        ({"multiuse": "perhaps", "expires_at": "soon", "email": "x"}, ["multiuse", "expires_at", "email"]),
        ({"expires_at": 5}, ["expires_at"]),
        ({"email": {"a": 1}}, ["email"]),
    ],
)
def test_post_refuses_what_cannot_be(
    api: Api, template: BadgeTemplate, body: dict[str, Any], fields: list[str]
) -> None:
    response = api.post(codes_of(template), body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == fields
    assert not ClaimCode.objects.exists()


def test_post_refuses_codes_that_exist_and_makes_none(api: Api, template: BadgeTemplate) -> None:
    factories.claim_code(template, code="two")

    one = api.post(codes_of(template), {"code": " TWO"})
    many = api.post(codes_of(template), {"codes": ["one", "Two", "three"]})

    assert one.status_code == many.status_code == 422
    assert list(one.json()["errors"]) == ["code"]
    assert many.json()["errors"] == {"codes.1": ["The codes.1 has already been taken."]}
    assert ClaimCode.objects.count() == 1


def test_post_cannot_be_used_to_guess_codes_of_others(
    api: Api, template: BadgeTemplate, foreign: ClaimCode
) -> None:
    for number in range(40):
        factories.claim_code(foreign.template, code=f"secret{number}")

    many = api.post(codes_of(template), {"codes": [f"secret{number}" for number in range(40)]})
    after = api.post(codes_of(template), {"code": "secret39"})
    changed = api.put(path_to(factories.claim_code(template, code="mine")), {"code": "secret39"})

    assert (many.status_code, len(many.json()["errors"])) == (422, 10)
    assert (after.status_code, changed.status_code) == (429, 429)
    assert int(after["Retry-After"]) > 0
    # Random codes tell nothing of others, and reading goes on.
    assert api.post(codes_of(template), {"count": 2}).status_code == 201
    assert api.get(codes_of(template)).json()["meta"]["total"] == 3


@pytest.mark.django_db(transaction=True)
def test_post_with_an_idempotency_key_cannot_be_used_to_guess_either(
    api: Api, template: BadgeTemplate, foreign: ClaimCode, settings: Settings
) -> None:
    # The cache of an installation that says nothing: in the database, where a count can be rolled back.
    backend = "django.core.cache.backends.db.DatabaseCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "guesses"}}
    call_command("createcachetable")
    for number in range(12):
        factories.claim_code(foreign.template, code=f"secret{number}")

    answers = [
        api.post(codes_of(template), {"code": f"secret{number}"}, Idempotency_Key=f"try {number}").status_code
        for number in range(12)
    ]

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE guesses")
    assert answers == [422] * 10 + [429] * 2
    assert not ClaimCode.objects.filter(template=template).exists()


def test_post_of_own_codes_again_is_no_guess(api: Api, template: BadgeTemplate) -> None:
    api.post(codes_of(template), {"codes": [f"code{number}" for number in range(20)]})

    answers = [api.post(codes_of(template), {"code": f"code{number}"}).status_code for number in range(20)]

    assert answers == [422] * 20


def test_post_needs_the_scope_to_issue(template: BadgeTemplate, acme: Organization) -> None:
    writer = Api(factories.api_key(acme, ApiScope.READ, ApiScope.WRITE)[1])
    code = factories.claim_code(template)

    assert writer.post(codes_of(template)).status_code == 403
    assert writer.put(path_to(code), {"multiuse": 1}).status_code == 403
    assert ClaimCode.objects.count() == 1
    code.refresh_from_db()
    assert not code.is_multiuse
    assert writer.delete(path_to(code)).status_code == 204


# --- listing


@pytest.fixture
def three(template: BadgeTemplate, foreign: ClaimCode) -> list[ClaimCode]:
    """Three codes: claimed, over, of many uses."""
    claimed = factories.claim_code(template, code="alpha")
    claim_code(claim_code=claimed, email="Ada@example.org")
    past = timezone.now() - timedelta(days=1)
    over = factories.claim_code(template, code="BETA", expires_at=past, email="bea@example.org")
    many = factories.claim_code(template, code="gamma", is_multiuse=True, expires_at=past + timedelta(days=9))
    claim_code(claim_code=many, email="carl@example.org")
    claim_code(claim_code=many, email="dora@example.org")
    return [claimed, over, many]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["gamma", "BETA", "alpha"]),
        ({"claimed": "1"}, ["gamma", "alpha"]),
        ({"claimed": "0"}, ["BETA"]),
        ({"multiuse": "true"}, ["gamma"]),
        ({"expired": "1"}, ["BETA"]),
        ({"expired": "0"}, ["gamma", "alpha"]),
        ({"email": "ada@EXAMPLE.org"}, ["alpha"]),
        ({"email": "bea@example.org"}, ["BETA"]),
        ({"email": "CARL@example.org"}, ["gamma"]),
        ({"q": "Et"}, ["BETA"]),
        ({"search": "a"}, ["gamma", "BETA", "alpha"]),
        ({"q": "GLOBEX"}, []),
    ],
)
def test_list_is_filtered(
    api: Api, three: list[ClaimCode], query: dict[str, str], expected: list[str]
) -> None:
    response = api.get(codes_of(three[0].template), query)

    assert response.status_code == 200
    body = response.json()
    assert [item["code"] for item in body["data"]] == expected
    for item in body["data"]:
        assert_has_shape(item, CodeShape)


@pytest.mark.parametrize("query", [{"claimed": "x"}, {"expired": "2"}, {"id": "5"}, {"q": "a\x00"}])
def test_list_refuses_filters_that_mean_nothing(
    api: Api, template: BadgeTemplate, query: dict[str, str]
) -> None:
    response = api.get(codes_of(template), query)

    assert (response.status_code, list(response.json()["errors"])) == (422, list(query))


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_as_for_three(
    api: Api, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    api.post(codes_of(template), {"count": rows})

    with django_assert_num_queries(4):  # the key, the template, how many, which
        assert len(api.get(codes_of(template)).json()["data"]) == rows


# --- reading, changing, deleting


def test_get_tells_who_claimed(api: Api, three: list[ClaimCode]) -> None:
    response = api.get(path_to(three[2]))

    assert response.status_code == 200
    data = response.json()["data"]
    assert_has_shape(data, FullCodeShape)
    badges = {badge.recipient_email: str(badge.uuid) for badge in Badge.objects.all()}
    assert [(claim["email"], claim["badge_id"]) for claim in data["claims"]] == [
        (email, badges[email]) for email in ("dora@example.org", "carl@example.org")
    ]
    assert (data["uses"], data["claimed"], data["email"]) == (2, 1, "dora@example.org")


def test_get_tells_of_a_code_that_was_only_marked(api: Api, template: BadgeTemplate) -> None:
    code = factories.claim_code(template)
    claim_code(claim_code=code)

    claims = api.get(path_to(code)).json()["data"]["claims"]

    assert claims == [{"email": None, "badge_id": None, "claimed_at": claims[0]["claimed_at"]}]


@pytest.mark.parametrize("rows", [1, 3])
def test_claims_ask_as_often_for_one_as_for_three(
    api: Api, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    code = factories.claim_code(template, is_multiuse=True)
    for number in range(rows):
        claim_code(claim_code=code, email=f"earner{number}@example.org")
    api.get(path_to(code))

    with django_assert_num_queries(5):  # the key, the template, the code, how many, which
        page = api.get(f"{path_to(code)}/claims").json()
    with django_assert_num_queries(4):
        assert api.get(path_to(code)).json()["data"]["claims"] == page["data"]
    assert (len(page["data"]), page["meta"]["total"]) == (rows, rows)
    assert_has_shape(page["data"][0], ClaimShape)


def test_put_changes_what_is_sent_and_nothing_else(api: Api, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="old", email="ada@example.org")
    before = api.get(path_to(code)).json()["data"]
    del before["claims"]

    response = api.put(path_to(code), {"code": "new", "multiuse": True, "max_uses": 5})

    assert response.status_code == 200
    after = response.json()["data"]
    changed = {
        "code": "new",
        "multiuse": 1,
        "max_uses": 5,
        "claim_url": "http://127.0.0.1:8000/claim?code=new",
        "updated_at": after["updated_at"],
    }
    assert after == before | changed


@pytest.mark.parametrize(
    ("number", "body", "status"),
    [
        (0, {"claimed": 0}, 409),
        (2, {"multiuse": 0}, 409),
        (2, {"max_uses": 1}, 422),
        (0, {"max_uses": 3}, 422),
        (1, {"code": "ALPHA"}, 422),
        (1, {"code": None}, 422),
        (1, {"email": "nobody"}, 422),
        (1, {"expires_at": "0001-01-01"}, 422),
    ],
)
def test_put_refuses_what_contradicts_what_happened(
    api: Api, three: list[ClaimCode], number: int, body: dict[str, Any], status: int
) -> None:
    before = api.get(path_to(three[number])).json()

    response = api.put(path_to(three[number]), body)

    assert response.status_code == status
    assert api.get(path_to(three[number])).json() == before


def test_delete_leaves_the_badge(api: Api, three: list[ClaimCode]) -> None:
    assert api.delete(path_to(three[0])).status_code == 204

    assert api.get(path_to(three[0])).status_code == 404
    assert api.delete(path_to(three[0])).status_code == 404
    assert Badge.objects.count() == 3
    assert Claim.objects.count() == 2


# --- files


def test_export_writes_csv(api: Api, template: BadgeTemplate, three: list[ClaimCode]) -> None:
    factories.claim_code(template, code="=1+1", email="+x@example.org")

    response = api.get(f"{codes_of(template)}/export")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="claim-codes-data-literacy.csv"'
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert [(row["code"], row["claimed"], row["uses"], row["email"]) for row in rows] == [
        ("alpha", "1", "1", "Ada@example.org"),
        ("BETA", "0", "0", "bea@example.org"),
        ("gamma", "1", "2", "dora@example.org"),
        ("'=1+1", "0", "0", "'+x@example.org"),
    ]
    assert rows[0]["claim_url"] == "http://127.0.0.1:8000/claim?code=alpha"
    entry = AuditEntry.objects.get(act="data.exported")
    assert (entry.subject, entry.details) == (template.uuid, {"claim_codes": "csv"})


@pytest.mark.parametrize("kind", ["txt", "text", "TXT"])
def test_export_writes_text(api: Api, template: BadgeTemplate, three: list[ClaimCode], kind: str) -> None:
    response = api.get(f"{codes_of(template)}/export", {"format": kind, "claimed": "1"})

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert b"".join(response) == b"alpha\ngamma\n"


def test_export_writes_more_than_one_piece(api: Api, template: BadgeTemplate) -> None:
    api.post(codes_of(template), {"count": 5000})

    lines = b"".join(api.get(f"{codes_of(template)}/export", {"format": "txt"})).decode().splitlines()

    made = ClaimCode.objects.order_by("pk").values_list("code", flat=True)
    assert lines == list(made)


def test_export_refuses_other_formats(api: Api, template: BadgeTemplate) -> None:
    response = api.get(f"{codes_of(template)}/export", {"format": "pdf"})

    assert response.status_code == 422
    assert response.json()["errors"] == {"format": ["The selected format is invalid."]}


# --- who may


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("POST", "", {"count": 2}),
        ("GET", "/export", None),
        ("GET", "/{code}", None),
        ("PUT", "/{code}", {"code": "mine"}),
        ("PATCH", "/{code}", {"code": "mine"}),
        ("DELETE", "/{code}", None),
        ("GET", "/{code}/claims", None),
    ],
)
def test_another_organizations_codes_are_as_absent(
    api: Api, template: BadgeTemplate, foreign: ClaimCode, method: str, tail: str, body: Any
) -> None:
    hidden = api.send(method, f"{codes_of(foreign.template)}{tail.format(code=foreign.uuid)}", body)
    nowhere = f"/badge_templates/{uuid.uuid4()}/claim_codes"
    absent = api.send(method, f"{nowhere}{tail.format(code=uuid.uuid4())}", body)

    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.status_code == 404
    if tail.startswith("/{"):  # nor through a template of one's own
        assert (
            api.send(method, f"{codes_of(template)}{tail.format(code=foreign.uuid)}", body).status_code == 404
        )
    foreign.refresh_from_db()
    assert (foreign.code, ClaimCode.objects.count()) == ("GLOBEX", 1)
    owner = Api(factories.api_key(foreign.template.organization)[1])
    assert owner.get(path_to(foreign)).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_race_of_one_idempotency_key_makes_codes_once() -> None:
    acme = factories.OrganizationFactory.create()
    template, key = factories.template(acme), factories.api_key(acme)[1]

    answers = race(
        lambda _number: Api(key).post(codes_of(template), {"count": 5}, Idempotency_Key="k"), times=10
    )

    assert {(answer.status_code, answer.content) for answer in answers} == {  # type: ignore[union-attr]
        (201, answers[0].content)  # type: ignore[union-attr]
    }
    assert ClaimCode.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_race_for_one_code_has_one_winner() -> None:
    acme = factories.OrganizationFactory.create()
    template, key = factories.template(acme), factories.api_key(acme)[1]

    answers = race(lambda _number: Api(key).post(codes_of(template), {"code": "Summer"}), times=8)

    statuses = sorted(answer.status_code for answer in answers)  # type: ignore[union-attr]
    assert statuses == [201, *[422] * 7]
    assert ClaimCode.objects.count() == 1
