"""Accounts of earners for tests, with the addresses that are proved to be theirs, and their tokens."""

from datetime import timedelta

from django.utils import timezone

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
