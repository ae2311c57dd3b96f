"""Pages as browser tests look at them: once they stand still, and with an ear for what the browser complains of.

A click waits until the next page begins to arrive, not until it is there. What a test says of a page is therefore asked
with Playwright's `expect`, which waits for it, or after `settle`.
"""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page

IS_WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
# One that is taken away while it runs never ends: its promise is broken, which is as good as its end.
END_OF_ANIMATIONS = """Promise.allSettled(
    document
        .getAnimations()
        .filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity)
        .map((animation) => animation.finished)
).then(() => null)"""

Violations = list[tuple[str, list[str]]]  # the rule's id and the elements that break it


def settle(page: Page) -> None:
    """Wait until the page has all it loads, and nothing on it moves any more."""
    page.wait_for_load_state("load")
    page.evaluate(END_OF_ANIMATIONS)


def faults(page: Page) -> tuple[Violations, bool]:
    """Return what axe finds on the page, settled, and whether it is wider than its screen."""
    settle(page)
    violations = [
        (violation["id"], [node["html"] for node in violation["nodes"]])
        for violation in Axe().run(page).response["violations"]
    ]
    return violations, page.evaluate(IS_WIDER_THAN_THE_SCREEN)


def check(page: Page) -> None:
    """Fail when the page is wider than the screen, or keeps somebody out."""
    found = faults(page)
    assert (page.url, found) == (page.url, ([], False))


def complaints_of(page: Page, *, unless: str = "") -> list[str]:
    """Return a list that grows by the errors and warnings of the page from now on; those with the words `unless` apart."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not (unless and unless in message.text):
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints
