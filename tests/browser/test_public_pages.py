"""The public pages in a real browser, under the real Content-Security-Policy."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from badges.models import Badge, BadgeTemplate
from badges.services.revoking import revoke_badge
from badges.services.templates import publish_template
from organizations.models import Organization
from tests import factories
from tests.browser.conftest import keep_picture
from tests.browser.pages import complaints_of, faults, settle

PAGES = (
    "home",
    "home refused",
    "organization",
    "template",
    "version",
    "valid",
    "expired",
    "revoked",
    "absent",
    "verify",
    "card",
)
# Browsers report the page itself when it is a 404; what it loads must not be missing.
OWN_STATUS = "the server responded with a status of 404"


@pytest.fixture
def published(live_server: LiveServer, settings: Settings) -> LiveServer:
    """The server, told under which address it is published."""
    settings.PUBLIC_URL = live_server.url
    return live_server


@pytest.fixture
def template(published: LiveServer, acme: Organization) -> BadgeTemplate:
    """A published template that has something in every part of its page."""
    template = factories.template(
        acme,
        title="Data literacy for public servants and everybody who works with them",
        type="skills",
        type_data={
            "acquired_skills": "Cleaning data\nDrawing honest charts",
            "acquired_knowledge": "Sampling",
        },
        tags=[
            "data",
            "statistics",
            "an-extraordinarily-long-word-that-does-not-fit-onto-the-screen-of-a-phone",
        ],
        criteria=[{"description": "Attend eight of ten meetings", "required": True}],
        criteria_url="https://acme.example/criteria/with/a/long/address/that/does/not/break",
        alignments=[
            {"name": "analyse data", "url": "https://esco.example/1", "framework": "ESCO", "code": "S2"}
        ],
        result_descriptions=[{"id": "score", "name": "Final project", "type": "Percent", "value_max": "100"}],
    )
    return publish_template(template=template, by=None)


@pytest.fixture
def addresses(published: LiveServer, template: BadgeTemplate) -> dict[str, str]:
    """The addresses of PAGES."""
    issued_at = timezone.now() - timedelta(days=9)
    valid = factories.badge(
        template,
        narrative="Led her group through the project.",
        evidence=[
            {"url": "https://example.org/" + "long/" * 30, "narrative": "Waiting times, before and after."}
        ],
        results=[{"value": "87", "result_description": "score"}],
    )
    expired = factories.badge(template, issued_at=issued_at, expires_at=issued_at + timedelta(days=1))
    revoked = revoke_badge(badge=factories.badge(template), reason="Issued by mistake", by=None)
    paths = {
        "home": "/",
        "home refused": "/?address=nonsense",
        "organization": template.organization.public_path,
        "template": template.public_path,
        "version": valid.version.public_path,
        "valid": valid.public_path,
        "expired": expired.public_path,
        "revoked": revoked.public_path,
        "absent": "/public/badges/nothing",
        "verify": "/verify",
        "card": f"{valid.public_path}/card",
    }
    return {name: published.url + path for name, path in paths.items()}


def opened(
    browser: Browser, address: str, *, width: int = 1280, colours: str = "light"
) -> tuple[Page, list[str]]:
    """Return the page at an address, settled, and what the browser complained of."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
        locale="en-GB",
        reduced_motion="reduce",  # what moves is only drawn later
    )
    complaints = complaints_of(page, unless=OWN_STATUS)

    def note_missing(status: int, url: str) -> None:
        if status >= 400 and url != address:
            complaints.append(f"{status} {url}")

    page.on("response", lambda response: note_missing(response.status, response.url))
    page.goto(address, wait_until="load")
    settle(page)
    return page, complaints


@pytest.mark.parametrize(
    ("width", "colours"), [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]
)
def test_pages_are_sound(browser: Browser, addresses: dict[str, str], width: int, colours: str) -> None:
    assert tuple(addresses) == PAGES
    for name, address in addresses.items():
        page, complaints = opened(browser, address, width=width, colours=colours)
        found = faults(page)
        keep_picture(page, f"public_{name.replace(' ', '_')}")
        page.close()
        assert (name, complaints, found) == (name, [], ([], False))


def test_keyboard_reaches_the_content_first(browser: Browser, addresses: dict[str, str]) -> None:
    page, _complaints = opened(browser, addresses["valid"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.close()


def test_badge_page_works_without_scripts(browser: Browser, addresses: dict[str, str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(addresses["valid"])
    expect(page.locator('.check[data-state="passed"]')).to_have_count(4)
    expect(page.get_by_text("Copy the link")).to_be_hidden()
    with page.expect_download() as download:
        page.get_by_role("link", name="PNG").click()
    assert download.value.suggested_filename.endswith("-ob3.png")
    context.close()


def test_badge_opens_from_the_start_page(browser: Browser, addresses: dict[str, str]) -> None:
    page, _complaints = opened(browser, addresses["home"], width=390)
    page.get_by_label("Address of a badge").fill(addresses["valid"])
    page.keyboard.press("Enter")
    page.wait_for_url(addresses["valid"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("Data literacy")
    page.close()


def test_badge_page_prints_on_one_sheet(browser: Browser, addresses: dict[str, str]) -> None:
    for name in ("valid", "revoked"):
        page, _complaints = opened(browser, addresses[name])
        sheets = re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4", prefer_css_page_size=True))
        page.close()
        assert len(sheets) == 1


def test_scripts_of_other_sites_can_read_documents(browser: Browser, addresses: dict[str, str]) -> None:
    badge = Badge.objects.filter(revoked_at__isnull=True).earliest("pk")
    script = "async (address) => (await fetch(address)).headers.get('content-type')"
    stranger = browser.new_page()
    stranger.route("http://stranger.example/", lambda route: route.fulfill(body="", content_type="text/html"))
    stranger.goto("http://stranger.example/")
    assert stranger.evaluate(script, f"{badge.public_url}/ob3.json") == "application/vc+ld+json"
    assert stranger.evaluate(script, f"{badge.version.public_url}/image.png") == "image/png"
    stranger.close()
