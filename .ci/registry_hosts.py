"""Fails when a file of the project names the host of a package registry: any mirror must serve.

The names are asked of pip and npm themselves, so that they do not stand here either.
"""

# ruff: noqa: S603 - the commands are made here

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
PIP_HOSTS = "from pip._internal.models.index import PyPI; print(PyPI.netloc); print(PyPI.file_storage_domain)"


def printed_by(command: list[str]) -> str:
    """What a command prints; nothing when it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def python_hosts() -> set[str]:
    """The hosts that pip, or else uv, uses when it is not told any other."""
    bases = [sys.executable, getattr(sys, "_base_executable", sys.executable)]
    for python in bases:
        if hosts := set(printed_by([python, "-c", PIP_HOSTS]).split()):
            return hosts
    manual = printed_by([str(Path(sys.executable).with_name("uv")), "help", "pip", "compile"])
    return {urlsplit(url).netloc for url in re.findall(r"by default:\s*<?(https://[^\s>\]]+)", manual)}


def node_hosts() -> set[str]:
    """The host that npm uses when it is not told any other, and the one it is told; empty without npm."""
    npm = shutil.which("npm")
    if not npm:
        return set()
    told = printed_by([npm, "config", "get", "registry"]).strip()
    nowhere = ["--userconfig", os.devnull, "--globalconfig", os.devnull]
    usual = json.loads(printed_by([npm, "config", "list", "--long", "--json", *nowhere]) or "{}").get(
        "registry", ""
    )
    return {urlsplit(url).netloc for url in (told, usual)} - {"", "localhost", "127.0.0.1"}


def main() -> int:
    """Exit 0 when no file that git would take names one, 1 with the files, 3 when that cannot be told."""
    hosts = python_hosts() | node_hosts()
    if not python_hosts() or not shutil.which("git"):
        sys.stderr.write("The hosts of the registries could not be found out: pip, uv or git is missing.\n")
        return 3
    patterns = [argument for host in sorted(hosts) for argument in ("-e", host)]
    search = ["git", "grep", "-lIF", "--untracked", *patterns]
    found = subprocess.run(search, cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode > 1:
        sys.stderr.write(f"git grep failed: {found.stderr}")
        return 3
    if found.stdout:
        sys.stderr.write(f"These files name the host of a package registry; take it out:\n{found.stdout}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
