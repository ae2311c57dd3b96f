"""Signing up: the first of a server, everybody who confirms an address, or nobody."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from organizations.enums import Role
from organizations.models import Membership, Message, Organization, System, User
from organizations.services.outbox import deliver_due
from organizations.services.sign_up import (
    make_own_organization,
    newcomer,
    sign_up_first,
    sign_up_state,
)
from tests import factories
from tests.racing import kinds, race

PASSWORD = "an owl on the old roof"
PERSON = {
    "first_name": "Ada",
    "last_name": "Rossi",
    "email": "Ada@School.example",
    "password": PASSWORD,
    "password_again": PASSWORD,
}
ORGANIZATION = {
    "name": "Scuola Rossi",
    "type": "public_local_national",
    "language": "it",
    "time_zone": "Europe/Rome",
    "website": "school.example.org",
}


@pytest.fixture
def open_to_all(settings: Settings) -> None:
    """A server on which everybody may sign up."""
    settings.SIGN_UP = "open"


def mailed_path(to: str) -> str:
    """Deliver what is due; return the path of the link in the latest mail to an address."""
    deliver_due()
    body = next(str(sent.body) for sent in reversed(mail.outbox) if sent.to == [to])
    found = re.search(r"http://127\.0\.0\.1:8000(/sign-up/confirm/\S+)", body)
    assert found is not None, body
    return found[1]


def rows() -> tuple[int, int, int]:
    """Return how many users, organizations and mails there are."""
    return User.objects.count(), Organization.objects.issuers().count(), Message.objects.count()


@pytest.mark.django_db
def test_first_of_a_server_has_account_and_organization_after_two_pages_without_a_mail(
    client: Client,
) -> None:
    assert 'href="/sign-up"' in client.get("/").content.decode()
    assert 'href="/sign-up"' in client.get("/accounts/login/").content.decode()

    page = client.post("/sign-up", PERSON)
    assert (page.status_code, page["Location"]) == (302, "/manage/new")
    assert rows() == (0, 0, 0)
    page = client.post("/manage/new", ORGANIZATION)

    user, organization = User.objects.get(), Organization.objects.issuers().get()
    assert page["Location"] == f"/manage/{organization.pk}/"
    assert (user.email, user.first_name, user.last_name, user.language) == (
        "ada@school.example",
        "Ada",
        "Rossi",
        "en",
    )
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser, user.email_verified_at) == (False, False, None)
    assert Membership.objects.get().role == Role.OWNER
    assert (organization.name, organization.type, organization.language) == (
        "Scuola Rossi",
        "public_local_national",
        "it",
    )
    assert (organization.time_zone, organization.website) == ("Europe/Rome", "https://school.example.org")
    assert organization.signing_keys.active().count() == 2
    assert client.get(page["Location"]).status_code == 200
    assert "signing_up" not in client.session
    assert Message.objects.count() == 0


def test_second_finds_the_server_set_up(client: Client, acme: Organization) -> None:
    before = rows()

    page = client.get("/sign-up")
    sent = client.post("/sign-up", PERSON)

    assert "Accounts are made by invitation" in page.content.decode()
    assert (page.status_code, sent.status_code) == (200, 403)
    assert client.get("/manage/new")["Location"] == "/accounts/login/"
    assert "/sign-up" not in client.get("/").content.decode()
    assert rows() == before


def test_who_is_overtaken_between_the_pages_gets_nothing_and_is_told(client: Client, db: None) -> None:
    client.post("/sign-up", PERSON)
    factories.OrganizationFactory.create(name="Quicker")
    before = rows()

    page = client.post("/manage/new", ORGANIZATION)

    assert page.status_code == 403
    assert "set up already" in page.content.decode()
    assert rows() == before
    assert "signing_up" not in client.session


@pytest.mark.django_db(transaction=True)
def test_one_of_many_firsts_gets_the_server() -> None:
    def act(number: int) -> str:
        person = newcomer(
            email=f"first{number}@school.example",
            first_name="First",
            last_name="One",
            password=PASSWORD,
            language="en",
        )
        sign_up_first(person=person, name="School", fields={})
        return "done"

    answers = race(act, times=6)

    assert kinds(answers) == {"str": 1, "SignUpClosed": 5}
    assert (User.objects.count(), Organization.objects.issuers().count(), System.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password_again": "another owl on the roof"}, "This is not the same as above."),
        ({"password": "1234567890", "password_again": "1234567890"}, "too common"),
        ({"password": "ada@school.example", "password_again": "ada@school.example"}, "too similar"),
        ({"email": "nonsense"}, "This is not a valid e-mail address."),
        ({"first_name": ""}, "Enter your first name."),
    ],
)
def test_refused_form_keeps_what_was_typed_but_the_password(
    client: Client, db: None, changes: dict[str, str], said: str
) -> None:
    page = client.post("/sign-up", PERSON | changes)

    text = page.content.decode()
    assert page.status_code == 400
    assert said in text
    assert 'value="Rossi"' in text
    assert PASSWORD not in text
    assert "signing_up" not in client.session


def test_address_of_staff_is_told_to_sign_in(client: Client, staff: User) -> None:
    page = client.post("/sign-up", PERSON | {"email": staff.email})

    assert page.status_code == 400
    assert "There is an account with this address already." in page.content.decode()


def test_superuser_makes_the_first_organization(client: Client, staff: User) -> None:
    client.force_login(staff)
    assert client.get("/manage")["Location"] == "/manage/new"

    client.post("/manage/new", ORGANIZATION)

    assert Membership.objects.get().user == staff


def test_form_gives_no_rights_that_it_does_not_ask_for(client: Client, db: None) -> None:
    client.post(
        "/sign-up", PERSON | {"is_staff": "on", "is_superuser": "on", "email_verified_at": "2026-01-01"}
    )
    client.post(
        "/manage/new",
        ORGANIZATION | {"credits_left": "1000", "max_users": "9", "system": "7", "slug": "admin"},
    )

    user, organization = User.objects.get(), Organization.objects.issuers().get()
    assert (user.is_staff, user.is_superuser, user.email_verified_at) == (False, False, None)
    assert (organization.credits_left, organization.max_users, organization.slug) == (0, None, "scuola-rossi")


def test_forged_forms_make_nothing(db: None) -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post("/sign-up", PERSON).status_code == 403
    assert client.post("/manage/new", ORGANIZATION).status_code == 403
    assert rows() == (0, 0, 0)


@pytest.mark.usefixtures("open_to_all")
def test_open_server_makes_the_account_when_the_link_comes_back(client: Client, acme: Organization) -> None:
    page = client.post("/sign-up", PERSON, follow=True)
    assert "ada@school.example" in page.content.decode()
    assert not User.objects.exists()
    path = mailed_path("ada@school.example")

    assert client.get(path).status_code == 200
    assert not User.objects.exists()
    page = client.post(path)

    user = User.objects.get()
    assert page["Location"] == "/manage/new"
    assert (user.email, user.check_password(PASSWORD)) == ("ada@school.example", True)
    assert user.email_verified_at is not None
    client.post("/manage/new", ORGANIZATION)
    assert Membership.objects.get(user=user).organization.name == "Scuola Rossi"
    assert Client().get(path).context["email"] == "ada@school.example"  # used: it leads to signing in
    assert Client().post(path).status_code == 200
    assert User.objects.count() == 1


@pytest.mark.usefixtures("open_to_all")
def test_password_typed_by_who_does_not_read_the_mail_never_opens_the_account(db: None) -> None:
    stranger, owner = Client(), Client()
    stranger.post(
        "/sign-up",
        PERSON | {"password": "a stranger's own words", "password_again": "a stranger's own words"},
    )
    path = mailed_path("ada@school.example")

    page = owner.post(path)
    assert page.status_code == 400
    assert not User.objects.exists()
    owner.post(path, PERSON | {"email": "somebody@else.example"})

    user = User.objects.get()
    assert (user.email, user.check_password(PASSWORD)) == ("ada@school.example", True)
    assert not user.check_password("a stranger's own words")
    assert stranger.get("/manage/new").status_code == 302
    assert stranger.get("/manage").status_code == 302


@pytest.mark.usefixtures("open_to_all")
def test_known_address_gets_the_same_answer_and_a_mail_that_says_so(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pages: list[Any] = []
    for email in ("new@school.example", alice.email):
        browser = Client()
        browser.post("/sign-up", PERSON | {"email": "other@school.example"})  # its session is made
        with django_assert_num_queries(9):
            pages.append(browser.post("/sign-up", PERSON | {"email": email}))
        pages.append(browser.get("/sign-up/sent"))

    assert [page.status_code for page in pages] == [302, 200, 302, 200]
    assert pages[0]["Location"] == pages[2]["Location"]
    assert pages[1].content.decode().replace("new@school.example", alice.email) == pages[3].content.decode()
    deliver_due()
    [told] = [sent for sent in mail.outbox if sent.to == [alice.email]]
    assert told.subject == "You have an account at 127.0.0.1:8000 already"
    assert "/sign-up/confirm/" not in str(told.body)
    assert User.objects.filter(email="new@school.example").count() == 0


@pytest.mark.usefixtures("open_to_all")
def test_links_of_others_and_old_ones_make_nothing(client: Client, db: None, settings: Settings) -> None:
    client.post("/sign-up", PERSON)
    path = mailed_path("ada@school.example")
    client.post("/sign-up", PERSON | {"email": "second@school.example"})
    other = mailed_path("second@school.example")
    mixed = path.rsplit("/", 1)[0] + "/" + other.rsplit("/", 1)[1]

    for wrong in (path[:-3] + "abc", mixed):
        assert client.post(wrong, PERSON).status_code == 410
    settings.SIGN_UP = "closed"
    assert client.post(path, PERSON).status_code == 403

    assert not User.objects.exists()


@pytest.mark.usefixtures("open_to_all")
def test_mails_to_one_address_are_slowed(client: Client, db: None) -> None:
    for _time in range(3):
        assert client.post("/sign-up", PERSON).status_code == 302

    page = client.post("/sign-up", PERSON)

    assert page.status_code == 400
    assert "asked for too often" in page.content.decode()
    assert Message.objects.count() == 3


@pytest.mark.usefixtures("open_to_all")
def test_member_makes_a_further_organization(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert 'href="/manage/new"' in client.get("/manage?choose").content.decode()

    client.post("/manage/new", ORGANIZATION)

    assert set(alice.memberships.values_list("organization__name", "role")) == {
        ("Acme Academy", "owner"),
        ("Scuola Rossi", "owner"),
    }


def test_member_makes_no_further_organization_where_sign_up_is_not_open(
    client: Client, alice: User, settings: Settings
) -> None:
    client.force_login(alice)
    for setting in ("first", "closed"):
        settings.SIGN_UP = setting
        assert client.post("/manage/new", ORGANIZATION).status_code == 403
        assert "/manage/new" not in client.get("/manage?choose").content.decode()

    assert Organization.objects.issuers().count() == 1


@pytest.mark.parametrize(
    ("setting", "with_organization", "state"),
    [
        ("first", False, "first"),
        ("first", True, "closed"),
        ("open", True, "open"),
        ("closed", False, "closed"),
        ("nonsense", False, "closed"),
    ],
)
def test_state_of_sign_up(
    system: System, settings: Settings, setting: str, with_organization: bool, state: str
) -> None:
    settings.SIGN_UP = setting
    if with_organization:
        factories.OrganizationFactory.create(system=system)

    assert sign_up_state() == state


@pytest.mark.usefixtures("open_to_all")
def test_organizations_of_one_person_are_slowed(alice: User) -> None:
    for number in range(3):
        make_own_organization(user=alice, name=f"School {number}", fields={})
    client = Client()
    client.force_login(alice)

    assert client.post("/manage/new", ORGANIZATION).status_code == 400

    assert alice.memberships.count() == 4


@pytest.mark.parametrize(
    "path",
    ["/accounts/signup/", "/accounts/email/", "/accounts/confirm-email/", "/accounts/confirm-email/abc/"],
)
def test_pages_of_the_library_that_are_not_ours_lead_to_ours(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)

    for response in (client.get(path), client.post(path, {"email": "more@acme.example", "action_add": ""})):
        assert response["Location"] in {reverse("sign_up"), reverse("my_profile")}
    assert not alice.emailaddress_set.exists()  # type: ignore[attr-defined]  # allauth has no annotations
