"""Runs all tests on SQLite and, at the same time, on PostgreSQL when one is reachable; says what it left out.

What neither of them decides runs once, beside both, on SQLites of its own: the tests with other people's verifiers and with
a browser, which start servers, and the requests that are made up by the OpenAPI document, which are many; and apart from
them what says the same whatever the database (tests/conftest.py knows it). Four at once keep two processors busy to the end,
since some test always waits for a process or a page.

`python -m tests.run [--require postgresql,node,chromium] [--coverage] [pytest's arguments]`.
TEST_DATABASE_URL names the PostgreSQL; without it the local one is tried.
"""

import argparse
import getpass
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from config.env import SETTINGS
from tests.conformance import install

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_ON_MACOS = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
REQUIREMENTS = {"postgresql": "PostgreSQL", "node": "Node", "chromium": "Chromium"}
MARKERS = {"node": "conformance", "chromium": "browser"}
ONCE = " or ".join((*MARKERS.values(), "contract"))
ONCE_ALONE = f"any_database and not ({ONCE})"
EACH = f"not ({ONCE} or any_database)"
NAMES = {ONCE: "-once", ONCE_ALONE: "-once-alone"}


@dataclass
class Run:
    """One run of pytest on one database: of the tests that its expression of markers selects, all without one."""

    vendor: str
    title: str
    url: str
    markers: str = ""
    exit_code: int = 0
    seconds: float = 0
    printed: str = ""
    tally: dict[str, Any] = field(default_factory=dict)

    def outcome(self) -> str:
        """What became of it, in one line."""
        counts = self.tally.get("counts", {})
        said = ", ".join(
            f"{counts[name]} {name}" for name in ("passed", "failed", "errors", "skipped") if counts.get(name)
        )
        return f"{self.title}: {said or 'no tests ran'} in {self.seconds:.0f} s"

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.vendor}{NAMES.get(self.markers, '')}"

    @property
    def has_all_markers(self) -> bool:
        """Whether tests of every marker are for this run to make."""
        return self.markers in {"", ONCE}


class UnusableDatabaseError(Exception):
    """The database that was asked for cannot be used; the message says why."""


def main(arguments: list[str]) -> int:
    """Exit with the worst code of the runs; 1 too when what --require names is missing or was skipped."""
    asked, passed_on, required = parse(arguments)
    missing = missing_tools(required)
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    runs = [] if asked.only == "postgresql" else [Run("sqlite", sqlite, "")]
    database = None
    if asked.only != "sqlite":
        try:
            database, run = postgresql_run()
            runs.append(run)
        except UnusableDatabaseError as failure:
            missing["postgresql"] = str(failure)
            if os.environ.get("TEST_DATABASE_URL"):
                required.add("postgresql")
    if not asked.only:
        for run in runs:
            run.markers = EACH
        runs.append(Run("sqlite", f"{sqlite}, what starts servers, once", "", ONCE))
        runs.append(Run("sqlite", f"{sqlite}, what is the same on all, once", "", ONCE_ALONE))
    say_missing(missing)
    if fatal := required & set(missing):
        names = ", ".join(REQUIREMENTS[name] for name in sorted(fatal))
        say(f"!! Required and missing: {names}. No test was run.")
        return 1
    with tempfile.TemporaryDirectory(prefix="laurel-tests-") as name:
        with ThreadPoolExecutor(len(runs)) as pool:
            begun = [
                pool.submit(
                    run_pytest,
                    run,
                    Path(name),
                    required,
                    with_markers(passed_on, asked.markers, run.markers),
                    coverage=asked.coverage and is_measured(run, runs),
                    is_printed=run is runs[0],
                )
                for run in runs
            ]
        for ended in begun:
            ended.result()  # raises what kept a run from running
        for run in runs[1:]:
            say(f"\n== {run.title} ==\n{run.printed}")
        codes = exit_codes(runs)
        if asked.coverage:
            codes.append(report_coverage(Path(name)))
    if database is not None:
        database.close()  # only now: it kept the name of the test database
    say("")
    for run in runs:
        say(run.outcome())
    say_missing(missing)
    faults = broken_promises(runs, required, is_whole=not passed_on and not asked.markers)
    for fault in faults:
        say(f"!! {fault}")
    return max([*codes, 1 if faults else 0])


