"""Makes .venv from a lock: `python3 config/bootstrap.py [--dev]`, with nothing but the standard library.

Every Python from 3.7 on can read this file: an old one looks for a newer one instead of failing on syntax.
"""

# ruff: noqa: S603 - the commands are made here, of paths found on this machine

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: two starts at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
MINIMUM = (3, 11)
SYSTEM_FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11", "python3", "python")
BIN = "Scripts" if os.name == "nt" else "bin"
EXECUTABLE = ".exe" if os.name == "nt" else ""

# Variables that would send an installer to another environment than .venv, or change how Python starts.
STRAY_VARIABLES = (
    "CONDA_PREFIX",
    "PIP_PREFIX",
    "PIP_REQUIRE_VIRTUALENV",
    "PIP_ROOT",
    "PIP_TARGET",
    "PYTHONHOME",
    "PYTHONPATH",
    "UV_PROJECT_ENVIRONMENT",
    "UV_PYTHON",
    "UV_SYSTEM_PYTHON",
    "UV_TARGET",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
)
NO_NETWORK = re.compile(
    r"connection refused|connection reset|connect error|dns error|failed to lookup|name resolution|timed out"
    r"|network is unreachable|no route to host|error sending request|max retries|newconnectionerror"
    r"|client error \(connect\)|temporary failure",
    re.IGNORECASE,
)


class BootstrapError(Exception):
    """No environment can be made; the message says what to do."""


class InstallerError(Exception):
    """An installer ended with an error; the message is what it wrote."""


