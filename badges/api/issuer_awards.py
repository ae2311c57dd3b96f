"""What requests of the issuer API may say about a badge (reference openbadge_eu 6.2): for one earner and for many alike."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers

from badges.enums import Visibility
from badges.services.awards import Award
from config.api.issuer.fields import FlagField, Input, MomentField, ObjectField, TextField
from config.exceptions import RuleBroken

MAX_TEXT = 20_000  # as badges.services.awards has it

# How the wire calls what services call otherwise, and which value a refusal without a field is about.
WIRE_NAMES = {
    "issued_at": "emitted_at",
    "visibility": "public",
    "template": "badge_template_id",
    "email": "recipient_email",
    "first_name": "recipient_first_name",
    "last_name": "recipient_last_name",
}
FIELDS_OF_CODES = {"template_not_issuable": "badge_template_id"}


class AwardInput(Input):
    """What is said about a badge beside who gets it and of which template. A value that is null is one that was not sent."""

    emitted_at = MomentField(
        required=False,
        allow_null=True,
        help_text="Now where it is not said, never in the future. Without a zone it is the organization's.",
    )
    expires_at = MomentField(
        required=False, allow_null=True, help_text="Where it is not said, as the template says."
    )
    activity_title = TextField(required=False, allow_null=True)
    activity_started_at = MomentField(required=False, allow_null=True)
    activity_ended_at = MomentField(required=False, allow_null=True)
    notes = TextField(
        required=False,
        allow_null=True,
        max_length=MAX_TEXT,
        help_text="For the organization alone: not in the badge.",
    )
    additional_details = ObjectField(required=False, allow_null=True)
    narrative = TextField(
        required=False, allow_null=True, max_length=MAX_TEXT, help_text="What the earner did, in Markdown."
    )
    evidence = serializers.ListField(
        child=ObjectField(),
        required=False,
        allow_null=True,
        help_text="Objects with `url` or `narrative`, and `name`, `description`, `genre`, `audience`.",
    )
    results = serializers.ListField(
        child=ObjectField(),
        required=False,
        allow_null=True,
        help_text="Objects with `value` or `status`, and `result_description`: the id of one of the template's.",
    )
    public = FlagField(
        required=False, allow_null=True, help_text="1: listed in public; 0: whoever has the link finds it."
    )


AWARD_NAMES: tuple[str, ...] = tuple(AwardInput._declared_fields)


def award_from(values: Mapping[str, Any]) -> Award:
    """Return what checked values of an AwardInput say; other values among them are left alone."""
    return Award(**award_values(values))


def award_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an Award that were sent, by the names of services."""
    found: dict[str, Any] = {}
    for name in AWARD_NAMES:
        value = values.get(name)
        if value is None:
            continue
        if name == "public":
            found["visibility"] = Visibility.PUBLIC if value else Visibility.UNLISTED
        else:
            found["issued_at" if name == "emitted_at" else name] = value
    return found


@contextmanager
def told_by_wire_names() -> Iterator[None]:
    """Let refusals of services name the values as the wire does: `emitted_at` for `issued_at`."""
    try:
        yield
    except RuleBroken as refusal:
        refusal.field = wire_name(refusal.field) or FIELDS_OF_CODES.get(refusal.code)
        raise


def wire_name(field: str | None) -> str | None:
    """Return how the wire calls a field of a service; only its first part may differ."""
    if field is None:
        return None
    first, dot, rest = field.partition(".")
    return f"{WIRE_NAMES.get(first, first)}{dot}{rest}"
