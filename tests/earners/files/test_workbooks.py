"""XLSX workbooks: what people see in them, and what is refused."""

import datetime
import io
import zipfile
from collections.abc import Sequence
from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from earners.files import EarnerRow, Meaning, UnreadableFile, read_earners, workbooks

Cells = Sequence[Sequence[object]]
DAMAGED = (
    "This workbook is damaged or was cut off on its way. Open it, save it anew as .xlsx, and upload it again."
)
PEOPLE: Cells = [["Email", "Name"], ["a@example.org", "Anna Rossi"]]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ISO_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
ISO_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"


def workbook(**sheets: Cells) -> bytes:
    """Return a workbook with these sheets."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for name, cells in sheets.items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as the bytes of its file."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def packed(parts: dict[str, str]) -> bytes:
    """Return a ZIP archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def handmade(rows: str, *, main: str = MAIN, relations: str = RELATIONS, shared: str = "") -> bytes:
    """Return a workbook whose sheet has this XML between its sheetData tags."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return packed(
        {
            "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
            f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">'
            f'<Relationship Id="r1" Type="{relations}/worksheet" Target="/xl/worksheets/sheet1.xml"/>'
            f'<Relationship Id="r2" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><dimension ref="A1:XFD1048576"/>'
            f"<sheetData>{rows}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        }
    )


def inline(*cells: str) -> str:
    """Return the XML of cells with text of their own."""
    return "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in cells)


WORKBOOK = workbook(Class=PEOPLE)


def refusal(content: bytes) -> str:
    """Return the message by which a file is refused."""
    with pytest.raises(UnreadableFile) as caught:
        list(read_earners(content).rows)
    return caught.value.message


def test_records_show_cells_as_people_see_them() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Participants of the course"])
    sheet.append([])
    sheet.append(["E-mail", "Nome", "Cognome", "Born", "CAP", "Phone", "Mark", "Paid", "Note"])
    sheet.append(
        ["a@example.org", "Anna", "Rossi", datetime.date(1990, 1, 31), 47, 393331234567, 28.5, True, "è\nsì"]
    )
    sheet["D4"].number_format = "dd/mm/yyyy"
    sheet["E4"].number_format = "00000"
    sheet["B8"] = "Nobody"

    file = read_earners(saved(book))

    assert (file.delimiter, file.encoding, file.sheet, file.warnings) == (None, None, "Sheet", ())
    assert (
        list(file.columns.values())
        == [Meaning.EMAIL, Meaning.FIRST_NAME, Meaning.LAST_NAME] + [Meaning.METADATA] * 6
    )
    assert list(file.rows) == [
        EarnerRow(
            number=4,
            email="a@example.org",
            first_name="Anna",
            last_name="Rossi",
            metadata={
                "Born": "31/01/1990",
                "CAP": "00047",
                "Phone": "393331234567",
                "Mark": "28.5",
                "Paid": "TRUE",
                "Note": "è\nsì",
            },
        ),
        EarnerRow(
            number=8,
            email=None,
            first_name="Nobody",
            metadata={},
            problems=("There is no e-mail address.",),
        ),
    ]


def test_records_have_the_last_results_of_formulas_and_rich_text_without_reading_aids() -> None:
    content = handmade(
        f'<row r="1">{inline("email", "name", "points")}</row>'
        '<row r="2"><c r="A2" t="str"><f>B2&amp;"@example.org"</f><v>a@example.org</v></c>'
        '<c r="B2" t="s"><v>0</v></c><c r="C2"><f>1+1</f><v>2</v></c></row>'
        '<row r="3"><c r="A3" t="str"><f>B3</f></c><c r="C3" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>',
        shared="<si><r><t>An</t></r><r><t>na</t></r><rPh><t>x</t></rPh><phoneticPr/></si>",
    )

    assert list(read_earners(content).rows) == [
        EarnerRow(number=2, email="a@example.org", first_name="Anna", metadata={"points": "2"}),
        EarnerRow(
            number=3, email=None, metadata={"points": "#DIV/0!"}, problems=("There is no e-mail address.",)
        ),
    ]


def test_records_are_read_in_isos_namespaces_without_references_and_styles() -> None:
    content = handmade(
        f"<row>{inline('email', 'name', 'note')}</row>"
        f"<row>{inline('a@example.org', 'Anna', 'x_x000D_&#10;y')}</row>",
        main=ISO_MAIN,
        relations=ISO_RELATIONS,
    )

    assert list(read_earners(content).rows) == [
        EarnerRow(number=2, email="a@example.org", first_name="Anna", metadata={"note": "x\ny"})
    ]


def test_the_first_visible_sheet_with_an_email_heading_is_read() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(
            workbook(
                Help=[["Questions?"], ["help@example.org"]],
                Old=[["Email"], ["old@example.org"]],
                Empty=[],
                Class=PEOPLE,
                Other=[["Email"], ["other@example.org"]],
            )
        )
    )
    book["Old"].sheet_state = "hidden"

    file = read_earners(saved(book))

    assert file.sheet == "Class"
    assert file.warnings == (
        "The workbook has 3 sheets with content. “Class” was read, the others were not.",
    )
    assert [row.email for row in file.rows] == ["a@example.org"]


def test_cells_far_to_the_right_and_far_down_cost_nothing_and_are_refused() -> None:
    far_right = handmade(f'<row r="1">{inline("email")}<c r="XFD1"><v>1</v></c></row>')
    far_down = handmade(f'<row r="1">{inline("email")}</row><row r="1048577">{inline("a@example.org")}</row>')

    assert refusal(far_right) == (
        "The sheet has more than 1000 columns. Delete those that are not needed and save it again."
    )
    assert refusal(far_down) == DAMAGED


def test_a_row_far_down_keeps_its_number() -> None:
    content = handmade(f'<row r="1">{inline("email")}</row><row r="1048576">{inline("a@example.org")}</row>')

    assert [row.number for row in read_earners(content).rows] == [1048576]


@pytest.mark.parametrize("limit", ["MAX_UNPACKED", "MAX_SHARED"])
def test_a_bomb_is_refused_by_its_unpacked_size(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    text = "x" * (2 << 20)
    content = handmade(f'<row r="1">{inline("email", text)}</row>', shared=f"<si><t>{text}</t></si>")
    assert len(content) < 20000
    small = handmade(f"<row>{inline('email')}</row><row>{inline('a@example.org')}</row>")
    monkeypatch.setattr(workbooks, limit, 1 << 20)

    assert len(list(read_earners(small).rows)) == 1
    assert (
        refusal(content)
        == "Unpacked, this workbook is larger than 1 MB. Split it, or save the sheet as .csv."
    )


def test_entities_are_refused() -> None:
    book = handmade(f"<row>{inline('email')}</row>")
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    parts["xl/sharedStrings.xml"] = (
        f'<!DOCTYPE s [<!ENTITY a "aaaa">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
    )

    assert refusal(packed(parts)) == DAMAGED


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.99])
def test_a_cut_workbook_is_refused(keep: float) -> None:
    content = workbook(Class=PEOPLE)

    assert refusal(content[: int(len(content) * keep)]) == DAMAGED


def test_a_workbook_with_a_wrong_byte_in_its_rows_is_refused() -> None:
    content = workbook(Class=PEOPLE)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 150

    assert refusal(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :]) == DAMAGED


@pytest.mark.parametrize(
    "rows", ['<row r="x"/>', '<row><c t="s"><v>9</v></c></row>', '<row><c s="x"/></row>', "<row>"]
)
def test_a_workbook_that_contradicts_itself_is_refused(rows: str) -> None:
    assert refusal(handmade(rows)) == DAMAGED


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (workbook(Empty=[]), "The workbook is empty. Put the earners in it, with the headings above them."),
        (
            workbook(Heading=[["Email"]]),
            "The file has headings and no rows below them. Add the earners, one in each row.",
        ),
        (
            workbook(Towns=[["Town"], ["Roma"]]),
            "No column with e-mail addresses was found. The first row has: “Town”. "
            "Give the column the heading “email”.",
        ),
        (
            packed({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}),
            "This is an OpenDocument file (.ods or .odt). Save it as .xlsx or .csv.",
        ),
        (packed({"xl/workbook.bin": ""}), "This is a binary workbook (.xlsb). Save it as .xlsx or .csv."),
        (
            packed({"word/document.xml": ""}),
            "This is a Word or PowerPoint file. Put the table in a spreadsheet, saved as .xlsx or .csv.",
        ),
        (
            packed({"Index/Document.iwa": ""}),
            "This is a Numbers or Pages file. Export it as Excel (.xlsx) or CSV.",
        ),
        (packed({"[Content_Types].xml": "<Types/>"}), DAMAGED),
        (
            packed({"list.csv": "email\na@example.org\n"}),
            "This is a ZIP archive and no workbook. Unpack it and upload the .xlsx or .csv file in it.",
        ),
    ],
)
def test_archives_that_are_no_list_of_people_are_refused(content: bytes, message: str) -> None:
    assert refusal(content) == message


def test_a_workbook_with_very_many_sheets_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = workbook(One=PEOPLE, Two=PEOPLE)
    assert read_earners(content).sheet == "One"
    monkeypatch.setattr(workbooks, "MAX_SHEETS", 1)

    assert (
        refusal(content) == "This workbook has more than 1 sheets. Save the one with the earners on its own."
    )


def test_a_part_that_is_encrypted_is_refused() -> None:
    content = bytearray(handmade(f"<row>{inline('email')}</row>"))
    # The first bit of the flags, in the central directory, says that a part is encrypted (APPNOTE 4.4.4).
    place = 0
    while (place := content.find(b"PK\x01\x02", place)) >= 0:
        content[place + 8] |= 1
        place += 4

    assert refusal(bytes(content)) == (
        "This workbook is encrypted or packed in an unusual way. Save it anew as .xlsx without a password."
    )


def test_dates_follow_the_workbooks_own_calendar() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(Class=[["Email", "Born"]])))
    book.epoch = CALENDAR_MAC_1904
    book["Class"].append(["a@example.org", datetime.date(2024, 1, 31)])

    assert [row.metadata for row in read_earners(saved(book)).rows] == [{"Born": "2024-01-31"}]


@settings(max_examples=150, deadline=None)
@given(place=st.integers(0, 10**6), byte=st.integers(0, 255), cut=st.integers(0, 3))
def test_a_workbook_with_any_byte_wrong_is_read_or_refused_in_words(place: int, byte: int, cut: int) -> None:
    content = bytearray(WORKBOOK)
    content[place % len(content)] = byte
    del content[len(content) - cut :]

    # The checksum guards the rows: what is read at all is right.
    with suppress(UnreadableFile):
        assert [row.email for row in read_earners(bytes(content)).rows] == ["a@example.org"]
