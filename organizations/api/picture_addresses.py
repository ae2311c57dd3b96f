"""Addresses of stored pictures in answers: of all three sizes, absolute wherever they are stored."""

from django.conf import settings
from django.core.files.storage import default_storage

from organizations.pictures import rendition_names


def absolute_url(name: str) -> str:
    """Return the address of a stored file; a storage of our own has addresses without a host."""
    url = str(default_storage.url(name))
    return url if "://" in url else f"{settings.PUBLIC_URL}{url}"


def picture_urls(name: str, thing: str, *, default: str | None = None) -> dict[str, str | None]:
    """Return the addresses of a picture under the keys `<thing>_path`, `<thing>_high_path`, `<thing>_thumbnail_path`.

    Without a picture all three are `default`.
    """
    keys = (f"{thing}_path", f"{thing}_high_path", f"{thing}_thumbnail_path")
    if not name:
        return dict.fromkeys(keys, default)
    names = rendition_names(name)
    return {
        key: absolute_url(file)
        for key, file in zip(keys, (names.regular, names.high, names.thumbnail), strict=True)
    }
