"""Letters as outlines: what is written with them looks the same in every program, whichever fonts that has.

The fonts are those of badges/fonts whose letters stand side by side as they are. Scripts whose letters join, pile up or run
from right to left would come out wrong without a shaping library, so they are not written at all: `unwritable` names them.
The files are TrueType; what is read of them is in the OpenType specification, tables glyf, loca, hmtx.
"""

import math
import struct
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, cast

from reportlab.pdfbase.ttfonts import TTFontFile

from badges.services.lettering import BOLD, FONTS

# The first that has a character writes it.
WRITING = (BOLD, "NotoSansGeorgian", "NotoSansArmenian", "NotoSansEthiopic", "DroidSansFallback")
CAPITALS = 0.727  # the height of Inter's capitals, in em
ON_CURVE, X_SHORT, Y_SHORT, REPEAT, X_SAME, Y_SAME = 1, 2, 4, 8, 16, 32
WORDS, XY_VALUES, SCALE, MORE, TWO_SCALES, FOUR_SCALES = 1, 2, 8, 32, 64, 128

Point = tuple[float, float]
Contour = list[tuple[float, float, bool]]  # x, y and whether the curve goes through it; y grows upwards


class _Font:
    """A TrueType font, opened: outlines and widths in units of its em."""

    def __init__(self, name: str) -> None:
        self._file = cast("Any", TTFontFile(str(FONTS / f"{name}.ttf")))  # it has no annotations
        self._glyf: bytes = self._file.get_table("glyf")
        self._hmtx: bytes = self._file.get_table("hmtx")
        (self._metrics,) = struct.unpack_from(">H", self._file.get_table("hhea"), 34)
        head = self._file.get_table("head")
        (self.units,) = struct.unpack_from(">H", head, 18)
        (is_long,) = struct.unpack_from(">h", head, 50)
        loca: bytes = self._file.get_table("loca")
        size = 4 if is_long else 2
        offsets = struct.unpack(f">{len(loca) // size}{'I' if is_long else 'H'}", loca)
        self._offsets = offsets if is_long else tuple(2 * offset for offset in offsets)

    def has(self, character: str) -> bool:
        """Tell whether the font has a character."""
        return ord(character) in self._file.charToGlyph

    def advance(self, character: str) -> float:
        """Return how far the next letter stands, in em."""
        glyph = min(self._file.charToGlyph[ord(character)], self._metrics - 1)
        (width,) = struct.unpack_from(">H", self._hmtx, 4 * glyph)
        return float(width) / float(self.units)

    def contours(self, character: str) -> list[Contour]:
        """Return the outline of a character, in units of the font."""
        return self._contours(self._file.charToGlyph[ord(character)])

    def _contours(self, glyph: int) -> list[Contour]:
        start, end = self._offsets[glyph], self._offsets[glyph + 1]
        if start == end:  # a space
            return []
        (count,) = struct.unpack_from(">h", self._glyf, start)
        return self._simple(start + 10, count) if count >= 0 else self._composed(start + 10)

    def _simple(self, at: int, count: int) -> list[Contour]:
        ends = struct.unpack_from(f">{count}H", self._glyf, at)
        at += 2 * count
        (instructions,) = struct.unpack_from(">H", self._glyf, at)
        at += 2 + instructions
        points = ends[-1] + 1
        flags: list[int] = []
        while len(flags) < points:
            flag = self._glyf[at]
            at += 1
            flags.append(flag)
            if flag & REPEAT:
                flags.extend([flag] * self._glyf[at])
                at += 1
        xs, at = self._deltas(at, flags, X_SHORT, X_SAME)
        ys, at = self._deltas(at, flags, Y_SHORT, Y_SAME)
        outline = [(x, y, bool(flag & ON_CURVE)) for x, y, flag in zip(xs, ys, flags[:points], strict=True)]
        starts = (0, *(end + 1 for end in ends[:-1]))
        return [outline[first : last + 1] for first, last in zip(starts, ends, strict=True)]

    def _deltas(self, at: int, flags: list[int], short: int, same: int) -> tuple[list[float], int]:
        """Return coordinates, of which the file has the differences, and where it goes on."""
        value = 0
        values: list[float] = []
        for flag in flags:
            if flag & short:
                value += self._glyf[at] if flag & same else -self._glyf[at]
                at += 1
            elif not flag & same:
                (delta,) = struct.unpack_from(">h", self._glyf, at)
                value += delta
                at += 2
            values.append(value)
        return values, at

    def _composed(self, at: int) -> list[Contour]:
        """Return an outline that is put together of others, such as a letter and its accent."""
        contours: list[Contour] = []
        flags = MORE
        while flags & MORE:
            flags, glyph = struct.unpack_from(">HH", self._glyf, at)
            at += 4
            dx, dy = struct.unpack_from(">hh" if flags & WORDS else ">bb", self._glyf, at)
            at += 4 if flags & WORDS else 2
            if not flags & XY_VALUES:  # placed by points: none of the fonts that are here does so
                dx = dy = 0
            a, b, c, d = 1.0, 0.0, 0.0, 1.0
            if flags & SCALE:
                a = d = self._fraction(at)
                at += 2
            elif flags & TWO_SCALES:
                a, d = self._fraction(at), self._fraction(at + 2)
                at += 4
            elif flags & FOUR_SCALES:
                a, b, c, d = (self._fraction(at + 2 * number) for number in range(4))
                at += 8
            contours += [
                [(a * x + c * y + dx, b * x + d * y + dy, is_on) for x, y, is_on in contour]
                for contour in self._contours(glyph)
            ]
        return contours

    def _fraction(self, at: int) -> float:
        (value,) = struct.unpack_from(">h", self._glyf, at)
        return float(value) / 16384


