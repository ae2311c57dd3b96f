"""What becomes of the facts that the apps below tell."""

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from claimcodes.models import Claim, ClaimCode
from earners.models import Earner
from earners.signals import earner_erased


@receiver(earner_erased)
def forget_who_claimed(sender: type[Earner], earner: Earner, **kwargs: Any) -> None:  # noqa: ARG001
    """Claims stay, with their badges, and nobody's address stands beside them or their codes."""
    organization = earner.organization_id
    Claim.objects.filter(
        Q(badge__earner=earner)
        | Q(claim_code__template__organization=organization, email_key=earner.email_key)
    ).update(email="", email_key=None)
    ClaimCode.objects.filter(template__organization=organization, email__iexact=earner.email).update(
        email=None
    )
