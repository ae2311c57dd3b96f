"""What organizations refuse, read as facts."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import InvalidInput, RuleBroken


class OrganizationDisabled(RuleBroken):
    """Staff disabled the organization: it may be read, but nothing may be written or issued."""

    code = "organization_disabled"
    default_message = _(
        "This organization is disabled. Nothing was changed. Please ask the administrators of this server."
    )


class SlugTaken(RuleBroken):
    """Slugs are never used twice, also not after what bore them is gone."""

    code = "slug_taken"
    default_message = _("This short name is taken. Please choose another one.")


class NotEnoughCredits(RuleBroken):
    """The wallet has fewer credits than the badges would take."""

    code = "not_enough_credits"
    default_message = _("There are not enough credits in the wallet. No badge was issued.")


class TooManyMembers(RuleBroken):
    """The organization has as many members as `max_users` allows."""

    code = "too_many_members"
    default_message = _("This organization has as many members as it may have.")


class AlreadyMember(RuleBroken):
    """The user is a member of the organization."""

    code = "already_member"
    default_message = _("This person is a member of the organization already.")


class LastOwner(RuleBroken):
    """An organization keeps at least one owner."""

    code = "last_owner"
    default_message = _("An organization needs an owner. Make somebody else an owner first.")


class KeyNotUsable(RuleBroken):
    """There is no active signing key, or it cannot be decrypted."""

    code = "key_not_usable"
    default_message = _("The organization has no usable signing key, so no badge can be signed.")


class TransactionNotOpen(RuleBroken):
    """A credit request was decided before."""

    code = "transaction_not_open"
    default_message = _("This credit request was decided before. Nothing was changed.")


class IdempotencyConflict(RuleBroken):
    """The Idempotency-Key was used for another request within the last 24 hours."""

    code = "idempotency_conflict"
    default_message = _(
        "This Idempotency-Key was used for another request. Nothing was done: use a new key for a new request."
    )


class RoleTooLow(RuleBroken):
    """Nobody gives, changes or takes a role or a scope above their own."""

    code = "role_too_low"
    default_message = _(
        "You cannot give or take more than you have yourself. Ask an owner of the organization."
    )


__all__ = [
    "AlreadyMember",
    "IdempotencyConflict",
    "InvalidInput",
    "KeyNotUsable",
    "LastOwner",
    "NotEnoughCredits",
    "OrganizationDisabled",
    "RoleTooLow",
    "SlugTaken",
    "TooManyMembers",
    "TransactionNotOpen",
]


class TooManyTries(RuleBroken):
    """A client tried too many wrong secrets. `retry_after` is in seconds."""

    code = "too_many_tries"
    default_message = _("Too many wrong tries came from here. Nothing is locked: try again later.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)


class MailStopped(RuleBroken):
    """No mails go to the address: its owner asked for none, or it accepts none. The message says which."""

    code = "mail_stopped"


class MailStopUnknown(RuleBroken):
    """Nothing keeps mails from going to the address."""

    code = "mail_stop_unknown"
    default_message = _("Mails to this address are not stopped. Nothing was changed.")


class MailStopTheirs(RuleBroken):
    """A person asked for no more mails, and nobody else takes that back."""

    code = "mail_stop_theirs"
    default_message = _(
        "This person asked for no more mails, so only they can allow them again: by the link at the end of any mail that"
        " they had. Their badges are issued all the same."
    )


class SignUpClosed(RuleBroken):
    """Nobody signs up here: accounts and organizations are made by invitation, or by staff."""

    code = "sign_up_closed"
    default_message = _(
        "Somebody set up this server before you. Nothing was made: ask them to invite you, with the address that you use."
    )


class AccountExists(RuleBroken):
    """Another account has the address."""

    code = "account_exists"
    default_message = _("There is an account with this address already. Sign in with it.")


class LinkOver(RuleBroken):
    """What a mailed link leads to was done before, was taken back, or waited too long."""

    code = "link_over"
    default_message = _("This link does not work any more. Nothing was changed.")


class InvitationOver(LinkOver):
    """An invitation was accepted, declined or withdrawn, has expired, or who wrote it may no longer invite."""

    code = "invitation_over"
    default_message = _("This invitation does not work any more. Ask the organization to send you a new one.")


class InvitationOfAnother(RuleBroken):
    """An invitation is for one address, and nobody else takes it."""

    code = "invitation_of_another"
    default_message = _("This invitation is for another address than the one that you are signed in with.")


class PasswordWrong(RuleBroken):
    """Not the password of the account."""

    code = "password_wrong"
    default_message = _("This is not your password. Nothing was changed.")


class TooManyAtOnce(RuleBroken):
    """A client or an organization asked for something too often within ten minutes. `retry_after` is in seconds."""

    code = "too_many_at_once"
    default_message = _("This was asked for too often. Nothing was sent: try again in ten minutes.")

    def __init__(self, *, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)
