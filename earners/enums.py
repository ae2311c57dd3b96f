"""The fixed vocabularies of earners. Those of lists are stored as they are on the wire (seed 002)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ListType(models.TextChoices):
    """A `list` is kept for later; an `import` came with one act of issuing."""

    LIST = "list", _("Kept list")
    IMPORT = "import", _("Import")


class SignInPurpose(models.TextChoices):
    """What a mailed code is for."""

    BROWSER = "browser", _("Sign in, in a browser")
    PROGRAM = "program", _("Sign in, in a program")
    ADDRESS = "address", _("Add the address to an account")


class AccountAct(models.TextChoices):
    """What changed about who gets into an account."""

    PASSKEY_ADDED = "passkey_added", _("Passkey added")
    PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
    ADDRESS_ADDED = "address_added", _("Address added")
    ADDRESS_CLOSED = "address_closed", _("Address signs in no longer")
    ADDRESS_REMOVED = "address_removed", _("Address removed")


class ChallengePurpose(models.TextChoices):
    """What a browser is to come back with."""

    PASSKEY = "passkey", _("Sign in with a passkey")
    NEW_PASSKEY = "new_passkey", _("Add a passkey to an account")
    PROVIDER = "provider", _("Sign in, or add an address, at an identity provider")


class ListStatus(models.TextChoices):
    """Whether a list is offered when badges are issued."""

    ENABLED = "enabled", _("Enabled")
    DISABLED = "disabled", _("Disabled")
