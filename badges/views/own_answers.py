"""How this server answers its own public addresses, asked without a network: the same bytes that anybody gets."""

import re
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve

from organizations.services.foreign import ForeignAnswer

# Where documents are. Nothing else is asked: it might read a session, or be a page.
DOCUMENTS = re.compile(r"/public/(?:badges|issuers|versions|templates)/[0-9a-f-]{36}(?:[./].*)?")


def answer_own(url: str, accept: str) -> ForeignAnswer:
    """Return what this server answers at one of its own addresses to this Accept header."""
    parts = urlsplit(url)
    not_found = ForeignAnswer(url=url, status=404, body=b"")
    if not DOCUMENTS.fullmatch(parts.path):
        return not_found
    try:
        match = resolve(parts.path)
    except Resolver404:
        return not_found
    request = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = parts.path
    request.GET = QueryDict(parts.query)
    request.META = {"HTTP_ACCEPT": accept, "REQUEST_METHOD": "GET"}
    try:
        response = match.func(request, *match.args, **match.kwargs)
    except Http404:
        return not_found
    return ForeignAnswer(url=url, status=response.status_code, body=response.content)
