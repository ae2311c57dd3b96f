"""What identity providers publish of themselves (OpenID Connect Discovery 1.0): where to sign in, where their keys are."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from cachetools import TTLCache
from django.utils.translation import gettext as _

from config.env import LoginProvider
from earners.exceptions import IdentityRefused
from organizations.services.foreign import NotFetched, ask_foreign

PATH = "/.well-known/openid-configuration"
MAX_DOCUMENT = 64 * 1024  # bytes
KEPT = 600.0  # seconds for which it is taken as it was
SPARED = 15.0  # seconds for which one that failed is not asked again, so that nobody waits for it in vain by the dozen

_known: TTLCache[str, "Metadata"] = TTLCache(64, KEPT)
_failing: TTLCache[str, bool] = TTLCache(64, SPARED)
_lock = Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The addresses of a provider. `names_itself` is whether it says in each answer who it is (RFC 9207)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    takes_basic: bool
    names_itself: bool


def discover(provider: LoginProvider) -> Metadata:
    """Return what a provider publishes of itself, kept for KEPT seconds. Raises IdentityRefused when it is not to be had."""
    with _lock:
        known, is_failing = _known.get(provider.issuer), provider.issuer in _failing
    if known is not None:
        return known
    if is_failing:
        raise IdentityRefused(
            _("%(name)s cannot be asked just now. Try again in a minute, or sign in another way.")
            % {"name": provider.name}
        )
    try:
        metadata = _published(provider)
    except IdentityRefused:
        with _lock:
            _failing[provider.issuer] = True
        raise
    with _lock:
        _known[provider.issuer] = metadata
    return metadata


def ask_json(
    url: str,
    provider: LoginProvider,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the JSON object that a provider answers with status 200. Raises IdentityRefused.

    Where something secret is sent along, no redirect may take it to another host.
    """
    host = urlsplit(url).hostname
    try:
        answer = ask_foreign(
            url,
            max_bytes=MAX_DOCUMENT,
            accept="application/json",
            is_allowed=(lambda asked: asked == host) if headers else None,
            body=body,
            headers=headers,
        )
        if answer.status != 200:
            raise IdentityRefused(
                _("%(name)s did not take it (status %(status)d). Try again, or sign in another way.")
                % {"name": provider.name, "status": answer.status}
            )
        document = json.loads(answer.body)
    except NotFetched as error:
        raise IdentityRefused(
            _("%(name)s is not to be reached: %(reason)s. Try again later, or sign in another way.")
            % {"name": provider.name, "reason": error}
        ) from error
    except (ValueError, RecursionError) as error:
        raise _strange(provider) from error
    if not isinstance(document, dict):
        raise _strange(provider)
    return document


def forget_metadata() -> None:
    """Forget what was published, as a new process does."""
    with _lock:
        _known.clear()
        _failing.clear()


def _published(provider: LoginProvider) -> Metadata:
    document = ask_json(f"{provider.issuer.rstrip('/')}{PATH}", provider)
    # Else one provider could stand in for another (section 4.3).
    if document.get("issuer") != provider.issuer:
        raise IdentityRefused(_("The provider publishes the sign-in of another one."))
    methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Metadata(
        authorization_endpoint=_address(document, "authorization_endpoint", provider),
        token_endpoint=_address(document, "token_endpoint", provider),
        jwks_uri=_address(document, "jwks_uri", provider),
        userinfo_endpoint=_address(document, "userinfo_endpoint", provider, is_needed=False),
        takes_basic="client_secret_basic" in methods if isinstance(methods, list) else True,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(
    document: Mapping[str, Any], name: str, provider: LoginProvider, *, is_needed: bool = True
) -> str:
    """Return an address that a provider publishes, of its own scheme: browsers and secrets are sent there."""
    url = document.get(name)
    if url is None and not is_needed:
        return ""
    schemes = {"https", urlsplit(provider.issuer).scheme}
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        raise _strange(provider) from None
    if parts.scheme not in schemes or not parts.hostname or parts.fragment or parts.username is not None:
        raise _strange(provider)
    return str(url)


def _strange(provider: LoginProvider) -> IdentityRefused:
    return IdentityRefused(
        _(
            "%(name)s answers what this server does not understand. Tell who runs this server, or sign in another way."
        )
        % {"name": provider.name}
    )
