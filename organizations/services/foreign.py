"""Asks addresses of somebody else's: on the public internet alone, briefly, with a limit on the size of the answer."""

import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

TIMEOUT = 8  # seconds, for all of it: redirects, handshakes, headers and content
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
USER_AGENT = "Laurel"
SAFE = "/%:@!$&'()*+,;=~-._?"  # what is left as it is in an address; the rest, such as spaces, is percent-encoded
# Networks whose addresses have an IPv4 address in them that a gateway may go on to: NAT64, 6to4, Teredo.
CARRIERS = [ipaddress.ip_network(network) for network in ("64:ff9b::/96", "2002::/16", "2001::/32")]


class NotFetched(Exception):
    """There is nothing to be had; the text says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAnswer:
    """What an address answered, whatever its status: `url` is where the last redirect led."""

    url: str
    status: int
    body: bytes


def fetch_foreign(url: str, *, max_bytes: int) -> bytes:
    """Return the picture that a web address answers with status 200. Raises NotFetched, as ask_foreign does."""
    answer = ask_foreign(url, max_bytes=max_bytes, accept="image/*")
    if answer.status != 200:
        raise NotFetched(_("it answers with the status %(status)d") % {"status": answer.status})
    return answer.body


def ask_foreign(
    url: str,
    *,
    max_bytes: int,
    accept: str = "*/*",
    seconds: float | None = None,
    is_allowed: Callable[[str], bool] | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> ForeignAnswer:
    """Return what a web address answers to a GET, or with a `body` to a POST.

    A client names the address, and the server asks it: so that nobody reaches through the server what only the server
    reaches, every address that the name leads to must be a public one, the connection goes to the address that was
    checked, and only to the usual ports. settings.PRIVATE_HOSTS names those (host, or host:port) that may be asked all the
    same. `is_allowed` is asked about the host of every hop.

    A GET follows at most MAX_REDIRECTS redirects, each checked anew, none from https to http; a POST follows none. Raises
    NotFetched, also after `seconds` (TIMEOUT unless told, for all of it) and beyond `max_bytes`.
    """
    seconds = TIMEOUT if seconds is None else seconds
    deadline = time.monotonic() + seconds
    sent = {"Accept": accept, "User-Agent": USER_AGENT, "Accept-Encoding": "identity"} | dict(headers or {})
    for _redirect in range(MAX_REDIRECTS + 1):
        parts = _checked(url)
        if is_allowed is not None and not is_allowed(parts.hostname or ""):
            raise NotFetched(_("its host is not one that this server asks"))
        try:
            with _Visit(parts, deadline, sent, body) as response:
                if response.status not in REDIRECTS or body is not None:
                    return ForeignAnswer(url=url, status=response.status, body=_content(response, max_bytes))
                target = urljoin(url, response.headers.get("Location") or "")
        except (OSError, HTTPException, ValueError) as error:
            raise NotFetched(_reason(error, seconds)) from error
        if parts.scheme == "https" and not target.lower().startswith("https:"):
            raise NotFetched(_("it leads from https to an address without"))
        url = target
    raise NotFetched(_("it redirects too often"))


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the internet's: not of this machine, its network, or a reserved block."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            ip = ip.ipv4_mapped
        elif (
            any(ip in network for network in CARRIERS) or ip.is_site_local
        ):  # fec0::/10, given up and never routed
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _checked(url: str) -> SplitResult:
    """Return the parts of an address that may be asked. Raises NotFetched."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotFetched(_("it is not a web address")) from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise NotFetched(_("it is not a web address"))
    if parts.username is not None or parts.password is not None:
        raise NotFetched(_("it has a name or a password in it"))
    if port is not None and port != PORTS[parts.scheme] and not _is_private_host(parts):
        raise NotFetched(_("it names an unusual port"))
    return parts


def _is_private_host(parts: SplitResult) -> bool:
    """Return whether the installation's administrators let this host, at this port, be asked wherever it is."""
    port = parts.port or PORTS[parts.scheme]
    names = {f"{parts.hostname}:{port}"} | ({str(parts.hostname)} if port == PORTS[parts.scheme] else set())
    return not names.isdisjoint(settings.PRIVATE_HOSTS)


