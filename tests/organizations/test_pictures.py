"""Uploaded pictures: what they become, what is refused, and that their files follow the database."""

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import InMemoryStorage, Storage
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from organizations.pictures import (
    MAX_BYTES,
    Picture,
    PictureRefused,
    RenditionNames,
    delete_picture,
    prepare_picture,
    rendition_names,
    replacing_picture,
    store_picture,
    storing_pictures,
    upload_content,
)

RED, BLUE = (255, 0, 0), (0, 0, 255)
NO_SVG = "The file is not a PNG, JPEG or WebP picture, whatever its name says."
WITH_SVG = "The file is not a PNG, JPEG, WebP or SVG picture, whatever its name says."
DAMAGED = "The file is damaged or incomplete. Save the picture again and upload it anew."
SHAPE = b'<rect width="20" height="20" fill="#f00"/>'
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20">' + SHAPE + b"</svg>"


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def halves(width: int = 40, height: int = 20, mode: str = "RGB") -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    return image.convert(mode)


def prepared(content: bytes, *, allow_svg: bool = False) -> Picture:
    return prepare_picture(content, allow_svg=allow_svg)


def decoded(png: bytes) -> Image.Image:
    """Return the pixels of a PNG of ours, which holds nothing else."""
    names = [name for name, _ in chunks(png)]
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        image.load()
        assert image.info == {}
        return image.copy()


def chunks(png: bytes) -> list[tuple[bytes, bytes]]:
    found, position = [], 8
    while position < len(png):
        (length,) = struct.unpack_from(">I", png, position)
        found.append((png[position + 4 : position + 8], png[position + 8 : position + 8 + length]))
        position += 12 + length
    return found


