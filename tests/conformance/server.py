"""Starts the application itself on a free loopback port, over http or https, and stops it by its process."""

import atexit
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.fernet import Fernet

from tests.conformance.authority import Authority

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15


class ApplicationNotRunningError(Exception):
    """A command of the application failed, or it did not come up; the message ends with what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A running application: public address, environment, and the folder with its database and files."""

    url: str
    folder: Path
    environment: Mapping[str, str]
    authority: Authority | None

    def manage(self, *arguments: str) -> str:
        """What `manage.py arguments` prints, run against this application's database."""
        return _manage(self.environment, *arguments)

    def get(self, address: str, *, accept: str = "*/*") -> bytes:
        """The body of a path, or of an address under this application. Raises HTTPError for 400 and above."""
        url = address if address.startswith(self.url) else self.url + address
        request = urllib.request.Request(url, headers={"Accept": accept})  # noqa: S310 - url is this application's
        with urllib.request.urlopen(request, timeout=30, context=_trust(self.authority)) as answer:  # noqa: S310
            body: bytes = answer.read()
        return body


@contextmanager
def running_application(
    folder: Path, *, authority: Authority | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[Application]:
    """The application with an empty, migrated database in folder, answering until the block ends.

    With an authority at https://localhost:PORT, else at http://127.0.0.1:PORT.
    Raises ApplicationNotRunningError.
    """
    with socket.socket() as listener:
        # The socket is opened here and handed over: nobody can take the port between choosing and using it.
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        url = f"https://localhost:{port}" if authority else f"http://127.0.0.1:{port}"
        complete = {**_environment(folder, url), **(environment or {})}
        if environment:
            _prepare(complete)
        else:
            shutil.copytree(_prepared().name, folder, dirs_exist_ok=True)
        log = folder / "server.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "config.wsgi", *_gunicorn_options(listener, authority)],
                cwd=ROOT,
                env=complete,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
            )
        try:
            listener.close()
            _wait_until_it_answers(process, url, authority, log)
            yield Application(url=url, folder=folder, environment=complete, authority=authority)
        finally:
            _stop(process)


@cache
def _prepared() -> "TemporaryDirectory[str]":
    """A folder as it is before the first start. Made once: migrations and static files take ten seconds."""
    folder = TemporaryDirectory(prefix="laurel-prepared-")
    atexit.register(folder.cleanup)
    _prepare(_environment(Path(folder.name), "http://127.0.0.1:8000"))
    return folder


def _prepare(environment: Mapping[str, str]) -> None:
    _manage(environment, "migrate", "--verbosity=0")
    _manage(environment, "createcachetable", "--verbosity=0")
    _manage(environment, "collectstatic", "--noinput", "--verbosity=0")


def _environment(folder: Path, url: str) -> dict[str, str]:
    machine = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return machine | {
        "PUBLIC_URL": url,
        "DATABASE_URL": f"sqlite:///{folder / 'laurel.sqlite3'}",
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "KEY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "PYTHONUNBUFFERED": "1",
    }


def _gunicorn_options(listener: socket.socket, authority: Authority | None) -> list[str]:
    options = [
        "--bind",
        f"fd://{listener.fileno()}",
        "--workers",
        "1",
        "--threads",
        "4",
        "--graceful-timeout",
        "2",
    ]
    if authority:
        options += ["--certfile", str(authority.certificate), "--keyfile", str(authority.key)]
    return options


def _manage(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ApplicationNotRunningError(f"manage.py {' '.join(arguments)} failed:\n{done.stderr[-4000:]}")
    return done.stdout


def _trust(authority: Authority | None) -> ssl.SSLContext | None:
    return ssl.create_default_context(cafile=authority.root) if authority else None


def _wait_until_it_answers(
    process: subprocess.Popen[bytes], url: str, authority: Authority | None, log: Path
) -> None:
    """Any answer will do, an error page too: what it answers is for the tests to say."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5, context=_trust(authority)):  # noqa: S310
                return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    said = log.read_text(errors="replace")[-4000:]
    raise ApplicationNotRunningError(f"the application did not answer at {url}; it said:\n{said}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
