"""The base of every view of the issuer API: who asks, what they may, how it is answered, whatever goes wrong."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from config.api.issuer.documentation import IssuerSchema
from config.api.issuer.errors import Forbidden, Invalid, Missing, Refusal, refusal_of, wrong_method
from config.api.issuer.fields import Input
from config.api.issuer.parsing import FormParser, JsonParser, LengthRequired, MultiPartParser
from config.exceptions import RuleBroken

log = logging.getLogger(__name__)

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
OVERRIDABLE = {"PUT", "PATCH", "DELETE"}
Answerer = Callable[..., HttpResponseBase]


def answer(data: Any, status: int = 200) -> HttpResponse:
    """Return JSON as Laravel does: without a charset, as JSON is UTF-8."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, status=status, content_type="application/json")


class IssuerView(APIView):
    """One route. A view's methods answer with `answer(...)` or raise; `needs` names the scope that each method takes.

    What it leaves open (who asks, what they may, how often) the app that knows keys and members fills in.
    """

    schema = IssuerSchema()
    parser_classes = (JsonParser, FormParser, MultiPartParser)
    needs: ClassVar[Mapping[str, str]] = {}
    # Whether a POST with an Idempotency-Key is answered once. Not for files: their storing has a transaction of its own.
    takes_idempotency_key: ClassVar[bool] = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a request."""
        self.args, self.kwargs = args, kwargs
        self.headers: dict[str, str] = {}
        self.unreadable: APIException | None = None
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self._read_first()
            method = self._method()
            handler: Answerer | None = getattr(self, method.lower(), None)
            if handler is None or method.lower() not in METHODS:
                response: HttpResponseBase = self._refused(
                    wrong_method(method, request.path, self.allowed_methods)
                )
            else:
                self.identify()
                self.speak()
                self.count()
                if method not in {"OPTIONS"}:
                    self.allow(self.needs.get(method, "read" if method in {"GET", "HEAD"} else "write"))
                if self.unreadable is not None:
                    raise self.unreadable
                key = request.headers.get("Idempotency-Key")
                if key is not None and method == "POST" and self.takes_idempotency_key:
                    response = self.once(key, lambda: handler(self.request, *args, **kwargs))
                else:
                    response = handler(self.request, *args, **kwargs)
        except (APIException, RuleBroken, Invalid, Missing, Forbidden) as error:
            response = self._refused(refusal_of(error))
        return self._finished(response)

    # What the app that knows keys and members fills in

    def identify(self) -> None:
        """Find out who asks; raise NotAuthenticated."""
        raise ImproperlyConfigured("identify")

    def speak(self) -> None:
        """Choose the language of messages, where the request names none."""

    def count(self) -> None:
        """Count the request; raise what tells that there were too many."""

    def allow(self, scope: str) -> None:
        """Raise Forbidden unless who asks may do what `scope` names."""
        raise ImproperlyConfigured("allow")

    def once(self, key: str, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Act, unless this key was used before: then the answer of that time is given again."""
        raise ImproperlyConfigured("once")

    # What views use

    def checked(self, serializer: type[Input], *, partial: bool = False) -> dict[str, Any]:
        """Return the body's values as a serializer reads them. Raises Invalid with every error."""
        context = self.get_serializer_context()
        return serializer(data=self.request.data, partial=partial, context=context).checked()

    def get_serializer_context(self) -> dict[str, Any]:
        """Return what fields must know to read a value."""
        return {"request": self.request, "time_zone": settings.ORGANIZATION_TIME_ZONE}

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        """Say which methods there are."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def head(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer like GET; the server leaves the body out."""
        handler: Answerer | None = getattr(self, "get", None)
        if handler is None:
            return self._refused(wrong_method("HEAD", request.path, self.allowed_methods))
        return handler(request, *args, **kwargs)

    @property
    def allowed_methods(self) -> list[str]:
        """Methods that the route has, GET with HEAD."""
        found = [
            method.upper()
            for method in METHODS
            if method not in {"head", "options"} and hasattr(self, method)
        ]
        return [*found[:1], "HEAD", *found[1:]] if found[:1] == ["GET"] else found

    # How it works

    def _read_first(self) -> None:
        """Read a body that may name another method, before anything else is decided."""
        raw = self.request._request
        if "chunked" in raw.headers.get("Transfer-Encoding", "").lower() and not raw.META.get(
            "CONTENT_LENGTH"
        ):
            self.unreadable = LengthRequired()
            return
        if raw.method == "POST":
            override = raw.headers.get("X-HTTP-Method-Override") or self.request.query_params.get("_method")
            if not override and raw.META.get("CONTENT_LENGTH") not in {None, "", "0"}:
                try:
                    override = self.request.data.get("_method")  # type: ignore[union-attr]  # see parsing
                except APIException as error:
                    # Told when it is clear who asks. Kept, because a body that was tried once is an empty one afterwards.
                    override, self.unreadable = None, error
            if isinstance(override, str) and override.upper() in OVERRIDABLE:
                raw.method = override.upper()

    def _method(self) -> str:
        return self.request._request.method or ""

    def _refused(self, refusal: Refusal | None) -> HttpResponse:
        if refusal is None:  # pragma: no cover - dispatch asks only about errors that are known
            raise ImproperlyConfigured("an error without an answer")
        status, body, headers = refusal
        response = answer(body, status)
        for name, value in headers.items():
            response[name] = value
        return response

    def _finished(self, response: HttpResponseBase) -> HttpResponseBase:
        """Put the headers on, and leave out a body that the client has already."""
        uploads: Any = getattr(self.request._request, "uploads", None) or MultiValueDict()
        for _name, files in uploads.lists():
            for file in files:
                file.close()
        for name, value in self.headers.items():
            response[name] = value
        response.setdefault("Cache-Control", "private, no-cache")
        patch_vary_headers(response, ("Authorization", "Cookie", "Accept-Language"))
        if (
            response.status_code == 200
            and isinstance(response, HttpResponse)
            and self._method() in {"GET", "HEAD"}
        ):
            etag = f'"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
            response["ETag"] = etag
            known = [
                text.strip().removeprefix("W/")
                for text in self.request.headers.get("If-None-Match", "").split(",")
            ]
            if etag in known or "*" in known:
                unchanged = HttpResponse(status=304)
                for name in ("ETag", "Cache-Control", "Vary", *self.headers):
                    unchanged[name] = response[name]
                del unchanged["Content-Type"]
                return unchanged
        if response.status_code == 204:
            del response["Content-Type"]
        response["Content-Language"] = translation.get_language() or "en"
        return response


def refuse_field(field: str, message: str) -> NoReturn:
    """Refuse one value of the request with a sentence about it."""
    raise Invalid({field: [message]})
