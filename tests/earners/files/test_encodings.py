"""Encodings told by the whole file, and lines whatever ends them."""

import io

import pytest

from earners.files.encodings import CHUNK, Encoding, find_encoding, lines


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", Encoding(name="utf-8")),
        ("\ufeffè".encode(), Encoding(name="utf-8", skip=3)),
        ("\ufeffè".encode("utf-16-le"), Encoding(name="utf-16-le", skip=2)),
        ("\ufeffè".encode("utf-16-be"), Encoding(name="utf-16-be", skip=2)),
        ("plain".encode("utf-16-le"), Encoding(name="utf-16-le")),
        ("plain".encode("utf-16-be"), Encoding(name="utf-16-be")),
        ("è €".encode("cp1252"), Encoding(name="cp1252")),
        ("è€".encode() + b"\xe8", Encoding(name="utf-8", has_stray_bytes=True)),
        (b"\xef\xbb\xbf\xe8\xe8", Encoding(name="utf-8", skip=3, has_stray_bytes=True)),
        ("x" * (CHUNK - 1) + "è", Encoding(name="utf-8")),
    ],
)
def test_find_encoding_looks_at_the_whole_file(content: bytes | str, encoding: Encoding) -> None:
    content = content.encode() if isinstance(content, str) else content

    assert find_encoding(io.BytesIO(content)) == encoding


def test_lines_are_cut_at_every_kind_of_end_and_only_there() -> None:
    text = "a\nb\rc\r\n\r\r\n\u2028d\x0be\x85"

    assert list(lines(io.BytesIO(text.encode()), Encoding(name="utf-8"))) == [
        "a\n",
        "b\r",
        "c\r\n",
        "\r",
        "\r\n",
        "\u2028d\x0be\x85",
    ]


@pytest.mark.parametrize("before", [CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 1])
def test_lines_do_not_depend_on_where_the_file_is_cut_for_reading(before: int) -> None:
    text = "x" * before + "\r\né\rz"

    assert list(lines(io.BytesIO(text.encode()), Encoding(name="utf-8"))) == [
        "x" * before + "\r\n",
        "é\r",
        "z",
    ]


def test_lines_put_bytes_right_that_only_windows_knows() -> None:
    content = b"\x80\x93\xe9\x81"

    assert list(lines(io.BytesIO(content), Encoding(name="cp1252"))) == ["€“é\x81"]
    assert list(lines(io.BytesIO(content), Encoding(name="utf-8", has_stray_bytes=True))) == ["€“é\x81"]
