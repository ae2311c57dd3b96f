"""JSON bodies read strictly, for every dialect: what cannot be meant is refused with a reason, whatever is sent."""

import json
from typing import Any

from django.utils.translation import gettext as _

MAX_BYTES = 12 * 1024 * 1024
MAX_DEPTH = 64
MAX_DIGITS = 100  # of a number: Python takes minutes for numbers of millions of digits


class BrokenBody(ValueError):
    """A body that is not JSON, or not plain JSON; the message says what is wrong with it."""


def read_json(content: bytes) -> Any:
    """Return the value that a JSON text has.

    Raises BrokenBody for text that is not UTF-8 or not JSON, for a key that an object has twice, for numbers that JSON does
    not have (NaN, Infinity) or that are absurdly long, and for nesting deeper than MAX_DEPTH.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenBody(_("The body is not UTF-8 (byte %(place)d).") % {"place": error.start}) from error
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_fraction,
        )
    except RecursionError as error:
        raise BrokenBody(
            _("The JSON is nested deeper than %(limit)d levels.") % {"limit": MAX_DEPTH}
        ) from error
    except json.JSONDecodeError as error:
        raise BrokenBody(
            _("The body is not JSON: %(reason)s (line %(line)d, column %(column)d).")
            % {"reason": error.msg, "line": error.lineno, "column": error.colno}
        ) from error
    _check_depth(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise BrokenBody(
                    _("The key %(key)s is there twice in one object.") % {"key": json.dumps(key[:100])}
                )
            seen.add(key)
    return found


def _no_number(text: str) -> Any:
    raise BrokenBody(_("%(text)s is no number in JSON.") % {"text": text})


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise BrokenBody(_("A number has more than %(limit)d digits.") % {"limit": MAX_DIGITS})
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise BrokenBody(_("A number is too large."))
    return number


def _check_depth(value: Any) -> None:
    level = [value]
    for _depth in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise BrokenBody(_("The JSON is nested deeper than %(limit)d levels.") % {"limit": MAX_DEPTH})
