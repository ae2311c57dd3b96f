"""One's own account in the browser, which organizations one works for, and the language of pages."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from badges.models import Badge
from organizations.enums import Language, Role
from organizations.models import AuditEntry, Message, Organization, User
from organizations.services.members import add_member
from organizations.services.outbox import deliver_due
from organizations.services.profiles import address_path, change_address
from tests import factories
from tests.at_work import Member
from tests.racing import kinds, race

HERE = {"origin": "http://testserver"}
OWN_PAGES = (
    "/manage",
    "/manage/new",
    "/manage/profile",
    "/manage/profile/address",
    "/manage/profile/address/token",
    "/manage/profile/sessions",
)


@pytest.fixture
def browser(alice: User) -> Client:
    """A browser in which alice is signed in."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.mark.parametrize("path", OWN_PAGES)
def test_strangers_are_led_to_sign_in(acme: Organization, path: str) -> None:
    for page in (Client().get(path), Client().post(path)):
        assert (page.status_code, page.headers.get("Location", "")[:17]) in {
            (302, "/accounts/login/?"),
            (302, "/accounts/login/"),
            (405, ""),
        }


def test_profile_is_changed_and_pages_follow_its_language(browser: Client, alice: User) -> None:
    page = browser.post(
        "/manage/profile",
        {
            "first_name": "Alicia",
            "last_name": "Verdi",
            "language": "it",
            "email": "x@y.example",
            "is_staff": "1",
            "role": "owner",
        },
    )

    assert page.cookies["django_language"].value == "it"
    alice.refresh_from_db()
    assert (alice.first_name, alice.last_name, alice.language) == ("Alicia", "Verdi", "it")
    assert (alice.email, alice.is_staff) == ("alice@acme.example", False)
    assert '<html lang="it"' in browser.get("/manage/profile").content.decode()


def test_profile_in_a_language_that_is_none_is_refused(browser: Client, alice: User) -> None:
    page = browser.post("/manage/profile", {"first_name": "Alicia", "language": "fr"})

    assert page.status_code == 400
    assert 'value="Alicia"' in page.content.decode()
    alice.refresh_from_db()
    assert alice.first_name == "Alice"


def ask(browser: Client, email: str, password: str = factories.PASSWORD) -> str:
    """Ask for another address; return the path of the mailed link, or an empty string where none was mailed."""
    browser.post("/manage/profile/address", {"email": email, "password": password})
    deliver_due()
    bodies = [str(sent.body) for sent in mail.outbox if sent.to == [email]]
    found = (
        re.search(r"http://127\.0\.0\.1:8000(/manage/profile/address/\S+)", bodies[-1]) if bodies else None
    )
    return found[1] if found else ""


def test_address_changes_by_the_link_of_a_mail_and_the_former_one_is_told(
    browser: Client, alice: User
) -> None:
    EmailAddress.objects.create(user=alice, email="alice@acme.example")
    path = ask(browser, "Alice@New.example".lower())
    alice.refresh_from_db()
    assert alice.email == "alice@acme.example"
    assert "Sign in with alice@new.example from now on?" in browser.get(path).content.decode()

    browser.post(path)

    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert alice.email_verified_at is not None
    assert not EmailAddress.objects.exists()
    mail.outbox.clear()
    deliver_due()
    [told] = mail.outbox
    assert (told.to, told.subject) == (["alice@acme.example"], "Your address at 127.0.0.1:8000 was changed")
    assert "alice@new.example" in str(told.body)
    assert browser.post(path).status_code == 410
    assert Client().login(email="alice@new.example", password=factories.PASSWORD)
    assert not Client().login(email="alice@acme.example", password=factories.PASSWORD)


def test_address_needs_the_password(browser: Client, alice: User) -> None:
    cache.clear()
    page = browser.post("/manage/profile/address", {"email": "alice@new.example", "password": "wrong"})

    assert page.status_code == 400
    assert "This is not your password." in page.content.decode()
    assert not Message.objects.exists()


def test_guessing_ones_password_is_slowed(browser: Client, alice: User) -> None:
    cache.clear()
    for number in range(10):
        browser.post("/manage/profile/sessions", {"password": f"guess {number}"})

    page = browser.post("/manage/profile/sessions", {"password": factories.PASSWORD})

    assert "Too many wrong tries" in page.content.decode()
    cache.clear()


def test_address_of_another_is_answered_alike_and_never_taken(
    browser: Client, alice: User, bob: User
) -> None:
    page = browser.post(
        "/manage/profile/address", {"email": bob.email, "password": factories.PASSWORD}, follow=True
    )
    assert "A link is on its way to bob@acme.example." in page.content.decode()
    deliver_due()
    [sent] = mail.outbox
    assert sent.subject == "This address has an account at 127.0.0.1:8000 already"
    assert "/manage/profile/address/" not in str(sent.body)

    page = browser.post(address_path(user=alice, email=bob.email), follow=True)

    assert "There is an account with this address already." in page.content.decode()
    alice.refresh_from_db()
    assert alice.email == "alice@acme.example"


