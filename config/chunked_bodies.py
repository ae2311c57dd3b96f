"""Bodies that come in chunks, as many HTTP clients send JSON: read to their end first, so that they have a length as others.

WSGI has no word for them, and Django takes them for no body at all. A leaf: imports no app.
"""

from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

from config.api.json_bodies import MAX_BYTES

IN_MEMORY = 1024 * 1024
PIECE = 64 * 1024
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_length(application: Application) -> Application:
    """Return the application for servers that say where such a body ends (`wsgi.input_terminated`); others are let through.

    No more than MAX_BYTES and one byte are read: what is longer is refused by whoever looks at the length. What the server
    raises for a broken body is its own to answer: it closes the connection, as nobody knows where a next request begins.
    """

    def measured(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        if not is_chunked or environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated"):
            return application(environ, start_response)
        with SpooledTemporaryFile(IN_MEMORY) as body:
            while (left := MAX_BYTES + 1 - body.tell()) and (
                piece := environ["wsgi.input"].read(min(PIECE, left))
            ):
                body.write(piece)
            environ["CONTENT_LENGTH"] = str(body.tell())
            del environ["HTTP_TRANSFER_ENCODING"]
            body.seek(0)
            environ["wsgi.input"] = body
            return application(environ, start_response)

    return measured
