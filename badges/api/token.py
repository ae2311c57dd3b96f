"""The token API (seed 003): outcomes are reported and completed, and an earner's program reads their badges."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.urls import path, re_path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema

from badges.api.token_documentation import ANSWER, ASSIGNMENT, BADGE, BADGES, OUTCOME_TEXT, documented
from badges.exceptions import BadgeUnknown
from badges.services.earned import EarnedBadge, find_earned, list_earned
from badges.services.outcomes import Assignment, complete_assignment, find_callback, record_outcome
from config.api.token import ResultCode, TokenError, TokenView, UnknownPathView, moment, read_object, text_of
from config.clients import client_of
from earners.models import EarnerAccount
from earners.services import open_with_token
from organizations.services.rates import count_request


class AccountView(TokenView):
    """A route of the account that a login token in its path opens: the token comes first, before all else is looked at."""

    def account(self, request: HttpRequest, token: str) -> EarnerAccount:
        """Return the account. Raises LoginTokenUnknown, LoginTokenExpired, TooManyTries, and TokenError beyond the rate."""
        opened = open_with_token(token, client=client_of(request))
        if settings.API_RATE_LIMIT:
            standing = count_request(f"account:{opened.account_id}", limit=settings.API_RATE_LIMIT)
            if not standing.is_allowed:
                raise TokenError(
                    ResultCode.TOO_MANY_ATTEMPTS,
                    _("Too many requests"),
                    headers={"Retry-After": str(standing.resets_in)},
                )
        return opened.account


class OutcomeRoute(AccountView):
    """`/api/v2/Outcome/{strToken}/{outcomeCode}`"""

    @documented(
        "Badge-SendOutcome",
        "Processes the specified outcome.",
        ANSWER,
        description=OUTCOME_TEXT,
        path=("strToken", "outcomeCode"),
    )
    def post(self, request: HttpRequest, strToken: str, outcomeCode: str) -> Mapping[str, Any]:  # noqa: N803 - seed 003
        """Record that the account's person reached an outcome. A body is not looked at."""
        record_outcome(account=self.account(request, strToken), code=outcomeCode)
        return {}


class AssignmentRoute(TokenView):
    """`/api/v2/BadgeAssignment`"""

    @documented(
        "Badge-BadgeAssignmentCallback",
        "Processes a badge assignment.",
        ANSWER,
        request=ASSIGNMENT,
        description="For the issuing platform that an outcome was reported to. It shows the outcome's callback token as"
        " `Authorization: Bearer …`, or as password of Basic authentication. The same assignment again changes nothing.",
    )
    def post(self, request: HttpRequest) -> Mapping[str, Any]:
        """Complete an outcome with a badge. Who asks comes first, before the body is read."""
        outcome = find_callback(credentials_of(request), client=client_of(request))
        body = read_object(request)
        complete_assignment(
            outcome=outcome,
            assignment=Assignment(
                ref_id=text_of(body, "refId"),
                outcome_code=text_of(body, "outcome"),
                badge_url=text_of(body, "badgeUrl"),
            ),
        )
        return {}


class BadgesRoute(AccountView):
    """`/api/v2/Badges/{strToken}`"""

    empty: ClassVar[Mapping[str, Any]] = {"badges": []}

    @documented(
        "Badge-GetBadges",
        "Gets a list of Badge objects assigned to the currently logged in User.",
        BADGES,
        path=("strToken",),
    )
    def get(self, request: HttpRequest, strToken: str) -> Mapping[str, Any]:  # noqa: N803 - seed 003
        """Answer the account's badges, newest first; those that were revoked are not among them."""
        account = self.account(request, strToken)
        return {"badges": [badge_body(badge) for badge in list_earned(account)]}


class BadgeRoute(AccountView):
    """`/api/v2/Badge/{strToken}/{strBadgeID}`"""

    empty: ClassVar[Mapping[str, Any]] = {"badge": None}

    @documented(
        "Badge-GetBadge",
        "Gets a list of Badge objects assigned to the currently logged in User.",
        BADGE,
        path=("strToken", "strBadgeID"),
        description="One of them, by its id. Another's badge answers as none: -2051.",
    )
    def get(self, request: HttpRequest, strToken: str, strBadgeID: str) -> Mapping[str, Any]:  # noqa: N803 - seed 003
        """Answer one badge of the account."""
        account = self.account(request, strToken)
        try:
            badge_id = UUID(strBadgeID)
        except ValueError as error:
            raise BadgeUnknown from error
        return {"badge": badge_body(find_earned(account, badge_id))}


def badge_body(badge: EarnedBadge) -> dict[str, Any]:
    """Return a badge with the ten members of seed 003."""
    return {
        "badgeID": str(badge.badge_id),
        "date": moment(badge.issued_at),
        "name": badge.name,
        "description": badge.description,
        "imageURL": badge.image_url,
        "tags": list(badge.tags),
        "issuerName": badge.issuer_name,
        "issuerDescription": badge.issuer_description,
        "issuerEmail": badge.issuer_email,
        "issuerURL": badge.issuer_url,
    }


def credentials_of(request: HttpRequest) -> str:
    """Return the secret that a request shows: a Bearer token, or the password of Basic authentication whatever its user."""
    scheme, _space, text = request.headers.get("Authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return text.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(text.strip(), validate=True).decode().partition(":")[2]
        except (ValueError, binascii.Error):
            return ""
    return ""


urlpatterns = [
    path("Outcome/<str:strToken>/<str:outcomeCode>", OutcomeRoute.as_view()),
    path("BadgeAssignment", AssignmentRoute.as_view()),
    path("Badges/<str:strToken>", BadgesRoute.as_view()),
    path("Badge/<str:strToken>/<str:strBadgeID>", BadgeRoute.as_view()),
    re_path(r"^(?P<rest>.*)$", extend_schema(exclude=True)(UnknownPathView).as_view()),
]
