"""Revocation as bits: BitstringStatusList, and places that do not tell when a badge was issued."""

import gzip
import math
import zlib
from collections.abc import Iterable

from badges.credentials.encoding import base64url, from_base64url
from badges.credentials.exceptions import UnreadableStatusList

# The least number of entries, for the privacy of the herd (Bitstring Status List section 6.1)
MINIMUM_SIZE = 131_072
# 2^24 entries are 2 MiB: no list of ours is longer, and a stranger's bomb ends there
MAXIMUM_SIZE = 16_777_216


class Bits:
    """The bits of a status list, the first one leftmost."""

    def __init__(self, content: bytes) -> None:
        """Take the bytes of the bits."""
        self._content = content

    def __len__(self) -> int:
        return len(self._content) * 8

    def is_set(self, index: int) -> bool:
        """Tell whether the bit is 1. Raises IndexError outside the list."""
        if not 0 <= index < len(self):
            raise IndexError(f"The list has {len(self)} entries, and none with the index {index}.")
        return bool(self._content[index >> 3] & 0x80 >> (index & 7))

    def indices(self) -> list[int]:
        """Return the indices of all bits that are 1, ascending."""
        return [
            position * 8 + bit
            for position, byte in enumerate(self._content)
            if byte
            for bit in range(8)
            if byte & 0x80 >> bit
        ]


def encode(indices: Iterable[int], size: int = MINIMUM_SIZE) -> str:
    """Return the `encodedList` in which the bits at `indices` are 1: `u` and base64url of the gzipped bits.

    The same indices give the same text. Raises ValueError when `size` is too small, too large or not whole
    bytes, IndexError for an index outside it.
    """
    if not MINIMUM_SIZE <= size <= MAXIMUM_SIZE or size % 8:
        raise ValueError(
            f"A status list has {MINIMUM_SIZE} to {MAXIMUM_SIZE} entries in steps of 8, not {size}."
        )
    content = bytearray(size // 8)
    for index in indices:
        if not 0 <= index < size:
            raise IndexError(f"The list has {size} entries, and none with the index {index}.")
        content[index >> 3] |= 0x80 >> (index & 7)
    return "u" + base64url(gzip.compress(bytes(content), mtime=0))


def decode(text: str) -> Bits:
    """Return the bits of an `encodedList`.

    Raises UnreadableStatusList for anything else, and for more than MAXIMUM_SIZE.
    """
    # The leading u is multibase; lists of the time before it have bare base64url.
    limit = MAXIMUM_SIZE // 8
    try:
        decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        content = decompressor.decompress(from_base64url(text.removeprefix("u").rstrip("=")), limit + 1)
    except (ValueError, zlib.error) as error:
        raise UnreadableStatusList(f"This is not an encoded status list: {error}.") from error
    if len(content) > limit:
        raise UnreadableStatusList(f"The status list has more than {MAXIMUM_SIZE} entries.")
    if not decompressor.eof:
        raise UnreadableStatusList("The status list ends too early.")
    return Bits(content)


def is_set(text: str, index: int) -> bool:
    """Tell whether the bit at `index` of an `encodedList` is 1."""
    return decode(text).is_set(index)


def position(counter: int, size: int, start: int, stride: int) -> int:
    """Return the place of the badge number `counter` (from 0) in a list: a bijection on 0 to size - 1.

    `stride` must share no factor with `size`, and neither `start` nor `stride` is published, so that places
    do not tell the order of issue. Raises ValueError when the places would collide or run out.
    """
    if math.gcd(stride, size) != 1:
        raise ValueError(
            f"The stride {stride} shares a factor with the size {size}, so places would be taken twice."
        )
    if not 0 <= counter < size:
        raise ValueError(f"The list of {size} entries has no place number {counter}. Begin another list.")
    return (start + counter * stride) % size
