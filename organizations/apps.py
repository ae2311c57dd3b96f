"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    """Organizations."""

    name = "organizations"
    verbose_name = _("Organizations")
