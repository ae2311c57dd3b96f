"""E-mail addresses out of cells, as people write and paste them."""

import re
import unicodedata
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from config.text import folded

MAX_EMAIL = (
    254  # characters: what a mail server must take (RFC 5321 section 4.5.3.1.3, less the angle brackets)
)
SHOWN = 100
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
# Letters of double width, as East Asian keyboards type them, and the small @.
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: ord("@")}
CLEANING = INVISIBLE | FULL_WIDTH
NAMED = re.compile(r"(?P<name>[^<>]*)<\s*(?P<address>[^<>]*?)\s*>[\s.,;:]*\Z")
QUOTES = "\"'`“”„‘’«»"


class Address(NamedTuple):
    """What a cell holds: an address or None, the name written with it, and why it cannot be used, or None."""

    email: str | None
    name: str = ""
    problem: str | None = None


def read_address(cell: str) -> Address:
    """Return the address in a cell.

    Accepted and put right: spaces and invisible characters around, letters of double width, quotation marks,
    `mailto:`, `Anna Rossi <anna@example.org>`, and a full stop, comma or semicolon at the end. Everything
    else is a problem; the text is then returned as it was found, cut to 254 characters, so that it can be
    shown.
    """
    text = _spaced(cell)
    if not text:
        return Address(None, problem=_("There is no e-mail address."))
    name = ""
    match = NAMED.match(text)
    if match:
        name = match["name"].strip().strip(QUOTES).strip()
        # Mail programs write <anna@example.org> a second time as the name where they know none.
        if "@" not in name or folded(name) == folded(match["address"]):
            text = match["address"]
            name = "" if "@" in name else name
    text = text.strip(QUOTES + " ")
    if text[:7].lower() == "mailto:":
        text = text[7:]
    address = text.strip().rstrip(".,;: ").strip(QUOTES + " ")
    if not address:
        return Address(None, name, _("There is no e-mail address."))
    if address.count("@") > 1 and not address.startswith('"'):
        problem = _("There are several e-mail addresses in one cell: “%(text)s”. Give each its own row.")
        return Address(address[:MAX_EMAIL], name, problem % {"text": shown(address)})
    if len(address) > MAX_EMAIL or len(folded(address)) > MAX_EMAIL:
        problem = _("The e-mail address has more than %(limit)s characters.") % {"limit": MAX_EMAIL}
        return Address(address[:MAX_EMAIL], name, problem)
    if not is_address(address):
        problem = _("“%(text)s” is not a valid e-mail address.") % {"text": shown(address)}
        return Address(address, name, problem)
    return Address(address, name)


def is_address(text: str) -> bool:
    """Tell whether a text is one valid address and nothing else."""
    if "@" not in text:
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def shown(text: str) -> str:
    """Return text fit for a sentence: one line, no control characters, at most 100 characters."""
    text = "".join(
        "�" if unicodedata.category(character) == "Cc" else character for character in text[: SHOWN + 1]
    )
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _spaced(cell: str) -> str:
    if cell.isascii():
        return cell.strip()
    # split() knows the no-break space and its kin; inner ones become plain spaces.
    return " ".join(cell.translate(CLEANING).split())
