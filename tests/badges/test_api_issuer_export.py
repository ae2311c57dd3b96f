"""Badges as files in the issuer API."""

import csv
import io
import itertools
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django.utils.translation import trans_real
from openpyxl import load_workbook

from badges.api import issuer_export
from badges.models import Badge, BadgeTemplate
from badges.services import exporting
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from badges.services.revoking import revoke_badge
from earners.services import Person
from organizations.enums import ApiScope, Language
from organizations.models import Organization
from organizations.services import workbooks
from organizations.services.workbooks import write_workbook
from tests import factories
from tests.api import Api

HEADINGS = [
    *("Id", "Status", "E-mail", "First name", "Last name", "Badge", "Code", "Type", "Version", "Issued at"),
    *("Expires at", "Activity", "Activity started at", "Activity ended at", "Notes", "Additional details"),
    *("Public", "Imported", "Address", "Issued by", "Recorded at", "Revoked at", "Reason for revoking"),
]


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def table_of(response: Any) -> list[list[str]]:
    """Return the cells of a CSV answer."""
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes) -> list[list[Any]]:
    """Return the cells of a workbook."""
    [sheet] = load_workbook(io.BytesIO(content)).worksheets
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def a_full_badge(template: BadgeTemplate) -> Badge:
    """Return a badge that says something in every column."""
    badge = issue_badge(
        template=template,
        person=Person(email="ada@example.org", first_name="Ada", last_name="Lovelace, the first"),
        award=Award(
            issued_at=datetime(2024, 6, 20, 14, 0, tzinfo=UTC),
            expires_at=datetime(2999, 7, 6, 20, 0, tzinfo=UTC),
            activity_title="Engines",
            activity_started_at=datetime(2024, 1, 10, tzinfo=UTC),
            activity_ended_at=datetime(2024, 6, 1, tzinfo=UTC),
            notes="two\nlines",
            additional_details={"città": "Forlì"},
            visibility="public",
        ),
        by=None,
    )
    Badge.objects.filter(pk=badge.pk).update(created_at=datetime(2024, 6, 20, 14, 0, 1, 999, tzinfo=UTC))
    return badge


def full_row(badge: Badge) -> list[Any]:
    """Return what a_full_badge is in a file."""
    return [
        *(str(badge.uuid), "Valid", "ada@example.org", "Ada", "Lovelace, the first", "Data literacy", "DALP"),
        *("Participation", 1, datetime(2024, 6, 20, 16), datetime(2999, 7, 6, 22), "Engines"),  # noqa: DTZ001
        *(datetime(2024, 1, 10, 1), datetime(2024, 6, 1, 2), "two\nlines", '{"città": "Forlì"}'),  # noqa: DTZ001
        *("yes", "no", badge.public_url, "server", datetime(2024, 6, 20, 16, 0, 1), None, None),  # noqa: DTZ001
    ]


@pytest.fixture
def in_rome(acme: Organization) -> BadgeTemplate:
    """A template of acme's, which now is in Rome."""
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    return factories.template(acme, code="DALP", type="participation")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/badges/export", {}),
        ("/badges/export", {"format": "xlsx"}),
        ("/badges/export", {"format": "xls"}),
        ("/badges/export.xlsx", {}),
        ("/badges/export.xls", {"format": "csv"}),
    ],
)
def test_export_is_a_workbook(api: Api, in_rome: BadgeTemplate, path: str, query: dict[str, str]) -> None:
    badge = a_full_badge(in_rome)

    response = api.get(path, query)

    today = timezone.now().astimezone(ZoneInfo("Europe/Rome"))
    assert (response.status_code, response["Content-Type"]) == (200, issuer_export.XLSX)
    assert response["Content-Disposition"] == f'attachment; filename="badges-acme-{today:%Y-%m-%d}.xlsx"'
    assert sheet_of(response.getvalue()) == [HEADINGS, full_row(badge)]


@pytest.mark.parametrize(
    ("path", "query"), [("/badges/export", {"format": "CSV"}), ("/badges/export.csv", {})]
)
def test_export_is_csv(api: Api, in_rome: BadgeTemplate, path: str, query: dict[str, str]) -> None:
    badge = a_full_badge(in_rome)

    response = api.get(path, query)

    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response["Content-Disposition"].endswith('.csv"')
    assert response.streaming
    assert table_of(response) == [
        HEADINGS,
        ["" if cell is None else str(cell) for cell in full_row(badge)],
    ]


