"""Checking a BadgeKit body field by field: all that is wrong is told at once, in the order in which fields are asked for."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from config.api.badgekit_errors import refused_field, validation_error

TRUE = {"true", "1", "yes", "on"}
FALSE = {"false", "0", "no", "off", ""}
OUT_OF_RANGE = "String is not in range"  # seed 004
MAX_EMAIL = 254
MAX_INTEGER = 2**31 - 1
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973

_check_url = URLValidator(schemes=["http", "https"])


class Fields:
    """The fields of a body. Each method returns a checked value, or None and remembers why; `check` raises for all of them.

    Null counts as not given. Numbers stand for their text where a text is wanted, and texts for numbers and flags, as forms
    know nothing else.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.refused: list[dict[str, Any]] = []

    def has(self, name: str) -> bool:
        """Whether the body has the field, null included."""
        return name in self.data

    def refuse(self, name: str, message: str) -> None:
        """Remember that a field is at fault."""
        self.refused.append(refused_field(name, message, self.data.get(name)))

    def check(self) -> None:
        """Raise the ValidationError (400) that tells of all fields at fault; return where there are none."""
        if self.refused:
            raise validation_error(self.refused)

    def text(
        self, name: str, *, required: bool = False, max_length: int = 255, may_be_empty: bool = False
    ) -> str | None:
        """Return a text of 1 (or 0) to `max_length` characters, as it stands."""
        value = self.data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            if required:
                self.refuse(name, OUT_OF_RANGE)
            return None
        if not isinstance(value, str):
            self.refuse(name, "Not a string")
        elif not (0 if may_be_empty and not required else 1) <= len(value) <= max_length:
            self.refuse(name, OUT_OF_RANGE)
        else:
            return value
        return None

    def flag(self, name: str) -> bool | None:
        """Return a boolean: true, false, 1, 0 or their texts (and yes, no, on, off); an empty text is false."""
        value = self.data.get(name)
        if value is None or isinstance(value, bool):
            return value
        word = str(value).strip().lower() if isinstance(value, str | int) else None
        if word in TRUE:
            return True
        if word not in FALSE:
            self.refuse(name, "Not a boolean")
            return None
        return False

    def integer(
        self, name: str, *, required: bool = False, minimum: int = 0, maximum: int = MAX_INTEGER
    ) -> int | None:
        """Return a whole number within the range; an empty text counts as not given."""
        value = self.data.get(name)
        if value is None or value == "":
            if required:
                self.refuse(name, "Missing value")
            return None
        if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(name, "Not a whole number")
        elif not minimum <= value <= maximum:
            self.refuse(name, "Number is not in range")
        else:
            return value
        return None

    def email(self, name: str, *, required: bool = False, may_be_empty: bool = False) -> str | None:
        """Return an e-mail address, trimmed."""
        value = self.data.get(name)
        if value is None and not required:
            return None
        if value == "" and may_be_empty:
            return ""
        text = value.strip() if isinstance(value, str) else ""
        try:
            validate_email(text)
        except ValidationError:
            text = ""
        if not text or len(text) > MAX_EMAIL:
            self.refuse(name, "Invalid email")
            return None
        return text

    def url(
        self, name: str, *, required: bool = False, may_be_empty: bool = False, max_length: int = 2000
    ) -> str | None:
        """Return an http or https address."""
        value = self.data.get(name)
        if (value is None and not required) or (value == "" and may_be_empty):
            return value
        if isinstance(value, str) and len(value) <= max_length:
            try:
                _check_url(value)
            except ValidationError:
                pass
            else:
                return value
        self.refuse(name, "Invalid URL")
        return None

    def time(self, name: str) -> datetime | None:
        """Return an instant: ISO 8601 (UTC without a zone), Unix seconds or milliseconds; an empty text is none given."""
        value = self.data.get(name)
        if value is None or value == "":
            return None
        try:
            if isinstance(value, str) and not re.fullmatch(r"[0-9]{9,14}", value):
                found = parse_datetime(value if re.search(r"[T ]", value) else f"{value}T00:00:00")
            elif isinstance(value, str | int | float) and not isinstance(value, bool):
                seconds = float(value)
                found = datetime.fromtimestamp(
                    seconds / 1000 if seconds >= MILLISECONDS_FROM else seconds, UTC
                )
            else:
                found = None
            if found is not None:
                found = timezone.make_aware(found, UTC) if timezone.is_naive(found) else found
                found = found.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            found = None
        if found is None:
            self.refuse(name, "Invalid date")
        return found

    def one_of(self, name: str, choices: Collection[str], *, required: bool = False) -> str | None:
        """Return one of the choices; an empty text counts as not given."""
        value = self.data.get(name)
        if value is None or (value == "" and "" not in choices):
            if required:
                self.refuse(name, "Missing value")
            return None
        if isinstance(value, str) and value in choices:
            return value
        self.refuse(name, f"Must be one of: {', '.join(choices)}")
        return None
