"""Which column of a table means what: by its heading in English or Italian, else by what stands in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from earners.files.addresses import read_address, shown
from earners.files.heading_words import (
    EMAIL,
    EMAIL_WORDS,
    FIRST_NAME,
    FULL_NAME,
    LAST_NAME,
    LAST_NAME_FIRST,
    NOT_NAMES,
    OTHER_MATTERS,
    WHOSE,
)
from earners.files.names import FORMULA_ERRORS, cleaned

REMARK = "[Laurel]"  # begins the heading of a column that we wrote into a file of rows to correct: it is read by nobody
HEADING_ROWS = 20  # the heading is looked for in this many rows


class Meaning(StrEnum):
    """What a column is used for."""

    EMAIL = "email"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    LAST_NAME_FIRST = "last_name_first"
    METADATA = "metadata"
    IGNORED = "ignored"


MEANING_NAMES = {
    Meaning.EMAIL: gettext_lazy("e-mail address"),
    Meaning.FIRST_NAME: gettext_lazy("first name"),
    Meaning.LAST_NAME: gettext_lazy("last name"),
    Meaning.FULL_NAME: gettext_lazy("full name"),
    Meaning.LAST_NAME_FIRST: gettext_lazy("full name, last name first"),
    Meaning.METADATA: gettext_lazy("further column"),
    Meaning.IGNORED: gettext_lazy("left out"),
}


class Certainty(IntEnum):
    """How the column of addresses was found, from weak to strong."""

    NOT_FOUND = 0
    BY_VALUES = 1
    BY_WORD = 2
    BY_HEADING = 3


# What a column is called where its own heading does not tell: each is understood as a heading.
TELLING_HEADINGS = {
    Meaning.EMAIL: gettext_lazy("E-mail"),
    Meaning.FIRST_NAME: gettext_lazy("First name"),
    Meaning.LAST_NAME: gettext_lazy("Last name"),
    Meaning.FULL_NAME: gettext_lazy("Full name"),
    Meaning.LAST_NAME_FIRST: gettext_lazy("Surname and name"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a table is understood: `heading` is the heading row's index in the sample or None."""

    heading: int | None
    headings: tuple[str, ...]
    meanings: tuple[Meaning, ...]
    certainty: Certainty
    warnings: tuple[str, ...] = ()

    def columns(self) -> dict[str, Meaning]:
        """Return what each heading was understood as, in the order of the file."""
        return dict(zip(self.headings, self.meanings, strict=True))

    def index_of(self, meaning: Meaning) -> int | None:
        """Return the index of the column with this meaning, or None. Not for METADATA: it has many."""
        return self.meanings.index(meaning) if meaning in self.meanings else None

    @property
    def has_remarks(self) -> bool:
        """Whether it is a file of rows to correct that we wrote: texts like formulas have an apostrophe there."""
        return any(heading.startswith(REMARK) for heading in self.headings)


IN_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])")
ADDRESS_IN_IT = re.compile(r"\w[@＠]\w")
NO_LETTERS = re.compile(r"[\W_]+")
NAME_LIKE = re.compile(r"[^\W\d_][^\d_@:/\\=<>+*#%&()\[\]{}|]*\Z")


def normalised(heading: str) -> str:
    """Return a heading as small words without accents, brackets and punctuation; "E-mail" is "email"."""
    text = unicodedata.normalize("NFKD", heading)
    text = "".join(character for character in text if unicodedata.category(character) not in {"Mn", "Cf"})
    text = WORD_BORDER.sub(
        " ", IN_BRACKETS.sub(" ", text) if IN_BRACKETS.sub("", text).strip(" *:") else text
    )
    text = NO_LETTERS.sub(" ", text.casefold()).strip()
    return re.sub(r"\be mail", "email", text)


def telling_heading(heading: str, meaning: Meaning) -> str:
    """Return a heading as it was if it tells what the column means, else one that does."""
    if meaning is Meaning.IGNORED:
        return heading if heading.startswith(REMARK) else f"{REMARK} {heading}"
    is_understood = meaning is Meaning.METADATA or _simple_meaning(normalised(heading)) is meaning
    return heading if is_understood else str(TELLING_HEADINGS[meaning])


