"""What is issued: templates, versions, badges, documents, status lists, batches, outcomes, imports, paths, tallies."""

from badges.models.badges import Badge, BadgeDocument, StatusList
from badges.models.batches import Batch, BatchRow
from badges.models.imported import ImportedBadge
from badges.models.outcomes import Outcome, OutcomeRecord
from badges.models.paths import PathProgress, PathStep
from badges.models.revocations import Revocation, RevocationRow
from badges.models.sharing import BadgeShare
from badges.models.tallies import BadgeTally, ExpiryTally
from badges.models.templates import BadgeTemplate, BadgeTemplateVersion

__all__ = [
    "Badge",
    "BadgeDocument",
    "BadgeShare",
    "BadgeTally",
    "BadgeTemplate",
    "BadgeTemplateVersion",
    "Batch",
    "BatchRow",
    "ExpiryTally",
    "ImportedBadge",
    "Outcome",
    "OutcomeRecord",
    "PathProgress",
    "PathStep",
    "Revocation",
    "RevocationRow",
    "StatusList",
]
