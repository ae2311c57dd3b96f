"""The staff's pages of the outbox: what was sent, what waits, what was given up, and where nothing is sent to."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.admin.kept import Confirmation, ReadOnlyAdmin, acting_user
from organizations.models import MailStop, Message
from organizations.services.mail_stops import remove_stop
from organizations.services.outbox import retry_message

WAITING = models.Q(sent_at__isnull=True, given_up_at__isnull=True)
STATES = {
    "waiting": (gettext_lazy("Waiting"), WAITING),
    "failing": (gettext_lazy("Failed, tried again later"), WAITING & ~models.Q(last_error="")),
    "sent": (gettext_lazy("Sent"), models.Q(sent_at__isnull=False)),
    "given_up": (gettext_lazy("Given up"), models.Q(given_up_at__isnull=False)),
}


class MessageStateFilter(admin.SimpleListFilter):
    """Keep messages in one state."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [(value, label) for value, (label, _condition) in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Message]) -> models.QuerySet[Message]:  # noqa: ARG002
        """Keep the chosen ones."""
        value = self.value()
        return queryset.filter(STATES[value][1]) if value in STATES else queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages: found by recipient or by what they tell of, tried again."""

    list_display = (
        "recipient",
        "kind",
        "organization",
        "state",
        "attempts",
        "due_at",
        "sent_at",
        "created_at",
    )
    list_filter = (MessageStateFilter, "kind", "organization")
    list_select_related = ("organization",)
    search_fields = ("recipient", "last_error")
    uuid_lookup = "subject"
    date_hierarchy = "created_at"
    fields = (
        "organization",
        "kind",
        "subject",
        "recipient",
        "state",
        "attempts",
        "due_at",
        "sent_at",
        "given_up_at",
        "last_error",
        "created_at",
    )
    readonly_fields = ("state",)
    actions = ("retry",)

    @admin.display(description=gettext_lazy("State"))
    def state(self, message: Message) -> str:
        """Say where the message stands."""
        if message.sent_at is not None:
            return str(STATES["sent"][0])
        if message.given_up_at is not None:
            return str(STATES["given_up"][0])
        return str(STATES["failing" if message.last_error else "waiting"][0])

    @admin.action(description=gettext_lazy("Send again…"), permissions=["act"])
    def retry(self, request: HttpRequest, queryset: models.QuerySet[Message]) -> HttpResponse | None:
        """Make messages due now."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: retry_message(row),
            record=_("Made due again."),
            done=_("Messages that will be sent again: %(count)d."),
            confirmation=Confirmation(
                title=_("Send messages again"),
                consequences=[
                    _("The worker sends them with its next round, and tries as often as the first time."),
                    _("Who got a message before gets it a second time."),
                ],
                button=_("Send again"),
            ),
        )


@admin.register(MailStop)
class MailStopAdmin(ReadOnlyAdmin):
    """Addresses that mails no longer go to: found by address, allowed again."""

    list_display = ("email_key", "reason", "organization", "details", "created_at")
    list_filter = ("reason", "organization")
    list_select_related = ("organization",)
    search_fields = ("email_key", "details")
    uuid_lookup = ""
    date_hierarchy = "created_at"
    fields = ("email_key", "organization", "reason", "details", "created_at")
    actions = ("allow",)

    @admin.action(description=gettext_lazy("Allow mails again…"), permissions=["act"])
    def allow(self, request: HttpRequest, queryset: models.QuerySet[MailStop]) -> HttpResponse | None:
        """Let mails go to addresses again."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: remove_stop(stop=row, by=acting_user(request)),
            record=_("Mails allowed again."),
            done=_("Addresses that mails go to again: %(count)d."),
            confirmation=Confirmation(
                title=_("Allow mails again"),
                consequences=[
                    _("What is issued or asked for from now on is mailed; what was given up stays so."),
                    _("Where a person asked for no more mails: do it only when they ask you to."),
                ],
                button=_("Allow mails again"),
            ),
        )
