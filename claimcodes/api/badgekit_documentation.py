"""What the OpenAPI document says of badge instances in the BadgeKit API."""

from badges.api.badgekit_documentation import BADGE
from config.api.badgekit_schema import PAGE_DATA, PAGING, Schema, complete, component, list_of, shape

INSTANCE = component(
    "BadgekitInstance",
    complete(
        shape(
            slug="string",
            email="string",
            expires="string?",
            issuedOn="string",
            claimCode="string?",
            assertionUrl="string",
            badge=BADGE,
        )
    ),
)
TIME: Schema = {"type": ["string", "integer"], "description": "ISO 8601, or Unix seconds or milliseconds."}
NEW = component(
    "BadgekitNewInstance",
    complete(
        shape(
            "`badge` is null here, and `claimCode` is left out where none was used.",
            slug="string",
            email="string",
            expires="string?",
            issuedOn="string",
            claimCode="string",
            assertionUrl="string",
            badge={"type": "null"},
        ),
        "claimCode",
    ),
)
BATCH = complete(shape("More than 1,000 addresses are issued by a worker.", id="string", total="integer"))
SENT = shape(
    email={"type": "string", "format": "email"},
    claimCode="string",
    issuedOn=TIME,
    expires=TIME,
    comment={"type": "string", "description": "The issuer's note; not public."},
)
INSTANCES_ROUTE = {
    "asked": {"GET": PAGING},
    "sent": {"POST": SENT | {"required": ["email"]}},
    "answered": {
        "GET": complete(shape(instances=list_of(INSTANCE), pageData=PAGE_DATA), "pageData"),
        "POST": complete(shape(status="string", instance=NEW)),
    },
    "refused": {"POST": (402, 429, 503)},
}
BULK_ROUTE = {
    "sent": {
        "POST": shape(
            emails=list_of({"type": "string", "format": "email"}),
            issuedOn=TIME,
            expires=TIME,
            comment="string",
        )
        | {"required": ["emails"]}
    },
    "answered": {
        "POST": {
            201: complete(shape(status="string", instances=list_of(NEW))),
            202: complete(shape(status="string", instances=list_of(NEW), batch=BATCH)),
        }
    },
    "refused": {"POST": (402, 503)},
}
INSTANCE_ROUTE = {
    "answered": {
        "GET": complete(shape(instance=INSTANCE)),
        "DELETE": complete(shape(status="string", instance=INSTANCE)),
    },
    "refused": {"DELETE": (409, 503)},
}
ADDRESS_ROUTE = {
    "asked": {"GET": PAGING},
    "answered": {
        "GET": complete(
            shape(instances=list_of(INSTANCE), instance=INSTANCE, pageData=PAGE_DATA), "instance", "pageData"
        )
    },
}
