"""The staff's page of the audit log of all organizations: read, never changed."""

from django.contrib import admin

from organizations.admin.kept import ReadOnlyAdmin
from organizations.models import AuditEntry


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Audit entries: found by who acted and by what was acted on."""

    list_display = ("at", "organization", "actor", "is_staff", "act", "subject_label")
    list_filter = ("act", "is_staff", "organization")
    list_select_related = ("organization",)
    search_fields = ("actor", "subject_label", "organization__name", "organization__slug")
    uuid_lookup = "subject"
    date_hierarchy = "at"
    fields = ("at", "organization", "actor", "user", "is_staff", "act", "subject", "subject_label", "details")