def test_export_speaks_the_language_of_the_organization(
    api: Api, acme: Organization, badge: Badge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text, in_italian in (("First name", "Nome"), ("Valid", "Valido"), ("no", "no, grazie")):
        monkeypatch.setitem(trans_real.translation("it")._catalog._catalogs[0], text, in_italian)  # type: ignore[attr-defined]
    Organization.objects.filter(pk=acme.pk).update(language=Language.ITALIAN)

    for language in ("en", "it"):
        headings, row = table_of(api.get("/badges/export.csv", Accept_Language=language))
        assert (headings[3], row[1], row[16]) == ("Nome", "Valido", "no, grazie")


def test_export_says_the_status_of_each(api: Api, template: BadgeTemplate) -> None:
    factories.badge(template, "valid@example.org")
    expired = datetime(2024, 1, 1, tzinfo=UTC)
    factories.badge(template, "old@example.org", issued_at=expired, expires_at=expired + timedelta(days=1))
    revoked = factories.badge(template, "revoked@example.org")
    revoke_badge(badge=revoked, reason="=HYPERLINK()", by=None)

    table = table_of(api.get("/badges/export.csv"))

    assert [(row[2], row[1], row[-1]) for row in table[1:]] == [
        ("revoked@example.org", "Revoked", "'=HYPERLINK()"),
        ("old@example.org", "Expired", ""),
        ("valid@example.org", "Valid", ""),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_has_no_formulas(api: Api, template: BadgeTemplate, start: str, kind: str) -> None:
    badge = factories.badge(template)
    text = f"{start}1+1"
    Badge.objects.filter(pk=badge.pk).update(
        recipient_email=text,
        recipient_first_name=text,
        recipient_last_name=text,
        activity_title=text,
        notes=text,
    )

    response = api.get(f"/badges/export.{kind}")

    row = (table_of(response) if kind == "csv" else sheet_of(response.getvalue()))[1]
    read = text.replace("\r", "\n") if kind == "xlsx" else text  # as XML readers do
    assert [row[place] for place in (2, 3, 4, 11, 14)] == [f"'{read}"] * 5


def test_badge_that_expires_at_the_end_of_time_is_listed_and_exported(
    api: Api, in_rome: BadgeTemplate
) -> None:
    factories.badge(in_rome, expires_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))

    assert api.get("/badges").json()["data"][0]["expires_at"] == "9999-12-31 23:59:59"
    assert table_of(api.get("/badges/export.csv"))[1][10] == "9999-12-31 23:59:59"
    assert sheet_of(api.get("/badges/export").getvalue())[1][10] == datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001


def test_export_takes_the_filters_of_the_list(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    factories.badge(template, "ada@example.org")
    factories.badge(factories.template(acme, title="Other"), "alan@example.org")

    def found(**query: str) -> list[str]:
        csv_rows = [row[2] for row in table_of(api.get("/badges/export.csv", query))[1:]]
        rows = [row[2] for row in sheet_of(api.get("/badges/export", query).getvalue())[1:]]
        assert csv_rows == rows
        return rows

    assert found() == ["alan@example.org", "ada@example.org"]
    assert found(badge_template_id=str(template.uuid)) == ["ada@example.org"]
    assert found(recipient_email="ALAN@example.org") == ["alan@example.org"]
    assert found(status="revoked") == []
    assert found(badge_template_id=str(uuid4())) == []
    assert api.get("/badges/export", {"status": "lost"}).json()["errors"] == {
        "status": ["The selected status is invalid."]
    }


def test_export_of_another_format_is_refused(api: Api, badge: Badge) -> None:
    response = api.get("/badges/export", {"format": "pdf"})

    assert (response.status_code, response.json()["errors"]) == (
        422,
        {"format": ["The selected format is invalid."]},
    )
    assert api.get("/badges/export", {"format": ""}).status_code == 200


@pytest.mark.parametrize("count", [1, 3, 5, 6])
def test_export_reads_every_badge_once_in_chunks(
    api: Api,
    template: BadgeTemplate,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: Any,
) -> None:
    badges = [factories.badge(template, f"e{number}@example.org") for number in range(count)]
    monkeypatch.setattr(exporting, "CHUNK", 3)
    api.get("/badges/export")
    chunks = count // 3 + 1

    with django_assert_num_queries(2 + chunks):  # one for the key, one for the log
        rows = table_of(api.get("/badges/export.csv"))[1:]

    assert [row[0] for row in rows] == [str(badge.uuid) for badge in reversed(badges)]
    with django_assert_num_queries(2 + chunks):
        assert [row[0] for row in sheet_of(api.get("/badges/export").getvalue())[1:]] == [
            row[0] for row in rows
        ]


def test_export_begins_before_the_last_row_is_read(
    api: Api, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for number in range(5):
        factories.badge(template, f"e{number}@example.org")
    monkeypatch.setattr(exporting, "CHUNK", 2)
    api.get("/badges")

    for kind in ("csv", "xlsx"):
        response = api.get(f"/badges/export.{kind}")
        with django_assert_num_queries(1):
            list(itertools.islice(response.streaming_content, 2))


def test_export_without_badges_has_headings(api: Api, acme: Organization) -> None:
    assert table_of(api.get("/badges/export.csv")) == [HEADINGS]
    assert sheet_of(api.get("/badges/export").getvalue()) == [HEADINGS]


def test_export_that_a_sheet_has_no_room_for_is_refused_before_it_begins(
    api: Api, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        factories.badge(template, f"e{number}@example.org")
    monkeypatch.setattr(exporting, "MAX_ROWS", 3)

    response = api.get("/badges/export")

    assert (response.status_code, response.json()["errors"]) == (
        422,
        {
            "format": [
                "A workbook has room for 2 badges, and these are 3. Export them as CSV, or filter them to fewer."
            ]
        },
    )
    assert len(table_of(api.get("/badges/export.csv"))) == 4
    assert api.get("/badges/export", {"recipient_email": "e1@example.org"}).status_code == 200


def test_export_shows_no_badge_of_another_organization(api: Api, globex: Organization, badge: Badge) -> None:
    theirs = factories.badge(factories.template(globex), "theirs@example.org")

    assert [row[0] for row in table_of(api.get("/badges/export.csv"))[1:]] == [str(badge.uuid)]
    for query in (
        {"badge_template_id": str(theirs.template.uuid)},
        {"badge_template_version_id": str(theirs.version.uuid)},
        {"recipient_email": "theirs@example.org"},
        {"email_id": str(theirs.earner.uuid)},
        {"search": str(theirs.uuid)},
        {"search": "theirs"},
    ):
        assert len(table_of(api.get("/badges/export.csv", query))) == 1
        assert len(sheet_of(api.get("/badges/export", query).getvalue())) == 1
    their_api = Api(factories.api_key(globex)[1])
    assert [row[0] for row in table_of(their_api.get("/badges/export.csv"))[1:]] == [str(theirs.uuid)]


def test_export_takes_the_scope_read(acme: Organization, badge: Badge) -> None:
    assert Api(None).get("/badges/export").status_code == 401
    assert Api(factories.api_key(acme, ApiScope.ISSUE)[1]).get("/badges/export").status_code == 403
    assert Api(factories.api_key(acme, ApiScope.READ)[1]).get("/badges/export").status_code == 200
    response = Api(factories.api_key(acme)[1]).send("POST", "/badges/export", {})
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/badges/export", "/badges/export.csv"])
def test_export_head_reads_no_badges(
    acme: Organization, acme_key: str, badge: Badge, path: str, django_assert_num_queries: Any
) -> None:
    api = Api(acme_key)
    api.get("/badges/export")

    with django_assert_num_queries(1):
        response = api.raw("HEAD", path, b"", "application/json")

    assert (response.status_code, response.getvalue()) == (200, b"")
    assert response["Content-Disposition"].startswith("attachment")


def test_workbook_keeps_whatever_text_there_is() -> None:
    long = "x" * 40_000
    rows: list[list[Any]] = [
        ["<b>&amp;\"'", "a\x00b\x0bc\ufffe\ud800", " spaces "],
        [long, "𝕏 è 漢", ""],
        [datetime(1850, 1, 1), 7, datetime(2024, 2, 29, 23, 59, 59)],  # noqa: DTZ001
    ]

    content = b"".join(write_workbook("Bad & <odd>", ["A", "B", "C"], [rows[:2], rows[2:]], expected_rows=3))

    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    workbook = load_workbook(io.BytesIO(content))
    assert workbook.sheetnames == ["Bad & <odd>"]
    assert sheet_of(content) == [
        ["A", "B", "C"],
        ["<b>&amp;\"'", "a\ufffdb\ufffdc\ufffd\ufffd", " spaces "],
        [long[:32_767], "𝕏 è 漢", None],
        ["1850-01-01 00:00:00", 7, datetime(2024, 2, 29, 23, 59, 59)],  # noqa: DTZ001
    ]


def test_workbook_for_more_than_two_gibibytes_opens_too() -> None:
    content = b"".join(write_workbook("T", ["A"], [[["x"]]], expected_rows=workbooks.MAX_ROWS - 1))

    assert sheet_of(content) == [["A"], ["x"]]


def test_workbook_names_columns_beyond_z() -> None:
    headings = [str(number) for number in range(703)]

    content = b"".join(write_workbook("T", headings, [], expected_rows=0))

    row = next(iter(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows()))
    assert [(cell.value, cell.coordinate) for cell in (row[0], row[25], row[26], row[701], row[702])] == [
        ("0", "A1"),
        ("25", "Z1"),
        ("26", "AA1"),
        ("701", "ZZ1"),
        ("702", "AAA1"),
    ]
