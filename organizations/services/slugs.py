"""Short names in addresses: made from names, checked, never used twice."""

import re
from collections.abc import Callable

from django.db import IntegrityError, models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.exceptions import SlugTaken

MAX_LENGTH = 255


def checked_slug(slug: str) -> str:
    """Return the slug; raise InvalidInput unless it is 1 to 255 letters, digits, hyphens and underscores."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", slug):
        raise InvalidInput(
            _(
                "A short name has 1 to 255 characters: letters without accents, digits, hyphens and underscores."
            ),
            field="slug",
        )
    return slug


def free_slug(name: str, *, fallback: str, is_taken: Callable[[str], bool]) -> str:
    """Return a slug made from `name` (or `fallback` when nothing of it remains), numbered until it is free."""
    base = slugify(name)[:200].strip("-") or fallback
    slug, number = base, 2
    while is_taken(slug):
        slug, number = f"{base}-{number}", number + 1
    return slug


def insert_with_slug(row: models.Model) -> None:
    """Insert a row whose other columns were checked. Raises SlugTaken when somebody else took its slug a moment ago."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(field="slug") from error
