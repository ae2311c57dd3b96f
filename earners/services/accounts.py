"""Accounts of persons: found or made by an address that was proved to be theirs, and opened with tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS, folded
from earners.enums import AccountAct
from earners.exceptions import (
    AddressClosed,
    AddressUnknown,
    LastAddress,
    SignInOver,
    TooManyAddresses,
)
from earners.models import AccountEmail, Earner, EarnerAccount, LoginToken, SignIn
from earners.services.erasing import erase_earner
from earners.services.notices import tell_of_change
from earners.services.people import checked_email
from earners.signals import account_deleted, accounts_joined
from organizations.enums import AccountDeletion
from organizations.services.mail_stops import note_address_works
from organizations.services.outbox import forget_recipient

MAX_ADDRESSES = 20
TOKEN_LIFETIME = timedelta(days=1)
NAME_LENGTH = 120


def create_login_token(*, email: str, lifetime: timedelta = TOKEN_LIFETIME) -> tuple[LoginToken, str]:
    """Make a token that opens the account of an address, which is made when there is none; return (row, token).

    Whoever calls has made sure whose address it is. Raises InvalidInput.
    """
    email = checked_email(email, field="email")
    with transaction.atomic():
        return make_token(find_or_make_account(email), lifetime)


def make_token(account: EarnerAccount, lifetime: timedelta = TOKEN_LIFETIME) -> tuple[LoginToken, str]:
    """Make a token that opens an account; return (row, token).

    The token has 256 random bits, is returned only here, and is kept as a digest.
    """
    token = secrets.token_urlsafe(32)
    row = LoginToken.objects.create(
        account=account,
        digest=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=timezone.now() + lifetime,
    )
    return row, token


def find_or_make_account(email: str) -> EarnerAccount:
    """Return the account of an address that was just proved to be its person's; one is made where there is none.

    Must run in a transaction. An address that somebody has written down and never proved becomes that of a new account.
    Raises AddressClosed.
    """
    note_address_works(email)
    rows = AccountEmail.objects.select_related("account").filter(email_key=folded(email))
    rows.filter(verified_at__isnull=True).delete()
    found = rows.first()
    if found is not None:
        if found.closed_at is not None:
            raise AddressClosed
        return found.account
    try:
        with transaction.atomic():
            account = EarnerAccount.objects.create()
            _add(account, email)
    except IntegrityError:  # made by another request at this moment
        return rows.get().account
    return account


def take_address(*, account: EarnerAccount, email: str) -> None:
    """Add an address that was just proved to be the person's, with the badges that were issued to it.

    An address of another account was the same person's all the time: it moves here, and where it was that account's only
    one, all that hangs on that account does. Its tokens, passkeys and sessions end. An own address that was closed signs in
    again. Raises TooManyAddresses, AddressClosed for one that another account closed, and SignInOver where the same was
    done elsewhere at this moment.
    """
    with transaction.atomic():
        note_address_works(email)
        theirs = AccountEmail.objects.filter(email_key=folded(email)).values_list("account_id", flat=True)
        # Both accounts, in one order whoever asks, so that no two requests wait for each other.
        pks = {account.pk, *theirs}
        accounts = {
            row.pk: row for row in EarnerAccount.objects.select_for_update().filter(pk__in=pks).order_by("pk")
        }
        if account.pk not in accounts:  # it was joined with another one meanwhile
            raise SignInOver
        address = AccountEmail.objects.filter(email_key=folded(email)).first()
        if address is not None and address.account_id == account.pk:
            if not address.signs_in:
                tell_of_change(account=account, act=AccountAct.ADDRESS_ADDED, detail=email)
            AccountEmail.objects.filter(pk=address.pk).update(
                verified_at=address.verified_at or timezone.now(), closed_at=None
            )
            return
        if address is not None and address.closed_at is not None:
            raise AddressClosed
        if AccountEmail.objects.filter(account=account).count() >= MAX_ADDRESSES:
            raise TooManyAddresses(TooManyAddresses.default_message % {"limit": MAX_ADDRESSES})
        tell_of_change(account=account, act=AccountAct.ADDRESS_ADDED, detail=email)
        if address is None:
            try:
                with transaction.atomic():
                    _add(account, email)
            except IntegrityError as error:  # proved for another account at this moment
                raise SignInOver from error
            return
        was_verified, gone = address.verified_at is not None, accounts.get(address.account_id)
        AccountEmail.objects.filter(pk=address.pk).update(account=account, verified_at=timezone.now())
        if not was_verified or gone is None:
            return
        if AccountEmail.objects.filter(account=gone).exists():
            tell_of_change(account=gone, act=AccountAct.ADDRESS_REMOVED, detail=email)
            return
        accounts_joined.send(sender=EarnerAccount, kept=account, gone=gone)
        gone.delete()


def remove_address(*, account: EarnerAccount, address: int) -> None:
    """Take an address (its primary key) off an account: it signs in no more, and badges issued to it leave with it.

    Nothing is deleted: who proves the address again has them again. Raises LastAddress, AddressUnknown.
    """
    with transaction.atomic():
        EarnerAccount.objects.select_for_update().get(pk=account.pk)
        row = _spare_address(account, address)
        tell_of_change(account=account, act=AccountAct.ADDRESS_REMOVED, detail=row.email)
        row.delete()


def close_address(*, account: EarnerAccount, address: int) -> None:
    """Let an address (its primary key) sign in no more, whoever reads its mail; its badges stay with the account.

    It signs in again once the account proves it anew. Raises LastAddress, AddressUnknown.
    """
    with transaction.atomic():
        EarnerAccount.objects.select_for_update().get(pk=account.pk)
        row = _spare_address(account, address)
        if row.closed_at is None:
            tell_of_change(account=account, act=AccountAct.ADDRESS_CLOSED, detail=row.email)
            AccountEmail.objects.filter(pk=row.pk).update(closed_at=timezone.now())


def end_sessions(*, account: EarnerAccount) -> int:
    """End all sessions of browsers and revoke all tokens of programs; return the new epoch of the account."""
    now = timezone.now()
    with transaction.atomic():
        EarnerAccount.objects.filter(pk=account.pk).update(epoch=F("epoch") + 1)
        LoginToken.objects.filter(account=account, revoked_at__isnull=True).update(revoked_at=now)
    account.refresh_from_db(fields=["epoch"])
    return account.epoch


def show_collection(*, account: EarnerAccount, is_shown: bool, name: str) -> EarnerAccount:
    """Have a page that shows the account's public badges, under a name, or none; return the account.

    A page that was taken down never comes back at its address: the next one has another. Raises InvalidInput.
    """
    name = " ".join(name.split())
    if len(name) > NAME_LENGTH:
        raise InvalidInput(
            _("This is longer than %(limit)d characters.") % {"limit": NAME_LENGTH}, field="name"
        )
    if UNSIGNABLE_CHARACTERS.search(name):
        raise InvalidInput(_("There are characters in it that cannot be shown."), field="name")
    with transaction.atomic():
        account = EarnerAccount.objects.select_for_update().get(pk=account.pk)
        account.name = name
        account.collection_uuid = (account.collection_uuid or uuid4()) if is_shown else None
        account.save(update_fields=["name", "collection_uuid"])
    return account


@dataclass(frozen=True, slots=True)
class Staying:
    """What an organization keeps of a person who deletes their account: its records, or that there were some."""

    organization: str
    keeps_person: bool


def what_stays(account: EarnerAccount) -> list[Staying]:
    """Return what each organization that knows the person keeps when they delete their account, by its name."""
    earners = _known_as(account).select_related("organization")
    kept = {
        earner.organization.pk: Staying(
            earner.organization.name, earner.organization.account_deletion == AccountDeletion.KEEP
        )
        for earner in earners
    }
    return sorted(kept.values(), key=lambda staying: staying.organization.casefold())


def delete_account(*, account: EarnerAccount) -> None:
    """Delete an account with its addresses, tokens, sessions, badges of other issuers, and mails that wait to be used.

    Of badges that organizations here issued, each keeps what it has chosen (Organization.account_deletion): everything, and
    then whoever proves the address again has the badges in a new account; or that they were issued, without the person.
    """
    with transaction.atomic():
        account = EarnerAccount.objects.select_for_update().get(pk=account.pk)
        account_deleted.send(sender=EarnerAccount, account=account)
        erased = _known_as(account).filter(organization__account_deletion=AccountDeletion.ANONYMISE)
        for earner in erased.order_by("organization", "pk"):
            erase_earner(earner=earner, by=None)
        SignIn.objects.filter(email_key__in=account.emails.values("email_key")).delete()
        for email in account.emails.values_list("email", flat=True):
            forget_recipient(organization=None, email=email)
        account.delete()


def _known_as(account: EarnerAccount) -> QuerySet[Earner]:
    """Return how organizations know the person: as the earners with an address that they proved to be theirs."""
    proved = AccountEmail.objects.filter(account=account, verified_at__isnull=False)
    return Earner.objects.filter(email_key__in=proved.values("email_key"))


def _spare_address(account: EarnerAccount, address: int) -> AccountEmail:
    """Return an address of an account that opens without it too. Raises AddressUnknown, LastAddress."""
    rows = AccountEmail.objects.filter(account=account)
    row = rows.filter(pk=address).first()
    if row is None:
        raise AddressUnknown
    if not rows.exclude(pk=address).signing_in().exists():
        raise LastAddress
    return row


def _add(account: EarnerAccount, email: str) -> None:
    AccountEmail.objects.create(
        account=account, email=email, email_key=folded(email), verified_at=timezone.now()
    )
