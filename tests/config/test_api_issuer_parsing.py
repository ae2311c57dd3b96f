"""JSON, forms and multipart bodies with bracketed names mean the same."""

import io
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError
from rest_framework.request import Request

from config.api.issuer.parsing import FormParser, JsonParser, MultiPartParser, TooLarge, nested
from config.api.json_bodies import MAX_BYTES

FORM = "application/x-www-form-urlencoded"


def parsed(content: bytes, content_type: str) -> Any:
    request = Request(
        RequestFactory().generic("POST", "/", content, content_type),
        parsers=[JsonParser(), FormParser(), MultiPartParser()],
    )
    return request.data


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("a", "1")], {"a": "1"}),
        ([("a", "1"), ("a", "2")], {"a": "2"}),
        ([("a[b]", "1"), ("a[c]", "2")], {"a": {"b": "1", "c": "2"}}),
        ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
        ([("a[0]", "1"), ("a[1]", "2")], {"a": ["1", "2"]}),
        ([("a[1]", "2"), ("a[0]", "1")], {"a": ["1", "2"]}),
        (
            [(f"a[{number}]", str(number)) for number in range(12)],
            {"a": [str(number) for number in range(12)]},
        ),
        ([("a[1]", "2")], {"a": {"1": "2"}}),
        ([("a[0][b]", "1"), ("a[0][c]", "2"), ("a[1][b]", "3")], {"a": [{"b": "1", "c": "2"}, {"b": "3"}]}),
        ([("a[][b]", "1"), ("a[][b]", "2")], {"a": [{"b": "1"}, {"b": "2"}]}),
        ([("a[b][]", "1")], {"a": {"b": ["1"]}}),
        ([("a[b", "1")], {"a[b": "1"}),
        ([("[b]", "1")], {"[b]": "1"}),
        ([("a[99999999999999999999]", "1"), ("a[]", "2")], {"a": {"99999999999999999999": "1", "0": "2"}}),
    ],
)
def test_bracketed_names_are_nested_values(pairs: list[tuple[str, Any]], expected: dict[str, Any]) -> None:
    assert nested(pairs) == expected


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a", "2")],
        [("a[b]", "1"), ("a[b][c]", "2")],
        [("a" + "[x]" * 8, "1")],
    ],
)
def test_names_that_contradict_each_other_are_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ParseError):
        nested(pairs)


@given(st.lists(st.tuples(st.text("ab01[]", max_size=12), st.text(max_size=3)), max_size=8))
def test_any_names_are_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    with suppress(ParseError):
        assert isinstance(nested(pairs), dict)


def test_all_three_mean_the_same() -> None:
    expected = {"name": "Zoë & co", "info": {"city": "Rome"}, "earners": [{"email": "a@b.example"}]}
    fields = {"name": "Zoë & co", "info[city]": "Rome", "earners[0][email]": "a@b.example"}

    json_body = (
        '{"name": "Zoë & co", "info": {"city": "Rome"}, "earners": [{"email": "a@b.example"}]}'.encode()
    )
    form_body = b"name=Zo%C3%AB+%26+co&info%5Bcity%5D=Rome&earners[0][email]=a@b.example"

    assert parsed(json_body, "application/json") == expected
    assert parsed(json_body, "application/json; charset=utf-8") == expected
    assert parsed(form_body, FORM) == expected
    assert parsed(encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT) == expected


def test_files_stand_among_the_values() -> None:
    body = encode_multipart(BOUNDARY, {"info[logo]": SimpleUploadedFile("a.png", b"bytes"), "name": "x"})

    found = parsed(body, MULTIPART_CONTENT)

    assert found["name"] == "x"
    assert found["info"]["logo"].read() == b"bytes"


@pytest.mark.parametrize("content", [b"", b"  \n", b"[]", b" [ ]\n", b"null"])
def test_nothing_in_json_is_an_empty_object(content: bytes) -> None:
    assert JsonParser().parse(io.BytesIO(content)) == {}


@pytest.mark.parametrize("content", [b"[1]", b"[[]]", b"5", b'"a"', b"true"])
def test_json_that_is_no_object_is_refused(content: bytes) -> None:
    with pytest.raises(ParseError, match="must be a JSON object"):
        JsonParser().parse(io.BytesIO(content))


@pytest.mark.parametrize("parser", [JsonParser(), FormParser()])
def test_body_beyond_the_limit_is_refused_unread(parser: Any) -> None:
    stream = io.BytesIO(b"a" * (MAX_BYTES + 100))

    with pytest.raises(TooLarge):
        parser.parse(stream)

    assert stream.tell() == MAX_BYTES + 1


@pytest.mark.parametrize(
    "content",
    [
        b"no multipart at all",
        b"--" + BOUNDARY.encode() + b"\r\nContent-Disposition: form-data; name=a\r\n",
        b"--" + BOUNDARY.encode() + b"\r\n\r\n",
        b"\xff\xfe\x00" * 50,
    ],
)
def test_broken_multipart_has_no_values(content: bytes) -> None:
    assert parsed(content, MULTIPART_CONTENT) == {}


def test_multipart_without_a_boundary_is_refused() -> None:
    with pytest.raises(ParseError):
        parsed(b"--x\r\n", "multipart/form-data")


def test_thousands_of_fields_are_refused_with_advice() -> None:
    with pytest.raises(ParseError, match="Send JSON instead"):
        parsed("&".join(f"a{number}=1" for number in range(200_000)).encode(), FORM)


@pytest.mark.parametrize("name", [b"Ren%E9", b"%FF%FE"])
def test_forms_that_are_not_utf_8_are_refused(name: bytes) -> None:
    part = b"Content-Disposition: form-data; name=name\r\n\r\nRen\xe9\r\n"
    boundary = BOUNDARY.encode()

    with pytest.raises(ParseError, match="not UTF-8"):
        parsed(b"name=" + name, FORM)
    with pytest.raises(ParseError, match="not UTF-8"):
        parsed(b"--" + boundary + b"\r\n" + part + b"--" + boundary + b"--\r\n", MULTIPART_CONTENT)