def test_link_of_an_address_is_of_one_account(browser: Client, alice: User, charlie: User) -> None:
    path = ask(browser, "alice@new.example")
    other = Client()
    other.force_login(charlie)

    assert other.get(path).status_code == 410
    assert other.post(path).status_code == 410
    assert browser.post(path[:-2] + "xx").status_code == 410

    assert set(User.objects.values_list("email", flat=True)) == {
        "alice@acme.example",
        "charlie@elsewhere.example",
    }


@pytest.mark.django_db(transaction=True)
def test_two_who_want_one_address_at_once_get_it_once(alice: User, charlie: User) -> None:
    tokens = [
        address_path(user=user, email="wanted@new.example").rpartition("/")[2] for user in (alice, charlie)
    ]

    answers = race(
        lambda number: change_address(user=(alice, charlie)[number], token=tokens[number]), times=2
    )

    assert kinds(answers) == {"User": 1, "AccountExists": 1}
    assert User.objects.filter(email="wanted@new.example").count() == 1


def test_signing_out_everywhere_else_ends_other_sessions(browser: Client, alice: User) -> None:
    cache.clear()
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert browser.post("/manage/profile/sessions", {"password": "wrong"}).status_code == 400
    assert elsewhere.get("/manage/profile").status_code == 200

    browser.post("/manage/profile/sessions", {"password": factories.PASSWORD})

    assert elsewhere.get("/manage/profile").status_code == 302
    assert browser.get("/manage/profile").status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(factories.PASSWORD)


def test_sessions_end_when_the_password_changes(alice: User, acme: Organization) -> None:
    here, elsewhere = Member(alice, acme), Member(alice, acme)
    new = "another owl on the roof"
    page = here.client.post(
        reverse("account_change_password"),
        {"oldpassword": factories.PASSWORD, "password1": new, "password2": new},
    )

    assert page["Location"] == reverse("my_profile")
    assert here.get("team").status_code == 200
    assert elsewhere.get("team").status_code == 302


def test_password_given_a_moment_ago_is_not_asked_for_again(acme: Organization, alice: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": alice.email, "password": factories.PASSWORD})

    assert client.get(reverse("manage:invite", args=[acme.pk])).status_code == 200


def test_forged_forms_change_nothing(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    for path in OWN_PAGES[1:]:
        assert client.post(path, {"language": "it", "email": "x@y.example"}).status_code == 403

    alice.refresh_from_db()
    assert (alice.language, alice.email) == ("en", "alice@acme.example")


def test_one_organization_is_opened_at_once_and_several_are_listed(
    browser: Client, acme: Organization, globex: Organization, alice: User, bob: User
) -> None:
    assert browser.get("/manage")["Location"] == f"/manage/{acme.pk}/"
    assert "Acme Academy" in browser.get("/manage?choose").content.decode()
    add_member(organization=globex, user=alice, role=Role.VIEWER, by=None)

    text = browser.get("/manage").content.decode()

    assert text.index("Acme Academy") < text.index("Globex College")
    assert "Viewer" in text
    assert "Look in" not in text
    page = browser.get("/manage?q=globex")
    assert [row.organization.name for row in page.context["memberships"]] == ["Globex College"]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    browser: Client, alice: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _number in range(rows):
        organization = factories.OrganizationFactory.create()
        add_member(organization=organization, user=alice, role=Role.VIEWER, by=None)

    with django_assert_num_queries(
        6
    ):  # session, user, how many, count, memberships, whether there may be more
        page = browser.get("/manage?choose")

    assert len(page.context["memberships"]) == rows + 1


def test_staff_search_all_and_look_in(
    acme: Organization, globex: Organization, staff: User, alice: User
) -> None:
    client = Client()
    client.force_login(staff)
    page = client.get("/manage?q=glob")
    assert [row.name for row in page.context["others"]] == ["Globex College"]
    assert f'action="/manage/{globex.pk}/look-in"' in page.content.decode()

    page = client.post(f"/manage/{globex.pk}/look-in")

    assert page["Location"] == f"/manage/{globex.pk}/"
    assert client.get(reverse("manage:team", args=[globex.pk])).status_code == 200
    assert client.get(reverse("manage:team", args=[acme.pk])).status_code == 404
    assert AuditEntry.objects.filter(act="staff.entered").count() == 1
    assert (
        f'action="/manage/{acme.pk}/look-in"'
        in client.get(reverse("admin:organizations_organization_change", args=[acme.pk])).content.decode()
    )


def test_staff_who_are_no_superusers_look_nowhere(acme: Organization, alice: User) -> None:
    helper = factories.UserFactory.create(email="helper@server.example", is_staff=True)
    client = Client()
    client.force_login(helper)

    page = client.get("/manage?q=acme")

    assert "Acme" not in page.content.decode().replace("“acme”", "")
    assert client.post(f"/manage/{acme.pk}/look-in").status_code == 403


def test_language_switch_works_for_everybody(alice: User, badge: Badge, settings: Settings) -> None:
    stranger, member = Client(headers={"accept-language": "en"}), Client()
    member.force_login(alice)
    for client, path in (
        (stranger, "/"),
        (stranger, "/me/sign-in"),
        (stranger, badge.public_path),
        (member, "/manage/profile"),
    ):
        assert '<html lang="en"' in client.get(path).content.decode()
        page = client.post(
            "/language", {"language": "it"}, headers={"referer": f"http://testserver{path}", **HERE}
        )
        assert page["Location"] == f"http://testserver{path}"
        text = client.get(path).content.decode()
        assert '<html lang="it"' in text
        assert 'action="/language"' in text
        client.post("/language", {"language": "en"}, headers=HERE)
    member.post("/language", {"language": "it"}, headers=HERE)

    alice.refresh_from_db()
    assert alice.language == Language.ITALIAN


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)", "http:///evil.example"]
)
def test_language_switch_leads_nowhere_else(client: Client, db: None, address: str) -> None:
    page = client.post(
        "/language", {"language": "it", "next": address}, headers={"referer": "https://evil.example/", **HERE}
    )

    assert page["Location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"referer": "https://evil.example/"},
        {},
    ],
)
def test_language_switch_of_another_site_changes_nothing(
    browser: Client, alice: User, headers: dict[str, str]
) -> None:
    page = browser.post("/language", {"language": "it"}, headers=headers)

    assert page.status_code == 403
    assert "django_language" not in page.cookies
    alice.refresh_from_db()
    assert alice.language == Language.ENGLISH


