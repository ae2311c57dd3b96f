"""The staff's pages of outcomes: codes that other programs report, where they lead, and what became of each report."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.models import ImportedBadge, Outcome, OutcomeRecord
from badges.services.outcome_settings import (
    OutcomeSecrets,
    create_outcome,
    rotate_outcome_secrets,
    update_outcome,
)
from badges.services.outcomes import retry_outcome
from organizations.admin.kept import Confirmation, ReadOnlyAdmin, ReadOnlyInline, acting_user
from organizations.admin.written import ServiceAdmin, ServiceForm


class OutcomeForm(ServiceForm):
    """An outcome and where it leads."""

    class Meta:
        model = Outcome
        fields = ("organization", "code", "name", "template", "call_url", "is_active")
        widgets = {"call_url": forms.TextInput(attrs={"size": 80})}


class RecordInline(ReadOnlyInline):
    """The newest records of an outcome."""

    model = OutcomeRecord
    fields = ("recipient_email", "state", "badge", "problem", "created_at")
    select_related = ("badge", "outcome")


@admin.register(Outcome)
class OutcomeAdmin(ServiceAdmin):
    """Outcomes: defined by the services, so that what calls out has its secrets."""

    form = OutcomeForm
    list_display = ("code", "name", "organization", "template", "call_url", "is_active", "created_at")
    list_filter = ("is_active", "organization")
    list_select_related = ("organization", "template__current_version")
    search_fields = (
        "code",
        "name",
        "call_url",
        "template__current_version__title",
        "organization__name",
        "organization__slug",
    )
    date_hierarchy = "created_at"
    autocomplete_fields = ("organization", "template")
    readonly_fields = ("uuid", "created_at", "updated_at")
    add_only = ("organization", "code")  # other programs report it by its code
    add_fieldsets = (
        (None, {"fields": ("organization", "code", "name", "template", "call_url", "is_active")}),
    )
    fieldsets = (
        (None, {"fields": ("organization", "code", "name", "template", "call_url", "is_active")}),
        (None, {"fields": ("uuid", "created_at", "updated_at")}),
    )
    inlines = (RecordInline,)
    actions = ("rotate_secrets",)

    def create_row(self, request: HttpRequest, form: Any) -> Outcome:
        """Define the outcome, and tell its secrets once."""
        values = form.cleaned_data
        outcome, secrets = create_outcome(
            organization=values["organization"],
            code=values["code"],
            name=values["name"],
            template=values["template"],
            call_url=values["call_url"],
            is_active=values["is_active"],
            by=acting_user(request),
        )
        self._tell_once(request, outcome, secrets)
        return outcome

    def update_row(self, request: HttpRequest, row: Any, form: Any) -> None:
        """Change what the form changed, and tell new secrets once."""
        outcome, secrets = update_outcome(outcome=row, fields=form.given(), by=acting_user(request))
        self._tell_once(request, outcome, secrets)

    def offers(self, act: str, row: Any) -> bool:  # noqa: ARG002
        """Secrets only for what calls out."""
        return bool(row.call_url)

    def _tell_once(self, request: HttpRequest, outcome: Outcome, secrets: OutcomeSecrets | None) -> None:
        if secrets is None:
            return
        self.message_user(
            request,
            format_html(
                "{} {} <code>{}</code> {} <code>{}</code>",
                _("%(code)s calls out. Its secrets are shown this once: keep them now.")
                % {"code": outcome.code},
                _("It signs reports with"),
                secrets.signing_secret,
                _("and the platform calls back with"),
                secrets.callback_token,
            ),
            messages.WARNING,
        )

    @admin.action(description=gettext_lazy("New secrets…"), permissions=["act"])
    def rotate_secrets(self, request: HttpRequest, queryset: models.QuerySet[Outcome]) -> HttpResponse | None:
        """Replace the secrets of outcomes that call out."""

        def act(row: Outcome, _values: Any) -> None:
            self._tell_once(request, row, rotate_outcome_secrets(outcome=row, by=acting_user(request)))

        return self.carry_out(
            request,
            queryset,
            act,
            record=_("Given new secrets."),
            done=_("Outcomes with new secrets: %(count)d."),
            confirmation=Confirmation(
                title=_("Give outcomes new secrets"),
                consequences=[
                    _(
                        "The old secrets are of no use from now on: give the new ones to the platform at once."
                    ),
                    _("The new ones are shown once."),
                ],
                button=_("Give new secrets"),
            ),
        )


@admin.register(OutcomeRecord)
class OutcomeRecordAdmin(ReadOnlyAdmin):
    """Reported outcomes: found by person and state, tried again."""

    list_display = ("recipient_email", "outcome", "state", "problem", "reported_at", "created_at")
    list_filter = ("state", "outcome__organization")
    list_select_related = ("outcome", "badge", "imported_badge", "account")
    search_fields = ("recipient_email", "outcome__code", "problem")
    date_hierarchy = "created_at"
    fields = (
        "outcome",
        "account",
        "recipient_email",
        "state",
        "problem",
        "badge",
        "imported_badge",
        "badge_url",
        "ref_id",
        "ref_expires_at",
        "reported_at",
        "story",
        "uuid",
        "created_at",
        "updated_at",
    )
    readonly_fields = ("story",)
    actions = ("retry",)

    def offers(self, act: str, row: Any) -> bool:  # noqa: ARG002
        """Try again what has no badge."""
        return row.badge_id is None and row.imported_badge_id is None

    @admin.display(description=gettext_lazy("History"))
    def story(self, record: OutcomeRecord) -> SafeString:
        """Tell what happened, a line for each event."""
        return format_html_join(
            "",
            "<div>{} <strong>{}</strong> {} {}</div>",
            (
                (
                    entry["at"][:19].replace("T", " "),
                    entry["event"],
                    entry.get("detail", ""),
                    entry.get("by", ""),
                )
                for entry in record.history
            ),
        )

    @admin.action(description=gettext_lazy("Try again…"), permissions=["act"])
    def retry(self, request: HttpRequest, queryset: models.QuerySet[OutcomeRecord]) -> HttpResponse | None:
        """Lead records on again."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: retry_outcome(record=row, by=acting_user(request)),
            record=_("Tried again."),
            done=_("Outcomes tried again: %(count)d. Their state says whether it worked."),
            confirmation=Confirmation(
                title=_("Try outcomes again"),
                consequences=[
                    _("A badge that was refused is issued, if nothing is in its way any more."),
                    _("A platform that has not answered gets the same report again."),
                ],
                button=_("Try again"),
            ),
        )


@admin.register(ImportedBadge)
class ImportedBadgeAdmin(ReadOnlyAdmin):
    """Badges of other issuers that earners brought."""

    list_display = (
        "name",
        "recipient_email",
        "issuer_name",
        "kind",
        "issued_at",
        "revoked_at",
        "verified_at",
    )
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("name", "recipient_email", "source_url")
    date_hierarchy = "created_at"
    fields = (
        "account",
        "name",
        "description",
        "tags",
        "issuer_name",
        "recipient_email",
        "kind",
        "issued_at",
        "expires_at",
        "revoked_at",
        "source_url",
        "image_url",
        "is_public",
        "uuid",
        "verified_at",
        "created_at",
    )
    readonly_fields = ("issuer_name",)

    @admin.display(description=gettext_lazy("Issuer"))
    def issuer_name(self, badge: ImportedBadge) -> str:
        """Say who issued it."""
        return str(badge.issuer.get("name") or badge.issuer.get("id") or "")
