"""The staff's pages of earners, their lists and their accounts."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from earners.enums import ListType
from earners.models import (
    AccountEmail,
    Earner,
    EarnerAccount,
    EarnersList,
    ListMembership,
    LoginToken,
    Passkey,
)
from earners.services import create_list
from organizations.admin.kept import Confirmation, ReadOnlyAdmin, ReadOnlyInline, acting_user
from organizations.admin.written import ServiceAdmin, ServiceForm


class EarnerListInline(ReadOnlyInline):
    """The lists that an earner is on."""

    model = ListMembership
    fk_name = "earner"
    fields = ("earners_list", "first_name", "last_name", "metadata", "created_at")
    select_related = ("earners_list", "earner")
    verbose_name_plural = gettext_lazy("Lists (the first 20)")


@admin.register(Earner)
class EarnerAdmin(ReadOnlyAdmin):
    """Earners: found by address, name or id, with their lists and what other apps put beside them."""

    list_display = ("email", "first_name", "last_name", "organization", "email_verified_at", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("email", "first_name", "last_name")
    date_hierarchy = "created_at"
    show_full_result_count = False
    fields = (
        "uuid",
        "organization",
        "email",
        "first_name",
        "last_name",
        "email_verified_at",
        "created_at",
        "updated_at",
    )
    inlines: ClassVar[tuple[type[ReadOnlyInline], ...]] = (EarnerListInline,)


@admin.register(EarnersList)
class EarnersListAdmin(ServiceAdmin):
    """Lists of earners: made and renamed here, filled by imports."""

    list_display = ("name", "organization", "type", "status", "earners_count", "created_at")
    list_filter = ("type", "status", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "description", "organization__name", "organization__slug")
    date_hierarchy = "created_at"
    autocomplete_fields = ("organization",)
    readonly_fields = ("uuid", "members", "created_at", "updated_at")
    add_only = ("organization", "type")
    add_fieldsets = ((None, {"fields": ("organization", "name", "description", "type")}),)
    fieldsets = (
        (None, {"fields": ("organization", "name", "description", "type", "status")}),
        (None, {"fields": ("uuid", "members", "created_at", "updated_at")}),
    )

    @admin.display(description=gettext_lazy("Earners"))
    def members(self, earners_list: EarnersList) -> SafeString:
        """Link to who is on it."""
        url = reverse(f"{self.admin_site.name}:earners_listmembership_changelist")
        return format_html(
            '<a href="{}?earners_list__id__exact={}">{}</a>', url, earners_list.pk, earners_list.earners_count
        )

    def create_row(self, request: HttpRequest, form: ServiceForm) -> EarnersList:
        """Make an empty list."""
        values = form.cleaned_data
        return create_list(
            organization=values["organization"],
            name=values["name"],
            description=values["description"],
            type=ListType(values["type"]),
            by=acting_user(request),
        )

    def update_row(self, request: HttpRequest, row: EarnersList, form: ServiceForm) -> None:  # noqa: ARG002
        """Change its own columns, which nothing else depends on."""
        row.save(update_fields=[*form.changed_data, "updated_at"])


@admin.register(ListMembership)
class ListMembershipAdmin(ReadOnlyAdmin):
    """Who is on which list, with the names and metadata that stand there."""

    list_display = ("earner", "first_name", "last_name", "earners_list", "organization", "created_at")
    list_select_related = ("earner", "earners_list__organization")
    search_fields = ("earner__email", "first_name", "last_name", "earners_list__name")
    uuid_lookup = "earner__uuid"
    show_full_result_count = False
    fields = ("earners_list", "earner", "first_name", "last_name", "metadata", "created_at", "updated_at")

    @admin.display(description=gettext_lazy("Organization"), ordering="earners_list__organization__name")
    def organization(self, membership: ListMembership) -> str:
        """Say whose list it is."""
        return str(membership.earners_list.organization)


class AccountEmailInline(ReadOnlyInline):
    """The addresses of an account."""

    model = AccountEmail
    fields = ("email", "verified_at", "closed_at", "created_at")
    show_change_link = False


class PasskeyInline(ReadOnlyInline):
    """The passkeys of an account: public halves, which open nothing."""

    model = Passkey
    fields = ("name", "created_at", "last_used_at")
    select_related = ("account",)
    show_change_link = False


class LoginTokenInline(ReadOnlyInline):
    """What opened the account to programs. The tokens themselves are known to nobody."""

    model = LoginToken
    fields = ("created_at", "expires_at", "last_used_at", "revoked_at")
    select_related = ("account",)
    verbose_name_plural = gettext_lazy("Login tokens (the latest 20)")


@admin.register(EarnerAccount)
class EarnerAccountAdmin(ReadOnlyAdmin):
    """Accounts of earners: found by any of their addresses."""

    list_display = ("uuid", "addresses", "created_at")
    search_fields = ("emails__email",)
    date_hierarchy = "created_at"
    fields = ("uuid", "created_at")
    inlines = (AccountEmailInline, PasskeyInline, LoginTokenInline)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[EarnerAccount]:
        """Read all addresses in one more query."""
        return super().get_queryset(request).prefetch_related("emails")

    @admin.display(description=gettext_lazy("Addresses"))
    def addresses(self, account: EarnerAccount) -> str:
        """Return the addresses in one line."""
        return ", ".join(address.email for address in account.emails.all())


@admin.register(LoginToken)
class LoginTokenAdmin(ReadOnlyAdmin):
    """Login tokens: who has one, and an end to it."""

    list_display = ("account", "addresses", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("account",)
    search_fields = ("account__emails__email",)
    uuid_lookup = "account__uuid"
    date_hierarchy = "created_at"
    fields = ("account", "created_at", "expires_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[LoginToken]:
        """Read all addresses in one more query."""
        return super().get_queryset(request).prefetch_related("account__emails")

    def offers(self, act: str, row: LoginToken) -> bool:  # noqa: ARG002
        """Revoke what is not revoked."""
        return row.revoked_at is None

    @admin.display(description=gettext_lazy("Addresses"))
    def addresses(self, token: LoginToken) -> str:
        """Return the addresses of the account in one line."""
        return ", ".join(address.email for address in token.account.emails.all())

    @admin.action(description=gettext_lazy("Revoke…"), permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[LoginToken]) -> HttpResponse | None:
        """Close tokens for good."""
        return self.carry_out(
            request,
            queryset,
            _revoke_token,
            record=_("Revoked."),
            done=_("Login tokens revoked: %(count)d."),
            confirmation=Confirmation(
                title=_("Revoke login tokens"),
                consequences=[
                    _("Programs that use them are refused from now on. The earner can sign in again.")
                ],
                button=_("Revoke"),
            ),
        )


def _revoke_token(token: LoginToken, values: Mapping[str, Any]) -> None:
    del values
    LoginToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
