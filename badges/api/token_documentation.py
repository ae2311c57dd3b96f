"""What the OpenAPI document says of the token API: shapes and examples of seed 003."""

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
OUTCOME_TEXT = (
    "Records the outcome once. Where it leads to a badge template, the badge is issued at once; where it is set to call out,"
    " the issuing platform is told, and completes it by BadgeAssignment. A body is not looked at."
)
MOMENT = "2025-07-23T11:26:25.978Z"
RESULT = {"requestID": 1, "requestDateTime": MOMENT, "resultCode": 0, "resultMessage": "Ok"}
EXAMPLE_BADGE = {
    "badgeID": "7b0b3f0e-5d0c-4c55-9c4e-0f2f8d1f3a11",
    "date": MOMENT,
    "name": "Data literacy",
    "description": "Reads and questions data.",
    "imageURL": "https://badges.example.org/public/versions/2a3c/image.png",
    "tags": ["data"],
    "issuerName": "Acme Academy",
    "issuerDescription": "A school.",
    "issuerEmail": "badges@acme.example",
    "issuerURL": "https://acme.example",
}
PARAMETERS = {
    "strToken": "The login token",
    "outcomeCode": "The outcome code",
    "strBadgeID": "The ID of the Badge object",
}


def _result() -> dict[str, Any]:
    return {
        "requestID": serializers.IntegerField(help_text="Counts the requests of this server, from 1."),
        "requestDateTime": serializers.DateTimeField(help_text="When the request was received, UTC."),
        "resultCode": serializers.IntegerField(help_text="0 means no errors."),
        "resultMessage": serializers.CharField(
            allow_null=True, help_text="Ok, or what went wrong, in words."
        ),
    }


def _text() -> serializers.CharField:
    return serializers.CharField(allow_null=True)


EarnedBadgeShape: Any = type(
    inline_serializer(
        "EarnedBadge",
        {
            "badgeID": serializers.CharField(),
            "date": serializers.DateTimeField(help_text="When it was issued, UTC."),
            "name": serializers.CharField(),
            "description": _text(),
            "imageURL": _text(),
            "tags": serializers.ListField(child=serializers.CharField()),
            "issuerName": _text(),
            "issuerDescription": _text(),
            "issuerEmail": _text(),
            "issuerURL": _text(),
        },
    )
)
ANSWER = inline_serializer("TokenResult", _result())
BADGES = inline_serializer("EarnedBadges", {"badges": EarnedBadgeShape(many=True), **_result()})
BADGE = inline_serializer("EarnedBadgeResult", {"badge": EarnedBadgeShape(allow_null=True), **_result()})
ASSIGNMENT = inline_serializer(
    "BadgeAssignment",
    {
        "refId": serializers.CharField(min_length=1, help_text="As the outcome was reported with."),
        "outcome": serializers.CharField(min_length=1, help_text="The outcome's code."),
        "badgeUrl": serializers.CharField(min_length=1, help_text="Where the badge is published."),
    },
)
REFUSED = {
    "requestID": 2,
    "requestDateTime": MOMENT,
    "resultCode": -101,
    "resultMessage": "Session not found",
}


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
    payload: dict[str, Any] = {}
    empty: dict[str, Any] = {}
    if answer is BADGES:
        payload, empty = {"badges": [EXAMPLE_BADGE]}, {"badges": []}
    elif answer is BADGE:
        payload, empty = {"badge": EXAMPLE_BADGE}, {"badge": None}
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=description or None,
        tags=[TAG],
        parameters=[
            OpenApiParameter(name, str, OpenApiParameter.PATH, description=PARAMETERS[name]) for name in path
        ],
        request=sent(request),
        responses=answers(answer, has_body=request is not None),
        examples=[
            OpenApiExample("Success", payload | RESULT, response_only=True),
            OpenApiExample("Refused", empty | REFUSED, response_only=True),
        ],
        auth=[{"callbackToken": []}] if request is not None else [],  # type: ignore[list-item]  # as OpenAPI has it
    )
