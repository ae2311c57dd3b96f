"""A badge's picture in a real browser: drawn in the designer, seeing each change; cut out of an upload by keyboard."""

import io
from pathlib import Path

from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from badges.models import BadgeTemplate, BadgeTemplateVersion
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member
from tests.browser.pages import complaints_of
from tests.browser.test_manage_pages import context_of, server  # noqa: F401  a fixture


def drawing(page: Page) -> str:
    """Return the drawing that the preview shows."""
    return page.locator("#design_preview .design-picture").get_attribute("src") or ""


def wait_for_another(page: Page, before: str) -> str:
    """Wait until the preview shows another drawing, and return it."""
    page.wait_for_function(
        "before => (document.querySelector('#design_preview .design-picture')?.getAttribute('src') ?? before) !== before",
        arg=before,
    )
    return drawing(page)


def draw_badge(page: Page) -> None:
    """Draw a badge with the designer's tools, seeing each change."""
    first = drawing(page)
    page.get_by_label("Text at the top").fill("Guild of keepers")
    second = wait_for_another(page, first)
    page.get_by_role("button", name="Rosette").click()
    third = wait_for_another(page, second)
    expect(page.get_by_label("Text at the top")).to_have_value("Guild of keepers")
    page.get_by_label("Find an emblem").fill("nature")
    expect(page.locator("[data-emblem]:visible")).to_have_count(3)
    page.get_by_role("radio", name="Flower").check(force=True)
    fourth = wait_for_another(page, third)
    page.wait_for_timeout(450)  # what is typed in one go is one change to undo
    page.get_by_role("radio", name="Hexagon").check(force=True)
    fifth = wait_for_another(page, fourth)
    page.wait_for_timeout(450)
    page.get_by_role("button", name="Undo").click()
    assert wait_for_another(page, fifth) == fourth
    page.get_by_label("Text at the bottom").fill("🎓")
    page.get_by_text("“🎓” cannot be written on a drawn badge.").wait_for()
    page.get_by_label("Text at the bottom").fill("2026")
    page.locator("#design_preview .design-picture").wait_for()
    page.get_by_role("button", name="Use this picture").click()
    page.get_by_text("The picture is drawn.").wait_for()


def cut_picture(page: Page, file: Path) -> None:
    """Upload a picture and move the square over it to the right end by keyboard."""
    page.get_by_label("Picture", exact=True).set_input_files(file)
    stage = page.locator("[data-crop-stage]")
    stage.wait_for()
    stage.focus()
    page.keyboard.press("+")
    for _press in range(20):
        page.keyboard.press("Shift+ArrowRight")
    assert (
        page.locator("[data-crop-says]").inner_text() == "Zoom 110 %, from the left 100 %, from the top 50 %"
    )
    page.get_by_role("button", name="Use this file").click()
    page.get_by_text("Saved.", exact=True).wait_for()


def test_badge_is_drawn_and_then_cut_from_a_photo(
    browser: Browser,
    server: LiveServer,  # noqa: F811
    acme: Organization,
    alice: User,
    tmp_path: Path,
) -> None:
    template = factories.template(acme)
    member = Member(alice, acme)
    photo = Image.new("RGB", (900, 300), "#00ff00")
    photo.paste("#0000ff", (600, 0, 900, 300))
    photo.save(tmp_path / "photo.png")
    context = context_of(browser, server, member, width=1440, colours="light")
    page = context.new_page()
    said = complaints_of(page)
    try:
        page.goto(server.url + member.url("design_badge", template.uuid))
        draw_badge(page)
        drawn = current(template).design
        cut_picture(page, tmp_path / "photo.png")
    finally:
        context.close()

    version = current(template)
    image = Image.open(io.BytesIO(default_storage.open(str(version.image)).read())).convert("RGB")
    assert drawn is not None
    assert {name: drawn[name] for name in ("shape", "emblem", "top", "bottom")} == {
        "shape": "rosette",
        "emblem": "flower1",
        "top": "Guild of keepers",
        "bottom": "2026",
    }
    assert (version.design, image.size) == (None, (273, 273))
    assert image.getcolors() == [(273 * 273, (0, 0, 255))]
    assert said == []


def current(template: BadgeTemplate) -> BadgeTemplateVersion:
    """Return the template's version as the database has it."""
    version = BadgeTemplate.objects.get(pk=template.pk).current_version
    assert version is not None
    return version
