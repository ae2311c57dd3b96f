"""What programs sign in with: API keys and BadgeKit consumers. A secret is returned once, when it is made."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from config.exceptions import InvalidInput
from organizations.actors import Actor
from organizations.encryption import decrypt, encrypt
from organizations.enums import ApiScope
from organizations.models import ApiKey, BadgekitConsumer, Organization, System

PREFIX_LENGTH = 12


def _digest(secret: str) -> str:
    # The secret has 256 random bits, so a plain SHA-256 cannot be searched; a slow hash would only slow every request.
    return hashlib.sha256(secret.encode()).hexdigest()


def create_api_key(
    *,
    organization: Organization,
    name: str,
    scopes: Iterable[ApiScope] = tuple(ApiScope),
    expires_at: datetime | None = None,
    by: Actor | None,
) -> tuple[ApiKey, str]:
    """Make an API key; return (row, key as "lrl_<prefix>_<secret>"), the latter for the only time. Raises InvalidInput."""
    del by
    wanted = set(scopes)
    if not 1 <= len(name.strip()) <= 100:
        raise InvalidInput("Give the key a name of 1 to 100 characters that says what uses it.", field="name")
    if not wanted or not wanted <= set(ApiScope):
        raise InvalidInput(f"Choose scopes among: {', '.join(ApiScope.values)}.", field="scopes")
    prefix, secret = secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organization=organization,
        name=name.strip(),
        prefix=prefix,
        digest=_digest(secret),
        scopes=[scope.value for scope in ApiScope if scope in wanted],
        expires_at=expires_at,
    )
    return key, f"lrl_{prefix}_{secret}"


def find_api_key(text: str) -> ApiKey | None:
    """Return the usable key that `text` is, with its organization, or None. Notes its use, at most once a minute."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "lrl" or len(parts[1]) != PREFIX_LENGTH:
        return None
    key = ApiKey.objects.usable().select_related("organization").filter(prefix=parts[1]).first()
    # An unknown prefix is compared too, so that both answers take the same time.
    if not constant_time_compare(key.digest if key else "0" * 64, _digest(parts[2])) or key is None:
        return None
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def revoke_api_key(*, key: ApiKey, by: Actor | None) -> None:
    """Close an API key for good; a second time changes nothing."""
    del by
    ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


def create_badgekit_consumer(
    *, system: System, description: str = "", by: Actor | None
) -> tuple[BadgekitConsumer, str]:
    """Make a BadgeKit consumer of a system; return (row, secret), the latter for the only time.

    Raises KeyNotUsable and InvalidInput.
    """
    del by
    if len(description) > 255:
        raise InvalidInput("A description has at most 255 characters.", field="description")
    secret = secrets.token_urlsafe(32)
    consumer = BadgekitConsumer.objects.create(
        system=system,
        key=secrets.token_hex(16),
        encrypted_secret=encrypt(secret.encode()),
        description=description,
    )
    return consumer, secret


def consumer_secret(consumer: BadgekitConsumer) -> str:
    """Return the secret by which a consumer's tokens are checked. Raises KeyNotUsable."""
    return decrypt(consumer.encrypted_secret).decode()