def test_language_that_is_none_is_not_kept(browser: Client, alice: User) -> None:
    browser.post("/language", {"language": "../x"}, headers=HERE)

    alice.refresh_from_db()
    assert alice.language == Language.ENGLISH
    assert "django_language" not in browser.cookies


def test_signing_in_brings_ones_language(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language=Language.ITALIAN)
    client = Client(headers={"accept-language": "en"})
    client.post("/language", {"language": "en"}, headers=HERE)

    page = client.post("/accounts/login/", {"login": alice.email, "password": factories.PASSWORD})

    assert page.cookies["django_language"].value == "it"
    assert '<html lang="it"' in client.get("/manage/profile").content.decode()


def test_public_pages_in_two_languages_are_asked_for_anew_each_time(badge: Badge) -> None:
    """Their language is that of a cookie, so no cache may answer one reader with what another got."""
    for path in (
        "/",
        "/verify",
        badge.public_path,
        badge.organization.public_path,
        "/claim",
    ):
        client = Client(headers={"accept-language": "en"})
        english = client.get(path)
        assert english.status_code == 200, path
        assert english["Cache-Control"] in {"no-cache", "private, no-store", "no-store"}, path
        assert (
            "csrfmiddlewaretoken" not in english.content.decode().partition('class="language-switch"')[2]
        ), path
        client.cookies["django_language"] = "it"
        tag = {"if-none-match": english["ETag"]} if "ETag" in english else {}
        italian = client.get(path, headers=tag)
        assert '<html lang="it"' in italian.content.decode(), path


@pytest.mark.parametrize("language", ["en", "it"])
def test_pages_of_accounts_are_in_both_languages(alice: User, language: str) -> None:
    client = Client()
    client.cookies["django_language"] = language
    for path in ("/accounts/login/", "/accounts/password/reset/", "/sign-up"):
        text = client.get(path).content.decode()
        assert f'<html lang="{language}"' in text
        assert 'class="language-switch"' in text


@pytest.mark.parametrize(
    ("language", "address", "words"),
    [
        ("en", "alice@acme.example", "Choose it here:\nhttp"),
        ("it", "alice@acme.example", "Si sceglie qui:\nhttp"),
        ("it", "nobody@acme.example", "nobody@acme.example"),
    ],
)
def test_mail_about_a_forgotten_password_is_ours(
    alice: User, language: str, address: str, words: str
) -> None:
    client = Client(headers={"Accept-Language": language})

    client.post(reverse("account_reset_password"), {"email": address})

    [sent] = mail.outbox
    assert words in sent.body
    assert "testserver!" not in sent.body
    assert (
        sent.subject
        == {
            "en": "Choose a new password for Laurel",
            "it": "Scegliere una nuova password per Laurel",
        }[language]
    )
