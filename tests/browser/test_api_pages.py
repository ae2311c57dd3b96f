"""The pages for programmers in a real browser: the guide, and the reference that shows every operation."""

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from config.api.openapi import document
from tests.browser.pages import faults
from tests.browser.test_public_pages import opened

LOOKS = [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")]


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_guide_is_sound(browser: Browser, live_server: LiveServer, width: int, colours: str) -> None:
    page, complaints = opened(browser, f"{live_server.url}/api", width=width, colours=colours)
    found = faults(page)
    anchors = page.locator(".guide-contents a").evaluate_all(
        "links => links.filter((link) => !document.querySelector(link.getAttribute('href'))).length"
    )
    page.close()

    assert (complaints, found, anchors) == ([], ([], False), 0)


@pytest.mark.parametrize(("width", "colours"), LOOKS)
def test_reference_shows_every_operation(
    browser: Browser, live_server: LiveServer, width: int, colours: str
) -> None:
    requested: list[str] = []
    page, complaints = opened(browser, "about:blank", width=width, colours=colours)
    page.on("request", lambda request: requested.append(request.url))
    page.goto(f"{live_server.url}/api/reference", wait_until="networkidle")
    tags = page.locator(".opblock-tag-section")
    tags.nth(len(document()["tags"]) - 1).wait_for()
    listed = {}
    for number in range(tags.count()):
        section = tags.nth(number)
        heading = section.locator(".opblock-tag")
        heading.click()
        section.locator(".opblock").first.wait_for()
        listed[heading.get_attribute("data-tag")] = section.locator(".opblock").count()
        heading.click()  # closed again: hundreds of open ones make the page slow
    page.close()

    operations = [operation for item in document()["paths"].values() for operation in item.values()]
    expected = {
        tag["name"]: sum(tag["name"] in operation["tags"] for operation in operations)
        for tag in document()["tags"]
    }
    assert listed == expected
    assert complaints == []
    outside = [url for url in requested if not url.startswith((live_server.url, "data:"))]
    assert outside == []


def test_reference_opens_an_operation_with_its_example(browser: Browser, live_server: LiveServer) -> None:
    page, complaints = opened(browser, f"{live_server.url}/api/reference#/Organization/getOrganization")
    page.locator(".opblock.is-open .responses-wrapper").wait_for()

    expect(page.locator(".opblock.is-open")).to_contain_text("LearnQuest Academy")
    assert complaints == []
    page.close()
