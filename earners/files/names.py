"""First and last names out of cells."""

import re
import unicodedata
from typing import NamedTuple

from django.utils.translation import gettext as _

from earners.files.addresses import shown

MAX_NAME = 255  # characters, as the columns of earners
# Not the two joiners U+200C and U+200D: names in Persian and in Indian scripts are spelt with them.
INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)
# What spreadsheets write where a formula fails, in English and in Italian.
FORMULA_ERRORS = frozenset(
    [
        "#N/A",
        "#N/D",
        "#REF!",
        "#RIF!",
        "#VALUE!",
        "#VALORE!",
        "#NAME?",
        "#NOME?",
        "#DIV/0!",
        "#NULL!",
        "#NULLO!",
        "#NUM!",
        "#SPILL!",
        "#CALC!",
    ]
)
# Words that begin a family name and are no family name alone.
PARTICLES = frozenset(
    [
        "d'",
        "da",
        "dal",
        "dalla",
        "dalle",
        "dallo",
        "de",
        "degli",
        "dei",
        "del",
        "della",
        "delle",
        "delli",
        "dello",
        "den",
        "der",
        "des",
        "di",
        "do",
        "dos",
        "das",
        "du",
        "e",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "la",
        "le",
        "li",
        "lo",
        "los",
        "las",
        "mac",
        "mc",
        "san",
        "santa",
        "saint",
        "st",
        "ten",
        "ter",
        "te",
        "van",
        "von",
        "vom",
        "zu",
        "zum",
        "zur",
        "'t",
        "y",
    ]
)


class Name(NamedTuple):
    """A person's name in two parts; either may be empty."""

    first: str
    last: str


def cleaned(cell: str) -> str:
    """Return a name on one line, in NFC, with single spaces and without invisible characters."""
    if cell.isascii() and "  " not in cell and cell.isprintable():
        return cell.strip()
    text = unicodedata.normalize("NFC", cell.translate(INVISIBLE))
    # Only true spaces: str.split() would also swallow four control characters, which are a problem to be
    # told.
    return re.sub(
        r"[ \t\r\n\x0b\x0c\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+", " ", text
    ).strip(" ")


def problem_of(name: str, what: str) -> str | None:
    """Return why a name cannot be used, or None. `what` names the cell in the sentence."""
    if len(name) > MAX_NAME:
        return _("The %(what)s has more than %(limit)s characters.") % {"what": what, "limit": MAX_NAME}
    if not name.isprintable() and any(unicodedata.category(character) == "Cc" for character in name):
        return _("The %(what)s has characters that cannot be printed: “%(name)s”. Type it anew.") % {
            "what": what,
            "name": shown(name),
        }
    if name in FORMULA_ERRORS:
        return _("The %(what)s is a formula that failed: %(name)s.") % {"what": what, "name": name}
    return None


def split_name(text: str, *, is_last_first: bool = False) -> Name:
    """Return a full name in two parts. The rules, first match wins:

    1. "Rossi, Anna": the last name stands before the comma.
    2. Some words wholly in capitals and some not ("DE LUCA Anna", "Anna ROSSI"): the capitals are the last
    name, if they stand together at one end and have two letters or more.
    3. One word is a first name.
    4. Otherwise the last name is one word with the particles before it ("Anna Maria De Luca": De Luca), the
    last one, or the first one where the heading says that the last name comes first ("De Luca Anna Maria"). A
    last name of two words without particle or capitals is cut wrongly; two columns are the cure, and the
    parts put together again make the name as it was written in every case but 1, 2 and last name first.
    """
    text = cleaned(text)
    before, comma, after = text.partition(",")
    if comma and before.strip() and after.strip() and "," not in after:
        return Name(after.strip(), before.strip())
    words = text.split(" ")
    if len(words) == 1:
        return Name(text, "")
    capitals = [len(word) > 1 and word.isupper() and "." not in word for word in words]
    count = sum(capitals)
    if 0 < count < len(words):
        if all(capitals[:count]):
            return Name(" ".join(words[count:]), " ".join(words[:count]))
        if all(capitals[-count:]):
            return Name(" ".join(words[:-count]), " ".join(words[-count:]))
    if is_last_first:
        end = 0
        while end < len(words) - 2 and words[end].casefold() in PARTICLES:
            end += 1
        return Name(" ".join(words[end + 1 :]), " ".join(words[: end + 1]))
    begin = len(words) - 1
    while begin > 1 and words[begin - 1].casefold() in PARTICLES:
        begin -= 1
    return Name(" ".join(words[:begin]), " ".join(words[begin:]))
