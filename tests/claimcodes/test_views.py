"""The claim page: a code, an address, the badge; refusals in plain words; and nobody's name to strangers."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.live_server_helper import LiveServer

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.templates import archive_template
from claimcodes import views
from claimcodes.guesses import MAX_WRONG_CODES
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from organizations.enums import OrganizationStatus
from organizations.models import Organization, SigningKey
from tests import factories
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db

ADA = {"email": "ada@example.org", "first_name": "Ada", "last_name": "Lovelace"}
HELD = (
    "This address has the badge already, and it is given only once. Its link is in the mail that went there."
)
PREVIEW = '<h1 lang="en">Data literacy</h1>'


@pytest.fixture(autouse=True)
def no_guesses() -> Iterator[None]:
    """Nobody has guessed yet."""
    cache.clear()
    yield
    cache.clear()


def text(response: object, status: int = 200) -> str:
    """Return the text of a page that was answered."""
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response["Content-Type"]) == (status, "text/html; charset=utf-8")
    return html.unescape(response.content.decode())


def errors(page: str) -> dict[str, str]:
    """Return what stands beside the fields of a page, by the fields' names."""
    found = re.findall(r'<ul class="errorlist" id="id_(\w+)_error"><li>(.*?)</li></ul>', page)
    assert page.count('class="errorlist"') == len(found)
    return dict(found)


