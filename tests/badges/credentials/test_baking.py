"""Baking: badges go into pictures and come out again, and hostile pictures go nowhere."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings, strategies
from PIL import Image

from badges.credentials.baking import (
    MAX_TEXT,
    Baked,
    bake_png,
    bake_svg,
    svg_around_png,
    unbake_png,
    unbake_svg,
)
from badges.credentials.exceptions import NothingBaked, UnreadablePicture

JSON = '{"name":"Données <&> 知識 🎓","end":"]]>"}'
JWS = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6MX0.c2ln"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
OB3 = 'xmlns:openbadges="https://purl.imsglobal.org/ob/v3p0"'
OB2 = 'xmlns:openbadges="http://openbadges.org"'


def png() -> bytes:
    """A small picture."""
    content = io.BytesIO()
    Image.new("RGBA", (9, 9), (20, 90, 160, 255)).save(content, "PNG")
    return content.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk as the PNG specification describes it."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def with_chunk(kind: bytes, content: bytes) -> bytes:
    """A picture with a chunk behind its header."""
    picture = png()
    return picture[:33] + chunk(kind, content) + picture[33:]


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("text", [JSON, JWS, "https://badges.example.org/1"])
def test_png_gives_back_what_was_baked_and_still_shows(version: int, text: str) -> None:
    baked = bake_png(png(), text, version)
    assert unbake_png(baked) == Baked(version=version, text=text)
    with Image.open(io.BytesIO(baked)) as picture, Image.open(io.BytesIO(png())) as original:
        picture.load()
        assert picture.tobytes() == original.tobytes()


def test_png_has_the_badge_uncompressed_behind_its_header() -> None:
    content = b"openbadgecredential\0\0\0\0\0" + JSON.encode()
    assert bake_png(png(), JSON, 3) == with_chunk(b"iTXt", content)
    assert bake_png(png(), JWS, 2) == with_chunk(b"iTXt", b"openbadges\0\0\0\0\0" + JWS.encode())


def test_png_holds_one_badge_only() -> None:
    again = bake_png(bake_png(bake_png(png(), JSON, 2), JSON, 3), JWS, 3)
    assert again == bake_png(png(), JWS, 3)


def test_png_keeps_its_other_texts() -> None:
    commented = with_chunk(b"tEXt", b"Comment\0openbadges")
    assert b"Comment\0openbadges" in bake_png(commented, JSON, 3)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (b"iTXt", b"openbadges\0\1\0\0\0" + zlib.compress(JSON.encode())),
        (b"iTXt", b"openbadges\0\0\0en\0Badge\0" + JSON.encode()),
        (b"tEXt", b"openbadges\0" + JSON.encode()),
        (b"zTXt", b"openbadges\0\0" + zlib.compress(JSON.encode())),
    ],
    ids=["compressed", "with language", "tEXt", "zTXt"],
)
def test_png_baked_by_others_is_read(kind: bytes, content: bytes) -> None:
    assert unbake_png(with_chunk(kind, content)) == Baked(version=2, text=JSON)


def test_png_text_in_latin_1_is_read() -> None:
    assert unbake_png(with_chunk(b"tEXt", b'openbadges\0{"name":"\xe9"}')) == Baked(
        version=2, text='{"name":"é"}'
    )


def test_png_with_both_versions_gives_the_newer() -> None:
    both = with_chunk(b"iTXt", b"openbadges\0\0\0\0\0old")
    position = both.index(b"IDAT") - 4
    new = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0new")
    assert unbake_png(both[:position] + new + both[position:]) == Baked(version=3, text="new")


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"GIF89a",
        png()[:-1],
        png()[:20],
        png()[:-12],
        png()[:8],
        png()[:33] + b"\xff\xff\xff\xffiTXt" + png()[33:],
        png()[:8] + png()[33:],
    ],
    ids=[
        "empty",
        "GIF",
        "cut off",
        "cut in header",
        "without end",
        "signature",
        "huge length",
        "without header",
    ],
)
def test_what_is_no_sound_png_is_refused(picture: bytes) -> None:
    for act in (
        lambda: unbake_png(picture),
        lambda: bake_png(picture, JSON, 3),
        lambda: svg_around_png(picture, 9, 9),
    ):
        with pytest.raises(UnreadablePicture, match="PNG"):
            act()


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        (b"iTXt", b"openbadges\0\1\0\0\0" + zlib.compress(bytes(MAX_TEXT + 1)), "too long"),
        (b"zTXt", b"openbadges\0\0" + zlib.compress(bytes(MAX_TEXT + 1)), "too long"),
        (b"tEXt", b"openbadges\0" + bytes(MAX_TEXT + 1), "too long"),
        (b"iTXt", b"openbadges\0\1\0\0\0no zlib", "cannot be unpacked"),
        (b"iTXt", b"openbadges\0\0\0\0\0\xff", "not written in UTF-8"),
    ],
    ids=["bomb", "zTXt bomb", "long", "broken", "not UTF-8"],
)
def test_hostile_badge_in_a_png_is_refused(kind: bytes, content: bytes, message: str) -> None:
    with pytest.raises(UnreadablePicture, match=message):
        unbake_png(with_chunk(kind, content))


def test_picture_without_badge_says_so() -> None:
    with pytest.raises(NothingBaked, match="no badge in this PNG"):
        unbake_png(png())
    with pytest.raises(NothingBaked, match="no badge in this SVG"):
        unbake_svg(SVG)


@given(strategies.binary(max_size=200))
def test_random_bytes_never_break_the_reader_of_png(noise: bytes) -> None:
    for picture in (
        noise,
        png()[:33] + noise,
        png()[:33] + chunk(b"iTXt", b"openbadges\0" + noise) + png()[33:],
    ):
        try:
            unbake_png(picture)
        except (UnreadablePicture, NothingBaked) as refusal:
            assert "PNG" in str(refusal)  # noqa: PT017 - either outcome is fine


def test_svg_has_the_badge_directly_behind_its_root() -> None:
    credential = JSON.replace("]]>", "]]\\u003e")
    assert bake_svg(SVG, 3, body=JSON).decode() == (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" {OB3}>'
        f'<openbadges:credential><![CDATA[{credential}]]></openbadges:credential><path d="M0 0h9"/></svg>'
    )
    assert bake_svg(SVG, 3, verify=JWS).decode() == (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" {OB3}>'
        f'<openbadges:credential verify="{JWS}"></openbadges:credential><path d="M0 0h9"/></svg>'
    )
    assert bake_svg(SVG, 2, verify="https://example.org/?a=1&b=2", body="{}").decode() == (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" {OB2}>'
        '<openbadges:assertion verify="https://example.org/?a=1&amp;b=2"><![CDATA[{}]]></openbadges:assertion>'
        '<path d="M0 0h9"/></svg>'
    )


@pytest.mark.parametrize(
    ("version", "verify", "body", "text"),
    [
        (3, None, JSON, JSON.replace("]]>", "]]\\u003e")),
        (3, JWS, None, JWS),
        (3, JWS, JSON, JWS),
        (2, "https://example.org/1", None, "https://example.org/1"),
        (2, "https://example.org/1", "{}", "{}"),
        (2, JWS, None, JWS),
    ],
)
def test_svg_gives_back_what_was_baked(version: int, verify: str | None, body: str | None, text: str) -> None:
    assert unbake_svg(bake_svg(SVG, version, verify=verify, body=body)) == Baked(version=version, text=text)


def test_svg_holds_one_badge_only() -> None:
    again = bake_svg(
        bake_svg(bake_svg(SVG, 2, verify="https://example.org/1", body="{}"), 3, body=JSON), 3, verify=JWS
    )
    assert again == bake_svg(SVG, 3, verify=JWS)


@pytest.mark.parametrize(
    "element", ['<openbadges:assertion verify="a"/>', "<openbadges:assertion>{}</openbadges:assertion >"]
)
def test_badge_baked_by_others_is_replaced(element: str) -> None:
    old = SVG.decode().replace("<path", f"<g/>{element}<path").replace("<svg", f"<svg {OB2}").encode()
    replaced = bake_svg(old, 3, body="{}").decode()
    assert "assertion" not in replaced
    assert replaced.count("xmlns:openbadges") == 1
    assert "<g/><path" in replaced


@pytest.mark.parametrize(
    "picture",
    [
        b'<?xml version="1.0"?><!-- <svg> --><svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<svg:svg xmlns:svg='http://www.w3.org/2000/svg' data-a='>'\n><svg:g/></svg:svg >",
        b'\xef\xbb\xbf<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        '<?xml version="1.0" encoding="UTF-16"?><svg xmlns="http://www.w3.org/2000/svg"><title>é</title></svg>'.encode(
            "utf-16"
        ),
        '<?xml version="1.0" encoding="iso-8859-1"?><svg xmlns="http://www.w3.org/2000/svg"><title>é</title></svg>'.encode(
            "latin-1"
        ),
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        b'<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>',
        b"<svg><g/></svg>",
    ],
    ids=["comment", "prefix", "mark", "UTF-16", "Latin-1", "DOCTYPE", "no namespace"],
)
def test_svg_of_any_writing_is_baked(picture: bytes) -> None:
    baked = bake_svg(picture, 3, body=JSON)
    assert unbake_svg(baked).version == 3
    assert baked.decode().count("<openbadges:credential>") == 1
    assert ("é" in baked.decode().replace("Données", "")) == ("title" in baked.decode())


@pytest.mark.parametrize(
    "picture",
    [
        b"",
        b"no XML",
        b"<svg>",
        b"<svg></g></svg>",
        b"<html><svg/></html>",
        b'<svg xmlns="http://example.org/"/>',
        b"<svg>\xff</svg>",
        b'<?xml version="1.0" encoding="nonsense"?><svg/>',
        b"<svg>&undefined;</svg>",
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>',
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>',
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://127.0.0.1/x"> %a;]><svg/>',
        png(),
    ],
    ids=[
        "empty",
        "text",
        "open",
        "crossed",
        "HTML",
        "namespace",
        "bytes",
        "encoding",
        "undefined",
        "bomb",
        "file",
        "net",
        "PNG",
    ],
)
def test_what_is_no_sound_svg_is_refused(picture: bytes) -> None:
    for act in (lambda: unbake_svg(picture), lambda: bake_svg(picture, 3, body="{}")):
        with pytest.raises(UnreadablePicture, match="SVG"):
            act()


def test_badge_in_an_svg_that_is_too_long_or_empty_is_refused() -> None:
    with pytest.raises(UnreadablePicture, match="too long"):
        unbake_svg(bake_svg(SVG, 3, body="x" * (MAX_TEXT + 1)))
    with pytest.raises(NothingBaked, match="empty"):
        unbake_svg(bake_svg(SVG, 3, body=" "))


def test_svg_without_anything_to_bake_is_refused() -> None:
    with pytest.raises(ValueError, match="Give what is to be baked"):
        bake_svg(SVG, 3)
    with pytest.raises(ValueError, match="no XML document"):
        bake_svg(SVG, 3, body="\x00")


@settings(deadline=None)
@given(strategies.text(alphabet="<>svg/ ='\"&;!-[]?x", max_size=60))
def test_random_text_never_breaks_the_reader_of_svg(noise: str) -> None:
    for picture in (noise, f"<svg>{noise}</svg>", f"<svg {noise}/>"):
        try:
            baked = bake_svg(picture.encode(), 3, body="{}")
        except UnreadablePicture:
            continue
        assert unbake_svg(baked) == Baked(version=3, text="{}")


def test_svg_around_a_png_shows_it_and_can_be_baked() -> None:
    around = svg_around_png(png(), 90, 45)
    assert around.startswith(
        b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        b'width="90" height="45" viewBox="0 0 90 45">'
        b'<image width="90" height="45" xlink:href="data:image/png;base64,'
    )
    assert unbake_svg(bake_svg(around, 3, verify=JWS)) == Baked(version=3, text=JWS)
