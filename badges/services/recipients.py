"""Who is to get a badge: people out of pasted lines and out of files, and what cannot be used of them, with the reason."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS, folded
from earners.exceptions import UnreadableFile
from earners.files import Meaning, read_earners
from earners.files.addresses import read_address, shown
from earners.files.names import Name, cleaned, problem_of, split_name
from earners.services import Person

MAX_RECIPIENTS = 100_000  # of one act, as in the issuer API
MAX_TOLD = 100  # lines that cannot be used and are shown: who has more has one mistake in all of them

ADDRESSED = re.compile(r"[^<>]*<[^<>]*>")  # Ada Lovelace <ada@example.org>
CELL_BORDERS = ("\t", ";", ",")
FURTHER = "\t;,"


class Unusable(NamedTuple):
    """A line or row that nobody can be made of: its number, what stands there, and why."""

    number: int
    text: str
    reason: str


@dataclass(slots=True, kw_only=True)
class Recipients:
    """People with checked addresses, each address once.

    `unusable` has the first MAX_TOLD of `unusable_count` lines, `repeated` the first MAX_TOLD of `repeated_count` addresses
    that were there before. `warnings` are sentences about all of it.
    """

    people: list[Person] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    unusable_count: int = 0
    repeated: list[str] = field(default_factory=list)
    repeated_count: int = 0
    warnings: list[str] = field(default_factory=list)

    def refuse(self, number: int, text: str, reason: str) -> None:
        """Note what cannot be used."""
        self.unusable_count += 1
        if len(self.unusable) < MAX_TOLD:
            self.unusable.append(Unusable(number, shown(text), reason))

    def repeat(self, email: str) -> None:
        """Note an address that was there before."""
        self.repeated_count += 1
        if len(self.repeated) < MAX_TOLD:
            self.repeated.append(email)


def recipients_of_text(text: str) -> Recipients:
    """Return the people in pasted text: one to a line, in any of the forms in which people write and copy addresses.

    `ada@example.org`; `Ada Lovelace <ada@example.org>`, several of them too; `ada@example.org; Ada; Lovelace` with
    semicolons, commas or the tabs of a spreadsheet, the address in any place; several addresses and nothing else. Where the
    first line has headings, all of it is read as a file is. Raises InvalidInput with the field `addresses` when there is
    nobody or too many.
    """
    lines = text.splitlines()
    first = next((line for line in lines if line.strip()), "")
    found = None
    if first and "@" not in first and any(border in first for border in CELL_BORDERS):
        found = _of_table(text)
    if found is None:
        found = Recipients()
        _gather(found, _people_of_lines(lines, found))
    return _checked(found, "addresses")


def recipients_of_file(content: BinaryIO | bytes, *, name: str = "") -> Recipients:
    """Return the people in a file, CSV or XLSX, whatever program wrote it (earners.files).

    Raises InvalidInput with the field `file` (UnreadableFile) when it cannot be read, or when there is nobody or too many.
    """
    file = read_earners(content, name=name)
    found = Recipients(warnings=list(file.warnings))
    seen: set[str] = set()
    for row in file.rows:
        # The reader tells repeated addresses as problems like others; here they are what they are, and no mistake.
        key = folded(row.email) if row.email else ""
        if key and key in seen:
            found.repeat(row.email or "")
        elif row.problems or not row.email:
            found.refuse(row.number, row.email or row.first_name or row.last_name, " ".join(row.problems))
        else:
            seen.add(key)
            found.people.append(Person(email=row.email, first_name=row.first_name, last_name=row.last_name))
        if len(found.people) > MAX_RECIPIENTS:
            break
    further = sum(meaning is Meaning.METADATA for meaning in file.columns.values())
    if further:
        found.warnings.append(
            _("Only addresses and names were taken from the file. Its other columns were left aside.")
        )
    return _checked(found, "file")


def _of_table(text: str) -> Recipients | None:
    """Read text that begins with headings; None where these are no headings that are understood."""
    try:
        return recipients_of_file(text.encode("utf-8", "replace"))
    except UnreadableFile:
        return None


def _checked(found: Recipients, field_name: str) -> Recipients:
    if len(found.people) > MAX_RECIPIENTS:
        raise InvalidInput(
            _("These are more than %(limit)s people. Issue to them in several parts.")
            % {"limit": f"{MAX_RECIPIENTS:,}"},
            field=field_name,
        )
    if not found.people and not found.unusable_count:
        raise InvalidInput(_("There is nobody in it. Give at least one e-mail address."), field=field_name)
    return found


def _gather(found: Recipients, people: Iterable[Person]) -> None:
    """Keep each address once; stop where it is too many."""
    seen: set[str] = set()
    for person in people:
        key = folded(person.email)
        if key in seen:
            found.repeat(person.email)
            continue
        seen.add(key)
        found.people.append(person)
        if len(found.people) > MAX_RECIPIENTS:
            return


def _people_of_lines(lines: Iterable[str], found: Recipients) -> Iterator[Person]:
    """Yield the people of each line; what cannot be used is noted."""
    for number, line in enumerate(lines, start=1):
        if not line.strip(f" {FURTHER}"):
            continue
        for address, first_name, last_name in _parts_of(line):
            read = read_address(address)
            if read.problem is not None or read.email is None:
                found.refuse(number, address, read.problem or _("There is no e-mail address."))
                continue
            names = Name(first_name, last_name)
            if not any(names) and read.name:
                names = split_name(read.name)
            problem = _name_problem(names)
            if problem:
                found.refuse(number, line, problem)
                continue
            yield Person(email=read.email, first_name=names.first, last_name=names.last)


def _parts_of(line: str) -> list[tuple[str, str, str]]:
    """Return what a line says of one or of several people: address, perhaps with a name in it, first and last name."""
    addressed = ADDRESSED.findall(line)
    if addressed and all("@" in part for part in addressed):
        rest = ADDRESSED.sub("", line).strip(f" {FURTHER}")
        if not rest:
            return [(part.strip(f" {FURTHER}"), "", "") for part in addressed]
    border = next((border for border in CELL_BORDERS if border in line), None)
    cells = [cell.strip().strip('"').strip() for cell in line.split(border)] if border else line.split()
    cells = [cell for cell in cells if cell]
    addresses = [cell for cell in cells if "@" in cell]
    if len(addresses) > 1 and len(addresses) == len(cells):
        return [(address, "", "") for address in addresses]
    if len(addresses) != 1:
        return [(line, "", "")]
    names = [cleaned(cell) for cell in cells if "@" not in cell]
    if border is None or len(names) == 1:
        return [(addresses[0], *split_name(" ".join(names)))]
    return [(addresses[0], *(names[:2] if names else ("", "")))]


def _name_problem(names: Name) -> str | None:
    if UNSIGNABLE_CHARACTERS.search("".join(names)):
        return _("There are characters in the name that cannot be shown.")
    if names.first and (problem := problem_of(names.first, _("first name"))):
        return problem
    return problem_of(names.last, _("last name")) if names.last else None
