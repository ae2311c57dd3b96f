"""Writes the requirements locks from pyproject.toml, or says whether they are fresh (`--check`).

The locks are hashed, universal (every platform, Python 3.11 on) and without addresses: any mirror serves.
"""

# ruff: noqa: S603 - the commands are made here

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).with_name("uv")
COMPILE = ("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-annotate", "--no-header")

# In this order: each takes over the versions of those before it, so that tests run what production runs.
LOCKS = {
    "requirements.lock": (),
    "requirements-dev.lock": ("--group", "dev"),
    "requirements-production.lock": ("--extra", "s3", "--extra", "gcs", "--extra", "redis"),
}
NO_NETWORK = re.compile(
    r"dns error|error sending request|failed to fetch|connection refused|timed out", re.IGNORECASE
)


class UnreachableRegistryError(Exception):
    """Without a network nothing can be said about the locks."""


def compile_locks(folder: Path, *options: str) -> None:
    """Compile all locks in the folder; versions in them are kept where they still fit.

    Raises UnreachableRegistryError, or CalledProcessError when pyproject.toml cannot be resolved.
    """
    for position, (lock, extras) in enumerate(LOCKS.items()):
        before = [argument for name in list(LOCKS)[:position] for argument in ("-c", str(folder / name))]
        command = [str(UV), *COMPILE, "--no-python-downloads", "--python-version", "3.11", *options]
        command += ["pyproject.toml", *extras, *before, "--output-file", str(folder / lock)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            if NO_NETWORK.search(done.stderr):
                raise UnreachableRegistryError
            sys.stderr.write(done.stderr)
            done.check_returncode()


def stale_locks() -> list[str]:
    """The locks that pyproject.toml has left behind. Raises UnreachableRegistryError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for lock in LOCKS:
            if (ROOT / lock).exists():
                shutil.copyfile(ROOT / lock, folder / lock)
        compile_locks(folder)
        return [lock for lock in LOCKS if not is_same(ROOT / lock, folder / lock)]


def is_same(first: Path, second: Path) -> bool:
    """Whether both files exist with the same content."""
    return first.exists() and second.exists() and first.read_bytes() == second.read_bytes()


def main(arguments: list[str]) -> int:
    """Exit 0 when the locks are (now) fresh, 1 when not, 3 when there is no network to tell."""
    parser = argparse.ArgumentParser(description="Write the requirements locks from pyproject.toml.")
    parser.add_argument("--check", action="store_true", help="write nothing: say which are not fresh")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    asked = parser.parse_args(arguments)
    try:
        if asked.check:
            stale = stale_locks()
            if stale:
                sys.stderr.write(f"Not fresh: {', '.join(stale)}. Run `make locks` and commit them.\n")
            return 1 if stale else 0
        compile_locks(ROOT, *(["--upgrade"] if asked.upgrade else []))
    except UnreachableRegistryError:
        sys.stderr.write("No network: the locks could not be compared with pyproject.toml.\n")
        return 3
    except subprocess.CalledProcessError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
