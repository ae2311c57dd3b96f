"""What browser tests share: marker, Chromium, and pages that note what goes wrong in them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

HERE = Path(__file__).resolve().parent
PICTURES = os.environ.get("LAUREL_SCREENSHOTS")  # a folder; none are kept where it is not set
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = (
    "--no-sandbox",  # nothing but our own pages is opened, and the sandbox does not work for root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=LocalNetworkAccessChecks",  # a made-up site may fetch from loopback, as any may from a public server
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. Without it these tests are skipped, or fail where $LAUREL_REQUIRE has "chromium"."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is not None:
        return found
    missing = f"there is no browser here: install one of {', '.join(NAMES)}"
    if "chromium" in os.environ.get("LAUREL_REQUIRE", "").replace(",", " ").split():
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all tests of this folder, gone before those of others."""
    # Playwright runs an event loop in this thread, and Django would take each statement of a test for one from inside it.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        expect.set_options(
            timeout=30_000
        )  # as long as Playwright waits for anything else: the machine may be busy
        opened = playwright.chromium.launch(executable_path=chromium, args=list(OPTIONS))
        yield opened
        opened.close()


def keep_picture(page: Page, name: str) -> None:
    """Keep a page as a picture in $LAUREL_SCREENSHOTS: NAME_WIDTH_COLOURS.png, all of it from top to bottom."""
    if not PICTURES:
        return
    width = page.evaluate("innerWidth")
    colours = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    page.screenshot(path=Path(PICTURES) / f"{name}_{width}_{colours}.png", full_page=True)
