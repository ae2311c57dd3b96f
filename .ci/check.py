"""`make check`: all that is judged without running the tests. Every step runs; exit 1 on any fault.

With CI=1 in the environment nothing may be left out, for want of a network for example.
"""

# ruff: noqa: S603 - the commands are made here

import os
import secrets
import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = 3  # a step's exit code that says: could not be judged here
PYTHON = [sys.executable]

STEPS = {
    "style": [*PYTHON, "-m", "ruff", "check", ".", ".ci"],
    "format": [*PYTHON, "-m", "ruff", "format", "--check", ".", ".ci"],
    "types": [*PYTHON, "-m", "mypy", ".", ".ci/check.py", ".ci/locks.py", ".ci/registry_hosts.py"],
    "migrations": [*PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [*PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "imports": [*PYTHON, "-m", "pytest", "-q", "tests/test_architecture.py"],
    "locks": [*PYTHON, ".ci/locks.py", "--check"],
    "registry hosts": [*PYTHON, ".ci/registry_hosts.py"],
}


def production_environment(folder: str) -> dict[str, str]:
    """Settings as on a public server, with secrets made up now."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "KEY_ENCRYPTION_KEYS": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "BADGEKIT_MASTER_SECRET": secrets.token_urlsafe(40),
        "PUBLIC_URL": "https://badges.example.org",
        "BEHIND_PROXY": "1",
        "DATA_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder}/laurel.sqlite3",
        "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
    }


def main() -> int:
    """Run all steps; say which failed and which could not be judged."""
    is_ci = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    failed, left_out = [], []
    with tempfile.TemporaryDirectory(prefix="laurel-check-") as folder:
        environment = {**os.environ, **production_environment(folder)}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        for name, command in STEPS.items():
            sys.stdout.write(f"-- {name}\n")
            sys.stdout.flush()
            code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
            if code == LEFT_OUT and not is_ci:
                left_out.append(name)
            elif code != 0:
                failed.append(name)
    sys.stdout.write(f"\n{len(STEPS) - len(failed) - len(left_out)} of {len(STEPS)} checks passed.\n")
    if left_out:
        sys.stdout.write(f"!! Not judged: {', '.join(left_out)}\n")
    if failed:
        sys.stdout.write(f"!! Failed: {', '.join(failed)}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
