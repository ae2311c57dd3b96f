"""Instants are whole seconds in UTC."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from badges.credentials.dates import day_or_instant, instant, seconds


def test_instant_is_in_utc_and_cut_off() -> None:
    rome = timezone(timedelta(hours=2))
    assert instant(datetime(2026, 6, 1, 1, 30, 59, 999999, tzinfo=rome)) == "2026-05-31T23:30:59Z"


def test_instant_has_four_digits_of_year_however_long_ago() -> None:
    assert instant(datetime(987, 6, 1, 1, 30, 59, tzinfo=UTC)) == "0987-06-01T01:30:59Z"


def test_instant_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no zone"):
        instant(datetime(2026, 6, 1))  # noqa: DTZ001 - the fault that is tested


def test_day_is_its_first_instant() -> None:
    assert day_or_instant(date(2026, 6, 1)) == "2026-06-01T00:00:00Z"
    assert day_or_instant(datetime(2026, 6, 1, 12, tzinfo=UTC)) == "2026-06-01T12:00:00Z"


def test_seconds_count_from_1970() -> None:
    assert seconds("1970-01-02T00:00:01Z") == 86401
    with pytest.raises(ValueError, match="has no zone"):
        seconds("1970-01-02T00:00:01")
