"""The brake on guessing claim codes: how many wrong codes one client, and all of them, may try in a while.

A client may try MAX_WRONG_CODES different wrong codes within WINDOW. After that it is refused before its code is looked up,
right or wrong, as a brake that lets right codes through would tell the guesser all the same. Different ones, because
many people share one address: a class that types the same misprint from the same poster counts once, a guesser never
gains by trying a code twice. Right codes, and those that exist but are used up or over, never count.

When all clients together have tried MAX_WRONG_CODES_OF_ALL, somebody guesses from many addresses. Then, and for one
window more, a client may try MAX_WRONG_CODES_WHILE_BUSY only. Whoever has tried no wrong code is never refused by this.

The issuer's own servers, which sign what they ask of the BadgeKit API, pass on what their visitors type. They may tell from
which address a visitor came: then it is the visitor who is counted, as here. Where they do not, they are counted themselves,
by much: MAX_WRONG_CODES_OF_SERVER within WINDOW, which no misprints add up to, and are refused for the rest of it.

Everything is kept in the shared cache, as keyed digests: neither codes nor addresses can be read there or in the log.
A request under way is not seen by those beside it, so a client that asks many times at once gets at most as many tries
more as the server has threads. A cache that fails refuses nobody: claiming goes on, and the log says that it does unguarded.
"""

import logging
import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from config.exceptions import RuleBroken
from config.text import folded

WINDOW = timedelta(minutes=10)
MAX_WRONG_CODES = 10
MAX_WRONG_CODES_WHILE_BUSY = 3
MAX_WRONG_CODES_OF_ALL = 300
MAX_WRONG_CODES_OF_SERVER = 3_000

SECONDS = int(WINDOW.total_seconds())

logger = logging.getLogger(__name__)


class TooManyGuesses(RuleBroken):
    """A client tried too many wrong codes. `retry_at` is the instant from which it is heard again."""

    code = "too_many_guesses"
    default_message = _(
        "Too many wrong claim codes were tried from here. Nothing is locked: try again later."
    )

    def __init__(self, *, retry_at: datetime) -> None:
        super().__init__(field="code")
        self.retry_at = retry_at

    @property
    def retry_after(self) -> int:
        """Whole seconds until then, at least one."""
        return max(1, math.ceil((self.retry_at - datetime.now(UTC)).total_seconds()))


def check_guesses(client: str | None) -> None:
    """Raise TooManyGuesses when a client tried too many wrong codes. Called before a code is looked up.

    `client` is client_of a request, or whatever else tells clients apart. None is not refused: it may be anybody.
    """
    if client is None:
        return
    standing = _standing(client)
    if len(standing.ends) >= standing.allowed:
        # As soon as so many are over that one more is allowed again.
        ends = sorted(standing.ends.values())[-standing.allowed]
        raise TooManyGuesses(retry_at=datetime.fromtimestamp(ends, UTC))


def count_guess(client: str | None, code: str) -> None:
    """Count a code that does not exist against a client, once within WINDOW however often it is tried."""
    try:
        if client is None:
            _count_for_all()
            return
        standing = _standing(client)
        digest = _digest("code", folded(code))
        if digest in standing.ends:
            return
        # Each wrong code takes a place of its own: adding is what every cache does atomically, counting is not.
        for name in standing.free:
            if cache.add(name, (digest, time.time() + SECONDS), timeout=SECONDS):
                break
        else:
            return
        _count_for_all()
        if len(standing.ends) + 1 == standing.allowed:
            logger.warning(
                "Claim codes are guessed: client %s tried %d wrong codes within %d minutes and is refused for a while.",
                _digest("client", client),
                standing.allowed,
                SECONDS // 60,
            )
    except Exception as error:
        _tell_of_failure(error)


# Until when this process hears no more of a server: so that whoever asks for right codes alone never waits for the cache.
_closed_until: dict[str, float] = {}


def check_server(server: str) -> None:
    """Raise TooManyGuesses when an issuer's server, named by system and address, passed on too many wrong codes."""
    until = _closed_until.get(server, 0.0)
    if until > time.time():
        raise TooManyGuesses(retry_at=datetime.fromtimestamp(until, UTC))


def count_guess_of_server(server: str) -> None:
    """Count a wrong code that an issuer's server passed on without saying for whom. Raises TooManyGuesses beyond the limit.

    Another process of ours learns that the server is refused by the next wrong code that reaches it.
    """
    window = int(time.time()) // SECONDS
    name = f"claim-guesses:server:{_digest('client', server)}:{window}"
    try:
        cache.add(name, 0, timeout=SECONDS)
        count = cache.incr(name)
    except Exception as error:
        _tell_of_failure(error)
        return
    if count in {MAX_WRONG_CODES_OF_ALL, MAX_WRONG_CODES_OF_SERVER}:
        logger.warning(
            "Claim codes are guessed through an issuer's server (%s): %d wrong ones within %d minutes.",
            _digest("client", server),
            count,
            SECONDS // 60,
        )
    if count > MAX_WRONG_CODES_OF_SERVER:
        if len(_closed_until) > 1_000:
            _closed_until.clear()
        _closed_until[server] = float((window + 1) * SECONDS)
        check_server(server)


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the cache knows of a client: digests of its wrong codes with the ends of their time, and its free places."""

    ends: dict[str, float] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    allowed: int = MAX_WRONG_CODES


def _standing(client: str) -> _Standing:
    prefix = f"claim-guesses:{_digest('client', client)}"
    places = [f"{prefix}:{number}" for number in range(MAX_WRONG_CODES)]
    totals = _totals()
    try:
        kept = cache.get_many([*places, *totals])
    except Exception as error:
        _tell_of_failure(error)
        return _Standing()
    now = time.time()  # caches keep what is over for up to a second more
    live = {name: kept[name] for name in places if name in kept and kept[name][1] > now}
    is_busy = any(kept.get(name, 0) >= MAX_WRONG_CODES_OF_ALL for name in totals)
    return _Standing(
        ends=dict(live.values()),
        free=[name for name in places if name not in live],
        allowed=MAX_WRONG_CODES_WHILE_BUSY if is_busy else MAX_WRONG_CODES,
    )


def _totals() -> tuple[str, str]:
    """Return the names of the counts of all clients: of this window and of the one before."""
    window = int(time.time()) // SECONDS
    return f"claim-guesses:total:{window}", f"claim-guesses:total:{window - 1}"


def _count_for_all() -> None:
    """Count one wrong code for the installation. Two at the same instant may count as one: this limit is a coarse one."""
    current, _before = _totals()
    cache.add(current, 0, timeout=2 * SECONDS)
    count = cache.incr(current)
    cache.touch(current, 2 * SECONDS)  # where the cache cannot count by itself, counting shortens the time
    if count == MAX_WRONG_CODES_OF_ALL:
        logger.warning(
            "Claim codes are guessed from many addresses: %d wrong ones within %d minutes."
            " Each address has %d tries for a while.",
            count,
            SECONDS // 60,
            MAX_WRONG_CODES_WHILE_BUSY,
        )


def _tell_of_failure(error: Exception) -> None:
    """Log that the cache failed. Each kind of cache has errors of its own, so all of them are caught."""
    logger.error(
        "Claim codes can be guessed unhindered, as the cache fails: %s: %s", type(error).__name__, error
    )


def _digest(kind: str, text: str) -> str:
    """Return what stands for a text where it must not be read: keyed, as the addresses of the world can all be tried."""
    return salted_hmac(f"claimcodes.guesses.{kind}", text, algorithm="sha256").hexdigest()[:16]
