"""The staff's pages of the wallet: the ledger, and requests for credits to accept or decline."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.admin.kept import Confirmation, ReadOnlyAdmin, acting_user
from organizations.enums import CreditStatus
from organizations.models import CreditTransaction
from organizations.services.wallet import decide_request


@admin.register(CreditTransaction)
class CreditTransactionAdmin(ReadOnlyAdmin):
    """The ledger of credits; credits are added on the page of the organization."""

    list_display = (
        "created_at",
        "organization",
        "credits",
        "kind",
        "status",
        "amount",
        "currency",
        "description",
        "user",
        "decided_by",
    )
    list_filter = ("status", "kind", "organization")
    list_select_related = ("organization", "user")
    search_fields = ("description", "organization__name", "organization__slug", "user__email", "decided_by")
    date_hierarchy = "created_at"
    fields = (
        "uuid",
        "organization",
        "user",
        "credits",
        "kind",
        "status",
        "amount",
        "currency",
        "description",
        "decided_by",
        "created_at",
        "updated_at",
    )
    actions = ("accept", "decline")

    def offers(self, act: str, row: CreditTransaction) -> bool:  # noqa: ARG002
        """Decide what was not decided."""
        return row.status == CreditStatus.REQUEST

    @admin.action(description=gettext_lazy("Accept request…"), permissions=["act"])
    def accept(
        self, request: HttpRequest, queryset: models.QuerySet[CreditTransaction]
    ) -> HttpResponse | None:
        """Put the requested credits into the wallets."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: decide_request(request=row, accept=True, by=acting_user(request)),
            record=_("Request accepted."),
            done=_("Requests accepted: %(count)d."),
            confirmation=Confirmation(
                title=_("Accept requests for credits"),
                consequences=[_("The credits are in the wallets at once. This is decided once.")],
                button=_("Accept"),
            ),
        )

    @admin.action(description=gettext_lazy("Decline request…"), permissions=["act"])
    def decline(
        self, request: HttpRequest, queryset: models.QuerySet[CreditTransaction]
    ) -> HttpResponse | None:
        """Leave the wallets as they are."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: decide_request(request=row, accept=False, by=acting_user(request)),
            record=_("Request declined."),
            done=_("Requests declined: %(count)d."),
            confirmation=Confirmation(
                title=_("Decline requests for credits"),
                consequences=[_("No credits move. This is decided once; the organization may ask again.")],
                button=_("Decline"),
            ),
        )
