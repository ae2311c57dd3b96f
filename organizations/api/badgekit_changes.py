"""What BadgeKit clients change about systems, issuers and programs: the fields that all three have."""

from collections.abc import Mapping
from typing import Any

from config.api.badgekit import ApiError, Fields, conflict
from config.exceptions import InvalidInput
from organizations.services.slugs import checked_slug

SENT = ("slug", "name", "url", "description", "email")


def changes(data: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs from how the thing was answered.

    Clients read a thing, change one value and send all of it back: what they did not touch is neither checked nor fetched
    nor written. The picture's address may come back as `image` or as `imageUrl`.
    """
    known = {**current, "image": current.get("imageUrl")}
    return {name: value for name, value in data.items() if name not in known or value != known[name]}


def read_slug(fields: Fields, *, is_new: bool, is_required: bool = True) -> str | None:
    """Return the slug of something new, remembering in `fields` what is wrong with it. What there is keeps its slug."""
    if not is_new:
        if fields.has("slug"):
            fields.refuse("slug", "The slug stands in published addresses, so it cannot be changed")
        return None
    slug = fields.text("slug", required=is_required)
    try:
        return checked_slug(slug) if slug is not None else None
    except InvalidInput as refusal:
        fields.refuse("slug", refusal.message)
        return None


def read_fields(fields: Fields, *, is_new: bool) -> dict[str, str]:
    """Return name, url, description and email as far as they were given; null clears the last two.

    What is wrong is remembered in `fields`.
    """
    found = {
        "name": fields.text("name", required=is_new or fields.has("name")),
        "url": fields.url("url", required=is_new or fields.has("url")),
        "description": fields.text("description", may_be_empty=True),
        "email": fields.email("email", may_be_empty=True),  # forms send what was left empty
    }
    return {name: value or "" for name, value in found.items() if fields.has(name)}


def slug_conflict(kind: str, data: Mapping[str, Any]) -> ApiError:
    """Return the 409 for a slug that is taken, with what was sent."""
    return conflict(kind, "slug", {name: data[name] for name in SENT if name in data})