def unwritable(text: str) -> str:
    """Return the characters of a text that cannot be written as outlines, each once; empty where all can."""
    return "".join(dict.fromkeys(one for one in normal(text) if _font_of(one) is None))


def normal(text: str) -> str:
    """Return a text as it is written: accents on their letters, one space between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def width_in_em(text: str, spacing: float = 0.0) -> float:
    """Return how wide a text is, in em; `spacing` is added between letters."""
    widths = [_advance(character) for character in text]
    return sum(widths) + spacing * max(0, len(widths) - 1)


def straight(text: str, *, x: float, y: float, size: float, spacing: float = 0.0) -> str:
    """Return the path of a text around `x`, its base at `y`."""
    left = x - width_in_em(text, spacing) * size / 2
    pieces = []
    for character in text:

        def place(px: float, py: float, *, start: float = left) -> Point:
            return start + px * size, y - py * size

        pieces.append(_path(character, place))
        left += (_advance(character) + spacing) * size
    return "".join(pieces)


def around(
    text: str, *, x: float, y: float, radius: float, size: float, spacing: float = 0.0, is_below: bool = False
) -> str:
    """Return the path of a text along a circle around (x, y), its base at `radius`, its middle at the top.

    Below, the middle is at the bottom and the letters stand with their heads towards the centre.
    """
    angle = -width_in_em(text, spacing) * size / 2 / radius
    pieces = []
    for character in text:
        width = _advance(character) * size
        middle = angle + width / 2 / radius
        cosine, sine = math.cos(middle), math.sin(middle)

        def place(
            px: float, py: float, *, half: float = width / 2, c: float = cosine, s: float = sine
        ) -> Point:
            across = px * size - half
            if is_below:
                out = radius - py * size
                return x + across * c + out * s, y + out * c - across * s
            out = radius + py * size
            return x + across * c + out * s, y - out * c + across * s

        pieces.append(_path(character, place))
        angle += width / radius + spacing * size / radius
    return "".join(pieces)


def written(number: float) -> str:
    """Return a coordinate with one decimal at most."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


@cache
def _open(name: str) -> _Font:
    return _Font(name)


@lru_cache(maxsize=4096)
def _font_of(character: str) -> str | None:
    if character == " ":
        return BOLD
    if unicodedata.combining(character) or unicodedata.category(character)[0] in "CM":
        return None
    if unicodedata.bidirectional(character) in {"R", "AL", "AN"}:
        return None
    return next((name for name in WRITING if _open(name).has(character)), None)


@lru_cache(maxsize=4096)
def _advance(character: str) -> float:
    return _open(_font_of(character) or BOLD).advance(character)


@lru_cache(maxsize=1024)
def _strokes(character: str) -> tuple[tuple[str, tuple[Point, ...]], ...]:
    """Return the outline of a character as commands of a path with their points, in em, y upwards."""
    font = _open(_font_of(character) or BOLD)
    units = float(font.units)
    return tuple(
        (command, tuple((x / units, y / units) for x, y in points))
        for contour in font.contours(character)
        for command, points in _commands(contour)
    )


def _commands(contour: Contour) -> Iterator[tuple[str, tuple[Point, ...]]]:
    """Yield a contour as M, L, Q and Z: between two points off the curve there is one on it, in their middle."""
    first = next((number for number, point in enumerate(contour) if point[2]), None)
    if first is None:
        (ax, ay, _a), (bx, by, _b) = contour[-1], contour[0]
        contour, first = [((ax + bx) / 2, (ay + by) / 2, True), *contour], 0
    ordered = [*contour[first:], *contour[:first], contour[first]]
    yield "M", (ordered[0][:2],)
    control: Point | None = None
    for x, y, is_on in ordered[1:]:
        if not is_on:
            if control is not None:
                yield "Q", (control, ((control[0] + x) / 2, (control[1] + y) / 2))
            control = (x, y)
        elif control is not None:
            yield "Q", (control, (x, y))
            control = None
        else:
            yield "L", ((x, y),)
    yield "Z", ()


def _path(character: str, place: Callable[[float, float], Point]) -> str:
    return "".join(
        command + " ".join(written(number) for x, y in points for number in place(x, y))
        for command, points in _strokes(character)
    )
