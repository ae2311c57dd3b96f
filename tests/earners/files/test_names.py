"""Names in cells: what is tidied, what is refused, and where a full name is cut."""

import pytest

from earners.files.names import Name, cleaned, problem_of, split_name


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  Anna   Maria\u00a0 ", "Anna Maria"),
        ("Anna\r\nMaria", "Anna Maria"),
        ("Nicco\u0300lo\u200b", "Niccòlo"),
        ("نیم\u200cفاصله", "نیم\u200cفاصله"),
        ("a\x07b\x1c", "a\x07b\x1c"),
        ("\u200b \ufeff", ""),
    ],
)
def test_cleaned_tidies_spaces_and_invisible_characters(cell: str, name: str) -> None:
    assert cleaned(cell) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Anna", None),
        ("x" * 255, None),
        ("نیم\u200cفاصله", None),
        ("x" * 256, "The first name has more than 255 characters."),
        ("a\x07", "The first name has characters that cannot be printed: “a�”. Type it anew."),
        ("#REF!", "The first name is a formula that failed: #REF!."),
    ],
)
def test_problem_of_says_why_a_name_cannot_be_used(name: str, problem: str | None) -> None:
    assert problem_of(name, "first name") == problem


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("", "", ""),
        ("Cher", "Cher", ""),
        ("Ada Lovelace", "Ada", "Lovelace"),
        ("Anna Maria Rossi", "Anna Maria", "Rossi"),
        ("Anna Maria De Luca", "Anna Maria", "De Luca"),
        ("Ludwig van der Rohe", "Ludwig", "van der Rohe"),
        ("Di Rossi", "Di", "Rossi"),
        ("Lovelace, Ada King", "Ada King", "Lovelace"),
        ("Rossi, Anna, Dr", "Rossi, Anna,", "Dr"),
        ("DE LUCA Anna Maria", "Anna Maria", "DE LUCA"),
        ("Anna Maria DE LUCA", "Anna Maria", "DE LUCA"),
        ("ANNA ROSSI", "ANNA", "ROSSI"),
        ("John F. Kennedy", "John F.", "Kennedy"),
        ("John F Kennedy", "John F", "Kennedy"),
        ("Anna MARIA Rossi", "Anna MARIA", "Rossi"),
    ],
)
def test_split_name_cuts_before_the_last_name(text: str, first: str, last: str) -> None:
    assert split_name(text) == Name(first, last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Rossi Anna Maria", "Anna Maria", "Rossi"),
        ("De Luca Anna Maria", "Anna Maria", "De Luca"),
        ("DE LUCA ANNA", "ANNA", "DE LUCA"),
        ("De Luca", "Luca", "De"),
        ("Rossi, Anna", "Anna", "Rossi"),
        ("Anna ROSSI", "Anna", "ROSSI"),
        ("Anna", "Anna", ""),
    ],
)
def test_split_name_cuts_after_the_last_name_where_it_comes_first(text: str, first: str, last: str) -> None:
    assert split_name(text, is_last_first=True) == Name(first, last)
