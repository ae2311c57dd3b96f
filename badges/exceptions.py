"""What badges refuse, read as facts."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.exceptions import RuleBroken


class TemplateNotIssuable(RuleBroken):
    """The template is inactive, archived, or without content: nothing is issued from it."""

    code = "template_not_issuable"
    default_message = _("This badge template is not active, so no badge can be issued from it.")


class TemplateNotChangeable(RuleBroken):
    """The template is archived."""

    code = "template_not_changeable"
    default_message = _("This badge template is archived. Restore it before changing it.")


class TemplateIncomplete(RuleBroken):
    """Something that a badge needs is missing from the template."""

    code = "template_incomplete"


class LimitReached(RuleBroken):
    """As many badges as the template's `limit` allows are issued."""

    code = "limit_reached"
    default_message = _("As many of these badges have been issued as the template's limit allows.")


class BadgeAlreadyHeld(RuleBroken):
    """The template gives each earner one badge, and this earner has it. `badge_url` is its public address."""

    code = "badge_already_held"
    default_message = _("This earner has this badge already, and the template gives it only once.")

    def __init__(
        self, message: str | Promise | None = None, *, field: str | None = None, badge_url: str | None = None
    ) -> None:
        super().__init__(message, field=field)
        self.badge_url = badge_url


class AlreadyRevoked(RuleBroken):
    """The badge was revoked before; its first reason and time stand."""

    code = "already_revoked"
    default_message = _("This badge was revoked before. Nothing was changed.")


class Unsignable(RuleBroken):
    """Something in a badge would make its signature fail in other people's software."""

    code = "unsignable"