def values(page: str) -> dict[str, str]:
    """Return what stands in the fields of a page."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if attributes.get("name") in {"code", "email", "first_name", "last_name"}:
            found[attributes["name"]] = attributes.get("value", "")
    return found


def unchanged(code: ClaimCode) -> bool:
    """Tell whether a code is as it was before, and no badge came of it."""
    before = (code.uses, code.is_claimed, code.email)
    badges = Badge.objects.filter(claim__claim_code=code).count()
    code.refresh_from_db()
    return (code.uses, code.is_claimed, code.email) == before and badges == code.uses


def test_claim_page_without_a_code_is_an_empty_form(client: Client) -> None:
    response = client.get("/claim")

    page = text(response)
    assert (errors(page), values(page)) == (
        {},
        {"code": "", "email": "", "first_name": "", "last_name": ""},
    )
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page
    assert set(response.cookies) == {"csrftoken"}


@pytest.mark.parametrize("spelling", ["OPEN-DAY", "open-day", " Open-Day "])
def test_claim_page_shows_the_badge_of_a_usable_code(
    client: Client, template: BadgeTemplate, spelling: str
) -> None:
    code = factories.claim_code(template, code="OPEN-DAY")

    page = text(client.get("/claim", {"code": spelling}))

    assert PREVIEW in page
    assert "Acme Academy" in page
    assert 'src="data:image/png;base64,iVBOR' in page
    assert (errors(page), values(page)["code"].strip()) == ({}, spelling.strip())
    assert "(optional)" not in page.partition('id="id_email"')[0]
    assert unchanged(code)


def test_claim_page_asks_the_database_twice(
    client: Client, template: BadgeTemplate, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    factories.claim_code(template, code="OPEN-DAY")

    with django_assert_num_queries(2):
        client.get("/claim", {"code": "OPEN-DAY"})


@pytest.mark.parametrize("code", ["with space", "a/b?c#d&e", "café ☕", "100%"])
def test_public_path_of_a_code_opens_its_page(client: Client, template: BadgeTemplate, code: str) -> None:
    row = factories.claim_code(template, code=code)

    page = text(client.get(row.public_path))

    assert values(page)["code"] == code
    assert PREVIEW in page
    assert row.public_url == f"http://127.0.0.1:8000{row.public_path}"


def test_claim_page_is_found_with_a_slash_too(client: Client) -> None:
    response = client.get("/claim/?code=a%20b")

    assert (response.status_code, response["Location"]) == (301, "/claim?code=a%20b")


def test_claim_issues_the_badge_and_leads_to_it(template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="OPEN-DAY")
    client = Client(enforce_csrf_checks=True)
    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text(client.get("/claim")))[0]
    typed = ADA | {"code": "open-day"}

    assert client.post("/claim", typed).status_code == 403
    assert unchanged(code)
    response = client.post("/claim", typed | {"csrfmiddlewaretoken": token})

    badge = Badge.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/public/badges/{badge.uuid}?claimed=1")
    assert (badge.recipient_email, badge.recipient_name) == ("ada@example.org", "Ada Lovelace")
    assert Claim.objects.get().badge == badge
    assert "sessionid" not in client.cookies
    assert client.get(response["Location"]).status_code == 200


def test_claim_needs_no_name(client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template)

    response = client.post("/claim", {"code": code.code, "email": "ada@example.org"})

    assert (response.status_code, Badge.objects.get().recipient_name) == (302, "")


def test_claim_for_many_leads_back_to_the_first_badge(client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, is_multiuse=True, max_uses=1)
    client.post("/claim", ADA | {"code": code.code})
    badge = Badge.objects.get()

    response = client.post(
        "/claim",
        {"code": code.code, "email": "ADA@example.org", "first_name": "ada", "last_name": " LOVELACE"},
    )

    assert (response.status_code, response["Location"]) == (302, badge.public_path)
    Badge.objects.update(visibility=Visibility.HIDDEN)
    page = text(client.post("/claim", ADA | {"code": code.code}))
    assert errors(page) == {"email": HELD}
    assert str(badge.uuid) not in page
    assert Badge.objects.count() == 1


@pytest.mark.parametrize("is_unique", [False, True])
@pytest.mark.parametrize("typed", [{}, {"first_name": "Grace", "last_name": "Hopper"}])
def test_claim_with_anothers_address_leads_to_nobody(
    client: Client, acme: Organization, is_unique: bool, typed: dict[str, str]
) -> None:
    template = factories.template(acme, is_unique=is_unique)
    code = factories.claim_code(template, is_multiuse=True)
    client.post("/claim", ADA | {"code": code.code})
    poster = factories.claim_code(template, is_multiuse=True) if is_unique else code
    badge = Badge.objects.get()

    page = text(client.post("/claim", typed | {"code": poster.code, "email": ADA["email"]}))

    assert errors(page) == {"email": HELD}
    assert str(badge.uuid) not in page
    assert "Lovelace" not in page
    assert Badge.objects.count() == 1


@pytest.mark.parametrize("name", ["https://evil.example", "See www.evil.example", "evil.example/win"])
def test_claim_refuses_a_name_with_a_link(client: Client, template: BadgeTemplate, name: str) -> None:
    code = factories.claim_code(template)

    page = text(client.post("/claim", ADA | {"code": code.code, "first_name": name}))

    assert errors(page) == {"first_name": "Enter a name, without links."}
    assert values(page)["first_name"] == name
    assert unchanged(code)


@pytest.mark.parametrize("method", ["get", "post"])
def test_used_code_tells_nothing_of_its_claimant(
    client: Client, template: BadgeTemplate, method: str
) -> None:
    code = factories.claim_code(template)
    claim_code(claim_code=code, email="ada@example.org", first_name="Ada", last_name="Lovelace")
    code.refresh_from_db()
    typed = {"code": code.code, "email": "grace@example.org"}

    page = text(client.get("/claim", typed) if method == "get" else client.post("/claim", typed))

    assert errors(page) == {
        "code": "This code has been used. If it was you, your badge is in the mail that we sent;"
        " else ask Acme Academy."
    }
    assert PREVIEW not in page
    for secret in ("ada@", "Ada", "Lovelace", str(Badge.objects.get().uuid)):
        assert secret not in page
    assert values(page)["code"] == code.code
    assert unchanged(code)


def test_unknown_code_says_so_and_keeps_what_was_typed(client: Client, template: BadgeTemplate) -> None:
    factories.claim_code(template, code="OPEN-DAY")
    typed = ADA | {"code": "OPEN-DOY"}

    page = text(client.post("/claim", typed))

    assert errors(page) == {
        "code": "We do not know this code. Compare it with the one you were given, character by character."
    }
    assert values(page) == typed
    assert Badge.objects.count() == 0
    assert errors(text(client.get("/claim?code=OPEN-DOY"))) == errors(page)
    assert errors(text(client.get("/claim?code=%00"))).keys() == {"code"}
    assert errors(text(client.get("/claim?code="))) == {"code": "Enter the code that you were given."}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ({"email": ""}, {"email": "Enter the address that the badge is for."}),
        (
            {"email": "ada@example"},
            {"email": "This is not an e-mail address. It looks like name@example.org."},
        ),
        (
            {"email": "a@" + "ß" * 28 + ("." + "ß" * 28) * 4 + "." + "s" * 60 + ".org"},
            {"email": "An e-mail address has at most 254 characters."},
        ),
    ],
)
def test_claim_refuses_a_bad_address_and_keeps_the_badge_in_sight(
    client: Client, template: BadgeTemplate, typed: dict[str, str], expected: dict[str, str]
) -> None:
    code = factories.claim_code(template)

    page = text(client.post("/claim", ADA | typed | {"code": code.code}))

    assert errors(page) == expected
    assert values(page) == ADA | typed | {"code": code.code}
    assert PREVIEW in page
    assert unchanged(code)


def test_claim_refuses_a_name_that_cannot_be_signed(client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template)

    page = text(client.post("/claim", ADA | {"code": code.code, "first_name": "A\x07da"}))

    assert errors(page).keys() == {"first_name"}
    assert unchanged(code)


def test_claim_says_all_that_is_wrong_at_once(client: Client, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, is_claimed=True)

    assert errors(text(client.post("/claim", {"code": code.code}))).keys() == {"code", "email"}


def expire(code: ClaimCode) -> None:
    ClaimCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def use_up_the_limit(code: ClaimCode) -> None:
    BadgeTemplate.objects.update(limit=1)
    factories.badge(code.template, "first@example.org")


def archive(code: ClaimCode) -> None:
    archive_template(template=code.template, by=None)


def disable(code: ClaimCode) -> None:
    Organization.objects.update(status=OrganizationStatus.DISABLED)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (expire, "The time to claim with this code is over. Ask Acme Academy for another one."),
        (
            use_up_the_limit,
            "All badges of this kind have been given out. Ask Acme Academy whether there will be more.",
        ),
        (archive, "Acme Academy does not give out this badge at the moment."),
        (disable, "Acme Academy does not issue badges at the moment. Your code was not used up."),
    ],
)
def test_code_that_cannot_be_used_says_why_before_and_after(
    client: Client, template: BadgeTemplate, prepare: object, expected: str
) -> None:
    code = factories.claim_code(template)
    assert callable(prepare)
    prepare(code)
    code.refresh_from_db()
    badges = Badge.objects.count()

    shown, refused = client.get(code.public_path), client.post("/claim", ADA | {"code": code.code})

    for page in (text(shown), text(refused)):
        assert errors(page) == {"code": expected}
        assert PREVIEW not in page
    assert values(text(refused)) == ADA | {"code": code.code}
    assert (unchanged(code), Badge.objects.count()) == (True, badges)


@pytest.mark.parametrize("lacking", ["credits", "keys"])
def test_claim_says_when_the_organization_cannot_issue(
    client: Client, template: BadgeTemplate, settings: Settings, lacking: str
) -> None:
    if lacking == "credits":
        settings.CREDITS = "enforced"
    else:
        SigningKey.objects.all().delete()
    code = factories.claim_code(template)

    page = text(client.post("/claim", ADA | {"code": code.code}))

    assert errors(page) == {
        "code": "Acme Academy cannot issue this badge at the moment."
        " Your code was not used up: ask Acme Academy."
    }
    assert unchanged(code)


def test_claim_of_a_badge_held_already_links_to_it(client: Client, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    badge = factories.badge(template)
    code = factories.claim_code(template)

    page = text(client.post("/claim", ADA | {"code": code.code}))

    assert errors(page) == {"email": HELD}
    assert f'<a href="{badge.public_url}">Open the badge</a>' in page
    assert unchanged(code)
    Badge.objects.update(visibility=Visibility.HIDDEN)
    page = text(client.post("/claim", ADA | {"code": code.code}))
    assert errors(page).keys() == {"email"}
    assert str(badge.uuid) not in page


def test_code_of_several_systems_asks_whose_it_is(client: Client, acme: Organization) -> None:
    other = factories.OrganizationFactory.create(name="Faraway School", system__name="Faraway")
    code = factories.claim_code(factories.template(acme), code="SPRING")
    theirs = factories.claim_code(factories.template(other, title="Their badge"), code="spring")
    question = {"system": "Several organizations have given out this code. Choose yours."}

    page = text(client.get("/claim?code=SPRING"))
    assert errors(page) == question
    assert "Acme Academy (Main)" in page
    assert "Faraway School (Faraway)" in page
    assert "Data literacy" not in page
    assert errors(text(client.post("/claim", ADA | {"code": "spring"}))) == question
    assert errors(text(client.post("/claim", ADA | {"code": "spring", "system": "none"}))) == question
    assert (unchanged(code), unchanged(theirs)) == (True, True)
    assert "Their badge" in text(client.get(f"/claim?code=SPRING&system={theirs.system.slug}"))

    response = client.post("/claim", ADA | {"code": "spring", "system": theirs.system.slug})

    assert response.status_code == 302
    assert Badge.objects.get().template == theirs.template
    assert unchanged(code)


def test_guesses_are_refused_until_their_time_is_over(
    client: Client, template: BadgeTemplate, caplog: pytest.LogCaptureFixture
) -> None:
    code = factories.claim_code(template)
    with time_machine.travel("2026-11-21T12:00:00+00:00", tick=False) as traveller:
        for number in range(MAX_WRONG_CODES):
            wrong = {"code": f"MISTYPED-{number}"}
            response = client.get("/claim", wrong) if number % 2 else client.post("/claim", ADA | wrong)
            assert response.status_code == 200
        refused = client.post("/claim", ADA | {"code": code.code})

        page = text(refused, 429)
        assert refused["Retry-After"] == "600"
        assert "Try again in 10 minutes." in page
        assert (errors(page), values(page)) == ({}, ADA | {"code": code.code})
        assert unchanged(code)
        assert client.get(code.public_path).status_code == 429
        assert client.get("/claim").status_code == 200
        assert client.get(code.public_path, REMOTE_ADDR="192.0.2.2").status_code == 200
        traveller.shift(601)
        assert client.post("/claim", ADA | {"code": code.code}).status_code == 302
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "Claim codes are guessed" in logged
    for secret in ("127.0.0.1", "MISTYPED", code.code, "ada@"):
        assert secret not in logged


def test_codes_that_exist_are_no_guesses(client: Client, template: BadgeTemplate) -> None:
    codes = [factories.claim_code(template, is_claimed=number % 2 == 0) for number in range(24)]

    statuses = {client.get(code.public_path).status_code for code in codes}

    assert statuses == {200}


def test_claiming_goes_on_without_a_cache(
    client: Client, template: BadgeTemplate, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.claimcodes.test_guesses.BrokenCache"}}
    code = factories.claim_code(template)

    assert client.post("/claim", ADA | {"code": code.code}).status_code == 302
    assert "the cache fails" in caplog.text


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_claim_page_takes_no_other_methods(client: Client, method: str) -> None:
    response = getattr(client, method)("/claim")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.django_db(transaction=True)
def test_race_for_one_code_through_http_gives_one_badge(live_server: LiveServer) -> None:
    organization = factories.OrganizationFactory.create(slug="acme")
    code = factories.claim_code(factories.template(organization))
    host = urlsplit(live_server.url).netloc
    connection = HTTPConnection(host, timeout=60)
    connection.request("GET", "/claim")
    first = connection.getresponse()
    [token] = re.findall(rb'name="csrfmiddlewaretoken" value="(\w+)"', first.read())
    cookie = (first.getheader("Set-Cookie") or "").partition(";")[0]
    connection.close()

    def claim(number: int) -> str:
        own = HTTPConnection(host, timeout=60)
        typed = {
            "code": code.code,
            "email": f"earner{number}@example.org",
            "csrfmiddlewaretoken": token.decode(),
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        own.request("POST", "/claim", urlencode(typed), headers)
        response = own.getresponse()
        page = response.read().decode()
        own.close()
        if response.status == 302:
            return response.getheader("Location") or ""
        assert response.status == 200
        assert errors(page)["code"].startswith("This code has been used.")
        return ""

    answers = race(claim, times=20)

    assert kinds(answers) == {"str": 20}
    badge = Badge.objects.get()
    assert sorted(str(answer) for answer in answers if answer) == [f"{badge.public_path}?claimed=1"]
    code.refresh_from_db()
    assert (code.uses, Claim.objects.count()) == (1, 1)


def test_one_network_cannot_use_up_a_code_for_many(
    client: Client, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MAX_CLAIMS", 2)
    code = factories.claim_code(template, is_multiuse=True)

    answers = [
        client.post("/claim", {"code": code.code, "email": f"made-up-{number}@example.org"})
        for number in range(4)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 429, 429]
    assert "made-up-3@example.org" in answers[-1].content.decode()
    assert 0 < int(answers[-1]["Retry-After"]) <= 600
    code.refresh_from_db()
    assert code.uses == 2
