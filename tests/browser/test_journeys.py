"""Journeys across rooms: a badge leaves for a stranger's software, each role sees what it may, languages are switched."""

import json
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import BadgeTemplate
from badges.services.revoking import revoke_badge
from organizations.enums import Role
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member
from tests.browser.test_manage_pages import context_of
from tests.conformance.install import is_installed
from tests.conformance.verdicts import digital_bazaar
from tests.mailbox import sign_in_mails


@pytest.fixture
def server(live_server: LiveServer, settings: Settings) -> LiveServer:
    """The server, told under which address it is published."""
    settings.PUBLIC_URL = live_server.url
    cache.clear()
    return live_server


def saved(page: Page, name: str, folder: Path) -> Path:
    """Download what a link leads to."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_earner_carries_a_badge_to_a_foreign_verifier(
    browser: Browser, server: LiveServer, acme: Organization, tmp_path: Path
) -> None:
    if not is_installed():
        pytest.skip("the verifiers of others, which need Node, are not installed")
    badge = factories.badge(factories.template(acme), "ada@example.org")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/me")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(sign_in_mails()[-1].code)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{server.url}/me/badges/{badge.uuid}")

    file = saved(page, "JSON", tmp_path)
    context.close()

    assert json.loads(file.read_text())["credentialSubject"]["type"] == ["AchievementSubject"]
    spoiled = tmp_path / "spoiled.json"
    spoiled.write_text(file.read_text().replace("Data literacy", "Brain surgery"))
    good, bad = digital_bazaar([file, spoiled])
    assert (good.verified, good.revoked, good.why) == (True, False, "")
    assert not bad.verified
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    [revoked] = digital_bazaar([file])
    assert (revoked.verified, revoked.revoked) == (False, True)


@pytest.mark.parametrize(
    ("role", "issues", "writes"),
    [(Role.VIEWER, False, False), (Role.ISSUER, True, False), (Role.ADMIN, True, True)],
)
def test_each_role_sees_what_it_may(
    browser: Browser,
    server: LiveServer,
    acme: Organization,
    template: BadgeTemplate,
    role: Role,
    *,
    issues: bool,
    writes: bool,
) -> None:
    member = Member(factories.member(acme, role, "someone@acme.example"), acme)
    context = context_of(browser, server, member, width=1440, colours="light")
    page = context.new_page()
    seen = {}
    for name, words in (
        ("dashboard", "Issue badges"),
        ("claim_codes", "New claim codes"),
        ("templates", "New template"),
        ("team", "Invite"),
        ("api_keys", "New API key"),
        ("settings", "Save"),
    ):
        page.goto(server.url + member.url(name))
        found = page.get_by_role("link", name=words).or_(page.get_by_role("button", name=words))
        seen[name] = found.count() > 0
    page.goto(server.url + member.url("new_template"))
    refused = page.get_by_role("heading", name="You are not allowed to do this").is_visible()
    context.close()

    assert seen == {
        "dashboard": issues,
        "claim_codes": issues,
        "templates": writes,
        "team": writes,
        "api_keys": writes,
        "settings": writes,
    }
    assert refused is not writes


def test_language_is_switched_and_kept(
    browser: Browser, server: LiveServer, acme: Organization, alice: User
) -> None:
    member = Member(alice, acme)
    context = context_of(browser, server, member, width=390, colours="dark")
    page = context.new_page()
    page.goto(server.url + member.url("badges"))

    page.get_by_role("button", name="Italiano").click()

    expect(page).to_have_url(server.url + member.url("badges"))
    expect(page.locator("html")).to_have_attribute("lang", "it")
    for path in (member.url("settings"), "/verify", "/me/sign-in"):
        page.goto(server.url + path)
        expect(page.locator("html")).to_have_attribute("lang", "it")
    alice.refresh_from_db()
    assert alice.language == "it"
    context.close()
