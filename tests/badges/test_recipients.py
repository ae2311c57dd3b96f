"""People out of pasted lines and files, in every form in which issuers have them."""

import pytest

from badges.services import recipients
from badges.services.recipients import Recipients, recipients_of_file, recipients_of_text
from config.exceptions import InvalidInput


def told(found: Recipients) -> list[tuple[str, str, str]]:
    """Return the people as plain values."""
    return [(person.email, person.first_name, person.last_name) for person in found.people]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("ada@x.org", [("ada@x.org", "", "")]),
        ("Ada Lovelace <ada@x.org>", [("ada@x.org", "Ada", "Lovelace")]),
        ("Lovelace, Ada <ada@x.org>", [("ada@x.org", "Ada", "Lovelace")]),
        ("ada@x.org; Ada; Lovelace", [("ada@x.org", "Ada", "Lovelace")]),
        ("ada@x.org\tAda\tLovelace\r\n", [("ada@x.org", "Ada", "Lovelace")]),
        ("Ada\tLovelace\tada@x.org", [("ada@x.org", "Ada", "Lovelace")]),
        ("ada@x.org;Ada Lovelace;", [("ada@x.org", "Ada", "Lovelace")]),
        ("ada@x.org Ada Lovelace", [("ada@x.org", "Ada", "Lovelace")]),
        ("ada@x.org, alan@x.org", [("ada@x.org", "", ""), ("alan@x.org", "", "")]),
        (
            "Ada L <ada@x.org>, Alan T <alan@x.org>; g@x.org <g@x.org>",
            [("ada@x.org", "Ada", "L"), ("alan@x.org", "Alan", "T"), ("g@x.org", "", "")],
        ),
        (
            "Cognome\tNome\tE-mail\nLovelace\tAda\tada@x.org\nTuring\tAlan\talan@x.org",
            [("ada@x.org", "Ada", "Lovelace"), ("alan@x.org", "Alan", "Turing")],
        ),
    ],
)
def test_pasted_text_is_understood(text: str, people: list[tuple[str, str, str]]) -> None:
    found = recipients_of_text(text)

    assert told(found) == people
    assert (found.unusable_count, found.repeated_count) == (0, 0)


def test_pasted_text_tells_what_cannot_be_used_and_counts_an_address_once() -> None:
    found = recipients_of_text("ada@x.org\n\nnobody\n ADA@x.org;Ada \n;;\n#N/A;alan@x.org\n")

    assert told(found) == [("ada@x.org", "", "")]
    assert [(line.number, line.text) for line in found.unusable] == [(3, "nobody"), (6, "#N/A;alan@x.org")]
    assert found.unusable[0].reason == "“nobody” is not a valid e-mail address."
    assert (found.repeated, found.repeated_count) == (["ADA@x.org"], 1)


def test_nobody_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipients, "MAX_RECIPIENTS", 2)
    assert len(recipients_of_text("a@x.org\nb@x.org\nb@x.org").people) == 2

    with pytest.raises(InvalidInput) as many:
        recipients_of_text("a@x.org\nb@x.org\nc@x.org")
    with pytest.raises(InvalidInput) as nobody:
        recipients_of_text(" \n;\n")

    assert (many.value.field, nobody.value.field) == ("addresses", "addresses")
    assert "more than 2 people" in many.value.message


def test_file_gives_people_and_tells_repeated_rows_and_bad_ones() -> None:
    found = recipients_of_file(
        "E-mail;Nome;Cognome;Corso\nada@x.org;Ada;Lovelace;A\nADA@x.org;Ada;Lovelace;A\nnobody;N;N;A\n".encode(
            "cp1252"
        ),
        name="class.csv",
    )

    assert told(found) == [("ada@x.org", "Ada", "Lovelace")]
    assert (found.repeated, [line.number for line in found.unusable]) == (["ADA@x.org"], [4])
    assert found.warnings == [
        "Only addresses and names were taken from the file. Its other columns were left aside."
    ]
