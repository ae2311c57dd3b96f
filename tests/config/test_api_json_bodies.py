"""JSON is read strictly: what cannot be meant is refused with a reason, and quickly."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.api.json_bodies import MAX_DEPTH, MAX_DIGITS, BrokenBody, read_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"a": [1, 2.5, true, null, "\xc3\xa9"]}', {"a": [1, 2.5, True, None, "é"]}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b"  [ ] \n", []),
        (b"-0", 0),
    ],
)
def test_json_is_read(text: bytes, value: Any) -> None:
    assert read_json(text) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b"[1] [2]", "not JSON"),
        (b'"\xff"', "not UTF-8 (byte 1)"),
        (b'{"a": 1, "b": 2, "a": 3}', 'The key "a" is there twice'),
        (b'[{"x": {"a": 1, "a": 1}}]', 'The key "a" is there twice'),
        (b"NaN", "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b"1e999", "too large"),
        (b"9" * (MAX_DIGITS + 1), f"more than {MAX_DIGITS} digits"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested deeper"),
        (b'"a\x00b"', "not JSON"),
        (b'"a\nb"', "not JSON"),
    ],
)
def test_what_is_no_plain_json_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(BrokenBody) as caught:
        read_json(text)

    assert reason in str(caught.value)


def test_depth_has_a_limit() -> None:
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert read_json(deepest)
    with pytest.raises(BrokenBody):
        read_json(b"[" + deepest + b"]")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(BrokenBody):
        read_json(content)
