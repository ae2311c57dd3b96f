"""`manage.py serve`: what it starts, what it refuses, and that it serves and stops for real."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings
from pytest_django.fixtures import Settings

from config.management.commands import serve
from config.static_files import collect_static_files

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server_environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a server with an empty SQLite database and files of its own."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'laurel.sqlite3'}",
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
        "KEY_ENCRYPTION_KEYS": ",".join(settings.KEY_ENCRYPTION_KEYS),
    }


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py to its end."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def status(url: str) -> int | None:
    """The status of a page; None while nothing listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http://127.0.0.1
            return int(answer.status)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code
    except OSError:
        return None


def test_database_without_migrations_is_refused(server_environment: dict[str, str]) -> None:
    done = manage(server_environment, "serve")
    assert done.returncode == 1
    assert "CommandError: The database lacks " in done.stderr
    assert done.stderr.endswith("run `manage.py migrate` and `manage.py createcachetable` first.\n")


def test_server_serves_and_stops(tmp_path: Path, server_environment: dict[str, str]) -> None:
    assert manage(server_environment, "migrate").returncode == 0
    assert manage(server_environment, "createcachetable").returncode == 0
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--bind", f"127.0.0.1:{port}", "--access-log"]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=server_environment, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 120
        while status(f"http://127.0.0.1:{port}/health") is None or "worker is ready" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        assert status(f"http://127.0.0.1:{port}/health?token=SECRET") == 200
        assert status(f"http://127.0.0.1:{port}/api/v2/client/SECRET") == 404
    finally:
        server.terminate()
        server.wait(timeout=60)
    said = log.read_text()
    assert server.returncode == 0
    assert "GET /health 200 " in said
    assert "GET /api/v2/client/* 404 " in said
    assert "SECRET" not in said
    assert "The worker is ready." in said
    assert "The worker has stopped." in said
    assert status(f"http://127.0.0.1:{port}/health") is None


def test_command_says_how_much_to_run() -> None:
    command = serve.gunicorn_command(bind="unix:/run/laurel", processes=3, threads=5, has_access_log=False)
    assert command == [
        sys.executable,
        *("-m", "gunicorn", "--config", "python:config.gunicorn", "--bind", "unix:/run/laurel"),
        *("--workers", "3", "--threads", "5"),
    ]


@pytest.mark.parametrize(("processors", "processes"), [(1, 2), (2, 2), (3, 3), (4, 4), (64, 4)])
def test_processes_follow_processors(
    monkeypatch: pytest.MonkeyPatch, processors: int, processes: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    assert serve.default_processes() == processes


def test_static_files_are_collected_when_they_changed(tmp_path: Path, settings: Settings) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    settings.DATA_DIR = tmp_path
    assert collect_static_files() is True
    assert collect_static_files() is False
    (source / "page.css").write_text("b{}")
    assert collect_static_files() is True
    assert (tmp_path / "static" / "page.css").read_text() == "b{}"
    (source / "page.css").rename(source / "site.css")
    assert collect_static_files() is True
    assert [path.name for path in (tmp_path / "static").iterdir()] == ["site.css"]
