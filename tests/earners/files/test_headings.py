"""Headings in English and Italian, and columns without any."""

import pytest

from earners.files.headings import Certainty, Layout, Meaning, column_name, normalised, understand

E, F, L, N, S, M = (
    Meaning.EMAIL,
    Meaning.FIRST_NAME,
    Meaning.LAST_NAME,
    Meaning.FULL_NAME,
    Meaning.LAST_NAME_FIRST,
    Meaning.METADATA,
)


def meanings(*headings: str) -> list[Meaning]:
    """Return what the headings mean, over one row with an address in every column."""
    layout = understand([list(headings), ["a@example.org"] * len(headings)])
    assert layout is not None
    assert (layout.heading, layout.headings) == (0, headings)
    return list(layout.meanings)


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("\ufeffE-Mail", "email"),
        ("e_mail address:", "email address"),
        ("RecipientEmail", "recipient email"),
        ("Città *", "citta"),
        ("E-mail (required)", "email"),
        ("(e-mail)", "email"),
        ("  Nome   e\nCognome ", "nome e cognome"),
        ("?!", ""),
    ],
)
def test_normalised_leaves_small_words(heading: str, words: str) -> None:
    assert normalised(heading) == words


@pytest.mark.parametrize(
    "heading",
    [
        "email",
        "E-MAIL",
        "e mail",
        "mail",
        "E-mail address",
        "“Email”",
        "recipient_email",
        "Indirizzo e-mail",
        "Indirizzo di posta elettronica",
        "POSTA ELETTRONICA",
        "Student email",
        "E-mail del partecipante",
        "Contact e-mail of the attendee",
    ],
)
def test_understand_knows_headings_of_addresses(heading: str) -> None:
    layout = understand([["x", heading], ["1", "a@example.org"]])

    assert layout is not None
    assert (layout.heading, layout.meanings, layout.warnings) == (0, (M, E), ())
    assert layout.certainty >= Certainty.BY_WORD


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (("Email", "First name", "Last name"), [E, F, L]),
        (("COGNOME", "NOME", "MAIL"), [L, F, E]),
        (("recipient_first_name", "recipient_last_name", "recipient_email"), [F, L, E]),
        (("Given Name", "Family-Name", "e-mail"), [F, L, E]),
        (("name", "surname", "email"), [F, L, E]),
        (("name", "email"), [N, E]),
        (("Nome", "email"), [F, E]),
        (("Full name", "email"), [N, E]),
        (("Nominativo", "email"), [N, E]),
        (("Nome e Cognome", "email"), [N, E]),
        (("Cognome e nome", "email"), [S, E]),
        (("Last name, First name", "email"), [S, E]),
        (("Nome utente", "email", "nome", "cognome", "first name"), [M, E, F, L, M]),
        (("Student name", "Course name", "email"), [N, M, E]),
        (("Full name", "First name", "Last name", "email"), [N, F, L, E]),
    ],
)
def test_understand_knows_headings_of_names(headings: tuple[str, ...], expected: list[Meaning]) -> None:
    assert meanings(*headings) == expected


def test_understand_prefers_the_plainest_heading_and_says_so() -> None:
    rows = [["Teacher email", "Private e-mail", "Email"], ["t@example.org", "p@example.org", "e@example.org"]]

    assert understand(rows) == Layout(
        heading=0,
        headings=("Teacher email", "Private e-mail", "Email"),
        meanings=(M, M, E),
        certainty=Certainty.BY_HEADING,
        warnings=(
            "Several columns hold e-mail addresses. “Email” was used; "
            "kept as further columns: “Private e-mail”.",
        ),
    )


def test_understand_takes_of_two_plain_headings_the_one_with_more_addresses() -> None:
    layout = understand([["Email", "E-mail"], ["", "a@example.org"], ["", "b@example.org"]])

    assert layout is not None
    assert layout.meanings == (M, E)


def test_understand_needs_addresses_below_a_heading_that_only_speaks_of_them() -> None:
    layout = understand([["May we write you an e-mail?", "Login"], ["yes", "a@example.org"]])

    assert layout == Layout(
        heading=0,
        headings=("May we write you an e-mail?", "Login"),
        meanings=(M, E),
        certainty=Certainty.BY_VALUES,
        warnings=("No heading says e-mail address. “Login” was used, because addresses stand below it.",),
    )


def test_understand_looks_for_the_heading_in_twenty_rows() -> None:
    heading = ["Email", "Nome"]
    below = [["a@example.org", "A"]] * 30
    title = [["Corso di e-mail marketing", ""]] * 19

    found = understand([*title, heading, *below])
    assert found is not None
    assert (found.heading, found.meanings) == (19, (E, F))
    too_far = understand([*title, [""], heading, *below])
    assert too_far is not None
    assert (too_far.heading, too_far.certainty) == (None, Certainty.BY_VALUES)


def test_understand_names_empty_and_repeated_headings() -> None:
    layout = understand(
        [["Email", "", "Note", "Note", "Note", ""], ["a@example.org", "1", "2", "3", "4", "5"]]
    )

    assert layout is not None
    assert layout.headings == ("Email", "Column B", "Note", "Note (2)", "Note (3)")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["Anna", "a@example.org", "Rossi"], ["Bo", "b@example.org", "Verdi"]], (F, E, L)),
        ([["a@example.org", "Anna Rossi", "12"]], (E, N, M)),
        ([["a@example.org", "12"]], (E, M)),
        ([["a@example.org"], ["b@example.org"], ["broken"]], (E,)),
    ],
)
def test_understand_works_out_columns_without_headings(
    rows: list[list[str]], expected: tuple[Meaning, ...]
) -> None:
    layout = understand(rows)

    assert layout is not None
    assert (layout.heading, layout.meanings, layout.certainty) == (None, expected, Certainty.BY_VALUES)
    assert len(layout.warnings) == 1


@pytest.mark.parametrize(
    "rows",
    [[], [[]], [["", ""]], [["Nome", "Cognome"], ["a", "b"]], [["x"], ["y"], ["z"], ["a@example.org"]]],
)
def test_understand_finds_no_addresses(rows: list[list[str]]) -> None:
    assert understand(rows) is None


def test_column_name_counts_as_spreadsheets_do() -> None:
    assert [column_name(index) for index in (0, 25, 26, 701, 702, 16383)] == [
        "Column A",
        "Column Z",
        "Column AA",
        "Column ZZ",
        "Column AAA",
        "Column XFD",
    ]
