"""What public documents cost through gunicorn, beside the floor. Prints JSON lines.

Run through `python -m benchmarks`, which makes an installation for it. The load comes from this process over loopback, one
request after the other on one kept connection; CPU time is that of the server's processes and of the database's.
"""

import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import django

django.setup()

from django.db import connection  # noqa: E402

from badges.models import Badge, BadgeDocument  # noqa: E402
from badges.services.issuing import issue_badge  # noqa: E402
from badges.services.templates import create_template  # noqa: E402
from benchmarks.measuring import cpu_seconds, tree_cpu_seconds, tree_memory  # noqa: E402
from earners.services import Person  # noqa: E402
from organizations.services.organizations import create_organization  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = 400
WINDOWS = 5


def main() -> None:
    """Measure all addresses in turn, window by window, so that a busy moment hits all of them."""
    organization = create_organization(name="Bench Academy", by=None)
    template = create_template(
        organization=organization, fields={"title": "Data literacy", "is_published": True}, by=None
    )
    badge = issue_badge(template=template, person=Person(email="ada@example.org", first_name="Ada"), by=None)
    page = f"/public/badges/{badge.uuid}"
    with _server("config.wsgi") as product, _server("benchmarks.floor", _floor_environment(badge)) as floor:
        etag = _get(product, f"{page}.json").get("ETag", "")
        cases: list[tuple[str, tuple[int, int], str, dict[str, str]]] = [
            ("floor: bare view, stored text", floor, "/document", {}),
            ("badge, Open Badges 3.0 JSON", product, f"{page}.json", {}),
            ("the same, 304", product, f"{page}.json", {"If-None-Match": etag}),
            ("badge, Open Badges 2.0 hosted JSON", product, f"{page}/ob2.json", {}),
            ("badge, baked PNG", product, f"{page}/ob3.png", {}),
            ("status list", product, f"/public/issuers/{organization.uuid}/status/1", {}),
            ("badge page, HTML", product, page, {"Accept": "text/html"}),
        ]
        figures: dict[str, list[tuple[float, float, float]]] = {name: [] for name, *_ in cases}
        for window in range(WINDOWS + 1):
            for name, server, address, headers in cases:
                measured = _window(server, address, headers)
                if window:  # the first one warms up
                    figures[name].append(measured)
        for name, measured_windows in figures.items():
            application, database, wall = (
                statistics.median(column) for column in zip(*measured_windows, strict=True)
            )
            print(
                json.dumps(
                    {
                        "name": name,
                        "database": connection.vendor,
                        "app_ms": application,
                        "database_ms": database,
                        "wall_ms": wall,
                        "requests_per_second": 1000 / wall,
                    }
                ),
                flush=True,
            )
        memory = tree_memory(product[0])
        print(
            json.dumps({"name": "server, 1 process", "database": connection.vendor, "peak_mib": memory}),
            flush=True,
        )


def _floor_environment(badge: Badge) -> dict[str, str]:
    return {"FLOOR_DOCUMENT": str(BadgeDocument.objects.get(badge=badge).pk)}


@contextlib.contextmanager
def _server(module: str, environment: Mapping[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Run one gunicorn process with four threads; yield (process, port)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", f"{module}:application", "--worker-class", "gthread"),
            *("--workers", "1", "--threads", "4", "--bind", f"127.0.0.1:{port}", "--log-level", "warning"),
        ],
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
    )
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield server.pid, port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _get(server: tuple[int, int], address: str) -> dict[str, str]:
    """Return the headers of an answer, which must be 200."""
    client = http.client.HTTPConnection("127.0.0.1", server[1])
    client.request("GET", address)
    answer = client.getresponse()
    answer.read()
    client.close()
    assert answer.status == 200, f"{answer.status} for {address}"
    return dict(answer.getheaders())


def _window(server: tuple[int, int], address: str, headers: dict[str, str]) -> tuple[float, float, float]:
    """Return milliseconds per request: of the server's CPU, of the database's CPU, of the clock."""
    pid, port = server
    client = http.client.HTTPConnection("127.0.0.1", port)
    expected = 304 if headers.get("If-None-Match") else 200
    ours, theirs, begun = tree_cpu_seconds(pid), _database_cpu(), time.perf_counter()
    for _ in range(REQUESTS):
        client.request("GET", address, headers=headers)
        answer = client.getresponse()
        answer.read()
        assert answer.status == expected, f"{answer.status} for {address}"
    wall = time.perf_counter() - begun
    client.close()
    application, database = tree_cpu_seconds(pid) - ours, _database_cpu() - theirs
    return application / REQUESTS * 1000, database / REQUESTS * 1000, wall / REQUESTS * 1000


def _database_cpu() -> float:
    """Return the CPU time of all PostgreSQL processes of this database, our own connection aside; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return sum(cpu_seconds(pid) for (pid,) in cursor.fetchall())


if __name__ == "__main__":
    main()
