"""Who gets into the BadgeKit API: the tokens of its clients, API keys, and everything that is neither."""

import base64
import hashlib
import json
import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from badges.models import BadgeTemplate
from claimcodes.models import ClaimCode
from organizations.api import badgekit_tokens
from organizations.enums import ApiScope
from organizations.models import Organization, System
from organizations.services.access import create_badgekit_consumer
from tests import factories
from tests.badgekit import Answer, BadgekitClient, base64url, claims_for, token

NOW = "2026-03-01T12:00:00+00:00"


@pytest.fixture
def path(system: System, template: BadgeTemplate) -> str:
    """The codes of acme's badge."""
    return f"/systems/main/issuers/acme/badges/{template.slug}/codes"


def send(
    authorization: str | None, path: str, method: str = "GET", body: bytes = b"", **extra: Any
) -> Answer:
    """Send a request with this header Authorization."""
    headers = {} if authorization is None else {"Authorization": authorization}
    content_type = extra.pop("content_type", "application/json" if body else "")
    response = Client().generic(
        method, path, body, content_type=content_type, headers=headers, RAW_URI=path, **extra
    )
    content = bytes(response.content)
    return Answer(response.status_code, json.loads(content), dict(response.headers), content)


def refusal(message: str) -> tuple[int, dict[str, str]]:
    """Return what every refusal looks like."""
    return 403, {"code": "NotAuthorized", "message": message}


def signed(path: str, method: str = "GET", content: bytes | None = None, /, **changed: Any) -> str:
    """Return the header of the key `master`; claims that are changed to None are left out."""
    claims = claims_for(method, path, content) | changed
    return token(
        {name: value for name, value in claims.items() if value is not None}, settings.BADGEKIT_MASTER_SECRET
    )


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "JWT token=abc",
        'JWT token=""',
        "Basic YTpi",
        'JWT token="' + "a" * 20_000 + '"',
    ],
)
def test_header_of_another_form_is_refused(path: str, header: str | None) -> None:
    answer = send(header, path)

    assert (answer.status, answer.body) == refusal("Missing valid Authorization header")


@pytest.mark.parametrize("text", ["abc", "a.b.c", "....", "e30.e30", "é.é.é", "W10.e30.e30"])
def test_token_that_is_none_is_refused(path: str, text: str) -> None:
    answer = send(f'JWT token="{text}"', path)

    assert answer.status == 403
    assert answer.body["message"] in {"Could not decode JWT", "Missing valid Authorization header"}


@pytest.mark.parametrize("alg", ["none", "None", "HS512", "RS256", None, 7])
def test_other_algorithms_are_refused(path: str, alg: Any) -> None:
    header = token(claims_for("GET", path, None), settings.BADGEKIT_MASTER_SECRET, alg=alg)
    unsigned = header.rpartition(".")[0] + '."'

    for authorization in (header, unsigned):
        assert send(authorization, path).status == 403
    assert send(header, path).body["message"] == f"Unsupported JWT algorithm: {alg}"


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"{}", b"[1]", b"nonsense", b"\xff", b'"text"', b"[" * 5000]
)
def test_empty_payload_is_refused(path: str, payload: bytes) -> None:
    head = base64url(json.dumps({"alg": "HS256"}).encode())

    answer = send(f'JWT token="{head}.{base64url(payload)}.{base64url(b"x")}"', path)

    assert (answer.status, answer.body) == refusal("Missing JWT payload")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"method": None}, "Missing JWT claim: method"),
        ({"method": "POST"}, '`method` does not match: using "POST" token for "GET" request'),
        ({"path": None}, "Missing JWT claim: path"),
        ({"path": "/x"}, '`path` does not match: trying to use token for "/x" on "{path}"'),
        ({"exp": "soon"}, "Invalid JWT claim: exp"),
        ({"exp": True}, "Invalid JWT claim: exp"),
        ({"key": None}, "Missing JWT claim: key"),
        ({"key": "nobody"}, "Could not find consumer for API key"),
        ({"key": ["master"]}, "Could not find consumer for API key"),
        ({"key": "nul\x00"}, "Could not find consumer for API key"),
    ],
)
def test_claims_that_do_not_fit_are_refused(path: str, changed: dict[str, Any], message: str) -> None:
    answer = send(signed(path, **changed), path)

    assert (answer.status, answer.body) == refusal(message.format(path=path))


def test_what_fits_is_let_in(path: str) -> None:
    assert send(signed(path), path).status == 200
    assert send(signed(path, "get"), path).status == 200
    assert send(signed(path, exp=None), path).status == 200


def test_query_is_part_of_the_signed_path(path: str) -> None:
    full = f"{path}?page=1&count=2"

    assert send(signed(full), full).status == 200
    assert send(signed(path), full).body["message"].startswith("`path` does not match")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(61, 200), (0, 200), (-59, 200), (-61, 403), (-3600, 403), (10**9, 200), (10**400, 200)],
)
def test_clock_may_differ_by_a_minute(path: str, seconds: int, expected: int) -> None:
    with time_machine.travel(NOW, tick=False):
        now = int(timezone.now().timestamp())
        answer = send(signed(path, exp=now + seconds), path)

        assert answer.status == expected
        if expected == 403:
            expiry = now + seconds
            assert answer.body["message"] == f"Token is expired (token expiry: {expiry}, server time: {now})"


@pytest.mark.parametrize(("seconds", "expected"), [(60, 200), (-59, 200), (-120, 403)])
def test_milliseconds_of_the_javascript_client_expire_too(path: str, seconds: int, expected: int) -> None:
    with time_machine.travel(NOW, tick=False):
        expiry = (int(timezone.now().timestamp()) + seconds) * 1000

        assert send(signed(path, exp=expiry), path).status == expected


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "Missing JWT claim: body"),
        ("text", "Missing JWT claim: body"),
        ({"hash": "x"}, "Missing JWT claim: body.alg"),
        ({"alg": "sha256"}, "Missing JWT claim: body.hash"),
        ({"alg": "nope", "hash": "x"}, "Could not calculate hash, unsupported algorithm: nope"),
        ({"alg": "md5", "hash": "x"}, "Could not calculate hash, unsupported algorithm: md5"),
    ],
)
def test_body_must_be_signed(path: str, body: Any, message: str) -> None:
    content = b'{"code":"x"}'

    answer = send(signed(path, "POST", content, body=body), path, "POST", content)

    assert (answer.status, answer.body) == refusal(message)
    assert ClaimCode.objects.count() == 0


def test_another_body_is_refused(path: str) -> None:
    meant, sent = b'{"code":"x"}', b'{"code":"y"}'

    answer = send(signed(path, "POST", meant), path, "POST", sent)

    hashes = [hashlib.sha256(body).hexdigest() for body in (sent, meant)]
    assert (answer.status, answer.body) == refusal(
        f"Computed hash does not match given hash: {hashes[0]} != {hashes[1]}"
    )
    assert ClaimCode.objects.count() == 0


@pytest.mark.parametrize("alg", ["sha256", "SHA256", "sha512"])
def test_hash_may_be_upper_case(path: str, alg: str) -> None:
    content = b'{"code":"x"}'
    digest = hashlib.new(alg, content).hexdigest().upper()

    answer = send(signed(path, "POST", content, body={"alg": alg, "hash": digest}), path, "POST", content)

    assert answer.status == 201


def test_empty_body_needs_no_hash_but_takes_one(path: str) -> None:
    assert send(signed(f"{path}/random", "POST"), f"{path}/random", "POST").status == 201
    assert send(signed(f"{path}/random", "POST", b""), f"{path}/random", "POST").status == 201
    assert ClaimCode.objects.count() == 2


def test_body_of_delete_is_not_read_unless_signed(path: str, template: BadgeTemplate) -> None:
    factories.claim_code(template, code="x")

    answer = send(signed(f"{path}/x", "DELETE"), f"{path}/x", "DELETE", b"{broken")

    assert answer.status == 200


def test_multipart_can_be_signed(path: str) -> None:
    content = b'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\nfrom a form\r\n--b--\r\n'

    answer = send(
        signed(path, "POST", content), path, "POST", content, content_type="multipart/form-data; boundary=b"
    )

    assert (answer.status, answer.body["claimCode"]["code"]) == (201, "from a form")


def test_wrong_secret_is_refused(path: str) -> None:
    answer = send(token(claims_for("GET", path, None), "another secret"), path)

    assert (answer.status, answer.body) == refusal("Invalid token signature")


def test_master_is_closed_without_a_secret(path: str, settings: Settings) -> None:
    settings.BADGEKIT_MASTER_SECRET = ""

    answer = send(token(claims_for("GET", path, None), ""), path)

    assert (answer.status, answer.body) == refusal("Could not find consumer for API key")


def test_consumer_acts_in_its_own_system_alone(path: str, system: System) -> None:
    other = factories.SystemFactory.create(slug="other")
    ours, theirs = BadgekitClient.of(system), BadgekitClient.of(other)

    assert ours.get(path).status == 200
    answer = theirs.get(path)

    assert (answer.status, answer.body) == refusal("Invalid token for system")
    assert theirs.get("/systems/nowhere/badges/x/codes").body["message"] == "Invalid token for system"


def test_revoked_consumer_is_unknown(path: str, system: System) -> None:
    consumer, secret = create_badgekit_consumer(system=system, by=None)
    client = BadgekitClient(consumer.key, secret)
    assert client.get(path).status == 200
    consumer.revoked_at = timezone.now()
    consumer.save()

    answer = client.get(path)

    assert (answer.status, answer.body) == refusal("Could not find consumer for API key")


def bearer(organization: Organization, *scopes: ApiScope) -> str:
    """Return the header of an API key."""
    return f"Bearer {factories.api_key(organization, *scopes)[1]}"


