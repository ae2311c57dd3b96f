"""Words in pictures and on paper: which fonts can draw a text, how wide it is, and how it fits into a place.

The fonts are in badges/fonts, so that a picture is the same on every server: Inter for Latin, Greek and Cyrillic, one
font for each of the other scripts. Nothing is transliterated and no empty boxes are drawn: what no font can draw is left
out, and `is_drawable` tells so beforehand.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from xml.sax.saxutils import escape

from PIL import ImageFont
from reportlab.pdfbase.ttfonts import TTFontFile

from config.env import BASE_DIR

FONTS = BASE_DIR / "badges" / "fonts"
REGULAR, BOLD = "Inter", "Inter-SemiBold"
# The first that has a character draws it. The last one has Chinese, Japanese and Korean, and is large.
SCRIPTS = (
    *("Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil", "Telugu", "Kannada", "Malayalam", "Gujarati"),
    *("Gurmukhi", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian", "Ethiopic"),
)
OTHERS = (*(f"NotoSans{script}" for script in SCRIPTS), "DroidSansFallback")
MEASURED_AT = 100  # pixels: widths grow with the size
ELLIPSIS = "…"
# Between them a line may be broken: words; and, where a script writes without spaces, any two of its characters.
PIECES = re.compile(
    "\\s+|[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]|[^\\s\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A text that fits: its lines, and the size at which they do."""

    lines: tuple[str, ...]
    size: float

    @property
    def text(self) -> str:
        """The lines as one text."""
        return " ".join(self.lines)


def drawable(text: str) -> str:
    """Return a text without what no font can draw, such as emoji, on one line; empty where a letter would be missing."""
    kept = []
    for character in " ".join(unicodedata.normalize("NFC", text).split()):
        if font_of(character) is not None or unicodedata.category(character) in {"Zs", "Cf"}:
            kept.append(character)
        elif unicodedata.category(character)[0] == "L":
            return ""
    return " ".join("".join(kept).split())


def is_plain(text: str) -> bool:
    """Tell whether Inter alone draws a text, letter by letter from left to right."""
    characters = _characters(REGULAR)
    return all(ord(character) in characters and not unicodedata.combining(character) for character in text)


@lru_cache(maxsize=4096)
def font_of(character: str) -> str | None:
    """Return the font that draws a character; None where there is none."""
    return next((name for name in (REGULAR, *OTHERS) if ord(character) in _characters(name)), None)


def fonts_for(texts: Sequence[str]) -> list[str]:
    """Return the files of the fonts that these texts are drawn with, Inter always among them."""
    names = {font_of(character) for text in texts for character in text} - {None}
    return [
        str(FONTS / f"{name}.ttf") for name in (REGULAR, BOLD, *OTHERS) if name in {*names, REGULAR, BOLD}
    ]


def width_of(text: str, size: float, font: str = REGULAR) -> float:
    """Return how wide a text is at a size, in the same unit; of scripts that join their letters about so."""
    width = 0.0
    for name, piece in _runs(text, font):
        width += _measure(name).getlength(piece)
    return width * size / MEASURED_AT


def fit(
    text: str,
    *,
    width: float,
    sizes: Sequence[float],
    max_lines: int,
    font: str = REGULAR,
    is_balanced: bool = False,
) -> Fitted:
    """Return a text at the first of these sizes at which it takes no more lines than allowed; else cut at the last one.

    Balanced lines are about as long as each other.
    """
    text = drawable(text)
    for size in sizes:
        lines = _broken(text, width, size, font)
        if len(lines) <= max_lines:
            lines = _balanced(text, lines, width, size, font) if is_balanced else lines
            return Fitted(lines=tuple(lines), size=size)
    return Fitted(lines=tuple(_cut(lines, width, size, max_lines, font)), size=size)


def svg_lines(
    fitted: Fitted, *, x: float, y: float, leading: float, fill: str, weight: int = 400, anchor: str = "start"
) -> str:
    """Return the lines as SVG, the first one's base at `y`, one `leading` times the size under the other."""
    return "".join(
        f'<text x="{x:g}" y="{y + number * fitted.size * leading:.1f}" font-size="{fitted.size:g}" font-weight="{weight}"'
        f' fill="{fill}" text-anchor="{anchor}">{escape(line)}</text>'
        for number, line in enumerate(fitted.lines)
    )


@cache
def _characters(font: str) -> frozenset[int]:
    """Return the characters that a font has, by number."""
    return frozenset(TTFontFile(str(FONTS / f"{font}.ttf")).charToGlyph)


@cache
def _measure(font: str) -> ImageFont.FreeTypeFont:
    # The basic layout adds up widths; the other one needs a library that not every server has.
    return ImageFont.truetype(FONTS / f"{font}.ttf", MEASURED_AT, layout_engine=ImageFont.Layout.BASIC)


def _runs(text: str, font: str) -> list[tuple[str, str]]:
    """Return a text in pieces of one font each."""
    runs: list[tuple[str, str]] = []
    for character in text:
        name = font_of(character) or REGULAR
        name = font if name == REGULAR else name
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + character)
        else:
            runs.append((name, character))
    return runs


def _broken(text: str, width: float, size: float, font: str) -> list[str]:
    """Return a text in lines of at most this width."""
    lines: list[str] = []
    line = ""
    for piece in PIECES.findall(text):
        if width_of((line + piece).strip(), size, font) <= width:
            line += piece
            continue
        if line.strip():
            lines.append(line.strip())
        line = piece.strip()
        while (
            line and width_of(line, size, font) > width
        ):  # a word wider than the place is broken where it must be
            kept = _longest(line, width, size, font)
            lines.append(line[:kept])
            line = line[kept:]
    return [*lines, line.strip()] if line.strip() else lines


def _balanced(text: str, lines: list[str], width: float, size: float, font: str) -> list[str]:
    """Return the text in as many lines, in the narrowest place that they go into."""
    low, high = width / max(1, len(lines)), width
    while len(lines) > 1 and high - low > size:
        middle = (low + high) / 2
        narrower = _broken(text, middle, size, font)
        if len(narrower) > len(lines):
            low = middle
        else:
            high, lines = middle, narrower
    return lines


def _longest(text: str, width: float, size: float, font: str) -> int:
    """Return how many characters of a text fit, at least one; none is torn from the marks that belong to it."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(text[:middle], size, font) <= width:
            low = middle
        else:
            high = middle - 1
    while 1 < low < len(text) and unicodedata.category(text[low]).startswith("M"):
        low -= 1
    return low


def _cut(lines: list[str], width: float, size: float, max_lines: int, font: str) -> list[str]:
    """Return the first lines; the last one takes what it can of the rest, and says that there is more."""
    rest = " ".join(lines[max_lines - 1 :])
    kept = _longest(rest, width - width_of(ELLIPSIS, size, font), size, font)
    return [*lines[: max_lines - 1], rest[:kept].rstrip() + ELLIPSIS]
