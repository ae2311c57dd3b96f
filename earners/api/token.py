"""The token API's way in: an earner's program signs in by a mailed code or link, or by an identity provider, and out."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import path
from django.utils.translation import get_language

from config.api.token import ResultCode, TokenError, TokenView, read_object, text_of
from config.clients import client_of
from earners.api.token_documentation import (
    ANSWER,
    FLOW,
    IDENTITY,
    MAILED,
    OPENED,
    SENT,
    WANTED,
    documented,
)
from earners.enums import SignInPurpose
from earners.models import EarnerAccount
from earners.services.accounts import create_login_token, make_token
from earners.services.identities import address_vouched_for
from earners.services.mailed_secrets import flow_of
from earners.services.sign_in import ask_sign_in, use_flow, use_program_code
from earners.services.tokens import open_with_token, revoke_login_token


class LoginView(TokenView):
    """A route that lets a program in. `tenant` and `userName`, which clients send, mean nothing here."""

    http_method_names = ["post"]


class LinkRoute(LoginView):
    """`/api/v2/PwlLogin`"""

    @documented(
        "PwlUser-Login",
        "Sends a link that lets the program in, and then gives the token.",
        OPENED,
        request=FLOW,
        description="With `eMail` alone the link is mailed, whoever's the address is, and `flowID` is answered. The person"
        " opens the link and lets the program in. Asked again with that `flowID`, it answers the token, once; until then"
        " there is no `token` in the answer. The mail has a code too, for ValidateOTPCode.",
    )
    def post(self, request: HttpRequest) -> Mapping[str, Any]:
        """Mail, or answer the token."""
        body = read_object(request)
        flow = text_of(body, "flowID")
        if not flow:
            return {"flowID": flow_of(_ask(request, text_of(body, "eMail")))}
        used = use_flow(flow=flow, client=client_of(request))
        if used is None:
            return {"flowID": flow}
        opened, _row, token = used
        return {"user": user_body(opened.account, opened.sign_in.email), "token": token}


class CodeRoute(LoginView):
    """`/api/v2/LoginWithOTP`"""

    @documented(
        "User-LoginWithOTP",
        "Sends a code of six digits to an e-mail address.",
        ANSWER,
        request=MAILED,
        description="Whoever's the address is: the answer is the same. An account is made when the code comes back.",
    )
    def post(self, request: HttpRequest) -> Mapping[str, Any]:
        """Mail."""
        _ask(request, text_of(read_object(request), "eMail"))
        return {}


class ValidationRoute(LoginView):
    """`/api/v2/ValidateOTPCode`"""

    @documented(
        "User-ValidateOTPCode",
        "Gives a token for the code that was mailed.",
        SENT,
        request=WANTED,
        description="The code of the newest mail is good for 15 minutes and five tries, once.",
    )
    def post(self, request: HttpRequest) -> Mapping[str, Any]:
        """Answer the token."""
        body = read_object(request)
        opened = use_program_code(
            email=text_of(body, "eMail"), code=text_of(body, "otpCode"), client=client_of(request)
        )
        return {"newSessionToken": make_token(opened.account)[1]}


class IdentityRoute(LoginView):
    """`/api/v2/LoginWithJWT`"""

    @documented(
        "User-LoginWithJWT",
        "Gives a token for one of a registered identity provider.",
        OPENED,
        request=IDENTITY,
        description="The token must be signed by a provider of the setting LOGIN_PROVIDERS, be for this server, fresh, and"
        " have `email` with `email_verified`.",
    )
    def post(self, request: HttpRequest) -> Mapping[str, Any]:
        """Answer the token."""
        body = read_object(request)
        told = text_of(body, "jwtToken") or text_of(body, "jwt")
        email = address_vouched_for(told, client=client_of(request))
        row, token = create_login_token(email=email)
        return {"user": user_body(row.account, email), "token": token}


class LogoutRoute(LoginView):
    """`/api/v2/Logout/{strToken}`"""

    @documented("User-Logout", "Ends a login token.", ANSWER, path=("strToken",))
    def post(self, request: HttpRequest, strToken: str) -> Mapping[str, Any]:  # noqa: N803 - as seed 003 names it
        """Revoke the token."""
        revoke_login_token(token=open_with_token(strToken, client=client_of(request)))
        return {}


def user_body(account: EarnerAccount, email: str) -> dict[str, Any]:
    """Return what is told of a person: by which id programs know them, and the address they came with."""
    return {"userID": str(account.uuid), "eMail": email}


def _ask(request: HttpRequest, email: str) -> Any:
    if not email:
        raise TokenError(ResultCode.USER_NOT_FOUND, "eMail is missing")
    return ask_sign_in(
        email=email,
        purpose=SignInPurpose.PROGRAM,
        language=get_language() or "en",
        client=client_of(request),
    )


urlpatterns = [
    path("PwlLogin", LinkRoute.as_view()),
    path("LoginWithOTP", CodeRoute.as_view()),
    path("ValidateOTPCode", ValidationRoute.as_view()),
    path("LoginWithJWT", IdentityRoute.as_view()),
    path("Logout/<str:strToken>", LogoutRoute.as_view()),
]