class Environment:
    """The virtual environment of one checkout: which locks it has to satisfy, and how it is made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / BIN / ("python" + EXECUTABLE)
        self.stamp = self.folder / "laurel.json"
        self.unfinished = self.folder / "laurel.unfinished"
        self.runtime_lock = root / "requirements.lock"
        self.dev_lock = root / "requirements-dev.lock"

    def ensure(self, *, dev: bool) -> bool:
        """Make .venv satisfy its lock; False when it did already.

        The development lock holds everything of the runtime lock: an environment made for tests serves the
        application too, and stays one for tests when the locks change: going from one to the other uninstalls
        nothing. Raises BootstrapError.
        """
        if self.is_current(dev=dev):
            return False
        with self.locked() as lock:
            if self.is_current(dev=dev):  # another start has made it meanwhile
                return False
            self.make(self.dev_lock if dev or self.read_stamp().get("dev") else self.runtime_lock, lock)
        return True

    def wanted_stamp(self, *, dev: bool) -> dict[str, object]:
        """What the stamp says when the environment satisfies the locks as they are now."""
        digests = {lock.name: hashlib.sha256(lock.read_bytes()).hexdigest() for lock in self.locks(dev=dev)}
        return {"dev": dev, "locks": digests}

    def locks(self, *, dev: bool) -> list[Path]:
        """The locks that decide what is installed."""
        return [self.runtime_lock, self.dev_lock] if dev else [self.runtime_lock]

    def read_stamp(self) -> dict[str, object]:
        """What the last finished run installed; empty when none did."""
        try:
            stamp = json.loads(self.stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) else {}

    def is_current(self, *, dev: bool) -> bool:
        """Whether the stamp fits the locks, and the Python still runs (a system upgrade may end it)."""
        stamp = self.read_stamp()
        if self.unfinished.exists() or (dev and not stamp.get("dev")):
            return False
        if stamp != self.wanted_stamp(dev=bool(stamp.get("dev"))):
            return False
        return runs([str(self.python), "-c", "import django"])

    def locked(self) -> IO[str]:
        """Wait until no other start holds the lock file, saying so; closing it lets the next one in."""
        folder = self.root / "var"
        try:
            folder.mkdir(exist_ok=True)
            file = (folder / "bootstrap.lock").open("w", encoding="utf-8")
        except OSError as failure:
            raise BootstrapError(f"Cannot write in {self.root}: {failure.strerror}.") from failure
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Another start is installing the dependencies: waiting for it.")
                fcntl.flock(file, fcntl.LOCK_EX)
        return file

    def make(self, lock: Path, held: IO[str]) -> None:
        """Install exactly what the lock names; the stamp is written last.

        What an interrupted run left half written is made anew. Without a network what was there stays good:
        installers fetch everything before they change anything.
        """
        started = time.monotonic()
        uv = find_uv()
        python = find_python(uv)
        if self.unfinished.exists() or (self.folder.exists() and not is_new_enough(str(self.python))):
            self.discard()
        is_update = self.stamp.exists()
        verb = "Updating" if is_update else "First start: installing"
        say(f"{verb} the dependencies in .venv, which takes from a few seconds to a minute ...")
        try:
            installed_by = Installer(self, python, lock, held).install(uv)
        except InstallerError as failure:
            if is_update and NO_NETWORK.search(str(failure)) and self.unfinished.exists():
                self.unfinished.unlink()
            raise BootstrapError(explanation(str(failure), lock)) from failure
        self.stamp.write_text(json.dumps(self.wanted_stamp(dev=lock == self.dev_lock)), "utf-8")
        self.unfinished.unlink()
        say(f"Dependencies installed with {installed_by} in {time.monotonic() - started:.0f} s.")

    def discard(self) -> None:
        """Take .venv away: renamed first, so that no half of it is ever taken for a whole one."""
        old = tempfile.mkdtemp(prefix=".venv-old-", dir=str(self.root))
        self.folder.rename(Path(old) / "venv")
        shutil.rmtree(old, ignore_errors=True)


class Installer:
    """Fills one environment from one lock by the first of three ways that works."""

    def __init__(self, environment: Environment, python: str, lock: Path, held: IO[str]) -> None:
        self.environment = environment
        self.python = python
        self.lock = lock
        self.held = held

    def install(self, uv: str | None) -> str:
        """Install and return the way: uv of the path, or the pinned uv that pip puts there, or pip alone.

        pip also gets its try when uv found no network: it has settings of its own for mirrors and proxies.
        Raises InstallerError, BootstrapError.
        """
        target = self.environment
        is_new = not target.folder.exists()
        if uv:
            try:
                if is_new:
                    self.run(
                        [uv, "venv", "--quiet", *uv_options(), "--python", self.python, str(target.folder)]
                    )
                self.sync_with_uv(uv)
            except InstallerError as failure:
                if not is_new and NO_NETWORK.search(str(failure)) and not self.usable_pip():
                    raise  # another way would begin with removing what is there
                say(f"uv did not succeed ({last_line(str(failure))}): trying pip.")
                if is_new and target.folder.exists():
                    target.discard()
            else:
                return "uv"
        pip = self.usable_pip() or self.made_pip()
        self.begin()
        pinned_uv = target.folder / BIN / ("uv" + EXECUTABLE)
        try:
            self.pip_install(pip, self.pinned_uv_lock())
            self.sync_with_uv(str(pinned_uv))
        except InstallerError as failure:
            if NO_NETWORK.search(str(failure)) and not pinned_uv.exists():
                raise  # pip reaches nothing either: asking it for the rest would only take longer
            self.pip_install(pip, self.lock)
            return "pip"
        return "the pinned uv"

    def begin(self) -> None:
        """Mark the environment as unfinished until its stamp is written."""
        self.environment.unfinished.touch()

    def sync_with_uv(self, uv: str) -> None:
        """Install the lock with uv, removing what it does not name."""
        self.begin()
        command = [uv, "pip", "sync", "--quiet", *uv_options(), "--require-hashes"]
        self.run([*command, "--python", str(self.environment.python), str(self.lock)])

    def usable_pip(self) -> list[str] | None:
        """Return the command of a pip that fills the environment: its own, or another one (22.3 or newer)."""
        python = str(self.environment.python)
        pips = ([python, "-m", "pip"], [self.python, "-m", "pip", "--python", python])
        return next((pip for pip in pips if runs([*pip, "--version"])), None)

    def made_pip(self) -> list[str]:
        """Make the environment anew and return the pip for it; raise BootstrapError when there is no way.

        Debian without python3-venv has no ensurepip: there a pip outside fills an environment that has none.
        """
        folder = self.environment.folder
        if folder.exists():
            self.environment.discard()
        for options in ([], ["--without-pip", "--clear"]):
            try:
                self.run([self.python, "-m", "venv", *options, str(folder)])
            except InstallerError:
                continue
            pip = self.usable_pip()
            if pip:
                return pip
        shutil.rmtree(str(folder), ignore_errors=True)
        raise BootstrapError(NO_VENV)

    def pip_install(self, pip: list[str], lock: Path) -> None:
        """Install what the file names with pip, hashes checked."""
        options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps"]
        self.run([*pip, "install", *options, "--retries", "2", "-r", str(lock)])

    def pinned_uv_lock(self) -> Path:
        """Write the part of the development lock that pins uv to a file in the environment, and return it."""
        text = self.environment.dev_lock.read_text("utf-8")
        pin = re.search(r"^uv==.*\n(?:[ ]+--hash=.*\n)+", text, re.MULTILINE)
        if not pin:
            raise InstallerError(f"{self.environment.dev_lock.name} does not pin uv")
        file = self.environment.folder / "uv.lock"
        file.write_text(pin.group(), "utf-8")
        return file

    def run(self, command: list[str]) -> None:
        """Run an installer. Raises InstallerError with what it wrote.

        It inherits the lock: when this process is killed and the installer lives on, the next start waits.
        """
        descriptors = () if os.name == "nt" else (self.held.fileno(),)
        done = subprocess.run(
            command,
            cwd=str(self.environment.root),
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=descriptors,
            check=False,
        )
        if done.returncode != 0:
            raise InstallerError(done.stdout.decode("utf-8", "replace").strip() or f"exit {done.returncode}")


NO_VENV = (
    "This Python cannot make virtual environments: install its venv module (Debian, Ubuntu: apt install"
    " python3-venv) or uv, then run this again."
)


def say(line: str) -> None:
    """Tell the person who waits; standard output stays free for what is started next."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def last_line(text: str) -> str:
    """Return the last line that says something, without the ornaments of a tool."""
    lines = [line.strip(" \t│╰─▶×") for line in text.splitlines()]
    return next((line for line in reversed(lines) if line), "no message")


