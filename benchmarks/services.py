"""What issuing and claiming cost through the services, on the database of the environment. Prints JSON lines.

Run through `python -m benchmarks`, which makes an installation for it.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterator

import django

django.setup()

from django.db import connection  # noqa: E402

from badges.models import BadgeTemplate  # noqa: E402
from badges.services.batches import create_batch, run_batch  # noqa: E402
from badges.services.issuing import issue_badge  # noqa: E402
from badges.services.templates import create_template  # noqa: E402
from benchmarks.measuring import cpu_seconds, peak_memory  # noqa: E402
from claimcodes.services import claim_code, create_claim_code  # noqa: E402
from earners.services import Person  # noqa: E402
from organizations.services.organizations import create_organization  # noqa: E402

BULK = 10_000
ROUNDS = 200
WINDOWS = 5


def main() -> None:
    """Measure all of it."""
    organization = create_organization(name="Bench Academy", by=None)
    template = create_template(
        organization=organization,
        fields={
            "title": "Data literacy",
            "description": "<p>Reads and questions data.</p>",
            "assignment_criteria": "<p>Finish the course and the project.</p>",
            "tags": ["data", "literacy"],
            "alignments": [{"name": "Analysis", "url": "https://example.org/skills/1"}],
        },
        by=None,
    )
    measure_one("issue one badge", lambda number: issue_one(template, number))
    codes = [create_claim_code(template=template, by=None) for _ in range(ROUNDS * WINDOWS + 10)]
    measure_one(
        "claim a code, which issues",
        lambda number: claim_code(claim_code=codes[number], email=f"claimer{number}@example.org"),
    )
    bulk(template, 1000)
    bulk(template, BULK)


def issue_one(template: BadgeTemplate, number: int) -> None:
    """Issue to an earner who is not known yet."""
    issue_badge(
        template=template, person=Person(email=f"earner{number}@example.org", first_name="Ada"), by=None
    )


def backend_pid() -> int | None:
    """Return the process of this connection on a local PostgreSQL server; None on SQLite, which has none."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def measure_one(name: str, act: Callable[[int], object]) -> None:
    """Print the median CPU time of one call, of this process and of the database's, over several windows."""
    backend = backend_pid()
    numbers: Iterator[int] = iter(range(10**9))
    for _ in range(10):
        act(next(numbers))
    application, database, wall = [], [], []
    for _ in range(WINDOWS):
        gc.collect()
        begun, ours = time.perf_counter(), time.process_time()
        theirs = cpu_seconds(backend) if backend else 0.0
        for _ in range(ROUNDS):
            act(next(numbers))
        application.append((time.process_time() - ours) / ROUNDS * 1000)
        database.append(((cpu_seconds(backend) if backend else 0.0) - theirs) / ROUNDS * 1000)
        wall.append((time.perf_counter() - begun) / ROUNDS * 1000)
    tell(
        name,
        app_ms=statistics.median(application),
        database_ms=statistics.median(database),
        wall_ms=statistics.median(wall),
    )


def bulk(template: BadgeTemplate, count: int) -> None:
    """Print the rate of one batch of `count` from its first row to its last badge, and the peak memory afterwards."""
    backend = backend_pid()
    gc.collect()
    begun, ours = time.perf_counter(), time.process_time()
    theirs = cpu_seconds(backend) if backend else 0.0
    people: Iterator[tuple[Person, dict[str, object]]] = (
        (Person(email=f"bulk{count}-{number}@example.org", first_name="Ada"), {}) for number in range(count)
    )
    batch = run_batch(create_batch(template=template, people=people, by=None))
    application, wall = time.process_time() - ours, time.perf_counter() - begun
    database = (cpu_seconds(backend) if backend else 0.0) - theirs
    assert batch.issued_count == count
    tell(
        f"batch of {count:,}",
        badges_per_app_core=count / application,
        badges_per_core=count / (application + database),
        badges_per_second=count / wall,
        peak_mib=peak_memory(),
    )


def tell(name: str, **figures: float) -> None:
    """Print one measurement as a JSON line."""
    print(json.dumps({"name": name, "database": connection.vendor} | figures), flush=True)


if __name__ == "__main__":
    main()
