"""The product as a process of its own, on the database of the test: to be killed in the middle."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def database_url() -> str:
    """Return DATABASE_URL of the database that this test runs on."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    parts = connection.settings_dict
    login = quote(str(parts["USER"]), safe="") if parts["USER"] else ""
    if parts["PASSWORD"]:
        login += f":{quote(str(parts['PASSWORD']), safe='')}"
    host = str(parts["HOST"] or "")
    query = ""
    if host.startswith("/"):
        query, host = "?" + urlencode({"host": host}), ""
    port = f":{parts['PORT']}" if parts["PORT"] and host else ""
    return f"postgres://{login}{'@' if login else ''}{host}{port}/{name}{query}"


def environment() -> dict[str, str]:
    """Return the environment of a process that shares database and keys with this test."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database_url(),
        "SECRET_KEY": settings.SECRET_KEY,
        "KEY_ENCRYPTION_KEYS": ",".join(settings.KEY_ENCRYPTION_KEYS),
        "DATA_DIR": str(settings.DATA_DIR),
        "PUBLIC_URL": settings.PUBLIC_URL,
    }


def start(*arguments: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start `manage.py` with these arguments, in that of environment() unless told; whoever starts it ends it."""
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment() if env is None else env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
