"""Runs all measurements on fresh installations and prints them as the tables of docs/benchmarks.md. Run: make bench"""

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.installation import ROOT, installation, postgres_address

MODULES = {  # with the headings of their tables
    "services": "Services",
    "serving": "Serving",
    "issuer_api": "Issuer API",
    "badgekit": "BadgeKit API",
    "token_api": "Token API",
    "web": "Pages",
}
COLUMNS = {
    "app_ms": "CPU ms, Python",
    "database_ms": "CPU ms, database",
    "wall_ms": "ms by the clock",
    "requests_per_second": "requests/s",
    "badges_per_core": "badges/s and core",
    "badges_per_app_core": "badges/s and core, Python alone",
    "badges_per_second": "badges/s by the clock",
    "peak_mib": "MiB",
}


def main() -> None:
    """Measure what is asked for, all as a rule; with --write put the tables into docs/benchmarks.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what Laurel costs.")
    parser.add_argument("--write", action="store_true", help="put all tables into docs/benchmarks.md")
    parser.add_argument("--only", choices=MODULES, help="one kind alone, printed and not written")
    asked = parser.parse_args()
    if asked.write and asked.only:
        parser.error("--write needs all kinds: leave --only out")
    lines = [f"Measured {datetime.now(UTC):%Y-%m-%d} on {machine()}.", "", "### Signing", "", "```"]
    lines += [*run("benchmarks.signing", dict(os.environ)), "```", ""]
    postgres = postgres_address()
    if postgres is None:
        print(
            "PostgreSQL is not reachable (TEST_DATABASE_URL), so SQLite alone is measured.", file=sys.stderr
        )
    for name, address in (("SQLite", None), ("PostgreSQL", postgres)):
        if name == "PostgreSQL" and address is None:
            continue
        for module in [asked.only] if asked.only else MODULES:
            with installation(address) as environment:
                rows = [json.loads(line) for line in run(f"benchmarks.{module}", environment)]
            lines += [f"### {MODULES[module]}, {name}", "", *table(rows), ""]
    print("\n".join(lines))
    if asked.write:
        write(ROOT / "docs" / "benchmarks.md", lines)


def run(module: str, environment: dict[str, str]) -> list[str]:
    """Run a measurement; return the lines that it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return measurements as a Markdown table of the columns that any of them has."""
    columns = [column for column in COLUMNS if any(column in row for row in rows)]
    lines = [
        f"| | {' | '.join(COLUMNS[column] for column in columns)} |",
        f"|---|{'---:|' * len(columns)}",
    ]
    for row in rows:
        cells = [
            f"{row[column]:,.{2 if row[column] < 100 else 0}f}" if column in row else "" for column in columns
        ]
        lines.append(f"| {row['name']} | {' | '.join(cells)} |")
    return lines


def machine() -> str:
    """Return the processor, how many of them, and the Python."""
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} processors ({model}), {platform.system()}, Python {platform.python_version()}"


def write(path: Path, lines: list[str]) -> None:
    """Replace what stands below the heading `## Results`."""
    head = path.read_text().partition("## Results\n")[0]
    path.write_text(head + "## Results\n\n" + "\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
