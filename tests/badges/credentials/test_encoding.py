"""Text forms of bytes: known vectors, and there and back again."""

import pytest
from hypothesis import given, strategies

from badges.credentials.encoding import (
    as_uri,
    base58,
    base64url,
    compact_json,
    from_base58,
    from_base64url,
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"\0", "1"),
        (b"\0\0\1", "112"),
        (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
        (bytes.fromhex("0000287fb4cd"), "11233QC4"),
        (
            b"The quick brown fox jumps over the lazy dog.",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z",
        ),
    ],
)
def test_base58_has_the_digits_of_its_draft(content: bytes, text: str) -> None:
    assert base58(content) == text
    assert from_base58(text) == content


@given(strategies.binary(max_size=80))
def test_bytes_come_back(content: bytes) -> None:
    assert from_base58(base58(content)) == content
    assert from_base64url(base64url(content)) == content


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "é", "1" * 1001])
def test_what_is_no_base58_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base58"):
        from_base58(text)


@pytest.mark.parametrize("text", ["a", "a+/a", "aa==", "é", "a b", "aaaaa"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not base64url"):
        from_base64url(text)


def test_json_is_compact_and_keeps_its_letters() -> None:
    assert compact_json({"a": ["é", 1, True, None]}) == '{"a":["é",1,true,null]}'
    with pytest.raises(ValueError, match="JSON compliant"):
        compact_json({"a": float("nan")})


@pytest.mark.parametrize(
    ("address", "uri"),
    [
        ("https://example.org/a?b='c'&d=%20#(e)", "https://example.org/a?b='c'&d=%20#(e)"),
        (
            "https://bücher.example:8443/ü?q=%20知#ß",
            "https://xn--bcher-kva.example:8443/%C3%BC?q=%20%E7%9F%A5#%C3%9F",
        ),
        ("https://[::1]:8000/ü", "https://[::1]:8000/%C3%BC"),
        ("https://a..ü.example/", "https://a..%C3%BC.example/"),
    ],
)
def test_address_is_written_in_ascii(address: str, uri: str) -> None:
    assert as_uri(address) == uri
