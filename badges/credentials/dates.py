"""Instants as the standards write them: whole seconds, UTC, `Z`."""

from datetime import UTC, date, datetime


def instant(moment: datetime) -> str:
    """Return `2026-01-31T12:00:00Z`, the fraction of a second cut off.

    Fractions would make `nbf` differ from `validFrom`, and a time rounded up lies in a verifier's future,
    which is fatal there (OB 3.0 section 8). Raises ValueError for a naive datetime.
    """
    if moment.tzinfo is None:
        raise ValueError(f"The time {moment.isoformat()} has no zone. Give an aware datetime.")
    # Not strftime: its `%Y` has no zeros before years below 1000, which is no xsd:dateTime.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def day_or_instant(moment: date | datetime) -> str:
    """Return a day as its first instant in UTC, an instant as `instant` does.

    OB 3.0's schema has no bare days.
    """
    if isinstance(moment, datetime):
        return instant(moment)
    return f"{moment.isoformat()}T00:00:00Z"


def seconds(text: str) -> int:
    """Return the seconds since 1970 of an instant in a document. Raises ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"The time {text!r} has no zone.")
    return int(moment.timestamp())
