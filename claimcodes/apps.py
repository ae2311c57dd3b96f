"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClaimcodesConfig(AppConfig):
    """Claim codes."""

    name = "claimcodes"
    verbose_name = _("Claim codes")

    def ready(self) -> None:
        """Connect the receivers."""
        from claimcodes import receivers  # noqa: F401, PLC0415  (Django's own place for it)
