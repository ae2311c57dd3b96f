"""Accounts of earners for tests, with the addresses that are proved to be theirs, tokens, and badges from elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from badges.enums import ImportedKind
from badges.models import ImportedBadge
from config.text import folded
from earners.models import AccountEmail, EarnerAccount, LoginToken
from earners.services import create_login_token


def account_of(*emails: str) -> EarnerAccount:
    """Return a new account with these addresses."""
    account = EarnerAccount.objects.create()
    for email in emails:
        AccountEmail.objects.create(
            account=account, email=email, email_key=folded(email), verified_at=timezone.now()
        )
    return account


def token_of(email: str, lifetime: timedelta = timedelta(days=1)) -> tuple[LoginToken, str]:
    """Return a token, and its text, that opens the account of an address, which is made when there is none."""
    return create_login_token(email=email, lifetime=lifetime)


def imported(account: EarnerAccount, **fields: Any) -> ImportedBadge:
    """Return a badge that somebody else issued to the person of an account, as if it had been verified."""
    values: dict[str, Any] = {
        "account": account,
        "identity": uuid4().hex,
        "kind": ImportedKind.OB2_HOSTED,
        "name": "First aid",
        "issuer": {
            "id": "https://other.example/issuer",
            "name": "Red Hospital",
            "url": "https://other.example",
        },
        "recipient_email": "ada@example.org",
        "issued_at": datetime(2024, 5, 1, tzinfo=UTC),
        "document": "{}",
        "verified_at": timezone.now(),
    }
    return ImportedBadge.objects.create(**values | fields)
