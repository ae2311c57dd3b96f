"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BadgesConfig(AppConfig):
    """Badges."""

    name = "badges"
    verbose_name = _("Badges")

    def ready(self) -> None:
        """Connect the receivers, and register what the outbox sends."""
        from badges import mails, receivers  # noqa: F401, PLC0415  (Django's own place for it)
        from badges.manage import holdings  # noqa: F401, PLC0415  (likewise)
        from badges.services import outcome_reports  # noqa: F401, PLC0415  (likewise)
