"""A messy file on its way into a list in a real browser, under the real Content-Security-Policy; a row edited in place."""

import re
from pathlib import Path

from django.conf import settings as django_settings
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from earners.files import read_earners
from earners.models import EarnersList, ListMembership
from organizations.models import Organization, User
from tests.at_work import Member
from tests.browser.pages import check, complaints_of

# As a school's program exports it: Windows-1252, a title, semicolons, a repeated address, one that is none.
MESSY = (
    "Elenco 2026;;;\nCognome;Nome;Indirizzo e-mail;Classe\n"
    "Rossi;Niccolò;niccolo@example.org;5A\nVerdi;Anna;anna@example.org ;5A\n"
    "Verdi;Anna;ANNA@example.org;5B\nBianchi;Luca;luca at example;5C\n"
).encode("cp1252")


def test_messy_file_is_imported_and_a_row_put_right(
    browser: Browser,
    live_server: LiveServer,
    settings: Settings,
    acme: Organization,
    alice: User,
    tmp_path: Path,
) -> None:
    settings.PUBLIC_URL = live_server.url
    cache.clear()
    member = Member(alice, acme)
    session = {
        "name": django_settings.SESSION_COOKIE_NAME,
        "value": member.client.cookies[django_settings.SESSION_COOKIE_NAME].value,
        "url": live_server.url,
    }
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    context.add_cookies([session])  # type: ignore[list-item]  # a dict of what the class has
    page = context.new_page()
    said = complaints_of(page, unless="400 (Bad Request)")  # what Chromium itself says of a refused form
    try:
        page.goto(f"{live_server.url}{member.url('import_earners')}")
        failed = import_file(page, tmp_path / "classe.csv")
        page.get_by_role("link", name="Open the list").click()
        put_a_row_right(page)
        take_off(page)
    finally:
        context.close()
    assert said == []
    assert failed == ["ANNA@example.org", "luca at example"]
    left = ListMembership.objects.filter(earners_list=EarnersList.objects.get())
    assert list(left.values_list("earner__email", flat=True)) == ["anna@example.org"]


def import_file(page: Page, file: Path) -> list[str | None]:
    """Import the file; return the addresses in the file of rows to correct."""
    file.write_bytes(MESSY)
    check(page)
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Look at it").click()
    check(page)
    expect(page.get_by_label("Classe")).to_have_value("metadata")
    # A choice is read at once, without a button.
    page.get_by_label("Nome", exact=True).select_option("metadata")
    expect(page.get_by_text("Nome: Anna").first).to_be_visible()
    page.get_by_label("Nome", exact=True).select_option("first_name")
    expect(page.get_by_text("Nome: Anna")).to_have_count(0)
    page.get_by_role("button", name="Import 2 people").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("2 people were put on the list “classe”")
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="To correct them").click()
    return [row.email for row in read_earners(download.value.path().read_bytes()).rows]


def put_a_row_right(page: Page) -> None:
    """Edit Niccolò's row in its place, once in vain."""
    check(page)
    row = page.locator("tr").filter(has_text="niccolo@example.org")
    row.get_by_role("link", name=re.compile("^Edit")).click()
    name = page.get_by_label("First name")
    name.evaluate("field => field.removeAttribute('maxlength')")
    name.fill("x" * 256)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    expect(name).to_be_focused()
    name.fill("Nicolò")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    expect(row).to_contain_text("Nicolò")


def take_off(page: Page) -> None:
    """Choose the row that was put in anew, and take it off the list."""
    expect(page.get_by_role("button", name="Take off the list")).to_be_hidden()
    page.get_by_label("Choose niccolo@example.org").check()
    check(page)
    page.get_by_role("button", name="Take off the list").click()
    page.get_by_role("button", name="Take off the list").click()
    expect(page.get_by_text("1 person is off the list.")).to_be_visible()
