"""Badges inside pictures: weaving a badge into a PNG or SVG, and reading one out of a stranger's."""

import base64
import re
from dataclasses import dataclass
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from badges.credentials.exceptions import NothingBaked, UnreadablePicture, gettext_noop
from badges.credentials.png import SIGNATURE, Chunk, read_chunks, text_chunk, written_text

# Open Badges Baking 2.0 sections 2 and 3; OB 3.0 section 5.3
_KEYWORDS = {2: "openbadges", 3: "openbadgecredential"}
_NAMESPACES = {2: "http://openbadges.org", 3: "https://purl.imsglobal.org/ob/v3p0"}
_ELEMENTS = {2: "assertion", 3: "credential"}
# How expat names an element: namespace, space, name. Some bakers of version 2 end the namespace with a slash.
_BADGES = {
    f"{namespace}{slash} {_ELEMENTS[version]}": version
    for version, namespace in _NAMESPACES.items()
    for slash in ("", "/")
}

MAX_TEXT = 2 * 1024 * 1024
"""Longer badges are not read: bytes, unpacked."""

_TAG = re.compile(r"""<[^\s/>]+(?:[^>"']|"[^"]*"|'[^']*')*>""")
_PREFIX = re.compile(r"""\s+xmlns:openbadges\s*=\s*("[^"]*"|'[^']*')""")
_DECLARATION = re.compile(r"""^\s*<\?xml\b[^>]*?(\s+encoding\s*=\s*(?:"([\w.-]+)"|'([\w.-]+)'))""")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_JWS = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Baked:
    """What was found in a picture: JSON, a compact JWS, or (version 2) the address of a hosted assertion."""

    version: int
    text: str


def bake_png(picture: bytes, text: str, version: int) -> bytes:
    """Return the PNG with the badge in it, and no other: JSON, a compact JWS, or for version 2 an address.

    The text goes uncompressed into one iTXt chunk directly behind IHDR; OB 3.0 section 5.3.1 forbids
    compression. Raises UnreadablePicture when the picture is no sound PNG.
    """
    chunks = [chunk for chunk in read_chunks(picture) if _keyword(chunk) not in _KEYWORDS.values()]
    chunks.insert(1, text_chunk(_KEYWORDS[version], text))
    return SIGNATURE + b"".join(chunk.raw for chunk in chunks)


def unbake_png(picture: bytes) -> Baked:
    """Return the badge in a PNG, the newest version if there are several. Compressed chunks are read too.

    Raises UnreadablePicture when the picture is no sound PNG or the badge is longer than MAX_TEXT,
    NothingBaked when there is no badge.
    """
    chunks = {_keyword(chunk): chunk for chunk in reversed(read_chunks(picture))}
    for version in (3, 2):
        chunk = chunks.get(_KEYWORDS[version])
        if chunk is not None:
            return Baked(version=version, text=written_text(chunk, MAX_TEXT).strip())
    raise NothingBaked(gettext_noop("There is no badge in this PNG."))


def bake_svg(picture: bytes, version: int, *, verify: str | None = None, body: str | None = None) -> bytes:
    """Return the SVG, as UTF-8, with the badge as the root's first child, and no other badge.

    `verify` is a compact JWS, or for version 2 the address of the hosted assertion; `body` is the JSON. The
    picture must be sanitised: nothing else of it changes. Raises UnreadablePicture when it is no sound SVG,
    ValueError without verify and body.
    """
    if not verify and not body:
        raise ValueError("Give what is to be baked: verify, body, or both.")
    text = _decoded(picture)
    found = _SvgReader(text)
    content = text.encode()
    for start, end in reversed(found.badges):
        content = content[:start] + _after_element(content, start, end)
    root = _TAG.match(content[found.root :].decode())
    if root is None:
        raise UnreadablePicture(gettext_noop("This SVG has no root element."))
    tag = _PREFIX.sub("", root[0])
    closed = tag.endswith("/>")
    name = re.split(r"[\s/>]", tag[1:], maxsplit=1)[0]
    opening = (
        tag.removesuffix(">").removesuffix("/").rstrip() + f' xmlns:openbadges="{_NAMESPACES[version]}">'
    )
    baked = opening + _element(version, verify, body) + (f"</{name}>" if closed else "")
    before, after = content[: found.root], content[found.root + len(root[0].encode()) :]
    return before + baked.encode() + after


def unbake_svg(picture: bytes) -> Baked:
    """Return the badge in an SVG: its JWS where it has one, else its JSON, else the address.

    Raises UnreadablePicture when the picture is no sound SVG or the badge is longer than MAX_TEXT,
    NothingBaked when there is no badge.
    """
    found = _SvgReader(_decoded(picture))
    if found.version is None:
        raise NothingBaked(gettext_noop("There is no badge in this SVG."))
    body = "".join(found.body).strip()
    text = found.verify if _JWS.fullmatch(found.verify) or not body else body
    if not text:
        raise NothingBaked(gettext_noop("The badge in this SVG is empty."))
    return Baked(version=found.version, text=text)


