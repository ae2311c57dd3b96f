"""Serves given documents on this machine, over http or https, to verifiers that fetch what a badge names."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.conformance.authority import Authority


@dataclass(frozen=True, slots=True)
class Document:
    """What one path answers."""

    body: bytes
    content_type: str = "application/json"
    status: int = HTTPStatus.OK


@dataclass(slots=True, kw_only=True)
class DocumentServer:
    """url is where it answers, without a slash at the end; documents maps paths ("/did.json") to answers."""

    url: str
    documents: dict[str, Document] = field(default_factory=dict)


@contextmanager
def serve_documents(authority: Authority | None) -> Iterator[DocumentServer]:
    """A running server on a free port: https://localhost with an authority, http://127.0.0.1 without."""
    served = DocumentServer(url="")

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_GET(self) -> None:
            nothing = Document(b"There is nothing here.", "text/plain", HTTPStatus.NOT_FOUND)
            document = served.documents.get(self.path, nothing)
            self.send_response(document.status)
            self.send_header("Content-Type", document.content_type)
            self.send_header("Content-Length", str(len(document.body)))
            self.end_headers()
            self.wfile.write(document.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    served.url = f"http://127.0.0.1:{server.server_port}"
    if authority:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        served.url = f"https://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
