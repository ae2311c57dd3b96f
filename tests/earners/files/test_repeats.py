"""Addresses that a file had already."""

from earners.files.names import Name
from earners.files.repeats import FirstUse, Repeats


def test_note_returns_the_first_use_of_an_address_whatever_its_case() -> None:
    with Repeats() as repeats:
        assert repeats.note("Anna@example.org", 2, Name("Anna", "Rossi")) is None
        assert repeats.note("bo@example.org", 3, Name("", "")) is None
        assert repeats.note("ANNA@EXAMPLE.ORG", 4, Name("B", "")) == FirstUse(2, "Anna", "Rossi")
        assert repeats.note("anna@example.org", 5, Name("C", "")) == FirstUse(2, "Anna", "Rossi")
