"""Brakes on guessing secrets: how many different wrong ones a client may try in a while, over all processes."""

import logging
import math
import time
from datetime import timedelta
from threading import Lock

from cachetools import TTLCache
from django.core.cache import cache
from django.utils.crypto import salted_hmac

from organizations.exceptions import TooManyTries

logger = logging.getLogger(__name__)


class Brake:
    """Lets a client try `limit` different wrong secrets within a window; then it is refused unheard, right or wrong.

    A wrong one that is tried again counts once, so that a program with an old secret shuts nobody out. Counts are in the
    shared cache, as keyed digests. Whoever has tried nothing wrong costs nothing: a process asks it only about clients
    that were wrong in this very process. A cache that fails refuses nobody, and the log says so.
    """

    def __init__(self, name: str, *, limit: int, window: timedelta) -> None:
        self.name, self.limit = name, limit
        self.seconds = int(window.total_seconds())
        self._suspects: TTLCache[str, bool] = TTLCache(10_000, self.seconds)
        self._lock = Lock()

    def check(self, client: str | None) -> None:
        """Raise TooManyTries when the client tried too many. None, a client that cannot be told, is not refused."""
        if client is None:
            return
        with self._lock:
            if client not in self._suspects:
                return
        now = time.time()
        try:
            tries = cache.get(self._key(client, now)) or 0
        except Exception as error:
            self._tell_of_failure(error)
            return
        if tries >= self.limit:
            raise TooManyTries(retry_after=math.ceil(self.seconds - now % self.seconds))

    def count(self, client: str | None, secret: str) -> None:
        """Count a wrong secret against a client, once in a window however often it is tried."""
        if client is None:
            return
        with self._lock:
            self._suspects[client] = True
        key = self._key(client, time.time())
        try:
            if cache.add(f"{key}:{self._digest(secret)}", 1, timeout=self.seconds):
                cache.add(key, 0, timeout=self.seconds)
                if cache.incr(key) == self.limit:
                    logger.warning(
                        "%s: a client (%s) tried %d wrong ones and is refused for a while.",
                        self.name,
                        self._digest(client),
                        self.limit,
                    )
        except Exception as error:
            self._tell_of_failure(error)

    def _key(self, client: str, now: float) -> str:
        return f"brake:{self.name}:{self._digest(client)}:{int(now) // self.seconds}"

    def _digest(self, text: str) -> str:
        return salted_hmac(f"brake.{self.name}", text, algorithm="sha256").hexdigest()[:24]

    def _tell_of_failure(self, error: Exception) -> None:
        logger.error("%s can be guessed unhindered: the cache fails (%s).", self.name, type(error).__name__)
