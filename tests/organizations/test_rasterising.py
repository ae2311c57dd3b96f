"""Drawing an SVG in a process of its own, within its limits."""

import io
import subprocess
import sys

import pytest
from PIL import Image

from organizations import rasterising
from organizations.rasterising import NotDrawn, rasterise_svg

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="%s" height="%s">%s</svg>'


def drawing(inner: bytes, width: bytes = b"40", height: bytes = b"20") -> bytes:
    return SVG % (width, height, inner)


RED_AND_BLUE = b'<rect width="20" height="20" fill="#f00"/><rect x="20" width="10" height="20" fill="#00f"/>'


@pytest.mark.parametrize(("width", "height"), [(b"40", b"20"), (b"200000", b"100000")])
def test_picture_is_drawn_whole_at_the_size_asked_for(width: bytes, height: bytes) -> None:
    with Image.open(io.BytesIO(rasterise_svg(drawing(RED_AND_BLUE, width, height), size=80))) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (80, 40))
        pixels = [image.getpixel((x, 20)) for x in (10, 50, 70)]
    assert pixels == [(255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)]


def test_broken_picture_is_not_drawn() -> None:
    with pytest.raises(NotDrawn) as caught:
        rasterise_svg(b"<svg", size=10)
    assert caught.value.is_too_costly is False


def test_picture_that_needs_too_much_memory_ends_its_process_and_not_ours() -> None:
    with pytest.raises(NotDrawn) as caught:
        rasterise_svg(drawing(RED_AND_BLUE), size=40_000)
    assert (str(caught.value), caught.value.is_too_costly) == ("ended by signal 6", True)


def test_program_starts_without_django() -> None:
    script = f"import runpy, sys; runpy.run_path({rasterising.__file__!r}); print('django' in sys.modules)"
    result = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
