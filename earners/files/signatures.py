"""What a file is by its first bytes, and the refusal of what is no table."""

from typing import BinaryIO

from django.utils.translation import gettext as _

from earners.exceptions import UnreadableFile

START = 4096  # bytes looked at; an OLE file is searched whole
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ARCHIVES = (b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*")
PAGES = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<body")


def is_zip(start: bytes) -> bool:
    """Tell whether the file is a ZIP archive, as .xlsx, .ods and .docx are."""
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def refuse_foreign(content: BinaryIO, start: bytes) -> None:
    """Raise UnreadableFile where the first bytes are of a program's own format. Moves the file's position."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(OLE):
        if _contains(content, ENCRYPTED):
            raise UnreadableFile(
                _(
                    "This workbook is protected by a password. Remove the password, save it, and upload it "
                    "again."
                )
            )
        raise UnreadableFile(
            _(
                "This is a file of an older Office program (.xls or .doc). Open it and save it as .xlsx or "
                ".csv."
            )
        )
    if start.startswith(b"%PDF"):
        raise UnreadableFile(_("This is a PDF. Save the table it was made from as .xlsx or .csv."))
    if text.startswith(b"{\\rtf"):
        raise UnreadableFile(
            _("This is a text document (RTF). Put the table in a spreadsheet and save it as .xlsx or .csv.")
        )
    if text.startswith(PAGES) or (text.startswith(b"<?xml") and b"html" in text):
        raise UnreadableFile(
            _(
                "This is a web page, whatever its name says. Open it in a spreadsheet program and save it "
                "as .xlsx or .csv."
            )
        )
    if text.startswith(b"<?xml"):
        raise UnreadableFile(
            _("This is an XML file. Open it in a spreadsheet program and save it as .xlsx or .csv.")
        )
    if start.startswith(ARCHIVES):
        raise UnreadableFile(
            _("This is a compressed file. Unpack it and upload the .xlsx or .csv file in it.")
        )
    if start.startswith(PICTURES):
        raise UnreadableFile(_("This is a picture. Upload the table itself, as .xlsx or .csv."))


def _contains(content: BinaryIO, wanted: bytes) -> bool:
    """Search the whole file in constant memory."""
    content.seek(0)
    tail = b""
    while chunk := content.read(1 << 16):
        if wanted in tail + chunk:
            return True
        tail = chunk[-len(wanted) :]
    return False
