"""Import of a file into a list through the issuer API: what became of each row."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from earners.api.issuer_import import ImportShape
from earners.models import EarnersList
from organizations.models import Organization
from tests.api import Api, assert_has_shape, golden
from tests.earners.membership_counts import ada_of, counts

CLASS = b"""Email;Nome;Cognome;Aula
alan@example.org;Alan;Turing;5
ada@example.org;Ada;Lovelace;6
nobody;;;
ada@example.org;;;
"""


def uploaded(content: bytes, name: str = "class.csv") -> SimpleUploadedFile:
    """Return a file to send."""
    return SimpleUploadedFile(name, content, "text/csv")


def test_import_tells_what_became_of_each_row(api: Api, listed: EarnersList) -> None:
    response = api.form("POST", f"/earners_lists/{listed.uuid}/import", {"file": uploaded(CLASS)})

    assert response.status_code == 200
    body = response.json()
    assert_has_shape(body["data"], ImportShape)
    assert body["data"]["counts"] == {"added": 1, "listed": 0, "updated": 1, "unchanged": 0, "problem": 2}
    assert [(row["number"], row["result"]) for row in body["data"]["rows"]] == [
        (2, "added"),
        (3, "updated"),
        (4, "problem"),
        (5, "problem"),
    ]
    golden("earners_import", body)
    assert counts(listed) == (3, 3, 3)
    assert ada_of(listed).metadata == {"Mark": 4, "Aula": "6"}


def test_import_as_a_dry_run_tells_the_same_and_changes_nothing(api: Api, listed: EarnersList) -> None:
    path = f"/earners_lists/{listed.uuid}/import"

    dry = api.form("POST", path, {"file": uploaded(CLASS), "dry_run": "1"}).json()["data"]

    assert counts(listed) == (2, 2, 2)
    assert ada_of(listed).metadata == {"Mark": 4}
    done = api.form("POST", path, {"file": uploaded(CLASS), "dry_run": "0"}).json()["data"]
    assert (dry["dry_run"], done["dry_run"]) == (1, 0)
    assert (dry["rows"], dry["counts"], dry["warnings"]) == (done["rows"], done["counts"], done["warnings"])


def test_import_takes_the_flag_of_a_dry_run_in_the_address_too(api: Api, listed: EarnersList) -> None:
    path = f"/earners_lists/{listed.uuid}/import"

    dry = api.form("POST", f"{path}?dry_run=true", {"file": uploaded(CLASS)})
    unclear = api.form("POST", f"{path}?dry_run=perhaps", {"file": uploaded(CLASS)})

    assert dry.json()["data"]["dry_run"] == 1
    assert unclear.json()["errors"] == {"dry_run": ["The dry run field must be true or false."]}
    assert counts(listed) == (2, 2, 2)
    assert api.form("POST", f"{path}?dry_run=0", {"file": uploaded(CLASS)}).json()["data"]["dry_run"] == 0
    assert counts(listed) == (3, 3, 3)


def test_import_reads_workbooks(api: Api, listed: EarnersList) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["E-mail", "First name"])
    sheet.append(["alan@example.org", "Alan"])
    content = io.BytesIO()
    book.save(content)

    response = api.form(
        "POST", f"/earners_lists/{listed.uuid}/import", {"file": uploaded(content.getvalue(), "class.xlsx")}
    )

    assert response.json()["data"]["counts"]["added"] == 1
    assert counts(listed) == (3, 3, 3)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"file": "text"},
        {"file": SimpleUploadedFile("x.csv", b"")},
        {"file": SimpleUploadedFile("x.csv", b"no,addresses\n1,2\n")},
        {"file": SimpleUploadedFile("x.xlsx", b"PK\x03\x04broken")},
        {"file": SimpleUploadedFile("x.csv", bytes(range(256)) * 40)},
    ],
)
def test_import_refuses_what_is_no_table_of_people(
    api: Api, listed: EarnersList, fields: dict[str, Any]
) -> None:
    response = api.form("POST", f"/earners_lists/{listed.uuid}/import", fields)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["file"]
    assert counts(listed) == (2, 2, 2)


def test_import_into_a_list_of_others_is_into_none(
    api: Api, acme: Organization, foreign: EarnersList
) -> None:
    response = api.form("POST", f"/earners_lists/{foreign.uuid}/import", {"file": uploaded(CLASS)})

    assert response.status_code == 404
    assert counts(foreign) == (1, 1, 1)
