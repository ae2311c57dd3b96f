"""What the OpenAPI document says of claim codes in the BadgeKit API: shapes, and the examples of seed 004."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from badges.api.badgekit_documentation import BADGE, BADGE_SHAPE, LEFT_OUT
from config.api.badgekit_schema import (
    PAGE_DATA,
    PAGING,
    Schema,
    complete,
    component,
    example,
    list_of,
    shape,
)

FLAG: Schema = {"type": "string", "enum": ["true", "false"]}
EXTENDED = "`true`: codes with uses, maxUses, expires, created and claimUrl."
_MORE = ("uses", "maxUses", "expires", "created", "claimUrl")
_CODE_SHAPE = shape(
    "What BadgeKit's own server did not tell is there with `extended=true` only."
    " A code that was just made has `email` only where one was sent.",
    id="integer",
    code="string",
    claimed="boolean",
    email="string?",
    multiuse="boolean",
    uses="integer",
    maxUses="integer?",
    expires="string?",
    created="string",
    claimUrl="string",
)
CODE = component("BadgekitClaimCode", complete(_CODE_SHAPE, "email", *_MORE))
CLAIM = component(
    "BadgekitClaim",
    complete(
        shape(
            "Who used a code, and the badge that it gave. `code` is there where claims of several codes are listed.",
            id="integer",
            email="string?",
            claimedOn="string",
            assertionUrl="string?",
            revoked="boolean",
            code="string",
        ),
        "code",
    ),
)
TIME: Schema = {
    "type": ["string", "integer", "null"],
    "description": "ISO 8601, or Unix seconds or milliseconds.",
}
EMAIL: Schema = {"type": ["string", "null"], "format": "email"}
TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": 255}
LIMITS: dict[str, Schema | str] = {
    "maxUses": {"type": ["integer", "null"], "minimum": 1, "description": "Of a multi-use code."},
    "expires": TIME,
}
RANDOM_SENT = shape(
    "All may be left out, and so may the body. With `count` the answer has `claimCodes`, without `claimCode`.",
    claimed="boolean",
    multiuse="boolean",
    email=EMAIL,
    **LIMITS,
    count={"type": "integer", "minimum": 1, "description": "How many."},
    prefix={"type": "string", "description": "Stands before the random digits."},
    length={"type": "integer", "minimum": 1, "description": "How many digits."},
)
SENT = shape(
    "Either `code` or `codes` is required.",
    code=TEXT,
    codes=list_of(TEXT) | {"description": "Several, all of them or none; the answer has `claimCodes`."},
    claimed="boolean",
    multiuse="boolean",
    email=EMAIL,
    **LIMITS,
)
CHANGED = shape(code=TEXT, claimed="boolean", multiuse="boolean", email=EMAIL, **LIMITS)
CLAIMED = shape(
    "With `email` the badge is issued to it, and to these names; without, the code is marked as claimed.",
    email=EMAIL,
    firstName="string",
    lastName="string",
)

# The examples of seed 004; what it abbreviates is filled in.
_BADGE: dict[str, Any] = {
    "id": 1,
    "slug": "badge-slug",
    "name": "Badge Name",
    "strapline": "Badge strapline.",
    "earnerDescription": "Description for earners.",
    "consumerDescription": "Description for consumers.",
    "issuerUrl": "http://issuersite.com",
    "rubricUrl": "http://issuersite.com/rubric",
    "timeValue": 0,
    "timeUnits": "minutes",
    "limit": 0,
    "unique": 0,
    "created": "2014-05-21T19:22:09.000Z",
    "imageUrl": "http://issuersite.com/badge.jpg",
    "type": "badge type",
    "archived": False,
    "system": {
        "id": 1,
        "slug": "system-slug",
        "url": "http://systemsite.com",
        "name": "System Name",
        "email": None,
        "imageUrl": None,
        "issuers": [],
    },
    "criteriaUrl": "http://issuersite.com/criteria",
    "criteria": [],
    "alignments": [],
    "evidenceType": "URL",
    "categories": [],
    "tags": [],
    "milestones": [],
}
_CODE = {"id": 1, "code": "abcde12345", "claimed": False, "email": None, "multiuse": False}
_MADE = {"id": 1, "code": "abcde12345", "claimed": False, "multiuse": False}
_CREATED = {"status": "created", "claimCode": _MADE, "badge": _BADGE}
_MISSING = {
    "code": "ResourceNotFound",
    "message": "Could not find claimCode field: `code`, value: abcde12345",
}
_MISSING_READ = {"code": "ResourceNotFound", "message": "Could not find the request claim code: abcde12345"}
NOT_FOUND = example("Claim code not found", _MISSING, status=404)
NOT_FOUND_READ = example("Claim code not found", _MISSING_READ, status=404)
INVALID = example(
    "Invalid data",
    {
        "code": "ValidationError",
        "message": "Could not validate required fields",
        "details": [{"message": "String is not in range", "field": "code", "value": ""}],
    },
    status=400,
)
TAKEN = example(
    "Duplicate entry",
    {
        "code": "ResourceConflict",
        "error": "claimCode with that `code` already exists",
        "message": "claimCode with that `code` already exists",
        "details": {"code": "abcde12345"},
    },
    status=409,
)
USED = example(
    "Claim code already claimed",
    {"code": "CodeAlreadyUsed", "message": "Claim code `abcde12345` has already been claimed"},
    status=400,
)
LISTED = {
    "claimCodes": [
        {"id": 1, "code": "0fba9c4457", "claimed": False, "email": "someone@somewhere.com", "multiuse": False}
    ],
    "badge": _BADGE,
    "pageData": {"page": 1, "count": 2, "total": 4},
}


def _sent(name: str, body: Any) -> OpenApiExample:
    return OpenApiExample(name, body, request_only=True)


def _acted(*, is_made: bool = False) -> Schema:
    """Return the answer that tells what was done: `claimCode`, or of many that were made `claimCodes`."""
    if not is_made:
        return complete(shape(status="string", claimCode=CODE, badge=BADGE))
    return complete(
        shape(status="string", claimCode=CODE, claimCodes=list_of(CODE), badge=BADGE),
        *("claimCode", "claimCodes"),
    )


CODES_ROUTE = {
    "asked": {
        "GET": PAGING
        | {
            "claimed": (FLAG, "Codes that are claimed, or that are not."),
            "multiuse": (FLAG, "Multi-use codes, or single-use ones."),
            "email": "Codes that this address claimed, or is noted with.",
            "q": "Codes with this text in them.",
            "extended": (FLAG, EXTENDED),
            "format": ({"type": "string", "enum": ["text", "csv"]}, "All of them as a file instead of JSON."),
        },
        "POST": {"extended": (FLAG, EXTENDED)},
    },
    "sent": {"POST": component("BadgekitNewClaimCodes", SENT)},
    "answered": {
        "GET": {
            (200, "application/json"): complete(
                shape(claimCodes=list_of(CODE), badge=BADGE, pageData=PAGE_DATA), "pageData"
            ),
            (200, "text/csv"): {"type": "string"},
            (200, "text/plain"): {"type": "string"},
        },
        "POST": _acted(is_made=True),
    },
    "examples": {
        "GET": [example("Claim codes", LISTED)],
        "POST": [
            _sent("Claim code", {"code": "abcde12345", "multiuse": False}),
            example("Created", _CREATED, status=201),
            INVALID,
            TAKEN,
        ],
    },
}
RANDOM_ROUTE = {
    "asked": {"POST": {"extended": (FLAG, EXTENDED)}},
    "sent": {"POST": component("BadgekitNewRandomCodes", RANDOM_SENT)},
    "answered": {"POST": _acted(is_made=True)},
    "examples": {"POST": [_sent("Random code", {}), example("Created", _CREATED, status=201)]},
}
CODE_ROUTE = {
    "asked": {method: {"extended": (FLAG, EXTENDED)} for method in ("GET", "PUT", "DELETE")},
    "sent": {"PUT": component("BadgekitClaimCodeChanges", CHANGED)},
    "answered": {
        "GET": complete(shape(badge=BADGE, claimCode=CODE)),
        "PUT": _acted(),
        "DELETE": _acted(),
    },
    "examples": {
        "GET": [example("Claim code", {"badge": _BADGE, "claimCode": _CODE}), NOT_FOUND_READ],
        "PUT": [
            example("Changed", {"status": "updated", "claimCode": _CODE, "badge": _BADGE}),
            NOT_FOUND,
            TAKEN,
        ],
        "DELETE": [
            example("Deleted", {"status": "deleted", "claimCode": _CODE, "badge": _BADGE}),
            NOT_FOUND,
        ],
    },
}
CLAIM_ROUTE = {
    "asked": {"POST": {"extended": (FLAG, f"{EXTENDED} And the claim.")}},
    "sent": {"POST": component("BadgekitClaimer", CLAIMED)},
    "statuses": {"POST": 200},
    "refused": {"POST": (402, 429, 503)},
    "answered": {"POST": complete(shape(status="string", claimCode=CODE, badge=BADGE, claim=CLAIM), "claim")},
    "examples": {
        "POST": [
            _sent("Earner", {"email": "someone@somewhere.com"}),
            example(
                "Claimed",
                {
                    "status": "updated",
                    "claimCode": _CODE | {"claimed": True, "email": "someone@somewhere.com"},
                    "badge": _BADGE,
                },
            ),
            USED,
            NOT_FOUND,
        ]
    },
}
CLAIMS_OF_CODE_ROUTE = {
    "asked": {"GET": PAGING},
    "answered": {
        "GET": complete(shape(claims=list_of(CLAIM), claimCode=CODE, pageData=PAGE_DATA), "pageData")
    },
}
CLAIMS_OF_BADGE_ROUTE = {
    "asked": {"GET": PAGING},
    "answered": {"GET": complete(shape(claims=list_of(CLAIM), badge=BADGE, pageData=PAGE_DATA), "pageData")},
}
_CLAIMED_FLAG: Schema = {
    "type": "integer",
    "enum": [0, 1],
    "description": "1 where nobody new can claim with the code.",
}
BADGE_OF_CODE_ROUTE = {
    "answered": {
        "GET": complete(
            shape(
                badge=complete(
                    BADGE_SHAPE | {"properties": BADGE_SHAPE["properties"] | {"claimed": _CLAIMED_FLAG}},
                    *LEFT_OUT,
                )
            )
        )
    },
    "refused": {"GET": (429,)},
    "examples": {
        "GET": [
            example("Badge", {"badge": _BADGE | {"claimed": 0}}),
            NOT_FOUND_READ,
        ]
    },
}
