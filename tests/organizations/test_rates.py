"""Requests are counted for all processes together, without a query for each."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from organizations.models import RequestCount
from organizations.services import rates
from organizations.services.rates import Standing, count_request, prune_requests
from tests.processes import ROOT, environment
from tests.racing import race

# In the middle of a minute, so that no test crosses into another window.
NOON = 1_800_000_030

COUNT_IN_A_PROCESS = f"""
import django, time_machine; django.setup()
time_machine.travel({NOON}, tick=False).start()
from organizations.services.rates import count_request
print(sum(count_request("key:two", limit=100).is_allowed for _ in range(100)))
"""


@pytest.fixture(autouse=True)
def no_leases() -> Iterator[None]:
    """Begin as a new process does."""
    rates._leases.clear()
    yield
    rates._leases.clear()


@pytest.fixture
def noon() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_requests_up_to_the_limit_are_allowed(db: None, noon: Any) -> None:
    standings = [count_request("key:a", limit=3) for _number in range(5)]

    assert standings == [
        Standing(is_allowed=True, limit=3, remaining=2, resets_in=30),
        Standing(is_allowed=True, limit=3, remaining=1, resets_in=30),
        Standing(is_allowed=True, limit=3, remaining=0, resets_in=30),
        Standing(is_allowed=False, limit=3, remaining=0, resets_in=30),
        Standing(is_allowed=False, limit=3, remaining=0, resets_in=30),
    ]


@pytest.mark.parametrize("limit", [1, 2, 7, 50, 51, 600, 601])
def test_limit_is_exact_in_one_process(db: None, noon: Any, limit: int) -> None:
    standings = [count_request("key:a", limit=limit) for _number in range(limit + 5)]

    assert [standing.is_allowed for standing in standings] == [True] * limit + [False] * 5
    assert [standing.remaining for standing in standings] == [*range(limit - 1, -1, -1), 0, 0, 0, 0, 0]


def test_clients_are_apart(db: None, noon: Any) -> None:
    assert [count_request(client, limit=1).is_allowed for client in ("a", "b", "a", "b")] == [
        True,
        True,
        False,
        False,
    ]


def test_next_minute_begins_anew(db: None, noon: Any) -> None:
    assert [count_request("a", limit=1).is_allowed for _time in range(2)] == [True, False]

    noon.shift(30)

    assert count_request("a", limit=1) == Standing(is_allowed=True, limit=1, remaining=0, resets_in=60)


def test_most_requests_take_no_query(db: None, noon: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(130):  # of 600: fewer at a time the nearer the limit is
        for _number in range(600):
            count_request("a", limit=600)


def test_refused_requests_take_no_query(db: None, noon: Any, django_assert_num_queries: Any) -> None:
    for _number in range(20):
        count_request("a", limit=10)

    with django_assert_num_queries(0):
        for _number in range(50):
            assert not count_request("a", limit=10).is_allowed


def test_old_counts_are_pruned(db: None, noon: Any) -> None:
    count_request("a", limit=10)
    noon.shift(601)
    count_request("b", limit=10)

    prune_requests()

    assert list(RequestCount.objects.values_list("client", flat=True)) == ["b"]


@pytest.mark.django_db(transaction=True)
def test_threads_together_have_one_limit() -> None:
    with time_machine.travel(NOON, tick=False):
        answers = race(
            lambda number: sum(count_request("key:one", limit=100).is_allowed for _ in range(20)), times=10
        )

    assert sum(answer for answer in answers if isinstance(answer, int)) == 100


@pytest.mark.django_db(transaction=True)
def test_processes_together_have_one_limit() -> None:
    command = [sys.executable, "-c", COUNT_IN_A_PROCESS]
    processes = [
        subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        for _number in range(2)
    ]
    allowed = [int(process.communicate(timeout=120)[0]) for process in processes]

    # What one of them reserved and did not use is at most a fiftieth of the limit.
    assert 98 <= sum(allowed) <= 100
    assert RequestCount.objects.get().requests >= 100
