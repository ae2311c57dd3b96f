"""Identity providers vouch for addresses: their tokens (JWT) are verified with the keys that they publish."""

import json
import time
from collections.abc import Mapping
from datetime import timedelta
from threading import Lock
from typing import Any

import jwt
from django.conf import settings
from django.utils.translation import gettext as _

from config.env import LoginProvider
from config.exceptions import InvalidInput
from config.text import folded
from earners.exceptions import IdentityRefused
from earners.services.people import checked_email
from earners.services.providers import discover
from organizations.services.brakes import Brake
from organizations.services.foreign import NotFetched, ask_foreign

# Only such that need the provider's private key: with a shared secret, whoever verifies could also make tokens.
ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
MAX_TOKEN = 8192  # characters
MAX_KEYS = 64 * 1024  # bytes of a key set
MAX_AGE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)  # for clocks that differ
KEYS_KEPT = 600.0  # seconds for which published keys are taken as they were
KEYS_ASKED = 30.0  # seconds within which an unknown key is not asked for again
WRONG_IDENTITIES = Brake("identities", limit=20, window=timedelta(minutes=10))

_sets: dict[str, tuple[float, dict[str, Any]]] = {}
_lock = Lock()


def address_vouched_for(token: str, *, client: str | None) -> str:
    """Return the address that a registered provider (settings.LOGIN_PROVIDERS) says is that of who signed in there.

    The token must be signed by a key that the provider publishes, be made for this server (`aud`), at most MAX_AGE old, not
    expired, and say `email_verified`; the address must be of the provider's domains, where it has such. Raises
    IdentityRefused with what is wrong, and TooManyTries.
    """
    WRONG_IDENTITIES.check(client)
    try:
        return _checked(token)
    except IdentityRefused:
        WRONG_IDENTITIES.count(client, token)
        raise


def _checked(token: str) -> str:
    if not token or len(token) > MAX_TOKEN:
        raise IdentityRefused(_("This is not a JSON Web Token."))
    try:
        said = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError) as error:
        raise IdentityRefused(_("This is not a JSON Web Token.")) from error
    takers = (one for one in settings.LOGIN_PROVIDERS if one.audience and one.issuer == said.get("iss"))
    provider = next(takers, None)
    if provider is None:
        raise IdentityRefused(_("Its issuer is not an identity provider of this server."))
    return address_in(claims_in(token, provider=provider, audience=provider.audience), provider)


def claims_in(token: str, *, provider: LoginProvider, audience: str) -> dict[str, Any]:
    """Return what a token of a provider says: signed by it, for this audience, neither expired nor older than MAX_AGE.

    Raises IdentityRefused with what is wrong.
    """
    if len(token) > MAX_TOKEN:
        raise IdentityRefused(_("This is not a JSON Web Token."))
    keys = provider.jwks_url or discover(provider).jwks_uri
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key_of(keys, str(jwt.get_unverified_header(token).get("kid") or "")),
            algorithms=ALGORITHMS,
            audience=audience,
            issuer=provider.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud"]},
        )
    except (jwt.InvalidTokenError, TypeError, ValueError) as error:
        raise IdentityRefused(
            _("The token is not good: %(reason)s") % {"reason": str(error)[:200]}
        ) from error
    if claims["iat"] < time.time() - (MAX_AGE + LEEWAY).total_seconds():
        raise IdentityRefused(_("The token is too old. Sign in at the provider again."))
    return claims


def address_in(claims: Mapping[str, Any], provider: LoginProvider) -> str:
    """Return the address that a provider says it verified, of a domain that it speaks for. Raises IdentityRefused."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True:
        raise IdentityRefused(_("The provider does not say that it verified the e-mail address."))
    try:
        email = checked_email(email, field="email")
    except InvalidInput as error:
        raise IdentityRefused(error.message) from error
    domain = folded(email).rpartition("@")[2]
    if provider.domains and domain not in provider.domains:
        raise IdentityRefused(_("The provider does not speak for addresses of this domain."))
    return email


def _key_of(url: str, kid: str) -> Any:
    """Return a published key by its id. A new one is found as soon as it is used: then the set is read again."""
    with _lock:
        at, keys = _sets.get(url, (float("-inf"), {}))
    age = time.monotonic() - at
    if age > KEYS_KEPT or (kid not in keys and age > KEYS_ASKED):
        keys = _published(url)
        with _lock:
            _sets[url] = (time.monotonic(), keys)
    if kid not in keys:
        raise IdentityRefused(_("The provider publishes no such key."))
    return keys[kid]


def _published(url: str) -> dict[str, Any]:
    try:
        answer = ask_foreign(url, max_bytes=MAX_KEYS, accept="application/json")
        if answer.status != 200:
            raise NotFetched(_("it answers with the status %(status)d") % {"status": answer.status})
        rows = json.loads(answer.body)["keys"]
    except NotFetched as error:
        raise IdentityRefused(
            _("The provider's keys are not to be had: %(reason)s.") % {"reason": error}
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityRefused(_("The provider publishes no keys.")) from error
    keys = {}
    for row in rows if isinstance(rows, list) else ():
        try:
            if row.get("use", "sig") == "sig" and row.get("kty") != "oct":
                keys[str(row.get("kid") or "")] = jwt.PyJWK(row).key
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            continue  # a kind of key that is not known here is no reason to refuse the others
    return keys


def forget_keys() -> None:
    """Forget what was published, as a new process does."""
    with _lock:
        _sets.clear()
