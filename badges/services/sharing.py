"""Showing a badge to somebody by mail: its earner sends it, with a few words of their own."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.enums import Visibility
from badges.exceptions import BadgeHidden, BadgeRevoked, BadgeUnknown, TooManyShares
from badges.models import Badge, BadgeShare
from badges.services.my_badges import all_badges_of
from config.exceptions import InvalidInput
from config.text import LINK, UNSIGNABLE_CHARACTERS, folded
from earners.exceptions import AddressUnknown
from earners.models import AccountEmail, EarnerAccount
from earners.services import checked_email
from organizations.enums import MessageKind
from organizations.models import Message
from organizations.services.outbox import write_messages

MAX_NOTE = 500
A_DAY = timedelta(days=1)
SHARES_A_DAY = 20  # of one account
MAILS_A_DAY = 3  # of one account to one address
KEPT = timedelta(days=30)


def share_badge(
    *, account: EarnerAccount, badge_id: UUID, email: str, note: str = "", language: str
) -> BadgeShare:
    """Have a badge of an account mailed to an address, in a language, with a note of its earner's; return what was noted.

    The note is plain text without links: who gets the mail does not know whether to trust its sender. Whether the address
    takes such mails is not told. Raises BadgeUnknown, for another's badge just as for none, BadgeRevoked, BadgeHidden,
    AddressUnknown where the account has no confirmed address, InvalidInput, and TooManyShares.
    """
    email, note = checked_email(email, field="email"), _checked_note(note)
    with transaction.atomic():
        # The account's row, so that the shares of a day are counted one after the other.
        EarnerAccount.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
        badge = all_badges_of(account).select_related("earner").filter(uuid=badge_id).first()
        if badge is None:
            raise BadgeUnknown
        if badge.is_revoked:
            raise BadgeRevoked
        if badge.visibility == Visibility.HIDDEN:
            raise BadgeHidden(_("This badge is hidden. Show it to who has the link first, then send it."))
        _count(account, folded(email))
        share = BadgeShare.objects.create(
            account=account,
            badge=badge,
            sender_email=_sender(account, badge),
            recipient_email=email,
            recipient_key=folded(email),
            note=note,
            language=language,
        )
        # Of no organization: it is the earner's mail, and the issuer does not see to whom.
        write_messages([Message(kind=MessageKind.BADGE_SHARED, subject=share.uuid, recipient=email)])
    return share


def prune_shares() -> int:
    """Delete what was sent some weeks ago; return how many rows went."""
    return BadgeShare.objects.filter(created_at__lt=timezone.now() - KEPT).delete()[0]


def _checked_note(note: str) -> str:
    note = "\n".join(line.rstrip() for line in note.strip().splitlines())
    if len(note) > MAX_NOTE:
        raise InvalidInput(_("This is longer than %(limit)d characters.") % {"limit": MAX_NOTE}, field="note")
    if UNSIGNABLE_CHARACTERS.search(note):
        raise InvalidInput(_("There are characters in it that cannot be shown."), field="note")
    if LINK.search(note):
        raise InvalidInput(_("Write it without links: the one to the badge is in the mail."), field="note")
    return note


def _count(account: EarnerAccount, recipient_key: str) -> None:
    lately = BadgeShare.objects.filter(account=account, created_at__gt=timezone.now() - A_DAY)
    if lately.count() >= SHARES_A_DAY:
        raise TooManyShares(
            _("You have sent %(limit)d badges within a day, and more is not possible. Try again tomorrow.")
            % {"limit": SHARES_A_DAY}
        )
    if lately.filter(recipient_key=recipient_key).count() >= MAILS_A_DAY:
        raise TooManyShares(
            _("You have sent enough badges to this address for today. Try again tomorrow."), field="email"
        )


def _sender(account: EarnerAccount, badge: Badge) -> str:
    """Return the address that says who sends: the one that the badge was issued to, as it is the account's."""
    emails = AccountEmail.objects.filter(account=account, verified_at__isnull=False).order_by("pk")
    known = emails.filter(email_key=badge.earner.email_key).first() or emails.first()
    if known is None:
        raise AddressUnknown
    return known.email
