"""Files that are no table of people, and what is said about each."""

import pytest

from earners.files import UnreadableFile, read_earners


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file “x.csv” is empty. Export it again."),
        (b" \r\n\r\n", "The file “x.csv” is empty. Export it again."),
        (b"\xef\xbb\xbf\n", "The file is empty. Put the earners in it, with the headings above them."),
        (
            b"email,name\n\n,\n",
            "The file has headings and no rows below them. Add the earners, one in each row.",
        ),
        (
            b"name,town\nAda,London\n",
            "No column with e-mail addresses was found. The first row has: “name”, “town”. "
            "Give the column the heading “email”.",
        ),
        (
            bytes(range(256)) * 9,
            "This is no text and no workbook that is known here. Save the table as .xlsx or .csv.",
        ),
        (b"%PDF-1.7\n", "This is a PDF. Save the table it was made from as .xlsx or .csv."),
        (b"\x89PNG\r\n\x1a\n", "This is a picture. Upload the table itself, as .xlsx or .csv."),
        (
            b"\x1f\x8b\x08\x00",
            "This is a compressed file. Unpack it and upload the .xlsx or .csv file in it.",
        ),
        (
            b"\r\n<HTML><table>",
            "This is a web page, whatever its name says. "
            "Open it in a spreadsheet program and save it as .xlsx or .csv.",
        ),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
            "This is an XML file. Open it in a spreadsheet program and save it as .xlsx or .csv.",
        ),
        (
            b"{\\rtf1",
            "This is a text document (RTF). Put the table in a spreadsheet and save it as .xlsx or .csv.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "This is a file of an older Office program (.xls or .doc). Open it and save it as .xlsx or .csv.",
        ),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(65520) + "EncryptedPackage".encode("utf-16-le"),
            "This workbook is protected by a password. Remove the password, save it, and upload it again.",
        ),
        (
            "email,name\na@example.org,A\n".encode("utf-16")[:-1],
            "This text file is damaged or was cut off (it says that it is UTF-16). "
            "Export it again, as .xlsx or .csv.",
        ),
        (
            b"x" * (3 << 20),
            "This file has a line of more than a million characters, so it is no table of people. "
            "Save it as .xlsx or .csv.",
        ),
    ],
)
def test_what_is_no_table_of_people_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        list(read_earners(content, name="x.csv").rows)

    assert caught.value.message == message
