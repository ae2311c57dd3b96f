"""The template editor in a real browser: written with its tools, previewed while typing, changed once a badge is out."""

from playwright.sync_api import Browser, Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from badges.models import BadgeTemplate
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member
from tests.browser.pages import complaints_of
from tests.browser.test_manage_pages import context_of, server  # noqa: F401  a fixture

ESCO = "http://data.europa.eu/esco/skill/2b92a5b2-6758-4ee3-9fb4-b6387a55cc8f"
PASTED = (
    "<h1 style='color: red'>Rules</h1><div onclick='alert(1)'>Wear a <b>veil</b>"
    "<img src=x onerror='alert(1)'><script>alert(1)</script></div>"
)
PASTE = """([element, html]) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/html", html);
    clipboardData.setData("text/plain", "Rules");
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def write_template(page: Page, member: Member) -> None:
    """Write a template with the tools of the editor."""
    page.get_by_label("Title").fill("Bee keeper")
    page.get_by_role("textbox", name="Description").click()
    page.keyboard.type("Keeps bees ")
    page.keyboard.press("Control+b")
    page.keyboard.type("safely")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    page.keyboard.type("bees.example/rules")
    page.keyboard.press("Enter")
    takes = page.get_by_role("textbox", name="What it takes")
    takes.click()
    page.evaluate(PASTE, [takes.element_handle(), PASTED])
    page.get_by_role("button", name="Add a criterion").click()
    page.keyboard.type("Opens a hive")
    page.get_by_role("button", name="Add a criterion").click()
    page.locator("#id_criteria-1-description").fill("Harvests honey")
    page.get_by_label("Paste links to skills").fill(f"handle bees | {ESCO}\nnonsense")
    page.get_by_role("button", name="Add what I pasted").click()
    page.get_by_text("Line 1: There is no link.").wait_for()
    expect(page.get_by_label("Paste links to skills")).to_have_value("nonsense")
    page.get_by_label("Paste links to skills").fill("")


def test_template_is_written_previewed_and_changed(
    browser: Browser,
    server: LiveServer,  # noqa: F811
    acme: Organization,
    alice: User,
) -> None:
    member = Member(alice, acme)
    context = context_of(browser, server, member, width=1440, colours="light")
    page = context.new_page()
    said = complaints_of(page)

    def agree(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.accept()

    page.on("dialog", agree)
    try:
        page.goto(server.url + member.url("new_template"))
        write_template(page, member)
        preview = page.locator("#preview")
        preview.get_by_role("link", name="handle bees").wait_for()
        shown = preview.inner_text()
        page.get_by_role("button", name="Make the template").last.click()
        page.get_by_text("“Bee keeper” is made.").wait_for()

        template = BadgeTemplate.objects.get()
        version = template.current_version
        assert version is not None
        assert version.description == (
            '<p>Keeps bees <b>safely</b></p><p><a href="https://bees.example/rules"'
            ' rel="noopener noreferrer nofollow">https://bees.example/rules</a></p>'
        )
        assert "<h2>Rules</h2>" in version.assignment_criteria
        assert "Wear a <b>veil</b>" in version.assignment_criteria
        assert "alert" not in version.assignment_criteria
        assert version.criteria == [{"description": "Opens a hive"}, {"description": "Harvests honey"}]
        assert version.alignments == [{"name": "handle bees", "url": ESCO, "framework": "ESCO"}]
        assert all(words in shown for words in ("Bee keeper", "safely", "Wear a veil", "Harvests honey"))

        factories.badge(template)
        page.goto(server.url + member.url("edit_template", template.uuid))
        expect(page.get_by_text("1 badge was issued from version 1")).to_be_visible()
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text("Saved.")).to_be_visible()
        assert template.versions.count() == 1
        page.goto(server.url + member.url("edit_template", template.uuid))
        page.get_by_role("textbox", name="Description").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" Always.")
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text("Saved as version 2.")).to_be_visible()
        page.get_by_role("link", name="Versions").click()
        expect(page.locator("ins", has_text="Always.")).to_be_visible()
    finally:
        context.close()
    assert said == []


def test_template_is_written_without_javascript(
    browser: Browser,
    server: LiveServer,  # noqa: F811
    acme: Organization,
    alice: User,
) -> None:
    member = Member(alice, acme)
    signed_in = context_of(browser, server, member, width=390, colours="light")
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.storage_state())
    page = context.new_page()
    try:
        page.goto(server.url + member.url("new_template"))
        page.get_by_label("Title").fill("Bee keeper")
        page.get_by_label("Description").first.fill("Keeps bees.\n\nSafely.")
        page.get_by_label("Paste links to skills").fill(f"handle bees | {ESCO}")
        page.get_by_role("button", name="Add what I pasted").click()
        expect(page.locator("#id_alignments-0-name")).to_have_value("handle bees")
        page.get_by_role("button", name="Make the template").click()
        expect(page.get_by_text("“Bee keeper” is made.")).to_be_visible()
    finally:
        context.close()
        signed_in.close()
    version = BadgeTemplate.objects.get().current_version
    assert version is not None
    assert version.description == "<p>Keeps bees.</p>\n<p>Safely.</p>"
    assert version.alignments == [{"name": "handle bees", "url": ESCO, "framework": "ESCO"}]
