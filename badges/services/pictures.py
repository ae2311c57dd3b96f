"""The picture of a badge as bytes: the template's own, or the one that Laurel brings, as PNG and as SVG."""

import struct
from functools import lru_cache

from django.core.files.storage import default_storage

from badges.credentials.baking import svg_around_png
from badges.models import BadgeTemplateVersion
from config.env import BASE_DIR
from organizations.pictures import rendition_names

DEFAULT_PICTURES = BASE_DIR / "static" / "badges"


def png_of(version: BadgeTemplateVersion) -> bytes:
    """Return the picture as PNG, at most 600 px wide and high."""
    if not version.image:
        return _default("default_badge.png")
    return _stored(str(version.image))


def svg_of(version: BadgeTemplateVersion) -> bytes:
    """Return the picture as SVG: the sanitised one that was uploaded, or else one that holds the PNG."""
    if not version.image:
        return _default("default_badge.svg")
    names = rendition_names(str(version.image))
    if default_storage.exists(names.svg):
        return _stored(names.svg)
    png = png_of(version)
    width, height = struct.unpack(
        ">II", png[16:24]
    )  # of the IHDR chunk, which comes first (PNG section 11.2.2)
    return svg_around_png(png, width, height)


def default_png() -> bytes:
    """Return the picture that Laurel brings, as PNG."""
    return _default("default_badge.png")


def png_at(name: str) -> bytes:
    """Return a stored picture, a logo for example, by its name in the storage."""
    return _stored(name)


@lru_cache(maxsize=2)
def _default(name: str) -> bytes:
    return bytes((DEFAULT_PICTURES / name).read_bytes())


@lru_cache(maxsize=64)
def _stored(name: str) -> bytes:
    """Return a stored file. Names are random and files never change, so a copy in the process stays right."""
    with default_storage.open(name) as file:
        return bytes(file.read())
