"""From an empty server to the first badge that verifies, in a real browser, with and without scripts."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge
from organizations.models import Organization, User
from tests.browser.pages import check, complaints_of

PASSWORD = "an owl on the old roof"


def sign_up(page: Page, address: str, *, look: Callable[[Page], None], time_zone: str) -> None:
    """Go from the start page to the overview of an organization of one's own."""
    page.goto(address)
    look(page)
    page.get_by_role("link", name="Set up this server").click()
    look(page)
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Last name").fill("Rossi")
    page.get_by_label("E-mail address").fill("ada@school.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    look(page)
    expect(page.get_by_label("Time zone")).to_have_value(time_zone)
    page.get_by_label("Name of the organization").fill("Rossi School")
    page.get_by_role("button", name="Make the organization").click()
    expect(page.get_by_text("Rossi School is ready to issue badges.")).to_be_visible()
    look(page)


def describe(page: Page) -> None:
    """Go from the overview to a template."""
    page.get_by_role("link", name="Describe what can be earned").click()
    page.get_by_label("Title").fill("First aid")
    page.get_by_role("textbox", name="Description").first.fill("Helps others.")
    page.get_by_role("textbox", name="What it takes").first.fill("A day of practice.")
    page.locator("#id_type").select_option("participation")
    page.get_by_role("button", name="Make the template").last.click()


def issue(page: Page) -> None:
    """Go from the overview to a badge of one's own."""
    page.get_by_role("link", name="Issue the first badge").click()
    page.get_by_role("link", name="First aid").click()
    page.get_by_role("link", name="One person").click()
    page.get_by_label("E-mail address").fill("ada@school.example")
    page.get_by_label("First name").fill("Ada")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Issue 1 badge").click()
    page.wait_for_url("**/badges/*")


@pytest.mark.parametrize(
    ("width", "colours", "with_scripts"), [(1440, "light", True), (390, "dark", True), (390, "light", False)]
)
@pytest.mark.django_db(transaction=True)
def test_empty_server_leads_to_the_first_verified_badge(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    width: int,
    colours: str,
    with_scripts: bool,
) -> None:
    settings.PUBLIC_URL = live_server.url
    cache.clear()
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=colours,  # type: ignore[arg-type]
        locale="en-GB",
        timezone_id="Europe/Rome",
        java_script_enabled=with_scripts,
        reduced_motion="reduce",
    )
    page = context.new_page()
    said = complaints_of(page)

    try:
        sign_up(
            page,
            live_server.url,
            look=check if with_scripts else lambda _page: None,
            time_zone="Europe/Rome" if with_scripts else "UTC",
        )
        describe(page)
        page.goto(f"{live_server.url}/manage")
        issue(page)
        badge = Badge.objects.get()
        page.goto(live_server.url + badge.public_path)
        states = page.locator(".checks > .check").evaluate_all(
            "checks => checks.map(one => one.dataset.state)"
        )
        assert states == ["passed"] * 4
        expect(page.get_by_role("heading", name="First aid")).to_be_visible()
    finally:
        context.close()

    assert said == []
    assert urlsplit(page.url).path == badge.public_path
    assert (User.objects.get().email, Organization.objects.issuers().get().name) == (
        "ada@school.example",
        "Rossi School",
    )
