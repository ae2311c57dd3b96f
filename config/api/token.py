"""The dialect of the token API (seed 003): its envelope, result codes, errors, and how its views are entered. A leaf."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.views import APIView

from config.api.json_bodies import BrokenBody, read_json
from config.api.token_numbers import take_number
from config.exceptions import RuleBroken

MAX_BODY = 64 * 1024  # bytes
JSON_TYPE = re.compile(r"(?:application|text)/(?:[a-z0-9.-]+\+)?json")

logger = logging.getLogger("django.request")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class ResultCode(IntEnum):
    """What `resultCode` says. The negative ones are those that clients of the protocol know; the rest is HTTP's."""

    OK = 0
    USER_NOT_FOUND = -12
    USER_OR_PASSWORD_INVALID = -13
    TOO_MANY_ATTEMPTS = -38
    SESSION_NOT_FOUND = -101
    SESSION_EXPIRED = -103
    OTP_NOT_FOUND = -107
    OTP_EXPIRED = -108
    MISSING_TEMPORARY_TOKEN = -109
    WRONG_OR_MISSING_CREDENTIALS = -2001
    MISSING_REF_ID = -2002
    OUTCOME_NOT_FOUND = -2003
    MISSING_ASSERTION_URL = -2004
    MISSING_BADGE_URL = -2005
    MISSING_ISSUER_URL = -2006
    INVALID_URL = -2007
    MISSING_RECIPIENT = -2021
    UNKNOWN_RECIPIENT_TYPE = -2022
    MISSING_RECIPIENT_IDENTITY = -2023
    MISSING_RECIPIENT_HASH_TYPE = -2024
    UNKNOWN_RECIPIENT_HASH_TYPE = -2025
    WRONG_RECIPIENT_IDENTITY = -2026
    BADGE_NOT_FOUND = -2051
    NO_TARGET_CONFIGURED = -2071
    USER_BADGES_DISABLED = -2072
    BAD_REQUEST = 400
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    LENGTH_REQUIRED = 411
    BODY_TOO_LARGE = 413
    UNSUPPORTED_MEDIA_TYPE = 415
    SERVER_ERROR = 500


# Every refusal of our services that this API meets.
CODES: Mapping[str, ResultCode] = {
    "login_token_unknown": ResultCode.SESSION_NOT_FOUND,
    "login_token_expired": ResultCode.SESSION_EXPIRED,
    "sign_in_code_wrong": ResultCode.OTP_NOT_FOUND,
    "sign_in_over": ResultCode.OTP_EXPIRED,
    "identity_refused": ResultCode.USER_OR_PASSWORD_INVALID,
    "too_many_mails": ResultCode.TOO_MANY_ATTEMPTS,
    "too_many_tries": ResultCode.TOO_MANY_ATTEMPTS,
    "too_many_inspections": ResultCode.TOO_MANY_ATTEMPTS,
    "account_without_address": ResultCode.USER_BADGES_DISABLED,
    "outcome_unknown": ResultCode.OUTCOME_NOT_FOUND,
    "outcome_without_target": ResultCode.NO_TARGET_CONFIGURED,
    "outcome_badge_refused": ResultCode.NO_TARGET_CONFIGURED,
    "callback_unknown": ResultCode.WRONG_OR_MISSING_CREDENTIALS,
    "reference_missing": ResultCode.MISSING_REF_ID,
    "reference_unknown": ResultCode.OUTCOME_NOT_FOUND,
    "badge_url_missing": ResultCode.MISSING_BADGE_URL,
    "badge_url_invalid": ResultCode.INVALID_URL,
    "foreign_assertion": ResultCode.MISSING_ASSERTION_URL,
    "foreign_badge_class": ResultCode.MISSING_BADGE_URL,
    "foreign_issuer": ResultCode.MISSING_ISSUER_URL,
    "recipient_missing": ResultCode.MISSING_RECIPIENT,
    "recipient_type_unknown": ResultCode.UNKNOWN_RECIPIENT_TYPE,
    "recipient_identity_missing": ResultCode.MISSING_RECIPIENT_IDENTITY,
    "recipient_hash_missing": ResultCode.MISSING_RECIPIENT_HASH_TYPE,
    "recipient_hash_unknown": ResultCode.UNKNOWN_RECIPIENT_HASH_TYPE,
    "recipient_is_another": ResultCode.WRONG_RECIPIENT_IDENTITY,
    "badge_unknown": ResultCode.BADGE_NOT_FOUND,
}


