"""How many requests a client makes: counted for all processes together, without a query for each request."""

import time
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from cachetools import LRUCache
from django.db import connection
from django.utils import timezone

from organizations.models import IdempotentRequest, RequestCount

WINDOW = 60  # seconds
# Django cannot add to a row that may not be there yet in one statement.
RESERVE = """
    INSERT INTO organizations_requestcount (client, "window", requests) VALUES (%s, %s, %s)
    ON CONFLICT (client, "window") DO UPDATE
    SET requests = organizations_requestcount.requests + excluded.requests
    RETURNING requests
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a client stands in the window that is running; `resets_in` is in seconds."""

    is_allowed: bool
    limit: int
    remaining: int
    resets_in: int


@dataclass(slots=True)
class _Lease:
    """Requests that this process reserved for a client: `left` of the `reserved` ones of all processes are unused."""

    window: int
    reserved: int
    left: int


_leases: LRUCache[str, _Lease] = LRUCache(10_000)
_lock = Lock()


def count_request(client: str, *, limit: int) -> Standing:
    """Count one request of a client; return how it stands. `limit` is per minute and for all processes together.

    A process reserves a few requests at a time in the shared table, fewer the nearer the limit is, so that most requests
    cost no query. What is reserved and not used is at most a fiftieth of the limit for each process.
    """
    now = int(time.time())
    window = now - now % WINDOW
    with _lock:
        lease = _leases.get(client)
        if lease is None or lease.window != window:
            lease = _leases[client] = _Lease(window, 0, 0)
        if not lease.left and lease.reserved < limit:
            portion = max(1, min(limit // 50, (limit - lease.reserved) // 10))
            with connection.cursor() as cursor:
                cursor.execute(RESERVE, [client, window, portion])
                lease.reserved = int(cursor.fetchone()[0])
            # Of the portion only what is below the limit.
            lease.left = max(0, portion - max(0, lease.reserved - limit))
        is_allowed = lease.left > 0
        if is_allowed:
            lease.left -= 1
        remaining = max(0, limit - lease.reserved) + lease.left
    return Standing(is_allowed, limit, remaining, window + WINDOW - now)


def count_act(client: str, *, limit: int) -> int | None:
    """Count one rare act of a client, exactly and at once; return None, or beyond `limit` the seconds until it may again.

    `limit` is for the running ten minutes and all processes together. `client` has at most 100 characters.
    """
    now = int(time.time())
    window = now - now % (10 * WINDOW)
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, [client, window, 1])
        count = int(cursor.fetchone()[0])
    return None if count <= limit else window + 10 * WINDOW - now


def take_turn(client: str, *, pause: timedelta) -> int | None:
    """Take the one turn that a client has in so long; return None, or the seconds until the next one, and nothing is taken.

    Must run in a transaction that holds a row by which two turns of one client are taken one after the other. `client` has
    at most 100 characters.
    """
    now = int(time.time())
    # The window is the time until which it lasts, so that it is pruned when it is over and not before.
    taken = RequestCount.objects.filter(client=client, window__gt=now).order_by("-window").first()
    if taken is not None:
        return taken.window - now
    RequestCount.objects.create(client=client, window=now + int(pause.total_seconds()), requests=1)
    return None


def prune_requests() -> int:
    """Delete counts of windows that are over and answers that are kept no longer; return how many rows went."""
    old = int(time.time()) - 10 * WINDOW
    counts, _ = RequestCount.objects.filter(window__lt=old).delete()
    answers, _ = IdempotentRequest.objects.filter(
        created_at__lt=timezone.now() - timedelta(hours=24)
    ).delete()
    return counts + answers
