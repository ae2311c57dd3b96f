"""The staff's pages of organizations."""

import zoneinfo
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget, AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.exceptions import InvalidInput
from organizations.admin.kept import Confirmation, ReadOnlyInline, acting_user, page_link
from organizations.admin.written import OptionalSlugForm, ServiceAdmin, part_fields
from organizations.enums import OrganizationStatus
from organizations.models import (
    ApiKey,
    CreditTransaction,
    Membership,
    Organization,
    SigningKey,
    User,
)
from organizations.models.organizations import ADDRESS_KEYS, BILLING_KEYS, CONTACT_KEYS
from organizations.pictures import delete_picture
from organizations.services.organizations import (
    CHANGEABLE,
    create_organization,
    update_organization,
)
from organizations.services.wallet import add_credits

# Columns that the service leaves to the staff (design.md section 4.1).
STAFF_COLUMNS = (
    "max_users",
    "stripe_customer_id",
    "subscription_id",
    "subscription_status",
    "current_period_start",
    "current_period_end",
)
PROFILE = (
    "name",
    "type",
    "activity",
    "description",
    "website",
    "language",
    "time_zone",
    "logo",
    "color_primary",
)
FLAGS = ("public_profile", "public_badge_types", "public_badge_templates", "public_learning_paths")
FOUND = ("uuid", "public_page", "everything")
FIGURES = (
    "status",
    "credits_left",
    "badges_count",
    "badge_templates_count",
    "earners_count",
    "users_count",
    "created_at",
    "updated_at",
)


class OrganizationForm(OptionalSlugForm):
    """What staff say of an organization; the parts of its sub-objects are inputs of their own."""

    owner = forms.ModelChoiceField(
        User.objects.all(),
        required=False,
        label=gettext_lazy("Owner"),
        help_text=gettext_lazy("Who manages it. Add the user first. Owners can be added later too."),
        widget=AutocompleteSelect(Membership._meta.get_field("user"), admin.site),
    )
    time_zone = forms.ChoiceField(
        choices=lambda: [(name, name) for name in sorted(zoneinfo.available_timezones())],
        label=gettext_lazy("Time zone"),
    )
    color_primary = forms.CharField(
        required=False,
        label=gettext_lazy("Main colour"),
        validators=[RegexValidator(r"^#[0-9A-Fa-f]{6}$", gettext_lazy("Use the form #1D6B50."))],
        widget=AdminTextInputWidget,
    )
    vars().update(part_fields("contact_info", CONTACT_KEYS))
    vars().update(part_fields("address_info", ADDRESS_KEYS))
    vars().update(part_fields("billing_info", BILLING_KEYS))


def _parts(name: str, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}.{key}" for key in keys)


class MembershipInline(ReadOnlyInline):
    """Who belongs to the organization."""

    model = Membership
    fields = ("user", "role", "created_at")
    select_related = ("user", "organization")
    verbose_name_plural = gettext_lazy("Members (the first 20)")


class ApiKeyInline(ReadOnlyInline):
    """What programs sign in with."""

    model = ApiKey
    fields = ("name", "prefix", "scopes", "last_used_at", "expires_at", "revoked_at")
    verbose_name_plural = gettext_lazy("API keys (the latest 20)")


class SigningKeyInline(ReadOnlyInline):
    """What badges are signed with."""

    model = SigningKey
    fields = ("algorithm", "status", "uuid", "created_at", "retired_at", "revoked_at")
    verbose_name_plural = gettext_lazy("Signing keys (the first 20)")


class CreditTransactionInline(ReadOnlyInline):
    """The latest of the wallet."""

    model = CreditTransaction
    fields = ("created_at", "credits", "kind", "status", "description", "decided_by")
    verbose_name_plural = gettext_lazy("Wallet (the latest 20)")


class CreditsForm(forms.Form):
    """How many credits, and why."""

    credits = forms.IntegerField(
        label=gettext_lazy("Credits"),
        help_text=gettext_lazy("A negative number takes credits away, as a correction."),
        min_value=-1_000_000_000,
        max_value=1_000_000_000,
    )
    description = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        help_text=gettext_lazy("Stands in the wallet, where the organization reads it."),
    )


