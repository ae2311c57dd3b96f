"""The import in the browser: chosen, looked at, understood otherwise, done once; rows to correct."""

import csv
import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from earners.files import read_earners
from earners.manage import uploads
from earners.models import Earner, EarnersList, ListMembership
from organizations.models import AuditEntry, Organization, User
from tests.at_work import Member

# As a school's program exports it: Windows-1252, a title, semicolons, a repeated address, one that is none, a formula.
MESSY = (
    "Elenco 2026;;;\nCognome;Nome;Indirizzo e-mail;Classe\n"
    "Rossi;Niccolò;niccolo@example.org;5A\n"
    "Verdi;Anna;anna@example.org ;5A\n"
    "Verdi;Anna;ANNA@example.org;5B\n"
    "Bianchi;Luca;luca at example;=5C\n"
).encode("cp1252")


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Nothing is kept of another test."""
    cache.clear()


@pytest.fixture
def member(acme: Organization, alice: User) -> Member:
    """Alice at work."""
    return Member(alice, acme)


def chosen(member: Member, content: bytes = MESSY, name: str = "classe.csv", **fields: Any) -> UUID:
    """Choose a file; return the id of the upload."""
    page = member.post("import_earners", file=SimpleUploadedFile(name, content), **fields)
    assert page.status_code == 302, page.context["form"].errors
    return UUID(page["Location"].rsplit("/", 1)[1])


def columns(member: Member, upload: UUID, **changed: str) -> dict[str, Any]:
    """Return what the form of the columns sends."""
    form = member.get("import_preview", upload).context["form"]
    return {field.name: field.initial for field in form} | changed


def as_workbook(rows: list[list[str]]) -> bytes:
    """Return rows as XLSX."""
    workbook = Workbook()
    sheet = workbook.create_sheet(index=0)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def test_preview_tells_everything_and_changes_nothing(
    acme: Organization, member: Member, listed: EarnersList
) -> None:
    content = MESSY + b"Lovelace;Ada;ada@example.org;5C\n"

    page = member.get("import_preview", chosen(member, content, earners_list=str(listed.uuid)))

    assert page.context["counts"] == {
        "added": 2,
        "listed": 0,
        "updated": 1,
        "unchanged": 0,
        "problem": 2,
    }
    assert [field.initial for field in page.context["form"]] == [
        "last_name",
        "first_name",
        "email",
        "metadata",
    ]
    assert [(row.number, row.message) for row in page.context["failed"]] == [
        (5, "The same e-mail address is in row 4."),
        (6, "“luca at example” is not a valid e-mail address."),
    ]
    words = page.content.decode()
    assert "Niccolò" in words
    assert "Import 3 people" in words
    assert set(Earner.objects.values_list("email", flat=True)) == {"ada@example.org", "grace@example.org"}


def test_import_puts_people_on_a_new_list_called_like_the_file(acme: Organization, member: Member) -> None:
    upload = chosen(member)

    page = member.post("import_preview", upload, **columns(member, upload), act="import", follow=True)

    made = EarnersList.objects.get(organization=acme)
    said = ListMembership.objects.filter(earners_list=made).order_by("pk")
    assert list(said.values_list("earner__email", "first_name", "last_name", "metadata")) == [
        ("niccolo@example.org", "Niccolò", "Rossi", {"Classe": "5A"}),
        ("anna@example.org", "Anna", "Verdi", {"Classe": "5A"}),
    ]
    assert "2 people were put on the list “classe”" in page.content.decode()
    assert f"?list={made.uuid}" in page.content.decode()
    entry = AuditEntry.objects.get(act="earners.imported")
    assert (entry.actor, entry.subject, entry.details) == (
        "alice@acme.example",
        made.uuid,
        {"added": 2, "problem": 2},
    )


def test_second_click_imports_nothing_again(acme: Organization, member: Member) -> None:
    upload = chosen(member)
    fields = columns(member, upload)
    member.post("import_preview", upload, **fields, act="import")
    EarnersList.objects.all().delete()

    page = member.post("import_preview", upload, **fields, act="import")

    assert page.context["outcome"].counts["added"] == 2
    assert not EarnersList.objects.exists()
    assert AuditEntry.objects.filter(act="earners.imported").count() == 1


def test_import_that_runs_is_not_begun_again(acme: Organization, member: Member) -> None:
    upload = chosen(member)
    fields = columns(member, upload)
    cache.add(f"earners-upload:{upload}:running", 1)

    page = member.post("import_preview", upload, **fields, act="import")

    assert "at this moment" in page.content.decode()
    assert not Earner.objects.exists()


def test_columns_are_understood_as_one_says(acme: Organization, member: Member) -> None:
    upload = chosen(member)
    said = columns(member, upload, column_0="metadata", column_1="full_name", column_3="ignored")

    shown = member.post("import_preview", upload, **said, act="preview", follow=True)
    member.post("import_preview", upload, **columns(member, upload), act="import")

    assert shown.redirect_chain != []
    row = ListMembership.objects.order_by("pk").first()
    assert row is not None
    assert (row.first_name, row.last_name, row.metadata) == ("Niccolò", "", {"Cognome": "Rossi"})


def test_columns_that_make_no_sense_are_refused(member: Member) -> None:
    upload = chosen(member)
    said = columns(member, upload, column_2="metadata")

    page = member.post("import_preview", upload, **said, act="import")

    assert page.status_code == 400
    assert "Say which column has the e-mail addresses." in page.content.decode()
    assert not Earner.objects.exists()


@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_rows_to_correct_come_back_as_a_file_that_is_read_again(
    acme: Organization, member: Member, is_done: bool
) -> None:
    upload = chosen(member)
    if is_done:
        member.post("import_preview", upload, **columns(member, upload), act="import")

    text = b"".join(member.get("import_failed", upload, format="csv").streaming_content)

    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig")))) == [
        ["[Laurel] What is wrong", "Cognome", "Nome", "Indirizzo e-mail", "Classe"],
        ["The same e-mail address is in row 4.", "Verdi", "Anna", "ANNA@example.org", "5B"],
        [
            "“luca at example” is not a valid e-mail address.",
            "Bianchi",
            "Luca",
            "luca at example",
            "'=5C",
        ],
    ]
    corrected = read_earners(text.replace(b",luca at example", b",luca@example.org"))
    luca = list(corrected.rows)[-1]
    assert (luca.email, luca.first_name, luca.metadata) == ("luca@example.org", "Luca", {"Classe": "=5C"})


def test_workbook_of_rows_to_correct_is_read_again(member: Member) -> None:
    rows = [["Email", "Class"], ["nobody", "1"], ["ada@example.org", "2"]]
    upload = chosen(member, as_workbook(rows), "class.xlsx")

    content = b"".join(member.get("import_failed", upload).streaming_content)

    [row] = read_earners(content).rows
    assert (row.email, row.metadata, row.problems != ()) == ("nobody", {"Class": "1"}, True)
    assert AuditEntry.objects.get(act="data.exported").details == {"failed_rows": "xlsx"}


def test_pasted_rows_are_imported(acme: Organization, member: Member) -> None:
    page = member.post(
        "import_earners", rows="Ada Lovelace <ada@example.org>, alan@example.org", list_name="Pasted"
    )
    upload = UUID(page["Location"].rsplit("/", 1)[1])

    member.post("import_preview", upload, **columns(member, upload), act="import")

    assert list(Earner.objects.order_by("email").values_list("email", "first_name")) == [
        ("ada@example.org", "Ada"),
        ("alan@example.org", ""),
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "file"),
        ({"rows": "ada@example.org"}, "list_name"),
        ({"rows": "no addresses here", "list_name": "x"}, "rows"),
        ({"file": b"%PDF-1.7", "list_name": "x"}, "file"),
        ({"file": b"", "list_name": "x"}, "file"),
        ({"file": MESSY, "rows": "ada@example.org"}, "rows"),
        ({"file": b"x" * 2000, "list_name": "x"}, "file"),
        ({"rows": "ada@example.org", "earners_list": "foreign"}, "earners_list"),
    ],
)
def test_what_cannot_be_read_is_refused_and_what_was_typed_stays(
    member: Member,
    foreign: EarnersList,
    monkeypatch: pytest.MonkeyPatch,
    fields: dict[str, Any],
    field: str,
) -> None:
    monkeypatch.setattr("earners.manage.forms.MAX_BYTES", 1999)
    values = dict(fields)
    if "file" in values:
        values["file"] = SimpleUploadedFile("file.csv", values["file"])
    if "earners_list" in values:
        values["earners_list"] = str(foreign.uuid)

    page = member.post("import_earners", **values)

    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert "Secret" not in page.content.decode()
    if "rows" in fields:
        assert fields["rows"] in page.content.decode()


def test_too_many_rows_are_refused_at_once(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_ROWS", 2)

    page = member.get("import_preview", chosen(member))

    assert page.status_code == 302
    assert "more than 2 rows" in member.get("import_earners").content.decode()
    assert not Earner.objects.exists()


def test_file_is_kept_encrypted_for_its_organization_alone_and_thrown_away(
    acme: Organization, globex: Organization, member: Member
) -> None:
    upload = chosen(member)
    kept = cache.get(f"earners-upload:{upload}")
    assert b"niccolo" not in kept.content
    assert uploads.find_upload(globex, upload) is None
    assert uploads.find_upload(acme, uuid4()) is None

    page = member.post("drop_import", upload, follow=True)

    assert "thrown away" in page.content.decode()
    assert cache.get(f"earners-upload:{upload}").content == b""
    assert member.get("import_preview", upload).status_code == 404


def test_content_goes_when_the_import_is_done(acme: Organization, member: Member) -> None:
    upload = chosen(member)

    member.post("import_preview", upload, **columns(member, upload), act="import")

    assert cache.get(f"earners-upload:{upload}").content == b""


def test_list_that_was_deleted_meanwhile_is_told(member: Member, listed: EarnersList) -> None:
    upload = chosen(member, earners_list=str(listed.uuid))
    listed.delete()

    page = member.client.get(member.url("import_preview", upload), follow=True)

    assert "The list was deleted meanwhile. Nothing was imported." in page.content.decode()
