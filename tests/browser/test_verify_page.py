"""Badges verified and shown elsewhere, in a real browser: good, tampered and revoked ones, with and without scripts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge, BadgeTemplate
from badges.services import documents
from badges.services.revoking import revoke_badge
from badges.views.badges import iframe_of
from tests import factories
from tests.browser.pages import faults
from tests.browser.test_public_pages import opened


@pytest.fixture
def published(live_server: LiveServer, settings: Settings) -> LiveServer:
    """The server, told under which address it is published."""
    settings.PUBLIC_URL = live_server.url
    return live_server


@pytest.fixture
def badge(published: LiveServer, template: BadgeTemplate) -> Badge:
    """A badge of the published server."""
    return factories.badge(template)


def test_badges_are_verified_before_the_readers_eyes(
    browser: Browser, published: LiveServer, badge: Badge
) -> None:
    credential = documents.credential(badge)
    revoked = revoke_badge(badge=factories.badge(badge.template), reason="By mistake", by=None)
    given = {
        "This badge is good": credential,
        "Do not rely on this badge": credential.replace("Data literacy", "Data mastery"),
        "Do not rely on this badge ": documents.credential(revoked),
    }
    for heading, text in given.items():
        page, complaints = opened(browser, f"{published.url}/verify", width=390)
        page.get_by_label("Or its text").fill(text)
        page.keyboard.press("Tab")
        page.get_by_label("E-mail address of whoever shows it to you").fill("ada@example.org")
        page.keyboard.press("Enter")
        page.get_by_role("heading", level=1, name=heading.strip()).wait_for()
        found = faults(page)
        count = page.locator(".check").count()
        page.close()
        assert (heading, complaints, found, count) == (heading, [], ([], False), 5)


def test_verifying_works_without_scripts(
    browser: Browser, published: LiveServer, badge: Badge, tmp_path: Path
) -> None:
    picture = tmp_path / "badge.png"
    picture.write_bytes(documents.baked_png(badge, version=3))
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{published.url}/verify")
    page.get_by_label("Or its file").set_input_files(picture)
    page.get_by_role("button", name="Verify the badge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This badge is good")
    page.get_by_role("link", name="Open its page").click()
    page.get_by_label("E-mail address").fill("eve@example.org")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page).to_have_url(re.compile("/recipient#recipient$"))
    expect(page.get_by_role("status").get_by_text("It was issued to another address")).to_be_visible()
    context.close()


def test_card_is_shown_in_a_page_of_somebody_else(
    browser: Browser, published: LiveServer, badge: Badge
) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    body = f"<!doctype html><title>Mine</title>{iframe_of(badge)}"
    page.route("http://stranger.example/", lambda route: route.fulfill(body=body, content_type="text/html"))
    page.goto("http://stranger.example/")
    card = page.frame_locator("iframe")
    card.get_by_role("heading", name="Data literacy").wait_for()
    expect(card.get_by_role("link", name="Verify")).to_have_attribute("target", "_blank")
    assert complaints == []
    page.close()
