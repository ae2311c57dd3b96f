"""Which tests each run of `make test` takes, what is measured, and how it ends."""

import pytest

from tests.run import EACH, ONCE, ONCE_ALONE, Run, exit_codes, is_measured, with_markers

EACH_ON_SQLITE = Run("sqlite", "SQLite", "", EACH)
EACH_ON_POSTGRESQL = Run("postgresql", "PostgreSQL", "", EACH)
ALL_ON_POSTGRESQL = Run("postgresql", "PostgreSQL", "")
ONCE_ON_SQLITE = Run("sqlite", "SQLite, once", "", ONCE)
ONCE_ALONE_ON_SQLITE = Run("sqlite", "SQLite, once, alone", "", ONCE_ALONE)
RUNS = [EACH_ON_SQLITE, EACH_ON_POSTGRESQL, ONCE_ON_SQLITE, ONCE_ALONE_ON_SQLITE]


@pytest.mark.parametrize(
    ("asked", "own", "arguments"),
    [
        ("", "", ["-x"]),
        ("crash", "", ["-x", "-m", "(crash)"]),
        ("", EACH, ["-x", "-m", f"({EACH})"]),
        ("crash or browser", EACH, ["-x", "-m", f"(crash or browser) and ({EACH})"]),
    ],
)
def test_run_takes_its_own_of_what_was_asked_for(asked: str, own: str, arguments: list[str]) -> None:
    assert with_markers(["-x"], asked, own) == arguments


def test_runs_have_files_of_their_own() -> None:
    assert [run.name for run in RUNS] == ["sqlite", "postgresql", "sqlite-once", "sqlite-once-alone"]


def test_tests_that_run_once_are_expected_of_one_run() -> None:
    assert [run.has_all_markers for run in (*RUNS, ALL_ON_POSTGRESQL)] == [False, False, True, False, True]


def test_coverage_is_measured_on_sqlite_without_servers_or_on_the_only_database() -> None:
    assert [is_measured(run, RUNS) for run in RUNS] == [True, False, False, True]
    assert is_measured(ALL_ON_POSTGRESQL, [ALL_ON_POSTGRESQL])


@pytest.mark.parametrize(
    ("ended", "codes"), [([0, 5, 0], [0, 0]), ([5, 5, 5], [5]), ([0, 1, 5], [0, 1]), ([2, 0, 0], [2, 0, 0])]
)
def test_no_test_is_a_failure_where_no_run_has_one(ended: list[int], codes: list[int]) -> None:
    runs = [Run("sqlite", "SQLite", "", exit_code=code) for code in ended]

    assert exit_codes(runs) == codes
