"""Filters of lists: what a query may ask for, read strictly and refused in Laravel's words; one place for each list."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import or_
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django_filters import Filter, FilterSet
from drf_spectacular.utils import OpenApiParameter

from config.api.issuer.errors import Invalid
from config.api.issuer.fields import FALSE, TRUE, read_moment
from config.api.issuer.wording import SENTENCES, sentence

MAX_TEXT = 255
MAX_ITEMS = 100
_BRACKETED = re.compile(r"([^\[\]]+)\[\d{0,4}\]")


@dataclass(slots=True)
class Asked:
    """What a query asks of one filter: the name as it was sent, and the texts that were sent under it."""

    name: str
    texts: list[str]
    is_array: bool = False


def contains(text: str, *fields: str) -> Q:
    """Return the condition that one of the fields has the text in it, whatever the case.

    SQLite's LIKE knows the case of A to Z only, its regular expressions are Python's (Django's own function) and know all.
    """
    lookup, wanted = "icontains", text
    if connection.vendor == "sqlite":
        lookup, wanted = "iregex", re.escape(text)
    return reduce(or_, (Q(**{f"{field}__{lookup}": wanted}) for field in fields))


class _OneField(forms.Field):
    """A single value, and not an array of them."""

    def to_python(self, value: Any) -> Any:
        """Return what the text says; None for an empty one."""
        if isinstance(value, Asked):
            if value.is_array:
                raise ValidationError("", code="string")
            value = value.texts[-1]
        text = str(value or "").strip()
        return self.read(text) if text else None

    def read(self, text: str) -> Any:
        """Return the value; raise ValidationError with a code of config.api.issuer.wording."""
        if len(text) > MAX_TEXT:
            raise ValidationError("", code="max_length")
        if "\x00" in text:
            raise ValidationError("", code="format")
        return text


class _FlagField(_OneField):
    def read(self, text: str) -> bool:
        if text not in TRUE + FALSE:
            raise ValidationError("", code="boolean")
        return text in TRUE


class _WholeField(_OneField):
    def read(self, text: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,10}", text) or abs(int(text)) >= 2**31:
            raise ValidationError("", code="integer")
        return int(text)


class _AmountField(_OneField):
    def read(self, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise ValidationError("", code="numeric") from error
        if not number.is_finite() or abs(number) >= 10**10 or len(text) > 20:
            raise ValidationError("", code="numeric")
        return number


class _DayField(_OneField):
    """A day or a moment. What it is in the organization's time zone only the filter knows: here it is only read."""

    def read(self, text: str) -> str:
        moment = read_moment(text, UTC)
        # With room for a day of any time zone, and for what databases keep.
        if moment is None or not 1900 <= moment.year < 9999:
            raise ValidationError("", code="date")
        return text


class _ListField(forms.Field):
    """Several values: an array (`name[]=`), the name more than once, or with commas between them."""

    def to_python(self, value: Any) -> list[Any]:
        """Return the values, each once."""
        texts = value.texts if isinstance(value, Asked) else []
        parts = [part.strip() for text in texts for part in text.split(",")]
        found = list(dict.fromkeys(part for part in parts if part))
        if len(found) > MAX_ITEMS:
            raise ValidationError("", code="max_items")
        return [self.read(part) for part in found]

    def read(self, text: str) -> Any:
        """Return one value; raise ValidationError."""
        raise NotImplementedError


class _UuidsField(_ListField):
    def read(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError as error:
            raise ValidationError("", code="uuid") from error


class _ChoicesField(_ListField):
    def __init__(self, *, choices: Iterable[str], **options: Any) -> None:
        self.choices = frozenset(choices)
        super().__init__(**options)

    def read(self, text: str) -> str:
        if text not in self.choices:
            raise ValidationError("", code="invalid_choice")
        return text


class LaravelFilter(Filter):  # type: ignore[misc]
    """A filter of a list. `help_text` is what the OpenAPI document says of it, before what it says of all of the kind."""

    field_class: ClassVar[type[forms.Field]] = _OneField
    schema: ClassVar[Any] = str
    said: str = ""

    def __init__(self, field_name: str | None = None, lookup_expr: str | None = None, **options: Any) -> None:
        # A label is worked out from the model for each request where there is none.
        super().__init__(field_name, lookup_expr, label="", **options)


class TextFilter(LaravelFilter):
    """Rows whose field has the text in it, whatever the case; `fields` where several are searched."""

    def __init__(
        self, field_name: str | None = None, *, fields: tuple[str, ...] = (), **options: Any
    ) -> None:
        self.searched = fields or (field_name or "",)
        super().__init__(field_name, **options)

    def filter(self, qs: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        """Keep the rows that have the text."""
        return qs if value is None else qs.filter(contains(value, *self.searched))


class ExactFilter(LaravelFilter):
    """Rows whose field is this text, letter by letter."""


class FlagFilter(LaravelFilter):
    """Rows whose flag is so; 1, 0, true and false are read."""

    said = "1 for those that are so, 0 for the others."
    field_class = _FlagField
    schema: ClassVar[Any] = {"type": "integer", "enum": [0, 1]}


class WholeFilter(LaravelFilter):
    """Rows whose number is this one."""

    said = "This number."

    field_class = _WholeField
    schema: ClassVar[Any] = int


class AmountFilter(LaravelFilter):
    """Rows whose amount is this one; 100 and 100.00 are the same."""

    said = "This amount."

    field_class = _AmountField
    schema: ClassVar[Any] = {"type": "string", "example": "100.00"}


class ChoiceFilter(LaravelFilter):
    """Rows whose field is one of the values that are named; a value that there is not is refused."""

    said = "One of these, or several with commas between them."

    field_class = _ChoicesField

    def __init__(self, field_name: str | None = None, *, choices: Iterable[str], **options: Any) -> None:
        self.choices = tuple(choices)
        super().__init__(field_name, choices=self.choices, **options)

    def filter(self, qs: "QuerySet[Any]", value: list[str]) -> "QuerySet[Any]":
        """Keep the rows that have one of the values."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs

    @property
    def schema(self) -> Any:
        """One of the values."""
        return {"type": "string", "enum": list(self.choices)}


class IdFilter(LaravelFilter):
    """Rows with one of these ids (uuids) at the end of `field_name`."""

    said = "An id, or several with commas between them."

    field_class = _UuidsField
    schema: ClassVar[Any] = {"type": "string", "format": "uuid"}

    def filter(self, qs: "QuerySet[Any]", value: list[UUID]) -> "QuerySet[Any]":
        """Keep the rows that have one of the ids."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class DayFilter(LaravelFilter):
    """Rows from a day on, or until a day with `is_end`; that day belongs to them, in the organization's time zone.

    A moment (`2024-09-16 12:00:00`, or ISO 8601) may stand for the day.
    """

    field_class = _DayField
    schema: ClassVar[Any] = {"type": "string", "format": "date"}

    def __init__(self, field_name: str, *, is_end: bool = False, **options: Any) -> None:
        self.is_end = is_end
        self.said = "Until this day, which belongs to it." if is_end else "From this day on."
        super().__init__(field_name, "lte" if is_end else "gte", **options)

    def filter(self, qs: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        """Keep the rows of the day and those after it, or before it."""
        moment = self.moment(value)
        return qs if moment is None else qs.filter(**{f"{self.field_name}__{self.lookup_expr}": moment})

    def moment(self, value: str | None) -> datetime | None:
        """Return the first instant that is meant, or the last one."""
        if value is None:
            return None
        moment = read_moment(value, self.parent.time_zone, is_end=self.is_end)
        if moment is not None and self.is_end and not moment.microsecond:
            moment += timedelta(seconds=1) - timedelta(microseconds=1)  # answers say seconds
        return moment


class LaravelFilterSet(FilterSet):  # type: ignore[misc]
    """The filters of one list.

    Names are read without regard to case, as seed 002 writes one of them `Created_at_after`; `aliases` are further names,
    by the name that each stands for. A filter whose value is empty is none, a name that is unknown is ignored.
    """

    aliases: ClassVar[Mapping[str, str]] = {}
    filters: dict[str, Any]

    def __init__(self, values: Mapping[str, Any], *, queryset: "QuerySet[Any]", time_zone: str) -> None:
        super().__init__(values, queryset=queryset)
        self.time_zone = ZoneInfo(time_zone)
        # Only what was asked for is read: most requests ask for one thing.
        self.filters = {name: one for name, one in self.filters.items() if name in values}

    @classmethod
    def asked(cls, params: QueryDict) -> dict[str, Asked]:
        """Return what a query asks for, by the name of the filter; an empty dict for a query without a filter."""
        found: dict[str, Asked] = {}
        for sent, texts in params.lists():
            match = _BRACKETED.fullmatch(sent)
            plain = match[1] if match else sent
            name = cls.aliases.get(plain.lower(), plain.lower())
            if name not in cls.base_filters or not any(text.strip() for text in texts):
                continue
            earlier = found.get(name)
            if earlier is not None and match and earlier.is_array:
                earlier.texts += texts
            else:
                found[name] = Asked(plain, texts, is_array=bool(match))
        return found

    @classmethod
    def narrow(
        cls, queryset: "QuerySet[Any]", asked: Mapping[str, Asked], *, time_zone: str
    ) -> "QuerySet[Any]":
        """Return the rows that were asked for; the queryset as it is when nothing was. Raises Invalid with every error."""
        if not asked:
            return queryset
        filters = cls(asked, queryset=queryset, time_zone=time_zone)
        found: dict[str, list[str]] = {}
        for name, errors in filters.form.errors.as_data().items():
            sent = asked[name].name
            found[sent] = [_sentence(error.code or "", sent) for error in errors]
        if found:
            raise Invalid(found)
        narrowed: QuerySet[Any] = filters.qs
        return narrowed

    @classmethod
    def parameters(cls) -> list[OpenApiParameter]:
        """Return what the OpenAPI document says of the filters."""
        other = {name: alias for alias, name in cls.aliases.items()}
        return [
            OpenApiParameter(
                name,
                one.schema,
                description=" ".join(
                    part
                    for part in (
                        one.extra.get("help_text", "") or one.said,
                        f"`{other[name]}` means the same." if name in other else "",
                    )
                    if part
                ),
            )
            for name, one in cls.base_filters.items()
        ]


def _sentence(code: str, name: str) -> str:
    limit = {"max_length": MAX_TEXT, "max_items": MAX_ITEMS}.get(code, "")
    return sentence(code if code in SENTENCES else "format", [name], limit)
