"""What the lists of an organization's own things are filtered by in the issuer API."""

from typing import ClassVar

from config.api.issuer.filters import (
    AmountFilter,
    ChoiceFilter,
    DayFilter,
    LaravelFilterSet,
    TextFilter,
    WholeFilter,
)
from organizations.enums import CreditStatus, Role


class CreditFilters(LaravelFilterSet):
    """Credit transactions."""

    # The page of operations says `credit`, the field is `credits`.
    aliases: ClassVar[dict[str, str]] = {"credit": "credits"}

    created_at_after = DayFilter("created_at")
    created_at_before = DayFilter("created_at", is_end=True)
    status = ChoiceFilter("status", choices=CreditStatus.values)
    credits = WholeFilter("credits", help_text="Negative for badges that were issued.")
    amount = AmountFilter("amount")
    user_id = WholeFilter("user_id")


class MemberFilters(LaravelFilterSet):
    """Members."""

    role = ChoiceFilter("role", choices=Role.values)
    search = TextFilter("user__email", help_text="A part of the address.")
