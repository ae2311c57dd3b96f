"""What is issued: templates and their versions, badges and their documents, status lists, batches, outcomes."""

from badges.models.badges import Badge, BadgeDocument, StatusList
from badges.models.batches import Batch, BatchRow
from badges.models.outcomes import Outcome
from badges.models.templates import BadgeTemplate, BadgeTemplateVersion

__all__ = [
    "Badge",
    "BadgeDocument",
    "BadgeTemplate",
    "BadgeTemplateVersion",
    "Batch",
    "BatchRow",
    "Outcome",
    "StatusList",
]
