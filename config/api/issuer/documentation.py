"""What the OpenAPI document says of a route of the issuer API, beside what its serializers say."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    PolymorphicProxySerializer,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

from config.api.issuer.fields import Shape
from config.api.openapi_schema import ADDRESS, LaurelSchema

REFUSALS = {
    400: "The body cannot be read: broken JSON, a key twice, a form whose names contradict each other.",
    401: "No API key, or one that is unknown, expired or revoked.",
    402: "Not enough credits (where the installation enforces them). Nothing was issued.",
    403: "The key lacks the scope, the role does not allow it, or the organization is disabled.",
    404: "Nothing with this id in the key's organization.",
    409: "What there is forbids it; the message says what. Nothing was changed.",
    411: "A body in chunks, without the header Content-Length.",
    413: "The body is larger than is read.",
    415: "A type of body that is not read.",
    422: "Values that are not accepted: all of them by dotted path.",
    429: "Too many requests within a minute: the header Retry-After says how many seconds to wait.",
    503: "The organization has no signing key that can be used. Nothing was done.",
}


class IssuerSchema(LaurelSchema):
    """Describes a view of the issuer API: what is read can be asked for again, and is answered when it has changed."""

    def _get_response_bodies(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Return the answers by status; files that are written while they are sent have no ETag."""
        found: dict[str, Any] = super()._get_response_bodies(*args, **options)
        media_types = found.get("200", {}).get("content", {})
        if self.method == "GET" and any(one.endswith("json") for one in media_types):
            found["304"] = {"description": "Nothing has changed since the `ETag` sent as `If-None-Match`."}
        return dict(sorted(found.items()))


class MessageShape(Shape):
    """A refusal."""

    message = serializers.CharField()


# Made by a function, because a serializer's own attributes have some of these names.
ERRORS = inline_serializer(
    "Errors",
    {
        "message": serializers.CharField(help_text="The first error, and how many more there are."),
        "errors": serializers.DictField(
            child=serializers.ListField(child=serializers.CharField()),
            help_text="Sentences by dotted path, such as `earners.0.recipient_email`.",
        ),
    },
)


class LinksShape(Shape):
    """Addresses of other pages."""

    first = serializers.CharField()
    last = serializers.CharField()
    prev = serializers.CharField(allow_null=True)
    next = serializers.CharField(allow_null=True)


PAGE_LINKS = inline_serializer(
    "PageLink",
    {
        "url": serializers.CharField(allow_null=True),
        "label": serializers.CharField(),
        "active": serializers.BooleanField(),
    },
    many=True,
)
PAGE_META = inline_serializer(
    "PageMeta",
    {
        "current_page": serializers.IntegerField(),
        "from": serializers.IntegerField(allow_null=True),
        "last_page": serializers.IntegerField(),
        "links": PAGE_LINKS,
        "path": serializers.CharField(),
        "per_page": serializers.IntegerField(),
        "to": serializers.IntegerField(allow_null=True),
        "total": serializers.IntegerField(),
    },
)

# What stands beside the rows of a list that has one of them, in examples.
ONE_PAGE = {
    "links": {"first": f"{ADDRESS}?page=1", "last": f"{ADDRESS}?page=1", "prev": None, "next": None},
    "meta": {
        "current_page": 1,
        "from": 1,
        "last_page": 1,
        "links": [
            {"url": None, "label": "« Previous", "active": False},
            {"url": f"{ADDRESS}?page=1", "label": "1", "active": True},
            {"url": None, "label": "Next »", "active": False},
        ],
        "path": ADDRESS,
        "per_page": 25,
        "to": 1,
        "total": 1,
    },
}
PAGE_PARAMETERS = [
    OpenApiParameter("page", int, description="From 1. One past the end answers an empty list."),
    OpenApiParameter("per_page", int, description="1 to 100, 25 where it is not said."),
]
IDEMPOTENCY_PARAMETER = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Up to 255 characters. The same key and body get the same answer for 24 hours; another body gets 409.",
)


