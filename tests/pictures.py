"""Pictures as files, for tests that upload."""

import io

from PIL import Image


def png(width: int = 40, height: int = 30, color: str = "#1d6b50") -> bytes:
    """Return a PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()