def svg_around_png(png: bytes, width: int, height: int) -> bytes:
    """Return an SVG that shows a PNG, for templates that have no SVG.

    Raises UnreadablePicture when it is no sound PNG.
    """
    read_chunks(png)
    address = "data:image/png;base64," + base64.b64encode(png).decode()
    # xlink:href, because viewers from before SVG 2 know no other
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" xlink:href="{address}"/></svg>'
    ).encode()


def _keyword(chunk: Chunk) -> str | None:
    return chunk.keyword if chunk.kind in (b"iTXt", b"tEXt", b"zTXt") else None


def _element(version: int, verify: str | None, body: str | None) -> str:
    name = f"openbadges:{_ELEMENTS[version]}"
    attribute = f" verify={quoteattr(verify.strip())}" if verify else ""
    # ]]> would end the CDATA; in JSON it can only stand inside a string, where > may be written as an escape.
    inner = f"<![CDATA[{body.replace(']]>', ']]' + chr(92) + 'u003e')}]]>" if body else ""
    element = f"<{name}{attribute}>{inner}</{name}>"
    if _NOT_XML.search(element):
        raise ValueError("The badge has a character that no XML document may have.")
    return element


def _decoded(picture: bytes) -> str:
    """Return the text of an SVG, its XML declaration changed to UTF-8."""
    encoding, content = "utf-8", picture
    declared = _DECLARATION.match(picture[:200].decode("latin-1"))
    if declared:
        encoding = declared[2] or declared[3]
    for mark, marked_encoding in _BYTE_ORDER_MARKS.items():
        if picture.startswith(mark):
            encoding, content = marked_encoding, picture.removeprefix(mark)
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError) as error:
        raise UnreadablePicture(
            gettext_noop("This SVG is not written in the encoding that it names.")
        ) from error
    declared = _DECLARATION.match(text)
    return (
        text
        if declared is None
        else text[: declared.start(1)] + ' encoding="UTF-8"' + text[declared.end(1) :]
    )


def _after_element(content: bytes, start: int, end: int) -> bytes:
    """Return what follows the element that begins at `start`; its end tag, if it has one, begins at `end`."""
    opening = _TAG.match(content[start:].decode())
    if opening and opening[0].endswith("/>"):
        return content[start + len(opening[0].encode()) :]
    return content[content.index(b">", end) + 1 :]


class _SvgReader:
    """Finds the root and the badges of an SVG. Never resolves an entity and never loads anything."""

    def __init__(self, text: str) -> None:
        """Read an SVG. Raises UnreadablePicture when it is none, or declares entities."""
        self.root = -1
        self.badges: list[tuple[int, int]] = []
        self.version: int | None = None
        self.verify = ""
        self.body: list[str] = []
        self._depth = 0
        self._open: tuple[int, int] | None = None
        self._length = 0
        self._parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.EntityDeclHandler = self._refuse_entity
        try:
            self._parser.Parse(text.encode(), True)  # noqa: FBT003 - expat takes no keywords
        except expat.ExpatError as error:
            raise UnreadablePicture(gettext_noop("This SVG is damaged: it cannot be read.")) from error
        except UnicodeError as error:
            raise UnreadablePicture(
                gettext_noop("This SVG has characters that cannot be written.")
            ) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self.root < 0:
            if name not in ("http://www.w3.org/2000/svg svg", "svg"):
                raise UnreadablePicture(gettext_noop("This is not an SVG."))
            self.root = self._parser.CurrentByteIndex
        self._depth += 1
        if name in _BADGES and self._open is None:
            self._open = (self._parser.CurrentByteIndex, self._depth)
            if self.version is None:
                self.version = _BADGES[name]
                self.verify = attributes.get("verify", "").strip()

    def _end(self, _name: str) -> None:
        if self._open is not None and self._open[1] == self._depth:
            self.badges.append((self._open[0], self._parser.CurrentByteIndex))
            self._open = None
        self._depth -= 1

    def _characters(self, text: str) -> None:
        if self._open is not None and not self.badges:
            self._length += len(text)
            if self._length > MAX_TEXT:
                raise UnreadablePicture(gettext_noop("The badge in this SVG is too long."))
            self.body.append(text)

    def _refuse_entity(self, *_declaration: object) -> None:
        raise UnreadablePicture(
            gettext_noop("This SVG declares entities. Save it without them, as plain SVG.")
        )
