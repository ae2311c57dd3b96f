"""The base of every refused business rule. A leaf: imports no app."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy


class RuleBroken(Exception):
    """An act was refused, and the database is as it was before.

    `code` is stable and read by programs (each API dialect has one table from code to status); `message` is one
    sentence for people that says what happened and, where there is something to do, what to do; `field` names the
    input that was at fault, dotted where it is nested ("evidence.0.url"), or is None.
    """

    code = "rule_broken"
    default_message: str | Promise = gettext_lazy("This is not allowed.")

    def __init__(self, message: str | Promise | None = None, *, field: str | None = None) -> None:
        self.message = str(message if message is not None else self.default_message)
        self.field = field
        super().__init__(self.message)


class InvalidInput(RuleBroken):
    """A value does not have the form that it must have."""

    code = "invalid_input"
