"""What badges refuse, read as facts."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.exceptions import RuleBroken


class TemplateNotIssuable(RuleBroken):
    """The template is inactive, archived, or without content: nothing is issued from it."""

    code = "template_not_issuable"
    default_message = _("This badge template is not active, so no badge can be issued from it.")


class TemplateNotChangeable(RuleBroken):
    """The template is archived."""

    code = "template_not_changeable"
    default_message = _("This badge template is archived. Restore it before changing it.")


class TemplateInUse(RuleBroken):
    """Archiving the template would leave undone what was begun with it; the message says what."""

    code = "template_in_use"


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

    @property
    def assertion_url(self) -> str | None:
        """The address of its hosted Open Badges 2.0 Assertion, which programs read."""
        return f"{self.badge_url}/ob2.json" if self.badge_url else None


class AlreadyRevoked(RuleBroken):
    """The badge was revoked before; its first reason and time stand."""

    code = "already_revoked"
    default_message = _("This badge was revoked before. Nothing was changed.")


class NothingToRevoke(RuleBroken):
    """None of the badges that were chosen is there to be revoked."""

    code = "nothing_to_revoke"
    default_message = _(
        "There is no badge left to revoke: all of them were revoked before. Nothing was changed."
    )


class BadgeRevoked(RuleBroken):
    """The badge was taken back, so nobody accepts it or has it mailed."""

    code = "badge_revoked"
    default_message = _("This badge was taken back by its issuer. Nothing was changed.")


class BadgeHidden(RuleBroken):
    """Its earner lets nobody see the badge, so nobody is led to it."""

    code = "badge_hidden"
    default_message = _("This badge is hidden by its earner, so nobody is led to it.")


class BadgeNotMailable(RuleBroken):
    """There is nobody to mail of a badge: it was issued elsewhere, or its earner was erased."""

    code = "badge_not_mailable"
    default_message = _("There is nobody to write to of this badge.")


class BadgeMailedJustNow(RuleBroken):
    """The earner was mailed of this badge a short while ago. `retry_after` is in seconds."""

    code = "badge_mailed_just_now"

    def __init__(self, *, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            ngettext(
                "The earner was mailed of this badge within the last hour. Send it again in %(count)d minute.",
                "The earner was mailed of this badge within the last hour. Send it again in %(count)d minutes.",
                minutes,
            )
            % {"count": minutes}
        )
        self.retry_after = max(1, retry_after)


class TooManyShares(RuleBroken):
    """As many badges were mailed as one account may mail in a day, or as one address may get."""

    code = "too_many_shares"


class Unsignable(RuleBroken):
    """Something in a badge would make its signature fail in other people's software."""

    code = "unsignable"


class NotALearningPath(RuleBroken):
    """Steps are asked for of a template that is no learning path."""

    code = "not_a_learning_path"
    default_message = _("This badge template is not a learning path. Make it one before giving it steps.")


class BatchNotPausable(RuleBroken):
    """The batch neither waits nor runs."""

    code = "batch_not_pausable"
    default_message = _("This batch is not running, so it cannot be paused. Nothing was changed.")


class BatchNotResumable(RuleBroken):
    """The batch is not paused."""

    code = "batch_not_resumable"
    default_message = _("This batch is not paused, so it cannot be resumed. Nothing was changed.")


class BatchNotStoppable(RuleBroken):
    """The batch has ended."""

    code = "batch_not_stoppable"
    default_message = _("This batch has ended before, so it cannot be stopped. Nothing was changed.")


class BatchNotRetryable(RuleBroken):
    """The batch has not ended, or all of its rows became badges."""

    code = "batch_not_retryable"
    default_message = _(
        "This batch has not ended yet. Wait until it is done, or stop it, before trying rows again."
    )


class BatchNotScheduled(RuleBroken):
    """The batch has begun or has ended, so its start cannot be moved."""

    code = "batch_not_scheduled"
    default_message = _(
        "This batch does not wait for its moment any more, so it cannot be moved. Nothing was changed."
    )


class BatchBroken(RuleBroken):
    """Something that nobody foresaw keeps every row of a batch from becoming a badge. `error` is its kind."""

    code = "batch_broken"

    def __init__(self, *, error: str) -> None:
        super().__init__(
            _(
                "Something unexpected went wrong (%(error)s), so the batch was paused. Please ask the administrators of this"
                " server, who find the details in its log, then resume it."
            )
            % {"error": error}
        )


class RowBroken(RuleBroken):
    """Something that nobody foresaw keeps one row of a batch from becoming a badge. `error` is its kind."""

    code = "row_broken"

    def __init__(self, *, error: str) -> None:
        super().__init__(
            _(
                "Something unexpected went wrong (%(error)s). Please ask the administrators of this server, who find the"
                " details in its log, then try this row again."
            )
            % {"error": error}
        )


class BadgeNotChangeable(RuleBroken):
    """What is in the badge cannot be changed any more: it was revoked, or somebody else signed it."""

    code = "badge_not_changeable"
    default_message = _("This badge cannot be changed. Nothing was changed.")


