"""The forms that values have on the wire: what a request may say, and how answers say it."""

from collections.abc import Mapping
from copy import copy, deepcopy
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy
from drf_spectacular.drainage import set_override
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.issuer.errors import Invalid
from config.api.issuer.wording import errors_of

TRUE = (True, 1, "1", "true")
FALSE = (False, 0, "0", "false")


def timestamp(moment: datetime | None) -> str | None:
    """Return a moment as `created_at` has it: 2024-06-17T06:37:33.000000Z (seed 000)."""
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def spaced(moment: datetime | None, zone: tzinfo = UTC) -> str | None:
    """Return a moment as `current_period_start` has it: 2024-09-24 07:53:39 (seed 000)."""
    if moment is None:
        return None
    try:
        moment = moment.astimezone(zone)
    except OverflowError:  # the last hours of the year 9999 are beyond it elsewhere
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(" ", "seconds")


def read_moment(text: str, zone: tzinfo, *, is_end: bool = False) -> datetime | None:
    """Return the moment that a text names, None when it names none.

    A date alone is its first instant, or its last one with `is_end`; without a zone it is one of `zone`.
    """
    try:
        day = parse_date(text)
        if day is not None and len(text) <= 10:
            moment = datetime.combine(day, time.max if is_end else time.min, zone)
        else:
            found = parse_datetime(text)
            if found is None:
                return None
            moment = found if timezone.is_aware(found) else found.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@extend_schema_field({"type": "string", "format": "date-time", "example": "2024-06-17T06:37:33.000000Z"})
class TimestampField(serializers.Field[datetime, Any, str | None, Any]):
    """A moment with microseconds and Z, answered only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: datetime) -> str | None:
        """Return its text."""
        return timestamp(value)


@extend_schema_field({"type": "string", "example": "2024-09-24 07:53:39"})
class SpacedTimeField(serializers.Field[datetime, Any, str | None, Any]):
    """A moment as YYYY-MM-DD HH:MM:SS in UTC, answered only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: datetime) -> str | None:
        """Return its text."""
        return spaced(value)


@extend_schema_field({"type": "integer", "enum": [0, 1]})
class FlagField(serializers.BooleanField):
    """Answered as 1 or 0; takes true, false, 1, 0, "1" and "0" ("true" and "false" too)."""

    def to_internal_value(self, data: Any) -> bool:
        """Return what was meant."""
        # 1.0 == 1 == True in Python, so types are looked at too.
        if not isinstance(data, bool | int | str) or data not in TRUE + FALSE:
            self.fail("invalid", input=data)
        return data in TRUE

    def to_representation(self, value: Any) -> Any:
        """Return 1 or 0."""
        return int(bool(value))


class TextField(serializers.CharField):
    """Text, trimmed. Numbers are refused, as they are no text in JSON; an empty text is none at all."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", 255)
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        """Return the text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeField(serializers.IntegerField):
    """A whole number that fits the database; 1.0 and true are none."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_value", 2**31 - 1)
        options.setdefault("min_value", -(2**31))
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        """Return the number."""
        if isinstance(data, bool | float):
            self.fail("invalid")
        return super().to_internal_value(data)


@extend_schema_field(OpenApiTypes.STR)
class MomentField(serializers.DateTimeField):
    """`YYYY-MM-DD HH:MM:SS`, `YYYY-MM-DD` or ISO 8601; without a zone it is one of the organization's (design.md 4.1)."""

    def to_internal_value(self, value: Any) -> datetime:
        """Return the moment, in UTC."""
        zone = ZoneInfo(self.context.get("time_zone", "UTC"))
        moment = read_moment(value.strip(), zone) if isinstance(value, str) else None
        # With room for every time zone at the end of time.
        if moment is None or not 1900 <= moment.year < 9999:
            self.fail("invalid", format="")
        return moment


class DayField(serializers.DateField):
    """`YYYY-MM-DD`."""

    def to_internal_value(self, value: Any) -> date:
        """Return the day."""
        day = read_moment(value, UTC) if isinstance(value, str) else None
        if day is None:
            self.fail("invalid", format="")
        return day.date()


class ObjectField(serializers.DictField):
    """An object whose values are text, numbers, flags or nothing; nothing of it breaks the database."""

    def __init__(self, **options: Any) -> None:
        self.max_keys = 100
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Return it as it was sent."""
        data = object_of(data)
        if not isinstance(data, Mapping):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if not _is_storable(data) or len(data) > self.max_keys:
            self.fail("invalid_object")
        return dict(data)

    default_error_messages = {
        "invalid_object": gettext_lazy("The format is invalid: at most 100 keys, and text without NUL.")
    }


def object_of(data: Any) -> Any:
    """Return what was sent where an object is meant: PHP writes an empty one as `[]`, as it writes an empty list."""
    return {} if isinstance(data, list) and not data else data


def numbered(data: Any) -> list[tuple[int, Any]] | None:
    """Return the items of a list with their numbers from 0, None for what is no list.

    A form may have left numbers out, and so may PHP: then they are the keys of an object.
    """
    if isinstance(data, list):
        return list(enumerate(data))
    if isinstance(data, Mapping) and all(key.isdecimal() and len(key) < 10 for key in data):
        return [(int(key), item) for key, item in data.items()]
    return None


def _is_storable(value: Any) -> bool:
    """Whether a database keeps a JSON value: NUL and lone surrogates are not text, and numbers have bounds."""
    if isinstance(value, str):
        return not any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return all(_is_storable(key) and _is_storable(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_is_storable(item) for item in value)
    return value is None or isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 2**63)


class Input(serializers.Serializer[Any]):
    """What a request may say. Unknown keys are ignored, as Laravel does; an empty text is null.

    All errors of a body are told at once.
    """

    example: ClassVar[Mapping[str, Any] | None] = None  # for the OpenAPI document

    def __init_subclass__(cls, **options: Any) -> None:
        """Name it in the OpenAPI document as it is called, without the word Input."""
        super().__init_subclass__(**options)
        set_override(cls, "component_name", cls.__name__.removesuffix("Input"))

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return copies of the fields. Only those that have others in them are made anew, as REST framework makes all."""
        return {
            name: deepcopy(field)
            if hasattr(field, "child") or isinstance(field, serializers.BaseSerializer)
            else copy(field)
            for name, field in self._declared_fields.items()
        }

    def to_internal_value(self, data: Any) -> Any:
        """Return the values, with empty texts as null."""
        data = object_of(data)
        if isinstance(data, Mapping):
            data = {key: _nothing_if_empty(value) for key, value in data.items()}
        return super().to_internal_value(data)

    def checked(self) -> dict[str, Any]:
        """Return the values that were sent, checked. Raises Invalid with all errors."""
        if not self.is_valid():
            raise Invalid(errors_of(self, self.errors))
        return dict(self.validated_data)


def _nothing_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


class Shape(serializers.Serializer[Any]):
    """What an answer says, key by key in the order of the fields."""

    example: ClassVar[Mapping[str, Any] | None] = None  # for the OpenAPI document, without an envelope

    def __init_subclass__(cls, **options: Any) -> None:
        """Name it in the OpenAPI document as it is called, without the word Shape."""
        super().__init_subclass__(**options)
        set_override(cls, "component_name", cls.__name__.removesuffix("Shape"))
