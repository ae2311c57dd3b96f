"""Pasted text, as people copy it."""

import pytest

from earners.files import pasted, read_earners


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("ada@example.org\n\nalan@example.org", [("ada@example.org", ""), ("alan@example.org", "")]),
        ("ada@example.org, alan@example.org;", [("ada@example.org", ""), ("alan@example.org", "")]),
        (
            "Ada Lovelace <ada@example.org>; Alan Turing <alan@example.org>",
            [("ada@example.org", "Lovelace"), ("alan@example.org", "Turing")],
        ),
        ("ada@example.org;", [("ada@example.org", "")]),
        (
            "Email\tFirst name\tLast name\nada@example.org\tAda\tLovelace\n",
            [("ada@example.org", "Lovelace")],
        ),
        ("ada@example.org; Ada; Lovelace\n", [("ada@example.org", "Lovelace")]),
    ],
)
def test_pasted_text_is_read(text: str, people: list[tuple[str, str]]) -> None:
    rows = list(read_earners(pasted(text)).rows)

    assert [(row.email, row.last_name) for row in rows] == people
    assert all(not row.problems for row in rows)


def test_what_is_no_address_is_kept_and_told() -> None:
    [good, bad] = read_earners(pasted("ada@example.org\nalan at example\n")).rows

    assert (good.problems, bad.email) == ((), "alan at example")
    assert bad.problems != ()
