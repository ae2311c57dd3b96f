"""The OpenAPI document of the three APIs, its page to try them, and the page that explains them."""

import hashlib
import json
from functools import lru_cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from config.api.badgekit_schema import COMPONENTS
from config.api.openapi_texts import DESCRIPTION, TAGS
from config.version import VERSION

SECURITY_SCHEMES = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key of an organization, such as `lrl_0123456789ab_…`.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sessionid",
        "description": "The browser's session; writing needs the header `X-CSRFToken`.",
    },
    "callbackToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The callback token of an outcome, such as `lrl_call_…`.",
    },
    "badgekitToken": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": 'A JSON Web Token of one request: `JWT token="…"`.',
    },
}


_one_at_a_time = Lock()


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, which is made once in a process: it takes a second.

    By one thread, for which the others wait: drf-spectacular fills registries of its own on the way, and two at once trip
    over what the other has half filled.
    """
    with _one_at_a_time:
        return _document()


@lru_cache(maxsize=1)
def _document() -> dict[str, Any]:
    with translation.override("en"):
        generator = SchemaGenerator()  # type: ignore[no-untyped-call]
        made: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["info"] = {
        "title": "Laurel",
        "version": VERSION,
        "description": DESCRIPTION,
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    }
    made["servers"] = [{"url": settings.PUBLIC_URL}]
    made["tags"] = TAGS
    made["components"]["schemas"] = dict(sorted((made["components"]["schemas"] | COMPONENTS).items()))
    made["components"]["securitySchemes"] = SECURITY_SCHEMES
    return made


@lru_cache(maxsize=1)
def _serialized() -> tuple[bytes, str]:
    content = json.dumps(document(), ensure_ascii=False, separators=(",", ":")).encode()
    return content, f'"{hashlib.blake2b(content, digest_size=12).hexdigest()}"'


@require_safe
def openapi_document(request: HttpRequest) -> HttpResponse:
    """`/api/openapi.json`: anybody may read it."""
    content, etag = _serialized()
    response = HttpResponse(content, content_type="application/json", headers={"ETag": etag})
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return get_conditional_response(request, etag=etag, response=response) or response


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """`/api/reference`: every operation, to read and to try."""
    return render(request, "api/reference.html")


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """`/api`: how a program signs in, pages, errors, retries; with lines to paste into a terminal."""
    return render(request, "api/guide.html", {"public_url": settings.PUBLIC_URL})