@admin.register(Organization)
class OrganizationAdmin(ServiceAdmin):
    """Organizations: found by name, short name or address; made, changed, disabled, given credits."""

    form = OrganizationForm
    change_form_template = "admin/organization_change_form.html"
    list_display = (
        "name",
        "slug",
        "system",
        "status",
        "badges_count",
        "badge_templates_count",
        "earners_count",
        "users_count",
        "credits_left",
        "created_at",
    )
    list_filter = ("status", "system", "type", "activity", "language", "is_system_itself")
    list_select_related = ("system",)
    search_fields = ("name", "slug", "website", "contact_info__email__icontains")
    date_hierarchy = "created_at"
    autocomplete_fields = ("system",)
    readonly_fields = (*FOUND, *FIGURES, "is_system_itself")
    add_only = ("system", "slug")
    inlines = (MembershipInline, ApiKeyInline, SigningKeyInline, CreditTransactionInline)
    actions: tuple[Any, ...] = ("enable", "disable", "give_credits")
    add_fieldsets = (
        (None, {"fields": ("system", "slug", "owner")}),
        (gettext_lazy("Profile"), {"fields": PROFILE}),
        (gettext_lazy("Contact"), {"fields": _parts("contact_info", CONTACT_KEYS)}),
        (gettext_lazy("Address"), {"fields": _parts("address_info", ADDRESS_KEYS), "classes": ("collapse",)}),
        (gettext_lazy("Billing"), {"fields": _parts("billing_info", BILLING_KEYS), "classes": ("collapse",)}),
        (gettext_lazy("What everybody sees"), {"fields": FLAGS}),
        (gettext_lazy("Set by staff"), {"fields": ("max_users",)}),
    )
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("system", "slug", "is_system_itself", *FOUND)}),
        *add_fieldsets[1:-1],
        (gettext_lazy("Earners who leave"), {"fields": ("account_deletion",)}),
        (gettext_lazy("Set by staff"), {"fields": STAFF_COLUMNS}),
        (gettext_lazy("Figures"), {"fields": FIGURES}),
    )
    view_fieldsets = (
        (None, {"fields": ("system", "slug", "is_system_itself", *FOUND)}),
        (gettext_lazy("Profile"), {"fields": (*PROFILE, "contact_info", "address_info", "billing_info")}),
        (gettext_lazy("What everybody sees"), {"fields": FLAGS}),
        (gettext_lazy("Earners who leave"), {"fields": ("account_deletion",)}),
        (gettext_lazy("Set by staff"), {"fields": STAFF_COLUMNS}),
        (gettext_lazy("Figures"), {"fields": FIGURES}),
    )

    def has_credit_permission(self, request: HttpRequest) -> bool:
        """Whether the user may write into wallets."""
        return acting_user(request).has_perm("organizations.add_credittransaction")

    def offers(self, act: str, row: Organization) -> bool:
        """Enable a disabled one, disable an enabled one."""
        return act != ("enable" if row.is_enabled else "disable")

    @admin.display(description=gettext_lazy("Public page"))
    def public_page(self, organization: Organization) -> SafeString:
        """Link to the page that everybody sees."""
        return page_link(organization.public_url)

    @admin.display(description=gettext_lazy("Everything of it"))
    def everything(self, organization: Organization) -> SafeString:
        """Links to the lists of all rows that name this organization, whatever app they are of."""
        links = []
        for model in apps.get_models():
            try:
                field = model._meta.get_field("organization")
            except FieldDoesNotExist:
                continue
            if field.related_model is Organization and self.admin_site.is_registered(model):
                name = f"{self.admin_site.name}:{model._meta.app_label}_{model._meta.model_name}_changelist"
                query = f"?organization__id__exact={organization.pk}"
                links.append((reverse(name) + query, model._meta.verbose_name_plural))
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    def create_row(self, request: HttpRequest, form: OrganizationForm) -> Organization:
        """Make the organization with its signing keys and, where one was chosen, its owner."""
        given = form.given()
        given.pop("name", None)
        given.pop("slug", None)
        given.pop("system", None)
        owner = given.pop("owner", None)
        logo = given.pop("logo", None)
        staff_values = {name: given.pop(name) for name in STAFF_COLUMNS if name in given}
        organization = create_organization(
            name=form.cleaned_data["name"],
            system=form.cleaned_data["system"],
            slug=form.cleaned_data["slug"] or None,
            owner=owner,
            fields=given,
            by=acting_user(request),
        )
        if logo:  # after it, because the folder bears the organization's id
            fields = {"logo": self._stored_logo(request, organization, logo)}
            update_organization(organization=organization, fields=fields, by=acting_user(request))
        _set_staff_values(organization, staff_values)
        return organization

    def update_row(self, request: HttpRequest, row: Organization, form: OrganizationForm) -> None:
        """Change the profile through the service, and the staff's columns also where it is disabled."""
        given = form.given()
        fields = {name: value for name, value in given.items() if name in CHANGEABLE}
        if "logo" in fields:
            old = form.initial["logo"].name if form.initial.get("logo") else ""
            fields["logo"] = self._stored_logo(request, row, fields["logo"])
            transaction.on_commit(partial(delete_picture, old), robust=True)
        if fields:
            update_organization(organization=row, fields=fields, by=acting_user(request))
        _set_staff_values(row, {name: given[name] for name in STAFF_COLUMNS if name in given})

    def _stored_logo(self, request: HttpRequest, organization: Organization, upload: Any) -> str:
        folder = f"organizations/{organization.uuid}/organization-logos"
        return self.store_upload(request, upload, folder=folder, field="logo", allow_svg=False)

    @admin.action(description=gettext_lazy("Enable"), permissions=["act"])
    def enable(self, request: HttpRequest, queryset: models.QuerySet[Organization]) -> HttpResponse | None:
        """Let organizations write and issue again."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: _set_status(row, OrganizationStatus.ENABLED),
            record=_("Enabled."),
            done=_("Organizations enabled: %(count)d."),
        )

    @admin.action(description=gettext_lazy("Disable…"), permissions=["act"])
    def disable(self, request: HttpRequest, queryset: models.QuerySet[Organization]) -> HttpResponse | None:
        """Stop organizations from writing and issuing, after saying what that means."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: _set_status(row, OrganizationStatus.DISABLED),
            record=_("Disabled."),
            done=_("Organizations disabled: %(count)d."),
            confirmation=Confirmation(
                title=_("Disable organizations"),
                consequences=[
                    _("They can still be read, but nothing of theirs is changed, issued or claimed."),
                    _("Badges issued before stay valid, and their pages stay up."),
                ],
                button=_("Disable"),
            ),
        )

    @admin.action(description=gettext_lazy("Add credits…"), permissions=["credit"])
    def give_credits(
        self, request: HttpRequest, queryset: models.QuerySet[Organization]
    ) -> HttpResponse | None:
        """Put credits into wallets."""

        def act(row: Organization, values: Mapping[str, Any]) -> None:
            add_credits(
                organization=row,
                credits=values["credits"],
                description=values["description"],
                by=acting_user(request),
            )

        return self.carry_out(
            request,
            queryset,
            act,
            record=_("Credits added."),
            done=_("Wallets changed: %(count)d."),
            confirmation=Confirmation(
                title=_("Add credits"),
                consequences=[
                    _("Each of these organizations gets this number of credits. The wallet names you.")
                ],
                button=_("Add credits"),
                form=CreditsForm,
            ),
        )


def _set_status(organization: Organization, status: OrganizationStatus) -> None:
    organization.status = status
    organization.save(update_fields=["status", "updated_at"])


def _set_staff_values(organization: Organization, values: dict[str, Any]) -> None:
    """Write the staff's columns. The limit of members is part of the UPDATE. Raises InvalidInput."""
    if not values:
        return
    rows = Organization.objects.filter(pk=organization.pk)
    limit = values.get("max_users")
    if limit is not None:
        rows = rows.filter(Q(users_count__lte=limit))
    if not rows.update(**values):
        raise InvalidInput(_("There are more members than that. Remove some first."), field="max_users")
