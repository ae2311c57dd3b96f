"""What the OpenAPI document says of signing in by the token API."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from config.api.token_schema import answers, sent

TAG = "Token API"
MOMENT = "2025-07-23T11:26:25.978Z"


def _result() -> dict[str, Any]:
    return {
        "requestID": serializers.IntegerField(help_text="Counts the requests of this server, from 1."),
        "requestDateTime": serializers.DateTimeField(help_text="When the request was received, UTC."),
        "resultCode": serializers.IntegerField(help_text="0 means no errors."),
        "resultMessage": serializers.CharField(
            allow_null=True, help_text="Ok, or what went wrong, in words."
        ),
    }


def _optional(text: str) -> serializers.CharField:
    return serializers.CharField(required=False, help_text=text)


def _email() -> serializers.CharField:
    return serializers.CharField(min_length=1, help_text="The address that is signed in with.")


_User: Any = type(
    inline_serializer("LoginUser", {"userID": serializers.CharField(), "eMail": serializers.CharField()})
)
ANSWER = inline_serializer("LoginResult", _result())
SENT = inline_serializer(
    "ValidatedCode",
    {"newSessionToken": _optional("The login token. It is shown this once."), **_result()},
)
OPENED = inline_serializer(
    "Login",
    {
        "user": _User(required=False),
        "token": _optional("The login token. It is shown this once."),
        "flowID": _optional("By what the program asks again, while the person has not let it in."),
        **_result(),
    },
)
MAILED = inline_serializer("LoginWithOTP", {"eMail": _email()})
WANTED = inline_serializer(
    "ValidateOTPCode",
    {"eMail": _email(), "otpCode": serializers.CharField(min_length=1, help_text="The six digits.")},
)
FLOW = inline_serializer(
    "PwlLogin",
    {"eMail": _optional("Where the link is sent to."), "flowID": _optional("As it was answered.")},
)
IDENTITY = inline_serializer(
    "LoginWithJWT",
    {
        "jwtToken": serializers.CharField(
            min_length=1, help_text="The JSON Web Token. `jwt` is its other name."
        )
    },
)
REFUSED = OpenApiExample(
    "Refused",
    {
        "requestID": 2,
        "requestDateTime": MOMENT,
        "resultCode": -108,
        "resultMessage": "This is not good any more.",
    },
    response_only=True,
)


def documented(
    operation_id: str,
    summary: str,
    answer: Any,
    *,
    request: Any = None,
    description: str = "",
    path: tuple[str, ...] = (),
) -> Callable[[Any], Any]:
    """Return the decorator of a view's method; `path` names the parts of its path. Every answer is 200 (`resultCode`)."""
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or None,
        tags=[TAG],
        parameters=[
            OpenApiParameter(name, str, OpenApiParameter.PATH, description="The login token") for name in path
        ],
        request=sent(request),
        responses=answers(answer, has_body=request is not None),
        examples=[REFUSED],
        auth=[],
    )
