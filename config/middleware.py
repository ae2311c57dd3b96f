"""Middleware of other packages, without what a request does not need: it costs more than what a program asks for."""

from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

# BadgeKit and the token API: who asks says so in each request, and cookies are not looked at.
PROGRAMS = ("/systems/", "/api/v2/")
# What a view leaves on an answer that has a policy of its own.
OWN_POLICY = ("_csp_exempt", "_csp_config", "_csp_update", "_csp_replace")


class BrowsersOnly:
    """Before a middleware's class: programs pass it by."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """Answer a request."""
        if request.path_info.startswith(PROGRAMS):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]  # of the middleware


class BrowserSessionMiddleware(BrowsersOnly, SessionMiddleware):
    """Sessions."""


class BrowserAuthenticationMiddleware(BrowsersOnly, AuthenticationMiddleware):
    """Who is signed in."""


class BrowserMessageMiddleware(BrowsersOnly, MessageMiddleware):
    """What the next page tells."""


class PolicyMiddleware(CSPMiddleware):
    """The content security policy, put together once: it is the same for all answers but those that have their own."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.policy = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Put the policy on an answer."""
        if (
            settings.DEBUG
            or getattr(request, "_csp_nonce", None) is not None
            or any(hasattr(response, name) for name in OWN_POLICY)
        ):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.policy)
        return response
