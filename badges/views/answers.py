"""How documents, pictures and pages are answered: type, ETag, caching, CORS, HEAD, and errors as JSON."""

import hashlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from badges.services.issuers import compact
from config.exceptions import RuleBroken

# How long others may keep an answer: what badges refer to, what may be withdrawn at any time, what never changes.
FOR_MINUTES = "public, max-age=300"
FOR_A_MINUTE = "public, max-age=60, must-revalidate"
FOR_EVER = "public, max-age=31536000, immutable"

METHODS = "GET, HEAD, OPTIONS"
# A document runs nothing, whoever opens it as a page.
DOCUMENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
# An SVG opened as a page may show its own styles and the PNG inside it.
PICTURE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)

Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


def document(view: View[Parameters]) -> View[Parameters]:
    """Make a view of documents: GET, HEAD and OPTIONS for scripts of any site, and refusals as JSON {"message"}.

    The view runs without the session, so that its answers can be kept by any cache.
    """

    @csrf_exempt
    @wraps(view)
    def answered(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if request.method == "OPTIONS":
            response = _preflight()
        elif request.method not in {"GET", "HEAD"}:
            response = refusal(405, _("This document can only be read."))
            response["Allow"] = METHODS
        else:
            try:
                response = view(request, *args, **kwargs)
            except Http404:
                response = refusal(404, _("There is no document here."))
            except RuleBroken as error:
                response = refusal(503, error.message)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    return answered


def _preflight() -> HttpResponse:
    """Answer what a browser asks before a script of another site may read a document (Fetch, section 3.3)."""
    response = HttpResponse(
        status=204,
        headers={
            "Allow": METHODS,
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": "Accept, Cache-Control, If-None-Match",
            "Access-Control-Max-Age": "86400",
        },
    )
    del response["Content-Type"]
    return response


def negotiated(view: View[Parameters]) -> View[Parameters]:
    """Make a view of an address that answers in several forms: `view` chooses by Accept, and caches are told so."""

    @csrf_exempt
    @wraps(view)
    def answered(
        request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            response = view(request, *args, **kwargs)
        else:
            response = refusal(405, _("What is at this address can only be read."))
            response["Allow"] = METHODS
        patch_vary_headers(response, ["Accept"])
        return response

    return answered


def body(
    request: HttpRequest,
    content: str | bytes,
    content_type: str,
    *,
    cache: str,
    etag: str | None = None,
    status: int = 200,
    policy: str = DOCUMENT_POLICY,
    filename: str | None = None,
) -> HttpResponse:
    """Answer bytes or text with a strong ETag, by default their SHA-256; with 304 when the client has them already.

    `filename` makes a download of it.
    """
    if isinstance(content, str):
        content = content.encode()
    etag = etag or f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if status == 200 and is_known(request, etag):
        return unchanged(etag, cache)
    response = HttpResponse(content, content_type=content_type, status=status)
    headers = response.headers
    headers["Content-Length"] = str(len(content))
    headers["ETag"] = etag
    headers["Cache-Control"] = cache
    headers["Content-Security-Policy"] = policy
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if filename is not None:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def json_body(
    request: HttpRequest, content: Mapping[str, Any], content_type: str, *, cache: str, status: int = 200
) -> HttpResponse:
    """Answer a document that is made anew each time."""
    return body(request, compact(content), content_type, cache=cache, status=status)


def is_known(request: HttpRequest, etag: str) -> bool:
    """Tell whether the client has what this strong ETag stands for (RFC 9110 section 13.1.2: compared weakly)."""
    condition = request.META.get("HTTP_IF_NONE_MATCH")
    if condition is None:
        return False
    if condition == etag:
        return True
    return condition.strip() == "*" or any(
        known.removeprefix("W/") == etag for known in parse_etags(condition)
    )


def unchanged(etag: str, cache: str) -> HttpResponse:
    """Answer that what the client has is still so."""
    response = HttpResponse(
        status=304,
        headers={"ETag": etag, "Cache-Control": cache, "Content-Security-Policy": DOCUMENT_POLICY},
    )
    del response["Content-Type"]
    return response


def refusal(status: int, message: str) -> HttpResponse:
    """Answer an error to a program."""
    response = HttpResponse(compact({"message": message}), content_type="application/json", status=status)
    response["Cache-Control"] = "no-store"
    return response


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    is_indexed: bool,
    is_private: bool = False,
) -> HttpResponse:
    """Answer a page, rendered without session, user and messages, so that it says the same to everybody.

    It is asked for anew each time (no-cache), as it tells what holds at this moment. `is_private` pages are kept by
    nobody.
    """
    # Django's messages live in the session; an empty list in their place keeps the template from reading it.
    response = HttpResponse(render_to_string(template, {"messages": (), **context}, request))
    response["Cache-Control"] = "private, no-store" if is_private else "no-cache"
    if not is_indexed:
        response["X-Robots-Tag"] = "noindex"
    return response


def without_index(response: HttpResponse) -> HttpResponse:
    """Keep an answer that names a person out of search engines: what they may show of a badge is its page."""
    response["X-Robots-Tag"] = "noindex"
    return response
