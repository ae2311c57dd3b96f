"""What claiming refuses, read as facts."""

from collections.abc import Collection, Sequence

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
    """Another code of the system is spelled like this one, case aside.

    `others` are those that another organization has, folded, where that was asked (claimcodes.choosing).
    """

    code = "claim_code_taken"
    default_message = _("This claim code exists already.")
    others: Collection[str] = ()


class ClaimCodesTaken(ClaimCodeTaken):
    """Of many codes that were to be made, some exist already. `codes` are these, as they were given; none was made."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            _("These claim codes exist already, so none was made: %(codes)s")
            % {"codes": ", ".join(codes[:10]) + (", …" if len(codes) > 10 else "")},
            field="codes",
        )
        self.codes = list(codes)


class ClaimCodeUnknown(RuleBroken):
    """The code was deleted in the meantime."""

    code = "claim_code_unknown"
    default_message = _("This claim code does not exist any more.")


class ClaimCodeUsed(RuleBroken):
    """What was claimed stays claimed: a code cannot be changed to less than what happened with it."""

    code = "claim_code_used"
    default_message = _(
        "This claim code has been claimed, so this cannot be changed any more. Make a new code instead."
    )
