"""What a demo needs before the settings can be read: secrets and an address, made once, in settings.env in DATA_DIR.

Standard library only, as it runs before Django.
"""

import base64
import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: two starts at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

HOST = "127.0.0.1"
FIRST_PORT = 8000


def data_dir() -> Path:
    """Return DATA_DIR as the settings will see it."""
    return Path(os.environ.get("DATA_DIR") or Path(__file__).resolve().parent.parent / "var").resolve()


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Let one process at a time in, among those with the same DATA_DIR; the others wait."""
    folder = data_dir()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare() -> None:
    """Write settings.env with secrets of this installation and a free port, unless there is one.

    What the environment sets, by NAME or NAME_FILE, stays as it is there. The file is readable by its owner alone and
    appears whole or not at all.
    """
    with alone("first_start"):
        target = data_dir() / "settings.env"
        if target.exists():
            return
        lines = {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "BADGEKIT_MASTER_SECRET": secrets.token_urlsafe(40),
            "PUBLIC_URL": f"http://{HOST}:{free_port(FIRST_PORT)}",
        }
        text = (
            "# Made by the first `make demo`. Keep KEY_ENCRYPTION_KEYS: without it nothing can be signed.\n"
        )
        text += "".join(
            f"{name}={value}\n" for name, value in lines.items() if not {name, f"{name}_FILE"} & {*os.environ}
        )
        handle, name = tempfile.mkstemp(dir=target.parent)  # made with mode 0600
        with os.fdopen(handle, "w") as file:
            file.write(text)
        Path(name).replace(target)


def free_port(first: int) -> int:
    """Return the first port from `first` on that nothing listens on. Raises OSError after a hundred."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise OSError(f"no port from {first} to {first + 99} is free")
