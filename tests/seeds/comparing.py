"""How an answer is compared with an example of a seed: key by key, by type and by form."""

import re
from typing import Any

Notes = dict[str, Any]
# What a text may be, beside words.
FORMS = {
    "uuid": re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"),
    "milliseconds": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"),
    "spaced time": re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    "address of a picture": re.compile(r"https?://\S+\.(png|jpg)"),
    "web address": re.compile(r"https?://[^\s<]+"),
    "e-mail": re.compile(r"[^\s@<]+@[^\s@<]+"),
}


def form_of(text: str) -> str:
    """Return what a text is."""
    return next((name for name, pattern in FORMS.items() if pattern.fullmatch(text)), "words")


def assert_same(body: Any, example: Any, *, more: frozenset[str] = frozenset(), path: str = "") -> None:
    """Assert that an answer has the example's keys, in its order, and values of the same types and forms.

    Beside them it has those keys that `more` names by their path, and no others. Null says nothing of a type; of lists the
    first items are compared; what an example leaves out (an empty object) is not looked at.
    """
    if isinstance(example, dict):
        assert isinstance(body, dict), path
        if not example:
            return
        prefix = f"{path}." if path else ""
        keys = [key for key in body if f"{prefix}{key}" not in more]
        assert keys == list(example), path
        for key, value in example.items():
            assert_same(body[key], value, more=more, path=f"{prefix}{key}")
    elif isinstance(example, list):
        assert isinstance(body, list), path
        if body and example:
            assert_same(body[0], example[0], more=more, path=f"{path}.0")
    elif example is not None and body is not None:
        assert type(body) is type(example), path
        if isinstance(example, str):
            assert form_of(body) == form_of(example), (path, body, example)
