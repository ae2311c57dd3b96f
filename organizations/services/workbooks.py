"""An XLSX workbook of one sheet (ECMA-376), written piece by piece: the first bytes leave at once, and memory stays flat.

Tried: openpyxl's write-only mode. It takes 29 s for 100,000 badges and has nothing to send before the last one, so that
proxies give up on long exports. This takes a tenth of that.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from config.text import UNSIGNABLE_CHARACTERS

MAX_ROWS = 1_048_576  # of a sheet, with the heading
MAX_TEXT = 32_767  # characters of a cell
FORMULA_STARTS = frozenset("=+-@\t\r\n")
Cell = str | int | datetime | None  # times are naive: a workbook knows no zones

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - naive as all times of a workbook
_FIRST_TIME = datetime(1900, 3, 1)  # noqa: DTZ001 - before it, workbooks count a day that there was not
_SPECIAL = re.compile("[&<>]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_BOLD, _TIME = 1, 2  # places of the styles below
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEET_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_SHEET_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_SHEET_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
        '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_SHEET_START = (
    f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<sheetFormatPr defaultRowHeight="15" defaultColWidth="20"/><sheetData>'
)


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe before it where it looks like one."""
    return f"'{text}" if text[:1] in FORMULA_STARTS and text else text


class Outlet:
    """A file that only takes: what was written is fetched and forgotten. It has no `tell`, so it counts as a stream."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        """Take a piece."""
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Nothing is open."""

    def fetch(self) -> bytes:
        """Return what was written since the last time."""
        content = b"".join(self.pieces)
        self.pieces.clear()
        return content


def write_workbook(
    title: str,
    headings: Sequence[str],
    chunks: Iterable[Sequence[Sequence[Cell]]],
    *,
    expected_rows: int,
) -> Iterator[bytes]:
    """Yield the workbook in pieces, one for each chunk of rows.

    `expected_rows` need not be exact: it decides whether the archive is made for more than 2 GiB. The caller sees to
    MAX_ROWS. Texts are cut at MAX_TEXT; characters that XML does not have become U+FFFD.
    """
    outlet = Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        workbook = (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{_text(title)[:31]}" sheetId="1" r:id="rId1"/></sheets></workbook>'
        )
        for name, content in {**_PARTS, "xl/workbook.xml": workbook}.items():
            archive.writestr(_entry(name), _HEAD + content)
        # At 25,000 bytes a row: many times what is usual, as an archive that turns out too small is a broken one.
        is_large = expected_rows > 2**31 // 25_000
        columns = [_letters(number) for number in range(len(headings))]
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=is_large) as sheet:
            sheet.write((_HEAD + _SHEET_START + _row(1, headings, columns, _BOLD)).encode())
            yield outlet.fetch()
            number = 2
            for chunk in chunks:
                rows = (_row(number + offset, cells, columns) for offset, cells in enumerate(chunk))
                sheet.write("".join(rows).encode())
                number += len(chunk)
                yield outlet.fetch()
            sheet.write(b"</sheetData></worksheet>")
    yield outlet.fetch()


def _entry(name: str) -> zipfile.ZipInfo:
    """Return a file of the archive, of no particular day."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _letters(number: int) -> str:
    """Return the name of a column, counted from 0: A, B, ... Z, AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _row(number: int, cells: Sequence[Cell], columns: Sequence[str], style: int = 0) -> str:
    parts = [f'<row r="{number}">']
    for column, cell in zip(columns, cells, strict=True):
        if cell is None or cell == "":
            continue
        if isinstance(cell, datetime) and cell >= _FIRST_TIME:
            since = cell - _EPOCH
            parts.append(
                f'<c r="{column}{number}" s="{_TIME}"><v>{since.days + since.seconds / 86_400:.10f}</v></c>'
            )
        elif isinstance(cell, int):
            parts.append(f'<c r="{column}{number}"><v>{cell}</v></c>')
        else:
            parts.append(
                f'<c r="{column}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">'
                f"{_text(str(cell))}</t></is></c>"
            )
    parts.append("</row>")
    return "".join(parts)


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT]
    if not text.isprintable():
        text = UNSIGNABLE_CHARACTERS.sub("\ufffd", text)
    if _SPECIAL.search(text):
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text
