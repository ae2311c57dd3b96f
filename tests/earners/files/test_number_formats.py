"""Numbers and dates of workbooks as people see them."""

import pytest

from earners.files.number_formats import shown_number


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("10", "General", "10"),
        ("0.10000000000000001", "General", "0.1"),
        ("3.9333123456700001E+11", "General", "393331234567"),
        ("393331234567", "General", "393331234567"),
        ("-0", "General", "0"),
        ("1000", "General", "1000"),
        ("1E+300", "General", "1E+300"),
        ("no number", "General", "no number"),
        ("NaN", "General", "NaN"),
        ("47", "00000", "00047"),
        ("-47", "000", "-047"),
        ("28.5", "0.00", "28.50"),
        ("1234.5", "#,##0.00", "1234.50"),
        ("1234.5", '_-* #,##0.00\\ "€"_-;-* #,##0.00\\ "€"_-', "1234.50"),
        ("0.5", "0%", "50%"),
        ("0.12345", "0.00%", "12.35%"),
        ("7", '0" days"', "7"),
        ("28.125", "0.00", "28.13"),
        ("0.5", "0", "1"),
        ("1E+999999999", "[h]:mm", "1E+999999999"),
        ("1E-999999999", "General", "1E-999999999"),
        ("1" * 41, "0.00", "1" * 41),
        ("7", "0" * 256, "7"),
    ],
)
def test_shown_number_follows_the_format(stored: str, code: str, shown: str) -> None:
    assert shown_number(stored, code) == shown


@pytest.mark.parametrize(
    ("stored", "code", "shown"),
    [
        ("45322", "mm-dd-yy", "2024-01-31"),
        ("45322.395833333336", "m/d/yy h:mm", "2024-01-31 09:30"),
        ("45322", "dd/mm/yyyy", "31/01/2024"),
        ("45322", "[$-410]dd/mm/yyyy;@", "31/01/2024"),
        ("45322", "d.m.yy", "31.1.24"),
        ("45322", "yyyy\\-mm\\-dd", "2024-01-31"),
        ("45322", "d-mmm-yy", "2024-01-31"),
        ("45322", "dddd d mmmm yyyy", "2024-01-31"),
        ("45322.395833333336", "dd/mm/yyyy hh:mm", "31/01/2024 09:30"),
        ("45322.395833333336", "yyyy-mm-dd h:mm:ss", "2024-01-31 9:30:00"),
        ("45322.8125", "h:mm AM/PM", "7:30 PM"),
        ("0.39583333333333331", "h:mm", "9:30"),
        ("0.5", "h:mm mmm", "1899-12-31 12:00"),
        ("1.5", "[h]:mm", "36:00"),
        ("1.5", "[h]:mm:ss", "36:00:00"),
        ("0.0416666666666666", "[mm]:ss", "60:00"),
        ("-1", "dd/mm/yyyy", "-1"),
        ("99999999", "dd/mm/yyyy", "99999999"),
        ("59", "yyyy-mm-dd", "1900-02-28"),
        ("61", "yyyy-mm-dd", "1900-03-01"),
        ("1", "yyyy-mm-dd", "1900-01-01"),
    ],
)
def test_shown_number_writes_dates_and_times(stored: str, code: str, shown: str) -> None:
    assert shown_number(stored, code) == shown


def test_shown_number_knows_the_calendar_from_1904() -> None:
    assert shown_number("43860", "dd/mm/yyyy", is_from_1904=True) == "31/01/2024"
