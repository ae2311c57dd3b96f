"""The commands of earners: a file onto a list, a token for an account, and what they refuse in one line."""

import hashlib
from pathlib import Path

import pytest

from earners.models import AccountEmail, Earner, EarnersList, ListMembership, LoginToken
from organizations.models import Organization
from tests.commands import answered, refused, told

CLASS = """Cognome;Nome;E-mail;Classe
Lovelace;Ada;ada@example.org;5A
Hopper;Grace;GRACE@example.org;5B
Senza;Indirizzo;;5C
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The path of a class of two, and one row without an address, in an old encoding."""
    path = tmp_path / "classe.csv"
    path.write_bytes(CLASS.encode("cp1252"))
    return str(path)


def counted() -> tuple[int, int, int]:
    """How many earners, lists and memberships there are."""
    return Earner.objects.count(), EarnersList.objects.count(), ListMembership.objects.count()


def test_import_earners_puts_the_file_on_the_list(acme: Organization, file: str) -> None:
    values = answered("import_earners", "acme", file, "--list=Classe 5")

    earners_list = EarnersList.objects.get()
    assert (values["dry_run"], values["list"], values["warnings"]) == (False, str(earners_list.uuid), [])
    assert values["counts"] == {"added": 2, "listed": 0, "updated": 0, "unchanged": 0, "problem": 1}
    assert [(row["row"], row["email"], row["result"]) for row in values["rows"]] == [
        (2, "ada@example.org", "added"),
        (3, "GRACE@example.org", "added"),
        (4, None, "problem"),
    ]
    assert all(row["message"] for row in values["rows"])
    assert (earners_list.name, counted()) == ("Classe 5", (2, 1, 2))


def test_import_earners_dry_run_tells_every_row_and_changes_nothing(acme: Organization, file: str) -> None:
    lines = told("import_earners", "acme", file, "--list=Classe 5", "--dry-run")

    assert lines[:2] == [
        "row 2: ada@example.org: New earner, put on the list.",
        "row 3: GRACE@example.org: New earner, put on the list.",
    ]
    assert lines[2].startswith("row 4: (no e-mail): ")
    assert lines[3:] == [
        "Classe 5: 2 would be put on the list (2 new earners), 0 would be changed, 0 unchanged,"
        " 1 left out with a problem. Nothing was changed: this was a dry run."
    ]
    assert counted() == (0, 0, 0)
    assert answered("import_earners", "acme", file, "--list=Classe 5", "--dry-run")["list"] is None


def test_import_earners_a_second_time_tells_problems_alone(acme: Organization, file: str) -> None:
    told("import_earners", "acme", file, "--list=Classe 5")

    lines = told("import_earners", "acme", file, "--list=Classe 5")

    assert [line.partition(": ")[0] for line in lines] == ["row 4", "Classe 5"]
    assert lines[1] == (
        "Classe 5: 0 put on the list (0 new earners), 0 changed, 2 unchanged, 1 left out with a problem."
    )
    assert counted() == (2, 1, 2)


def test_import_earners_passes_warnings_on(acme: Organization, tmp_path: Path) -> None:
    path = tmp_path / "names.csv"
    path.write_text("ada@example.org,Ada\ngrace@example.org,Grace\n")

    lines = told("import_earners", "acme", str(path), "--list=Class", "--dry-run")

    assert lines[0].startswith("! ")
    assert answered("import_earners", "acme", str(path), "--list=Class")["warnings"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["initech", "classe.csv", "--list=Class"],
            "No single organization is called “initech”. Give its id or one of these: acme.",
        ),
        (["acme", "absent.csv", "--list=Class"], "file: The file cannot be read: No such file or directory."),
        (["acme", ".", "--list=Class"], "file: The file cannot be read: Is a directory."),
        (["acme", "classe.csv", "--list= "], "name: A name has 1 to 255 characters."),
        (["acme", "classe.csv", "--list=" + "x" * 256], "name: A name has 1 to 255 characters."),
    ],
)
@pytest.mark.parametrize("more", [[], ["--dry-run"], ["--json"]])
@pytest.mark.usefixtures("acme", "file")
def test_import_earners_refuses_in_one_line(
    tmp_path: Path, arguments: list[str], line: str, more: list[str]
) -> None:
    organization, name, *options = arguments

    assert refused("import_earners", organization, str(tmp_path / name), *options, *more) == line

    assert counted() == (0, 0, 0)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"PK\x03\x04 but no workbook", b"Name\nAda\n"])
def test_import_earners_refuses_what_is_no_list_of_people(
    acme: Organization, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    assert refused("import_earners", "acme", str(path), "--list=Class")

    assert counted() == (0, 0, 0)


def test_create_login_token_prints_the_token_that_is_kept_as_a_digest(db: None) -> None:
    values = answered("create_login_token", "ada@example.org", "--days=3")

    row = LoginToken.objects.usable().get()
    assert values == {"login_token": values["login_token"], "expires_at": row.expires_at.isoformat()}
    assert row.digest == hashlib.sha256(values["login_token"].encode()).hexdigest()
    assert 2.9 < (row.expires_at - row.created_at).total_seconds() / 86400 < 3.1
    assert AccountEmail.objects.get().email == "ada@example.org"


def test_create_login_token_tells_people_until_when(db: None) -> None:
    token, until = told("create_login_token", "ada@example.org")

    row = LoginToken.objects.get()
    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert until == (
        f"It opens the account until {row.expires_at:%Y-%m-%d %H:%M} UTC and is not shown again."
    )


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nobody"], "email: “nobody” is not a valid e-mail address."),
        (["ada@example.org", "--days=0"], "--days: A token lives for 1 to 3650 days."),
        (["ada@example.org", "--days=-1"], "--days: A token lives for 1 to 3650 days."),
        (["ada@example.org", "--days=9999999999"], "--days: A token lives for 1 to 3650 days."),
    ],
)
def test_create_login_token_refuses_in_one_line(db: None, arguments: list[str], line: str) -> None:
    assert refused("create_login_token", *arguments) == line

    assert (LoginToken.objects.count(), AccountEmail.objects.count()) == (0, 0)
