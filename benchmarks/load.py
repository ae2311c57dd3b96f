"""Load over loopback, one request after the other on one kept connection, and what it costs the server and the database."""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from benchmarks.measuring import cpu_seconds, tree_cpu_seconds

ROOT = Path(__file__).resolve().parent.parent
REQUESTS = 400
WINDOWS = 5


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers on a port."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A request that is measured: always the same, or made from its number before the clock runs."""

    name: str
    server: Server
    call: Call | Callable[[int], Call]
    expected: int = 200
    requests: int = REQUESTS


@contextlib.contextmanager
def server(module: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Run one gunicorn process with four threads."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
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
        yield Server(process.pid, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def headers_of(server: Server, address: str, headers: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the headers of an answer, which must be 200."""
    client = http.client.HTTPConnection("127.0.0.1", server.port)
    client.request("GET", address, headers=dict(headers or {}))
    answer = client.getresponse()
    answer.read()
    client.close()
    assert answer.status == 200, f"{answer.status} for {address}"
    return dict(answer.getheaders())


def measure(cases: Sequence[Case]) -> None:
    """Print the median cost of each case; all are measured in turn, window by window, so that a busy moment hits all."""
    figures: dict[str, list[tuple[float, float, float]]] = {case.name: [] for case in cases}
    numbers = itertools.count()
    for window in range(WINDOWS + 1):
        for case in cases:
            measured = _window(case, numbers)
            if window:  # the first one warms up
                figures[case.name].append(measured)
    for name, windows in figures.items():
        application, database, wall = (statistics.median(column) for column in zip(*windows, strict=True))
        tell(
            name,
            app_ms=application,
            database_ms=database,
            wall_ms=wall,
            requests_per_second=1000 / wall,
        )


def tell(name: str, **figures: float) -> None:
    """Print one measurement as a JSON line."""
    print(json.dumps({"name": name, "database": connection.vendor} | figures), flush=True)


def _window(case: Case, numbers: Iterator[int]) -> tuple[float, float, float]:
    """Return milliseconds per request: of the server's CPU, of the database's CPU, of the clock."""
    made = [
        case.call if isinstance(case.call, Call) else case.call(next(numbers)) for _ in range(case.requests)
    ]
    client = http.client.HTTPConnection("127.0.0.1", case.server.port)
    ours, theirs, begun = tree_cpu_seconds(case.server.pid), database_cpu(), time.perf_counter()
    for call in made:
        client.request(call.method, call.path, call.body, dict(call.headers))
        answer = client.getresponse()
        said = answer.read()
        assert answer.status == case.expected, f"{answer.status} for {call.path}: {said[:300]!r}"
    wall = time.perf_counter() - begun
    client.close()
    application, database = tree_cpu_seconds(case.server.pid) - ours, database_cpu() - theirs
    return tuple(seconds / case.requests * 1000 for seconds in (application, database, wall))  # type: ignore[return-value]


def database_cpu() -> float:
    """Return the CPU time of all PostgreSQL processes of this database, our own connection aside; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return sum(cpu_seconds(pid) for (pid,) in cursor.fetchall())
