"""The lists that are kept as JSON, checked item by item with the dotted name of what is at fault."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from config.exceptions import InvalidInput

MAX_ITEMS = 100
MAX_TEXT = 20_000


def check_texts(items: Any, name: str, *, max_length: int = 255) -> None:
    """Raise InvalidInput unless `items` is a list of at most MAX_ITEMS texts, none empty and none twice."""
    _check_list(items, name)
    seen: set[str] = set()
    for index, item in enumerate(items):
        field = f"{name}.{index}"
        if not isinstance(item, str) or not item.strip() or len(item) > max_length:
            raise InvalidInput(
                _("This must be text of 1 to %(limit)d characters.") % {"limit": max_length}, field=field
            )
        if item in seen:
            raise InvalidInput(_("“%(text)s” is there twice.") % {"text": item[:100]}, field=field)
        seen.add(item)


def check_items(
    items: Any,
    name: str,
    *,
    keys: Sequence[str],
    required: Sequence[str] = (),
    one_of: Sequence[str] = (),
    flags: Sequence[str] = (),
    lists: Sequence[str] = (),
) -> None:
    """Raise InvalidInput unless `items` is a list of objects with these keys alone.

    All `required` keys and at least one of `one_of` have text; `flags` hold true or false, `lists` lists of texts, all
    others text or null.
    """
    _check_list(items, name)
    for index, item in enumerate(items):
        field = f"{name}.{index}"
        if not isinstance(item, Mapping):
            raise InvalidInput(_("This must be an object."), field=field)
        for key, value in item.items():
            if key not in keys:
                raise InvalidInput(_("This is not a part that is kept."), field=f"{field}.{key}")
            if key in flags:
                if not isinstance(value, bool):
                    raise InvalidInput(_("This must be true or false."), field=f"{field}.{key}")
            elif key in lists:
                check_texts(value, f"{field}.{key}")
            elif value is not None and (not isinstance(value, str) or len(value) > MAX_TEXT):
                raise InvalidInput(
                    _("This must be text of at most %(limit)d characters.") % {"limit": MAX_TEXT},
                    field=f"{field}.{key}",
                )
        for key in required:
            if not item.get(key):
                raise InvalidInput(_("This is needed."), field=f"{field}.{key}")
        if one_of and not any(item.get(key) for key in one_of):
            raise InvalidInput(
                _("Give at least one of: %(keys)s.") % {"keys": ", ".join(one_of)}, field=field
            )


def _check_list(items: Any, name: str) -> None:
    if not isinstance(items, list):
        raise InvalidInput(_("This must be a list."), field=name)
    if len(items) > MAX_ITEMS:
        raise InvalidInput(_("This has more than %(limit)d entries.") % {"limit": MAX_ITEMS}, field=name)
