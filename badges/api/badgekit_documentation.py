"""What the OpenAPI document says of badges in the BadgeKit API."""

from badges.enums import EvidenceType, TimeUnits
from config.api.badgekit_schema import PAGE_DATA, PAGING, Schema, complete, component, list_of, shape
from organizations.api.badgekit_documentation import IMAGE, ISSUER, PROGRAM, SYSTEM

URL: Schema = {"type": "string", "format": "uri"}
UNITS: Schema = {"type": ["string", "null"], "enum": [*TimeUnits.values, None]}
EVIDENCE: Schema = {"type": ["string", "null"], "enum": [*EvidenceType.values, None]}
CRITERION = complete(shape(id="integer", description="string", required="integer", note="string?"))
ALIGNMENT = complete(shape(id="integer", name="string", url="string", description="string?"))
BADGE_SHAPE = shape(
    "`imageUrl`, `issuer` and `program` are left out where there is none.",
    id="integer",
    slug="string",
    name="string",
    strapline="string?",
    earnerDescription="string",
    consumerDescription="string",
    issuerUrl="string?",
    rubricUrl="string?",
    timeValue="integer?",
    timeUnits=UNITS,
    limit="integer?",
    unique="integer",
    created="string",
    imageUrl="string",
    type="string",
    archived="boolean",
    system=SYSTEM,
    issuer=ISSUER,
    program=PROGRAM,
    criteriaUrl="string",
    criteria=list_of(CRITERION),
    alignments=list_of(ALIGNMENT),
    evidenceType=EVIDENCE,
    categories=list_of({"type": "string"}),
    tags=list_of(complete(shape(id="integer", value="string"))),
    milestones=list_of({"type": "object"}),
)
LEFT_OUT = ("imageUrl", "issuer", "program")  # where there is none
BADGE = component("BadgekitBadge", complete(BADGE_SHAPE, *LEFT_OUT))
CHANGED = shape(
    name={"type": "string", "maxLength": 255},
    strapline={"type": "string", "maxLength": 140},
    earnerDescription="string",
    consumerDescription="string",
    issuerUrl=URL,
    rubricUrl=URL,
    criteriaUrl=URL,
    timeValue="integer?",
    timeUnits=UNITS,
    limit={"type": ["integer", "null"], "minimum": 0, "description": "0: no limit."},
    unique={"type": "boolean", "description": "Whether an earner can hold it once only."},
    archived="boolean",
    type={"type": "string", "maxLength": 255},
    evidenceType=EVIDENCE,
    criteria=list_of(shape(description="string", required="boolean", note="string")),
    alignments=list_of(shape(name="string", url="string", description="string")),
    categories=list_of({"type": "string"}),
    tags=list_of({"type": "string"}),
    image=IMAGE,
)
MADE: Schema = {
    **CHANGED,
    "properties": {"slug": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"}, **CHANGED["properties"]},
    "required": [
        *("name", "earnerDescription", "consumerDescription", "criteriaUrl", "unique", "type", "image")
    ],
}
_ACTED = complete(shape(status="string", badge=BADGE))
BADGES_ROUTE = {
    "asked": {"GET": PAGING | {"archived": "`true`, `false` (unless told) or `any`."}},
    "sent": {"POST": component("BadgekitNewBadge", MADE)},
    "answered": {
        "GET": complete(shape(badges=list_of(BADGE), pageData=PAGE_DATA), "pageData"),
        "POST": _ACTED,
    },
}
BADGE_ROUTE = {
    "sent": {"PUT": component("BadgekitBadgeChanges", CHANGED)},
    "answered": {"GET": complete(shape(badge=BADGE)), "PUT": _ACTED, "DELETE": _ACTED},
}
