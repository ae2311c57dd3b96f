"""What lists of earners are narrowed by: words, a list, badges, mails that do not arrive."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, ModelChoiceFilter

from config.text import folded
from earners.enums import ListStatus, ListType
from earners.manage.holdings import held
from earners.models import EarnersList
from organizations.enums import MailStopReason
from organizations.manage.listing import ListFilters
from organizations.models import MailStop, Organization

MAX_WORDS = 5


def containing(text: str, *, address: str, names: tuple[str, str]) -> Q:
    """Return the condition for rows that have each word of a text in the (folded) address or in a name."""
    condition = Q()
    for word in text.split()[:MAX_WORDS]:
        one = Q(**{f"{address}__contains": folded(word)})
        for name in names:
            one |= Q(**{f"{name}__icontains": word})
        condition &= one
    return condition


class EarnerFilters(ListFilters):
    """Of the earners of an organization."""

    on_list = ModelChoiceFilter(
        method="listed",
        queryset=EarnersList.objects.none(),
        to_field_name="uuid",
        label=_("On the list"),
        empty_label=_("Any"),
    )
    badges = ChoiceFilter(
        method="holding",
        choices=[("yes", _("Has badges")), ("no", _("Has none"))],
        label=_("Badges"),
        empty_label=_("Any"),
    )
    mail = ChoiceFilter(
        method="stopped",
        choices=[
            ("stopped", _("Gets no mails")),
            (MailStopReason.BOUNCED, _("Address accepts no mail")),
            (MailStopReason.UNSUBSCRIBED, _("Asked for no more mails")),
        ],
        label=_("Mails"),
        empty_label=_("Any"),
    )

    def __init__(self, *args: Any, organization: Organization, **options: Any) -> None:
        super().__init__(*args, **options)
        self.organization = organization
        lists = EarnersList.objects.filter(organization=organization, type=ListType.LIST)
        self.form.fields["on_list"].queryset = lists.order_by("name", "pk")

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep who has each word in their address or a name."""
        return rows.filter(containing(value, address="email_key", names=("first_name", "last_name")))

    def listed(self, rows: "QuerySet[Any]", name: str, value: EarnersList) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep who is on a list."""
        return rows.filter(list_memberships__earners_list=value)

    def holding(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep who has a badge, or has none."""
        return rows.filter(held() if value == "yes" else ~held())

    def stopped(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep whom mails do not reach, for any reason or this one."""
        stops = MailStop.objects.filter(Q(organization__isnull=True) | Q(organization=self.organization))
        if value != "stopped":
            stops = stops.filter(reason=value)
        return rows.filter(email_key__in=stops.order_by().values("email_key"))


class MemberFilters(ListFilters):
    """Of who is on a list."""

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep who has each word in their address or a name."""
        return rows.filter(containing(value, address="earner__email_key", names=("first_name", "last_name")))


class ListsFilters(ListFilters):
    """Of lists."""

    type = ChoiceFilter(choices=ListType.choices, label=_("Kind"), empty_label=_("All kinds"))
    status = ChoiceFilter(choices=ListStatus.choices, label=_("Status"), empty_label=_("Any"))

    def search(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":  # noqa: ARG002
        """Keep lists whose name or description has the text."""
        return rows.filter(Q(name__icontains=value) | Q(description__icontains=value))
