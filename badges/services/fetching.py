"""Fetches what is published as a stranger would: over HTTP, without signing in, briefly and with limits."""

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPErrorProcessor, HTTPRedirectHandler, Request, build_opener

from django.utils.translation import gettext as _

TIMEOUT = 5  # seconds, for the whole answer
MAX_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5
# Verifiers that run in a browser send where they come from; some servers answer with CORS headers only then.
ORIGIN = "https://verifier.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address answered, whatever its status. Header names are in lower case."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class NotFetched(Exception):
    """An address gave no answer; the text says why, as the end of a sentence."""


class Fetcher(Protocol):
    """Fetches an address; raises NotFetched."""

    def __call__(self, url: str, *, accept: str) -> Answer:
        """Return the answer to a GET with this Accept header."""
        ...


def fetch(url: str, *, accept: str) -> Answer:
    """Return the answer to a GET, also where it is an error of the server.

    Follows redirects on the same host alone, never from https to http. Raises NotFetched when there is no
    answer within TIMEOUT seconds, when it is larger than MAX_BYTES, or when a redirect leads elsewhere.
    """
    deadline = time.monotonic() + TIMEOUT
    request = Request(url, headers={"Accept": accept, "Origin": ORIGIN, "User-Agent": "Laurel"})  # noqa: S310 - checked next
    if request.type not in {"http", "https"}:
        raise NotFetched(_("it is not a web address"))
    try:
        with build_opener(_SameHost, _AnyStatus).open(request, timeout=TIMEOUT) as response:
            return _read(response, deadline)
    except HTTPError as error:  # too many redirects: it is an answer too, and keeps its connection open
        error.close()
        raise NotFetched(_reason(error)) from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotFetched(_reason(error)) from error


class _AnyStatus(HTTPErrorProcessor):
    """Returns errors of the server as answers; leaves redirects to the next one."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        if 300 <= response.status < 400:
            redirected: HTTPResponse = super().http_response(request, response)
            return redirected
        return response

    https_response = http_response


class _SameHost(HTTPRedirectHandler):
    """Follows redirects on one host."""

    max_redirections = MAX_REDIRECTS

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.hostname != old.hostname or (old.scheme == "https" and new.scheme != "https"):
            fp.close()
            raise NotFetched(_("it redirects to another place, %(url)s") % {"url": newurl})
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read(response: HTTPResponse, deadline: float) -> Answer:
    content = bytearray()
    while chunk := response.read1(64 * 1024):  # what has arrived: read() would wait for all of it
        content += chunk
        if len(content) > MAX_BYTES:
            raise NotFetched(_("its answer is larger than %(size)d MB") % {"size": MAX_BYTES // 1024**2})
        if time.monotonic() > deadline:
            raise TimeoutError
    return Answer(
        url=response.url,
        status=response.status,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=bytes(content),
    )


def _reason(error: Exception) -> str:
    """Return why there was no answer, in plain words."""
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, Exception) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _("its certificate is not trusted (%(reason)s)") % {"reason": cause.verify_message}
    if isinstance(cause, ssl.SSLError):
        return _("no secure connection could be made (%(reason)s)") % {"reason": cause.reason or cause}
    if isinstance(cause, socket.gaierror):
        return _("its name is not known: the DNS has no entry for it")
    if isinstance(cause, TimeoutError):
        return _("it did not answer within %(seconds)d seconds") % {"seconds": TIMEOUT}
    if isinstance(cause, ConnectionRefusedError):
        return _("nothing listens there")
    return str(cause) or type(cause).__name__
