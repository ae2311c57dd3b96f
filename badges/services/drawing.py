"""Draws what Laurel itself has written as SVG: cards of shared links, and lines of text for paper."""

import re
from collections.abc import Sequence

import resvg_py

from badges.services.lettering import fonts_for

LAUREL_GREEN = "#1d6b50"


def draw(svg: str, *, width: int, height: int, texts: Sequence[str]) -> bytes:
    """Return an SVG as PNG of this size, `texts` being those in it.

    Only for SVG that was put together here, its pictures inside it (data:) and its texts escaped: it is drawn in this very
    process, which organizations.rasterising does not risk with what others bring.
    """
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=width,
            height=height,
            skip_system_fonts=True,
            font_files=fonts_for(texts),
            font_family="Inter",
        )
    )


def colour_of(primary: str) -> str:
    """Return an organization's own colour, or Laurel's."""
    return primary if re.fullmatch(r"#[0-9A-Fa-f]{6}", primary) else LAUREL_GREEN
