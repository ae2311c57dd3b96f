"""What goes wrong, as Laravel answers it: {"message"} and, for values that are not accepted, {"message", "errors"}."""

import logging
from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions

from config.api.issuer.wording import message_of
from config.exceptions import RuleBroken

log = logging.getLogger(__name__)

# From the codes of refusals to the status: 402 and 403 as design.md section 4.1 says, 409 for what the state of things
# forbids, 422 for what another value would mend.
STATUSES = {
    "organization_disabled": 403,
    "role_too_low": 403,
    "not_enough_credits": 402,
    "limit_reached": 409,
    "badge_already_held": 409,
    "already_revoked": 409,
    "already_member": 409,
    "last_owner": 409,
    "too_many_members": 409,
    "transaction_not_open": 409,
    "template_not_changeable": 409,
    "template_in_use": 409,
    "not_a_learning_path": 409,
    "batch_not_pausable": 409,
    "batch_not_resumable": 409,
    "batch_not_stoppable": 409,
    "batch_not_retryable": 409,
    "badge_not_changeable": 409,
    "outcome_record_done": 409,
    "outcome_inactive": 409,
    "account_without_address": 409,
    "claim_code_used": 409,
    "claim_code_unknown": 404,
    "idempotency_conflict": 409,
    "key_not_usable": 503,
    "too_many_guesses": 429,
}


class Invalid(Exception):
    """Values that are not accepted: sentences by the dotted path of the value (422)."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        super().__init__()
        self.errors = dict(errors)


class Missing(Exception):
    """Something that is not there, or that is not for the one who asks: both look the same (404)."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message or _("Not found.")


class Forbidden(Exception):
    """Something that is visible but not allowed (403)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


Refusal = tuple[int, dict[str, Any], dict[str, str]]


def refusal_of(error: Exception) -> Refusal | None:
    """Return status, body and headers that tell of an error; None for one that nobody expected."""
    if isinstance(error, Invalid):
        return 422, {"message": message_of(error.errors), "errors": error.errors}, {}
    if isinstance(error, RuleBroken):
        return of_rule(error)
    if isinstance(error, Missing):
        return 404, {"message": error.message}, {}
    if isinstance(error, Forbidden):
        return 403, {"message": error.message}, {}
    if isinstance(error, Http404):
        return 404, {"message": _("Not found.")}, {}
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return None


def of_rule(error: RuleBroken) -> Refusal:
    """Return how a broken rule is answered: with the field at fault where it is one of the request."""
    status = STATUSES.get(error.code, 422)
    body: dict[str, Any] = {"message": error.message}
    headers = {}
    if status == 422:
        body["errors"] = {error.field or "request": [error.message]}
    if getattr(error, "badge_url", None):
        body["badge_url"] = error.badge_url  # type: ignore[attr-defined]
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return status, body, headers


def _of_framework(error: exceptions.APIException) -> Refusal:
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        return 401, {"message": _("Unauthenticated.")}, {"WWW-Authenticate": "Bearer"}
    if isinstance(error, exceptions.UnsupportedMediaType):
        return (
            415,
            {"message": _("Send JSON, a form or multipart: this type of body is not read.")},
            {"Accept": "application/json, application/x-www-form-urlencoded, multipart/form-data"},
        )
    return error.status_code, {"message": str(error.detail)}, {}


def wrong_method(method: str, path: str, allowed: list[str]) -> Refusal:
    """Return how a method that a route does not have is answered, in Laravel's words."""
    names = ", ".join(allowed)
    message = _(
        "The %(method)s method is not supported for route %(route)s. Supported methods: %(names)s."
    ) % {"method": method, "route": path.lstrip("/"), "names": names}
    return 405, {"message": message}, {"Allow": names}