def parse(arguments: list[str]) -> tuple[argparse.Namespace, list[str], set[str]]:
    """The own arguments, those for pytest, and the names of what is required."""
    parser = argparse.ArgumentParser(
        description="Run the tests on SQLite and on PostgreSQL.", allow_abbrev=False
    )
    parser.add_argument(
        "--require", default="", metavar="NAMES", help=f"fail without: {','.join(REQUIREMENTS)}"
    )
    parser.add_argument(
        "--coverage", action="store_true", help="measure all runs together, fail below the threshold"
    )
    parser.add_argument(
        "--only", choices=["sqlite", "postgresql"], help="one database alone, all tests on it"
    )
    parser.add_argument("-m", dest="markers", default="", metavar="MARKERS", help="as pytest's own")
    asked, passed_on = parser.parse_known_args(arguments)
    required = set(asked.require.replace(",", " ").split())
    if unknown := required - set(REQUIREMENTS):
        parser.error(f"--require knows {', '.join(REQUIREMENTS)}, not {', '.join(sorted(unknown))}")
    if asked.only == "postgresql":
        required.add("postgresql")
    return asked, passed_on, required


def with_markers(passed_on: list[str], asked: str, own: str) -> list[str]:
    """The arguments of pytest for the tests that were asked for by markers and are those of a run."""
    both = " and ".join(f"({expression})" for expression in (asked, own) if expression)
    return [*passed_on, "-m", both] if both else passed_on


def is_measured(run: Run, runs: list[Run]) -> bool:
    """Whether the coverage of a run counts: of those on SQLite that start no servers, or of the only one.

    Measuring takes half as long again as the tests themselves. PostgreSQL adds some lines that no other database reaches, a
    browser next to none. Without them the sum says rather too little than too much.
    """
    return (run.vendor == "sqlite" and run.markers != ONCE) or len(runs) == 1


def exit_codes(runs: list[Run]) -> list[int]:
    """Those of pytest. No test is a failure only where no run has one: what was asked for may be for one of them."""
    codes = [run.exit_code for run in runs if run.exit_code != pytest.ExitCode.NO_TESTS_COLLECTED]
    return codes or [pytest.ExitCode.NO_TESTS_COLLECTED]


def say_missing(missing: dict[str, str]) -> None:
    """Print what is not there, so that nobody takes a part for the whole."""
    for name, reason in missing.items():
        say(f"!! Without {REQUIREMENTS[name]}: {reason}")


