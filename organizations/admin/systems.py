"""The staff's pages of systems and programs."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from organizations.admin.kept import ReadOnlyInline, acting_user
from organizations.admin.written import OptionalSlugForm, ServiceAdmin, ServiceForm
from organizations.models import BadgekitConsumer, Program, System
from organizations.services.organizations import create_system
from organizations.services.programs import create_program, update_program
from organizations.services.systems import update_system


class ConsumerInline(ReadOnlyInline):
    """What BadgeKit clients of the system sign in with."""

    model = BadgekitConsumer
    fields = ("key", "description", "created_at", "revoked_at")
    select_related = ("system",)
    verbose_name_plural = gettext_lazy("BadgeKit consumers (the latest 20)")


@admin.register(System)
class SystemAdmin(ServiceAdmin):
    """Systems: the umbrellas over organizations."""

    form = OptionalSlugForm
    list_display = ("name", "slug", "url", "email", "created_at")
    search_fields = ("name", "slug", "url", "email")
    uuid_lookup = ""
    readonly_fields = ("organizations", "created_at", "updated_at")
    add_only = ("slug",)
    add_fieldsets = ((None, {"fields": ("name", "slug", "url", "description", "email")}),)
    fieldsets = (
        (None, {"fields": ("name", "slug", "url", "description", "email")}),
        (None, {"fields": ("organizations", "created_at", "updated_at")}),
    )
    inlines = (ConsumerInline,)

    @admin.display(description=gettext_lazy("Organizations"))
    def organizations(self, system: System) -> SafeString:
        """Link to the list of its organizations."""
        url = reverse(f"{self.admin_site.name}:organizations_organization_changelist")
        return format_html(
            '<a href="{}?system__id__exact={}">{}</a>', url, system.pk, system.organizations.count()
        )

    def create_row(self, request: HttpRequest, form: ServiceForm) -> System:  # noqa: ARG002
        """Make the system and the organization that stands for it."""
        values = form.cleaned_data
        return create_system(
            name=values["name"],
            slug=values["slug"] or None,
            url=values["url"],
            description=values["description"],
            email=values["email"],
        )

    def update_row(self, request: HttpRequest, row: System, form: ServiceForm) -> None:
        """Change what the form changed, also of the organization that stands for the system."""
        update_system(system=row, fields=form.given(), by=acting_user(request))


@admin.register(Program)
class ProgramAdmin(ServiceAdmin):
    """Programs of organizations."""

    form = OptionalSlugForm
    list_display = ("name", "slug", "organization", "archived_at", "created_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("name", "slug", "organization__name")
    autocomplete_fields = ("organization",)
    readonly_fields = ("uuid", "archived_at", "created_at", "updated_at")
    add_only = ("organization", "slug")
    add_fieldsets = ((None, {"fields": ("organization", "name", "slug", "url", "description", "email")}),)
    fieldsets = (
        (None, {"fields": ("organization", "name", "slug", "url", "description", "email")}),
        (None, {"fields": ("uuid", "archived_at", "created_at", "updated_at")}),
    )

    def create_row(self, request: HttpRequest, form: ServiceForm) -> Program:
        """Make the program."""
        values = form.cleaned_data
        return create_program(
            organization=values["organization"],
            name=values["name"],
            slug=values["slug"] or None,
            url=values["url"],
            description=values["description"],
            email=values["email"],
            by=acting_user(request),
        )

    def update_row(self, request: HttpRequest, row: Program, form: ServiceForm) -> None:
        """Change what the form changed."""
        update_program(program=row, fields=form.given(), by=acting_user(request))
