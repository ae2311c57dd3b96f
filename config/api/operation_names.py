"""What each operation is called in the OpenAPI document: read from its method and path. A leaf."""

import re
from itertools import pairwise

# Paths whose name does not follow from their words; `{}` stands for an id.
NAMES = {
    ("GET", "auth/user"): "getUser",
    ("POST", "issuers/badges/{}/revoke"): "revokeBadgeShortPath",
    ("POST", "badges"): "assignBadge",
    ("POST", "badges/bulk"): "issueBadgesInBulk",
    ("GET", "badges/{}/download/{}"): "downloadBadge",
    ("POST", "logo"): "setOrganizationLogo",
    ("GET", "badge_templates/{}/path/progress"): "listBadgeTemplatePathProgress",
    ("GET", "batches/{}/failed.csv"): "exportFailedBatchRows",
    ("POST", "earners_lists/{}/earners"): "addEarnersToEarnersList",
    ("DELETE", "earners_lists/{}/earners/{}"): "removeEarnerFromEarnersList",
    ("POST", "earners_lists/{}/import"): "importIntoEarnersList",
    ("POST", "badge_templates/{}/claim_codes"): "createBadgeTemplateClaimCodes",
    ("POST", "credit_transactions"): "requestCredits",
    ("GET", "outcomes/{}/records"): "listRecordsOfOutcome",
    ("POST", "outcomes/{}/secrets"): "replaceOutcomeSecrets",
    ("GET", "year-statistics"): "getYearStatistics",
    ("GET", "statistics"): "getStatistics",
}
BADGEKIT_NAMES = {
    ("POST", "badges/{}/codes/random"): "createRandomBadgeCode",
    ("POST", "badges/{}/instances/bulk"): "createBadgeInstancesInBulk",
    ("DELETE", "badges/{}/instances/{}"): "revokeBadgeInstance",
    ("GET", "instances/{}"): "listInstancesOfAddress",
    ("GET", "codes/{}"): "getBadgeOfCode",
}
# The last word of a path where it says what is done to that which stands before it.
ACTS = {"pause", "resume", "stop", "retry", "revoke", "restore", "duplicate", "claim"}
ON_ONE = {"GET": "get", "POST": "set", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
ON_MANY = {"GET": "list", "POST": "create", "PUT": "replace", "PATCH": "patch", "DELETE": "delete"}
SCOPES = (
    (re.compile(r"systems/\{\}/issuers/\{\}/programs/\{\}/(.+)"), "InProgram"),
    (re.compile(r"systems/\{\}/issuers/\{\}/(?!programs(?:/|$))(.+)"), "InIssuer"),
    (re.compile(r"systems/\{\}/(?!issuers(?:/|$))(.+)"), "InSystem"),
)


def operation_id(method: str, path: str) -> str:
    """Return the name: `GET /api/v1/issuers/organization/badges/{uuid}` is getBadge, and that of its list listBadges.

    Routes of the BadgeKit API end in where they look: listBadgesInIssuer. No two operations share a name as long as words
    that differ by a plural `s` alone do not stand at the same place of two paths.
    """
    plain = re.sub(r"\{[^}]*\}", "{}", path.strip("/"))
    plain = re.sub(r"^api/v\d+/(?:issuers/organization(?:/|$))?", "", plain) or "organization"
    for pattern, scope in SCOPES:
        if match := pattern.fullmatch(plain):
            rest = match[1]
            return (BADGEKIT_NAMES.get((method, rest)) or _named(method, rest.split("/"))) + scope
    # An issuer and a program are called by their own words alone.
    plain = re.sub(r"^systems/\{\}/(?:issuers/\{\}/(?=programs))?", "", plain)
    return NAMES.get((method, plain)) or _named(method, plain.split("/"))


def _named(method: str, parts: list[str]) -> str:
    """Return the name of a path below its API's root."""
    owners = [_singular(part) for part, following in pairwise([*parts, ""]) if following == "{}"]
    last = parts[-1]
    if last == "{}":
        return ON_ONE[method] + "".join(owners)
    if method == "POST" and last in ACTS:
        between = [_camel(part) for part in parts[:-1] if part != "{}"]
        return last + "".join(_singular_of(word) for word in between)
    owner = "".join(owners)
    if last.startswith("export"):
        kind = last.partition(".")[2]
        *owned, things = [_camel(part) for part in parts[:-1] if part != "{}"]
        return "export" + "".join(map(_singular_of, owned)) + things + kind.title()
    word = _camel(last)
    if _singular_of(word) == word:
        return ON_ONE[method] + owner + word
    return ON_MANY[method] + owner + (_singular_of(word) if method == "POST" else word)


def _camel(part: str) -> str:
    """Return a word of a path as part of a name: badge_templates is BadgeTemplates."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", part))


def _singular(part: str) -> str:
    return _singular_of(_camel(part))


def _singular_of(word: str) -> str:
    """Return the singular of a word in a name; `progress` is one already."""
    if word.endswith("ss") or not word.endswith("s"):
        return word
    return word[:-2] if word.endswith("ches") else word[:-1]
