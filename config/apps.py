"""The project itself as an app, for its commands and system checks."""

from django.apps import AppConfig

from config.names import translate_names


class ConfigConfig(AppConfig):
    """Registers the checks of settings when Django starts, and translates the names of models and fields."""

    name = "config"
    verbose_name = "Laurel"

    def ready(self) -> None:
        """Import the checks, which register themselves; name models and fields in all languages."""
        from config import checks  # noqa: F401, PLC0415  (Django's own place for it)

        translate_names(("organizations", "earners", "badges", "claimcodes"))
