"""The text forms that the standards use: base58btc and base64url of bytes, compact JSON, addresses as URIs."""

import base64
import json
import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote, urlsplit

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

_BASE64URL = re.compile("[A-Za-z0-9_-]*")
_PAIRS = [first + second for first in BASE58 for second in BASE58]
_VALUES = {character: value for value, character in enumerate(BASE58)}


def base58(content: bytes) -> str:
    """Return base58btc: a leading zero byte is a leading `1`."""
    number = int.from_bytes(content, "big")
    pairs = []
    while number:
        number, pair = divmod(number, 3364)
        pairs.append(_PAIRS[pair])
    digits = "".join(reversed(pairs)).lstrip("1")
    return "1" * (len(content) - len(content.lstrip(b"\0"))) + digits


def from_base58(text: str) -> bytes:
    """Return the bytes of a base58btc text. Raises ValueError for any other, and beyond 1,000 digits."""
    if len(text) > 1000:
        raise ValueError("A base58 text of more than 1,000 characters is no key and no signature.")
    number = 0
    for character in text:
        if character not in _VALUES:
            raise ValueError(f"{character!r} is no base58 digit.")
        number = number * 58 + _VALUES[character]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def base64url(content: bytes) -> str:
    """Return base64url without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes of a base64url text without padding. Raises ValueError for anything else."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("This is not base64url without padding.")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def as_uri(address: str) -> str:
    """Return a web address in ASCII (RFC 3987 section 3.1), the host as browsers look it up; ASCII ones as they are."""
    if address.isascii():
        return address
    host = urlsplit(address).netloc.rpartition("@")[2].partition(":")[0]
    if not host.isascii():
        # Else no name that could be looked up, but still one that can be written.
        with suppress(UnicodeError):
            address = address.replace(host, host.encode("idna").decode(), 1)
    return quote(address, safe="%:/?#[]@!$&'()*+,;=~")


compact_json: Callable[[object], str] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False
).encode
"""Return JSON without spaces, non-ASCII characters as they are. Raises ValueError for NaN and infinity."""
