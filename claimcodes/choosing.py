"""The brake on codes that organizations choose: codes are unique in a system, so a refusal may tell of another's code.

Such answers are counted as guesses of the organization, all its keys and members together, and limited as those on the claim
page are.
"""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from claimcodes.exceptions import ClaimCodesTaken, ClaimCodeTaken
from claimcodes.guesses import check_guesses, count_guess
from claimcodes.models import ClaimCode
from config.text import folded
from organizations.models import Organization

TOLD_CODES = 10  # of those that exist already: each may be another organization's, so not all are told

Made = TypeVar("Made")


def choose(*, organization: Organization, codes: Sequence[str], act: Callable[[], Made]) -> Made:
    """Do what writes codes that the organization chose.

    Raises TooManyGuesses, and what `act` raises; a ClaimCodeTaken names TOLD_CODES codes at most, and has those that are
    another organization's in `others`. The caller has them counted (count_others) once what was refused is taken back: a
    cache in the database would forget a count with it.
    """
    check_guesses(_guesser(organization))
    try:
        return act()
    except ClaimCodeTaken as refusal:
        if isinstance(refusal, ClaimCodesTaken):
            refusal.codes = codes = refusal.codes[:TOLD_CODES]
        keys = {folded(code) for code in codes}
        own = ClaimCode.objects.filter(template__organization=organization, code_key__in=keys)
        refusal.others = keys - set(own.values_list("code_key", flat=True))
        raise


def count_others(organization: Organization, others: Collection[str]) -> None:
    """Count the codes of others that the organization was told of, once each within a while."""
    for key in others:
        count_guess(_guesser(organization), key)


def _guesser(organization: Organization) -> str:
    return f"organization:{organization.uuid}"
