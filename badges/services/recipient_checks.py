"""Whether a badge was issued to somebody's address: answered to whoever asks, and not to who guesses."""

import hmac
from datetime import timedelta

from badges.credentials.recipients import identity_hash
from badges.models import Badge
from config.text import folded
from organizations.services.brakes import Brake

# Different wrong addresses: from one client for all badges, and from everybody for one badge.
_clients = Brake("recipient-client", limit=10, window=timedelta(minutes=10))
_badges = Brake("recipient-badge", limit=100, window=timedelta(hours=1))


def was_issued_to(*, badge: Badge, email: str, client: str | None) -> bool:
    """Tell whether a badge was issued to an address, by its hash, as verifiers elsewhere do. Raises TooManyTries."""
    _clients.check(client)
    _badges.check(str(badge.uuid))
    asked, issued = (
        identity_hash(folded(address), badge.recipient_salt) for address in (email, badge.recipient_email)
    )
    is_theirs = hmac.compare_digest(asked, issued)
    if not is_theirs:
        secret = f"{badge.uuid} {folded(email)}"
        _clients.count(client, secret)
        _badges.count(str(badge.uuid), secret)
    return is_theirs