def _addresses(parts: SplitResult, port: int) -> list[str]:
    """Return the addresses of a host, all of them public ones. Raises NotFetched, and OSError when it has none."""
    host = parts.hostname or ""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise NotFetched(_("it is not a web address")) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not (_is_private_host(parts) or all(is_public(address) for address in addresses)):
        raise NotFetched(_("it is not on the public internet"))
    return addresses


class _Visit:
    """One request over a connection of its own, to an address that was checked."""

    def __init__(
        self, parts: SplitResult, deadline: float, headers: Mapping[str, str], body: bytes | None
    ) -> None:
        self._parts, self._deadline, self._headers, self._body = parts, deadline, headers, body
        self._port = parts.port or PORTS[parts.scheme]
        # The default port, so that the Host header names none: the socket is connected here, not by http.client.
        named = PORTS["http"] if self._port == PORTS[parts.scheme] else self._port
        self._connection = HTTPConnection(parts.hostname or "", named)

    def __enter__(self) -> HTTPResponse:
        raw = self._connected()
        try:
            if self._parts.scheme == "https":
                raw.settimeout(_left(self._deadline))
                raw = ssl.create_default_context().wrap_socket(raw, server_hostname=self._parts.hostname)
        except BaseException:
            raw.close()
            raise
        self._raw = raw
        self._connection.sock = _TimedSocket(raw, lambda: _left(self._deadline))
        try:
            target = quote(self._parts.path or "/", safe=SAFE)
            if self._parts.query:
                target += "?" + quote(self._parts.query, safe=SAFE)
            method = "GET" if self._body is None else "POST"
            self._connection.request(method, target, self._body, dict(self._headers))
            return self._connection.getresponse()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()
        self._raw.close()

    def _connected(self) -> socket.socket:
        failure: OSError | None = None
        for address in _addresses(self._parts, self._port):
            try:
                return socket.create_connection((address, self._port), timeout=_left(self._deadline))
            except OSError as error:
                failure = error
        raise failure or TimeoutError


class _TimedSocket:
    """A socket for http.client that waits no longer than is left of the whole, however slowly bytes drip in."""

    def __init__(self, raw: socket.socket, time_left: Callable[[], float]) -> None:
        self._raw, self._time_left = raw, time_left

    def makefile(self, *_args: Any, **_options: Any) -> io.BufferedReader:
        """Return what the answer is read from."""
        return io.BufferedReader(_Incoming(self._raw, self._time_left))

    def sendall(self, content: Any) -> None:
        """Send all of it."""
        self._raw.settimeout(self._time_left())
        self._raw.sendall(content)

    def close(self) -> None:
        """Leave the connection open: http.client closes its socket while there is still an answer to be read from it."""


class _Incoming(io.RawIOBase):
    """The bytes that arrive on a socket."""

    def __init__(self, raw: socket.socket, time_left: Callable[[], float]) -> None:
        super().__init__()
        self._raw, self._time_left = raw, time_left

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for the next bytes."""
        self._raw.settimeout(self._time_left())
        return self._raw.recv_into(buffer)


def _left(deadline: float) -> float:
    """Return the seconds until then. Raises TimeoutError when it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _content(response: HTTPResponse, max_bytes: int) -> bytes:
    content = bytearray()
    while piece := response.read(min(64 * 1024, max_bytes + 1)):
        content += piece
        if len(content) > max_bytes:
            raise NotFetched(_("what is there is larger than %(size)d MiB") % {"size": max_bytes // 1024**2})
    return bytes(content)


def _reason(error: Exception, seconds: float) -> str:
    """Return why there was no answer, without what the system says of its own network."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _("its certificate is not trusted")
    if isinstance(error, socket.gaierror):
        return _("its name is not known")
    if isinstance(error, TimeoutError):
        return _("it did not answer within %(seconds)d seconds") % {"seconds": seconds}
    return _("it gives no answer")
