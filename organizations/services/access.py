"""What programs sign in with: API keys and BadgeKit consumers. A secret is returned once, when it is made."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.statements import Statement
from organizations.actors import Actor
from organizations.encryption import decrypt, encrypt
from organizations.enums import ApiScope, AuditAct
from organizations.models import ApiKey, BadgekitConsumer, Organization, System
from organizations.services.audit import note_act
from organizations.services.authority import require_scopes

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
    """Make an API key; return (row, key as "lrl_<prefix>_<secret>"), the latter for the only time.

    A key makes only keys with scopes that it has itself, which live no longer than itself: without `expires_at` as long.
    Raises RoleTooLow and InvalidInput.
    """
    wanted = set(scopes)
    if not 1 <= len(name.strip()) <= 100:
        raise InvalidInput(
            _("Give the key a name of 1 to 100 characters that says what uses it."), field="name"
        )
    if not wanted or not wanted <= set(ApiScope):
        raise InvalidInput(
            _("Choose scopes among: %(scopes)s.") % {"scopes": ", ".join(ApiScope.values)}, field="scopes"
        )
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInput(_("A new key cannot have expired already."), field="expires_at")
    require_scopes(organization=organization, scopes=wanted, permission="organizations.add_apikey", by=by)
    if isinstance(by, ApiKey) and by.expires_at is not None:
        expires_at = expires_at or by.expires_at
        if expires_at > by.expires_at:
            raise InvalidInput(
                _("A key cannot outlive the key that makes it, which expires at %(time)s.")
                % {"time": by.expires_at.isoformat(timespec="seconds")},
                field="expires_at",
            )
    prefix, secret = secrets.token_hex(PREFIX_LENGTH // 2), secrets.token_urlsafe(32)
    with transaction.atomic():
        key = ApiKey.objects.create(
            organization=organization,
            name=name.strip(),
            prefix=prefix,
            digest=_digest(secret),
            scopes=[scope.value for scope in ApiScope if scope in wanted],
            expires_at=expires_at,
        )
        _note(key, AuditAct.API_KEY_CREATED, by)
    return key, f"lrl_{prefix}_{secret}"


_key_of_prefix: Statement[ApiKey] = Statement(
    lambda places: (
        ApiKey.objects.select_related("organization").filter(prefix=places.text("prefix")).order_by()
    )
)


def find_api_key(text: str) -> ApiKey | None:
    """Return the usable key that `text` is, with its organization, or None. Notes its use, at most once a minute."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "lrl" or len(parts[1]) != PREFIX_LENGTH:
        return None
    key = _key_of_prefix.first(prefix=parts[1])
    if key is not None and not key.is_usable:
        key = None
    # An unknown prefix is compared too, so that both answers take the same time.
    if not constant_time_compare(key.digest if key else "0" * 64, _digest(parts[2])) or key is None:
        return None
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key


def revoke_api_key(*, key: ApiKey, by: Actor | None) -> None:
    """Close an API key for good; a second time changes nothing. A key closes those that have no more scopes than itself.

    Raises RoleTooLow.
    """
    require_scopes(
        organization=key.organization, scopes=key.scopes, permission="organizations.change_apikey", by=by
    )
    with transaction.atomic():
        if ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
            _note(key, AuditAct.API_KEY_REVOKED, by)


def _note(key: ApiKey, act: AuditAct, by: Actor | None) -> None:
    note_act(
        organization=key.organization,
        act=act,
        by=by,
        subject=key.uuid,
        label=key.name,
        details={"prefix": key.prefix, "scopes": key.scopes},
    )


def create_badgekit_consumer(
    *, system: System, description: str = "", by: Actor | None
) -> tuple[BadgekitConsumer, str]:
    """Make a BadgeKit consumer of a system; return (row, secret), the latter for the only time.

    Raises KeyNotUsable and InvalidInput.
    """
    del by
    if len(description) > 255:
        raise InvalidInput(
            _("A description has at most %(limit)d characters.") % {"limit": 255}, field="description"
        )
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
    return _decrypted(bytes(consumer.encrypted_secret))


@lru_cache(maxsize=256)
def _decrypted(token: bytes) -> str:
    """Each process decrypts a secret once, as it does the keys that sign."""
    return decrypt(token).decode()
