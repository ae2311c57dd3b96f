"""The installer says in one line what is missing, and knows what it has installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conformance import install
from tests.conformance.install import InstallationError, fingerprint, is_installed, run

SCRIPT = str(Path(install.__file__))


def answer(*arguments: str, **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_is_installed_needs_the_stamp_of_these_locks(tmp_path: Path) -> None:
    before = is_installed(tmp_path)
    (tmp_path / "stamp").write_text("of other locks")
    with_other_locks = is_installed(tmp_path)
    (tmp_path / "stamp").write_text(fingerprint())
    after = is_installed(tmp_path)

    assert (before, with_other_locks, after) == (False, False, True)


def test_check_says_where_nothing_is_installed(tmp_path: Path) -> None:
    assert answer("--check", LAUREL_VERIFIERS=str(tmp_path)) == (
        1,
        f"not installed: run python {SCRIPT}\n",
        "",
    )


def test_check_and_second_installation_change_nothing() -> None:
    folder = install.verifiers_folder()

    assert answer("--check") == (0, f"installed in {folder}\n", "")
    assert answer() == (0, f"already installed in {folder}\n", "")


def test_installation_without_node_says_what_to_do(tmp_path: Path) -> None:
    target = tmp_path / "verifiers"

    assert answer(LAUREL_VERIFIERS=str(target), PATH=str(tmp_path)) == (
        1,
        "",
        "Node is missing: install Node 20.11 or newer with npm, then run this again.\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_installation_with_old_node_says_what_to_do(tmp_path: Path) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v18.20.4\n")
        (tmp_path / name).chmod(0o755)

    assert answer(LAUREL_VERIFIERS=str(tmp_path / "verifiers"), PATH=str(tmp_path)) == (
        1,
        "",
        "Node v18.20.4 is too old: install 20.11 or newer, then run this again.\n",
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            "npm error code EAI_AGAIN",
            "No network: trying needs the package registries. Connect, then run again.",
        ),
        ("warning: odd\nerror: disk full\nbye", "Trying failed: error: disk full"),
        ("", "Trying failed: exit 3"),
    ],
)
def test_failed_step_is_told_in_one_line(said: str, message: str) -> None:
    program = f"import sys; sys.stderr.write({said!r}); sys.exit(3)"

    with pytest.raises(InstallationError) as refusal:
        run([sys.executable, "-c", program], "trying")

    assert str(refusal.value) == message
