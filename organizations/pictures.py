"""Pictures that people upload: verified by decoding, made anew in three sizes, stored, replaced, deleted."""

import io
import logging
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError, transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from PIL import Image, ImageCms
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from organizations.cropping import Crop
from organizations.rasterising import NotDrawn, rasterise_svg
from organizations.svg import PictureRefused, sanitise_svg

__all__ = [
    "Picture",
    "PictureRefused",
    "RenditionNames",
    "delete_picture",
    "prepare_picture",
    "rendition_names",
    "replacing_picture",
    "store_picture",
    "storing_pictures",
    "upload_content",
]

logger = logging.getLogger(__name__)

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
# Each scan of a progressive JPEG goes over all its pixels again, and an empty one takes a few bytes.
MAX_JPEG_SCANS = 64
REGULAR_SIZE = 600
HIGH_SIZE = 1200
THUMBNAIL_SIZE = 150
NAME_CHARACTERS = 40

_ORIENTATION_TAG = 0x0112
_TURNS: Final = {  # EXIF 2.32, section 4.6.4, tag Orientation; 1 is upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises for damaged files; its warnings too, where an installation makes them errors.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    ArithmeticError,
    AttributeError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,
)
_SRGB: Final = ImageCms.createProfile("sRGB")


@dataclass(frozen=True)
class Picture:
    """A checked picture: three PNG files without any metadata, and the sanitised SVG where it was one.

    The proportions are those of the original and transparency is kept. `regular` is at most 600 pixels wide and high, `high`
    1200, `thumbnail` 150; nothing is enlarged, so a small original is as small in all of them (an SVG fills them).
    """

    regular: bytes
    high: bytes
    thumbnail: bytes
    svg: bytes | None = None


@dataclass(frozen=True)
class RenditionNames:
    """The names under which the storage has one picture; `svg` exists only for a picture that was an SVG."""

    regular: str
    high: str
    thumbnail: str
    svg: str


def upload_content(upload: "UploadedFile[Any]", *, field: str | None = None) -> bytes:
    """Return the content of an upload. Stops reading, and raises PictureRefused, beyond 5 MiB."""
    pieces: list[bytes] = []
    size = 0
    for piece in upload.chunks():
        size += len(piece)
        if size > MAX_BYTES:
            raise _too_large(field)
        pieces.append(piece)
    return b"".join(pieces)


def prepare_picture(
    content: bytes, *, allow_svg: bool, field: str | None = None, crop: Crop | None = None
) -> Picture:
    """Check an uploaded PNG, JPEG, WebP or, where allowed, SVG, and return it in all sizes.

    The content decides what it is, not its name or declared type. The pixels are decoded and written anew,
    so that nothing else of the file remains: EXIF (after turning the picture upright), positions, colour
    profiles (converted to sRGB), comments, badges baked in earlier, or a second file behind the first. At
    most 5 MiB (SVG: 1 MiB) and 25 million pixels; animated pictures are refused, because their first frame
    is often not what they show.

    `crop` is the square to make of it; an SVG stays whole. Raises PictureRefused; `field` names the input in it.
    """
    try:
        if not content:
            raise PictureRefused(_("The file is empty. Choose a picture."))
        if len(content) > MAX_BYTES:
            raise _too_large(field)
        if not _is_markup(content):
            return _renditions(_decoded(content, allow_svg=allow_svg, crop=crop))
        if not allow_svg:
            raise _wrong_type(allow_svg=False)
        return _prepared_svg(content)
    except PictureRefused as refusal:
        refusal.field = field
        raise


def rendition_names(name: str) -> RenditionNames:
    """Return the names of all files of a stored picture from that of the regular one, or raise ValueError."""
    stem = name.removesuffix(".png")
    if stem == name:
        raise ValueError(f"{name!r} is not the name of a stored picture: it does not end in .png.")
    return RenditionNames(name, f"{stem}_high.png", f"{stem}_thumbnail.png", f"{stem}.svg")


def store_picture(picture: Picture, *, folder: str, storage: Storage | None = None) -> str:
    """Write all files of the picture under a new random name, and return the name of the regular one.

    Stored files are never changed: a changed picture has another name, so that it may be cached for ever.
    When one cannot be written, those before it are deleted and the error goes on. The row that names it must be written
    after this and the old picture deleted after the commit: `replacing_picture` does all three.
    """
    storage = storage or default_storage
    names = rendition_names(f"{folder.strip('/')}/{get_random_string(NAME_CHARACTERS)}.png")
    files = {names.regular: picture.regular, names.high: picture.high, names.thumbnail: picture.thumbnail}
    if picture.svg is not None:
        files[names.svg] = picture.svg
    written: list[str] = []
    try:
        for name, content in files.items():
            written.append(storage.save(name, ContentFile(content)))
            if written[-1] != name:
                raise ImproperlyConfigured(
                    f"The storage renames files ({name} to {written[-1]}). Choose one that keeps names."
                )
    except BaseException:
        for name in written:
            storage.delete(name)
        raise
    return names.regular


