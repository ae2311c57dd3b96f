"""Import of earners: what a file does to a list, and that a second time does nothing."""

import csv
import io

import pytest
from django.utils import timezone

from badges.services.counters import recount
from config.exceptions import InvalidInput
from earners.files import read_earners
from earners.models import AccountEmail, Earner, EarnersList, ListMembership, LoginToken
from earners.services import (
    ImportReport,
    Person,
    RowResult,
    add_earners,
    create_login_token,
    import_earners,
)
from organizations.enums import OrganizationStatus
from organizations.exceptions import OrganizationDisabled
from organizations.models import Organization
from tests import factories
from tests.racing import kinds, race

CLASS = """Email,First name,Last name,Mark
ada@example.org,Ada,Lovelace,10
GRACE@example.org,Grace,Hopper,9
not an address,No,Body,1
ada@example.org,Ada,Byron,2
"""


def imported(organization: Organization, text: str = CLASS, *, is_dry_run: bool = False) -> ImportReport:
    """Import a file onto the list "Class"."""
    file = read_earners(text.encode(), name="class.csv")
    return import_earners(
        organization=organization, file=file, list_name="Class", is_dry_run=is_dry_run, by=None
    )


def results(report: ImportReport) -> list[tuple[int, RowResult]]:
    """Return the number and the result of each row."""
    return [(row.number, row.result) for row in report.rows]


def test_import_earners_puts_the_usable_rows_on_a_new_list(acme: Organization) -> None:
    report = imported(acme)

    assert results(report) == [
        (2, RowResult.ADDED),
        (3, RowResult.ADDED),
        (4, RowResult.PROBLEM),
        (5, RowResult.PROBLEM),
    ]
    assert all(row.message for row in report.rows)
    members = ListMembership.objects.order_by("pk").values_list(
        "earner__email", "first_name", "last_name", "metadata"
    )
    assert list(members) == [
        ("ada@example.org", "Ada", "Lovelace", {"Mark": "10"}),
        ("GRACE@example.org", "Grace", "Hopper", {"Mark": "9"}),
    ]
    acme.refresh_from_db()
    assert (acme.earners_count, EarnersList.objects.get().earners_count) == (2, 2)


def test_import_earners_twice_changes_nothing_the_second_time(acme: Organization) -> None:
    imported(acme)
    before = (
        list(ListMembership.objects.values()),
        list(Earner.objects.values()),
        list(EarnersList.objects.values()),
    )

    report = imported(acme)

    assert results(report)[:2] == [(2, RowResult.UNCHANGED), (3, RowResult.UNCHANGED)]
    assert before == (
        list(ListMembership.objects.values()),
        list(Earner.objects.values()),
        list(EarnersList.objects.values()),
    )


def test_import_earners_dry_run_says_the_same_and_writes_nothing(acme: Organization) -> None:
    dry = imported(acme, is_dry_run=True)

    assert (Earner.objects.count(), EarnersList.objects.count()) == (0, 0)
    assert dry.is_dry_run
    assert results(dry) == results(imported(acme))


def test_import_earners_takes_changed_names_and_new_columns(acme: Organization) -> None:
    imported(acme)

    report = imported(
        acme, "E-mail;Nome;Cognome;Aula\nada@example.org;Augusta Ada;King;5\ngrace@example.org;;;\n"
    )

    assert results(report) == [(2, RowResult.UPDATED), (3, RowResult.UNCHANGED)]
    ada = ListMembership.objects.get(earner__email="ada@example.org")
    assert (ada.first_name, ada.metadata) == ("Augusta Ada", {"Mark": "10", "Aula": "5"})
    assert Earner.objects.get(email="ada@example.org").last_name == "King"
    assert ListMembership.objects.get(earner__email="GRACE@example.org").first_name == "Grace"


def test_import_earners_knows_earners_of_other_lists(acme: Organization) -> None:
    add_earners(organization=acme, people=[Person(email="ada@example.org")])

    assert results(imported(acme))[0] == (2, RowResult.LISTED)

    acme.refresh_from_db()
    assert acme.earners_count == 2
    assert Earner.objects.get(email="ada@example.org").first_name == "Ada"


def test_import_earners_leaves_other_organizations_alone(acme: Organization, globex: Organization) -> None:
    imported(globex)

    imported(acme)

    assert list(
        Earner.objects.filter(email_key="ada@example.org").values_list("organization", flat=True)
    ) == [
        acme.pk,
        globex.pk,
    ]


def test_import_earners_refuses_for_disabled_organization(acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)
    acme.refresh_from_db()

    with pytest.raises(OrganizationDisabled):
        imported(acme)

    assert Earner.objects.count() == 0


def test_import_earners_takes_a_long_file(acme: Organization) -> None:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["email", "name", "surname"])
    rows.writerows([f"earner{number}@example.org", f"N{number}", "X"] for number in range(2500))

    report = imported(acme, text.getvalue())

    assert report.count(RowResult.ADDED) == 2500
    assert not any(recount().values())


@pytest.mark.django_db(transaction=True)
def test_race_of_one_file_puts_each_person_on_the_list_once() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")

    answers = race(lambda _: imported(acme), times=6)

    assert kinds(answers) == {"ImportReport": 6}
    assert (Earner.objects.count(), EarnersList.objects.count(), ListMembership.objects.count()) == (2, 1, 2)
    assert not any(recount().values())


def test_create_login_token_opens_one_account_for_one_address(db: None) -> None:
    row, token = create_login_token(email="ada@example.org")
    other, _ = create_login_token(email=" ADA@example.org")

    assert row.account == other.account
    assert AccountEmail.objects.get().email == "ada@example.org"
    assert token not in str(LoginToken.objects.values().first())
    assert len(token) >= 43
    assert list(LoginToken.objects.usable(at=row.expires_at)) == [other]
    assert timezone.now() < row.expires_at


def test_create_login_token_refuses_what_is_no_address(db: None) -> None:
    with pytest.raises(InvalidInput):
        create_login_token(email="nobody")

    assert AccountEmail.objects.count() == 0
