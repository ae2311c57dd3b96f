"""Filters of lists of badge templates."""

from badges.enums import TemplateStatus, TemplateType
from config.api.issuer.filters import (
    ChoiceFilter,
    DayFilter,
    FlagFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
)
from organizations.enums import Language


class TemplateFilters(LaravelFilterSet):
    """Which badge templates; archived ones only where they are asked for (see kept_in_use)."""

    aliases = {"name": "title"}

    created_at_after = DayFilter("created_at", help_text="Made on this day or later.")
    created_at_before = DayFilter("created_at", is_end=True, help_text="Made on this day or earlier.")
    type = ChoiceFilter("current_version__type", choices=TemplateType.values)
    id = IdFilter("uuid")
    title = TextFilter("current_version__title", help_text="Part of the title.")
    code = TextFilter("code", help_text="Part of the code.")
    search = TextFilter(
        fields=("current_version__title", "code"), help_text="Part of the title or of the code."
    )
    status = ChoiceFilter("status", choices=TemplateStatus.values)
    is_learning_path = FlagFilter("is_learning_path")
    is_published = FlagFilter("is_published")
    language = ChoiceFilter("current_version__language", choices=Language.values)
    archived = FlagFilter(
        "archived_at",
        lookup_expr="isnull",
        exclude=True,
        help_text="1: archived ones alone. 0, as without it: those in use.",
    )
