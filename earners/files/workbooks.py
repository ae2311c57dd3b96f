"""Rows of XLSX workbooks as text, in constant memory but for the table of shared texts.

Not by openpyxl's own reader: it refuses workbooks whose styles it does not know and those in ISO's
namespaces, warns through the whole process, fills rows up to the widest cell (one cell in column XFD costs
16,384), and gives no format with a value.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from posixpath import join, normpath
from typing import BinaryIO, NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import XMLParser
from django.utils.translation import gettext as _
from openpyxl.styles.numbers import BUILTIN_FORMATS

from earners.exceptions import UnreadableFile
from earners.files.delimited import Record
from earners.files.number_formats import shown_number

CHUNK = 1 << 16
MAX_UNPACKED = 160 << 20  # bytes of one part: 200,000 rows of ten columns have about 100 MiB
MAX_SHARED = 48 << 20  # bytes of the shared texts, which stay in memory
MAX_SHEETS = 200
MAX_COLUMNS = 1000
MAX_ROWS_IN_SHEET = 1 << 20  # as in Excel
GENERAL = "General"
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+\Z")

Start = Callable[[str, Mapping[str, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of a workbook: its name as people see it, and where it is in the archive."""

    name: str
    part: str
    is_hidden: bool


class Workbook:
    """An XLSX workbook opened for reading. Sheets can be read any number of times."""

    def __init__(self, content: BinaryIO) -> None:
        """Open the archive and read what all sheets share.

        Raises UnreadableFile for what is no sound XLSX workbook.
        """
        with _damage_told():
            self.archive = zipfile.ZipFile(content)
            self.names = frozenset(self.archive.namelist())
            main = self._main_part()
            outline = _Outline()
            self._read(main, outline)
            self.is_from_1904 = outline.is_from_1904
            targets = self._relations(main)
            self.sheets = [
                Sheet(name=name, part=targets[relation][1], is_hidden=is_hidden)
                for name, relation, is_hidden in outline.sheets
                if relation in targets
                and targets[relation][0] == "worksheet"
                and targets[relation][1] in self.names
            ]
            if len(self.sheets) > MAX_SHEETS:
                raise UnreadableFile(
                    _(
                        "This workbook has more than %(limit)s sheets. Save the one with the earners on "
                        "its own."
                    )
                    % {"limit": MAX_SHEETS}
                )
            shared = _SharedTexts()
            formats = _Formats()
            for kind, part in targets.values():
                if kind == "sharedStrings" and part in self.names:
                    self._read(part, shared, limit=MAX_SHARED)
                elif kind == "styles" and part in self.names:
                    self._read(part, formats)
            self.texts = shared.texts
            self.formats = formats.codes()

    def records(self, sheet: Sheet) -> Iterator[Record]:
        """Yield the rows of a sheet that have cells, with their numbers; blank rows are not made up."""
        reader = _Rows(self.texts, self.formats, is_from_1904=self.is_from_1904)
        with _damage_told():
            for chunk in self._chunks(sheet.part):
                reader.parser.feed(chunk)
                yield from reader.taken()
            reader.parser.close()
            yield from reader.taken()

    def _main_part(self) -> str:
        """Return the name of the workbook's part; refuse other programs' archives by name."""
        if "mimetype" in self.names:
            with self.archive.open("mimetype") as stream:
                if b"opendocument" in stream.read(200):
                    raise UnreadableFile(
                        _("This is an OpenDocument file (.ods or .odt). Save it as .xlsx or .csv.")
                    )
        if "xl/workbook.bin" in self.names:
            raise UnreadableFile(_("This is a binary workbook (.xlsb). Save it as .xlsx or .csv."))
        if any(name.startswith(("word/", "ppt/")) for name in self.names):
            raise UnreadableFile(
                _(
                    "This is a Word or PowerPoint file. Put the table in a spreadsheet, saved as .xlsx or "
                    ".csv."
                )
            )
        if any(name.endswith(".iwa") for name in self.names):
            raise UnreadableFile(_("This is a Numbers or Pages file. Export it as Excel (.xlsx) or CSV."))
        if "_rels/.rels" in self.names:
            for kind, part in self._relations("").values():
                if kind == "officeDocument" and part in self.names:
                    return part
        if "[Content_Types].xml" in self.names:
            _refuse_damage()
        raise UnreadableFile(
            _("This is a ZIP archive and no workbook. Unpack it and upload the .xlsx or .csv file in it.")
        )

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return kind and target of what a part refers to, by id."""
        folder, _slash, name = part.rpartition("/")
        relations = join(folder, "_rels", f"{name}.rels")
        if relations not in self.names:
            return {}
        reader = _Relations()
        self._read(relations, reader)
        return {
            identifier: (
                kind,
                target.lstrip("/") if target.startswith("/") else normpath(join(folder, target)),
            )
            for identifier, kind, target in reader.found
        }

    def _read(self, part: str, target: "_Target", *, limit: int | None = None) -> None:
        for chunk in self._chunks(part, limit=limit):
            target.parser.feed(chunk)
        target.parser.close()

    def _chunks(self, part: str, *, limit: int | None = None) -> Iterator[bytes]:
        limit = MAX_UNPACKED if limit is None else limit
        # What the archive says about sizes can be trusted here: zipfile stops at it and then finds the
        # checksum wrong.
        if self.archive.getinfo(part).file_size > limit:
            raise UnreadableFile(
                _("Unpacked, this workbook is larger than %(limit)s MB. Split it, or save the sheet as .csv.")
                % {"limit": limit >> 20}
            )
        with self.archive.open(part) as stream:
            while chunk := stream.read(CHUNK):
                yield chunk


class _Target:
    """Takes what the parser finds, element by element, so that no tree is ever in memory.

    Names are given without their namespace: Microsoft's and ISO's differ in nothing else.
    """

    def __init__(self) -> None:
        self.parser = XMLParser(target=self)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.begin(tag.rpartition("}")[2], attributes)

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """Called by the parser at the end."""


class _Relations(_Target):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            kind = attributes.get("Type", "").rpartition("/")[2]
            self.found.append((attributes.get("Id", ""), kind, attributes.get("Target", "")))


class _Outline(_Target):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str, bool]] = []
        self.is_from_1904 = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith("}id")), "")
            self.sheets.append(
                (attributes.get("name", ""), relation, attributes.get("state", "visible") != "visible")
            )
        elif name == "workbookPr":
            self.is_from_1904 = attributes.get("date1904") in {"1", "true"}


class _Formats(_Target):
    def __init__(self) -> None:
        super().__init__()
        self.own: dict[str, str] = {}
        self.numbers: list[str] = []
        self.is_cell_format = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt" and "numFmtId" in attributes:
            self.own.setdefault(attributes["numFmtId"], attributes.get("formatCode", GENERAL))
        elif name in {"cellXfs", "cellStyleXfs", "dxfs"}:
            self.is_cell_format = name == "cellXfs"
        elif name == "xf" and self.is_cell_format:
            self.numbers.append(attributes.get("numFmtId", "0"))

    def codes(self) -> list[str]:
        """Return the format of each style that cells refer to."""
        builtin = {str(number): code for number, code in BUILTIN_FORMATS.items()}
        return [self.own.get(number) or builtin.get(number, GENERAL) for number in self.numbers]


class _SharedTexts(_Target):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.pieces: list[str] = []
        self.is_text = False
        self.is_reading_aid = False

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002
        if name == "si":
            self.pieces = []
        elif name == "rPh":  # how Japanese words are pronounced; no part of the text
            self.is_reading_aid = True
        elif name == "t":
            self.is_text = not self.is_reading_aid

    def data(self, text: str) -> None:
        if self.is_text:
            self.pieces.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name == "t":
            self.is_text = False
        elif name == "rPh":
            self.is_reading_aid = False
        elif name == "si":
            self.texts.append(_unescaped("".join(self.pieces)))


class _Rows(_Target):
    """Makes records of a sheet. `taken` hands out those that are complete."""

    def __init__(self, texts: list[str], formats: list[str], *, is_from_1904: bool) -> None:
        super().__init__()
        self.texts = texts
        self.formats = formats
        self.is_from_1904 = is_from_1904
        self.records: list[Record] = []
        self.number = 0
        self.cells: list[str] = []
        self.column = 0
        self.kind = "n"
        self.style = 0
        self.pieces: list[str] = []
        self.is_value = False
        self.is_reading_aid = False

    def taken(self) -> list[Record]:
        """Return the records completed since the last call."""
        records, self.records = self.records, []
        return records

    def begin(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            match = REFERENCE.match(attributes.get("r", ""))
            self.column = column_index(match[1]) if match else self.column + 1
            self.kind = attributes.get("t", "n")
            self.style = int(attributes.get("s", 0))
            self.pieces = []
        elif name == "v" or (name == "t" and self.kind == "inlineStr"):
            self.is_value = not self.is_reading_aid
        elif name == "rPh":
            self.is_reading_aid = True
        elif name == "row":
            self.number = int(attributes.get("r", self.number + 1))
            self.cells = []
            self.column = -1
            if self.number > MAX_ROWS_IN_SHEET:
                _refuse_damage()

    def data(self, text: str) -> None:
        if self.is_value:
            self.pieces.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name in {"v", "t"}:
            self.is_value = False
        elif name == "rPh":
            self.is_reading_aid = False
        elif name == "c":
            if self.pieces:
                self._put(self._shown("".join(self.pieces)))
        elif name == "row" and self.cells:
            self.records.append(Record(self.number, self.cells))

    def _put(self, text: str) -> None:
        if not text:
            return
        if self.column >= MAX_COLUMNS:
            raise UnreadableFile(
                _(
                    "The sheet has more than %(limit)s columns. Delete those that are not needed and save "
                    "it again."
                )
                % {"limit": MAX_COLUMNS}
            )
        self.cells.extend([""] * (self.column + 1 - len(self.cells)))
        self.cells[self.column] = text

    def _shown(self, text: str) -> str:
        if self.kind == "s":
            return self.texts[int(text)]
        if self.kind == "n":
            code = self.formats[self.style] if self.style < len(self.formats) else GENERAL
            return shown_number(text, code, is_from_1904=self.is_from_1904)
        if self.kind == "b":
            return "TRUE" if text.strip() in {"1", "true"} else "FALSE"
        return _unescaped(text)


def column_index(letters: str) -> int:
    """Return 0 for "A", 26 for "AA"."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def _unescaped(text: str) -> str:
    """Undo the writing of control characters as _x000D_ (ECMA-376 part 1, 22.9.2.19). A zero is left out."""
    if "_x" not in text:
        return text
    return ESCAPED.sub(lambda match: _character(int(match[1], 16)), text)


def _character(code: int) -> str:
    return "" if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn what broken archives and broken XML raise into one sentence."""
    try:
        yield
    except (RuntimeError, NotImplementedError) as error:
        raise UnreadableFile(
            _(
                "This workbook is encrypted or packed in an unusual way. Save it anew as .xlsx without a "
                "password."
            )
        ) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ParseError, DefusedXmlException) as error:
        raise UnreadableFile(_damage()) from error
    except (KeyError, IndexError, ValueError) as error:
        raise UnreadableFile(_damage()) from error


def _damage() -> str:
    return _(
        "This workbook is damaged or was cut off on its way. Open it, save it anew as .xlsx, and upload it "
        "again."
    )


def _refuse_damage() -> NoReturn:
    raise UnreadableFile(_damage())
