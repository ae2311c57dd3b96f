"""Draw a sanitised SVG as PNG, in a process of its own that may take little time and memory.

The file is also that process's program, started by its path: it imports nothing of Django and is ready within
milliseconds. A process of its own because the renderer ends its whole process when memory runs out.
"""

import contextlib
import os
import resource
import subprocess
import sys

import resvg_py

MAX_SECONDS = 5
MAX_MEMORY = 1024**3
# The settings' secrets are no business of the renderer: it gets what finding fonts and shared libraries
# takes.
_KEPT_ENVIRONMENT = ("PATH", "HOME", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "XDG_DATA_HOME")


class NotDrawn(Exception):
    """The picture is broken, or takes too much time or memory to draw (`is_too_costly`)."""

    def __init__(self, reason: str, *, is_too_costly: bool) -> None:
        self.is_too_costly = is_too_costly
        super().__init__(reason)


def rasterise_svg(svg: bytes, *, size: int) -> bytes:
    """Return a PNG of the whole picture, as large as fits into a square of `size` pixels, proportions kept.

    Only for what organizations.svg.sanitise_svg returned: the renderer reads local files that an SVG names.
    Text is drawn with the server's fonts. Safe to call from threads. Raises NotDrawn, at the latest after
    MAX_SECONDS.
    """
    environment = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    command = [sys.executable, "-I", __file__, str(size)]
    try:
        child = subprocess.run(  # noqa: S603 - no shell, and no word of it comes from outside
            command, input=svg, capture_output=True, timeout=MAX_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotDrawn(f"not finished after {MAX_SECONDS} s", is_too_costly=True) from error
    if child.returncode < 0:
        raise NotDrawn(f"ended by signal {-child.returncode}", is_too_costly=True)
    if child.returncode:
        raise NotDrawn(child.stderr.decode(errors="replace").strip()[-300:], is_too_costly=False)
    return child.stdout


def draw_from_stdin() -> None:
    """Write to standard output a PNG of the SVG in standard input; the size is the first argument."""
    _limit(resource.RLIMIT_CPU, MAX_SECONDS)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_AS, MAX_MEMORY)
    size = int(sys.argv[1])
    svg = sys.stdin.buffer.read().decode()
    try:
        # Both sides are always given: without them the picture's own size decides how much memory is taken.
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size))
    except ValueError as error:
        sys.exit(str(error))
    sys.stdout.buffer.write(png)


def _limit(kind: int, value: int) -> None:
    # macOS knows RLIMIT_AS but refuses to set it; the time limit holds there all the same.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    draw_from_stdin()
