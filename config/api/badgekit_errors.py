"""What the BadgeKit API answers when it refuses: seed 004's error bodies, and the one table from broken rules to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from config.exceptions import RuleBroken

INVALID = "Could not validate required fields"  # seed 004, "Invalid data"
LONGEST_ECHO = 1000  # characters of a refused value that are sent back

# Every refusal of our services: its status and BadgeKit's word for it.
ANSWERS: dict[str, tuple[int, str]] = {
    "invalid_input": (400, "ValidationError"),
    "unsignable": (400, "ValidationError"),
    "template_incomplete": (400, "ValidationError"),
    "picture_refused": (400, "ValidationError"),
    "claim_code_used_up": (400, "CodeAlreadyUsed"),
    "claim_code_expired": (400, "CodeExpired"),
    "claim_code_unknown": (404, "ResourceNotFound"),
    "claim_code_taken": (409, "ResourceConflict"),
    "claim_code_used": (409, "ResourceConflict"),
    "limit_reached": (400, "LimitReached"),
    "template_not_issuable": (400, "BadgeNotIssuable"),
    "template_not_changeable": (409, "ResourceConflict"),
    "template_in_use": (409, "ResourceConflict"),
    "badge_already_held": (409, "ResourceConflict"),
    "already_revoked": (409, "ResourceConflict"),
    "slug_taken": (409, "ResourceConflict"),
    "organization_disabled": (403, "NotAuthorized"),
    "not_enough_credits": (402, "NotEnoughCredits"),
    "key_not_usable": (503, "ServiceUnavailable"),
    "too_many_guesses": (429, "TooManyRequests"),
}
# What a service calls otherwise than BadgeKit does; all else is turned from snake_case into camelCase.
FIELD_NAMES = {
    "title": "name",
    "is_multiuse": "multiuse",
    "is_claimed": "claimed",
    "is_unique": "unique",
    "expires_at": "expires",
    "issued_at": "issuedOn",
    "recipient_email": "email",
    "badgekit_type": "type",
    "website": "url",
    "contact_info.email": "email",
}


class ApiError(Exception):
    """A refusal as it is answered: status, `code` and `message`, where there are any `details`, and headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Any = None,
        *,
        error: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.error = error
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The body: code, then `error` where seed 004 has one (409), message, details."""
        body: dict[str, Any] = {"code": self.code}
        if self.error is not None:
            body["error"] = self.error
        body["message"] = self.message
        if self.details is not None:
            body["details"] = self.details
        return body


def not_found(kind: str, field: str, value: str) -> ApiError:
    """Return the 404 for a thing that is not where the path says: kind is system, issuer, program, badge, claimCode, ..."""
    return ApiError(404, "ResourceNotFound", f"Could not find {kind} field: `{field}`, value: `{value}`")


def conflict(kind: str, field: str, details: Any) -> ApiError:
    """Return the 409 for a thing whose `field` is taken.

    Seed 004 calls the sentence `error`, the server that it describes answered it as `message`: both are there.
    """
    sentence = f"{kind} with that `{field}` already exists"
    return ApiError(409, "ResourceConflict", sentence, details, error=sentence)


def refused_field(field: str, message: str, value: Any = "") -> dict[str, Any]:
    """Return one of the details of a ValidationError. Long texts are cut; what is missing is an empty string."""
    if value is None:
        value = ""
    if isinstance(value, str) and len(value) > LONGEST_ECHO:
        value = f"{value[:LONGEST_ECHO]}…"
    elif not isinstance(value, str | int | float):
        value = ""  # whole structures are not sent back
    return {"message": message, "field": field, "value": value}


def validation_error(details: Sequence[Mapping[str, Any]]) -> ApiError:
    """Return the 400 that tells of each field at fault."""
    return ApiError(400, "ValidationError", INVALID, list(details))


def error_of(refusal: RuleBroken, data: Mapping[str, Any]) -> ApiError:
    """Return a broken rule as it is answered; `data` is the body that broke it.

    A badge that is held already is told with its Assertion (`details.assertionUrl`), a brake with the time to wait.
    """
    status, code = ANSWERS.get(refusal.code, (400, "RuleBroken"))
    if code == "ValidationError":
        field = field_name(refusal.field or "")
        return validation_error([refused_field(field, refusal.message, data.get(field.partition(".")[0]))])
    details: dict[str, Any] = {}
    assertion_url = getattr(refusal, "assertion_url", None)
    if assertion_url:
        details["assertionUrl"] = assertion_url
    error = refusal.message if status == 409 else None
    headers = {}
    if seconds := getattr(refusal, "retry_after", None):
        headers["Retry-After"] = str(seconds)
    return ApiError(
        status,
        code,
        refusal.message,
        details or ({} if status == 409 else None),
        error=error,
        headers=headers,
    )


def field_name(field: str) -> str:
    """Return BadgeKit's name of a service's field: `earner_description` is `earnerDescription`."""
    if field in FIELD_NAMES:
        return FIELD_NAMES[field]
    head, dot, rest = field.partition(".")
    head = FIELD_NAMES.get(head) or re.sub(r"_([a-z])", lambda match: match[1].upper(), head)
    return head + dot + rest
