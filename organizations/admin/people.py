"""The staff's pages of users and of their memberships."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth import forms as auth_forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.text import folded
from organizations.admin.kept import Confirmation, KeptAdmin, ReadOnlyInline, acting_user
from organizations.admin.written import ServiceAdmin, ServiceForm
from organizations.enums import Role
from organizations.models import Membership, User
from organizations.services.members import add_member, change_role, remove_member

# What only a superuser may give: whoever gives rights could give all of them to themselves.
RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


def _free_email(email: str, *, of: User) -> str:
    """Return the address as it is kept; refuse one that another user has in any case of letters."""
    email = folded(email)
    if User.objects.filter(email=email).exclude(pk=of.pk).exists():
        raise ValidationError(_("There is a user with this address already."))
    return email


class UserAddForm(auth_forms.AdminUserCreationForm[User]):
    """A new user, known by an e-mail address."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "language")
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        """Keep the address folded, so that case never splits a person."""
        return _free_email(self.cleaned_data["email"], of=self.instance)


class UserForm(auth_forms.UserChangeForm[User]):
    """A user; the password has a page of its own."""

    password = None  # type: ignore[assignment]

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "language", "is_active", *RIGHTS)
        field_classes: dict[str, Any] = {}

    def clean_email(self) -> str:
        """Keep the address folded, so that case never splits a person."""
        return _free_email(self.cleaned_data["email"], of=self.instance)


class UserMembershipInline(ReadOnlyInline):
    """What the user belongs to."""

    model = Membership
    fields = ("organization", "role", "created_at")
    select_related = ("organization", "user")
    verbose_name_plural = gettext_lazy("Memberships (the first 20)")


@admin.register(User)
class UserAdmin(KeptAdmin, auth_admin.UserAdmin):  # type: ignore[type-arg]
    """Users. Only superusers give rights, and only they change other members of the staff."""

    form = UserForm
    add_form = UserAddForm
    list_display = (
        "email",
        "first_name",
        "last_name",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "created_at",
    )
    list_filter = ("is_staff", "is_superuser", "is_active", "language", "groups")
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)
    date_hierarchy = "created_at"
    readonly_fields = (
        "uuid",
        "password_state",
        "email_verified_at",
        "last_login",
        "created_at",
        "updated_at",
    )
    inlines = (UserMembershipInline,)
    add_fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "language")}),
        (gettext_lazy("Password"), {"fields": ("usable_password", "password1", "password2")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "language", "password_state")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", *RIGHTS)}),
        (None, {"fields": ("uuid", "email_verified_at", "last_login", "created_at", "updated_at")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Let staff change people's accounts and their own, not those of staff: that would be a way up."""
        user = acting_user(request)
        if obj is not None and (obj.is_staff or obj.is_superuser) and obj != user and not user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return what cannot be changed: rights, unless a superuser asks."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if acting_user(request).is_superuser else (*fields, *RIGHTS)

    @admin.display(description=gettext_lazy("Password"))
    def password_state(self, user: User) -> SafeString:
        """Say whether there is a password, with a link to set one. Nothing of its digest is shown."""
        url = reverse(f"{self.admin_site.name}:auth_user_password_change", args=[user.pk])
        state = _("Set.") if user.has_usable_password() else _("None: this user cannot sign in.")
        return format_html('{} <a href="{}">{}</a>', state, url, _("Set another password"))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save. A changed address is not verified, and no earlier one opens the account any more."""
        if change and "email" in form.changed_data:
            obj.email_verified_at = None
            EmailAddress.objects.filter(user=obj).delete()
        super().save_model(request, obj, form, change)


@admin.register(Membership)
class MembershipAdmin(ServiceAdmin):
    """Who belongs to which organization, and as what."""

    list_display = ("user", "organization", "role", "created_at")
    list_filter = ("role", "organization")
    list_select_related = ("user", "organization")
    search_fields = (
        "user__email",
        "user__first_name",
        "user__last_name",
        "organization__name",
        "organization__slug",
    )
    autocomplete_fields = ("user", "organization")
    uuid_lookup = "organization__uuid"
    readonly_fields = ("created_at",)
    add_only = ("user", "organization")
    add_fieldsets = ((None, {"fields": ("user", "organization", "role")}),)
    fieldsets = ((None, {"fields": ("user", "organization", "role", "created_at")}),)
    actions = ("remove",)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Whether the user may end memberships."""
        return acting_user(request).has_perm("organizations.delete_membership")

    def create_row(self, request: HttpRequest, form: ServiceForm) -> Membership:
        """Make the user a member."""
        values = form.cleaned_data
        return add_member(
            organization=values["organization"],
            user=values["user"],
            role=Role(values["role"]),
            by=acting_user(request),
        )

    def update_row(self, request: HttpRequest, row: Membership, form: ServiceForm) -> None:
        """Give the member another role."""
        change_role(membership=row, role=Role(form.cleaned_data["role"]), by=acting_user(request))

    @admin.action(description=gettext_lazy("End membership…"), permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: models.QuerySet[Membership]) -> HttpResponse | None:
        """Take users out of organizations."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: remove_member(membership=row, by=acting_user(request)),
            record=_("Membership ended."),
            done=_("Memberships ended: %(count)d."),
            confirmation=Confirmation(
                title=_("End memberships"),
                consequences=[
                    _("They lose their access at once. Their accounts, and what they issued, stay.")
                ],
                button=_("End membership"),
            ),
        )
