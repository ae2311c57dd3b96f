"""Filters of lists of claim codes."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from claimcodes.models import Claim
from claimcodes.querysets import ClaimCodeQuerySet
from config.api.issuer.filters import DayFilter, FlagFilter, IdFilter, LaravelFilterSet, TextFilter
from config.text import folded


class CodeFilters(LaravelFilterSet):
    """Which claim codes of a template."""

    aliases = {"search": "q"}

    claimed = FlagFilter("is_claimed", help_text="1: claimed once at least.")
    multiuse = FlagFilter("is_multiuse")
    expired = FlagFilter("expires_at", method="by_end", help_text="1: whose time is over.")
    email = TextFilter("email", method="by_address", help_text="Of somebody who claimed, or that was noted.")
    q = TextFilter("code", method="by_part", help_text="Part of the code.")
    id = IdFilter("uuid")
    created_at_after = DayFilter("created_at", help_text="Made on this day or later.")
    created_at_before = DayFilter("created_at", is_end=True, help_text="Made on this day or earlier.")

    def by_end(self, codes: ClaimCodeQuerySet, _name: str, value: bool) -> ClaimCodeQuerySet:  # noqa: FBT001
        """Keep the codes whose time is over, or the others."""
        over = Q(expires_at__isnull=False, expires_at__lte=timezone.now())
        return codes.filter(over) if value else codes.exclude(over)

    def by_address(self, codes: ClaimCodeQuerySet, _name: str, value: str) -> ClaimCodeQuerySet:
        """Keep the codes that belong to an address, however it is capitalised."""
        claims = Claim.objects.filter(claim_code=OuterRef("pk"), email_key=folded(value))
        return codes.filter(Q(email__iexact=value) | Q(Exists(claims)))

    def by_part(self, codes: ClaimCodeQuerySet, _name: str, value: str) -> ClaimCodeQuerySet:
        """Keep the codes with a text in them."""
        return codes.filter(code_key__contains=folded(value))