class TooManyRows(RuleBroken):
    """A sheet of a workbook has no room for so many badges."""

    code = "too_many_rows"

    def __init__(self, *, count: int, limit: int) -> None:
        super().__init__(
            _(
                "A workbook has room for %(limit)d badges, and these are %(count)d. Export them as CSV, or filter them"
                " to fewer."
            )
            % {"limit": limit, "count": count},
            field="format",
        )


class BadgeUnknown(RuleBroken):
    """The one who asks has no badge of this id: there is none, or it is somebody else's."""

    code = "badge_unknown"
    default_message = _("Badge not found")


class OutcomeUnknown(RuleBroken):
    """There is no outcome of this code, or none that is active, or not for the one who asks."""

    code = "outcome_unknown"
    default_message = _("Outcome not found")


class OutcomeWithoutTarget(RuleBroken):
    """The outcome leads nowhere: it was recorded, and that is all."""

    code = "outcome_without_target"
    default_message = _(
        "The outcome was recorded. It leads to no badge yet, because its issuer has to say to which."
    )


class OutcomeBadgeRefused(RuleBroken):
    """The outcome was recorded and its badge refused: the record says why, to its issuer."""

    code = "outcome_badge_refused"
    default_message = _(
        "The outcome was recorded, but its badge cannot be issued at the moment. Its issuer can see why. Try again later."
    )


class OutcomeRecordDone(RuleBroken):
    """There is nothing to try again: the record has its badge."""

    code = "outcome_record_done"
    default_message = _("This outcome has its badge already. Nothing was changed.")


class OutcomeInactive(RuleBroken):
    """The outcome is switched off: nothing is tried for it."""

    code = "outcome_inactive"
    default_message = _("This outcome is inactive. Make it active before trying again.")


class AccountWithoutAddress(RuleBroken):
    """The account has no address that its owner proved to be theirs, so no badge can be issued to it."""

    code = "account_without_address"
    default_message = _("This account has no confirmed e-mail address, so it can get no badges.")


class CallbackUnknown(RuleBroken):
    """Who calls back shows no credentials, or wrong ones."""

    code = "callback_unknown"
    default_message = _("Wrong or missing credentials")


class ReferenceMissing(RuleBroken):
    """A callback names no reference."""

    code = "reference_missing"
    default_message = _("The refId is missing.")


class ReferenceUnknown(RuleBroken):
    """No record of the outcome waits under this reference: unknown, too late, or completed with another badge."""

    code = "reference_unknown"
    default_message = _("Nothing waits for a badge under this refId.")


class BadgeUrlMissing(RuleBroken):
    """A callback names no badge."""

    code = "badge_url_missing"
    default_message = _("The badgeUrl is missing.")


class BadgeUrlInvalid(RuleBroken):
    """What a callback names as badge is no web address."""

    code = "badge_url_invalid"
    default_message = _("The badgeUrl is not a full web address. It begins with https:// or http://.")


class ForeignBadgeRefused(RuleBroken):
    """A badge of another issuer was not taken. The subclass says which part of it is at fault, the message why."""


class ForeignAssertionRefused(ForeignBadgeRefused):
    """The badge itself: not to be had, not sound, not signed, expired, revoked."""

    code = "foreign_assertion"


class ForeignBadgeRevoked(ForeignAssertionRefused):
    """Its issuer took it back."""

    default_message = _("The badge was revoked.")


class ForeignBadgeClassRefused(ForeignBadgeRefused):
    """What was achieved."""

    code = "foreign_badge_class"


class ForeignIssuerRefused(ForeignBadgeRefused):
    """Who issued it, or their keys."""

    code = "foreign_issuer"


class RecipientMissing(ForeignBadgeRefused):
    """The badge names nobody."""

    code = "recipient_missing"
    default_message = _("The badge does not say to whom it was issued.")


class RecipientTypeUnknown(ForeignBadgeRefused):
    """The badge names its recipient by something else than an e-mail address."""

    code = "recipient_type_unknown"
    default_message = _("The badge does not name its recipient by an e-mail address.")


class RecipientIdentityMissing(ForeignBadgeRefused):
    """The badge says how it names its recipient, and then nothing."""

    code = "recipient_identity_missing"
    default_message = _("The badge has an empty recipient.")


class RecipientHashMissing(ForeignBadgeRefused):
    """The recipient is hashed, and nothing says how."""

    code = "recipient_hash_missing"
    default_message = _("The badge does not say how its recipient is hashed.")


class RecipientHashUnknown(ForeignBadgeRefused):
    """The recipient is hashed in a way that is not known."""

    code = "recipient_hash_unknown"
    default_message = _("The recipient is hashed in a way that is not known here; sha256 and md5 are.")


class RecipientIsAnother(ForeignBadgeRefused):
    """The badge was issued to somebody else."""

    code = "recipient_is_another"
    default_message = _("The badge was issued to another e-mail address than those of this account.")


class TooManyInspections(RuleBroken):
    """Others' badges are being verified by as many as may at once."""

    code = "too_many_inspections"
    default_message = _("Many badges are being verified at this moment. Try again in a few seconds.")