def delete_picture(name: str, *, storage: Storage | None = None) -> None:
    """Delete all files of a stored picture. Missing ones are fine, and so is an empty name."""
    if not name:
        return
    names = rendition_names(name)
    for rendition in (names.regular, names.high, names.thumbnail, names.svg):
        (storage or default_storage).delete(rendition)


@contextmanager
def replacing_picture(
    picture: Picture, *, folder: str, old: str = "", storage: Storage | None = None
) -> Iterator[str]:
    """Store a picture, and give its name to the block that writes it to the database, in its own transaction.

        with replacing_picture(picture, folder="logos", old=organization.logo.name) as name:
            update_organization(organization=organization, fields={"logo": name}, by=actor)

    When the block or its transaction fails, the new files are deleted and the old ones are untouched; when it is committed,
    the old ones are deleted (without `old`, none are: other rows may share them). The transaction must be the outermost one,
    because nobody is told of the failure of one around it: RuntimeError otherwise, with nothing left behind.
    """
    with storing_pictures({"": picture}, folder=folder, old=old, storage=storage, durable=True) as names:
        yield names[""]


@contextmanager
def storing_pictures(
    pictures: Mapping[str, Picture],
    *,
    folder: str,
    old: str = "",
    storage: Storage | None = None,
    durable: bool = False,
) -> Iterator[dict[str, str]]:
    """Do as replacing_picture for several pictures, or none: the block is given their names by the same keys.

    Unless `durable`, it may stand in another transaction; when that one fails after the block was left, the new files stay
    and nothing names them.
    """
    names: dict[str, str] = {}
    is_written, is_committed = False, False

    def follow_commit() -> None:
        nonlocal is_committed
        is_committed = True

    try:
        for key, picture in pictures.items():
            names[key] = store_picture(picture, folder=folder, storage=storage)
        with transaction.atomic(durable=durable):
            # Before anything that the block registers, because an error there comes after the commit.
            transaction.on_commit(follow_commit)
            if old:
                transaction.on_commit(partial(delete_picture, old, storage=storage), robust=True)
            yield names
            is_written = True
    except BaseException as error:
        # A connection lost during COMMIT leaves open whether the row has the new name: better an orphan.
        is_unknown = is_written and isinstance(error, OperationalError | InterfaceError)
        for name in names.values():
            if is_unknown and not is_committed:
                logger.warning("Kept the files of picture %s: its transaction's outcome is unknown.", name)
            elif not is_committed:
                delete_picture(name, storage=storage)
        raise


