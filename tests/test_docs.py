"""The manual tells of what there is: every setting, every command, links that lead somewhere."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from config.env import BASE_DIR, SETTINGS

PAGES = sorted([*BASE_DIR.glob("*.md"), *(BASE_DIR / "docs").glob("**/*.md")])
OURS = {"config", "organizations", "earners", "badges", "claimcodes"}
# In parts, as no file of the project may name one: whoever installs Laurel may use any mirror.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
    )
]


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table under the heading of a page, its head left out."""
    text = (BASE_DIR / "docs" / page).read_text().partition(f"# {heading}\n")[2]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table is not None, f"{page} has no table under {heading}"
    return [
        [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        for line in table[0].strip().split("\n")[2:]
    ]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as repositories on the web make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_settings_of_manual_are_those_of_product() -> None:
    assert [row[0].strip("`") for row in rows("settings.md", "Settings")] == [
        setting.name for setting in SETTINGS
    ]


def test_manual_says_what_each_setting_means_and_gives_an_example() -> None:
    assert [row for row in rows("settings.md", "Settings") if len(row) != 4 or not all(row)] == []


def test_manual_says_which_settings_are_secret() -> None:
    table = rows("settings.md", "Settings")
    secret = {row[0].strip("`") for row in table if re.search(r"\bSecret[.;]", row[1])}
    assert {setting.name for setting in SETTINGS if setting.is_secret} == secret


def product_commands() -> set[str]:
    """Return the names of the commands that are ours, not Django's."""
    found = get_commands()
    return {name for name in found if load_command_class(found[name], name).__module__.split(".")[0] in OURS}


def test_commands_of_manual_are_those_of_product() -> None:
    assert {row[0].strip("`").split()[0] for row in rows("operations.md", "Commands")} == product_commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE_DIR)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'(?:src|href)="([^"]+)"', text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _hash, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE_DIR)))
def test_page_names_no_registry(page: Path) -> None:
    assert [host for host in REGISTRY_HOSTS if host in page.read_text().lower()] == []


def test_pages_are_listed_in_contents() -> None:
    contents = (BASE_DIR / "docs" / "README.md").read_text()
    pages = [page.name for page in (BASE_DIR / "docs").glob("*.md") if page.name != "README.md"]
    assert [page for page in pages if f"]({page})" not in contents] == []


def test_licence_is_whole_and_notice_names_what_is_vendored() -> None:
    licence, notice = (BASE_DIR / "LICENSE").read_text(), (BASE_DIR / "NOTICE").read_text()
    assert "END OF TERMS AND CONDITIONS" in licence
    contexts = [path.name for path in (BASE_DIR / "badges" / "credentials" / "contexts").glob("*.json")]
    vendored = [path.name for path in (BASE_DIR / "static" / "vendor").iterdir() if path.is_dir()]
    assert [name for name in contexts if name not in notice and name != "index.json"] == []
    assert [
        name for name in vendored if f"static/vendor/{name}" not in notice and name != "node_modules"
    ] == []