def test_api_key_opens_its_own_issuer(
    path: str, template: BadgeTemplate, acme: Organization, globex: Organization
) -> None:
    factories.claim_code(template, code="x")

    assert send(bearer(acme), f"{path}/x").status == 200
    for answer in (send(bearer(globex), path), send(bearer(globex), f"{path}/x")):
        assert (answer.status, answer.body) == (
            404,
            {"code": "ResourceNotFound", "message": "Could not find issuer field: `slug`, value: `acme`"},
        )
    assert send(bearer(acme), "/systems/main/codes/x").status == 403
    assert send("Bearer lrl_nothing_of_the_kind", path).body["message"] == "Invalid API key"


@pytest.mark.usefixtures("middle_of_a_minute")
def test_api_key_may_ask_so_often_and_tokens_as_often_as_they_like(
    path: str, acme: Organization, settings: Settings
) -> None:
    settings.API_RATE_LIMIT = 3
    key = bearer(acme)

    answers = [send(key, path) for _number in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[3].body == {
        "code": "TooManyRequests",
        "message": "This API key may make 3 requests a minute.",
    }
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert [send(signed(path), path).status for _number in range(4)] == [200] * 4


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (ApiScope.READ, {"GET"}),
        (ApiScope.WRITE, {"DELETE"}),
        (ApiScope.ISSUE, {"POST", "PUT", "claim"}),
    ],
)
def test_api_key_is_held_to_its_scopes(
    path: str, template: BadgeTemplate, acme: Organization, scope: ApiScope, allowed: set[str]
) -> None:
    key = bearer(acme, scope)
    for name in ("claim", "put", "delete"):
        factories.claim_code(template, code=name)
    calls = {
        "GET": lambda: send(key, path),
        "POST": lambda: send(key, path, "POST", b'{"code":"made"}'),
        "PUT": lambda: send(key, f"{path}/put", "PUT", b'{"multiuse":true}'),
        "DELETE": lambda: send(key, f"{path}/delete", "DELETE"),
        "claim": lambda: send(key, f"{path}/claim/claim", "POST", b"{}"),
    }

    answers = {name: call() for name, call in calls.items()}

    assert {name for name, answer in answers.items() if answer.status < 300} == allowed
    assert {answer.status for name, answer in answers.items() if name not in allowed} == {403}
    assert ClaimCode.objects.filter(code="made").exists() == ("POST" in allowed)
    assert ClaimCode.objects.filter(code="delete").exists() == ("DELETE" not in allowed)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_token_used_again_later_is_told_once(
    path: str, method: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = signed(f"{path}/random", method)
    with caplog.at_level(logging.WARNING, logger=badgekit_tokens.__name__):
        send(header, f"{path}/random", method)
        send(header, f"{path}/random", method)
        assert not any("used again" in message for message in caplog.messages)

        monkeypatch.setattr(badgekit_tokens, "REPLAYED_AFTER", -1.0)
        answers = {send(header, f"{path}/random", method).status for _ in range(3)}

    assert answers == {201 if method == "POST" else 404}
    assert [message for message in caplog.messages if "used again" in message] == [
        f"A BadgeKit token of the key master for {method} was used again (it expires)."
    ]


def test_reading_again_by_a_token_without_an_end_is_not_told(
    path: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(badgekit_tokens, "REPLAYED_AFTER", -1.0)

    with caplog.at_level(logging.WARNING, logger=badgekit_tokens.__name__):
        assert [send(signed(path, exp=None), path).status for _ in range(3)] == [200] * 3

    assert caplog.messages == []


def test_unknown_paths_need_no_token_but_unknown_slugs_do(system: System) -> None:
    unknown = send(None, "/systems/main/nothing")

    assert (unknown.status, unknown.body) == (
        404,
        {"code": "ResourceNotFound", "message": "/systems/main/nothing does not exist"},
    )
    assert send(None, "/systems/nowhere/badges/b/codes").status == 403


def test_routes_of_codes_are_closed_to_strangers(path: str, template: BadgeTemplate) -> None:
    factories.claim_code(template, code="x", email="ada@example.org")
    stem = path.removesuffix("/codes")
    calls = [
        ("GET", path),
        ("POST", path),
        ("POST", f"{path}/random"),
        ("GET", f"{path}/x"),
        ("PUT", f"{path}/x"),
        ("DELETE", f"{path}/x"),
        ("POST", f"{path}/x/claim"),
        ("GET", f"{path}/x/claims"),
        ("GET", f"{stem}/claims"),
        ("GET", "/systems/main/codes/x"),
    ]

    for method, address in calls:
        answer = send(None, address, method)
        assert (answer.status, answer.body) == refusal("Missing valid Authorization header"), address
    row = ClaimCode.objects.get()
    assert (row.uses, row.code) == (0, "x")


def test_token_in_padded_base64_is_the_same_token(path: str) -> None:
    head, payload, signature = signed(path).removeprefix('JWT token="').removesuffix('"').split(".")
    padded = base64.urlsafe_b64encode(base64.urlsafe_b64decode(signature + "==")).decode()

    assert send(f'JWT token="{head}.{payload}.{padded}"', path).status == 200


def test_expired_tokens_do_not_live_on(path: str) -> None:
    header = signed(path)
    assert send(header, path).status == 200

    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert send(header, path).status == 403
