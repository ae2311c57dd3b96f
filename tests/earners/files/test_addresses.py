"""Addresses in cells, as people write and paste them."""

import pytest

from earners.files.addresses import Address, is_address, read_address, shown


@pytest.mark.parametrize(
    "cell",
    [
        "anna@example.org",
        "  anna@example.org\t",
        "\u00a0anna@example.org\u00a0",
        "\u200banna@\u200bexample.org\ufeff",
        "anna＠example．org",
        "anna﹫example.org",
        "anna@example.org.",
        "anna@example.org,",
        "anna@example.org; ",
        "mailto:anna@example.org",
        "<anna@example.org>",
        "'anna@example.org'",
        "“anna@example.org”",
        "anna@example.org <anna@example.org>",
        "'Anna@example.org' <anna@example.org>",
    ],
)
def test_read_address_accepts_what_is_meant(cell: str) -> None:
    assert read_address(cell) == Address("anna@example.org")


@pytest.mark.parametrize(
    "cell",
    ["Anna Rossi <anna@example.org>", '"Anna Rossi" <anna@example.org>;', "Anna Rossi< anna@example.org >"],
)
def test_read_address_takes_the_name_with_it(cell: str) -> None:
    assert read_address(cell) == Address("anna@example.org", "Anna Rossi")


@pytest.mark.parametrize("cell", ["", "  ", "\u200b", "<>", "mailto:", ";"])
def test_read_address_finds_nothing(cell: str) -> None:
    assert read_address(cell) == Address(None, "", "There is no e-mail address.")


@pytest.mark.parametrize(
    "cell", ["anna", "anna@", "@example.org", "an na@example.org", "anna@example", "#N/A"]
)
def test_read_address_refuses_what_is_no_address(cell: str) -> None:
    assert read_address(cell) == Address(cell, "", f"“{cell}” is not a valid e-mail address.")


@pytest.mark.parametrize(
    "cell", ["a@example.org,b@example.org", "a@example.org / b@example.org", "a@@example.org"]
)
def test_read_address_refuses_several(cell: str) -> None:
    problem = f"There are several e-mail addresses in one cell: “{cell}”. Give each its own row."

    assert read_address(cell) == Address(cell, "", problem)


def test_read_address_measures_the_folded_address_too() -> None:
    cell = "a@" + "ß" * 60 + "." + "ß" * 60 + "." + "ß" * 60 + ".example"

    assert read_address(cell) == Address(cell, "", "The e-mail address has more than 254 characters.")


def test_is_address_takes_one_address_and_nothing_else() -> None:
    assert [is_address(text) for text in ("a@example.org", " a@example.org", "a", "")] == [
        True,
        False,
        False,
        False,
    ]


def test_shown_fits_a_sentence() -> None:
    assert shown("a\nb\x00") == "a�b�"
    assert shown("x" * 100) == "x" * 100
    assert shown("x" * 101) == "x" * 99 + "…"
