"""What changed between two versions of a badge template, field by field in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.manage.template_forms import TemplateForm
from badges.models import BadgeTemplateVersion
from badges.services.template_fields import CONTENT, HTML, PICTURES, TYPE_KEYS
from organizations.richtext import plain_lines

SIMILAR = 0.4
# Comparing takes time that grows with the square: a longer stretch is shown as it was and as it is.
MAX_WORDS = 400
_WORDS = re.compile(r"\s+|\S+")
LISTS = {
    "criteria": gettext_lazy("List of criteria"),
    "alignments": gettext_lazy("Skills of frameworks"),
    "result_descriptions": gettext_lazy("Results"),
    "tags": gettext_lazy("Tags"),
    "categories": gettext_lazy("Categories"),
}
# The order in which an entry is read; that of stored keys depends on the database.
ENTRY_KEYS = (
    *("name", "description", "framework", "code", "url", "type", "id"),
    *("allowed_values", "value_min", "value_max", "required_value", "note", "required"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `kind` is "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A field that differs: its text with what went and what came, a list's entries, or a sentence where neither says it."""

    label: str
    pieces: Sequence[Piece] = ()
    gone: Sequence[str] = ()
    new: Sequence[str] = ()
    words: str = ""


def changes_between_versions(before: BadgeTemplateVersion, after: BadgeTemplateVersion) -> list[Change]:
    """Return what `after` says otherwise than `before`, in the order of the editor."""
    return list(_changes(before, after))


def _changes(before: BadgeTemplateVersion, after: BadgeTemplateVersion) -> Iterator[Change]:
    for name in CONTENT:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or name == "design":  # its picture changes with it
            continue
        if name in PICTURES:
            yield Change(label=_label(name), words=_picture_words(old, new))
        elif name == "type_data":
            for key in TYPE_KEYS:
                if (old.get(key) or "") != (new.get(key) or ""):
                    yield _text_change(_label(f"type_data_{key}"), old.get(key) or "", new.get(key) or "")
        elif name in LISTS:
            yield _list_change(str(LISTS[name]), old, new)
        elif name in HTML:
            yield _html_change(_label(name), old, new)
        else:
            yield _text_change(_label(name), _shown(before, name), _shown(after, name))


def _label(name: str) -> str:
    if name == "image":
        return _("Picture")
    if name == "background_image":
        return _("Background")
    field = TemplateForm.base_fields.get(name)
    return str(field.label) if field is not None else name.replace("_", " ").capitalize()


def _shown(version: Model, name: str) -> str:
    """Return a value as people read it: the label of a choice."""
    display = getattr(version, f"get_{name}_display", None)
    value = display() if display is not None else getattr(version, name)
    return "" if value is None else str(value)


def _picture_words(old: Any, new: Any) -> str:
    if not old:
        return _("A picture was added.")
    return _("The picture was replaced.") if new else _("The picture was taken away.")


def _html_change(label: str, old: str, new: str) -> Change:
    texts = plain_lines(old), plain_lines(new)
    if " ".join(texts[0].split()) == " ".join(texts[1].split()):
        return Change(label=label, words=_("The words are the same; their formatting or links changed."))
    return _text_change(label, *texts)


def _text_change(label: str, old: str, new: str) -> Change:
    return Change(label=label, pieces=list(_pieces(_WORDS.findall(old), _WORDS.findall(new))))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    if start:
        yield Piece("same", "".join(old[:start]))
    yield from _middle(old[start : len(old) - end], new[start : len(new) - end])
    if end:
        yield Piece("same", "".join(old[-end:]))


def _middle(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Yield what lies between the first and the last difference: word by word, or whole where that reads better."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if max(len(old), len(new)) > MAX_WORDS or matcher.ratio() < SIMILAR:
        kinds = [("replace", 0, len(old), 0, len(new))]
    else:
        kinds = list(matcher.get_opcodes())
    for kind, start, end, new_start, new_end in kinds:
        if kind == "equal":
            yield Piece("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Piece("gone", "".join(old[start:end]))
        if new_end > new_start:
            yield Piece("new", "".join(new[new_start:new_end]))


def _list_change(label: str, old: Sequence[Any], new: Sequence[Any]) -> Change:
    gone = [_entry(item) for item in old if item not in new]
    came = [_entry(item) for item in new if item not in old]
    if not gone and not came:
        return Change(label=label, words=_("The same entries in another order."))
    return Change(label=label, gone=gone, new=came)


def _entry(item: Any) -> str:
    """Return an entry of a list in one line."""
    if not isinstance(item, Mapping):
        return str(item)
    texts = []
    for key in ENTRY_KEYS:
        value = item.get(key)
        if key == "required" and value:
            texts.append(_("required"))
        elif isinstance(value, list):
            texts.append(", ".join(map(str, value)))
        elif value and not isinstance(value, bool):
            texts.append(str(value))
    return " · ".join(text for text in texts if text)
