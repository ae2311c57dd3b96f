"""Login tokens are used, listed to their owner, and revoked. Making one is in accounts.py."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from config.statements import Statement
from earners.exceptions import LoginTokenExpired, LoginTokenUnknown
from earners.models import EarnerAccount, LoginToken
from organizations.services.brakes import Brake

WRONG_TOKENS = Brake("login-tokens", limit=20, window=timedelta(minutes=10))
BY_DIGEST: Statement[LoginToken] = Statement(
    lambda places: (
        LoginToken.objects.select_related("account").filter(digest=places.text("digest")).order_by()
    )
)
NOTED = timedelta(hours=1)  # how exactly the last use is known: noting it takes a write


def open_with_token(text: str, *, client: str | None, at: datetime | None = None) -> LoginToken:
    """Return the token that `text` is, with its account, at an instant (default: now); its use is noted, hourly.

    Raises LoginTokenUnknown, for a revoked one too, LoginTokenExpired, and TooManyTries when this client (client_of) tried
    too many wrong ones.
    """
    at = at or timezone.now()
    WRONG_TOKENS.check(client)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    token = BY_DIGEST.first(digest=digest)
    if token is None or token.revoked_at is not None:
        WRONG_TOKENS.count(client, digest)
        raise LoginTokenUnknown
    if token.expires_at <= at:
        raise LoginTokenExpired
    if token.last_used_at is None or token.last_used_at < at - NOTED:
        LoginToken.objects.filter(pk=token.pk).update(last_used_at=at)
    return token


def list_login_tokens(account: EarnerAccount, *, at: datetime | None = None) -> Sequence[LoginToken]:
    """Return the account's usable tokens, newest first: for their owner, who cannot see the tokens themselves any more."""
    return list(LoginToken.objects.usable(at).filter(account=account).order_by("-id"))


def revoke_login_token(*, token: LoginToken) -> None:
    """Close a token for good; a second time changes nothing."""
    LoginToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
