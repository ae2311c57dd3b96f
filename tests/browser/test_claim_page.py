"""The claim page in a real browser, under the real Content-Security-Policy."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge
from claimcodes.guesses import MAX_WRONG_CODES, count_guess
from claimcodes.models import ClaimCode
from organizations.models import Organization
from tests import factories
from tests.browser.pages import complaints_of, faults

PAGES = ("empty", "usable", "used", "unknown", "several")
SCREENS = [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]
REFUSED = "the server responded with a status of 429"  # browsers report the page itself


@pytest.fixture
def published(live_server: LiveServer, settings: Settings) -> Iterator[LiveServer]:
    """The server, told under which address it is published; nobody has guessed yet."""
    settings.PUBLIC_URL = live_server.url
    cache.clear()
    yield live_server
    cache.clear()


@pytest.fixture
def code(published: LiveServer, acme: Organization) -> ClaimCode:
    """A code of acme's for many."""
    template = factories.template(
        acme, title="Data literacy for public servants and everybody who works with them", is_unique=True
    )
    return factories.claim_code(template, code="OPEN-DAY-2026", is_multiuse=True)


@pytest.fixture
def addresses(published: LiveServer, code: ClaimCode) -> dict[str, str]:
    """The addresses of PAGES."""
    factories.claim_code(code.template, code="USED", is_claimed=True)
    other = factories.OrganizationFactory.create(name="Faraway School", system__name="Faraway")
    for template in (code.template, factories.template(other)):
        factories.claim_code(template, code="SEVERAL")
    queries = {
        "empty": "",
        "usable": "?code=open-day-2026",
        "used": "?code=USED",
        "unknown": "?code=" + "UNKNOWN" * 20,
        "several": "?code=several",
    }
    return {name: f"{published.url}/claim{query}" for name, query in queries.items()}


def opened(browser: Browser, address: str, *, width: int, colours: str) -> tuple[Page, list[str]]:
    """Return the page at an address, settled, and a list that grows by what the browser complains of."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
        locale="en-GB",
        reduced_motion="reduce",  # what moves is only drawn later
    )
    complaints = complaints_of(page, unless=REFUSED)
    page.goto(address, wait_until="load")
    return page, complaints


@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_claim_pages_are_sound(browser: Browser, addresses: dict[str, str], width: int, colours: str) -> None:
    assert tuple(addresses) == PAGES
    for name, address in addresses.items():
        page, complaints = opened(browser, address, width=width, colours=colours)
        found = faults(page)
        page.close()
        assert (name, complaints, found) == (name, [], ([], False))


@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_refused_pages_are_sound(
    browser: Browser, code: ClaimCode, published: LiveServer, width: int, colours: str
) -> None:
    factories.badge(code.template)
    page, complaints = opened(browser, f"{published.url}{code.public_path}", width=width, colours=colours)
    for email, answer in (
        ("ada@example", "This is not an e-mail"),
        ("ada@example.org", "has the badge already"),
    ):
        page.get_by_label("E-mail address").fill(email)
        page.get_by_role("button", name="Claim the badge").click()
        page.locator(".errorlist", has_text=answer).wait_for()
        assert (email, complaints, faults(page)) == (email, [], ([], False))
    for number in range(MAX_WRONG_CODES):
        count_guess("127.0.0.1", f"wrong {number}")
    page.get_by_role("button", name="Claim the badge").click()
    page.get_by_text("Try again in 10 minutes.").wait_for()
    assert (page.get_by_label("E-mail address").input_value(), complaints, faults(page)) == (
        "ada@example.org",
        [],
        ([], False),
    )
    page.close()


def test_badge_is_claimed_by_keyboard(browser: Browser, code: ClaimCode, published: LiveServer) -> None:
    page, complaints = opened(browser, f"{published.url}/claim", width=390, colours="light")
    page.get_by_label("Code").focus()
    for typed in ("open-day-2026", "ada@example.org"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # unfolds the name
    page.keyboard.press("Tab")
    for typed in ("Ada", "Lovelace"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Claim the badge"
    page.keyboard.press("Enter")

    page.wait_for_url("**/public/badges/*")
    badge = Badge.objects.get()
    expect(page).to_have_url(f"{badge.public_url}?claimed=1")
    expect(page.get_by_text("Earned by Ada Lovelace")).to_be_visible()
    assert complaints == []
    page.close()


def test_badge_is_claimed_without_scripts_and_session(
    browser: Browser, code: ClaimCode, published: LiveServer
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{published.url}{code.public_path}")
    expect(page.get_by_text("Code: OPEN-DAY-2026")).to_be_visible()
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Claim the badge").click()

    page.wait_for_url("**/public/badges/*")
    assert Badge.objects.get().recipient_email == "ada@example.org"
    assert [cookie.get("name") for cookie in context.cookies()] == ["csrftoken"]
    context.close()
