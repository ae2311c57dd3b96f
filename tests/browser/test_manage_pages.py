"""Every page of the issuers in a real browser: sound on a wide screen and on a phone, light and dark; kept as pictures."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from playwright.sync_api import Browser, BrowserContext
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from organizations.models import Organization, User
from tests.at_work import Member
from tests.browser.conftest import keep_picture
from tests.browser.pages import complaints_of, faults
from tests.manage_routes import ROUTES, path_of
from tests.things import Things


@pytest.fixture
def server(live_server: LiveServer, settings: Settings) -> LiveServer:
    """The server, told under which address it is published."""
    settings.PUBLIC_URL = live_server.url
    return live_server


def context_of(
    browser: Browser, server: LiveServer, member: Member, *, width: int, colours: str
) -> BrowserContext:
    """Return a browser window in which the member is signed in."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if colours == "dark" else "light",
        locale="en-GB",
        reduced_motion="reduce",
    )
    context.add_cookies(
        [
            {
                "name": django_settings.SESSION_COOKIE_NAME,
                "value": member.client.cookies[django_settings.SESSION_COOKIE_NAME].value,
                "url": server.url,
            }
        ]
    )
    return context


def is_page(answer: HttpResponseBase) -> bool:
    """Whether an answer is a page of its own: not a file, not the part that a script asks for to put into a page.

    An address of a picture may lead to a static file, which the browser's server has and the client of tests does not.
    """
    return (
        isinstance(answer, HttpResponse)
        and answer.status_code == 200
        and answer.headers.get("Content-Type", "").startswith("text/html")
        and answer.content.lstrip().startswith(b"<!doctype html>")
    )


@pytest.mark.parametrize(("width", "colours"), [(1440, "light"), (390, "dark")])
def test_pages_are_sound(
    browser: Browser,
    server: LiveServer,
    acme: Organization,
    alice: User,
    things: Things,
    width: int,
    colours: str,
) -> None:
    member = Member(alice, acme)
    context = context_of(browser, server, member, width=width, colours=colours)
    host = urlsplit(server.url).netloc
    page = context.new_page()
    complaints = complaints_of(page)
    page.on(
        "request",
        lambda request: (
            complaints.append(f"asks {request.url}")
            if urlsplit(request.url).netloc not in {host, ""} and not request.url.startswith("data:")
            else None
        ),
    )
    page.on(
        "response",
        lambda response: (
            complaints.append(f"{response.status} {response.url}") if response.status >= 400 else None
        ),
    )
    unsound, seen = {}, []
    for name in sorted(name for name, methods in ROUTES.items() if "GET" in methods):
        path = path_of(name, acme, things)
        if not is_page(member.client.get(path, follow=True)):
            continue
        seen.append(name)
        page.goto(server.url + path, wait_until="load")
        violations, is_wider = faults(page)
        if is_wider:
            complaints.append("is wider than the screen")
        keep_picture(page, f"manage_{name}")
        if complaints or violations:
            unsound[name] = ([*complaints], violations)
        complaints.clear()
    context.close()

    assert unsound == {}
    assert {"dashboard", "badges", "templates", "earners", "claim_codes", "team", "settings"} <= {*seen}
