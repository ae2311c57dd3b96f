"""What is said of a value that is not accepted, in Laravel's words, in the language of the request."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework import serializers

# By the code of a validation error. Those named `invalid` mean another thing for each kind of field: see INVALID.
SENTENCES: dict[str, str | Promise] = {
    "required": gettext_lazy("The %(attribute)s field is required."),
    "null": gettext_lazy("The %(attribute)s field is required."),
    "blank": gettext_lazy("The %(attribute)s field is required."),
    "empty": gettext_lazy("The %(attribute)s field is required."),
    "no_name": gettext_lazy("The %(attribute)s failed to upload."),
    "max_length": gettext_lazy("The %(attribute)s field must not be greater than %(limit)s characters."),
    "min_length": gettext_lazy("The %(attribute)s field must be at least %(limit)s characters."),
    "max_items": gettext_lazy("The %(attribute)s field must not have more than %(limit)s items."),
    "min_items": gettext_lazy("The %(attribute)s field must have at least %(limit)s items."),
    "max_value": gettext_lazy("The %(attribute)s field must not be greater than %(limit)s."),
    "min_value": gettext_lazy("The %(attribute)s field must be at least %(limit)s."),
    "invalid_choice": gettext_lazy("The selected %(attribute)s is invalid."),
    "not_a_list": gettext_lazy("The %(attribute)s field must be an array."),
    "not_a_dict": gettext_lazy("The %(attribute)s field must be an array."),
    "max_string_length": gettext_lazy("The %(attribute)s field must be an integer."),
    "null_characters_not_allowed": gettext_lazy("The %(attribute)s field format is invalid."),
    "surrogate_characters_not_allowed": gettext_lazy("The %(attribute)s field format is invalid."),
    "string": gettext_lazy("The %(attribute)s field must be a string."),
    "email": gettext_lazy("The %(attribute)s field must be a valid email address."),
    "url": gettext_lazy("The %(attribute)s field must be a valid URL."),
    "uuid": gettext_lazy("The %(attribute)s field must be a valid UUID."),
    "integer": gettext_lazy("The %(attribute)s field must be an integer."),
    "numeric": gettext_lazy("The %(attribute)s field must be a number."),
    "boolean": gettext_lazy("The %(attribute)s field must be true or false."),
    "array": gettext_lazy("The %(attribute)s field must be an array."),
    "date": gettext_lazy("The %(attribute)s field must be a valid date."),
    "file": gettext_lazy("The %(attribute)s field must be a file."),
    "format": gettext_lazy("The %(attribute)s field format is invalid."),
}
# What `invalid` says of a field of this class; the first that fits.
INVALID: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], str], ...] = (
    (serializers.EmailField, "email"),
    (serializers.URLField, "url"),
    (serializers.UUIDField, "uuid"),
    (serializers.BooleanField, "boolean"),
    (serializers.IntegerField, "integer"),
    (serializers.DecimalField, "numeric"),
    (serializers.DateTimeField, "date"),
    (serializers.DateField, "date"),
    (serializers.FileField, "file"),
    (serializers.CharField, "string"),
    (serializers.BaseSerializer, "array"),
    (serializers.JSONField, "array"),
)
LIMITS = {
    "max_length": "max_length",
    "min_length": "min_length",
    "max_value": "max_value",
    "min_value": "min_value",
}


def errors_of(serializer: "serializers.BaseSerializer[Any]", detail: Any) -> dict[str, list[str]]:
    """Return the errors of a serializer by the dotted path of each value, in the order of the fields."""
    found: dict[str, list[str]] = {}
    for path, sentence in _walk(serializer, detail, ()):
        found.setdefault(path, []).append(sentence)
    return found


def message_of(errors: Mapping[str, Sequence[str]]) -> str:
    """Return the summary: the first error, and how many more there are."""
    sentences = [sentence for of_field in errors.values() for sentence in of_field]
    more = len(sentences) - 1
    if not more:
        return sentences[0]
    return ngettext("%(first)s (and %(count)d more error)", "%(first)s (and %(count)d more errors)", more) % {
        "first": sentences[0],
        "count": more,
    }


def attribute(path: Sequence[str]) -> str:
    """Return how a value is called in sentences: in words, `address info.city`, or as it stands when it is one of a list."""
    name = ".".join(path)
    return name if any(part.isdecimal() for part in path) else name.replace("_", " ")


def sentence(code: str, path: Sequence[str], limit: Any = "") -> str:
    """Return what is said of the value at `path` that has the fault `code`."""
    return str(SENTENCES[code]) % {"attribute": attribute(path), "limit": limit}


def _walk(field: Any, detail: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        inner = getattr(field, "fields", None) or {}
        for name in sorted(detail, key=_order(inner)):
            if name == "non_field_errors":
                yield from _walk(field, detail[name], path)
            else:
                child = inner.get(name) if inner else getattr(field, "child", None)
                yield from _walk(child, detail[name], (*path, str(name)))
        return
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        # Errors of a list of objects: one entry for each, empty where there is none.
        for index, item in enumerate(detail):
            yield from _walk(getattr(field, "child", None), item, (*path, str(index)))
        return
    for item in detail if isinstance(detail, list) else [detail]:
        yield ".".join(path), _sentence_of(field, item, path)


def _order(fields: Mapping[str, Any]) -> Any:
    places = {name: place for place, name in enumerate(fields)}
    return lambda name: (places.get(name, len(places)), name if isinstance(name, str) else f"{name:09}")


def _sentence_of(field: Any, detail: Any, path: tuple[str, ...]) -> str:
    code = getattr(detail, "code", "")
    if code == "invalid" or code in {"make_aware", "overflow", "datetime", "date"}:
        code = next((name for kind, name in INVALID if isinstance(field, kind)), "")
        if code in {"email", "url"}:
            code = code if str(detail) != "Not a valid string." else "string"
    if code in {"max_length", "min_length"} and isinstance(
        field, serializers.ListField | serializers.ListSerializer
    ):
        limit = getattr(field, code)
        return sentence("max_items" if code == "max_length" else "min_items", path, limit)
    if code in SENTENCES and path:
        return sentence(code, path, getattr(field, LIMITS.get(code, ""), ""))
    return str(detail) or _("This is not accepted.")