def documented(
    summary: str,
    *,
    tag: str,
    description: str = "",
    request: Any = None,
    answer: Any = None,
    status: int = 200,
    also: Sequence[int] = (),
    listed: bool = False,
    wrapped: bool = True,
    one_or_many: bool = False,
    refusals: Sequence[int] = (),
    parameters: Sequence[OpenApiParameter] = (),
    examples: Sequence[OpenApiExample] = (),
    media_types: Sequence[str] = ("application/json",),
) -> Callable[[Any], Any]:
    """Return the decorator of a view's method.

    `answer` is a Shape, wrapped in `data` unless told otherwise, or a list of them in pages; None is an answer without a
    body (204). `also` are other statuses of the same answer; with `one_or_many` its `data` is a list where many were sent.
    `refusals` are statuses beside those that every route has (401, 403, 404 and 429; with a body 400, 411, 413, 415
    and 422 too; 422 where there are parameters, 409 with an Idempotency-Key). Without `examples` of their own, the body and
    the answer have those of their classes.
    """
    has_body = request is not None
    statuses = {401, 403, 404, 429, *refusals} | ({400, 411, 413, 415, 422} if has_body else set())
    statuses |= {422 for parameter in parameters if parameter.location != OpenApiParameter.PATH}
    statuses |= {409 for parameter in parameters if parameter is IDEMPOTENCY_PARAMETER}
    responses: dict[Any, Any] = {}
    for media_type in media_types:
        is_json = media_type.endswith("json") and answer is OpenApiTypes.BINARY
        for answered in (status, *also):
            responses[(answered, media_type)] = (
                OpenApiTypes.OBJECT
                if is_json
                else _one_or_many(answer)
                if one_or_many
                else _answer(answer, listed=listed, wrapped=wrapped)
            )
    if answer is None and media_types == ("application/json",):
        responses = {status: OpenApiResponse(description="Done; nothing to tell.")}
    for refused in sorted(statuses):
        shape = ERRORS if refused == 422 else MessageShape
        responses[refused] = OpenApiResponse(shape, description=REFUSALS[refused])
    given = [*parameters, *(PAGE_PARAMETERS if listed else [])]
    options: dict[str, Any] = {}
    if has_body:
        options["request"] = (
            request
            if isinstance(request, Mapping)
            else {
                "application/json": request,
                "application/x-www-form-urlencoded": request,
                "multipart/form-data": request,
            }
        )
    else:
        options["request"] = None
    return extend_schema(
        summary=summary,
        description=description or None,
        tags=[tag],
        parameters=list(given),
        responses=responses,
        examples=[
            *examples,
            *_examples(
                request, answer, given=examples, statuses=[status, *also], listed=listed, wrapped=wrapped
            ),
        ]
        or None,
        auth=[{"apiKey": []}, {"session": []}],  # type: ignore[list-item]  # as OpenAPI has it
        **options,
    )


def _examples(
    request: Any,
    answer: Any,
    *,
    given: Sequence[OpenApiExample],
    statuses: Sequence[int],
    listed: bool,
    wrapped: bool,
) -> list[OpenApiExample]:
    """Return the examples that the classes of body and answer have, for whichever of the two none is given."""
    found = []
    sent = getattr(request, "example", None)
    if sent is not None and not any(not example.response_only for example in given):
        found.append(OpenApiExample("Body", sent, request_only=True))
    is_many = isinstance(answer, serializers.ListSerializer)
    answered = getattr(answer.child if is_many else answer, "example", None)
    if answered is not None and not any(not example.request_only for example in given):
        value = [answered] if listed or is_many else answered
        whole = {"data": value, **ONE_PAGE} if listed else {"data": value} if wrapped else value
        codes = [str(status) for status in statuses]
        found.append(OpenApiExample("Answer", whole, response_only=True, status_codes=codes))
    return found


def _one_or_many(kind: type[Shape]) -> Any:
    """Return an answer whose `data` is one thing or a list."""
    return PolymorphicProxySerializer(
        component_name=f"{kind.__name__.removesuffix('Shape')}OneOrManyAnswer",
        serializers=[
            _envelope(kind, is_listed=False, is_many=False),
            _envelope(kind, is_listed=False, is_many=True),
        ],
        resource_type_field_name=None,
    )


def _answer(shape: Any, *, listed: bool, wrapped: bool) -> Any:
    """Return a shape in its envelope."""
    if shape is None or not (listed or wrapped):
        return shape
    is_many = isinstance(shape, serializers.ListSerializer)
    kind = type(shape.child) if is_many else shape if isinstance(shape, type) else type(shape)
    return _envelope(kind, is_listed=listed, is_many=is_many)


@cache
def _envelope(kind: type[Shape], *, is_listed: bool, is_many: bool) -> Any:
    """Return the envelope of a shape, one object for all routes that answer it: it is one component of the document."""
    name = kind.__name__.removesuffix("Shape")
    if is_listed:
        return inline_serializer(
            f"{name}Page",
            {
                "data": kind(many=True),
                "links": LinksShape(),
                "meta": PAGE_META,
            },
        )
    return inline_serializer(f"{name}{'List' if is_many else ''}Answer", {"data": kind(many=is_many)})
