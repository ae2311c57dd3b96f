"""How dates are written in each language."""

from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.formats import date_format

MOMENT = datetime(2026, 11, 5, 14, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["5 Nov 2026", "5 Nov 2026, 14:03", "Nov 2026"]),
        ("it", ["5 nov 2026", "5 nov 2026, 14:03", "nov 2026"]),
    ],
)
def test_months_are_written_as_the_language_does(language: str, words: list[str]) -> None:
    with translation.override(language):
        written = [
            date_format(MOMENT, name) for name in ("DATE_FORMAT", "DATETIME_FORMAT", "YEAR_MONTH_FORMAT")
        ]

    assert written == words
