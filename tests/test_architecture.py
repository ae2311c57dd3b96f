"""The house holds: imports go one way, between apps and inside them, and no file does what belongs elsewhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ["organizations", "earners", "badges", "claimcodes"]  # each may import those before it
# Leaves of config may be imported by every app; they import none. All else in config is a root, which imports apps.
LEAVES = {
    *{
        "config.exceptions",
        "config.text",
        "config.env",
        "config.commands",
        "config.first_start",
    },
    *{"config.api.json_bodies", "config.api.badgekit", "config.api.badgekit_errors"},
    *{"config.api.token", "config.api.token_numbers", "config.api.token_schema", "config.clients"},
    *{
        "config.api.badgekit_schema",
        "config.api.badgekit_fields",
        "config.api.badgekit_requests",
        "config.api.issuer",
    },
    *{"config.api.openapi_schema", "config.api.operation_names"},
    *{"config.statements", "config.version"},
}
# Inside an app: each may import those before it (house.md section 2).
LAYERS = [
    {"enums", "exceptions", "actors", "signals"},
    {"querysets", "encryption", "files", "guesses"},
    {"models"},
    {"credentials"},
    {"richtext", "svg", "svg_styles", "svg_values", "rasterising", "cropping", "pictures", "accounts"},
    {"services", "choosing"},
    {"tasks"},
    {"mails", "mails_people", "forms", "api", "receivers"},
    {"views", "manage", "admin", "management", "urls", "my_urls", "apps", "templatetags"},
]


def modules() -> list[tuple[str, Path]]:
    """Return every module of the project with its file, migrations aside."""
    found = []
    for package in ["config", *APPS]:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found.append((dotted, path))
    return found


def imported(path: Path) -> Iterator[str]:
    """Yield what a file imports of the project, dotted; and the models that it names in strings."""
    tree = ast.parse(path.read_text())
    # What is imported for type checkers alone is not there at run time, so it ties nothing.
    unseen = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (match := re.fullmatch(rf"({'|'.join(APPS)})\.[A-Z]\w+", node.value))
        ):
            yield f"{match[1]}.models"


def is_leaf(dotted: str) -> bool:
    """Whether a module of config, or a name in it, is of a leaf."""
    return any(dotted == leaf or dotted.startswith(f"{leaf}.") for leaf in LEAVES)


def layer_of(dotted: str) -> int | None:
    """Return the number of the layer that a module of an app belongs to; None for the app's package itself."""
    parts = dotted.split(".")
    if len(parts) < 2:
        return None
    for number, names in enumerate(LAYERS):
        if parts[1] in names:
            return number
    raise AssertionError(
        f"{dotted} is in no layer: put it into one of those in this test, or where it belongs."
    )


@pytest.mark.parametrize(("dotted", "path"), modules(), ids=[dotted for dotted, _ in modules()])
def test_module_imports_only_what_stands_below_it(dotted: str, path: Path) -> None:
    app = dotted.split(".", 1)[0]
    for target in imported(path):
        other = target.split(".", 1)[0]
        if app == "config":
            if is_leaf(dotted):
                assert other not in APPS, f"the leaf {dotted} imports {target}"
            continue
        if other == "config":
            assert is_leaf(target), f"{dotted}: {target}"
        elif other in APPS:
            assert APPS.index(other) <= APPS.index(app), f"{dotted} imports {target}, against the arrow"
            if other == app:
                ours, theirs = layer_of(dotted), layer_of(target)
                assert ours is None or theirs is None or theirs <= ours, (
                    f"{dotted} imports {target}, a layer above it"
                )


@pytest.mark.parametrize(
    "path", sorted((ROOT / "badges" / "credentials").rglob("*.py")), ids=lambda path: str(path.name)
)
def test_credentials_are_pure(path: Path) -> None:
    for target in imported(path):
        assert not target.startswith("django"), f"{path.name} imports {target}"
        assert target.split(".")[0] not in {"config", *APPS} or target.startswith("badges.credentials"), (
            target
        )


def test_no_file_is_called_after_nothing() -> None:
    vague = {"utils.py", "helpers.py", "common.py", "misc.py", "base.py"}
    assert [str(path) for _, path in modules() if path.name in vague] == []


@pytest.mark.parametrize(("dotted", "path"), modules(), ids=[dotted for dotted, _ in modules()])
def test_file_says_its_job_first(dotted: str, path: Path) -> None:
    text = path.read_text()
    if path.name == "__init__.py" and not text.strip():
        return
    assert ast.get_docstring(ast.parse(text)), f"{dotted} has no docstring"


@pytest.mark.parametrize(("dotted", "path"), modules(), ids=[dotted for dotted, _ in modules()])
def test_file_is_not_too_long(dotted: str, path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 420, f"{dotted}: split it by noun"


@pytest.mark.parametrize("app", APPS)
def test_models_do_not_override_save_or_delete(app: str) -> None:
    for dotted, path in modules():
        if dotted.startswith(f"{app}.models"):
            names = [
                node.name
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.FunctionDef)
            ]
            assert not {"save", "delete"} & set(names), dotted
