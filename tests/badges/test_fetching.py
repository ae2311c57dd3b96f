"""What a stranger gets from an address: an answer of any status, or one plain reason why there is none."""

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.request import Request

import pytest

from badges.services import fetching
from badges.services.fetching import Answer, NotFetched, fetch
from tests.conformance.authority import make_authority
from tests.conformance.loopback import serve_documents

stopping = threading.Event()


class Page(BaseHTTPRequestHandler):
    """Answers by path."""

    def do_GET(self) -> None:
        status, headers, body = {
            "/document": (200, {"Content-Type": "application/json; charset=utf-8"}, b'{"id": 1}'),
            "/echo": (200, {}, f"{self.headers['Accept']} {self.headers['Origin']}".encode()),
            "/gone": (410, {"Content-Type": "application/json"}, b"{}"),
            "/moved": (302, {"Location": "/document"}, b""),
            "/away": (302, {"Location": "http://elsewhere.example/document"}, b""),
            "/circle": (302, {"Location": "/circle"}, b""),
            "/large": (200, {}, b"x" * (fetching.MAX_BYTES + 1)),
            "/silent": (200, {"Content-Length": "10"}, b"x"),
        }[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if self.path == "/silent":
            stopping.wait(10)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running server, with patience for a busy machine: how long one waits has a test of its own."""
    monkeypatch.setattr(fetching, "TIMEOUT", 60)
    stopping.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    stopping.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_fetch_returns_answer(url: str) -> None:
    answer = fetch(f"{url}/document", accept="*/*")
    assert (answer.url, answer.status, answer.body) == (f"{url}/document", 200, b'{"id": 1}')
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.content_type == "application/json"


def test_answer_without_content_type_has_none() -> None:
    assert Answer(url="https://a.example", status=200, headers={}, body=b"").content_type == ""


def test_fetch_asks_as_verifier_in_browser(url: str) -> None:
    answer = fetch(f"{url}/echo", accept="application/ld+json")
    assert answer.body == b"application/ld+json https://verifier.example"


def test_fetch_returns_errors_of_server_as_answers(url: str) -> None:
    answer = fetch(f"{url}/gone", accept="*/*")
    assert (answer.status, answer.body) == (410, b"{}")


def test_fetch_follows_redirect_on_same_host(url: str) -> None:
    answer = fetch(f"{url}/moved", accept="*/*")
    assert (answer.url, answer.status) == (f"{url}/document", 200)


def test_fetch_refuses_redirect_to_another_host(url: str) -> None:
    with pytest.raises(
        NotFetched, match=r"^it redirects to another place, http://elsewhere.example/document$"
    ):
        fetch(f"{url}/away", accept="*/*")


def test_fetch_refuses_redirect_from_https_to_http() -> None:
    follow = fetching._SameHost().redirect_request
    request = Request("https://badges.example.org/a")
    with pytest.raises(NotFetched, match=r"^it redirects to another place, http://badges.example.org/a$"):
        follow(request, BytesIO(), 302, "Found", HTTPMessage(), "http://badges.example.org/a")


def test_fetch_ends_circle_of_redirects(url: str) -> None:
    with pytest.raises(NotFetched, match=r"infinite loop"):
        fetch(f"{url}/circle", accept="*/*")


def test_fetch_refuses_large_answer(url: str) -> None:
    with pytest.raises(NotFetched, match=r"^its answer is larger than 4 MB$"):
        fetch(f"{url}/large", accept="*/*")


def test_fetch_does_not_wait_for_ever(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TIMEOUT", 0.2)
    with pytest.raises(NotFetched, match=r"^it did not answer within"):
        fetch(f"{url}/silent", accept="*/*")


def test_fetch_says_that_nothing_listens() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(NotFetched, match=r"^nothing listens there$"):
        fetch(f"http://127.0.0.1:{port}/", accept="*/*")


def test_fetch_refuses_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    with (
        serve_documents(make_authority(tmp_path)) as server,
        pytest.raises(NotFetched, match=r"^its certificate is not"),
    ):
        fetch(f"{server.url}/", accept="*/*")


@pytest.mark.parametrize("address", ["ftp://badges.example.org/", "file:///etc/hostname"])
def test_fetch_refuses_what_is_no_web_address(address: str) -> None:
    with pytest.raises(NotFetched, match=r"^it is not a web address$"):
        fetch(address, accept="*/*")
