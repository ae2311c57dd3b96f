"""The pages of earners: found, shown, put right, merged, erased."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from badges.models import Badge
from earners.models import Earner, EarnersList, ListMembership
from earners.services import Person, add_earners
from earners.services.erasing import erase_earner
from organizations.enums import MailStopReason
from organizations.models import AuditEntry, MailStop, Organization, User
from tests import factories
from tests.at_work import Member

Counted = Callable[[int], Any]


@pytest.fixture
def ada(listed: EarnersList) -> Earner:
    """Ada, who is on a list."""
    return Earner.objects.get(email="ada@example.org")


@pytest.fixture
def member(acme: Organization, alice: User) -> Member:
    """Alice at work."""
    return Member(alice, acme)


def shown(page: Any) -> list[str]:
    """Return the addresses that a list shows."""
    return [earner.email for earner, _count, _stop in page.context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["alan@example.org", "grace@example.org", "ada@example.org"]),
        ({"q": "ADA@"}, ["ada@example.org"]),
        ({"q": "hopper grace"}, ["grace@example.org"]),
        ({"q": "hopper ada"}, []),
        ({"badges": "yes"}, ["alan@example.org"]),
        ({"badges": "no"}, ["grace@example.org", "ada@example.org"]),
        ({"mail": "stopped"}, ["grace@example.org", "ada@example.org"]),
        ({"mail": "bounced"}, ["ada@example.org"]),
        ({"mail": "unsubscribed"}, ["grace@example.org"]),
        ({"on_list": "listed"}, ["grace@example.org", "ada@example.org"]),
        ({"on_list": "foreign"}, ["alan@example.org", "grace@example.org", "ada@example.org"]),
    ],
)
def test_list_is_searched_and_filtered(
    acme: Organization,
    globex: Organization,
    member: Member,
    listed: EarnersList,
    foreign: EarnersList,
    query: dict[str, str],
    found: list[str],
) -> None:
    factories.badge(factories.template(acme), "alan@example.org")
    MailStop.objects.create(email_key="ada@example.org", reason=MailStopReason.BOUNCED)
    MailStop.objects.create(
        email_key="grace@example.org", organization=acme, reason=MailStopReason.UNSUBSCRIBED
    )
    MailStop.objects.create(
        email_key="alan@example.org", organization=globex, reason=MailStopReason.UNSUBSCRIBED
    )
    erase_earner(
        earner=next(iter(add_earners(organization=acme, people=[Person(email="gone@example.org")]).values())),
        by=None,
    )
    lists = {"listed": str(listed.uuid), "foreign": str(foreign.uuid)}

    page = member.get("earners", **{name: lists.get(value, value) for name, value in query.items()})

    assert shown(page) == found


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, member: Member, rows: int, django_assert_num_queries: Counted
) -> None:
    people = [Person(email=f"p{number}@example.org") for number in range(rows)]
    add_earners(organization=acme, people=people)

    # session, user, membership; lists to filter by, count, earners, their badges, their mail stops
    with django_assert_num_queries(8):
        page = member.get("earners")

    assert len(page.context["rows"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_earner_page_costs_the_same_however_much_they_have(
    acme: Organization, member: Member, ada: Earner, rows: int, django_assert_num_queries: Counted
) -> None:
    for number in range(rows):
        factories.badge(factories.template(acme, title=f"Badge {number}"))
        other = EarnersList.objects.create(organization=acme, name=f"List {number}")
        ListMembership.objects.create(earners_list=other, earner=ada)

    # session, user, membership, earner; mail stop, lists, badges, log
    with django_assert_num_queries(8):
        page = member.get("earner", ada.uuid)

    assert len(page.context["memberships"]) == rows + 1
    assert len(page.context["parts"][0].context["rows"]) == rows


def test_earner_page_tells_what_there_is(acme: Organization, alice: User, bob: User, ada: Earner) -> None:
    badge = factories.badge(factories.template(acme))
    MailStop.objects.create(email_key="ada@example.org", reason=MailStopReason.BOUNCED, details="550 gone")
    Member(alice, acme).post("edit_earner", ada.uuid, email=ada.email, first_name="Augusta", last_name="King")

    words = Member(alice, acme).get("earner", ada.uuid).content.decode()

    assert "Augusta King" in words
    assert reverse("manage:badge", args=[acme.pk, badge.uuid]) in words
    assert "Mark: 4" in words
    assert "550 gone" in words
    assert "Earner changed" in words
    assert f"?earner={ada.uuid}" in words
    # An issuer issues, and neither changes people nor reads the log.
    words = Member(bob, acme).get("earner", ada.uuid).content.decode()
    assert f"?earner={ada.uuid}" in words
    assert "Earner changed" not in words
    assert "/erase" not in words


def test_names_are_changed_and_badges_stay(acme: Organization, member: Member, ada: Earner) -> None:
    badge = factories.badge(factories.template(acme))

    page = member.post(
        "edit_earner", ada.uuid, email="ada@example.org", first_name="Augusta", last_name="King"
    )

    assert (page.status_code, page["Location"]) == (302, member.url("earner", ada.uuid))
    ada.refresh_from_db()
    badge.refresh_from_db()
    assert (ada.full_name, badge.recipient_name) == ("Augusta King", "Ada Lovelace")


def test_address_of_somebody_else_is_refused_and_leads_to_merging(member: Member, ada: Earner) -> None:
    grace = Earner.objects.get(email="grace@example.org")

    page = member.post(
        "edit_earner", ada.uuid, email="grace@example.org", first_name="Typed", last_name="Name"
    )

    assert page.status_code == 400
    assert list(page.context["form"].errors) == ["email"]
    assert 'value="Typed"' in page.content.decode()
    assert f"{member.url('merge_earners', ada.uuid)}?other={grace.uuid}" in page.content.decode()
    ada.refresh_from_db()
    assert (ada.email, ada.first_name) == ("ada@example.org", "Ada")


def test_script_gets_the_part_of_the_page(member: Member, ada: Earner) -> None:
    path = member.url("edit_earner", ada.uuid)
    headers = {"HX-Request": "true"}

    form = member.client.get(path, headers=headers)
    refused = member.client.post(path, {"email": "none"}, headers=headers)
    saved = member.client.post(path, {"email": "ada@example.org", "first_name": "A"}, headers=headers)

    assert (form.status_code, refused.status_code, saved.status_code) == (200, 400, 200)
    for part in (form, refused, saved):
        assert "<html" not in part.content.decode()
        assert 'id="person"' in part.content.decode()
    assert "Saved." in saved.content.decode()


def test_mails_are_allowed_again_where_an_address_bounced(
    acme: Organization, member: Member, ada: Earner
) -> None:
    MailStop.objects.create(email_key="ada@example.org", reason=MailStopReason.BOUNCED)

    page = member.post("allow_mails", ada.uuid, follow=True)

    assert "Mails go to ada@example.org again." in page.content.decode()
    assert not MailStop.objects.exists()


def test_mails_that_a_person_does_not_want_stay_stopped(
    acme: Organization, member: Member, ada: Earner
) -> None:
    MailStop.objects.create(
        email_key="ada@example.org", organization=acme, reason=MailStopReason.UNSUBSCRIBED
    )

    page = member.post("allow_mails", ada.uuid, follow=True)

    assert "only they can allow them again" in page.content.decode()
    assert MailStop.objects.exists()


def test_duplicates_are_offered_and_searched(acme: Organization, member: Member, ada: Earner) -> None:
    people = [
        Person(email="ADA@home.example"),
        Person(email="countess@example.org", first_name="Ada", last_name="Lovelace"),
        Person(email="adam@example.org"),
    ]
    add_earners(organization=acme, people=people)

    offered = member.get("merge_earners", ada.uuid).context["found"]
    searched = member.get("merge_earners", ada.uuid, q="adam").context["found"]

    assert [earner.email for earner in offered] == ["countess@example.org", "ADA@home.example"]
    assert [earner.email for earner in searched] == ["adam@example.org"]


def test_merging_says_what_moves_and_keeps_the_chosen_address(
    acme: Organization, member: Member, ada: Earner
) -> None:
    template = factories.template(acme, is_unique=True)
    for email in ("ada@example.org", "grace@example.org"):
        factories.badge(template, email)
    grace = Earner.objects.get(email="grace@example.org")

    asked = member.get("merge_earners", ada.uuid, other=str(grace.uuid)).content.decode()
    page = member.post("merge_earners", ada.uuid, other=str(grace.uuid), stays="other")

    assert "2 badges are theirs then." in asked
    assert "They stand on 1 list." in asked
    assert "Both have a badge that each person gets once: Data literacy." in asked
    assert page["Location"] == member.url("earner", grace.uuid)
    assert Badge.objects.filter(earner=grace).count() == 2
    assert not Earner.objects.filter(pk=ada.pk).exists()


@pytest.mark.parametrize(
    "other", ["", "nonsense", "self", "foreign"], ids=["none", "nonsense", "self", "another organization's"]
)
def test_merging_without_another_earner_of_the_organization_does_nothing(
    member: Member, ada: Earner, foreign: EarnersList, other: str
) -> None:
    others = {"self": ada.uuid, "foreign": foreign.memberships.get().earner.uuid}

    page = member.post("merge_earners", ada.uuid, other=str(others.get(other, other)), stays="this")

    assert page.status_code == 400
    assert "mole@globex.example" not in page.content.decode()
    assert Earner.objects.count() == 3


def test_erasing_says_what_goes_and_erases(acme: Organization, member: Member, ada: Earner) -> None:
    badge = factories.badge(factories.template(acme))

    asked = member.get("erase_earner", ada.uuid).content.decode()
    assert "That 1 badge was issued, without the person" in asked
    assert Earner.objects.filter(email="ada@example.org").exists()
    page = member.post("erase_earner", ada.uuid, follow=True)

    assert "ada@example.org" not in page.content.decode()
    badge.refresh_from_db()
    assert badge.recipient_email == ""
    assert member.get("earner", ada.uuid).status_code == 404
    assert AuditEntry.objects.filter(act="earner.erased", actor="alice@acme.example").count() == 1


def test_erasing_asks_for_the_password_again(acme: Organization, alice: User, ada: Earner) -> None:
    page = Member(alice, acme, is_fresh=False).post("erase_earner", ada.uuid)

    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert Earner.objects.filter(email="ada@example.org").exists()
