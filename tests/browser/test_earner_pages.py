"""The pages of who earned badges in a real browser, under the real Content-Security-Policy: signing in to leaving."""

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import BadgeShare
from earners.models import EarnerAccount
from organizations.models import MailStop, Organization
from organizations.services.mail_stops import stop_url
from tests import factories
from tests.accounts import imported
from tests.browser.conftest import keep_picture
from tests.browser.pages import check, complaints_of, settle
from tests.mailbox import sign_in_mails

SCREENS = [(1280, "light"), (390, "dark")]


@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_earner_signs_in_accepts_and_shows_a_badge_and_leaves(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    acme: Organization,
    width: int,
    colours: str,
) -> None:
    settings.PUBLIC_URL = live_server.url
    settings.FOREIGN_BADGE_HOSTS = ["badges.other.example"]
    cache.clear()
    title = "Data literacy for public servants and everybody who works with them"
    badge = factories.badge(factories.template(acme, title=title), "ada@example.org")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)  # type: ignore[arg-type]
    page = context.new_page()
    said = complaints_of(page)
    try:
        page.goto(f"{live_server.url}/me")
        look(page, "entrance")
        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_role("button", name="Send me a code").click()
        look(page, "code")
        page.get_by_label("Code").fill(sign_in_mails()[-1].code)
        page.get_by_role("button", name="Sign in").click()
        look(page, "badges")
        page.get_by_role("button", name="Accept it").click()
        expect(page.get_by_text("1 badge accepted.")).to_be_visible()
        look(page, "accepted")
        page.get_by_role("link", name=title).click()
        send_it(page)
        page.get_by_label("Everybody").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        brought = imported(EarnerAccount.objects.get())
        page.goto(f"{live_server.url}/me/badges/{brought.uuid}")
        page.get_by_label("Show it on my public page").check()
        look(page, "imported")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        for path in ("/me/badges/bring", "/me/account/delete", "/me/account"):
            page.goto(f"{live_server.url}{path}")
            look(page, path.removeprefix("/me/").replace("/", "_"))
        page.get_by_label("Have a page").check()
        page.get_by_role("button", name="Save").click()
        page.get_by_role("link", name="Open it").click()
        look(page, "collection")
        expect(page.get_by_role("link", name=title)).to_have_attribute("href", badge.public_path)
        expect(page.get_by_text("Red Hospital")).to_be_visible()
        page.goto(f"{live_server.url}/me")
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(f"{live_server.url}/me/sign-in")
        stop_mails(page, stop_url(badge.organization, "ada@example.org"))
    finally:
        context.close()
    assert said == []
    badge.refresh_from_db()
    assert (badge.visibility, badge.accepted_at is not None) == ("public", True)
    assert (BadgeShare.objects.count(), MailStop.objects.count()) == (1, 1)


def send_it(page: Page) -> None:
    """Send the badge of this page to somebody."""
    page.get_by_text("Send it by e-mail").click()
    page.get_by_text("Put it into a page of your own").click()
    look(page, "send")
    page.get_by_label("To", exact=True).fill("mary@elsewhere.example")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("It is on its way to mary@elsewhere.example.")).to_be_visible()


def stop_mails(page: Page, url: str) -> None:
    """Have no more mails of acme's, by the link in one."""
    page.goto(url)
    look(page, "mail_stop")
    page.get_by_role("button", name="No more mails from Acme Academy").click()
    expect(page.get_by_role("heading", name="No more mails")).to_be_visible()
    look(page, "mails_stopped")


def look(page: Page, name: str) -> None:
    """Fail when the page is wider than the screen, or keeps somebody out. Its picture is kept under the name."""
    settle(page)
    keep_picture(page, f"earner_{name}")
    check(page)
