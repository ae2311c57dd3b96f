"""The project itself as an app, for its commands and system checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the checks of settings when Django starts."""

    name = "config"
    verbose_name = "Laurel"

    def ready(self) -> None:
        """Import the checks, which register themselves."""
        from config import checks  # noqa: F401, PLC0415  (Django's own place for it)
