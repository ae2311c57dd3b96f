"""What earners refuse, read as facts."""

from django.utils.translation import gettext_lazy as _

from config.exceptions import InvalidInput


class UnreadableFile(InvalidInput):
    """A file is no table of people that can be read: the message says what was found and what to do."""

    code = "unreadable_file"
    default_message = _("This file cannot be read. Please save it as .xlsx or .csv and try again.")

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, field="file")
