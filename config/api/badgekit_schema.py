"""What the OpenAPI document says of the BadgeKit API: of each route its docstrings, and the shapes that its view names."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from config.api.openapi_schema import LaurelSchema

Schema = dict[str, Any]
ENCODINGS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
REFUSALS = {
    400: "A ValidationError with what is wrong with each field, a body that cannot be read, or a rule that was broken.",
    402: "NotEnoughCredits, where the installation enforces them. Nothing was issued.",
    403: "No token, one that does not fit the request, or one for another system; an API key without the scope.",
    404: "Some part of the path is not there; the message says which.",
    409: "Something is in the way; the message says what. Nothing was changed.",
    413: "The body is larger than is read.",
    429: "Too many requests of an API key, or too many wrong codes from there: the header Retry-After says how many"
    " seconds to wait.",
    503: "The organization has no signing key that can be used. Nothing was done.",
}
ALWAYS = (400, 403, 404, 429)
PAGING = {
    "page": "The page, from 1. Without `count` it means nothing, and all are answered, at most 1,000.",
    "count": "How many to a page, at most 10,000.",
}
# Every route is of the first of these that is among the words of its path.
TAGS = {
    "codes": "BadgeKit claim codes",
    "claims": "BadgeKit claim codes",
    "instances": "BadgeKit instances",
    "badges": "BadgeKit badges",
    "systems": "BadgeKit systems, issuers and programs",
}
# Shapes that the document names, by name: they are written once, and referred to.
COMPONENTS: dict[str, Schema] = {}


def shape(about: str = "", /, **properties: Schema | str) -> Schema:
    """Return the schema of an object; a text is the type of a property, with `?` after it where it may be null."""
    return {
        "type": "object",
        **({"description": about} if about else {}),
        "properties": {
            name: _typed(value) if isinstance(value, str) else value for name, value in properties.items()
        },
    }


def complete(schema: Schema, *sometimes: str) -> Schema:
    """Return the schema of an answer: all its properties are there, but for those that are there sometimes."""
    return schema | {"required": [name for name in schema["properties"] if name not in sometimes]}


def component(name: str, schema: Schema) -> Schema:
    """Write a schema under a name into the document, and return a reference to it."""
    COMPONENTS[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def list_of(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def example(name: str, body: Any, *, status: int = 200) -> OpenApiExample:
    """Return the example of an answer with this status."""
    return OpenApiExample(name, body, response_only=True, status_codes=[str(status)])


def _typed(name: str) -> Schema:
    kind = name.rstrip("?")
    return {"type": [kind, "null"] if name.endswith("?") else kind}


PAGE_DATA = component(
    "BadgekitPageData",
    complete(shape("With `page` and `count` only.", page="integer", count="integer", total="integer")),
)
ERROR = component(
    "BadgekitError",
    complete(
        shape(
            "`error` is there with 409 and says what `message` says; a ValidationError has a list of details.",
            code="string",
            error="string",
            message="string",
            details={
                "oneOf": [
                    {"type": "object"},
                    list_of(complete(shape(message="string", field="string", value={}))),
                ]
            },
        ),
        "error",
        "details",
    ),
)


class BadgekitSchema(LaurelSchema):
    """Describes a BadgekitView by its attribute `described`, where it has one: a mapping of, each by method,

    `sent`: the schema of the body; `answered`: that of the answer, or a mapping of several by status; `statuses`: its status
    (201 for POST, else 200); `refused`: statuses beside those that every route has; `asked`: parameters of the address with
    what they mean, and their schema where they are no texts; `examples`. Views with `is_public` are left out.
    """

    def get_tags(self) -> list[str]:
        """Return what the path is about."""
        words = self.path.split("/")
        return [next(tag for word, tag in TAGS.items() if word in words)]

    def get_auth(self) -> list[Any]:
        """A signed token, or an API key."""
        return [{"badgekitToken": []}, {"apiKey": []}]

    def is_excluded(self) -> bool:
        """Leave out what nobody signs in for: old addresses that lead on to others."""
        return bool(getattr(self.view, "is_public", False)) or super().is_excluded()

    def get_summary(self) -> str:
        """Return the first line of the method's docstring; summaries are no Markdown."""
        return (inspect.getdoc(self._method()) or "").partition("\n")[0].replace("`", "")

    def get_description(self) -> str:  # type: ignore[override]  # as in the class above
        """Return the rest of it."""
        return (inspect.getdoc(self._method()) or "").partition("\n")[2].strip()

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters of the address."""
        asked: Mapping[str, str | tuple[Schema, str]] = self._of_method("asked") or {}
        parameters = []
        for name, said in asked.items():
            schema, text = (str, said) if isinstance(said, str) else said
            parameters.append(OpenApiParameter(name, schema, OpenApiParameter.QUERY, description=text))
        return parameters

    def get_examples(self) -> list[Any]:
        """Return examples of bodies and answers."""
        return list(self._of_method("examples") or ())

    def get_request_serializer(self) -> Any:
        """Return the body in all three encodings."""
        sent = self._of_method("sent")
        return dict.fromkeys(ENCODINGS, sent) if sent else None

    def get_response_serializers(self) -> Any:
        """Return the answer, and what refusals look like."""
        status = self._of_method("statuses") or (201 if self.method == "POST" else 200)
        answered = self._of_method("answered") or {"type": "object"}
        answers: dict[Any, Any] = {status: answered} if isinstance(next(iter(answered)), str) else answered
        refused: set[int] = {*ALWAYS, *(self._of_method("refused") or ())}
        if self.method != "GET":
            refused |= {409} if self.method == "DELETE" else {409, 413}
        return answers | {
            number: OpenApiResponse(ERROR, description=REFUSALS[number]) for number in sorted(refused)
        }

    def _method(self) -> Any:
        return getattr(self.view, self.method.lower())

    def _of_method(self, name: str) -> Any:
        described: Mapping[str, Mapping[str, Any]] = getattr(self.view, "described", {})
        return described.get(name, {}).get(self.method)