class TokenError(Exception):
    """A refusal of the dialect itself. `status` is HTTP's, 200 for all that is about what was asked."""

    def __init__(
        self,
        code: ResultCode,
        message: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status
        self.headers = dict(headers or {})


def moment(at: datetime) -> str:
    """Return an instant as seed 003 has it: 2025-07-23T11:26:25.978Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"


def envelope(
    payload: Mapping[str, Any], number: int, begun: datetime, code: ResultCode, message: str
) -> dict[str, Any]:
    """Return an answer's body: what was asked for, then the four members that every answer has."""
    return {
        **payload,
        "requestID": number,
        "requestDateTime": moment(begun),
        "resultCode": int(code),
        "resultMessage": message,
    }


class TokenView(APIView):
    """A route of the token API: its methods take Django's request and return the payload of the answer.

    Every answer is the envelope, with HTTP 200 for all that the protocol has a result code for. A refusal has the payload's
    member too, empty (`empty`). A view of Django REST framework for those who describe it; it is entered without that
    framework's request, negotiation and throttles. Nothing is kept by caches or told to other sites, as tokens are in paths.
    """

    http_method_names = ["get", "post"]
    empty: ClassVar[Mapping[str, Any]] = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a request, whatever happens."""
        begun, number = datetime.now(UTC), 0
        try:
            number = take_number()
            name = (request.method or "").lower()
            handler: Callable[..., Mapping[str, Any]] | None = getattr(
                self, "get" if name == "head" else name, None
            )
            if handler is None or name not in {"head", *self.http_method_names}:
                raise self._not_allowed(request)
            return _answer(envelope(handler(request, **kwargs), number, begun, ResultCode.OK, "Ok"))
        except TokenError as refusal:
            told = refusal
        except RuleBroken as rule:
            told = error_of(rule)
        except Exception:
            got_request_exception.send(sender=type(self), request=request)
            if settings.DEBUG_PROPAGATE_EXCEPTIONS:
                raise
            logger.exception(
                "Internal Server Error: %s", request.path, extra={"status_code": 500, "request": request}
            )
            told = TokenError(
                ResultCode.SERVER_ERROR,
                _("Something went wrong on the server. Nothing was changed."),
                status=500,
            )
        return _answer(
            envelope(self.empty, number, begun, told.code, told.message), told.status, told.headers
        )

    def _not_allowed(self, request: HttpRequest) -> TokenError:
        allowed = [name.upper() for name in self.http_method_names if hasattr(self, name)]
        allowed += ["HEAD"] if "GET" in allowed else []
        return TokenError(
            ResultCode.METHOD_NOT_ALLOWED,
            _("%(method)s is not allowed here.") % {"method": str(request.method)[:20]},
            status=405,
            headers={"Allow": ", ".join(allowed)},
        )


class UnknownPathView(TokenView):
    """What no other address of the token API matches."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer 404."""
        message = _("There is nothing at this address.")
        body = envelope({}, take_number(), datetime.now(UTC), ResultCode.NOT_FOUND, message)
        return _answer(body, 404)


def error_of(rule: RuleBroken) -> TokenError:
    """Return a broken rule as it is answered."""
    headers = {}
    if (seconds := getattr(rule, "retry_after", None)) is not None:
        headers["Retry-After"] = str(seconds)
    return TokenError(CODES.get(rule.code, ResultCode.BAD_REQUEST), rule.message, headers=headers)


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that a body is; an empty body is an empty one.

    Raises TokenError: 400 for what is no JSON object, 411 without a length, 413 beyond MAX_BODY, 415 for other types.
    """
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise TokenError(ResultCode.LENGTH_REQUIRED, _("Send the body with a Content-Length."), status=411)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY:
            raise RequestDataTooBig
        content = request.body
    except RequestDataTooBig as error:
        raise TokenError(ResultCode.BODY_TOO_LARGE, _("The body is too large."), status=413) from error
    except (UnreadablePostError, ValueError) as error:
        raise TokenError(
            ResultCode.BAD_REQUEST, _("The body ended before it was complete."), status=400
        ) from error
    if not content:
        return {}
    if not JSON_TYPE.fullmatch(request.content_type or ""):
        raise TokenError(
            ResultCode.UNSUPPORTED_MEDIA_TYPE, _("Send the body as application/json."), status=415
        )
    try:
        value = read_json(content)
    except BrokenBody as error:
        raise TokenError(ResultCode.BAD_REQUEST, str(error), status=400) from error
    if not isinstance(value, dict):
        raise TokenError(ResultCode.BAD_REQUEST, _("The body is not a JSON object."), status=400)
    return value


def text_of(body: Mapping[str, Any], name: str) -> str:
    """Return a member that is text, trimmed; what is missing, of another type, or cannot be kept is an empty text."""
    value = body.get(name)
    if not isinstance(value, str) or any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in value):
        return ""
    return value.strip()


def _answer(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    content = _encode(body).encode("utf-8", "replace")
    response = HttpResponse(content, status=status, content_type="application/json")
    response.headers["Content-Length"] = str(len(content))
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response