def _too_large(field: str | None) -> PictureRefused:
    message = _("The file is too large: a picture may have at most %(max)d MiB. Save it smaller.")
    return PictureRefused(message % {"max": MAX_BYTES // 1024**2}, field=field)


def _wrong_type(*, allow_svg: bool) -> PictureRefused:
    if allow_svg:
        return PictureRefused(_("The file is not a PNG, JPEG, WebP or SVG picture, whatever its name says."))
    return PictureRefused(_("The file is not a PNG, JPEG or WebP picture, whatever its name says."))


def _is_markup(content: bytes) -> bool:
    """Return whether the content begins as XML or HTML does, in UTF-8 or UTF-16."""
    start = content[:1024]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start[2:4] in {b"<\x00", b"\x00<"}
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _prepared_svg(content: bytes) -> Picture:
    svg = sanitise_svg(content)
    try:
        png = rasterise_svg(svg, size=HIGH_SIZE)
    except NotDrawn as error:
        if error.is_too_costly:
            raise PictureRefused(
                _("The SVG takes too long to draw. Simplify it, or upload it as PNG.")
            ) from error
        raise PictureRefused(_("The SVG cannot be drawn. Export it again, or upload it as PNG.")) from error
    image = _decoded(png, allow_svg=True)
    if image.has_transparency_data and not image.getchannel("A").getbbox():
        raise PictureRefused(
            _("The SVG draws nothing that can be seen. Export it again, or upload it as PNG.")
        )
    return _renditions(image, svg=svg)


def _decoded(content: bytes, *, allow_svg: bool, crop: Crop | None = None) -> Image.Image:
    """Return the picture upright, in sRGB, as L, LA, RGB or RGBA, HIGH_SIZE wide and high at most, or the crop of it.

    Pixels are decoded only after the header has shown that there are not too many.
    """
    try:
        with _opened(content, allow_svg=allow_svg) as image:
            _refuse_too_many_pixels(image.size)
            if getattr(image, "is_animated", False):
                raise PictureRefused(_("The picture is animated. Upload one that stands still."))
            # A JPEG can be decoded at a fraction of its size, which saves most of the memory and time.
            limit = crop.limit(image.size, HIGH_SIZE) if crop else HIGH_SIZE
            image.draft(None, (limit, limit))
            image.load()
            turn = _TURNS.get(_orientation(image))
            profile = image.info.get("icc_profile")
            plain = _without_palette(image)
            plain.thumbnail((limit, limit), Image.Resampling.LANCZOS)
            plain = _in_srgb(plain, profile)
            plain = plain.transpose(turn) if turn is not None else plain
            return crop.cut(plain) if crop else plain
    except _DAMAGE as error:
        raise PictureRefused(
            _("The file is damaged or incomplete. Save the picture again and upload it anew.")
        ) from error


def _opened(content: bytes, *, allow_svg: bool) -> ImageFile:
    """Return the file's header, read by the one decoder that its first bytes call for."""
    stream = io.BytesIO(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile(stream)
    if content.startswith(b"\xff\xd8\xff"):
        if content.count(b"\xff\xda") > MAX_JPEG_SCANS:
            raise PictureRefused(
                _("The JPEG is built in an unusual way. Save the picture again and upload it anew.")
            )
        return JpegImageFile(stream)
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        # Its decoder takes memory for the whole picture as soon as it is opened.
        _refuse_too_many_pixels(_webp_size(content))
        return WebPImageFile(stream)
    raise _wrong_type(allow_svg=allow_svg)


def _webp_size(content: bytes) -> tuple[int, int]:
    """Return width and height in pixels, by the first chunk (RFC 9649 section 2, RFC 6386 section 9.1)."""
    kind = content[12:16]
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", content, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", content, 26)
    return width & 0x3FFF, height & 0x3FFF


def _refuse_too_many_pixels(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise PictureRefused(
            _("The picture has %(width)d by %(height)d pixels, which is too many. Save it smaller.")
            % {"width": width, "height": height}
        )


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1, upright, when there is none or it cannot be read."""
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except _DAMAGE:
        return 1
    return orientation if isinstance(orientation, int) else 1


def _without_palette(image: Image.Image) -> Image.Image:
    """Return the pixels as L, LA, RGB, RGBA or CMYK, 8 bits each; transparency becomes an alpha channel."""
    if image.mode.startswith("I"):
        # 16-bit greys: a plain conversion would make all but the darkest ones white.
        plain = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    elif image.has_transparency_data:
        plain = image.convert("LA" if image.mode in {"1", "L", "LA"} else "RGBA")
    elif image.mode in {"1", "L"}:
        plain = image.convert("L")
    elif image.mode == "CMYK":
        plain = image.copy()
    else:
        plain = image.convert("RGB")
    plain.info = {}
    return plain


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB, without a profile; one that cannot be applied is ignored, as in browsers.

    A grey picture's profile is ignored as well: it shifts tones slightly and no colour. An alpha channel
    without any transparency is left out.
    """
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    if alpha is not None and alpha.getextrema() == (255, 255):
        alpha = None
    colours = image.convert("L") if image.mode in {"L", "LA"} else image
    if colours.mode == "RGBA":
        colours = colours.convert("RGB")
    if profile and colours.mode != "L":
        colours = _converted(colours, profile)
    if colours.mode == "CMYK":
        colours = colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    colours.info = {}
    return colours


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    except (ImageCms.PyCMSError, *_DAMAGE):
        return image
    return image if converted is None else converted


def _renditions(image: Image.Image, *, svg: bytes | None = None) -> Picture:
    encoded: list[bytes] = []
    for size in (HIGH_SIZE, REGULAR_SIZE, THUMBNAIL_SIZE):
        if encoded and max(image.size) <= size:
            encoded.append(encoded[-1])
            continue
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=None)
        target = io.BytesIO()
        image.save(target, "PNG", compress_level=7)  # slower ones save next to nothing
        encoded.append(target.getvalue())
    high, regular, thumbnail = encoded
    return Picture(regular=regular, high=high, thumbnail=thumbnail, svg=svg)
