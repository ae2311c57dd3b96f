"""Which encoding a text file has, and its lines as text, in constant memory."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.translation import gettext as _

from earners.exceptions import UnreadableFile

CHUNK = 1 << 16  # bytes
MAX_LINE = 1 << 20  # characters
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The bytes that Windows gives a sign of its own. The five it leaves empty stay control characters, as in
# browsers.
WINDOWS = {
    byte: ord(bytes([byte]).decode("cp1252"))
    for byte in range(0x80, 0xA0)
    if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D}
}
# Python's "surrogateescape" stands 0xDC80 + n for an undecodable byte 0x80 + n.
STRAY = {0xDC00 + byte: WINDOWS.get(byte, byte) for byte in range(0x80, 0x100)}
STRAY_PATTERN = re.compile("[\udc80-\udcff]")
BEYOND_ASCII = re.compile("[^\x00-\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How bytes become text. `name` is a Python codec; `skip` counts the bytes of the byte order mark."""

    name: str
    skip: int = 0
    has_stray_bytes: bool = False

    def decoder(self) -> codecs.IncrementalDecoder:
        """Return a new decoder; where no byte can be wrong, it is lenient (see `translated`)."""
        if self.name == "cp1252":
            return codecs.getincrementaldecoder("latin-1")()
        return codecs.getincrementaldecoder(self.name)(
            "surrogateescape" if self.name == "utf-8" else "strict"
        )

    def translated(self, text: str) -> str:
        """Return decoded text with the bytes that only Windows knows put right."""
        if self.name == "cp1252":
            return text.translate(WINDOWS)
        return text.translate(STRAY) if self.has_stray_bytes else text


def find_encoding(content: BinaryIO) -> Encoding:
    """Return the encoding of the whole file: its first accent may stand in the last row.

    A byte order mark decides. Without one: UTF-8 if the file is valid UTF-8; else Windows-1252, of which
    Latin-1's letters are a part, unless most of what is not ASCII is valid UTF-8: then it is UTF-8 with stray
    bytes of Windows-1252, as files have that were put together from two. Raises UnreadableFile for what is no
    text.
    """
    content.seek(0)
    start = content.read(CHUNK)
    for mark, name in BYTE_ORDER_MARKS:
        if start.startswith(mark):
            encoding = Encoding(name=name, skip=len(mark))
            break
    else:
        encoding = Encoding(name=_name_by_zeros(start))
    if encoding.name != "utf-8":
        for text in _decoded(content, encoding):
            _refuse_zeros(text)
        return encoding

    letters = stray = 0
    for text in _decoded(content, encoding):
        _refuse_zeros(text)
        if not text.isascii():
            stray += len(STRAY_PATTERN.findall(text))
            letters += len(BEYOND_ASCII.findall(text))
    if not stray:
        return encoding
    if encoding.skip or letters - stray > stray:
        return Encoding(name="utf-8", skip=encoding.skip, has_stray_bytes=True)
    return Encoding(name="cp1252")


def lines(content: BinaryIO, encoding: Encoding) -> Iterator[str]:
    """Yield the lines with their ends: LF, CR or CRLF, mixed. Raises UnreadableFile for endless ones."""
    rest = ""
    for decoded in _decoded(content, encoding):
        text = rest + encoding.translated(decoded)
        # A CR at the end may be the first half of a CRLF.
        held = "\r" if text.endswith("\r") else ""
        parts = list(io.StringIO(text.removesuffix(held), newline=""))
        rest = held
        if parts and not parts[-1].endswith(("\n", "\r")):
            rest = parts.pop() + held
        if len(rest) > MAX_LINE:
            raise UnreadableFile(
                _(
                    "This file has a line of more than a million characters, so it is no table of people. "
                    "Save it as .xlsx or .csv."
                )
            )
        yield from parts
    yield from io.StringIO(rest, newline="")


def _decoded(content: BinaryIO, encoding: Encoding) -> Iterator[str]:
    content.seek(encoding.skip)
    decoder = encoding.decoder()
    try:
        while chunk := content.read(CHUNK):
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            _(
                "This text file is damaged or was cut off (it says that it is UTF-16). Export it again, as "
                ".xlsx or .csv."
            )
        ) from error


def _name_by_zeros(start: bytes) -> str:
    """Tell UTF-16 without a byte order mark: every second byte of Western text is zero there."""
    even, odd = start[0:1000:2], start[1:1000:2]
    if odd and odd.count(0) > 0.8 * len(odd) and not even.count(0):
        return "utf-16-le"
    if odd and even.count(0) > 0.8 * len(even) and not odd.count(0):
        return "utf-16-be"
    return "utf-8"


def _refuse_zeros(text: str) -> None:
    if "\0" in text:
        raise UnreadableFile(
            _("This is no text and no workbook that is known here. Save the table as .xlsx or .csv.")
        )
