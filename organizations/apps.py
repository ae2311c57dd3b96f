"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Organizations."""

    name = "organizations"
    verbose_name = _("Organizations")

    def ready(self) -> None:
        """Connect the receivers, and register what the outbox sends."""
        from organizations import mails, mails_people, receivers  # noqa: F401, PLC0415  (Django's own place for it)
