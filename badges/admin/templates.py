"""The staff's pages of badge templates and of their versions."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.admin.paths import StepFormSet, StepInline, progress_link, save_steps
from badges.admin.template_form import FURTHER, KIND, LOOK, MAIN, PICTURES, RULES, SKILLS, TemplateForm
from badges.enums import TemplateStatus
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import (
    archive_template,
    create_template,
    duplicate_template,
    publish_template,
    restore_template,
    update_template,
)
from organizations.admin.kept import Confirmation, ReadOnlyAdmin, ReadOnlyInline, acting_user, page_link
from organizations.admin.written import ServiceAdmin
from organizations.models import Organization

FOUND = ("uuid", "public_page", "issued", "progress", "archived_at", "created_at", "updated_at")


class VersionInline(ReadOnlyInline):
    """All that a template has said."""

    model = BadgeTemplateVersion
    fk_name = "template"
    fields = ("number", "title", "sealed_at", "created_at")
    verbose_name_plural = gettext_lazy("Versions (the latest 20)")


class StateFilter(admin.SimpleListFilter):
    """Keep templates in use, or archived ones."""

    title = gettext_lazy("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [("current", gettext_lazy("In use")), ("archived", gettext_lazy("Archived"))]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: models.QuerySet[BadgeTemplate],
    ) -> models.QuerySet[BadgeTemplate]:
        """Keep the chosen ones."""
        if self.value() in {"current", "archived"}:
            return queryset.filter(archived_at__isnull=self.value() == "current")
        return queryset


@admin.register(BadgeTemplate)
class BadgeTemplateAdmin(ServiceAdmin):
    """Badge templates: made and changed through services, which keep what a badge was issued from."""

    form = TemplateForm
    list_display = (
        "title",
        "organization",
        "slug",
        "code",
        "status",
        "is_published",
        "is_unique",
        "limit",
        "badges_count",
        "archived_at",
        "created_at",
    )
    list_filter = (StateFilter, "status", "is_published", "is_learning_path", "is_unique", "organization")
    list_select_related = ("organization", "current_version")
    search_fields = ("current_version__title", "slug", "code", "organization__name", "organization__slug")
    date_hierarchy = "created_at"
    autocomplete_fields = ("organization", "program")
    readonly_fields = FOUND
    add_only = ("organization", "slug")
    inlines = (StepInline, VersionInline)
    actions = ("publish", "archive", "restore", "duplicate")
    fieldsets = (
        (None, {"fields": ("organization", "slug", *FOUND)}),
        (gettext_lazy("What it says"), {"fields": MAIN}),
        (gettext_lazy("Kind"), {"fields": KIND}),
        (gettext_lazy("Skills, criteria, results"), {"fields": SKILLS, "classes": ("collapse",)}),
        (gettext_lazy("Rules"), {"fields": RULES}),
        (gettext_lazy("Look"), {"fields": LOOK, "classes": ("collapse",)}),
        (gettext_lazy("Further"), {"fields": FURTHER, "classes": ("collapse",)}),
    )
    add_fieldsets = ((None, {"fields": ("organization", "slug")}), *fieldsets[1:])
    view_fieldsets = (
        (None, {"fields": ("organization", "slug", "content", *FOUND)}),
        (gettext_lazy("Rules"), {"fields": RULES}),
    )

    def offers(self, act: str, row: BadgeTemplate) -> bool:
        """Archive what is in use, restore what is not, publish what is not published."""
        return {
            "publish": not row.is_archived and not (row.is_published and row.status == TemplateStatus.ACTIVE),
            "archive": not row.is_archived,
            "restore": row.is_archived,
        }.get(act, True)

    @admin.display(description=gettext_lazy("Title"), ordering="current_version__title")
    def title(self, template: BadgeTemplate) -> str:
        """Return the title of the current version."""
        return str(template)

    @admin.display(description=gettext_lazy("Public page"))
    def public_page(self, template: BadgeTemplate) -> SafeString:
        """Link to the page of the current version, which stays where it is."""
        version = template.current_version
        return page_link(version.public_url) if version is not None else SafeString("")

    @admin.display(description=gettext_lazy("Content"))
    def content(self, template: BadgeTemplate) -> SafeString:
        """Link to the page of the current version."""
        url = reverse(
            f"{self.admin_site.name}:badges_badgetemplateversion_change", args=[template.current_version_id]
        )
        return format_html('<a href="{}">{}</a>', url, template.current_version)

    @admin.display(description=gettext_lazy("Badges"))
    def issued(self, template: BadgeTemplate) -> SafeString:
        """Link to the badges issued from it; the figure leaves out revoked ones."""
        url = reverse(f"{self.admin_site.name}:badges_badge_changelist")
        return format_html(
            '<a href="{}?template__id__exact={}">{}</a>', url, template.pk, template.badges_count
        )

    @admin.display(description=gettext_lazy("Learning path"))
    def progress(self, template: BadgeTemplate) -> SafeString | None:
        """Link to the earners who are on the path."""
        return progress_link(self.admin_site, template)

    def get_inline_instances(self, request: HttpRequest, obj: BadgeTemplate | None = None) -> list[Any]:
        """Show steps below a learning path alone."""
        return [
            inline
            for inline in super().get_inline_instances(request, obj)
            if not isinstance(inline, StepInline) or (obj is not None and obj.is_learning_path)
        ]

    def get_form(
        self,
        request: HttpRequest,
        obj: Any | None = None,
        change: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Any:
        """Leave to the steps what was refused of them."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if form.refusal is not None and (form.refusal.field or "").partition(".")[0] == "steps":
            form.refusal = None
        return form

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Hand the steps to their service; nothing else below a template is written here."""
        if isinstance(formset, StepFormSet):
            save_steps(formset, form.instance, acting_user(request))
        else:
            super().save_formset(request, form, formset, change)

    def create_row(self, request: HttpRequest, form: TemplateForm) -> BadgeTemplate:
        """Make the template and its first version."""
        fields = form.given()
        organization: Organization = fields.pop("organization")
        fields.pop("slug", None)
        self._store_pictures(request, organization, fields)
        return create_template(
            organization=organization,
            fields=fields,
            slug=form.cleaned_data["slug"] or None,
            by=acting_user(request),
        )

    def update_row(self, request: HttpRequest, row: BadgeTemplate, form: TemplateForm) -> None:
        """Change what the form changed. The service deletes earlier pictures that no version or copy has."""
        fields = form.given()
        self._store_pictures(request, row.organization, fields)
        if fields:
            update_template(template=row, fields=fields, by=acting_user(request))

    def _store_pictures(
        self, request: HttpRequest, organization: Organization, fields: dict[str, Any]
    ) -> None:
        folder = f"organizations/{organization.uuid}/badge-templates-images"
        for name in PICTURES:
            if name in fields:
                fields[name] = self.store_upload(
                    request, fields[name], folder=folder, field=name, allow_svg=name == "image"
                )

    @admin.action(description=gettext_lazy("Publish"), permissions=["act"])
    def publish(self, request: HttpRequest, queryset: models.QuerySet[BadgeTemplate]) -> HttpResponse | None:
        """Make templates active and show them on the public page."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: publish_template(template=row, by=acting_user(request)),
            record=_("Published."),
            done=_("Templates published: %(count)d."),
        )

    @admin.action(description=gettext_lazy("Archive…"), permissions=["act"])
    def archive(self, request: HttpRequest, queryset: models.QuerySet[BadgeTemplate]) -> HttpResponse | None:
        """Put templates out of use."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: archive_template(template=row, by=acting_user(request)),
            record=_("Archived."),
            done=_("Templates archived: %(count)d."),
            confirmation=Confirmation(
                title=_("Archive badge templates"),
                consequences=[
                    _("Nothing more is issued or claimed from them until they are restored."),
                    _("Badges issued before stay valid, and their pages stay up."),
                ],
                button=_("Archive"),
            ),
        )

    @admin.action(description=gettext_lazy("Restore"), permissions=["act"])
    def restore(self, request: HttpRequest, queryset: models.QuerySet[BadgeTemplate]) -> HttpResponse | None:
        """Take archived templates back into use."""
        return self.carry_out(
            request,
            queryset,
            lambda row, _values: restore_template(template=row, by=acting_user(request)),
            record=_("Restored."),
            done=_("Templates restored: %(count)d."),
        )

    @admin.action(description=gettext_lazy("Duplicate"), permissions=["add"])
    def duplicate(
        self, request: HttpRequest, queryset: models.QuerySet[BadgeTemplate]
    ) -> HttpResponse | None:
        """Make copies, not published, with a history of their own."""

        def act(row: BadgeTemplate, _values: object) -> None:
            copy = duplicate_template(template=row, by=acting_user(request))
            self.log_addition(request, copy, _("Copied from %(title)s.") % {"title": row})

        return self.carry_out(
            request,
            queryset,
            act,
            record=_("Duplicated."),
            done=_("Templates duplicated: %(count)d."),
        )


@admin.register(BadgeTemplateVersion)
class BadgeTemplateVersionAdmin(ReadOnlyAdmin):
    """Versions: what a template said, as its badges say it."""

    list_display = ("title", "number", "organization", "language", "type", "sealed_at", "created_at")
    list_filter = ("type", "achievement_type", "language", "template__organization")
    list_select_related = ("template__organization", "template__current_version")
    search_fields = ("title", "description", "template__slug", "template__organization__name")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    readonly_fields = ("public_page",)
    fields = (
        "template",
        "number",
        "uuid",
        "public_page",
        "sealed_at",
        *MAIN,
        "type",
        "type_data",
        "achievement_type",
        *SKILLS,
        *LOOK,
        *FURTHER,
        "created_at",
        "updated_at",
    )

    @admin.display(description=gettext_lazy("Organization"), ordering="template__organization__name")
    def organization(self, version: BadgeTemplateVersion) -> str:
        """Say whose template it is."""
        return str(version.template.organization)

    @admin.display(description=gettext_lazy("Public page"))
    def public_page(self, version: BadgeTemplateVersion) -> SafeString:
        """Link to the page that everybody sees."""
        return page_link(version.public_url)
