"""The brake on guessing: it holds, ends, meets nobody else, and never stands in the way when the cache is broken."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.base import BaseCache
from django.core.management import call_command
from django.test import RequestFactory
from pytest_django import Settings

from claimcodes.guesses import (
    MAX_WRONG_CODES,
    MAX_WRONG_CODES_OF_ALL,
    MAX_WRONG_CODES_WHILE_BUSY,
    WINDOW,
    TooManyGuesses,
    check_guesses,
    count_guess,
)
from config.clients import client_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
BACKENDS: dict[str, dict[str, Any]] = {
    "memory": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "guesses"},
    "database": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "guesses_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
}


class BrokenCache(BaseCache):
    """A cache whose server is gone."""

    def __init__(self, location: str, parameters: dict[str, Any]) -> None:
        super().__init__(parameters)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        raise ConnectionError("cache is gone")

    def clear(self) -> None:
        """There is nothing to clear."""

    def add(self, key: str, value: Any, timeout: Any = None, version: int | None = None) -> bool:
        raise ConnectionError("cache is gone")


@pytest.fixture(autouse=True, params=BACKENDS)
def shared_cache(request: pytest.FixtureRequest, settings: Settings, db: None) -> Iterator[None]:
    """Each kind of cache, empty: the one that people have who set nothing is a table of the database."""
    settings.CACHES = {"default": BACKENDS[request.param]}
    call_command("createcachetable", verbosity=0)
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon, and time passes only when told to."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def is_refused(client: str | None) -> bool:
    try:
        check_guesses(client)
    except TooManyGuesses:
        return True
    return False


def guess(client: str | None, *, times: int) -> None:
    for number in range(times):
        count_guess(client, f"wrong {number}")


def test_client_is_refused_after_ten_wrong_codes(clock: time_machine.Traveller) -> None:
    guess("192.0.2.1", times=MAX_WRONG_CODES - 1)
    assert not is_refused("192.0.2.1")

    count_guess("192.0.2.1", "the tenth")

    with pytest.raises(TooManyGuesses) as refusal:
        check_guesses("192.0.2.1")
    assert (refusal.value.retry_at, refusal.value.field) == (NOON + WINDOW, "code")


def test_client_is_heard_again_when_its_oldest_guess_is_over(clock: time_machine.Traveller) -> None:
    count_guess("192.0.2.1", "the first")
    clock.shift(timedelta(minutes=4))
    guess("192.0.2.1", times=MAX_WRONG_CODES - 1)

    with pytest.raises(TooManyGuesses) as refusal:
        check_guesses("192.0.2.1")
    assert refusal.value.retry_at == NOON + WINDOW
    clock.shift(timedelta(minutes=5, seconds=59))
    assert is_refused("192.0.2.1")
    clock.shift(timedelta(seconds=2))
    assert not is_refused("192.0.2.1")
    # One place is free, not ten: the other nine were tried later.
    count_guess("192.0.2.1", "the eleventh")
    assert is_refused("192.0.2.1")
    clock.shift(WINDOW)
    guess("192.0.2.1", times=MAX_WRONG_CODES - 1)
    assert not is_refused("192.0.2.1")


def test_others_are_not_refused(clock: time_machine.Traveller) -> None:
    guess("192.0.2.1", times=MAX_WRONG_CODES)

    assert is_refused("192.0.2.1")
    assert not is_refused("192.0.2.2")
    assert not is_refused(None)


def test_same_wrong_code_counts_once_however_spelled(clock: time_machine.Traveller) -> None:
    for _person_of_a_class in range(15):
        count_guess("192.0.2.1", "OPEN-DAY-2025")
        count_guess("192.0.2.1", " open-day-2025 ")
    guess("192.0.2.1", times=MAX_WRONG_CODES - 2)
    assert not is_refused("192.0.2.1")

    count_guess("192.0.2.1", "another")
    assert is_refused("192.0.2.1")


def test_guessing_from_many_addresses_leaves_each_fewer_tries(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(MAX_WRONG_CODES_OF_ALL - 1):
        count_guess(f"192.0.2.{number}", "wrong")
    assert caplog.records == []
    count_guess(None, "wrong")

    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "from many addresses: 300 wrong ones within 10 minutes" in record.getMessage()
    assert not is_refused("198.51.100.1")
    guess("198.51.100.1", times=MAX_WRONG_CODES_WHILE_BUSY - 1)
    assert not is_refused("198.51.100.1")
    count_guess("198.51.100.1", "one more")
    assert is_refused("198.51.100.1")
    assert not is_refused("198.51.100.2")
    # It stays so for the window that follows, and then is over.
    clock.shift(WINDOW)
    guess("198.51.100.2", times=MAX_WRONG_CODES_WHILE_BUSY)
    assert is_refused("198.51.100.2")
    clock.shift(WINDOW)
    guess("198.51.100.2", times=MAX_WRONG_CODES_WHILE_BUSY)
    assert not is_refused("198.51.100.2")


def test_log_and_cache_name_neither_code_nor_address(
    clock: time_machine.Traveller, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    guess("192.0.2.1", times=MAX_WRONG_CODES + 3)

    [record] = caplog.records
    assert (record.levelno, record.name) == (logging.WARNING, "claimcodes.guesses")
    first = record.getMessage()
    assert "192.0.2.1" not in first
    assert "wrong 9" not in first
    # What stands for the address cannot be computed without the server's key.
    cache.clear()
    settings.SECRET_KEY = "another key of a server, as long as keys are: 0123456789abcdef"
    guess("192.0.2.1", times=MAX_WRONG_CODES)
    assert caplog.records[1].getMessage() != first


def test_broken_cache_refuses_nobody_and_is_logged(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.claimcodes.test_guesses.BrokenCache"}}

    guess("192.0.2.1", times=MAX_WRONG_CODES)
    count_guess(None, "wrong")
    check_guesses("192.0.2.1")

    assert {record.getMessage() for record in caplog.records} == {
        "Claim codes can be guessed unhindered, as the cache fails: ConnectionError: cache is gone"
    }
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


@pytest.mark.parametrize(
    ("is_behind_proxy", "remote", "forwarded", "client"),
    [
        (False, "192.0.2.1", None, "192.0.2.1"),
        (False, "192.0.2.1", "198.51.100.7", "192.0.2.1"),
        (True, "10.0.0.1", "198.51.100.7", "198.51.100.7"),
        (True, "10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (True, "10.0.0.1", None, "10.0.0.1"),
        (True, "10.0.0.1", "nonsense", None),
        (False, "", None, None),
        (False, "2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::"),
        (False, "::ffff:192.0.2.1", None, "192.0.2.1"),
    ],
)
def test_client_is_the_address_that_can_be_believed(
    settings: Settings, is_behind_proxy: bool, remote: str, forwarded: str | None, client: str | None
) -> None:
    settings.BEHIND_PROXY = is_behind_proxy
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}

    assert client_of(RequestFactory().get("/claim", headers=headers, REMOTE_ADDR=remote)) == client
