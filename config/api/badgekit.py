"""The BadgeKit dialect (seed 004): how its views are entered, answered, refused and paged. Imports no app."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.core.signals import got_request_exception
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from rest_framework.views import APIView

from config.api.badgekit_errors import (
    ApiError,
    conflict,
    error_of,
    not_found,
    refused_field,
    validation_error,
)
from config.api.badgekit_fields import Fields
from config.api.badgekit_requests import UNSTORABLE, BadgekitRequest
from config.api.badgekit_schema import BadgekitSchema
from config.exceptions import RuleBroken
from config.statements import Listing

__all__ = [
    "ApiError",
    "BadgekitRequest",
    "BadgekitView",
    "Fields",
    "answer",
    "conflict",
    "not_found",
    "paged",
    "refused_field",
    "unknown_path",
    "validation_error",
]

UNPAGED_ROWS = 1_000  # of a list without page and count (design.md section 4.2)
MAX_COUNT = 10_000
ACCEPTED = re.compile(r"\*/\*|application/(?:\*|json|octet-stream)|text/(?:\*|plain|csv)", re.IGNORECASE)

Row = TypeVar("Row", bound=Model)

logger = logging.getLogger("django.request")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return the body as JSON, as seed 004 shows it: `Content-Type: application/json` and nothing more, with its length."""
    content = _encode(body).encode("utf-8", "replace")
    response = HttpResponse(content, status=status, content_type="application/json")
    response.headers["Content-Length"] = str(len(content))
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


class BadgekitView(APIView):
    """A view of the BadgeKit API: its methods take a BadgekitRequest and return what `answer` makes.

    A view of Django REST framework for those who describe it; it is entered without that framework's request, negotiation
    and throttles, which cost more than what most of these views do. In order: 405, 406, whatever `prepare` refuses (who
    asks, and for what), the method. RuleBroken and ApiError become error bodies, all else a 500 that tells nothing of the
    inside.
    """

    http_method_names = ["get", "post", "put", "delete"]
    schema = BadgekitSchema()
    accepted = ACCEPTED  # what the header Accept must have in it, where there is one

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request, whatever happens."""
        asked = BadgekitRequest(request)
        try:
            method = (request.method or "").lower()
            handler: Callable[..., HttpResponse] | None = (
                getattr(self, method, None) if method in self.http_method_names else None
            )
            if handler is None:
                raise self._not_allowed(request)
            accept = request.META.get("HTTP_ACCEPT")
            if accept and not self.accepted.search(accept):
                raise ApiError(406, "NotAcceptableError", "Server accepts: application/json")
            if any(UNSTORABLE.search(value) for value in kwargs.values()):
                raise unknown_path(request)
            return handler(asked, **self.prepare(asked, kwargs))
        except ApiError as refusal:
            return answer(refusal.body, refusal.status, refusal.headers)
        except RuleBroken as rule:
            told = error_of(rule, _data_of(asked))
            return answer(told.body, told.status, told.headers)
        except Exception:
            got_request_exception.send(sender=type(self), request=request)
            if settings.DEBUG_PROPAGATE_EXCEPTIONS:
                raise
            logger.exception(
                "Internal Server Error: %s", request.path, extra={"status_code": 500, "request": request}
            )
            return answer(
                {
                    "code": "InternalError",
                    "message": "Something went wrong on the server. Nothing was changed.",
                },
                500,
            )

    def prepare(self, request: BadgekitRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Settle who asks and for what; return the arguments of the method. Raises ApiError."""
        return kwargs

    def _not_allowed(self, request: HttpRequest) -> ApiError:
        allowed = [name.upper() for name in self.http_method_names if hasattr(self, name)]
        return ApiError(
            405,
            "MethodNotAllowedError",
            f"{request.method} is not allowed",
            headers={"Allow": ", ".join(allowed)},
        )


def _data_of(request: BadgekitRequest) -> Mapping[str, Any]:
    try:
        return request.data
    except ApiError:
        return {}


def unknown_path(request: HttpRequest) -> ApiError:
    """Return the 404 for an address that leads nowhere."""
    return ApiError(404, "ResourceNotFound", f"{UNSTORABLE.sub('�', request.path)} does not exist")


class UnknownPathView(BadgekitView):
    """What no other address matches: without doubled and trailing slashes it may be one, else it is 404 for everybody."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer for the tidied path."""
        tidied = "/" + "/".join(part for part in request.path_info.split("/") if part)
        if tidied != request.path_info:
            try:
                match = resolve(tidied)
            except Resolver404:
                match = None
            if match is not None and getattr(match.func, "view_class", None) is not type(self):
                response: HttpResponse = match.func(request, *match.args, **match.kwargs)
                return response
        refusal = unknown_path(request)
        return answer(refusal.body, refusal.status)


def paged(
    request: BadgekitRequest, rows: QuerySet[Row, Any] | Listing[Any]
) -> tuple[list[Any], dict[str, int] | None, str | None]:
    """Return (rows, pageData or None, value of the header Link or None). The rows must have a last unique order.

    As the old server read them: `page` and `count` are both needed, by their leading digits, above zero; otherwise there is
    no paging and no error. An unpaged list stops at UNPAGED_ROWS, with the address of the rest as `rel="next"`. A count
    above MAX_COUNT is taken, and told, as MAX_COUNT.
    """
    page, count = _positive(request.first("page")), _positive(request.first("count"))
    if page is None or count is None:
        found = list(rows[: UNPAGED_ROWS + 1])
        if len(found) <= UNPAGED_ROWS:
            return found, None, None
        query = request.query.copy()
        query["page"], query["count"] = "2", str(UNPAGED_ROWS)
        path = request.target.partition("?")[0]
        return found[:UNPAGED_ROWS], None, f'<{path}?{query.urlencode()}>; rel="next"'
    count = min(count, MAX_COUNT)
    total = rows.count()
    start = (page - 1) * count
    found = list(rows[start : start + count]) if start < total else []
    return found, {"page": page, "count": count, "total": total}, None


def _positive(text: str | None) -> int | None:
    """Read a number as JavaScript's parseInt does: `2.9` and `2y` are 2. None unless it is above zero."""
    match = re.match(r"\s*\+?([0-9]{1,15})", text or "")
    number = int(match[1]) if match else 0
    return number or None
