"""The look: contrast of text and ground, files named by style sheets, icons, templates fit for the CSP."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import get_finder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.template.loader import render_to_string
from pytest_django import Settings

BASE_DIR = Path(__file__).resolve().parent.parent
STATIC = BASE_DIR / "static"
TEMPLATES = BASE_DIR / "templates"
STYLE_SHEETS = ("theme.css", "pages.css", "badge_page.css")
THEMES = ("light", "dark")

# Every colour of text, and the grounds that it stands on somewhere.
TEXT_ON_GROUND = {
    "ink": ["paper", "ground", "slate-tint", "primary-tint", "gold-tint", "danger-tint", "warning-tint"],
    "slate": ["paper", "ground", "slate-tint", "primary-tint", "gold-tint", "danger-tint", "warning-tint"],
    "primary": ["paper", "ground", "primary-tint", "gold-tint", "slate-tint"],
    "primary-hover": ["paper", "ground", "primary-tint", "slate-tint"],
    "on-primary": ["primary", "primary-hover"],
    "gold-text": ["paper", "ground", "gold-tint"],
    "danger": ["paper", "ground", "danger-tint"],
    "on-danger": ["danger", "danger-hover"],
    "warning": ["paper", "ground", "warning-tint"],
    "info": ["paper", "ground", "info-tint"],
}
# What is seen without being read: borders of fields, focus rings, drawings in the checks (WCAG 2.2, 1.4.11).
SHAPE_ON_GROUND = {
    "field-line": ["paper", "ground"],
    "primary": ["paper", "ground", "primary-tint", "gold-tint"],
    "danger": ["paper", "danger-tint"],
    "warning": ["paper", "warning-tint"],
    "gold": ["paper", "ground"],
}
# Colours of text that are not ours to measure: the reader's own, and what is not shown.
UNMEASURED = {"inherit", "currentcolor", "transparent", "CanvasText"}


@dataclass(frozen=True)
class Rule:
    """One rule of a style sheet: at-rules around it (outermost first), selector, declarations in order."""

    around: tuple[str, ...]
    selector: str
    declarations: tuple[tuple[str, str], ...]


def rules_of(css: str) -> Iterator[Rule]:
    """Yield the rules of a style sheet in order, those inside at-rules with the at-rules named."""
    around: list[str] = []
    selector = ""
    position = 0
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for mark in re.finditer(r"[{}]", css):
        text = css[position : mark.start()].strip()
        position = mark.end()
        if mark[0] == "{":
            if selector:
                around.append(selector)
            selector = text
        elif selector:
            declarations = [
                declaration.partition(":") for declaration in text.split(";") if declaration.strip()
            ]
            yield Rule(
                tuple(around),
                selector,
                tuple((name.strip(), value.strip()) for name, _, value in declarations),
            )
            selector = ""
        else:
            around.pop()


def style_sheet(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def colours(theme: str) -> dict[str, str]:
    """Return the values of theme.css by name as they hold in a theme on a screen."""
    values: dict[str, str] = {}
    for rule in rules_of(style_sheet("theme.css")):
        is_for_all = rule.around == () and rule.selector.startswith(":root")
        is_for_dark = rule.around == ("@media screen",) and rule.selector == '[data-bs-theme="dark"]'
        if is_for_all or (is_for_dark and theme == "dark"):
            values |= {name[2:]: value for name, value in rule.declarations if name.startswith("--")}
    return values


def channels(colour: str) -> tuple[int, int, int]:
    assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Return the relative luminance (WCAG 2.2, definitions)."""
    parts = [channel / 255 for channel in channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2, definitions)."""
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def too_faint(table: dict[str, list[str]], theme: str, least: float) -> list[str]:
    named = colours(theme)
    return [
        f"{front} {named[front]} on {ground} {named[ground]}: {contrast(named[front], named[ground]):.2f}"
        for front, grounds in table.items()
        for ground in grounds
        if contrast(named[front], named[ground]) < least
    ]


def test_contrast_is_that_of_the_standard() -> None:
    assert [round(contrast("#000000", "#ffffff"), 2), round(contrast("#767676", "#ffffff"), 2)] == [
        21.0,
        4.54,
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_legible_on_its_ground(theme: str) -> None:
    assert too_faint(TEXT_ON_GROUND, theme, 4.5) == []


@pytest.mark.parametrize("theme", THEMES)
def test_shape_stands_out_from_its_ground(theme: str) -> None:
    assert too_faint(SHAPE_ON_GROUND, theme, 3) == []


def test_dark_theme_sets_every_colour_of_the_light_one() -> None:
    light, dark = colours("light"), colours("dark")
    own = {name for name in light if re.fullmatch(r"#[0-9a-f]{6}|\d+, \d+, \d+", light[name])}
    assert own > {name for names in TEXT_ON_GROUND.values() for name in names} | set(TEXT_ON_GROUND)
    assert {name for name in own if light[name] == dark[name]} == set()


@pytest.mark.parametrize("theme", THEMES)
def test_colour_in_channels_is_the_same_colour(theme: str) -> None:
    named = colours(theme)
    triples = {
        name.removesuffix("-rgb"): value
        for name, value in named.items()
        if re.fullmatch(r"\d+, \d+, \d+", value)
    }
    assert len(triples) == 9
    assert triples == {name: ", ".join(map(str, channels(named[name]))) for name in triples}


@pytest.mark.parametrize("sheet", STYLE_SHEETS)
def test_style_sheet_uses_only_measured_colours_of_text(sheet: str) -> None:
    unmeasured = []
    for rule in rules_of(style_sheet(sheet)):
        declared = dict(rule.declarations)
        colour = declared.get("color", "inherit")
        background = declared.get("background", declared.get("background-color", ""))
        front = re.fullmatch(r"var\(--([a-z-]+)\)", colour)
        ground = re.fullmatch(r"var\(--([a-z-]+)\)", background)
        if front is None:
            if colour not in UNMEASURED:
                unmeasured.append(f"{rule.selector}: {colour}")
        elif front[1] not in TEXT_ON_GROUND or (ground and ground[1] not in TEXT_ON_GROUND[front[1]]):
            unmeasured.append(f"{rule.selector}: {colour} on {background}")
    assert unmeasured == []


@pytest.mark.parametrize("sheet", STYLE_SHEETS)
def test_style_sheet_names_only_variables_that_exist(sheet: str) -> None:
    own = {
        name
        for each in STYLE_SHEETS
        for rule in rules_of(style_sheet(each))
        for name, _ in rule.declarations
        if name.startswith("--")
    }
    assert set(re.findall(r"var\((--[a-z-]+)", style_sheet(sheet))) - own == set()


def test_static_files_name_only_files_that_exist(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    storage = ManifestStaticFilesStorage(location=tmp_path, base_url="/static/")
    finder = get_finder("django.contrib.staticfiles.finders.FileSystemFinder")
    paths = {}
    for path, source in finder.list(None):
        with source.open(path) as file:
            storage.save(path, file)
        paths[path] = (storage, path)
    failures = [
        (name, str(result))
        for name, _, result in storage.post_process(paths)
        if isinstance(result, Exception)
    ]
    assert failures == []
    assert {"theme.css", "vendor/inter/inter-latin.woff2", "badges/default_badge.png"} <= set(
        storage.hashed_files
    )


def template_sources() -> dict[str, str]:
    return {
        str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8")
        for path in TEMPLATES.rglob("*.html")
    }


def test_templates_ask_only_for_icons_of_the_sprite() -> None:
    sprite = (STATIC / "vendor/bootstrap-icons/icons.svg").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    asked = {
        icon
        for source in template_sources().values()
        for icon in re.findall(r'"_icon\.html" with name="([a-z0-9-]+)"', source)
    }
    assert "check-circle" in asked
    assert asked - there == set()


def test_what_is_hidden_has_no_class_that_shows_it() -> None:
    """Bootstrap's classes of display are stronger than the attribute `hidden`."""
    shown = re.compile(r'<[^>]*class="[^"]*\bd-(?!none)[a-z-]+[^>]*\shidden[\s>]')
    assert shown.search('<form class="d-grid" hidden>')
    assert {
        name: shown.findall(source) for name, source in template_sources().items() if shown.search(source)
    } == {}


