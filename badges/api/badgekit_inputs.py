"""What BadgeKit clients send about a badge, read into the fields of a template."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from badges.enums import EvidenceType, TimeUnits
from config.api.badgekit import Fields

MAX_DESCRIPTION = 20_000
MAX_ITEMS = 100
LIMIT_OF_TEXT = 20_000
# Our name of each field that is a text or an address, in the order in which the old server checked them.
TEXTS = {
    "name": "title",
    "strapline": "strapline",
    "earnerDescription": "earner_description",
    "consumerDescription": "consumer_description",
}
REQUIRED = {"name", "earnerDescription", "consumerDescription", "criteriaUrl", "unique", "type"}
MAX_LENGTHS = {"name": 255, "strapline": 140}


def template_fields(fields: Fields, *, is_new: bool) -> dict[str, Any]:
    """Return the fields of a template that the body gives; null clears what need not be there.

    What is wrong is remembered in `fields`. Of a new badge all of REQUIRED must be given; of a known one what is given.
    `id`, `created`, `systemId`, `issuerId`, `programId`, `milestones` and unknown fields are ignored.
    """

    def is_required(name: str) -> bool:
        return name in REQUIRED and (is_new or fields.has(name))

    found: dict[str, Any] = {}

    def take(name: str, ours: str, value: Any, *, empty: Any) -> None:
        if fields.has(name):
            found[ours] = empty if value is None else value

    for name, ours in TEXTS.items():
        value = fields.text(
            name,
            required=is_required(name),
            max_length=MAX_LENGTHS.get(name, MAX_DESCRIPTION),
            may_be_empty=name not in REQUIRED,
        )
        take(name, ours, value, empty="")
    for name, ours in (("issuerUrl", "issuer_url"), ("rubricUrl", "rubric_url")):
        take(name, ours, fields.url(name, may_be_empty=True), empty="")
    take(
        "criteriaUrl",
        "criteria_url",
        fields.url("criteriaUrl", required=is_required("criteriaUrl")),
        empty="",
    )
    take("timeValue", "time_value", fields.integer("timeValue"), empty=None)
    take("timeUnits", "time_units", fields.one_of("timeUnits", TimeUnits.values), empty=None)
    # BadgeKit's clients send 0 for no limit.
    take("limit", "limit", fields.integer("limit") or None, empty=None)
    if is_required("unique") and fields.data.get("unique") in (None, ""):
        fields.refuse("unique", "Missing value")
    take("unique", "is_unique", fields.flag("unique"), empty=False)
    take("type", "badgekit_type", fields.text("type", required=is_required("type")), empty="")
    take("evidenceType", "evidence_type", fields.one_of("evidenceType", EvidenceType.values), empty=None)
    take("criteria", "criteria", _items(fields, "criteria", _criterion), empty=[])
    take("alignments", "alignments", _items(fields, "alignments", _alignment), empty=[])
    take("categories", "categories", _words(fields, "categories"), empty=[])
    take("tags", "tags", _words(fields, "tags"), empty=[])
    return found


def _list(fields: Fields, name: str) -> list[Any]:
    """Return a field as a list: one value alone is a list of it, and a form may hold the list as JSON."""
    value = fields.data.get(name)
    if isinstance(value, str) and value.lstrip().startswith(("[", "{")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            fields.refuse(name, "Invalid JSON")
            return []
    if value is None or value == "":
        return []
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_ITEMS:
        fields.refuse(name, f"More than {MAX_ITEMS} entries")
        return []
    return values


def _items(fields: Fields, name: str, read: Callable[[Fields], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a list of objects; what is wrong with one is remembered under its dotted name, as `criteria.0.description`."""
    found = []
    for number, item in enumerate(_list(fields, name)):
        if not isinstance(item, Mapping):
            fields.refuse(f"{name}.{number}", "Not an object")
            continue
        parts = Fields(item)
        found.append(read(parts))
        fields.refused += [part | {"field": f"{name}.{number}.{part['field']}"} for part in parts.refused]
    return found


def _criterion(parts: Fields) -> dict[str, Any]:
    return {
        "description": parts.text("description", required=True, max_length=LIMIT_OF_TEXT) or "",
        "required": bool(parts.flag("required")),
        "note": parts.text("note", max_length=LIMIT_OF_TEXT, may_be_empty=True) or "",
    }


def _alignment(parts: Fields) -> dict[str, Any]:
    return {
        "name": parts.text("name", required=True) or "",
        "url": parts.url("url", required=True) or "",
        "description": parts.text("description", max_length=LIMIT_OF_TEXT, may_be_empty=True) or "",
    }


def _words(fields: Fields, name: str) -> list[str]:
    """Return a list of texts, empty and repeated ones left out; `{"value": text}` stands for its text."""
    found: dict[str, None] = {}
    for number, item in enumerate(_list(fields, name)):
        word = item.get("value") if isinstance(item, Mapping) else item
        if isinstance(word, int | float) and not isinstance(word, bool):
            word = str(word)
        if word is None or (isinstance(word, str) and not word.strip()):
            continue
        if not isinstance(word, str) or len(word) > 255:
            fields.refuse(f"{name}.{number}", "String is not in range")
            continue
        found[word] = None
    return list(found)
