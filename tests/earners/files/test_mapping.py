"""Columns that a person says the meaning of, and files of rows to correct that come back."""

import pytest

from config.exceptions import InvalidInput
from earners.files import Meaning, read_earners, telling_heading

FILE = b"Contact,Given,Family,Class\nada@example.org,Ada,Lovelace,3B\n"
E, F, L, W, M, I = (  # noqa: E741
    Meaning.EMAIL,
    Meaning.FIRST_NAME,
    Meaning.LAST_NAME,
    Meaning.FULL_NAME,
    Meaning.METADATA,
    Meaning.IGNORED,
)


def test_chosen_meanings_replace_what_was_understood() -> None:
    understood = read_earners(FILE)
    assert dict(understood.columns) == {"Contact": E, "Given": M, "Family": M, "Class": M}
    assert understood.warnings != ()
    assert dict(understood.examples) == {
        "Contact": "ada@example.org",
        "Given": "Ada",
        "Family": "Lovelace",
        "Class": "3B",
    }

    file = read_earners(FILE, meanings={"Given": F, "Family": L, "Class": I, "Gone": M})

    assert dict(file.columns) == {"Contact": E, "Given": F, "Family": L, "Class": I}
    assert file.warnings == ()
    [row] = file.rows
    assert (row.email, row.first_name, row.last_name, row.metadata) == (
        "ada@example.org",
        "Ada",
        "Lovelace",
        {},
    )


@pytest.mark.parametrize(
    ("meanings", "words"),
    [
        ({"Contact": M}, "which column has the e-mail"),
        ({"Given": E}, "Several columns are the e-mail address"),
        ({"Given": F, "Family": F}, "Several columns are the first name"),
        ({"Given": W, "Family": L}, "one column or in two"),
    ],
)
def test_meanings_that_make_no_sense_are_refused(meanings: dict[str, Meaning], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_earners(FILE, meanings=meanings)


def test_file_of_rows_to_correct_is_read_without_the_remarks() -> None:
    file = read_earners(b"[Laurel] What is wrong,Email,Class\nNo address.,ada@example.org,'=3B\n")

    assert dict(file.columns) == {"[Laurel] What is wrong": I, "Email": E, "Class": M}
    assert next(file.rows).metadata == {"Class": "=3B"}


def test_apostrophe_of_another_file_stays() -> None:
    assert next(read_earners(b"Email,Class\nada@example.org,'=3B\n").rows).metadata == {"Class": "'=3B"}


def test_row_with_a_problem_has_its_cells_as_they_were() -> None:
    [good, bad] = read_earners(b"Email,Class\nada@example.org,3B\nnobody,3C,more\n").rows

    assert (good.cells, bad.cells) == ((), ("nobody", "3C", "more"))


@pytest.mark.parametrize(
    ("heading", "meaning", "told"),
    [
        ("Posta elettronica", E, "Posta elettronica"),
        ("Contact", E, "E-mail"),
        ("Column B", F, "First name"),
        ("Column C", W, "Full name"),
        ("Class", M, "Class"),
        ("Class", I, "[Laurel] Class"),
        ("[Laurel] Class", I, "[Laurel] Class"),
    ],
)
def test_heading_is_replaced_where_it_does_not_tell(heading: str, meaning: Meaning, told: str) -> None:
    assert telling_heading(heading, meaning) == told
