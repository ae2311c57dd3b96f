"""Bodies in chunks: read as others are, refused when they are broken off or too long."""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import pytest

from config.api.json_bodies import MAX_BYTES
from config.chunked_bodies import with_length


class BrokenOff(BytesIO):
    """A body whose client went away."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what there is, and then fail."""
        found = super().read(size)
        if not found:
            raise OSError("went away")
        return found


def chunked(body: BytesIO, **more: Any) -> dict[str, Any]:
    return {"wsgi.input": body, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True} | more


def sent_to(application: Any, environ: dict[str, Any]) -> tuple[str, bytes]:
    """Return status and body of what is answered."""
    said: list[str] = []
    body = b"".join(application(environ, lambda status, _headers: said.append(status)))
    return said[0], body


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer the length and the body."""
    start_response("200 OK", [])
    return [str(environ.get("CONTENT_LENGTH")).encode(), b" ", environ["wsgi.input"].read()]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (chunked(BytesIO(b"{}")), b"2 {}"),
        (chunked(BytesIO(b"")), b"0 "),
        (chunked(BytesIO(b"{}"), CONTENT_LENGTH="1"), b"1 {}"),
        (chunked(BytesIO(b"{}"), **{"wsgi.input_terminated": False}), b"None {}"),
    ],
)
def test_body_gets_a_length(environ: dict[str, Any], expected: bytes) -> None:
    assert sent_to(with_length(echo), environ) == ("200 OK", expected)


def test_body_that_is_broken_off_is_the_server_s_to_answer() -> None:
    with pytest.raises(OSError, match="went away"):
        sent_to(with_length(echo), chunked(BrokenOff(b'{"name": "Cl')))


def test_no_more_is_read_than_what_is_refused_as_too_large() -> None:
    body = BytesIO(b" " * (MAX_BYTES + 100))

    assert sent_to(with_length(echo), chunked(body))[1].startswith(str(MAX_BYTES + 1).encode())
    assert body.tell() == MAX_BYTES + 1
