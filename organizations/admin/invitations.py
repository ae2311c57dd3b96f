"""The staff's page of invitations: who was asked to join what, and what became of it."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.admin.kept import Confirmation, ReadOnlyAdmin, acting_user
from organizations.models import Invitation
from organizations.services.invitations import withdraw_invitation


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    """Invitations: found by address, withdrawn. Their links are in mails alone."""

    list_display = ("email", "organization", "role", "state", "invited_by", "sent_at", "expires_at")
    list_filter = ("role", "organization")
    list_select_related = ("organization",)
    search_fields = ("email", "invited_by", "organization__name", "organization__slug")
    date_hierarchy = "created_at"
    fields = (
        "uuid",
        "email",
        "organization",
        "role",
        "state",
        "invited_by",
        "sent_at",
        "expires_at",
        "accepted_at",
        "ended_at",
        "created_at",
    )
    readonly_fields = ("state",)
    actions: tuple[Any, ...] = ("withdraw",)

    def offers(self, act: str, row: Invitation) -> bool:  # noqa: ARG002
        """Withdraw one that is open."""
        return row.ended_at is None

    @admin.display(description=gettext_lazy("State"))
    def state(self, invitation: Invitation) -> str:
        """Say what became of it."""
        if invitation.accepted_at is not None:
            return _("Accepted")
        if invitation.ended_at is not None:
            return _("Withdrawn or declined")
        return _("Open") if invitation.expires_at > timezone.now() else _("Expired")

    @admin.action(description=gettext_lazy("Withdraw…"), permissions=["act"])
    def withdraw(self, request: HttpRequest, queryset: models.QuerySet[Invitation]) -> HttpResponse | None:
        """Take invitations back."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: withdraw_invitation(invitation=row, by=acting_user(request)),
            record=_("Withdrawn."),
            done=_("Invitations withdrawn: %(count)d."),
            confirmation=Confirmation(
                title=_("Withdraw invitations"),
                consequences=[_("Their links work no more. The addresses can be invited again.")],
                button=_("Withdraw"),
            ),
        )
