"""The staff's pages of API keys, BadgeKit consumers and signing keys. A secret is told once, when made."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.admin.kept import Confirmation, ReadOnlyAdmin, acting_user
from organizations.admin.written import ServiceAdmin, ServiceForm
from organizations.enums import ApiScope, KeyStatus
from organizations.models import ApiKey, BadgekitConsumer, SigningKey
from organizations.services.access import create_api_key, create_badgekit_consumer, revoke_api_key
from organizations.services.keys import revoke_signing_key, rotate_signing_key


class ApiKeyForm(ServiceForm):
    """A new API key."""

    scopes = forms.MultipleChoiceField(
        choices=ApiScope.choices,
        initial=ApiScope.values,
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
    )


class UsableFilter(admin.SimpleListFilter):
    """Keep what may still be used, or what may not."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [("open", gettext_lazy("Not revoked")), ("revoked", gettext_lazy("Revoked"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:  # noqa: ARG002
        """Keep the chosen ones."""
        if self.value() in {"open", "revoked"}:
            return queryset.filter(revoked_at__isnull=self.value() == "open")
        return queryset


class MadeOnceAdmin(ServiceAdmin):
    """What is made with a secret and never changed afterwards, only revoked."""

    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:  # noqa: ARG002
        """Nobody."""
        return False

    def offers(self, act: str, row: Any) -> bool:  # noqa: ARG002
        """Revoke what is not revoked."""
        return row.revoked_at is None

    def tell_once(self, request: HttpRequest, sentence: str, secret: str) -> None:
        """Show a secret on the next page, and nowhere else ever."""
        self.message_user(
            request,
            format_html("{} {} <code>{}</code>", sentence, _("It is shown this once: keep it now."), secret),
            messages.WARNING,
        )


