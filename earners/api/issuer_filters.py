"""What the lists of earners and of their lists are filtered by in the issuer API."""

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from config.api.issuer.filters import (
    ChoiceFilter,
    DayFilter,
    ExactFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
)
from config.text import folded
from earners.enums import ListStatus, ListType
from earners.models import ListMembership

# The page of operations asks for `imported`, answers say `import` (seed 002).
IMPORTED = "imported"


class TypeFilter(ChoiceFilter):
    """Lists of a type, which has two names when it is `import`."""

    def __init__(self, **options: Any) -> None:
        super().__init__("type", choices=(*ListType.values, IMPORTED), **options)

    def filter(self, qs: "QuerySet[Any]", value: list[str]) -> "QuerySet[Any]":
        """Keep the lists of one of the types."""
        return super().filter(qs, [ListType.IMPORT if one == IMPORTED else one for one in value])


class AddressFilter(ExactFilter):
    """The earner with this address, in any case of letters."""

    def filter(self, qs: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        """Keep the one who has it."""
        return qs if value is None else qs.filter(**{self.field_name: folded(value)})


class OnListFilter(IdFilter):
    """Earners who stand on one of these lists, each once."""

    def filter(self, qs: "QuerySet[Any]", value: list[UUID]) -> "QuerySet[Any]":
        """Keep those who stand there."""
        if not value:
            return qs
        listed = ListMembership.objects.filter(earners_list__uuid__in=value)
        return qs.filter(pk__in=listed.values("earner"))


class ListFilters(LaravelFilterSet):
    """Lists of earners."""

    type = TypeFilter(help_text="`imported` means `import`.")
    status = ChoiceFilter("status", choices=ListStatus.values)
    name = TextFilter("name", help_text="A part of the name.")
    created_at_after = DayFilter("created_at")
    created_at_before = DayFilter("created_at", is_end=True)


class MemberFilters(LaravelFilterSet):
    """Earners on one list."""

    aliases: ClassVar[dict[str, str]] = {"recipient_email": "email"}

    search = TextFilter(
        fields=("earner__email", "first_name", "last_name"), help_text="A part of the address or of a name."
    )
    email = AddressFilter("earner__email_key", help_text="The whole address, in any case.")


class EarnerFilters(LaravelFilterSet):
    """Earners of the organization."""

    aliases: ClassVar[dict[str, str]] = {"recipient_email": "email", "earners_list_id": "list"}

    search = TextFilter(
        fields=("email", "first_name", "last_name"), help_text="A part of the address or of a name."
    )
    email = AddressFilter("email_key", help_text="The whole address, in any case.")
    list = OnListFilter("list", help_text="The id of a list of earners.")
    created_at_after = DayFilter("created_at")
    created_at_before = DayFilter("created_at", is_end=True)
