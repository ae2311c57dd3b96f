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


__all__ = [
    "AlreadyMember",
    "InvalidInput",
    "KeyNotUsable",
    "LastOwner",
    "NotEnoughCredits",
    "OrganizationDisabled",
    "SlugTaken",
    "TooManyMembers",
    "TransactionNotOpen",
]