def png_of(*parts: tuple[bytes, bytes]) -> bytes:
    """Return a PNG file of these chunks, made by hand."""
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in (*parts, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def header(width: int, height: int, depth: int, colour: int) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def refusal(content: bytes, *, allow_svg: bool = False) -> str:
    with pytest.raises(PictureRefused) as caught:
        prepare_picture(content, allow_svg=allow_svg, field="logo")
    assert (caught.value.code, caught.value.field) == ("invalid_input", "logo")
    return caught.value.message


# What pictures become


@pytest.mark.parametrize(
    ("size", "high", "regular", "thumbnail"),
    [
        ((2400, 1200), (1200, 600), (600, 300), (150, 75)),
        ((800, 1000), (800, 1000), (480, 600), (120, 150)),
        ((300, 200), (300, 200), (300, 200), (150, 100)),
        ((40, 20), (40, 20), (40, 20), (40, 20)),
        ((1, 1), (1, 1), (1, 1), (1, 1)),
        ((3000, 1), (1200, 1), (600, 1), (150, 1)),
    ],
)
def test_renditions_keep_proportions_and_are_never_enlarged(
    size: tuple[int, int], high: tuple[int, int], regular: tuple[int, int], thumbnail: tuple[int, int]
) -> None:
    picture = prepared(encoded(Image.new("RGB", size, RED), "PNG"))
    images = [decoded(png) for png in (picture.high, picture.regular, picture.thumbnail)]
    assert [image.size for image in images] == [high, regular, thumbnail]
    assert [image.getpixel((0, 0)) for image in images] == [RED, RED, RED]
    assert picture.svg is None


@pytest.mark.parametrize(
    "content",
    [
        encoded(halves(), "PNG"),
        encoded(halves(), "WEBP", lossless=True),
        encoded(halves(mode="P"), "PNG"),
        encoded(halves(mode="RGBA"), "PNG"),
        encoded(
            halves(), "PNG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        ),
        encoded(halves(), "PNG", icc_profile=b"no profile"),
    ],
    ids=["png", "webp", "palette", "opaque alpha", "sRGB profile", "broken profile"],
)
def test_every_kind_of_picture_becomes_the_same_plain_png(content: bytes) -> None:
    assert decoded(prepared(content).high).tobytes() == halves().tobytes()


def near(pixel: object, expected: tuple[int, ...]) -> bool:
    assert isinstance(pixel, tuple)
    return len(pixel) == len(expected) and all(abs(a - b) <= 6 for a, b in zip(pixel, expected, strict=True))


@pytest.mark.parametrize("mode", ["RGB", "CMYK"])
def test_jpeg_keeps_its_colours(mode: str) -> None:
    image = decoded(prepared(encoded(halves(mode=mode), "JPEG", quality=95)).high)
    assert image.mode == "RGB"
    assert near(image.getpixel((2, 10)), RED)
    assert near(image.getpixel((37, 10)), BLUE)


# Where the red half of an upright picture is stored for each EXIF orientation: what undoes the turn.
UNDONE = {
    1: lambda image: image,
    2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    3: lambda image: image.rotate(180, expand=True),
    4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
    5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
    6: lambda image: image.rotate(90, expand=True),
    7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
    8: lambda image: image.rotate(-90, expand=True),
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", UNDONE)
def test_exif_turns_the_picture_and_goes_with_its_position(orientation: int, kind: str) -> None:
    upright = halves(48, 32)
    upright.paste((0, 255, 0), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (45.0, 4.0, 12.0)
    exif[0x010F] = "Camera of Alice"
    content = encoded(UNDONE[orientation](upright), kind, exif=exif, quality=95)
    assert b"Camera of Alice" in content
    picture = prepared(content)
    image = decoded(picture.high)
    assert image.size == (48, 32)
    colours = [image.getpixel(place) for place in ((4, 4), (4, 28), (44, 4), (44, 28))]
    assert all(
        near(colour, wanted) for colour, wanted in zip(colours, [(0, 255, 0), RED, BLUE, BLUE], strict=True)
    )
    assert b"Camera of Alice" not in picture.high + picture.regular + picture.thumbnail


@pytest.mark.filterwarnings("ignore:Truncated File Read", "ignore:Corrupt EXIF", "ignore:Possibly corrupt")
def test_broken_exif_leaves_the_picture_as_it_is() -> None:
    content = encoded(
        halves(), "JPEG", exif=b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff" + b"\x12\x01\x03" * 9
    )
    assert decoded(prepared(content).high).size == (40, 20)


def test_text_chunks_and_badges_baked_in_earlier_go() -> None:
    texts = PngInfo()
    texts.add_itxt("openbadges", '{"id": "https://badges.example.org/1"}')
    texts.add_text("Author", "Alice", zip=True)
    content = encoded(halves(), "PNG", pnginfo=texts, dpi=(72, 72))
    assert {b"iTXt", b"zTXt", b"pHYs"} < {name for name, _ in chunks(content)}
    assert decoded(prepared(content).regular).tobytes() == halves().tobytes()


def test_file_behind_the_picture_goes() -> None:
    content = encoded(halves(), "PNG") + b"<script>alert(1)</script>PK\x03\x04"
    assert b"<script>" not in prepared(content).high


def test_palette_transparency_becomes_an_alpha_channel() -> None:
    palette = halves(mode="P")
    transparent = palette.getpixel((0, 0))
    image = decoded(prepared(encoded(palette, "PNG", transparency=transparent)).high)
    assert image.mode == "RGBA"
    assert (image.getpixel((0, 0))[3], image.getpixel((39, 0))) == (0, (*BLUE, 255))  # type: ignore[index]


def test_half_transparency_is_kept_in_colour_and_in_grey() -> None:
    colour = decoded(prepared(encoded(Image.new("RGBA", (9, 9), (10, 20, 30, 128)), "PNG")).high)
    grey = decoded(prepared(encoded(Image.new("LA", (9, 9), (10, 128)), "PNG")).high)
    assert (colour.getpixel((4, 4)), grey.getpixel((4, 4))) == ((10, 20, 30, 128), (10, 128))


def test_transparent_edge_takes_no_colour_from_what_cannot_be_seen() -> None:
    image = Image.new("RGBA", (300, 300), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 151, 300))
    thumbnail = decoded(prepared(encoded(image, "PNG")).thumbnail)
    assert thumbnail.getpixel((75, 75))[1] == 0  # type: ignore[index]


@pytest.mark.parametrize(("value", "grey"), [(0, 0), (0x7FFF, 127), (0x9C40, 156), (0xFFFF, 255)])
def test_sixteen_bit_greys_keep_their_brightness(value: int, grey: int) -> None:
    image = decoded(prepared(encoded(Image.new("I;16", (4, 4), value), "PNG")).high)
    assert (image.mode, image.getpixel((0, 0))) == ("L", grey)


def test_sixteen_bit_colours_with_a_transparent_one_are_read() -> None:
    row = b"\x00" + struct.pack(">HHH", 0xFFFF, 0, 0) * 4
    content = png_of(
        header(4, 4, 16, 2), (b"tRNS", struct.pack(">HHH", 0, 0xFFFF, 0)), (b"IDAT", zlib.compress(row * 4))
    )
    assert decoded(prepared(content).high).getpixel((0, 0)) == RED


def test_one_bit_picture_becomes_grey() -> None:
    image = decoded(prepared(encoded(Image.new("1", (4, 4), 1), "PNG")).high)
    assert (image.mode, image.getpixel((0, 0))) == ("L", 255)


def test_colour_profile_is_applied() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()  # not for RGB pixels: ignored
    assert decoded(prepared(encoded(halves(), "PNG", icc_profile=lab)).high).getpixel((0, 0)) == RED
    swapped = swapped_profile()
    assert near(decoded(prepared(encoded(halves(), "PNG", icc_profile=swapped)).high).getpixel((0, 0)), BLUE)
    image = decoded(
        prepared(encoded(Image.new("RGBA", (4, 4), (255, 0, 0, 99)), "PNG", icc_profile=swapped)).high
    )
    assert near(image.getpixel((0, 0)), (0, 0, 255, 99))


def swapped_profile() -> bytes:
    """Return the sRGB profile with the places of the red and the blue primary exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert profile.count(b"rXYZ") == profile.count(b"bXYZ") == 1
    return profile.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def test_svg_becomes_png_and_stays_as_sanitised_svg() -> None:
    hostile = SVG.replace(b"<rect", b"<script>alert(1)</script><rect onclick='alert(1)'")
    picture = prepared(hostile, allow_svg=True)
    images = [decoded(png) for png in (picture.high, picture.regular, picture.thumbnail)]
    assert [image.size for image in images] == [(1200, 600), (600, 300), (150, 75)]
    assert [image.getpixel((10, 10)) for image in images] == [(255, 0, 0, 255)] * 3
    assert picture.svg == (
        b"<?xml version='1.0' encoding='utf-8'?>\n"
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="600" height="300">'
        b'<rect width="20" height="20" fill="#f00" /></svg>'
    )


@pytest.mark.parametrize("start", [b"\xef\xbb\xbf", b"\n ", b"<?xml version='1.0'?>"])
def test_svg_is_known_by_its_content(start: bytes) -> None:
    content = start + SVG
    assert refusal(content) == NO_SVG
    assert prepared(content, allow_svg=True).svg == prepared(SVG, allow_svg=True).svg


def test_svg_in_utf_16_is_known_by_its_content() -> None:
    assert prepared(SVG.decode().encode("utf-16"), allow_svg=True) == prepared(SVG, allow_svg=True)


# What is refused


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + bytes(50),
        b"\x1f\x8b\x08" + zlib.compress(SVG),
        b"%PDF-1.7",
        b"BM" + bytes(60),
        b"hello",
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    assert refusal(content) == NO_SVG
    if not content.startswith(b"<"):
        assert refusal(content, allow_svg=True) == WITH_SVG


def test_html_is_refused_where_svg_is_allowed() -> None:
    assert refusal(b"<!DOCTYPE html><html></html>", allow_svg=True) == "The file is not an SVG picture."


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_truncated_file_is_refused(kind: str) -> None:
    content = encoded(Image.effect_noise((200, 200), 60).convert("RGB"), kind)
    assert decoded(prepared(content).high).size == (200, 200)
    for length in (13, 20, 40, len(content) // 2, len(content) - 100):
        assert refusal(content[:length]) == DAMAGED


def test_file_with_a_wrong_check_sum_is_refused() -> None:
    content = bytearray(encoded(halves(), "PNG"))
    content[content.index(b"IHDR") + 4 + 13] ^= 1
    assert refusal(bytes(content)) == DAMAGED


def test_empty_file_is_refused() -> None:
    assert refusal(b"") == "The file is empty. Choose a picture."


def test_limit_of_bytes_is_exact() -> None:
    content = encoded(halves(), "PNG")
    assert prepared(content.ljust(MAX_BYTES, b"\0")) == prepared(content)
    assert refusal(content.ljust(MAX_BYTES + 1, b"\0")) == (
        "The file is too large: a picture may have at most 5 MiB. Save it smaller."
    )


def vp8x(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0" + size


@pytest.mark.parametrize(
    "content",
    [
        png_of(header(5001, 5000, 8, 6), (b"IDAT", zlib.compress(bytes(1000)))),
        png_of(header(2**31 - 1, 2**31 - 1, 1, 0), (b"IDAT", zlib.compress(bytes(1000)))),
        encoded(Image.new("L", (5001, 5000)), "JPEG"),
        encoded(Image.new("L", (5001, 5000)), "WEBP", quality=1, method=0),
        encoded(Image.new("L", (5001, 5000)), "WEBP", lossless=True, method=0),
        vp8x(2**24, 2**24),
    ],
    ids=["png", "huge png", "jpeg", "lossy webp", "lossless webp", "extended webp"],
)
def test_picture_of_too_many_pixels_is_refused_from_its_header(content: bytes) -> None:
    assert "pixels, which is too many. Save it smaller." in refusal(content)


def test_picture_of_as_many_pixels_as_allowed_is_accepted() -> None:
    assert decoded(prepared(encoded(Image.new("L", (5000, 5000), 9), "PNG")).high).size == (1200, 1200)


def test_compressed_text_that_expands_is_refused() -> None:
    bomb = b"Comment\0\0" + zlib.compress(bytes(100_000_000))
    content = png_of(header(1, 1, 8, 0), (b"zTXt", bomb), (b"IDAT", zlib.compress(b"\0\0")))
    assert refusal(content) == DAMAGED


def test_jpeg_of_very_many_scans_is_refused() -> None:
    content = encoded(Image.new("L", (8, 8)), "JPEG", progressive=True)
    scan = content[content.rindex(b"\xff\xda") : content.rindex(b"\xff\xd9")]
    assert refusal(content.replace(scan, scan * 80)) == (
        "The JPEG is built in an unusual way. Save the picture again and upload it anew."
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animated_picture_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE)]
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(content) == "The picture is animated. Upload one that stands still."


@pytest.mark.parametrize(
    ("inner", "message"),
    [
        (b'<rect width="9" height="9" opacity="0"/>', "The SVG draws nothing that can be seen."),
        (b'<image href="/etc/passwd"/>', "The SVG has a photo or another picture inside."),
        (
            b'<filter id="f"><feTurbulence numOctaves="5" baseFrequency="9"/></filter>'
            + b'<rect width="40" height="20" filter="url(#f)"/>' * 500,
            "The SVG takes too long to draw.",
        ),
    ],
)
def test_svg_that_cannot_be_shown_is_refused(inner: bytes, message: str) -> None:
    content = SVG.replace(SHAPE, inner)
    assert refusal(content, allow_svg=True).startswith(message)


# Whatever comes

GOOD = {
    "png": encoded(halves(mode="P"), "PNG", transparency=0, dpi=(9, 9)),
    "jpeg": encoded(
        halves(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    ),
    "progressive": encoded(halves(mode="CMYK"), "JPEG", progressive=True),
    "webp": encoded(halves(), "WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0"),
    "lossless": encoded(halves(), "WEBP", lossless=True),
}


def check_anything(content: bytes) -> None:
    """Either a refusal, or three plain PNG files. The decoders' warnings are no business of the uploader."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            picture = prepare_picture(content, allow_svg=True)
        except PictureRefused:
            return
    for png in (picture.high, picture.regular, picture.thumbnail):
        assert decoded(png).size >= (1, 1)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x99\0\0\0WEBP", b"<svg "]),
    st.binary(max_size=200),
)
def test_random_bytes_are_refused_and_nothing_else_happens(start: bytes, rest: bytes) -> None:
    check_anything(start + rest)


@settings(max_examples=1_500, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.integers(0, 2_000), st.integers(0, 8), st.binary(max_size=8))
def test_changed_good_file_is_refused_or_read(
    kind: str, position: int, removed: int, inserted: bytes
) -> None:
    content = GOOD[kind]
    position %= len(content)
    changed = content[:position] + inserted + content[position + removed :]
    check_anything(changed)


# Uploads


def test_upload_is_read_up_to_the_limit() -> None:
    assert upload_content(SimpleUploadedFile("a.png", b"x" * MAX_BYTES)) == b"x" * MAX_BYTES
    with pytest.raises(PictureRefused) as caught:
        upload_content(SimpleUploadedFile("a.png", b"x" * (MAX_BYTES + 1)), field="image")
    assert (caught.value.message, caught.value.field) == (
        "The file is too large: a picture may have at most 5 MiB. Save it smaller.",
        "image",
    )


def test_upload_that_lies_about_its_size_is_not_read_to_the_end() -> None:
    class Endless(InMemoryUploadedFile):
        reads = 0

        def chunks(self, chunk_size: int | None = None) -> Any:
            while True:
                self.reads += 1
                yield b"x" * 1024 * 1024

    upload = Endless(io.BytesIO(), "logo", "a.png", "image/png", 10, None)
    with pytest.raises(PictureRefused):
        upload_content(upload)
    assert upload.reads == 6


# Storage

PICTURE = Picture(regular=b"regular", high=b"high", thumbnail=b"thumbnail")
DRAWING = Picture(regular=b"regular", high=b"high", thumbnail=b"thumbnail", svg=b"<svg/>")


def files_in(storage: Storage) -> dict[str, bytes]:
    if not storage.exists("logos"):
        return {}
    found = {}
    for name in sorted(storage.listdir("logos")[1]):
        with storage.open(f"logos/{name}") as file:
            found[name] = file.read()
    return found


def test_names_of_renditions_follow_from_the_regular_one() -> None:
    assert rendition_names("logos/abc.png") == RenditionNames(
        "logos/abc.png", "logos/abc_high.png", "logos/abc_thumbnail.png", "logos/abc.svg"
    )
    with pytest.raises(ValueError, match="does not end in"):
        rendition_names("logos/abc.jpg")


@pytest.mark.parametrize("picture", [PICTURE, DRAWING])
def test_picture_is_stored_under_a_random_name_and_deleted_whole(picture: Picture) -> None:
    storage = InMemoryStorage()
    name = store_picture(picture, folder="logos/", storage=storage)
    other = store_picture(PICTURE, folder="logos", storage=storage)
    stem = name.removeprefix("logos/").removesuffix(".png")
    assert (len(stem), stem.isalnum(), stem in other) == (40, True, False)
    expected = {f"{stem}.png": b"regular", f"{stem}_high.png": b"high", f"{stem}_thumbnail.png": b"thumbnail"}
    if picture.svg:
        expected[f"{stem}.svg"] = b"<svg/>"
    delete_picture(other, storage=storage)
    assert files_in(storage) == expected
    delete_picture(name, storage=storage)
    assert files_in(storage) == {}
    delete_picture(name, storage=storage)
    delete_picture("", storage=storage)


class FailingStorage(InMemoryStorage):
    """Has room for two files."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        if len(files_in(self)) == 2:
            raise OSError("full")
        return super().save(name, content, max_length)


class RenamingStorage(InMemoryStorage):
    """Takes another name than the one it is given."""

    def save(self, name: str | None, content: Any, max_length: int | None = None) -> str:
        return super().save(f"{name}.bin", content, max_length)


@pytest.mark.parametrize(
    ("storage", "error"),
    [(FailingStorage(), OSError), (RenamingStorage(), ImproperlyConfigured)],
    ids=["full", "renames"],
)
def test_picture_that_cannot_be_stored_leaves_nothing(storage: Storage, error: type[Exception]) -> None:
    with pytest.raises(error):
        store_picture(PICTURE, folder="logos", storage=storage)
    assert files_in(storage) == {}


# Replacing


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def old(storage: InMemoryStorage) -> str:
    return store_picture(DRAWING, folder="logos", storage=storage)


def stems_in(storage: Storage) -> set[str]:
    return {name.partition(".")[0].partition("_")[0] for name in files_in(storage)}


def stem_of(name: str) -> str:
    return name.removeprefix("logos/").removesuffix(".png")


@pytest.mark.django_db(transaction=True)
def test_replaced_picture_goes_after_the_commit(storage: InMemoryStorage, old: str) -> None:
    with replacing_picture(PICTURE, folder="logos", old=old, storage=storage) as name:
        assert stems_in(storage) == {stem_of(old), stem_of(name)}
    assert stems_in(storage) == {stem_of(name)}


@pytest.mark.django_db(transaction=True)
def test_old_picture_stays_when_it_is_not_named(storage: InMemoryStorage, old: str) -> None:
    with replacing_picture(PICTURE, folder="logos", storage=storage) as name:
        pass
    assert stems_in(storage) == {stem_of(old), stem_of(name)}


def fail_in_the_block() -> None:
    raise KeyError("x")


def fail_at_commit() -> None:
    Permission.objects.create(content_type_id=999_999_999, codename="x", name="x")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("failure", "error"), [(fail_in_the_block, KeyError), (fail_at_commit, IntegrityError)]
)
def test_failed_replacement_leaves_only_the_old_picture(
    storage: InMemoryStorage, old: str, failure: Callable[[], None], error: type[Exception]
) -> None:
    before = files_in(storage)
    with pytest.raises(error), replacing_picture(PICTURE, folder="logos", old=old, storage=storage):
        failure()
    assert files_in(storage) == before
    assert len(before) == 4


@pytest.mark.django_db(transaction=True)
def test_replacement_within_a_transaction_is_refused_and_leaves_nothing(
    storage: InMemoryStorage, old: str
) -> None:
    with (
        transaction.atomic(),
        pytest.raises(RuntimeError),
        replacing_picture(PICTURE, folder="logos", old=old, storage=storage),
    ):
        pass
    assert stems_in(storage) == {stem_of(old)}


@pytest.mark.django_db(transaction=True)
def test_error_after_the_commit_does_not_undo_the_replacement(storage: InMemoryStorage, old: str) -> None:
    with (
        pytest.raises(KeyError),
        replacing_picture(PICTURE, folder="logos", old=old, storage=storage) as name,
    ):
        transaction.on_commit(fail_in_the_block)
    assert stems_in(storage) == {stem_of(name)}


@pytest.mark.django_db(transaction=True)
def test_commit_of_unknown_outcome_keeps_both_pictures(
    storage: InMemoryStorage, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_connection() -> None:
        raise OperationalError("server closed the connection")

    with (
        pytest.raises(OperationalError),
        replacing_picture(PICTURE, folder="logos", old=old, storage=storage) as name,
    ):
        monkeypatch.setattr(connection, "_commit", lose_the_connection)
    assert stems_in(storage) == {stem_of(old), stem_of(name)}


@pytest.mark.django_db(transaction=True)
def test_several_pictures_are_stored_under_their_keys(storage: InMemoryStorage, old: str) -> None:
    with storing_pictures({"a": PICTURE, "b": PICTURE}, folder="logos", storage=storage) as names:
        pass
    assert list(names) == ["a", "b"]
    assert stems_in(storage) == {stem_of(old), *(stem_of(name) for name in names.values())}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("failure", "error"), [(fail_in_the_block, KeyError), (fail_at_commit, IntegrityError)]
)
def test_several_pictures_go_together(
    storage: InMemoryStorage, old: str, failure: Callable[[], None], error: type[Exception]
) -> None:
    with (
        pytest.raises(error),
        storing_pictures({"a": PICTURE, "b": PICTURE}, folder="logos", storage=storage) as names,
    ):
        failure()
    assert len(names) == 2
    assert stems_in(storage) == {stem_of(old)}


@pytest.mark.django_db(transaction=True)
def test_second_picture_that_cannot_be_written_takes_the_first_with_it(
    storage: InMemoryStorage, old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, saved = storage.save, []

    def save_four(name: str, content: object) -> str:
        saved.append(name)
        if len(saved) > 4:
            raise OSError("the disk is full")
        return str(save(name, content))  # type: ignore[arg-type]

    monkeypatch.setattr(storage, "save", save_four)
    with (
        pytest.raises(OSError, match="full"),
        storing_pictures({"a": PICTURE, "b": PICTURE}, folder="logos", storage=storage),
    ):
        pass
    assert (len(saved), stems_in(storage)) == (5, {stem_of(old)})


@pytest.mark.django_db(transaction=True)
def test_several_pictures_are_stored_within_a_transaction(storage: InMemoryStorage, old: str) -> None:
    with transaction.atomic(), storing_pictures({"a": PICTURE}, folder="logos", storage=storage) as names:
        pass
    assert stems_in(storage) == {stem_of(old), stem_of(names["a"])}
