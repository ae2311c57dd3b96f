"""What the OpenAPI document says of systems, issuers and programs in the BadgeKit API."""

from typing import Any

from config.api.badgekit_schema import PAGE_DATA, PAGING, Schema, complete, component, list_of, shape

_SHARED: dict[str, Schema | str] = {
    "id": "integer",
    "slug": "string",
    "url": "string?",
    "name": "string",
    "description": "string?",
    "email": "string?",
    "imageUrl": "string?",
}
PROGRAM = component("BadgekitProgram", complete(shape(**_SHARED)))
ISSUER = component("BadgekitIssuer", complete(shape(**_SHARED, programs=list_of(PROGRAM))))
SYSTEM = component(
    "BadgekitSystem",
    complete(
        shape("Inside a badge without `description`.", **_SHARED, issuers=list_of(ISSUER)), "description"
    ),
)
IMAGE: Schema = {
    "type": "string",
    "description": "PNG, JPEG or WebP of at most 5 MiB: a file in multipart/form-data, a data URL in base64, or a public"
    " address that is fetched once.",
}
CHANGED: Schema = shape(
    name={"type": "string", "maxLength": 255},
    url={"type": "string", "format": "uri"},
    description={"type": "string", "maxLength": 255},
    email={"type": "string", "format": "email"},
    image=IMAGE,
)
MADE: Schema = {
    **CHANGED,
    "properties": {"slug": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"}, **CHANGED["properties"]},
    "required": ["slug", "name", "url"],
}


def described(name: str, body: Schema) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a list's view and one thing's view say of themselves: `sent`, `answered` and, of a list, `asked`."""
    alone: dict[str, Schema | str] = {name: body}
    acted = complete(shape(status="string", **alone))
    many: dict[str, Schema | str] = {f"{name}s": list_of(body)}
    listed = {
        "asked": {"GET": PAGING},
        "sent": {"POST": component(f"BadgekitNew{name.title()}", MADE)},
        "answered": {"GET": complete(shape(**many, pageData=PAGE_DATA), "pageData"), "POST": acted},
    }
    one = {
        "sent": {"PUT": component(f"Badgekit{name.title()}Changes", CHANGED)},
        "answered": {"GET": complete(shape(**alone)), "PUT": acted, "DELETE": acted},
    }
    return listed, one


SYSTEMS_ROUTE, SYSTEM_ROUTE = described("system", SYSTEM)
ISSUERS_ROUTE, ISSUER_ROUTE = described("issuer", ISSUER)
PROGRAMS_ROUTE, PROGRAM_ROUTE = described("program", PROGRAM)
