"""Ways into an earner's account in a real browser, with its own passkeys, and to an identity provider and back."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from earners.models import AccountEmail, Passkey
from earners.services import identities, providers
from tests.browser.pages import check, complaints_of
from tests.identity_provider import identity_provider
from tests.mailbox import sign_in_mails

ADA = "ada@example.org"
# A device with a fingerprint reader, at which its person has just put their finger.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def published(live_server: LiveServer, settings: Settings) -> str:
    """The address of the server, by the name for which browsers make passkeys without https."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    settings.PUBLIC_URL = address
    cache.clear()
    identities.forget_keys()
    providers.forget_metadata()
    return address


def opened(context: BrowserContext) -> tuple[Page, list[str]]:
    """Return a page, and what its console says."""
    page = context.new_page()
    return page, complaints_of(page)


def test_passkey_is_added_by_keyboard_and_signs_in_without_an_address(
    browser: Browser, published: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page, said = opened(context)
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device_id = device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    try:
        page.goto(f"{published}/me/sign-in")
        page.get_by_label("E-mail address").fill(ADA)
        page.get_by_role("button", name="Send me a code").click()
        page.get_by_label("Code").fill(sign_in_mails()[-1].code)
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{published}/me/account")
        check(page)
        page.get_by_label("Name of the passkey").focus()
        page.keyboard.type("My phone")
        page.keyboard.press("Enter")
        page.get_by_text("“My phone” signs you in from now on.").wait_for()
        check(page)
        page.get_by_label("Name of the passkey").fill("Again")
        page.get_by_role("button", name="Add a passkey").click()
        page.get_by_text("This device has a passkey for your account already.").wait_for()
        assert page.evaluate("document.activeElement.textContent.trim()") == "Add a passkey"

        page.get_by_role("button", name="Sign out", exact=True).click()
        device.send("WebAuthn.setUserVerified", {"authenticatorId": device_id, "isUserVerified": False})
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("No passkey was used.").wait_for()
        check(page)
        device.send("WebAuthn.setUserVerified", {"authenticatorId": device_id, "isUserVerified": True})
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{published}/me")
    finally:
        context.close()
    assert said == []
    passkey = Passkey.objects.get()
    assert (passkey.name, passkey.account.emails.get().email) == ("My phone", ADA)
    assert passkey.last_used_at is not None


def test_browser_goes_to_a_provider_and_comes_back_signed_in(
    browser: Browser, published: str, settings: Settings
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="dark")
    page, said = opened(context)
    try:
        with identity_provider() as school:
            settings.LOGIN_PROVIDERS = [school.setting()]
            settings.PRIVATE_HOSTS = [urlsplit(school.url).netloc]
            page.goto(f"{published}/me/sign-in")
            check(page)
            page.get_by_role("button", name="Sign in with Example School").click()
            page.wait_for_url(f"{published}/me")
            school.claims = {"email": "countess@example.org"}
            page.goto(f"{published}/me/account")
            page.get_by_role("button", name="Add your address at Example School").click()
            page.get_by_text("countess@example.org is yours now").wait_for()
            check(page)
            page.get_by_role("button", name=f"Stop signing in with {ADA}").click()
            page.get_by_text("The address signs in no longer.").wait_for()
            school.sent_back = {"code": None, "error": "access_denied"}
            page.get_by_role("button", name="Add your address at Example School").click()
            page.get_by_role("heading", name="The address was not added").wait_for()
            check(page)
    finally:
        context.close()
    assert [text for text in said if "status of 400" not in text] == []
    assert {row.email: row.signs_in for row in AccountEmail.objects.all()} == {
        ADA: False,
        "countess@example.org": True,
    }