def understand(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Return how the first rows of a table are to be read, or None where no column of addresses is found.

    The heading row is, of the first 20, the one with an e-mail heading that has most known headings. Without
    such a row the column is found by the addresses in it. Columns with remarks of ours are left out.
    """
    layout = _understood(rows)
    if layout is None or not layout.has_remarks:
        return layout
    meanings = (
        Meaning.IGNORED if heading.startswith(REMARK) else meaning
        for heading, meaning in layout.columns().items()
    )
    return replace(layout, meanings=tuple(meanings))


def _understood(rows: Sequence[Sequence[str]]) -> Layout | None:
    found: list[tuple[Certainty, int, int]] = []
    for index, row in enumerate(rows[:HEADING_ROWS]):
        names = [normalised(cell) for cell in row]
        certainty = max((_email_certainty(name) for name in names), default=Certainty.NOT_FOUND)
        if not certainty or any(ADDRESS_IN_IT.search(cell) for cell in row):
            continue
        known = sum(_simple_meaning(name) is not Meaning.METADATA for name in names)
        found.append((certainty, known, -index))
    for _certainty, _known, negative in sorted(found, reverse=True):
        layout = _by_headings(rows, -negative)
        if layout is not None:
            return layout
    return _by_values(rows)


def _email_certainty(name: str) -> Certainty:
    if _bare(name) in EMAIL or name in EMAIL:
        return Certainty.BY_HEADING
    words = name.split()
    has_word = bool(EMAIL_WORDS.intersection(words)) or "posta elettronica" in name
    is_address = has_word and len(words) <= 8 and not OTHER_MATTERS.intersection(words)
    return Certainty.BY_WORD if is_address else Certainty.NOT_FOUND


def _bare(name: str) -> str:
    return " ".join(word for word in name.split() if word not in WHOSE)


def _simple_meaning(name: str) -> Meaning:
    """Return what a heading means by itself; "name" depends on other columns (see `_name_meanings`)."""
    bare = _bare(name)
    if bare in EMAIL:
        return Meaning.EMAIL
    if name in NOT_NAMES:
        return Meaning.METADATA
    # "Last, first name" and the like keep their words: only headings that are a name as a whole count.
    for words, meaning in (
        (FIRST_NAME, Meaning.FIRST_NAME),
        (LAST_NAME, Meaning.LAST_NAME),
        (FULL_NAME, Meaning.FULL_NAME),
        (LAST_NAME_FIRST, Meaning.LAST_NAME_FIRST),
    ):
        if bare in words or name in words:
            return meaning
    return Meaning.FULL_NAME if bare == "name" else Meaning.METADATA


def _by_headings(rows: Sequence[Sequence[str]], heading: int) -> Layout | None:
    headings = list(rows[heading])
    while headings and not headings[-1].strip():
        headings.pop()
    names = [normalised(cell) for cell in headings]
    below = [row for row in rows[heading + 1 :] if any(cell.strip() for cell in row)]
    candidates: list[tuple[Certainty, int, int]] = []
    # A title over the first column may have the word in it, and addresses may stand far below.
    is_title = len(headings) == 1 and any(sum(bool(cell.strip()) for cell in row) > 1 for row in below)
    for index, name in enumerate(names):
        certainty = _email_certainty(name)
        filled = [row[index] for row in below if index < len(row) and row[index].strip()]
        valid = sum(read_address(cell).problem is None for cell in filled)
        # A heading with the word in it may mean anything ("May we send you e-mail?"): addresses must stand
        # below.
        if certainty == Certainty.BY_HEADING or (
            certainty and valid and valid * 2 >= len(filled) and not is_title
        ):
            candidates.append((certainty, valid, -index))
    if not candidates:
        return None
    certainty, _valid, negative = max(candidates)
    email = -negative
    meanings = _name_meanings(names)
    meanings = [Meaning.METADATA if meaning is Meaning.EMAIL else meaning for meaning in meanings]
    meanings[email] = Meaning.EMAIL
    written = _distinct(headings)
    warnings = []
    others = [written[-other] for _certainty, valid, other in candidates if -other != email and valid]
    if others:
        warnings.append(
            _(
                "Several columns hold e-mail addresses. “%(used)s” was used; kept as further columns: "
                "%(others)s."
            )
            % {"used": shown(written[email]), "others": ", ".join(f"“{shown(other)}”" for other in others)}
        )
    return Layout(
        heading=heading,
        headings=tuple(written),
        meanings=tuple(meanings),
        certainty=certainty,
        warnings=tuple(warnings),
    )


def _name_meanings(names: Sequence[str]) -> list[Meaning]:
    """Return the meanings of all columns, each name at most once: the first column that has it.

    "Name" alone is a first name beside a last name, and a full name without one.
    """
    simple = [_simple_meaning(name) for name in names]
    taken: set[Meaning] = set()
    meanings: list[Meaning] = []
    for name, given in zip(names, simple, strict=True):
        meaning = given
        if _bare(name) == "name" and Meaning.LAST_NAME in simple and Meaning.FIRST_NAME not in simple:
            meaning = Meaning.FIRST_NAME
        if meaning in taken:
            meaning = Meaning.METADATA
        if meaning not in {Meaning.METADATA, Meaning.EMAIL}:
            taken.add(meaning)
        meanings.append(meaning)
    return meanings


def _by_values(rows: Sequence[Sequence[str]]) -> Layout | None:
    """Find the column in which at least half of the cells are addresses, and headings above it, if any."""
    width = max((len(row) for row in rows), default=0)
    best: tuple[int, int] | None = None
    for column in range(width):
        filled = [row[column] for row in rows if column < len(row) and row[column].strip()]
        valid = sum(read_address(cell).problem is None for cell in filled)
        if valid and valid * 2 >= len(filled) - 1 and (best is None or valid > best[0]):
            best = valid, column
    if best is None:
        return None
    email = best[1]
    first = next(
        index
        for index, row in enumerate(rows)
        if email < len(row) and read_address(row[email]).problem is None
    )
    return _headed_by_row_above(rows, first, email) or _without_headings(rows, email)


def _headed_by_row_above(rows: Sequence[Sequence[str]], first: int, email: int) -> Layout | None:
    """Take the row above the first address for headings, if it has as many cells and one above that."""
    if not 0 < first <= HEADING_ROWS:
        return None
    above = list(rows[first - 1])
    while above and not above[-1].strip():
        above.pop()
    filled = sum(bool(cell.strip()) for cell in above)
    cells_below = sum(bool(cell.strip()) for cell in rows[first])
    if email >= len(above) or not above[email].strip() or "@" in above[email] or filled < cells_below:
        return None
    headings = _distinct(above)
    meanings = _name_meanings([normalised(cell) for cell in above])
    meanings[email] = Meaning.EMAIL
    warning = _("No heading says e-mail address. “%(used)s” was used, because addresses stand below it.")
    return Layout(
        heading=first - 1,
        headings=tuple(headings),
        meanings=tuple(meanings),
        certainty=Certainty.BY_VALUES,
        warnings=(warning % {"used": shown(headings[email])},),
    )


def _without_headings(rows: Sequence[Sequence[str]], email: int) -> Layout:
    """Read a table without headings: one column of letters is a full name, two are its parts."""
    width = max(len(row) for row in rows)
    headings = [column_name(index) for index in range(width)]
    meanings = [Meaning.METADATA] * width
    meanings[email] = Meaning.EMAIL
    named = [index for index in range(width) if index != email and _holds_names(rows, index)]
    if len(named) == 1:
        meanings[named[0]] = Meaning.FULL_NAME
    elif named:
        meanings[named[0]], meanings[named[1]] = Meaning.FIRST_NAME, Meaning.LAST_NAME
    understood = ", ".join(
        f"{heading}: {MEANING_NAMES[meaning]}"
        for heading, meaning in zip(headings, meanings, strict=True)
        if meaning is not Meaning.METADATA
    )
    warning = _(
        "The file has no headings. Its columns were understood by what is in them: %(understood)s. Please "
        "check."
    )
    return Layout(
        heading=None,
        headings=tuple(headings),
        meanings=tuple(meanings),
        certainty=Certainty.BY_VALUES,
        warnings=(warning % {"understood": understood},),
    )


def _holds_names(rows: Sequence[Sequence[str]], column: int) -> bool:
    filled = [cleaned(row[column]) for row in rows if column < len(row) and row[column].strip()]
    return bool(filled) and all(
        NAME_LIKE.match(cell) and len(cell.split()) <= 5 and cell not in FORMULA_ERRORS for cell in filled
    )


def _distinct(headings: Sequence[str]) -> list[str]:
    """Return headings as written, on one line; empty ones named by their column, repeated ones numbered."""
    distinct: list[str] = []
    seen: set[str] = set()
    for index, cell in enumerate(headings):
        heading = " ".join(cell.replace("\ufeff", "").split()) or column_name(index)
        name, count = heading, 1
        while name in seen:
            count += 1
            name = f"{heading} ({count})"
        seen.add(name)
        distinct.append(name)
    return distinct


def column_name(index: int) -> str:
    """Return the name of a column as spreadsheets show it: "Column A" for 0, "Column AA" for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return _("Column %(letters)s") % {"letters": letters}
