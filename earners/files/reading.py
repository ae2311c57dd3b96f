"""People out of the files that others export: CSV in every spelling of it, and XLSX."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from earners.exceptions import UnreadableFile
from earners.files.addresses import read_address, shown
from earners.files.delimited import DELIMITERS, SAMPLE_RECORDS, Record, TextFile
from earners.files.encodings import find_encoding
from earners.files.headings import Certainty, Layout, Meaning, column_name, understand
from earners.files.mapping import mapped
from earners.files.names import INVISIBLE, Name, cleaned, problem_of, split_name
from earners.files.repeats import Repeats
from earners.files.signatures import START, is_zip, refuse_foreign
from earners.files.workbooks import Sheet, Workbook
from organizations.services.workbooks import FORMULA_STARTS

MAX_BYTES = 256 << 20
MAX_ROWS = 200_000
# Control characters that mean a new line or nothing; line feeds and tabs are text in a further column.
NOT_PRINTED = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"} | {
    0x0B: "\n",
    0x85: "\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnerRow:
    """One person of a file. Usable only where there are no `problems`.

    `number` is the row in the spreadsheet or the line in the text file, the heading and blank ones counted
    from 1; a record with line breaks in quotation marks has the number of its first line. `email` is trimmed
    and spelt as found, None where there is none; beside a problem it may be any text. `metadata` has every
    column without another use by its heading, empty cells left out. `problems` are plain sentences; `cells` is the row
    as it was found, where there are any.
    """

    number: int
    email: str | None
    first_name: str = ""
    last_name: str = ""
    metadata: dict[str, str]
    problems: tuple[str, ...] = ()
    cells: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarnersFile:
    """A file that was understood.

    `rows` can be gone through once, while the file is open, and may raise UnreadableFile.

    `columns` says what each heading was taken for, in the order of the file, and `examples` has something that stands below
    a heading where anything does. `delimiter` and `encoding` (a Python codec) are None for a
    workbook, `sheet` is None for a text file. `warnings` are sentences about the file as a whole, to be shown
    before its rows are used.
    """

    rows: Iterator[EarnerRow]
    columns: Mapping[str, Meaning]
    examples: Mapping[str, str] = field(default_factory=dict)
    delimiter: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    warnings: tuple[str, ...] = ()


class _Table(NamedTuple):
    """Records and how they are to be read."""

    records: Iterator[Record]
    layout: Layout
    heading_number: int
    delimiter: str | None = None


def read_earners(
    content: BinaryIO | bytes, *, name: str = "", meanings: Mapping[str, Meaning] | None = None
) -> EarnersFile:
    """Return the people in a file, whatever program wrote it: what it is, is told by its content alone.

    CSV and its kin are read line by line in constant memory: comma, semicolon, tab or pipe; UTF-8, UTF-16 or
    Windows-1252; any line ends. Of a workbook, the first visible sheet with an e-mail heading is read, else
    the first one that has addresses; texts that cells share stay in memory. `content` must be seekable, or is
    read into memory. `name` is only put in messages. `meanings` says what headings mean, where a person knows better.

    Raises UnreadableFile for everything that is no table of people, with what was found and what to do; and
    while rows are read, for what shows itself only then: an open quotation mark, a cut archive, more than
    200,000 rows. Raises InvalidInput for `meanings` that make no sense.
    """
    stream = _seekable(content)
    if stream.seek(0, io.SEEK_END) > MAX_BYTES:
        raise UnreadableFile(
            _("The file is larger than %(limit)s MB. Split it into several files.")
            % {"limit": MAX_BYTES >> 20}
        )
    stream.seek(0)
    start = stream.read(START)
    if not start.strip():
        raise UnreadableFile(
            _("The file %(name)sis empty. Export it again.") % {"name": f"“{shown(name)}” " if name else ""}
        )
    if is_zip(start):
        return _read_workbook(stream, meanings)
    refuse_foreign(stream, start)
    return _read_text(stream, meanings)


def _seekable(content: BinaryIO | bytes) -> BinaryIO:
    if isinstance(content, bytes):
        return io.BytesIO(content)
    return content if content.seekable() else io.BytesIO(content.read())


def _read_text(stream: BinaryIO, meanings: Mapping[str, Meaning] | None) -> EarnersFile:
    """Read by the delimiter that the file names, else by the one that makes most sense of the first rows."""
    encoding = find_encoding(stream)
    file = TextFile(stream, encoding)
    best: tuple[tuple[float, ...], str, list[Record], Layout] | None = None
    some_rows: list[Record] = []
    for delimiter in (file.said_delimiter,) if file.said_delimiter else DELIMITERS:
        sample = file.sample(delimiter)
        some_rows = max(some_rows, sample, key=lambda rows: max((len(row.cells) for row in rows), default=0))
        layout = understand([record.cells for record in sample])
        if layout is None:
            continue
        score = _score(sample, layout)
        if best is None or score > best[0]:
            best = score, delimiter, sample, layout
    if best is None:
        raise _no_addresses(some_rows)
    _score_of_best, delimiter, sample, layout = best
    layout = mapped(layout, meanings)
    table = _below_heading(file.records(delimiter), sample, layout)
    warnings = list(layout.warnings)
    if encoding.has_stray_bytes:
        warnings.append(
            _(
                "Some letters were in another encoding than the rest of the file. Please check letters "
                "with accents."
            )
        )
    return EarnersFile(
        rows=_people(table._replace(delimiter=delimiter)),
        columns=layout.columns(),
        examples=_examples(sample, layout),
        delimiter=delimiter,
        encoding=encoding.name,
        warnings=tuple(warnings),
    )


def _score(sample: list[Record], layout: Layout) -> tuple[float, ...]:
    """Rate a delimiter: how sure the addresses are, how many names, how many rows as wide as the heading."""
    width = len(layout.headings)
    filled = [record.cells for record in sample if any(cell.strip() for cell in record.cells)]
    named = sum(meaning not in {Meaning.METADATA, Meaning.IGNORED} for meaning in layout.meanings)
    return layout.certainty, named, sum(len(cells) == width for cells in filled) / len(filled), width


def _read_workbook(stream: BinaryIO, meanings: Mapping[str, Meaning] | None) -> EarnersFile:
    workbook = Workbook(stream)
    sheets = [sheet for sheet in workbook.sheets if not sheet.is_hidden] or workbook.sheets
    found: tuple[Sheet, list[Record], Layout] | None = None
    filled: list[Sheet] = []
    first_rows: list[Record] = []
    for sheet in sheets:
        sample = list(islice(workbook.records(sheet), SAMPLE_RECORDS))
        if sample:
            filled.append(sheet)
            first_rows = first_rows or sample
        layout = understand([record.cells for record in sample])
        if layout is not None and (
            found is None or (found[2].certainty < Certainty.BY_WORD <= layout.certainty)
        ):
            found = sheet, sample, layout
    if not filled:
        raise UnreadableFile(_("The workbook is empty. Put the earners in it, with the headings above them."))
    if found is None:
        raise _no_addresses(first_rows)
    sheet, sample, layout = found
    layout = mapped(layout, meanings)
    table = _below_heading(workbook.records(sheet), sample, layout)
    warnings = list(layout.warnings)
    if len(filled) > 1:
        warnings.append(
            _("The workbook has %(count)s sheets with content. “%(name)s” was read, the others were not.")
            % {"count": len(filled), "name": shown(sheet.name)}
        )
    return EarnersFile(
        rows=_people(table),
        columns=layout.columns(),
        examples=_examples(sample, layout),
        sheet=sheet.name,
        warnings=tuple(warnings),
    )


def _examples(sample: list[Record], layout: Layout) -> dict[str, str]:
    """Return the first thing that stands below each heading."""
    below = sample if layout.heading is None else sample[layout.heading + 1 :]
    found: dict[str, str] = {}
    for index, heading in enumerate(layout.headings):
        cells = (record.cells[index] for record in below if index < len(record.cells))
        example = next((cell.strip() for cell in cells if cell.strip()), "")
        if example:
            found[heading] = shown(example)
    return found


def _no_addresses(rows: list[Record]) -> UnreadableFile:
    """Say what stands in the first row that is not blank: a person takes it for the headings."""
    first = next((record.cells for record in rows if any(cell.strip() for cell in record.cells)), None)
    if first is None:
        return UnreadableFile(_("The file is empty. Put the earners in it, with the headings above them."))
    cells = [f"“{shown(cell.strip())}”" for cell in first if cell.strip()]
    return UnreadableFile(
        _(
            "No column with e-mail addresses was found. The first row has: %(cells)s. Give the column the "
            "heading “email”."
        )
        % {"cells": ", ".join(cells[:10]) + (", …" if len(cells) > 10 else "")}
    )


def _below_heading(records: Iterator[Record], sample: list[Record], layout: Layout) -> _Table:
    """Go to the first row below the heading that has something. Raises UnreadableFile where there is none."""
    heading_number = 0
    if layout.heading is not None:
        heading_number = sample[layout.heading].number
        for record in records:
            if record.number == heading_number:
                break
    for record in records:
        if any(cell.strip() for cell in record.cells):
            return _Table(chain([record], records), layout, heading_number)
    raise UnreadableFile(_("The file has headings and no rows below them. Add the earners, one in each row."))


def _people(table: _Table) -> Iterator[EarnerRow]:
    reader = _RowReader(table)
    count = 0
    with Repeats() as repeats:
        for record in table.records:
            if not any(record.cells):
                continue
            row = reader.row(record, repeats)
            if row is None:
                continue
            count += 1
            if count > MAX_ROWS:
                raise UnreadableFile(
                    _("The file has more than %(limit)s rows. Split it into several files.")
                    % {"limit": f"{MAX_ROWS:,}"}
                )
            yield row


class _RowReader:
    """Makes people of records, by the layout of their table."""

    def __init__(self, table: _Table) -> None:
        self.layout = table.layout
        self.delimiter = table.delimiter
        self.width = len(table.layout.headings)
        self.email = table.layout.index_of(Meaning.EMAIL)
        self.first_name = table.layout.index_of(Meaning.FIRST_NAME)
        self.last_name = table.layout.index_of(Meaning.LAST_NAME)
        self.full_name = table.layout.index_of(Meaning.FULL_NAME)
        self.last_name_first = table.layout.index_of(Meaning.LAST_NAME_FIRST)
        self.further = [
            (index, table.layout.headings[index])
            for index, meaning in enumerate(table.layout.meanings)
            if meaning is Meaning.METADATA
        ]

    def row(self, record: Record, repeats: Repeats) -> EarnerRow | None:
        """Return the person in a record, or None where nothing is written in it."""
        cells = [_unmarked(cell) for cell in record.cells] if self.layout.has_remarks else record.cells
        if len(cells) < self.width:
            cells = cells + [""] * (self.width - len(cells))
        address = read_address(cells[self.email] if self.email is not None else "")
        metadata = {
            heading: value
            for index, heading in self.further
            if cells[index] and (value := _value(cells[index]))
        }
        name = self._name(cells) or split_name(address.name)
        problems = [address.problem] if address.problem else []
        problems += [problem for problem in self._name_problems(name) if problem]
        if len(cells) > self.width and (problem := self._surplus(cells)):
            problems.append(problem)
        if address.email is None and not metadata and not any(name) and not any(map(_value, cells)):
            return None
        if address.email is not None and not problems:
            problems += _repetition(address.email, record.number, name, repeats)
        return EarnerRow(
            number=record.number,
            email=address.email,
            first_name=name.first,
            last_name=name.last,
            metadata=metadata,
            problems=tuple(problems),
            cells=tuple(cells) if problems else (),
        )

    def _name(self, cells: list[str]) -> Name | None:
        """Return the name by its own columns, else by that of the full name; None where all are empty."""
        first = cleaned(cells[self.first_name]) if self.first_name is not None else ""
        last = cleaned(cells[self.last_name]) if self.last_name is not None else ""
        if first or last:
            return Name(first, last)
        for column, is_last_first in ((self.full_name, False), (self.last_name_first, True)):
            if column is not None and (full := cleaned(cells[column])):
                return split_name(full, is_last_first=is_last_first)
        return None

    def _name_problems(self, name: Name) -> Iterable[str | None]:
        if name.first:
            yield problem_of(name.first, _("first name"))
        if name.last:
            yield problem_of(name.last, _("last name"))

    def _surplus(self, cells: list[str]) -> str | None:
        """Return the problem of cells beyond the last heading, if there is anything in them."""
        surplus = [
            (index, cell.strip())
            for index, cell in enumerate(cells[self.width :], self.width)
            if cell.strip()
        ]
        if not surplus:
            return None
        where = ", ".join(f"“{shown(cell)}” ({column_name(index)})" for index, cell in surplus[:3])
        problem = ngettext(
            "There is a cell without a heading: %(cells)s.",
            "There are cells without a heading: %(cells)s.",
            len(surplus),
        ) % {"cells": where + (", …" if len(surplus) > 3 else "")}
        if self.delimiter:
            sign = _("tab") if self.delimiter == "\t" else f"“{self.delimiter}”"
            problem += " " + _("If a value has a %(sign)s in it, put it in quotation marks.") % {"sign": sign}
        return problem


def _unmarked(cell: str) -> str:
    """Return a cell without the apostrophe that keeps it from being a formula in a file that we wrote."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA_STARTS else cell


def _value(cell: str) -> str:
    """Return a further cell as text to keep: trimmed, line ends as LF, no control characters."""
    cell = cell.strip()
    if not cell or cell.isprintable():
        return "" if cell and not cell.translate(INVISIBLE).strip() else cell
    return cell.replace("\r\n", "\n").replace("\r", "\n").translate(NOT_PRINTED).strip().strip("\ufeff\u200b")


def _repetition(email: str, number: int, name: Name, repeats: Repeats) -> list[str]:
    first_use = repeats.note(email, number, name)
    if first_use is None:
        return []
    other = Name(first_use.first_name, first_use.last_name)
    if any(other) and any(name) and [part.casefold() for part in other] != [part.casefold() for part in name]:
        return [
            _("The same e-mail address is in row %(number)s, with another name: %(name)s.")
            % {"number": first_use.number, "name": shown(" ".join(filter(None, other)))}
        ]
    return [_("The same e-mail address is in row %(number)s.") % {"number": first_use.number}]
