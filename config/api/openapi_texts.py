"""What the OpenAPI document says of the APIs as a whole."""

DESCRIPTION = """\
Laurel issues Open Badges. Three APIs work on one store: what one of them makes, the others and the browser see.

- **Issuer API** (`/api/v1`): for programs of an organization, with an API key. Errors: `message` and `errors`.
- **BadgeKit API** (`/systems`): for clients of Mozilla's BadgeKit, with a JSON Web Token for each request, or an API key.
  Errors: `code`, `message` and `details`.
- **Token API** (`/api/v2`): for an earner's own programs, with a login token in the path. All is 200; `resultCode` tells.

The page `/api` of this server shows all of it by lines to paste into a terminal.

## Authentication
An **API key** belongs to one organization and reaches nothing of any other: what is not yours answers as if it did not
exist. Its scopes are `read`, `issue` (issue and revoke badges) and `write` (change everything else). The browser's
session works too; writing then needs the header `X-CSRFToken`, and whoever belongs to several organizations names one
by its id in the header `Laurel-Organization`.

A **BadgeKit token** is a JSON Web Token signed with HS256 and the secret of a consumer, sent as `Authorization: JWT
token="..."`. It claims `key` (the consumer's), `exp`, `method`, `path` (with the query, percent-encoded as it is sent)
and, where there is a body, `body`: `{"alg": "sha256", "hash": "<hexadecimal>"}`. A consumer is of one system. An API
key as Bearer opens the paths of its own issuer.

A **login token** of the token API is opaque, stands in the path, and ends.

## Bodies
JSON, `application/x-www-form-urlencoded` and `multipart/form-data` mean the same; in forms, names have brackets:
`address_info[city]=Rome`, `recipients[0][recipient_email]=...`. In the issuer API, `PUT` and `PATCH` change what is
sent and nothing else, and a `POST` with `_method=PUT` is a `PUT`.

## Pages
Issuer API: `page` and `per_page` (1 to 100, 25 unless told); an answer has `data`, `links` and `meta`, the newest
first. A page past the end is empty and no error. BadgeKit: `page` and `count`, both of them, answered in `pageData`;
without them at most 1,000 rows come, with a header `Link` to the rest.

## Errors
Every error is JSON. Values that are not accepted are all told at once: 422 with sentences by dotted path in the issuer
API, 400 `ValidationError` with a list of `details` in BadgeKit's. What was refused left everything as it was.

## Retries
A `POST` of the issuer API may have an `Idempotency-Key` of your own. Sent again with the same body it gets the same
answer for 24 hours, and nothing is issued or charged twice; with another body it gets 409. Refused requests are not
remembered.

## Limits and caching
`X-RateLimit-Limit` and `X-RateLimit-Remaining` tell how many requests a key may make in this minute; 429 comes with
`Retry-After` in seconds, in the issuer API with `X-RateLimit-Reset`, a Unix time, too. Answers to `GET` of the issuer
API have an `ETag`: send it as `If-None-Match` and get 304 while nothing changed.
"""

TAGS = [
    {"name": "Organization", "description": "The organization of the key."},
    {"name": "Statistics", "description": "Badges in figures."},
    {
        "name": "Badge templates",
        "description": "What can be earned: content in versions, rules of issuing, pictures.",
    },
    {
        "name": "Learning paths",
        "description": "Templates whose badge is issued by itself when their steps are complete.",
    },
    {"name": "Badges", "description": "Badges issued: one by one, in bulk; revoked, never deleted."},
    {"name": "Batches", "description": "Bulk runs: what became of each recipient."},
    {"name": "Earners lists", "description": "Named lists of earners, with metadata of their own."},
    {"name": "Earners", "description": "Persons known to the organization by e-mail."},
    {"name": "Claim codes", "description": "Codes that whoever has them turns into a badge."},
    {"name": "Credits", "description": "The wallet: a ledger of credits."},
    {"name": "Members", "description": "Who signs in for the organization, and as what."},
    {"name": "API keys", "description": "Keys of programs, shown once."},
    {"name": "Authenticated user", "description": "Who asks: the key, or the person whose session it is."},
    {"name": "Outcomes", "description": "Codes that other programs report, and what became of each report."},
    {"name": "Token API", "description": "An earner's badges, and outcomes that they reached."},
    {
        "name": "BadgeKit systems, issuers and programs",
        "description": "An installation's umbrella, its organizations, and their programs.",
    },
    {"name": "BadgeKit badges", "description": "What can be earned: badge templates, in BadgeKit's words."},
    {"name": "BadgeKit instances", "description": "Badges issued to addresses; revoked, never deleted."},
    {"name": "BadgeKit claim codes", "description": "Codes that whoever has them turns into a badge."},
]
