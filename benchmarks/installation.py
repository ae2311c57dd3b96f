"""A throw-away installation to measure: its own folder, database and keys; all of it goes afterwards."""

import base64
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent


def postgres_address() -> str | None:
    """Return the address of a PostgreSQL server to measure on (TEST_DATABASE_URL, else a local one), or None."""
    for address in (os.environ.get("TEST_DATABASE_URL"), "postgres://postgres@127.0.0.1:5432/postgres"):
        if address:
            with contextlib.suppress(psycopg.OperationalError), psycopg.connect(address, connect_timeout=3):
                return address
    return None


@contextlib.contextmanager
def installation(postgres: str | None = None) -> Iterator[dict[str, str]]:
    """Yield the environment of a fresh, migrated installation on SQLite, or on a new database of a PostgreSQL server."""
    with tempfile.TemporaryDirectory(prefix="laurel-bench-") as folder, contextlib.ExitStack() as stack:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": folder,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "LOG_LEVEL": "WARNING",
            "DATABASE_URL": f"sqlite:///{folder}/laurel.sqlite3",
        }
        if postgres:
            environment["DATABASE_URL"] = stack.enter_context(_database(postgres))
        for command in (
            ["migrate", "--verbosity=0"],
            ["createcachetable"],
            ["collectstatic", "--verbosity=0", "--noinput"],
        ):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)
        yield environment


@contextlib.contextmanager
def _database(address: str) -> Iterator[str]:
    """Make a database on the server of `address`; yield its address; drop it."""
    name = f"laurel_bench_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield address.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