@admin.register(ApiKey)
class ApiKeyAdmin(MadeOnceAdmin):
    """API keys: made, read, revoked."""

    form = ApiKeyForm
    list_display = (
        "name",
        "organization",
        "prefix",
        "scopes",
        "last_used_at",
        "expires_at",
        "revoked_at",
        "created_at",
    )
    list_filter = (UsableFilter, "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "prefix", "organization__name", "organization__slug")
    date_hierarchy = "created_at"
    autocomplete_fields = ("organization",)
    add_fieldsets = ((None, {"fields": ("organization", "name", "scopes", "expires_at")}),)
    fieldsets = (
        (None, {"fields": ("organization", "name", "scopes", "expires_at")}),
        (None, {"fields": ("prefix", "uuid", "last_used_at", "revoked_at", "created_at")}),
    )
    readonly_fields = ("prefix", "uuid", "last_used_at", "revoked_at", "created_at")

    def create_row(self, request: HttpRequest, form: ServiceForm) -> ApiKey:
        """Make the key and tell it once."""
        values = form.cleaned_data
        key, text = create_api_key(
            organization=values["organization"],
            name=values["name"],
            scopes=[ApiScope(scope) for scope in values["scopes"]],
            expires_at=values["expires_at"],
            by=acting_user(request),
        )
        self.tell_once(request, _("This is the API key."), text)
        return key

    @admin.action(description=gettext_lazy("Revoke…"), permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[ApiKey]) -> HttpResponse | None:
        """Close keys for good."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: revoke_api_key(key=row, by=acting_user(request)),
            record=_("Revoked."),
            done=_("API keys revoked: %(count)d."),
            confirmation=Confirmation(
                title=_("Revoke API keys"),
                consequences=[
                    _("Programs that use them are refused from now on. This cannot be taken back.")
                ],
                button=_("Revoke"),
            ),
        )


@admin.register(BadgekitConsumer)
class BadgekitConsumerAdmin(MadeOnceAdmin):
    """BadgeKit consumers of systems: made, read, revoked."""

    list_display = ("key", "system", "description", "created_at", "revoked_at")
    list_filter = (UsableFilter, "system")
    list_select_related = ("system",)
    search_fields = ("key", "description", "system__name", "system__slug")
    uuid_lookup = ""  # their keys have the form of an id
    autocomplete_fields = ("system",)
    add_fieldsets = ((None, {"fields": ("system", "description")}),)
    fieldsets = ((None, {"fields": ("system", "description", "key", "created_at", "revoked_at")}),)
    readonly_fields = ("key", "created_at", "revoked_at")

    def create_row(self, request: HttpRequest, form: ServiceForm) -> BadgekitConsumer:
        """Make the consumer and tell its secret once."""
        values = form.cleaned_data
        consumer, secret = create_badgekit_consumer(
            system=values["system"], description=values["description"], by=acting_user(request)
        )
        self.tell_once(request, _("The key is %(key)s. This is its secret.") % {"key": consumer.key}, secret)
        return consumer

    @admin.action(description=gettext_lazy("Revoke…"), permissions=["act"])
    def revoke(
        self, request: HttpRequest, queryset: models.QuerySet[BadgekitConsumer]
    ) -> HttpResponse | None:
        """Close consumers for good."""
        return self.carry_out(
            request,
            queryset,
            _revoke_consumer,
            record=_("Revoked."),
            done=_("Consumers revoked: %(count)d."),
            confirmation=Confirmation(
                title=_("Revoke BadgeKit consumers"),
                consequences=[
                    _("Programs that use them are refused from now on. This cannot be taken back.")
                ],
                button=_("Revoke"),
            ),
        )


def _revoke_consumer(consumer: BadgekitConsumer, values: Mapping[str, Any]) -> None:
    del values
    BadgekitConsumer.objects.filter(pk=consumer.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin):
    """Signing keys: read, rotated, revoked. Neither part of a key is on any page."""

    list_display = ("uuid", "organization", "algorithm", "status", "created_at", "retired_at", "revoked_at")
    list_filter = ("status", "algorithm", "organization")
    list_select_related = ("organization",)
    search_fields = ("organization__name", "organization__slug")
    date_hierarchy = "created_at"
    fields = ("uuid", "organization", "algorithm", "status", "created_at", "retired_at", "revoked_at")
    actions = ("rotate", "revoke")

    def offers(self, act: str, row: SigningKey) -> bool:
        """Rotate active keys, revoke those that are trusted."""
        return row.status == KeyStatus.ACTIVE if act == "rotate" else row.status != KeyStatus.REVOKED

    @admin.action(description=gettext_lazy("Rotate…"), permissions=["act"])
    def rotate(self, request: HttpRequest, queryset: models.QuerySet[SigningKey]) -> HttpResponse | None:
        """Replace keys by new ones."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: rotate_signing_key(key=row, by=acting_user(request)),
            record=_("Rotated."),
            done=_("Signing keys rotated: %(count)d."),
            confirmation=Confirmation(
                title=_("Rotate signing keys"),
                consequences=[
                    _("Each key is retired and a new one of its kind signs from now on."),
                    _("Badges signed before go on verifying: a retired key stays published."),
                ],
                button=_("Rotate"),
            ),
        )

    @admin.action(description=gettext_lazy("Revoke…"), permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[SigningKey]) -> HttpResponse | None:
        """Withdraw trust from keys."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: revoke_signing_key(key=row, by=acting_user(request)),
            record=_("Revoked."),
            done=_("Signing keys revoked: %(count)d."),
            confirmation=Confirmation(
                title=_("Revoke signing keys"),
                consequences=[
                    _("Do this when a key was stolen. To replace a key that is safe, rotate it instead."),
                    _("The key is no longer published: badges signed with it stop verifying, for good."),
                    _("Without https the issuer of badges is the key itself: revoke those badges instead."),
                    _("In the place of an active key a new one signs from now on."),
                ],
                button=_("Revoke"),
            ),
        )
