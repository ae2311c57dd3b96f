"""The web server and the worker run side by side, and end together."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config import serving

# A worker that notes its starts and how it ends; a web server likewise.
POLITE = """
import pathlib, signal, sys, time
name = pathlib.Path(sys.argv[1])
def stop(*_):
    name.with_suffix(".ended").touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
name.with_suffix(".started").touch()
while True:
    time.sleep(0.05)
"""
DYING = "import pathlib, sys; open(sys.argv[1], 'a').write('start\\n'); sys.exit(3)"
STUBBORN = POLITE.replace("sys.exit(0)", "pass")
RUNNER = """
import sys
from config import serving
serving.PATIENCE, serving.FIRST_PAUSE, serving.LONGEST_PAUSE = 2, 0.1, 0.4
web, worker = ([sys.executable, "-c", code, path] for code, path in zip(sys.argv[1::2], sys.argv[2::2]))
sys.exit(serving.Companions(web, worker).run())
"""
ROOT = Path(__file__).resolve().parents[2]


def start(folder: Path, web: str, worker: str) -> subprocess.Popen[str]:
    """Start both, with short pauses; each is given a path in the folder."""
    programs = [web, str(folder / "web"), worker, str(folder / "worker")]
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, *programs], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )


def wait_for(*paths: Path) -> None:
    """Wait until all files are there; half a minute at most."""
    deadline = time.monotonic() + 30
    while not all(path.exists() for path in paths):
        assert time.monotonic() < deadline, f"not there: {[path.name for path in paths if not path.exists()]}"
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_signal_ends_both_in_order(tmp_path: Path, number: signal.Signals) -> None:
    running = start(tmp_path, POLITE, POLITE)
    wait_for(tmp_path / "web.started", tmp_path / "worker.started")
    running.send_signal(number)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 0
    assert said == "Stopping: requests and work under way are finished first. Once more to stop at once.\n"
    assert (tmp_path / "web.ended").exists()
    assert (tmp_path / "worker.ended").exists()


def test_dying_worker_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    running = start(tmp_path, POLITE, DYING)
    assert running.stderr is not None
    said = [running.stderr.readline() for _ in range(4)]
    running.terminate()
    running.communicate(timeout=30)
    assert said == [
        f"The worker ended (exit code 3); starting it again in {pause} s.\n"
        for pause in ("0.1", "0.2", "0.4", "0.4")
    ]
    assert (tmp_path / "worker").read_text().count("start") == 4
    assert running.returncode == 0


def test_end_of_the_web_server_ends_the_worker(tmp_path: Path) -> None:
    running = start(tmp_path, DYING, POLITE)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 3
    assert said == "The web server ended (exit code 3).\n"
    assert not (tmp_path / "worker.started").exists() or (tmp_path / "worker.ended").exists()


def test_what_does_not_end_is_killed_and_told(tmp_path: Path) -> None:
    running = start(tmp_path, STUBBORN, POLITE)
    wait_for(tmp_path / "web.started", tmp_path / "worker.started")
    running.terminate()
    _, said = running.communicate(timeout=30)
    assert running.returncode == 1
    assert said.endswith("Killed what had not ended.\n")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_killed_parent_leaves_nothing_behind(tmp_path: Path) -> None:
    running = start(tmp_path, POLITE, POLITE)
    wait_for(tmp_path / "web.started", tmp_path / "worker.started")
    running.kill()
    running.communicate(timeout=30)
    wait_for(tmp_path / "web.ended", tmp_path / "worker.ended")


def test_end_that_nobody_asked_for_is_never_success() -> None:
    assert [serving.exit_code(code) for code in (0, 3, -9)] == [1, 3, 137]


def test_waiting_ends_with_a_signal_that_came_before() -> None:
    heard: list[int] = []
    with serving.waking_signals(heard) as wait:
        os.kill(os.getpid(), signal.SIGTERM)
        wait(None)
    assert heard == [signal.SIGTERM]
