"""An issuer finds badges, looks at one, and takes two of them back, in a real browser."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member
from tests.browser.pages import check, complaints_of

SCREENS = [(1440, "light"), (390, "dark")]


@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_issuer_sees_figures_finds_badges_and_revokes_some(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    acme: Organization,
    alice: User,
    width: int,
    colours: str,
) -> None:
    settings.PUBLIC_URL = live_server.url
    template = factories.template(
        acme, title="Data literacy for public servants and everybody who works with them"
    )
    for number in range(30):
        factories.badge(template, f"earner{number}@a-rather-long-name-of-a-school.example.org")
    member = Member(alice, acme)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=colours)  # type: ignore[arg-type]
    cookie = member.client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    said = complaints_of(page)
    try:
        page.goto(f"{live_server.url}{member.url('dashboard')}")
        charts = page.get_by_role("img", name="Bar chart: By")
        expect(charts).to_have_count(2)
        page.get_by_text("As a table").first.click()
        expect(page.get_by_role("row").last).to_be_visible()
        check(page)
        page.get_by_role("link", name="Not accepted yet").click()
        expect(page.get_by_text("1–25 of 30")).to_be_visible()
        expect(page.get_by_role("button", name="Revoke")).to_be_hidden()
        page.get_by_label("Search").fill("earner2")
        page.get_by_label("Search").press("Enter")
        page.get_by_text("1–11 of 11").wait_for()
        assert "q=earner2" in page.url
        assert "status=not_accepted" in page.url
        page.get_by_label("Choose Ada Lovelace, badge 30").check()
        page.get_by_label("Choose Ada Lovelace, badge 29").check()
        expect(page.locator("[data-bulk-count]")).to_have_text("2")
        check(page)
        found = page.url
        page.get_by_role("button", name="Revoke").click()
        expect(page.get_by_role("heading", name="Revoke 2 badges?")).to_be_visible()
        check(page)
        page.get_by_label("Reason").fill("The exam was void.")
        page.get_by_role("button", name="Revoke 2 badges").click()
        page.get_by_text("2 badges are revoked.").wait_for()
        expect(page).to_have_url(found)
        page.get_by_role("link", name="Ada Lovelace").first.click()
        page.get_by_text("What became of it").wait_for()
        check(page)
    finally:
        context.close()
    assert said == []
    assert Badge.objects.filter(revocation_reason="The exam was void.").count() == 2
