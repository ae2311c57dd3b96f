"""A pytest plugin: writes what ran and what was skipped to the file $LAUREL_TALLY, for tests/run.py."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MARKERS = ("conformance", "browser", "crash")


class Tally:
    """Counts outcomes, and keeps each skipped test with its markers and its reason."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.passed_by_marker: Counter[str] = Counter()
        self.skipped: list[dict[str, Any]] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Take the report of each phase of each test."""
        report: pytest.TestReport = yield  # type: ignore[assignment]
        markers = [name for name in MARKERS if item.get_closest_marker(name)]
        if report.failed:
            self.counts["failed" if call.when == "call" else "errors"] += 1
        elif report.skipped and not hasattr(report, "wasxfail"):
            self.counts["skipped"] += 1
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"test": item.nodeid, "markers": markers, "reason": reason})
        elif report.passed and call.when == "call":
            self.counts["passed"] += 1
            self.passed_by_marker.update(markers)
        return report  # type: ignore[return-value]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Take modules that skip themselves, or cannot be imported, as one test each."""
        if report.failed:
            self.counts["errors"] += 1
        elif report.skipped:
            self.counts["skipped"] += 1
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append(
                {"test": report.nodeid, "markers": markers_of(report.nodeid), "reason": reason}
            )

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        kept = {"counts": self.counts, "passed_by_marker": self.passed_by_marker, "skipped": self.skipped}
        Path(os.environ["LAUREL_TALLY"]).write_text(json.dumps(kept))


def markers_of(module: str) -> list[str]:
    """The markers of a module that was skipped before its tests were known: by its folder's name."""
    return [name for name in MARKERS if f"/{name}/" in f"/{module}"]


def pytest_configure(config: pytest.Config) -> None:
    """Start counting, when somebody asked for it."""
    if "LAUREL_TALLY" in os.environ:
        config.pluginmanager.register(Tally(), "laurel-tally")
