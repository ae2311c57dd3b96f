"""The HTML that people may write in descriptions and criteria: made safe, and read as plain text."""

import re
from html.parser import HTMLParser

import nh3
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What an editor's toolbar offers. No pictures, styles or classes: nothing that loads from elsewhere, covers
# the page or looks like a part of it. h1 is the page's own title.
TAGS = _words(
    """p br hr strong em b i u s sub sup ul ol li a h2 h3 h4 blockquote code pre table caption thead tbody
    tfoot tr th td"""
)
ATTRIBUTES = {
    "a": frozenset({"href", "title"}),
    "ol": frozenset({"start"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "td": frozenset({"colspan", "rowspan"}),
}
# Their text is no text: it goes with them.
DROPPED_WITH_CONTENT = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
)
INLINE_TAGS = frozenset({"strong", "em", "b", "i", "u", "s", "sub", "sup", "a", "code"})

_CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
)
# Reading deeply nested elements takes quadratic time, so there is a limit to how much is read.
MAX_CHARACTERS = 100_000
# Elements in places where they may not stand move when they are read again; a few rounds settle that.
MAX_ROUNDS = 5
_PRE = re.compile(r"<pre>\n+")
_BLANK_LINES = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_PARAGRAPH_END = re.compile(r"</p>\s*(?=<p>)")
_LINE_END = re.compile(r"<br>\n?")


def clean_html(html: str, *, field: str | None = None) -> str:
    """Return HTML of TAGS and ATTRIBUTES only, well formed, safe to write into a page as it is.

    Links lead to full http, https and mailto addresses and carry `rel="noopener noreferrer nofollow"`; of
    other elements the text stays, but for DROPPED_WITH_CONTENT. Text without any tag keeps its lines: blank
    lines part paragraphs, single line breaks become `<br>`, and one line alone stays as it is. Cleaning
    twice changes nothing more. Raises InvalidInput, naming `field`, beyond MAX_CHARACTERS.
    """
    if len(html) > MAX_CHARACTERS:
        raise InvalidInput(_("This text is too long: it may have at most 100,000 characters."), field=field)
    text = html.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    for _round in range(MAX_ROUNDS):
        # A line break at the start of <pre> goes each time that it is read.
        cleaned = _PRE.sub("<pre>", _CLEANER.clean(text)).strip()
        if cleaned == text:
            break
        text = cleaned
    if "<" in text or "\n" not in text:
        return text
    lines = [paragraph.replace("\n", "<br>\n") for paragraph in _BLANK_LINES.split(text)]
    return lines[0] if len(lines) == 1 else "\n".join(f"<p>{line}</p>" for line in lines)


def plain_text(html: str) -> str:
    """Return the text of some HTML on one line, for summaries and mails; blocks are parted by a space."""
    reader = _TextReader()
    reader.feed(_CLEANER.clean(html))
    reader.close()
    return " ".join("".join(reader.pieces).split())


def plain_lines(html: str) -> str:
    """Return the text of some HTML with the lines and paragraphs that clean_html makes of plain text.

    So text that was escaped on its way in comes out again as it was. Further elements are read as by plain_text.
    """
    if "<" not in html and "&" not in html:
        return html
    return "\n\n".join(
        "\n".join(plain_text(line) for line in _LINE_END.split(paragraph))
        for paragraph in _PARAGRAPH_END.split(html)
    )


class _TextReader(HTMLParser):
    """Collects the text of cleaned HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's signature
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._part(tag)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def _part(self, tag: str) -> None:
        if tag not in INLINE_TAGS:
            self.pieces.append(" ")
