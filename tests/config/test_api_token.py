"""The dialect of the token API: its envelope, its numbers, its errors, its headers."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from config.api.token import CODES, ResultCode, moment, text_of
from config.api.token_numbers import FILE, take_number
from config.exceptions import RuleBroken
from config.masking import loggable_path
from tests.accounts import token_of
from tests.processes import ROOT, environment
from tests.racing import race

MEMBERS = ["requestID", "requestDateTime", "resultCode", "resultMessage"]


def subclasses(kind: type[RuleBroken]) -> set[type[RuleBroken]]:
    """Return all that derives from a class."""
    return {kind}.union(*(subclasses(one) for one in kind.__subclasses__()))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path", "status", "code", "members"),
    [
        ("GET", "/api/v2/", 404, 404, MEMBERS),
        ("GET", "/api/v2/Nothing", 404, 404, MEMBERS),
        ("GET", "/api/v2/Badges/", 404, 404, MEMBERS),
        ("GET", "/api/v2/Badges/token/", 404, 404, MEMBERS),
        ("GET", "/api/v2/badges/token", 404, 404, MEMBERS),
        ("PUT", "/api/v2/Badges/token", 405, 405, ["badges", *MEMBERS]),
        ("POST", "/api/v2/Badges/token", 405, 405, ["badges", *MEMBERS]),
        ("GET", "/api/v2/Outcome/token/code", 405, 405, MEMBERS),
        ("OPTIONS", "/api/v2/BadgeAssignment", 405, 405, MEMBERS),
        ("GET", "/api/v2/Badges/token", 200, -101, ["badges", *MEMBERS]),
        ("GET", "/api/v2/Badge/token/1", 200, -101, ["badge", *MEMBERS]),
        ("POST", "/api/v2/Outcome/token/code", 200, -101, MEMBERS),
        ("POST", "/api/v2/BadgeAssignment", 200, -2001, MEMBERS),
    ],
)
def test_every_answer_is_the_envelope(
    client: Client, method: str, path: str, status: int, code: int, members: list[str]
) -> None:
    before = datetime.now(UTC)

    response = client.generic(method, path)

    body = response.json()
    assert (response.status_code, body["resultCode"], list(body)) == (status, code, members)
    assert isinstance(body["requestID"], int)
    assert isinstance(body["resultMessage"], str)
    assert body["resultMessage"]
    said = datetime.fromisoformat(body["requestDateTime"])
    assert abs((said - before).total_seconds()) < 10
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert body.get("badges", []) == []
    assert body.get("badge") is None


@pytest.mark.django_db
def test_wrong_method_says_which_are_right(client: Client) -> None:
    assert client.put("/api/v2/Badges/token")["Allow"] == "GET, HEAD"
    assert client.get("/api/v2/BadgeAssignment")["Allow"] == "POST"


@pytest.mark.django_db
def test_head_is_a_get_without_a_body(client: Client) -> None:
    response = client.head("/api/v2/Badges/token")

    assert (response.status_code, response.content) == (200, b"")
    assert int(response["Content-Length"]) > 100


def test_moment_has_milliseconds_and_z() -> None:
    assert moment(datetime(2025, 7, 23, 11, 26, 25, 978999, UTC)) == "2025-07-23T11:26:25.978Z"
    assert moment(datetime(2025, 7, 23, 11, 26, 25, 8000, UTC)) == "2025-07-23T11:26:25.008Z"


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (" a ", "a"), ("", ""), (None, ""), (1, ""), (["a"], ""), ("a\x00", ""), ("\ud800", "")],
)
def test_what_is_no_text_counts_as_missing(value: Any, text: str) -> None:
    assert text_of({"refId": value}, "refId") == text


@pytest.mark.django_db
def test_numbers_grow_by_one_with_each_request(client: Client) -> None:
    numbers = [client.get("/api/v2/Badges/token").json()["requestID"] for _ in range(5)]

    assert numbers == list(range(numbers[0], numbers[0] + 5))


@pytest.mark.django_db(transaction=True)
def test_numbers_are_given_once_to_threads() -> None:
    first = take_number()

    answers = race(lambda _: [take_number() for _ in range(50)], times=8)

    series = [answer for answer in answers if isinstance(answer, list)]
    assert sorted(number for numbers in series for number in numbers) == list(range(first + 1, first + 401))
    assert all(numbers == sorted(numbers) for numbers in series)


@pytest.mark.django_db(transaction=True)
def test_numbers_grow_over_processes_and_their_ends() -> None:
    code = (
        "import django; django.setup()\n"
        "from config.api.token_numbers import take_number\n"
        "print([take_number() for _ in range(200)])"
    )
    before = take_number()
    running = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    series = [json.loads(process.communicate(timeout=60)[0]) for process in running]

    after = take_number()

    assert sorted(number for numbers in series for number in numbers) == list(range(before + 1, before + 601))
    assert all(numbers == sorted(numbers) for numbers in series)
    assert after == before + 601


@pytest.mark.django_db(transaction=True)
def test_number_waits_for_no_transaction() -> None:
    with transaction.atomic():  # on SQLite it holds the only write lock
        answers = race(lambda _: take_number(), times=1)

    assert isinstance(answers[0], int)


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_numbers_begin_at_one_where_there_is_no_file(settings: Settings, tmp_path: Any) -> None:
    settings.DATA_DIR = tmp_path

    assert [take_number() for _ in range(3)] == [1, 2, 3]
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    (tmp_path / FILE).write_bytes(b"nonsense")
    assert take_number() == 1


def test_every_code_of_the_table_is_one_that_a_rule_has() -> None:
    assert connection.vendor  # the apps are loaded
    known = {rule.code for rule in subclasses(RuleBroken)}

    assert sorted(set(CODES) - known) == []
    assert all(isinstance(code, ResultCode) for code in CODES.values())


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/api/v2/Badges/SECRET", "/api/v2/Badges/*"),
        ("/api/v2/Badge/SECRET/7b0b3f0e-5d0c-4c55-9c4e-0f2f8d1f3a11", "/api/v2/Badge/*"),
        ("/api/v2/Outcome/SECRET/course-7", "/api/v2/Outcome/*"),
        ("/api/v2/Badges/SECRET/", "/api/v2/Badges/*"),
        ("/api/v2/badges/SECRET", "/api/v2/badges/*"),
        ("/api/v2/SECRET", "/api/v2/*"),
        ("/api/v2/a-SECRET/Badges", "/api/v2/*"),
        ("/api/v2//SECRET", "/api/v2/*"),
        ("/api/v2", "/api/*"),
        ("/api/v2/BadgeAssignment", "/api/v2/BadgeAssignment"),
    ],
)
def test_tokens_are_in_no_log(path: str, logged: str) -> None:
    assert loggable_path(path) == logged


@pytest.mark.django_db
def test_whatever_goes_wrong_is_told_in_the_envelope(settings: Settings, client: Client) -> None:
    _row, token = token_of("ada@example.org")
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    settings.API_RATE_LIMIT = "a word"  # nobody foresaw that
    client.raise_request_exception = False

    response = client.get(f"/api/v2/Badges/{token}")

    assert (response.status_code, list(response.json())) == (500, ["badges", *MEMBERS])
    assert response.json()["resultCode"] == 500
    assert "a word" not in response.content.decode()
