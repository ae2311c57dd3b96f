"""The fixed vocabularies of earners' lists. Stored values are the values on the wire (seed 002)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListType(models.TextChoices):
    """A `list` is kept for later; an `import` came with one act of issuing."""

    LIST = "list", _("Kept list")
    IMPORT = "import", _("Import")


class ListStatus(models.TextChoices):
    """Whether a list is offered when badges are issued."""

    ENABLED = "enabled", _("Enabled")
    DISABLED = "disabled", _("Disabled")
