"""Filters of lists of learning paths, and of earners' progress on one."""

from django.db.models import QuerySet

from badges.enums import TemplateStatus, TemplateType
from badges.models import PathProgress
from badges.querysets import PathProgressQuerySet
from config.api.issuer.filters import (
    ChoiceFilter,
    DayFilter,
    FlagFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
)


class PathFilters(LaravelFilterSet):
    """Which learning paths."""

    aliases = {"name": "title"}

    created_at_after = DayFilter("created_at", help_text="Made on this day or later.")
    created_at_before = DayFilter("created_at", is_end=True, help_text="Made on this day or earlier.")
    id = IdFilter("uuid")
    title = TextFilter("current_version__title", help_text="Part of the title.")
    type = ChoiceFilter("current_version__type", choices=TemplateType.values)
    status = ChoiceFilter("status", choices=TemplateStatus.values)
    is_published = FlagFilter("is_published")


class ProgressFilters(LaravelFilterSet):
    """Which earners on a path."""

    recipient_email = TextFilter("earner__email", help_text="Part of the address.")
    earner_id = IdFilter("earner__uuid")
    completed = FlagFilter(
        "completed_at", lookup_expr="isnull", exclude=True, help_text="1: who has done all steps."
    )
    awarded = FlagFilter(
        "badge", lookup_expr="isnull", exclude=True, help_text="1: who has the path's badge."
    )
    refused = FlagFilter(
        "problem", lookup_expr="exact", method="by_refusal", help_text="1: who was refused it."
    )

    def by_refusal(self, queryset: PathProgressQuerySet, _name: str, value: bool) -> QuerySet[PathProgress]:  # noqa: FBT001
        """Keep those to whom the badge was refused, or the others."""
        return queryset.refused() if value else queryset.exclude(pk__in=queryset.refused().values("pk"))
