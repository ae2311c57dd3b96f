"""Issuing to many in a real browser, under the real Content-Security-Policy: from the badge to the end of its batch."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge, Batch
from badges.services import batches
from badges.services.batches import run_batch
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member
from tests.browser.pages import check, complaints_of

ADDRESSES = (
    "Ada Lovelace <ada@example.org>\nalan@example.org; Alan; Turing\nnobody\ngrace@example.org\tGrace\tHopper"
)


def context_of(
    browser: Browser, live_server: LiveServer, user: User, organization: Organization, **options: object
) -> BrowserContext:
    """Return a browser in which somebody is signed in."""
    context = browser.new_context(**options)  # type: ignore[arg-type]
    session = Member(user, organization).client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    return context


def test_badge_is_issued_to_pasted_addresses_and_watched(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    acme: Organization,
    bob: User,
) -> None:
    settings.PUBLIC_URL = live_server.url
    monkeypatch.setattr(batches, "CHUNK", 2)
    factories.template(acme, title="Data literacy for public servants and everybody who works with them")
    context = context_of(
        browser, live_server, bob, acme, viewport={"width": 390, "height": 844}, color_scheme="dark"
    )
    page = context.new_page()
    said = complaints_of(page)
    try:
        page.goto(f"{live_server.url}/manage/{acme.pk}/issue")
        check(page)
        page.get_by_role("link", name="Data literacy").click()
        page.get_by_label("Addresses").fill(ADDRESSES)
        page.get_by_text("3 lines with an address").wait_for()
        check(page)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_label("Day and time")).to_be_hidden()
        page.get_by_label("Later, at the moment below").check()
        expect(page.get_by_label("Day and time")).to_be_visible()
        page.get_by_label("At once").check()
        check(page)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("1 line cannot be used")).to_be_visible()
        check(page)
        page.get_by_role("button", name="Issue 3 badges").dblclick()
        page.wait_for_url("**/issue/batches/*")
        batch = Batch.objects.get()
        check(page)
        run_batch(batch, max_chunks=1)
        page.get_by_text("2 of 3").wait_for()
        run_batch(batch)
        page.get_by_text("3 badges were issued").wait_for()
        page.get_by_role("link", name="Grace Hopper").wait_for()
        check(page)
    finally:
        context.close()
    assert said == []
    assert Badge.objects.count() == 3


def test_badge_is_scheduled_and_cancelled_without_javascript(
    browser: Browser, live_server: LiveServer, acme: Organization, bob: User
) -> None:
    factories.template(acme)
    context = context_of(browser, live_server, bob, acme, java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{live_server.url}/manage/{acme.pk}/issue")
        page.get_by_role("link", name="Data literacy").click()
        page.get_by_role("link", name="One person").click()
        page.get_by_label("E-mail address").fill("ada@example.org")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="More evidence").click()
        page.get_by_label("Address of the evidence").nth(1).fill("https://example.org/work")
        page.get_by_label("Later, at the moment below").check()
        page.get_by_label("Day and time").fill("2020-01-01T09:00")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_text("This moment has passed.").first).to_be_visible()
        page.get_by_label("Day and time").fill(f"{timezone.now() + timedelta(days=2):%Y-%m-%dT%H:%M}")
        page.get_by_role("button", name="Go on").click()
        page.get_by_role("button", name="Schedule 1 badge").click()
        page.get_by_role("link", name="Cancel it").click()
        page.get_by_role("button", name="Cancel it").click()
        expect(page.get_by_text("It has ended")).to_be_visible()
    finally:
        context.close()
    assert (Batch.objects.get().state, Badge.objects.count()) == ("stopped", 0)
