"""How gunicorn runs Laurel: what does not depend on the machine. `manage.py serve` adds the rest."""

import gc
import logging
from pathlib import Path
from typing import Any

from django.db import connections
from django.urls import get_resolver

from config.masking import MaskedPaths

wsgi_app = "config.wsgi:application"
worker_class = "gthread"  # a slow client or a wait for the database holds up one thread, not a process

# On stopping, requests get 30 s to finish; a process that gives no sign of life for 60 s is replaced.
graceful_timeout = 30
timeout = 60
keepalive = 5

# Processes are renewed now and then, not all at once: whatever leaks, it never adds up.
max_requests = 20_000
max_requests_jitter = 2_000

# The application is loaded once, before the processes are made: they share its memory, start at once, and an
# error at start is told once. No connection to the database may be shared by them: see pre_fork.
preload_app = True

# Signs of life go to memory where that is possible: on a slow disk gunicorn takes a process for dead.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - made safely
control_socket_disable = True  # it would be one more way in, and a file in the home folder

errorlog = "-"
loglevel = "info"
logger_class = "config.access_log.AccessLogger"
access_log_format = "%(method)s %(path)s %(status)s %(milliseconds)s ms"


def when_ready(server: Any) -> None:  # noqa: ARG001
    """Load all addresses now, to be shared, instead of at the first request; mask paths in every log."""
    len(get_resolver().url_patterns)
    for handler in logging.getLogger().handlers:
        handler.addFilter(MaskedPaths())


def pre_fork(server: Any, worker: Any) -> None:  # noqa: ARG001
    """Close what loading may have opened: two processes on one connection corrupt each other's answers.

    Freezing keeps the garbage collector of each process from touching, and so from copying, what is shared.
    """
    connections.close_all()
    gc.freeze()
