"""Two processes side by side, the web server and the worker: started, watched and stopped together.

`python -m config.serving [--worker] COMMAND ...` is what `manage.py serve` becomes when all is prepared.
Standard library only: a process that does nothing but wait should not hold an application in memory.
"""

import contextlib
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of linux/prctl.h
PATIENCE = 35  # seconds that the web server's 30 s for requests under way need, and a little more
FIRST_PAUSE, LONGEST_PAUSE = 1, 60  # seconds before a worker that died is started again, doubled each time
STABLE_AFTER = 60  # seconds after which a worker counts as well, and pauses begin anew

_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Companions:
    """A web server that decides when it is over, and a worker that is started again whenever it dies."""

    def __init__(self, web: Sequence[str], worker: Sequence[str] | None) -> None:
        self.commands = {"web": web, "worker": worker}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.signals: list[int] = []
        self.pause = FIRST_PAUSE
        self.worker_started = 0.0
        self.worker_due: float | None = None

    def run(self) -> int:
        """Run both until the web server ends or SIGTERM or SIGINT comes; return the exit code.

        That is 0 when stopped by a signal and everything ended in time, else the web server's own. A second
        signal stops at once.
        """
        with waking_signals(self.signals) as wait:
            self._start("web")
            if self.commands["worker"]:
                self._start("worker")
            while not self.signals and self.running["web"].poll() is None:
                self._look_after_worker()
                wait(None if self.worker_due is None else max(0.0, self.worker_due - time.monotonic()))
            return self._stop(wait)

    def _start(self, name: str) -> None:
        """Start one in a group of its own: Ctrl-C is for this process, which stops the others in order."""
        command = self.commands[name]
        assert command is not None  # noqa: S101 - narrows the type
        self.running[name] = subprocess.Popen(  # noqa: S603 - commands of our own
            command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with(os.getpid()) if _prctl else None,  # noqa: PLW1509 - there are no threads here
        )
        if name == "worker":
            self.worker_started = time.monotonic()

    def _look_after_worker(self) -> None:
        """Notice that the worker died, and start it again after a pause that grows while it keeps dying."""
        worker = self.running.get("worker")
        if worker is not None and (code := worker.poll()) is not None:
            del self.running["worker"]
            if time.monotonic() - self.worker_started > STABLE_AFTER:
                self.pause = FIRST_PAUSE
            say(f"The worker ended ({meaning(code)}); starting it again in {self.pause} s.")
            self.worker_due = time.monotonic() + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if self.worker_due is not None and time.monotonic() >= self.worker_due:
            self.worker_due = None
            self._start("worker")

    def _stop(self, wait: Callable[[float | None], None]) -> int:
        """Ask all to end, wait for them, kill what is left; return the exit code of the whole."""
        heard = len(self.signals)
        if heard:
            say("Stopping: requests and work under way are finished first. Once more to stop at once.")
        elif self.running["web"].poll() is not None:
            say(f"The web server ended ({meaning(self.running['web'].returncode)}).")
        for process in self._alive():
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        while self._alive() and time.monotonic() < deadline and len(self.signals) == heard:
            wait(deadline - time.monotonic())
        late = self._alive()
        for process in late:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if late:
            say("Killed what had not ended.")
        code = self.running["web"].returncode
        return 1 if late else 0 if heard else exit_code(code)

    def _alive(self) -> list[subprocess.Popen[bytes]]:
        """Return the processes that have not ended yet."""
        return [process for process in self.running.values() if process.poll() is None]


def say(line: str) -> None:
    """Write to standard error, at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def meaning(code: int) -> str:
    """Return what the return code of a process says."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def exit_code(code: int) -> int:
    """Return the exit code for a process that ended by itself; ending was not asked for, so it is never 0."""
    return 128 - code if code < 0 else code or 1


def end_with(parent: int) -> Callable[[], None]:
    """Return what a child does first, on Linux: ask to be ended when this process dies, even by SIGKILL.

    Otherwise a web server left behind would keep the port, and nobody would stop it.
    """

    def ask() -> None:
        if _prctl is not None:
            _prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask


@contextlib.contextmanager
def waking_signals(heard: list[int]) -> Iterator[Callable[[float | None], None]]:
    """Collect SIGTERM and SIGINT in the list; give a function that sleeps until one comes or a child ends.

    Python writes a byte for each signal into a socket, which ends the sleep: none can be missed.
    """

    def hear(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if number != signal.SIGCHLD:
            heard.append(number)

    receiver, sender = socket.socketpair()
    for end in (receiver, sender):
        end.setblocking(False)  # noqa: FBT003 - the socket's own signature
    before: Mapping[signal.Signals, object] = {
        number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    }
    old_descriptor = signal.set_wakeup_fd(sender.fileno(), warn_on_full_buffer=False)

    def wait(seconds: float | None) -> None:
        select.select([receiver], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            receiver.recv(4096)

    try:
        yield wait
    finally:
        signal.set_wakeup_fd(old_descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        receiver.close()
        sender.close()


def main(arguments: list[str]) -> int:
    """Run the command that the arguments are as the web server, after `--worker` with a worker beside it."""
    has_worker = arguments[:1] == ["--worker"]
    worker = [sys.executable, "manage.py", "worker"] if has_worker else None
    return Companions(arguments[1:] if has_worker else arguments, worker).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
