"""Pictures that BadgeKit clients send: a file in a multipart body, a data URL, or an address that is fetched once."""

import base64
import binascii
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from config.api.badgekit import BadgekitRequest, Fields
from organizations.pictures import (
    MAX_BYTES,
    Picture,
    PictureRefused,
    prepare_picture,
    replacing_picture,
    upload_content,
)
from organizations.services.foreign import NotFetched, fetch_foreign

Source = UploadedFile[Any] | str
DATA = "data:"


def sent_picture(request: BadgekitRequest, fields: Fields, *, is_required: bool = False) -> Source | None:
    """Return the file `image`, or the address that `image` or `imageUrl` holds; None where there is neither.

    The address may be a data URL: the JavaScript client sends files so. What is no address, or missing though required, is
    remembered in `fields`.
    """
    file = request.files.get("image")
    if file is not None and file.size:
        return file
    name = "image" if fields.data.get("image") else "imageUrl"
    address = fields.data.get(name)
    if isinstance(address, str) and address.startswith(DATA):
        return address
    if address:
        return fields.url(name)
    if is_required:
        fields.refuse("image", "Missing value")
    return None


@contextmanager
def stored_picture(
    source: Source | None, *, folder: str, old: str | None = None, allow_svg: bool = False
) -> Iterator[str | None]:
    """Store what sent_picture found, and give its name (None: there is none) to the block that writes it to the database.

    An address is fetched before the transaction begins. See replacing_picture for what becomes of the files. Raises
    PictureRefused.
    """
    if source is None:
        yield None
        return
    with replacing_picture(_read(source, allow_svg=allow_svg), folder=folder, old=old or "") as name:
        yield name


def _read(source: Source, *, allow_svg: bool) -> Picture:
    """Return the picture, fetched where it is an address, checked and made anew."""
    if isinstance(source, str) and source.startswith(DATA):
        content = _from_data_url(source)
    elif isinstance(source, str):
        try:
            content = fetch_foreign(source, max_bytes=MAX_BYTES)
        except NotFetched as error:
            message = _("The picture at this address cannot be had: %(reason)s.") % {"reason": error}
            raise PictureRefused(message, field="image") from error
    else:
        content = upload_content(source, field="image")
    return prepare_picture(content, allow_svg=allow_svg, field="image")


def _from_data_url(url: str) -> bytes:
    """Return what `data:image/png;base64,…` holds; what type it names does not matter, as the content decides."""
    head, _comma, content = url.partition(",")
    try:
        if not head.endswith(";base64"):
            raise ValueError
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise PictureRefused(_("The data URL does not hold a picture in base64."), field="image") from error
