"""What the first start writes before the settings can be read: secrets once, in one file of its owner's."""

import base64
import socket
import stat
import threading
from pathlib import Path

import pytest

from config import first_start


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty DATA_DIR in an environment that sets nothing else."""
    for name in ("SECRET_KEY", "KEY_ENCRYPTION_KEYS", "BADGEKIT_MASTER_SECRET", "PUBLIC_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    return tmp_path / "var"


def written(folder: Path) -> dict[str, str]:
    """The settings in settings.env."""
    lines = (folder / "settings.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_prepare_writes_secrets_that_its_owner_alone_may_read(folder: Path) -> None:
    first_start.prepare()

    settings = written(folder)
    assert list(settings) == ["SECRET_KEY", "KEY_ENCRYPTION_KEYS", "BADGEKIT_MASTER_SECRET", "PUBLIC_URL"]
    assert len(settings["SECRET_KEY"]) >= 50
    assert len(base64.urlsafe_b64decode(settings["KEY_ENCRYPTION_KEYS"])) == 32
    assert settings["PUBLIC_URL"].startswith("http://127.0.0.1:8")
    assert stat.S_IMODE((folder / "settings.env").stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {"settings.env", "first_start.lock"}


def test_prepare_keeps_what_was_written_before(folder: Path) -> None:
    first_start.prepare()
    before = written(folder)

    first_start.prepare()

    assert written(folder) == before


def test_prepare_leaves_out_what_the_environment_sets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://badges.example.org")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/secret_key")

    first_start.prepare()

    assert list(written(folder)) == ["KEY_ENCRYPTION_KEYS", "BADGEKIT_MASTER_SECRET"]


def test_free_port_passes_over_those_in_use() -> None:
    with socket.socket() as taken:
        taken.bind((first_start.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert port < first_start.free_port(port) < port + 100


def test_alone_lets_the_second_wait_for_the_first(folder: Path) -> None:
    order = []

    def second() -> None:
        with first_start.alone("demo"):
            order.append("second")

    with first_start.alone("demo"):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(timeout=0.2)
        order.append("first")
    waiting.join(timeout=10)

    assert order == ["first", "second"]
