"""Serve Laurel for production: gunicorn, with a worker beside it."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from config.env import BASE_DIR
from config.static_files import collect_static_files


class Command(BaseCommand):
    """Run the web server and the worker until SIGTERM or Ctrl-C; finish what is under way, stop both."""

    help = "Serve for production: gunicorn, with a worker beside it. SIGTERM or Ctrl-C stops both."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add where to listen and how much to run."""
        parser.add_argument(
            "--bind", default="127.0.0.1:8000", help="HOST:PORT or unix:PATH (default: %(default)s)."
        )
        parser.add_argument("--workers", type=int, help="Processes of the web server (default: WEB_WORKERS).")
        parser.add_argument("--threads", type=int, help="Threads of each of them (default: WEB_THREADS).")
        parser.add_argument(
            "--no-worker", action="store_false", dest="has_worker", help="The web server alone."
        )
        parser.add_argument(
            "--access-log", action="store_true", help="Log requests, with secrets in paths masked."
        )

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        """Prepare, then become the process that runs both. Does not return."""
        self._refuse_old_schema()
        if collect_static_files():
            self.stderr.write("Static files collected.")
        connections.close_all()
        web = gunicorn_command(
            bind=options["bind"],
            processes=options["workers"] or settings.WEB_WORKERS or default_processes(),
            threads=options["threads"] or settings.WEB_THREADS,
            has_access_log=options["access_log"],
        )
        companions = [
            sys.executable,
            "-m",
            "config.serving",
            *(["--worker"] if options["has_worker"] else []),
        ]
        os.chdir(BASE_DIR)
        # In this process's place: same process id, a tenth of the memory.
        os.execv(sys.executable, [*companions, *web])  # noqa: S606 - a command of our own

    def _refuse_old_schema(self) -> None:
        """Refuse a database that lacks migrations: it would fail in the middle of requests."""
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if missing:
            raise CommandError(
                f"The database lacks {missing} migrations: run `manage.py migrate` and"
                " `manage.py createcachetable` first."
            )


def default_processes() -> int:
    """Return how many web processes suit this machine: one per processor, at least 2 and at most 4.

    Signing and rendering keep a processor busy, so more processes than processors add memory, not speed;
    threads do the waiting. Two at least: one is there while another is renewed. Large machines: WEB_WORKERS.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, min(usable, 4))


def gunicorn_command(*, bind: str, processes: int, threads: int, has_access_log: bool) -> list[str]:
    """Return the command of the web server; config/gunicorn.py has what is the same everywhere."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--bind", bind]
    command += ["--workers", str(processes), "--threads", str(threads)]
    return [*command, "--access-logfile", "-"] if has_access_log else command
