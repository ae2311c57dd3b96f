"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EarnersConfig(AppConfig):
    """Earners."""

    name = "earners"
    verbose_name = _("Earners")

    def ready(self) -> None:
        """Register what the outbox sends."""
        from earners import mails  # noqa: F401, PLC0415  (Django's own place for it)
