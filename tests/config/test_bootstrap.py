"""The first start: .venv is made once, anew when a lock changed, never by two at once; or one clear line."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import bootstrap
from config.bootstrap import BootstrapError, Environment

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "config" / "bootstrap.py"
CLOSED = "http://127.0.0.1:9/simple"  # a loopback port that nothing listens on

# Stands for uv: makes real environments, "installs" a django of one empty file, and notes what it was asked.
UV = """#!/bin/sh
case "$1 $2" in
--version*) exit 0 ;;
"venv --quiet") for last; do :; done; exec {python} -m venv --without-pip "$last" ;;
"pip sync")
  for last; do :; done
  echo "$(basename "$last")" >> {notes}
  {before}
  mkdir -p .venv/lib/python{version}/site-packages/django
  touch .venv/lib/python{version}/site-packages/django/__init__.py ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with both locks and without an environment; uv is on the path."""
    root = tmp_path / "checkout"
    (root / "config").mkdir(parents=True)
    (root / "config" / "bootstrap.py").write_text(SCRIPT.read_text())
    (root / "requirements.lock").write_text("django==5.2\n")
    (root / "requirements-dev.lock").write_text("django==5.2\npytest==9\n")
    put_uv(root)
    monkeypatch.setenv("PATH", f"{root / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return root


def put_uv(root: Path, before: str = "") -> None:
    """Put the stand-in for uv there; it runs `before`, shell text, before it installs."""
    uv = root / "bin" / "uv"
    uv.parent.mkdir(exist_ok=True)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    uv.write_text(UV.format(python=sys.executable, notes=root / "notes", before=before, version=version))
    uv.chmod(0o755)


def notes(root: Path) -> list[str]:
    """The locks that were installed, in order."""
    file = root / "notes"
    return file.read_text().split() if file.exists() else []


def start(root: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Start the checkout's own bootstrap."""
    return subprocess.Popen(
        [sys.executable, str(root / "config" / "bootstrap.py"), *arguments],
        env={**os.environ, **variables},
        stderr=subprocess.PIPE,
        text=True,
    )


def pins(lock: str) -> dict[str, str]:
    """The packages that a lock names, each with all that is said of it: version, platforms, digests."""
    blocks = re.findall(r"^(\S+?)==((?:.*\\\n)*.*)$", (ROOT / lock).read_text(), re.MULTILINE)
    return dict(blocks)


def test_file_can_be_read_by_old_python() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 7))
    assert ast.get_docstring(tree) == bootstrap.__doc__.strip()


@pytest.mark.parametrize("larger", ["requirements-dev.lock", "requirements-production.lock"])
def test_lock_holds_the_runtime_lock(larger: str) -> None:
    runtime, all_of_it = pins("requirements.lock"), pins(larger)
    assert len(runtime) > 20
    assert {name: all_of_it.get(name) for name in runtime} == runtime


def test_development_lock_pins_the_uv_that_a_machine_without_one_gets() -> None:
    assert re.fullmatch(
        r"[\d.]+(?: \\\n    --hash=sha256:[0-9a-f]{64})+", pins("requirements-dev.lock")["uv"]
    )


def test_environment_is_made_once(checkout: Path) -> None:
    assert Environment(checkout).ensure(dev=False) is True
    assert Environment(checkout).ensure(dev=False) is False
    assert notes(checkout) == ["requirements.lock"]


def test_environment_for_tests_serves_the_application(checkout: Path) -> None:
    Environment(checkout).ensure(dev=False)
    Environment(checkout).ensure(dev=True)
    assert Environment(checkout).ensure(dev=False) is False
    assert notes(checkout) == ["requirements.lock", "requirements-dev.lock"]


