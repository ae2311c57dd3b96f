"""What claiming refuses, read as facts."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import RuleBroken


class ClaimCodeUsedUp(RuleBroken):
    """A single-use code was claimed before, or a multi-use code reached its number of uses."""

    code = "claim_code_used_up"
    default_message = _("This claim code has already been claimed.")


class ClaimCodeExpired(RuleBroken):
    """The time of the code is over."""

    code = "claim_code_expired"
    default_message = _("The time to claim with this code is over.")


class ClaimCodeTaken(RuleBroken):
    """Another code of the system is spelled like this one, case aside."""

    code = "claim_code_taken"
    default_message = _("This claim code exists already.")
