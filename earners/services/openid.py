"""Signing in at an identity provider: OpenID Connect, authorization code flow with PKCE, for LOGIN_PROVIDERS with client_id.

Written with PyJWT, which verifies the providers' tokens for programs already: what else a library would bring is a client
for HTTP of its own, and this server asks nobody but through organizations/services/foreign.py.
"""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from config.env import LoginProvider
from earners.enums import ChallengePurpose
from earners.exceptions import ChallengeOver, IdentityRefused, ProviderDenied, ProviderUnknown
from earners.models import Challenge, EarnerAccount
from earners.services.accounts import find_or_make_account, take_address
from earners.services.challenges import NONCE, VERIFIER, make_challenge, secret_of, use_challenge
from earners.services.identities import address_in, claims_in
from earners.services.mailed_secrets import is_same
from earners.services.providers import ask_json, discover

SCOPES = "openid email"
RETURN_PATH = "/me/sign-in/provider/return"
MAX_CODE = 4096  # characters
DENIED = "access_denied"  # RFC 6749, section 4.1.2.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Who came back from a provider: the account, the address it vouched for, and whether that was added to the account."""

    account: EarnerAccount
    email: str
    is_added: bool


def browser_providers() -> Sequence[LoginProvider]:
    """Return the providers that sign people in, in a browser."""
    return [provider for provider in settings.LOGIN_PROVIDERS if provider.client_id]


def begin_at_provider(
    *, issuer: str, browser: str, client: str | None, account: EarnerAccount | None = None
) -> tuple[LoginProvider, str]:
    """Return the provider and the address of its page, to which the browser with this secret is to be led.

    `account` is the one to which the address is to be added. Raises ProviderUnknown, IdentityRefused when the provider
    cannot be asked, TooManyChallenges.
    """
    provider = _provider(issuer)
    page = discover(provider).authorization_endpoint
    challenge = make_challenge(
        purpose=ChallengePurpose.PROVIDER,
        browser=browser,
        client=client,
        account=account,
        issuer=provider.issuer,
    )
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": _return_url(),
        "scope": SCOPES,
        "state": challenge.uuid.hex,
        "nonce": _text(secret_of(challenge, NONCE)),
        "code_challenge": _text(sha256(_verifier(challenge).encode()).digest()),
        "code_challenge_method": "S256",
    }
    return provider, f"{page}{'&' if '?' in page else '?'}{urlencode(query)}"


def return_from_provider(
    *, answer: Mapping[str, str], browser: str, account: EarnerAccount | None
) -> Vouched:
    """Take the answer with which a provider sent the browser back: open its person's account, or add the address.

    `answer` is the query, `account` who is signed in. It is good once, in the browser that was led there, and from the
    provider that it was led to. Raises ChallengeOver, ProviderUnknown, ProviderDenied, IdentityRefused, and what
    find_or_make_account and take_address raise.
    """
    try:
        state = UUID(hex=answer.get("state", ""))
    except ValueError as error:
        raise ChallengeOver from error
    challenge = use_challenge(uuid=state, purpose=ChallengePurpose.PROVIDER, browser=browser, account=account)
    provider = _provider(challenge.issuer)
    named = answer.get("iss")
    # A provider that answers in the place of another one (mix-up, RFC 9207) gets no code of that other's.
    if named != provider.issuer and (named is not None or discover(provider).names_itself):
        raise IdentityRefused(_("The answer came from another provider than you chose, so it was not used."))
    if "error" in answer:
        raise ProviderDenied(_denial(answer["error"], provider))
    email = _vouched_address(provider, challenge, answer.get("code", ""))
    with transaction.atomic():
        if challenge.account_id is not None and account is not None:
            take_address(account=account, email=email)
            return Vouched(account=account, email=email, is_added=True)
        return Vouched(account=find_or_make_account(email), email=email, is_added=False)


def _vouched_address(provider: LoginProvider, challenge: Challenge, code: str) -> str:
    """Return the verified address of whose sign-in the code stands for."""
    tokens = _exchanged(provider, challenge, code)
    claims = claims_in(str(tokens.get("id_token") or ""), provider=provider, audience=provider.client_id)
    if not is_same(str(claims.get("nonce") or ""), _text(secret_of(challenge, NONCE))):
        raise IdentityRefused(_("The provider's answer is not to what was asked, so it was not used."))
    # OpenID Connect Core 1.0, section 3.1.3.7, 4 and 5: a token for several says who asked for it.
    is_for_several = not isinstance(claims["aud"], str) and len(claims["aud"]) > 1
    if claims.get("azp", "" if is_for_several else provider.client_id) != provider.client_id:
        raise IdentityRefused(_("The provider's answer is for another program, so it was not used."))
    return address_in(claims if "email" in claims else _more(provider, claims, tokens), provider)


def _exchanged(provider: LoginProvider, challenge: Challenge, code: str) -> dict[str, Any]:
    """Return the tokens for a code. The provider takes each code once, from who knows the verifier (RFC 7636)."""
    if not code or len(code) > MAX_CODE:
        raise IdentityRefused(_("The provider's answer has no code."))
    metadata = discover(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _return_url(),
        "client_id": provider.client_id,
        "code_verifier": _verifier(challenge),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if provider.client_secret and metadata.takes_basic:
        # RFC 6749, section 2.3.1: both are encoded as in a form first.
        pair = f"{quote_plus(provider.client_id)}:{quote_plus(provider.client_secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    elif provider.client_secret:
        form["client_secret"] = provider.client_secret
    return ask_json(metadata.token_endpoint, provider, body=urlencode(form).encode(), headers=headers)


def _more(provider: LoginProvider, claims: Mapping[str, Any], tokens: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the provider says of the person beside its token: many tell the address there alone (section 5.4)."""
    url, token = discover(provider).userinfo_endpoint, str(tokens.get("access_token") or "")
    if not url or not re.fullmatch(r"[\x21-\x7e]+", token):
        return {}
    told = ask_json(url, provider, headers={"Authorization": f"Bearer {token}"})
    # Section 5.3.2: else another person's answer could be put in its place.
    return told if told.get("sub") is not None and told.get("sub") == claims.get("sub") else {}


def _denial(error: str, provider: LoginProvider) -> str:
    """Say why there is no sign-in. Of the provider's own words only the name of the error is repeated."""
    if error == DENIED:
        return _("You were not signed in at %(name)s, or did not let it tell your address.") % {
            "name": provider.name
        }
    known = error if re.fullmatch(r"[a-z_]{1,40}", error) else "?"
    return _("%(name)s did not sign you in (%(error)s). Try again, or sign in another way.") % {
        "name": provider.name,
        "error": known,
    }


def _provider(issuer: str) -> LoginProvider:
    for provider in browser_providers():
        if provider.issuer == issuer:
            return provider
    raise ProviderUnknown


def _return_url() -> str:
    return f"{settings.PUBLIC_URL}{RETURN_PATH}"


def _verifier(challenge: Challenge) -> str:
    return _text(secret_of(challenge, VERIFIER))


def _text(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode()