def say(line: str) -> None:
    """Print at once, between the output of pytest."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def postgresql_run() -> tuple[psycopg.Connection[Any], Run]:
    """The run on PostgreSQL, and a connection that keeps its database's name to itself until it is closed.

    TEST_DATABASE_URL alone counts when it is set. Raises UnusableDatabaseError.
    """
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given and not given.startswith(("postgres://", "postgresql://")):
        raise UnusableDatabaseError("TEST_DATABASE_URL must begin with postgresql://")
    user = getpass.getuser()
    local = ["postgresql:///postgres", f"postgresql://{user}@127.0.0.1:5432/postgres"]
    if user != "postgres":
        local.append("postgresql://postgres@127.0.0.1:5432/postgres")
    reasons = []
    for url in [given] if given else local:
        try:
            connection = psycopg.connect(url, connect_timeout=5, autocommit=True)
        except psycopg.Error as failure:
            reasons.append(str(failure).strip().splitlines()[0])
            continue
        row = connection.execute(
            "SELECT current_setting('server_version'), rolcreatedb OR rolsuper FROM pg_roles"
            " WHERE rolname = current_user"
        ).fetchone()
        if not row or not row[1]:
            reasons.append(
                f"the user {connection.info.user} may not create databases: ALTER ROLE ... CREATEDB"
            )
            connection.close()
            continue
        title = f"PostgreSQL {row[0].split()[0]}"
        return connection, Run("postgresql", title, url if given else free_name(connection, url))
    if given:
        raise UnusableDatabaseError(f"TEST_DATABASE_URL is set, but not usable: {reasons[0]}")
    raise UnusableDatabaseError(f"no tests on it ({reasons[0]}); start one here or set TEST_DATABASE_URL")


def free_name(connection: psycopg.Connection[Any], url: str) -> str:
    """Return the URL with the name of a database that no other run of the tests uses now.

    The advisory lock ends with the connection: a killed run frees its name, the next removes its database.
    """
    base, _, _ = url.rpartition("/")
    number = 1
    while True:
        name = f"laurel_{number}"
        taken = connection.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"test_{name}"]).fetchone()
        if taken and taken[0]:
            return f"{base}/{name}"
        number += 1


def missing_tools(required: set[str]) -> dict[str, str]:
    """What is not there beside databases, with the reason. Installs the verifiers when Node is required."""
    missing = {}
    if not shutil.which("node"):
        missing["node"] = "no conformance tests; install Node 20.11 or newer, then `make verifiers`"
    elif not install.is_installed():
        if "node" in required:
            say("Installing the verifiers of others ...")
            try:
                install.install()
            except install.InstallationError as failure:
                missing["node"] = str(failure)
        else:
            missing["node"] = "its verifiers are not installed, so no conformance tests; run `make verifiers`"
    if not chromium():
        missing["chromium"] = "no browser tests; install it, or set LAUREL_CHROMIUM to its path"
    return missing


def chromium() -> str | None:
    """The path of a Chromium or Chrome: the one LAUREL_CHROMIUM names, else one that is installed."""
    if named := os.environ.get("LAUREL_CHROMIUM"):
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return found or shutil.which(CHROMIUM_ON_MACOS)


def run_pytest(
    run: Run,
    folder: Path,
    required: set[str],
    arguments: list[str],
    *,
    coverage: bool,
    is_printed: bool,
) -> None:
    """Run pytest on the run's database, with settings that nothing in the shell can change.

    One run prints as it goes; the others keep what they print until all are done.
    """
    own = {setting.name for setting in SETTINGS}
    own |= {f"{name}_FILE" for name in own} | {"DJANGO_SETTINGS_MODULE", "PYTEST_ADDOPTS"}
    own.add(
        "PYTHONDONTWRITEBYTECODE"
    )  # else each of the many processes that tests start compiles all modules anew
    environment = {name: value for name, value in os.environ.items() if name not in own}
    url = run.url or f"sqlite:///{folder / run.name}.sqlite3"
    tally = folder / f"{run.name}.json"
    environment |= {
        "DATABASE_URL": url,
        "LAUREL_TEST_VENDOR": run.vendor,
        "LAUREL_REQUIRE": ",".join(sorted(required)),
        "LAUREL_TALLY": str(tally),
        "COVERAGE_FILE": str(folder / f".coverage.{run.name}"),
    }
    if path := chromium():
        environment["LAUREL_CHROMIUM"] = path
    command = [sys.executable, "-m", "pytest", "-p", "tests.tally", *arguments]
    if coverage:
        command += ["--cov", "--cov-report=", "--cov-fail-under=0"]  # all runs count together, at the end
    say(
        f"\n== {run.title} ==" if is_printed else f"\n== {run.title}: at the same time, printed afterwards =="
    )
    started = time.monotonic()
    printed = None if is_printed else subprocess.PIPE
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=printed,
        stderr=subprocess.STDOUT if printed else None,
        text=True,
    )
    run.exit_code, run.printed = done.returncode, done.stdout or ""
    run.seconds = time.monotonic() - started
    with suppress(OSError, ValueError):  # a run that crashed left no tally, and an exit code that says so
        run.tally = json.loads(tally.read_text())


def report_coverage(folder: Path) -> int:
    """Print the coverage of all runs together; non-zero below the threshold of pyproject.toml."""
    environment = {**os.environ, "COVERAGE_FILE": str(folder / ".coverage")}
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run([*coverage, "combine", "--quiet", str(folder)], cwd=ROOT, env=environment, check=False)
    return subprocess.run([*coverage, "report"], cwd=ROOT, env=environment, check=False).returncode


def broken_promises(runs: list[Run], required: set[str], *, is_whole: bool) -> list[str]:
    """What was required and yet not tested: skipped tests; in a whole run, requirements without a test too.

    A test that skips SQLite because it needs PostgreSQL is in its right.
    """
    faults = []
    for run in runs:
        for test in run.tally.get("skipped", []):
            wanted = {MARKERS.get(name) for name in required} & set(test["markers"])
            judged = required if run.vendor == "postgresql" else required - {"postgresql"}
            named = [name for name in judged if REQUIREMENTS[name].lower() in test["reason"].lower()]
            if wanted or named:
                faults.append(f"Skipped on {run.title}: {test['test']} ({test['reason']})")
        if is_whole and run.tally and run.has_all_markers:
            without = [name for name in MARKERS if not run.tally["passed_by_marker"].get(MARKERS[name])]
            faults += [
                f"{REQUIREMENTS[name]} is required, yet no test marked {MARKERS[name]} passed on {run.title}."
                for name in without
                if name in required
            ]
    return faults


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
