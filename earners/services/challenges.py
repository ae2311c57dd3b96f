"""What a browser is to come back with: asked of one browser, answered by it once, within minutes.

The secrets that go with it are made of its id and the server's secret key whenever they are needed, and kept nowhere.
"""

import hashlib
from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac

from earners.enums import ChallengePurpose
from earners.exceptions import ChallengeOver, TooManyChallenges
from earners.models import Challenge, EarnerAccount
from earners.services.mailed_secrets import digest_of
from organizations.services.rates import count_act

# A passkey is at hand; at a provider people look for their password, or make an account.
LIFETIMES = {
    ChallengePurpose.PASSKEY: timedelta(minutes=5),
    ChallengePurpose.NEW_PASSKEY: timedelta(minutes=5),
    ChallengePurpose.PROVIDER: timedelta(minutes=15),
}
# In ten minutes. Many may share one client: a class that signs in for the first time.
FROM_CLIENT = 120
# The kinds of secrets; the salt keeps them apart.
SIGNED, NONCE, VERIFIER = "signed", "nonce", "verifier"


def make_challenge(
    *,
    purpose: ChallengePurpose,
    browser: str,
    client: str | None,
    account: EarnerAccount | None = None,
    issuer: str = "",
) -> Challenge:
    """Begin something that the browser with this secret is to come back with.

    Raises TooManyChallenges, which counts what one client (client_of) begins.
    """
    if client is not None:
        short = hashlib.sha256(client.encode()).hexdigest()[:32]
        seconds = count_act(f"challenges-of:{short}", limit=FROM_CLIENT)
        if seconds is not None:
            raise TooManyChallenges(retry_after=seconds)
    return Challenge.objects.create(
        purpose=purpose,
        account=account,
        issuer=issuer,
        browser_digest=digest_of(browser),
        expires_at=timezone.now() + LIFETIMES[purpose],
    )


def use_challenge(
    *, uuid: UUID, purpose: ChallengePurpose, browser: str, account: EarnerAccount | None
) -> Challenge:
    """Use up what the browser with this secret has begun, whoever tries at the same time; return it.

    What adds to an account is of use only where that account is signed in. Raises ChallengeOver.
    """
    row = Challenge.objects.usable().filter(uuid=uuid, purpose=purpose, browser_digest=digest_of(browser))
    if not browser or not row.update(used_at=timezone.now()):
        raise ChallengeOver
    challenge = Challenge.objects.get(uuid=uuid)
    if challenge.account_id is not None and (account is None or account.pk != challenge.account_id):
        raise ChallengeOver
    return challenge


def secret_of(challenge: Challenge, kind: str) -> bytes:
    """Return a secret of 32 bytes that goes with a challenge."""
    return salted_hmac(f"earners.challenge.{kind}", challenge.uuid.hex, algorithm="sha256").digest()