def explanation(output: str, lock: Path) -> str:
    """Return what to do about an installer's failure, in one line when the cause is known."""
    if NO_NETWORK.search(output):
        return "No network: the dependencies must be downloaded once. Connect, then run this again."
    if "No space left" in output:
        return "The disk is full: the dependencies need about 400 MB."
    return f"Installing {lock.name} failed; the installer said:\n{output[-3000:]}"


def clean_environment() -> dict[str, str]:
    """Return the environment with the user's caches, mirrors and proxies, without what leads elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in STRAY_VARIABLES}
    return {**kept, "PIP_USER": "0"}


def uv_options() -> list[str]:
    """Return what uv is told: to download no Python, and to keep no cache where it cannot write one."""
    options = ["--no-python-downloads"]
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or "/") / ".cache")
    cache = Path(os.environ.get("UV_CACHE_DIR") or caches / "uv")
    try:
        if os.name != "nt":
            cache.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=str(cache)):
                pass
    except OSError:
        options.append("--no-cache")
    return options


def runs(command: list[str]) -> bool:
    """Whether the command can be started and succeeds within a minute."""
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, env=clean_environment(), stdin=quiet, stdout=quiet, stderr=quiet, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def is_new_enough(python: str) -> bool:
    """Whether the interpreter runs and is at least MINIMUM."""
    return runs([python, "-c", f"import sys; sys.exit(sys.version_info[:2] < {MINIMUM})"])


def find_uv() -> str | None:
    """Return the uv on the path; None when there is none that runs (a shim may stand for nothing)."""
    uv = shutil.which("uv")
    return uv if uv and runs([uv, "--version"]) else None


def find_python(uv: str | None) -> str:
    """Return a Python that is new enough: this one, or one of the path, pyenv, the system, or uv.

    Raises BootstrapError.
    """
    if sys.version_info[:2] >= MINIMUM:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path("~/.pyenv").expanduser()) / "versions"
    newest_first = sorted(
        map(str, pyenv.glob("3.*/bin/python3")),
        key=lambda path: [int(part) for part in re.findall(r"\d+", path)],
        reverse=True,
    )
    candidates = [shutil.which(name) for name in NEWER_PYTHONS] + newest_first
    candidates += [f"{folder}/{name}" for folder in SYSTEM_FOLDERS for name in NEWER_PYTHONS]
    for candidate in candidates:
        if candidate and is_new_enough(candidate):
            return candidate
    wanted, have = "{}.{}".format(*MINIMUM), "{}.{}".format(*sys.version_info)
    if uv:
        asked = subprocess.run(
            [uv, "python", "find", *uv_options(), f">={wanted}"],
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        path = asked.stdout.decode("utf-8", "replace").strip()
        if asked.returncode == 0 and is_new_enough(path):
            return path
    raise BootstrapError(
        f"Laurel needs Python {wanted} or newer and found only {have}: install one,"
        f" or name it: make demo PYTHON=/path/to/python{wanted}"
    )


def main(arguments: list[str]) -> int:
    """Exit 0 when .venv is as the lock says, 1 with a clear line if it cannot be, 130 if interrupted."""
    parser = argparse.ArgumentParser(description="Make .venv from the locks.")
    parser.add_argument("--dev", action="store_true", help="with everything that tests and checks need")
    asked = parser.parse_args(arguments)
    try:
        Environment(ROOT).ensure(dev=asked.dev)
    except BootstrapError as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the next start begins anew.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
