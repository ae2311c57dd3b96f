"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BadgesConfig(AppConfig):
    """Badges."""

    name = "badges"
    verbose_name = _("Badges")

    def ready(self) -> None:
        """Connect the receivers."""
        from badges import receivers  # noqa: F401, PLC0415  (Django's own place for it)
