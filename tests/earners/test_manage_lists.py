"""The pages of lists: made, searched, changed in place, taken along, deleted."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from earners.files import Meaning, read_earners
from earners.models import Earner, EarnersList, ListMembership
from earners.services import ListedPerson, put_on_list
from organizations.models import AuditEntry, Organization, User
from tests.at_work import Member
from tests.earners.membership_counts import ada_of, counts


@pytest.fixture
def member(acme: Organization, alice: User) -> Member:
    """Alice at work."""
    return Member(alice, acme)


def sent(page: Any) -> bytes:
    """Return a file that was sent in pieces."""
    return b"".join(page.streaming_content)


def test_list_is_made_and_noted(acme: Organization, member: Member) -> None:
    page = member.post("new_list", name=" Spring class ", description="")

    made = EarnersList.objects.get(organization=acme)
    assert (made.name, made.description, page["Location"]) == (
        "Spring class",
        None,
        member.url("list", made.uuid),
    )
    entry = AuditEntry.objects.get(act="list.created")
    assert (entry.actor, entry.subject, entry.subject_label) == (
        "alice@acme.example",
        made.uuid,
        "Spring class",
    )


def test_list_without_a_name_is_refused_and_keeps_the_rest(member: Member) -> None:
    page = member.post("new_list", name=" ", description="Typed before")

    assert page.status_code == 400
    assert "Typed before" in page.content.decode()
    assert not EarnersList.objects.exists()


def test_list_is_changed(member: Member, listed: EarnersList) -> None:
    member.post("edit_list", listed.uuid, name="Class 5", description="", is_disabled="on")

    listed.refresh_from_db()
    assert (listed.name, listed.description, listed.status) == ("Class 5", None, "disabled")
    assert AuditEntry.objects.get(act="list.changed").details == {
        "name": ["Class", "Class 5"],
        "description": ["Facilitated in Paris", None],
        "status": ["enabled", "disabled"],
    }


def test_list_is_deleted_after_asking(acme: Organization, member: Member, listed: EarnersList) -> None:
    assert "What the list says of 2 people" in member.get("delete_list", listed.uuid).content.decode()
    assert EarnersList.objects.filter(pk=listed.pk).exists()

    page = member.post("delete_list", listed.uuid)

    assert page["Location"] == member.url("earners_lists")
    assert not EarnersList.objects.exists()
    assert Earner.objects.count() == 2
    assert AuditEntry.objects.get(act="list.deleted").details == {"earners": 2}


@pytest.mark.parametrize(
    ("query", "names"),
    [({}, ["Class"]), ({"q": "paris"}, ["Class"]), ({"q": "x"}, []), ({"type": "import"}, [])],
)
def test_lists_are_searched(
    member: Member, listed: EarnersList, foreign: EarnersList, query: dict[str, str], names: list[str]
) -> None:
    page = member.get("earners_lists", **query)

    assert [one.name for one in page.context["listing"].page] == names


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_however_many(
    acme: Organization, member: Member, rows: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(rows):
        EarnersList.objects.create(organization=acme, name=f"List {number}")

    with django_assert_num_queries(5):  # session, user, membership; count, lists
        member.get("earners_lists")


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, member: Member, rows: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    earners_list = EarnersList.objects.create(organization=acme, name="List")
    people = [ListedPerson(email=f"p{number}@example.org", metadata={"a": 1}) for number in range(rows)]
    put_on_list(earners_list=earners_list, people=people, by=None)

    with django_assert_num_queries(6):  # session, user, membership, list; count, memberships
        page = member.get("list", earners_list.uuid)

    assert len(page.context["rows"]) == rows


def test_list_shows_its_further_columns_and_finds_people(member: Member, listed: EarnersList) -> None:
    page = member.get("list", listed.uuid)
    found = member.get("list", listed.uuid, q="lovelace ADA")

    assert page.context["columns"] == ["Mark"]
    assert [(row.earner.email, values) for row, values in page.context["rows"]] == [
        ("ada@example.org", [("Mark", "4")]),
        ("grace@example.org", [("Mark", "")]),
    ]
    assert [row.earner.email for row, _values in found.context["rows"]] == ["ada@example.org"]
    assert f"?list={listed.uuid}" in page.content.decode()


def test_somebody_is_added_once(member: Member, listed: EarnersList) -> None:
    values = {"email": "alan@example.org", "first_name": "Alan", "last_name": "Turing"}

    first = member.post("add_member", listed.uuid, follow=True, **values)
    again = member.post("add_member", listed.uuid, follow=True, **values)

    assert "alan@example.org is on the list." in first.content.decode()
    assert "was on the list already" in again.content.decode()
    assert counts(listed) == (3, 3, 3)


def test_what_is_no_address_is_not_added(member: Member, listed: EarnersList) -> None:
    page = member.post("add_member", listed.uuid, email="alan at example", first_name="Alan")

    assert page.status_code == 400
    assert 'value="alan at example"' in page.content.decode()
    assert counts(listed) == (2, 2, 2)


def test_row_is_changed_and_one_goes_back_to_where_one_was(member: Member, listed: EarnersList) -> None:
    ada = ada_of(listed)
    there = f"{member.url('list', listed.uuid)}?q=ada"
    path = f"{member.url('edit_member', listed.uuid, ada.earner.uuid)}?next={there}"
    form = member.client.get(path).content.decode()
    assert 'name="column_0" value="4"' in form

    page = member.client.post(path, {"first_name": "Augusta", "last_name": "King", "column_0": "5+"})

    assert page["Location"] == there
    ada.refresh_from_db()
    assert (ada.first_name, ada.last_name, ada.metadata) == ("Augusta", "King", {"Mark": "5+"})
    assert AuditEntry.objects.get(act="earner.changed").details["metadata"] == [{"Mark": 4}, {"Mark": "5+"}]


def test_column_that_was_not_touched_keeps_its_kind_and_an_emptied_one_goes(
    member: Member, listed: EarnersList
) -> None:
    ada = ada_of(listed)
    ListMembership.objects.filter(pk=ada.pk).update(metadata={"Mark": 4, "Seat": "7"})

    member.post(
        "edit_member",
        listed.uuid,
        ada.earner.uuid,
        first_name="Ada",
        last_name="L",
        column_0="4",
        column_1="",
    )

    ada.refresh_from_db()
    assert (ada.last_name, ada.metadata) == ("L", {"Mark": 4})


def test_script_gets_the_row(member: Member, listed: EarnersList) -> None:
    ada = ada_of(listed)
    path = f"{member.url('edit_member', listed.uuid, ada.earner.uuid)}?column=Mark"
    headers = {"HX-Request": "true"}

    form = member.client.get(path, headers=headers)
    refused = member.client.post(path, {"first_name": "x" * 256}, headers=headers)
    saved = member.client.post(path, {"first_name": "Augusta", "column_0": "4"}, headers=headers)
    given_up = member.client.get(f"{path}&shown=1", headers=headers)

    assert [page.status_code for page in (form, refused, saved, given_up)] == [200, 400, 200, 200]
    for page in (form, refused, saved, given_up):
        assert page.content.decode().strip().startswith(f'<tr id="row-{ada.earner.uuid}"')
    assert "Augusta" in given_up.content.decode()


@pytest.mark.parametrize(
    "there", ["https://evil.example/", "//evil.example", "/manage/999/earners", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(member: Member, listed: EarnersList, there: str) -> None:
    page = member.post("remove_members", listed.uuid, next=there)

    assert page["Location"] == member.url("list", listed.uuid)


def test_chosen_people_are_taken_off_after_asking(
    member: Member, listed: EarnersList, foreign: EarnersList
) -> None:
    chosen = [str(ada_of(listed).earner.uuid), str(foreign.memberships.get().earner.uuid), "nonsense"]

    asked = member.post("remove_members", listed.uuid, earner=chosen)
    assert "Take 1 person off the list “Class”?" in " ".join(asked.content.decode().split())
    assert counts(listed) == (2, 2, 2)
    page = member.post("remove_members", listed.uuid, earner=chosen, confirmed="1", follow=True)

    assert "1 person is off the list." in page.content.decode()
    assert counts(listed) == (1, 1, 2)
    assert foreign.memberships.count() == 1
    assert AuditEntry.objects.get(act="list.changed").details == {"removed": 1}


def test_nobody_chosen_is_told(member: Member, listed: EarnersList) -> None:
    page = member.post("remove_members", listed.uuid, confirmed="1", follow=True)

    assert "Choose at least one person first." in page.content.decode()
    assert counts(listed) == (2, 2, 2)


def test_list_is_taken_along_as_a_file_that_can_be_imported_again(
    acme: Organization, member: Member, listed: EarnersList
) -> None:
    person = ListedPerson(email="eve@example.org", first_name="=1+1", metadata={"Seat": "@7", "Mark": 5})
    put_on_list(earners_list=listed, people=[person], by=None)

    text = sent(member.get("export_list", listed.uuid, format="csv"))
    workbook = load_workbook(io.BytesIO(sent(member.get("export_list", listed.uuid))))

    rows = [
        ["E-mail", "First name", "Last name", "Mark", "Seat"],
        ["ada@example.org", "Ada", "Lovelace", "4", ""],
        ["grace@example.org", "Grace", "Hopper", "", ""],
        ["eve@example.org", "'=1+1", "", "5", "'@7"],
    ]
    assert list(csv.reader(io.StringIO(text.decode("utf-8-sig")))) == rows
    assert [
        [cell or "" for cell in row] for row in workbook.worksheets[0].iter_rows(values_only=True)
    ] == rows
    assert list(read_earners(text).columns.values())[:3] == [
        Meaning.EMAIL,
        Meaning.FIRST_NAME,
        Meaning.LAST_NAME,
    ]
    assert AuditEntry.objects.filter(act="data.exported", subject=listed.uuid).count() == 2


def test_nothing_that_was_typed_becomes_part_of_a_page(acme: Organization, member: Member) -> None:
    evil = "<script>alert(1)</script>"
    people = [
        ListedPerson(email=f"e{number}@example.org", first_name=evil, last_name=evil, metadata={evil: evil})
        for number in range(2)
    ]
    earners_list = EarnersList.objects.create(organization=acme, name=evil, description=evil)
    put_on_list(earners_list=earners_list, people=people, by=None)
    one, other = Earner.objects.order_by("pk")
    file = SimpleUploadedFile("x.csv", f"Email,{evil}\na@example.org,{evil}\n{evil},{evil}\n".encode())
    uploaded = member.post("import_earners", file=file, list_name=evil)
    upload = uploaded["Location"].rsplit("/", 1)[1]

    pages = [
        member.get("earners"),
        member.get("earners", q=evil),
        member.get("earner", one.uuid),
        member.get("edit_earner", one.uuid),
        member.get("merge_earners", one.uuid, q=evil),
        member.get("merge_earners", one.uuid, other=str(other.uuid)),
        member.get("earners_lists"),
        member.get("list", earners_list.uuid),
        member.get("edit_list", earners_list.uuid),
        member.get("delete_list", earners_list.uuid),
        member.get("edit_member", earners_list.uuid, one.uuid),
        member.post("remove_members", earners_list.uuid, earner=str(one.uuid)),
        member.get("import_earners", list=str(earners_list.uuid)),
        member.get("import_preview", upload),
    ]

    for page in pages:
        words = page.content.decode()
        assert (page.status_code, evil in words) == (200, False), page.request["PATH_INFO"]
        assert "alert(1)" in words, page.request["PATH_INFO"]


def test_import_from_a_list_goes_to_that_list(member: Member, listed: EarnersList) -> None:
    words = member.get("import_earners", list=str(listed.uuid)).content.decode()

    assert f'<option value="{listed.uuid}" selected>Class</option>' in words
