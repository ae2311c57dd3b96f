"""Who asks the BadgeKit API: the JWT scheme of its clients, or an API key as Bearer (design.md section 4.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import re
import threading
import time
from typing import Any

from cachetools import TTLCache
from django.conf import settings

from config.api.badgekit import ApiError, BadgekitRequest
from config.statements import Statement
from organizations.actors import MasterKey
from organizations.encryption import encrypt
from organizations.exceptions import KeyNotUsable
from organizations.models import ApiKey, BadgekitConsumer
from organizations.services.access import consumer_secret, find_api_key
from organizations.services.rates import count_request

HEADER = re.compile(r'^JWT token="(.+?)"$')
MASTER = "master"
REPLAYED_AFTER = 2.0  # seconds
SKEW = 60  # seconds that the clocks of client and server may differ
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
UNSIGNED_BODIES = {"GET", "DELETE", "HEAD"}
HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
MAX_TOKEN = 16_000

CONSUMER = Statement(
    lambda places: BadgekitConsumer.objects.select_related("system").filter(
        key=places.text("key"), revoked_at__isnull=True
    )
)

logger = logging.getLogger(__name__)


def identify(request: BadgekitRequest, system_slug: str | None) -> MasterKey | BadgekitConsumer | ApiKey:
    """Return who asks, for the system that the path names (None for the list of systems).

    Raises ApiError 403 NotAuthorized with the messages of the old server, in its order, and 429 for an API key that asks too
    often; tokens are not counted. Nothing of the body is believed before: a body that the token does not sign is left unread
    (`request.is_body_trusted`).
    """
    header = request.http.META.get("HTTP_AUTHORIZATION", "")
    if header[:7].lower() == "bearer ":
        key = find_api_key(header[7:].strip()) if header.isascii() else None
        if key is None:
            raise _refused("Invalid API key")
        _count(key)
        return key
    match = HEADER.match(header)
    if match is None or len(header) > MAX_TOKEN:
        raise _refused("Missing valid Authorization header")
    claims, signed, signature = _decoded(match[1])
    _check_request(request, claims)
    actor = _signed_by(claims, signed, signature, system_slug)
    # Equal calls for reading without `exp` are one token for ever: those alone are nothing to tell of.
    if request.method != "GET" or claims.get("exp") is not None:
        _note(request, signature, claims)
    return actor


def _refused(message: str) -> ApiError:
    return ApiError(403, "NotAuthorized", message)


def _count(key: ApiKey) -> None:
    """Count a request of an API key, together with those that it makes of the issuer API. Raises ApiError 429."""
    if not settings.API_RATE_LIMIT:
        return
    standing = count_request(f"key:{key.prefix}", limit=settings.API_RATE_LIMIT)
    if not standing.is_allowed:
        message = f"This API key may make {standing.limit} requests a minute."
        raise ApiError(429, "TooManyRequests", message, headers={"Retry-After": str(standing.resets_in)})


def _decoded(token: str) -> tuple[dict[str, Any], bytes, bytes]:
    """Return the claims of a token, what is signed, and the signature. Nothing is believed yet."""
    parts = token.split(".")
    try:
        if len(parts) != 3:
            raise ValueError
        head, payload, signature = (_base64(part) for part in parts)
        header = json.loads(head)
        if not isinstance(header, dict):
            raise ValueError
    except (ValueError, RecursionError) as error:
        raise _refused("Could not decode JWT") from error
    if header.get("alg") != "HS256":
        raise _refused(f"Unsupported JWT algorithm: {str(header.get('alg'))[:20]}")
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise _refused("Missing JWT payload") from error
    if not isinstance(claims, dict) or not claims:
        raise _refused("Missing JWT payload")
    return claims, token.rpartition(".")[0].encode(), signature


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError from error


def _check_request(request: BadgekitRequest, claims: dict[str, Any]) -> None:
    """Hold what the token was made for against the request."""
    method = claims.get("method")
    if not method:
        raise _refused("Missing JWT claim: method")
    if str(method).upper() != request.method:
        raise _refused(
            f'`method` does not match: using "{str(method)[:20]}" token for "{request.method}" request'
        )
    path = claims.get("path")
    if not path:
        raise _refused("Missing JWT claim: path")
    if path != request.target:
        raise _refused(
            f'`path` does not match: trying to use token for "{str(path)[:500]}" on "{request.target[:500]}"'
        )
    _check_time(claims)
    _check_body(request, claims)
    if not claims.get("key"):
        raise _refused("Missing JWT claim: key")


def _check_time(claims: dict[str, Any]) -> None:
    expiry = claims.get("exp")
    if expiry is None:
        return
    if not isinstance(expiry, int | float) or isinstance(expiry, bool):
        raise _refused("Invalid JWT claim: exp")
    now = time.time()
    # Seconds as everywhere else; but the JavaScript client writes milliseconds, which used never to expire. The clock is
    # brought to the token's unit, not the reverse: an integer of JSON may be too long to be divided.
    unit = 1000 if expiry > MILLISECONDS_FROM else 1
    if not (now - SKEW) * unit < expiry:
        raise _refused(f"Token is expired (token expiry: {expiry}, server time: {int(now)})")


def _check_body(request: BadgekitRequest, claims: dict[str, Any]) -> None:
    body = claims.get("body")
    if body is None and request.method in UNSIGNED_BODIES:
        request.is_body_trusted = False
        return
    if body is None and not request.body:
        return  # the JavaScript client signs no body where it sends none
    if not body or not isinstance(body, dict):
        raise _refused("Missing JWT claim: body")
    if not body.get("alg"):
        raise _refused("Missing JWT claim: body.alg")
    if not body.get("hash"):
        raise _refused("Missing JWT claim: body.hash")
    algorithm = HASHES.get(str(body["alg"]).lower())
    if algorithm is None:
        raise _refused(f"Could not calculate hash, unsupported algorithm: {str(body['alg'])[:20]}")
    computed, given = algorithm(request.body).hexdigest(), str(body["hash"])[:200].lower()
    if not hmac.compare_digest(computed.encode(), given.encode("utf-8", "replace")):
        raise _refused(f"Computed hash does not match given hash: {computed} != {given}")


def _signed_by(
    claims: dict[str, Any], signed: bytes, signature: bytes, system_slug: str | None
) -> MasterKey | BadgekitConsumer:
    """Return whose secret signed. An unknown key takes as long as a known one with a wrong signature."""
    name = str(claims["key"])
    consumer: BadgekitConsumer | None = None
    secret = b""
    if name == MASTER:
        secret = settings.BADGEKIT_MASTER_SECRET.encode()
    else:
        if name.isprintable() and len(name) <= 64:
            consumer = CONSUMER.first(key=name)
        try:
            secret = consumer_secret(consumer or _nobody()).encode()
        except KeyNotUsable:
            consumer = None
    is_known = bool(secret) and (name == MASTER or consumer is not None)
    expected = hmac.digest(secret or b"nobody", signed, "sha256")
    is_genuine = hmac.compare_digest(expected, signature)
    if not is_known:
        raise _refused("Could not find consumer for API key")
    if not is_genuine:
        raise _refused("Invalid token signature")
    if consumer is None:
        return MasterKey()
    if system_slug is None or consumer.system.slug != system_slug:
        raise _refused("Invalid token for system")
    return consumer


_nobody_made: list[BadgekitConsumer] = []


def _nobody() -> BadgekitConsumer:
    """Return a consumer that nobody is, with a secret to decrypt."""
    if not _nobody_made:
        _nobody_made.append(BadgekitConsumer(encrypted_secret=encrypt(b"x" * 43)))
    return _nobody_made[0]


# When this process first saw a token, by its signature; forgotten after ten minutes. None once it was told.
_seen: TTLCache[bytes, float | None] = TTLCache(maxsize=20_000, ttl=600)
_seen_lock = threading.Lock()


def _note(request: BadgekitRequest, signature: bytes, claims: dict[str, Any]) -> None:
    """Log, once, a token that is used again later. It is not refused.

    Two equal calls within one second are one token, as `exp` has whole seconds: that is nothing to tell of.
    """
    now = time.monotonic()
    with _seen_lock:
        first = _seen.setdefault(signature, now)
        is_again = first is not None and now - first > REPLAYED_AFTER
        if is_again:
            _seen[signature] = None
    if is_again:
        name = str(claims["key"])
        logger.warning(
            "A BadgeKit token of the key %s for %s was used again (%s).",
            name[:64] if name.isprintable() else "?",
            request.method,
            "it expires" if claims.get("exp") is not None else "it never expires",
        )