def test_environment_for_tests_stays_one_when_the_lock_changes(checkout: Path) -> None:
    Environment(checkout).ensure(dev=True)
    (checkout / "requirements.lock").write_text("django==5.2.1\n")
    assert Environment(checkout).ensure(dev=False) is True
    assert Environment(checkout).ensure(dev=True) is False
    assert notes(checkout) == ["requirements-dev.lock", "requirements-dev.lock"]


def test_interrupted_environment_is_made_anew(checkout: Path) -> None:
    put_uv(checkout, before="touch .venv/half-written; kill -9 $PPID; exit 1")
    interrupted = start(checkout)
    interrupted.communicate()
    assert interrupted.returncode == -9
    put_uv(checkout)
    assert Environment(checkout).ensure(dev=False) is True
    assert not (checkout / ".venv" / "half-written").exists()
    assert notes(checkout) == ["requirements.lock", "requirements.lock"]
    assert [path.name for path in checkout.glob(".venv*")] == [".venv"]


def test_environment_of_a_vanished_python_is_made_anew(checkout: Path) -> None:
    Environment(checkout).ensure(dev=False)
    python = checkout / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3")
    assert Environment(checkout).ensure(dev=False) is True
    assert notes(checkout) == ["requirements.lock", "requirements.lock"]


def test_second_start_waits_for_the_first(checkout: Path) -> None:
    put_uv(checkout, before="touch began; while [ ! -e go ]; do sleep 0.05; done")
    first = start(checkout)
    while not (checkout / "began").exists():
        assert first.poll() is None
    second = start(checkout)
    assert second.stderr is not None
    assert second.stderr.readline() == "Another start is installing the dependencies: waiting for it.\n"
    (checkout / "go").touch()
    _, said = first.communicate()
    assert re.sub(r"\d+ s", "0 s", said).splitlines()[-1] == "Dependencies installed with uv in 0 s."
    assert second.communicate()[1] == ""
    assert (first.returncode, second.returncode) == (0, 0)
    assert notes(checkout) == ["requirements.lock"]


def test_stray_environment_is_not_obeyed(checkout: Path) -> None:
    put_uv(checkout, before='echo "$VIRTUAL_ENV$UV_PYTHON$PYTHONHOME" > strays')
    done = start(checkout, VIRTUAL_ENV="/nowhere", UV_PYTHON="3.99")
    done.communicate()
    assert done.returncode == 0
    assert (checkout / "strays").read_text() == "\n"


def test_missing_network_is_told_and_leaves_what_was_there(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Environment(checkout).ensure(dev=False)
    lock = (checkout / "requirements.lock").read_text()
    (checkout / "requirements.lock").write_text("django==5.2.1\n")
    (checkout / "requirements-dev.lock").write_text((ROOT / "requirements-dev.lock").read_text())
    put_uv(checkout, before='echo "error: dns error" >&2; exit 2')
    for name, value in {
        "PIP_INDEX_URL": CLOSED,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    with pytest.raises(BootstrapError, match=r"^No network: .* Connect, then run this again\.$"):
        Environment(checkout).ensure(dev=False)
    (checkout / "requirements.lock").write_text(lock)
    assert Environment(checkout).ensure(dev=False) is False


def test_old_python_without_a_newer_one_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "MINIMUM", (9, 11))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(bootstrap, "SYSTEM_FOLDERS", ())
    here = "{}.{}".format(*sys.version_info)
    with pytest.raises(BootstrapError) as refusal:
        bootstrap.find_python(None)
    assert str(refusal.value) == (
        f"Laurel needs Python 9.11 or newer and found only {here}: install one,"
        " or name it: make demo PYTHON=/path/to/python9.11"
    )


def test_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "file" / "cache"))
    assert bootstrap.uv_options() == ["--no-python-downloads", "--no-cache"]
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    assert bootstrap.uv_options() == ["--no-python-downloads"]


def test_manage_without_django_says_what_to_run(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-S", str(ROOT / "manage.py"), "check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "Django is not installed here: run `make demo` or `make test` first, then use .venv/bin/python.\n"
    )
