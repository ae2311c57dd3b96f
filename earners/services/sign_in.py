"""Signing in without a password: a code and a link go to an address, and whoever has one of them reads its mail.

Everybody gets the same mail and the same answer: an address that nobody ever issued a badge to is as good as another, and
its account is made when it is first signed in with. So nothing tells which addresses are known.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from config.text import folded
from earners.enums import SignInPurpose
from earners.exceptions import SignInCodeWrong, SignInOver, TooManyMails
from earners.models import AccountNotice, Challenge, EarnerAccount, LoginToken, SignIn
from earners.services.accounts import find_or_make_account, make_token, take_address
from earners.services.mailed_secrets import (
    digest_of,
    is_right_code,
    is_same,
    link_secret_of,
    sign_in_of_flow,
)
from earners.services.people import checked_email
from organizations.enums import MessageKind
from organizations.models import Message
from organizations.services.brakes import Brake
from organizations.services.outbox import write_messages
from organizations.services.rates import count_act

LIFETIME = timedelta(minutes=15)
KEPT = timedelta(days=1)  # how long a row is kept, to count by
NOTICES_KEPT = timedelta(days=7)  # longer than the outbox tries to send them
TOKENS_KEPT = timedelta(days=30)  # after their end: so long a program is told that its token expired
# In ten minutes. Many may share one client: a class that signs in for the first time.
MAILS_TO_ADDRESS, MAILS_FROM_CLIENT = 3, 60
MAILS_IN_A_DAY = 60  # to one address: more than anybody needs, fewer than would fill a mailbox
TRIES = 5  # of the code of one mail
TRIES_IN_A_DAY = 30  # of all codes of one address: three in 100,000 for whoever guesses
WRONG_CODES = Brake("sign-in-codes", limit=20, window=timedelta(minutes=10))


@dataclass(frozen=True, slots=True)
class Opened:
    """What a mailed sign-in opened: the account, and whether it was joined with another one of the same person."""

    sign_in: SignIn
    account: EarnerAccount


def ask_sign_in(
    *,
    email: str,
    purpose: SignInPurpose,
    language: str,
    client: str | None,
    browser: str = "",
    account: EarnerAccount | None = None,
) -> SignIn:
    """Have a code and a link mailed to an address, whoever's it is, in a language; return the row.

    `browser` is the secret of the browser that asks: it alone may use the code, and the link without a further click.
    `account` is the one that the address is to be added to. Raises InvalidInput, and TooManyMails, which counts what is
    asked for one address, in ten minutes and in a day, and by one client (client_of).
    """
    email = checked_email(email, field="email")
    limits = [(f"mails-to:{_short(folded(email))}", MAILS_TO_ADDRESS)]
    if client is not None:
        limits.insert(0, (f"mails-from:{_short(client)}", MAILS_FROM_CLIENT))
    for name, limit in limits:
        seconds = count_act(name, limit=limit)
        if seconds is not None:
            raise TooManyMails(retry_after=seconds)
    today = SignIn.objects.filter(email_key=folded(email), created_at__gt=timezone.now() - KEPT)
    if today.count() >= MAILS_IN_A_DAY:
        raise TooManyMails(retry_after=3600)
    with transaction.atomic():
        sign_in = SignIn.objects.create(
            purpose=purpose,
            email=email,
            email_key=folded(email),
            account=account,
            browser_digest=digest_of(browser) if browser else "",
            language=language,
            expires_at=timezone.now() + LIFETIME,
        )
        write_messages([Message(kind=MessageKind.SIGN_IN, subject=sign_in.uuid, recipient=email)])
    return sign_in


def sign_in_of_browser(browser: str, purpose: SignInPurpose) -> SignIn | None:
    """Return what the browser with this secret asked for last, if it can still be used."""
    if not browser:
        return None
    asked = SignIn.objects.usable().filter(browser_digest=digest_of(browser), purpose=purpose)
    return asked.select_related("account").order_by("-pk").first()


def sign_in_of_link(uuid: UUID, secret: str) -> SignIn | None:
    """Return the sign-in whose link this is, used or over as it may be; None for what was never mailed."""
    sign_in = SignIn.objects.select_related("account").filter(uuid=uuid).first()
    return sign_in if sign_in is not None and is_same(link_secret_of(sign_in), secret) else None


def is_of_browser(sign_in: SignIn, browser: str) -> bool:
    """Whether the browser with this secret asked for it."""
    return bool(browser and sign_in.browser_digest) and is_same(sign_in.browser_digest, digest_of(browser))


def use_code(*, sign_in: SignIn | None, code: str, client: str | None) -> Opened:
    """Open an account with the mailed code. Each try counts before it is looked at, so that many at once are no more.

    Raises SignInCodeWrong, SignInOver (also beyond TRIES, TRIES_IN_A_DAY, and for None), and TooManyTries for a client that
    was wrong too often.
    """
    WRONG_CODES.check(client)
    if sign_in is None or _tries_today(sign_in) >= TRIES_IN_A_DAY:
        raise SignInOver
    row = SignIn.objects.usable().filter(pk=sign_in.pk, tries__lt=TRIES)
    if not row.update(tries=F("tries") + 1):
        raise SignInOver
    if not is_right_code(sign_in, code):
        WRONG_CODES.count(client, f"{sign_in.pk} {code}")
        raise SignInCodeWrong
    return _use(sign_in)


def use_program_code(*, email: str, code: str, client: str | None) -> Opened:
    """Open an account with the code of the newest mail that programs had sent to an address.

    Whoever does not know that code learns nothing: a wrong one is answered in the same way whether a mail is under way,
    was used, is over, was tried too often, or never was. Raises SignInCodeWrong; SignInOver for a code that was right and
    is good no more; and TooManyTries.
    """
    WRONG_CODES.check(client)
    asked = SignIn.objects.filter(email_key=folded(email), purpose=SignInPurpose.PROGRAM)
    sign_in = asked.order_by("-pk").first()
    try:
        return use_code(sign_in=sign_in, code=code, client=client)
    except SignInOver:
        if sign_in is not None and is_right_code(sign_in, code):
            raise
    WRONG_CODES.count(client, f"{sign_in.pk if sign_in is not None else folded(email)} {code}")
    raise SignInCodeWrong


def use_link(*, sign_in: SignIn, account: EarnerAccount | None = None) -> Opened:
    """Open an account with the mailed link, which sign_in_of_link found; `account` is who is signed in where it was opened.

    An address is added only where the account that asked for it is signed in: else a stranger could ask for somebody's
    address, and have it with their one click. Raises SignInOver.
    """
    if sign_in.purpose == SignInPurpose.ADDRESS and (account is None or account.pk != sign_in.account_id):
        raise SignInOver
    return _use(sign_in)


def confirm_program(*, sign_in: SignIn) -> None:
    """Let in the program that asked, by the mailed link: it fetches its token with `use_flow`. Raises SignInOver."""
    row = SignIn.objects.usable().filter(pk=sign_in.pk, purpose=SignInPurpose.PROGRAM)
    if not row.update(confirmed_at=timezone.now()):
        raise SignInOver


def use_flow(*, flow: str, client: str | None) -> tuple[Opened, LoginToken, str] | None:
    """Return the token of the program that names its sign-in, once the person let it in; None while they have not.

    Raises SignInOver, and TooManyTries for a client that named too many that never were.
    """
    WRONG_CODES.check(client)
    sign_in = sign_in_of_flow(flow)
    if sign_in is None:
        WRONG_CODES.count(client, flow)
        raise SignInOver
    if not SignIn.objects.usable().filter(pk=sign_in.pk).exists():
        raise SignInOver
    if sign_in.confirmed_at is None:
        return None
    with transaction.atomic():
        opened = _use(sign_in)
        return (opened, *make_token(opened.account))


def prune_sign_ins(*, at: datetime | None = None) -> int:
    """Delete what is kept no longer, of mails, challenges, notices and ended tokens; return how many rows went."""
    now = at or timezone.now()
    kept = {SignIn: KEPT, Challenge: KEPT, AccountNotice: NOTICES_KEPT}
    ended = LoginToken.objects.filter(expires_at__lt=now - TOKENS_KEPT)
    return ended.delete()[0] + sum(
        model._default_manager.filter(created_at__lt=now - age).delete()[0] for model, age in kept.items()
    )


def _use(sign_in: SignIn) -> Opened:
    """Use it up, once whoever tries at the same time, and return the account."""
    with transaction.atomic():
        if not SignIn.objects.usable().filter(pk=sign_in.pk).update(used_at=timezone.now()):
            raise SignInOver
        if sign_in.purpose == SignInPurpose.ADDRESS and sign_in.account is not None:
            take_address(account=sign_in.account, email=sign_in.email)
            return Opened(sign_in, sign_in.account)
        return Opened(sign_in, find_or_make_account(sign_in.email))


def _tries_today(sign_in: SignIn) -> int:
    today = SignIn.objects.filter(email_key=sign_in.email_key, created_at__gt=timezone.now() - KEPT)
    return int(today.aggregate(tries=Sum("tries"))["tries"] or 0)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
