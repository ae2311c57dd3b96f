"""How text is compared, and which characters may not enter. A leaf: imports no app."""

import re
import unicodedata

# What other people's software signs differently or not at all (badges.credentials refuses it too): control characters but
# tab and line breaks, non-characters, lone surrogates.
UNSIGNABLE_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
# What mail programs make a link of: an address, or the beginning of one without https://, such as example.org/path.
LINK = re.compile(r"://|\bwww\.|[^\W_]\.[a-z]{2,}/", re.IGNORECASE)


def folded(text: str) -> str:
    """Return the form by which two spellings count as one: NFC, trimmed, case-folded.

    Kept in a column of its own beside the text as typed, because databases disagree about case beyond ASCII (SQLite's
    LOWER knows A to Z only), and design.md section 3 wants one answer on all of them.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().casefold())
