"""PNG files as chunks, read without trusting them (PNG specification, sections 5 and 11.3.3)."""

import zlib
from dataclasses import dataclass

from badges.credentials.exceptions import UnreadablePicture, gettext_noop

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its kind, such as `IHDR`, and all its bytes with length and checksum."""

    kind: bytes
    raw: bytes

    @property
    def content(self) -> bytes:
        """The bytes between kind and checksum."""
        return self.raw[8:-4]

    @property
    def keyword(self) -> str:
        """The keyword of a text chunk."""
        return self.content[:80].partition(b"\0")[0].decode("latin-1")


def read_chunks(picture: bytes) -> list[Chunk]:
    """Return the chunks of a PNG up to IEND. Raises UnreadablePicture when it is none or cut off."""
    if not picture.startswith(SIGNATURE):
        raise UnreadablePicture(gettext_noop("This is not a PNG."))
    chunks: list[Chunk] = []
    position = len(SIGNATURE)
    while not chunks or chunks[-1].kind != b"IEND":
        end = position + 12 + int.from_bytes(picture[position : position + 4], "big")
        if end > len(picture):
            raise UnreadablePicture(gettext_noop("This PNG is damaged: it ends too early."))
        chunks.append(Chunk(picture[position + 4 : position + 8], picture[position:end]))
        position = end
    if chunks[0].kind != b"IHDR":
        raise UnreadablePicture(gettext_noop("This PNG is damaged: it does not begin with its header."))
    return chunks


def text_chunk(keyword: str, text: str) -> Chunk:
    """Return an uncompressed iTXt chunk without language."""
    content = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode()
    raw = (len(content) - 4).to_bytes(4, "big") + content + zlib.crc32(content).to_bytes(4, "big")
    return Chunk(b"iTXt", raw)


def written_text(chunk: Chunk, limit: int) -> str:
    """Return the text of an iTXt, tEXt or zTXt chunk, unpacked.

    Raises UnreadablePicture beyond `limit` bytes.
    """
    content = chunk.content.partition(b"\0")[2]
    packed = chunk.kind == b"zTXt"
    if chunk.kind == b"iTXt":
        packed = content[:1] == b"\1"
        content = content[2:].partition(b"\0")[2].partition(b"\0")[2]
    elif packed:
        content = content[1:]
    if packed:
        content = _unpacked(content, limit)
    if len(content) > limit:
        raise UnreadablePicture(gettext_noop("The badge in this PNG is too long."))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        # tEXt is Latin-1 by the book; most bakers write UTF-8 all the same.
        if chunk.kind == b"iTXt":
            raise UnreadablePicture(gettext_noop("The badge in this PNG is not written in UTF-8.")) from error
        return content.decode("latin-1")


def _unpacked(content: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(content, limit + 1)
    except zlib.error as error:
        raise UnreadablePicture(gettext_noop("The badge in this PNG cannot be unpacked.")) from error
