"""A web site of somebody else's for tests: its names lead to public addresses, and those to a server on this machine."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.conformance.authority import Authority

PUBLIC = "93.184.216.34"
Reply = tuple[int, dict[str, str], bytes]


@dataclass(slots=True)
class Site:
    """What each path replies: (status, headers, content), or what sends bytes itself; and what was asked."""

    replies: dict[str, Reply | Callable[[Any], None]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)  # host and path
    posted: list[tuple[dict[str, str], bytes]] = field(default_factory=list)  # headers and body
    connected: list[tuple[str, int]] = field(default_factory=list)  # address and port as they were meant
    names: dict[str, list[str]] = field(default_factory=dict)  # addresses of names; PUBLIC for all others


@contextmanager
def foreign_site(monkeypatch: pytest.MonkeyPatch, authority: Authority | None = None) -> Iterator[Site]:
    """A running site under every name in .example; whatever is connected to, it is this site that answers.

    With an authority, which is trusted then, it answers by https at port 443.
    """
    site = Site()

    class Page(BaseHTTPRequestHandler):
        """Answers by path."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.posted.append((dict(self.headers.items()), body))
            self.do_GET()

        def do_GET(self) -> None:
            site.asked.append((self.headers["Host"], self.path))
            reply = site.replies.get(self.path, (404, {}, b""))
            if callable(reply):
                reply(self)
                return
            status, headers, content = reply
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.daemon_threads = True
    servers = {80: server}
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate, authority.key)
        servers[443] = secure = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        secure.daemon_threads = True
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    threads = [
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.05}) for one in servers.values()
    ]
    for thread in threads:
        thread.start()
    real_lookup, real_connect = socket.getaddrinfo, socket.create_connection

    def look_up(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        if not str(host).endswith(".example"):
            return real_lookup(host, port, *args, **options)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in site.names.get(host, [PUBLIC])
        ]

    def connect(address: tuple[str, int], *args: Any, **options: Any) -> socket.socket:
        site.connected.append(address)
        port = servers.get(address[1], server).server_port
        return real_connect(("127.0.0.1", port), *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    try:
        yield site
    finally:
        monkeypatch.undo()
        for one in servers.values():
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()