def test_templates_have_no_script_or_style_inside() -> None:
    inline = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
    pages = {name: source for name, source in template_sources().items() if not name.startswith("emails/")}
    assert {name: inline.findall(source) for name, source in pages.items() if inline.search(source)} == {}


@pytest.fixture
def plain_static_files(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.mark.parametrize(
    ("template", "heading"),
    [
        ("400.html", "This request could not be read"),
        ("403.html", "You are not allowed to do this"),
        ("403_csrf.html", "This page has been open for too long"),
        ("404.html", "There is no page here"),
        ("429.html", "Too many tries in a short time"),
        ("500.html", "Something went wrong here"),
    ],
)
@pytest.mark.usefixtures("plain_static_files")
def test_error_page_renders_without_context(template: str, heading: str) -> None:
    html = render_to_string(template)
    assert re.findall(r"<h1>(.*?)</h1>", html) == [heading]
    assert re.findall(r"<title>(.*?)</title>", html) == [f"{heading} · Laurel"]


def test_page_for_error_500_needs_no_manifest(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path  # nothing was collected: every {% static %} would fail
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    assert 'href="/static/theme.css"' in render_to_string("500.html")


@pytest.mark.parametrize(
    ("status", "word", "icon"),
    [
        ("valid", "Valid", "check-circle"),
        ("expires_soon", "Expires soon", "clock"),
        ("expired", "Expired", "hourglass-split"),
        ("invalid", "Expired", "hourglass-split"),
        ("revoked", "Revoked", "x-circle"),
        ("not_accepted", "Not accepted", "envelope"),
        ("imported", "Imported", "box-arrow-in-down"),
    ],
)
@pytest.mark.usefixtures("plain_static_files")
def test_status_is_a_word_with_a_shape(status: str, word: str, icon: str) -> None:
    html = render_to_string("_status.html", {"status": status})
    assert re.findall(r"icons\.svg#([a-z-]+)", html) == [icon]
    assert re.sub(r"<[^>]*>", "", html).strip() == word
