"""The staff's pages of badges and of status lists: the whole story of a badge, and revoking."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.enums import BadgeStatus
from badges.models import Badge, BadgeDocument, StatusList
from badges.services.revoking import revoke_badge
from earners.admin import EarnerAdmin
from organizations.admin.kept import Confirmation, ReadOnlyAdmin, ReadOnlyInline, acting_user, page_link


class StatusFilter(admin.SimpleListFilter):
    """Keep valid, expired or revoked badges, as the querysets know them."""

    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [(str(value), label) for value, label in BadgeStatus.choices]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Badge]) -> models.QuerySet[Badge]:  # noqa: ARG002
        """Keep the chosen ones."""
        narrowed = {
            "valid": Badge.objects.valid,
            "invalid": Badge.objects.expired,
            "revoked": Badge.objects.revoked,
        }
        value = self.value()
        return queryset & narrowed[value]() if value in narrowed else queryset


class DocumentInline(ReadOnlyInline):
    """The signed documents that are kept of a badge; their text is on the public page."""

    model = BadgeDocument
    fields = ("kind", "key", "created_at")
    select_related = ("signing_key",)
    show_change_link = False
    verbose_name_plural = gettext_lazy("Signed documents")

    def get_readonly_fields(self, request: HttpRequest, obj: Any | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Return what is shown: never the body."""
        return ("kind", "key", "created_at")

    @admin.display(description=gettext_lazy("Signed with"))
    def key(self, document: BadgeDocument) -> SafeString:
        """Link to the signing key."""
        url = reverse(
            f"{self.admin_site.name}:organizations_signingkey_change", args=[document.signing_key_id]
        )
        return format_html('<a href="{}">{}</a>', url, document.signing_key)


class RevocationForm(forms.Form):
    """Why badges are revoked."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=1000,
        widget=AdminTextareaWidget(attrs={"rows": 3}),
        help_text=gettext_lazy("Public: it stands on the badge's page and in its documents."),
    )


@admin.register(Badge)
class BadgeAdmin(ReadOnlyAdmin):
    """Badges: found by earner, title, id or pasted address; read whole; revoked."""

    list_display = (
        "title",
        "recipient",
        "recipient_email",
        "organization",
        "issued_at",
        "expires_at",
        "status",
        "page",
    )
    list_filter = (StatusFilter, "visibility", "is_imported", "organization")
    list_select_related = ("organization", "version")
    search_fields = ("recipient_email", "recipient_first_name", "recipient_last_name", "version__title")
    date_hierarchy = "issued_at"
    show_full_result_count = False
    readonly_fields = ("public_page", "status", "batch", "status_place")
    fieldsets = (
        (None, {"fields": ("uuid", "public_page", "status", "visibility")}),
        (
            gettext_lazy("Who and what"),
            {
                "fields": (
                    "organization",
                    "template",
                    "version",
                    "earner",
                    "recipient_email",
                    "recipient_first_name",
                    "recipient_last_name",
                )
            },
        ),
        (
            gettext_lazy("Issued"),
            {
                "fields": (
                    "issued_at",
                    "issued_by",
                    "expires_at",
                    "batch",
                    "is_imported",
                    "holds_place",
                    "created_at",
                )
            },
        ),
        (
            gettext_lazy("What is said of it"),
            {
                "fields": (
                    "activity_title",
                    "activity_started_at",
                    "activity_ended_at",
                    "narrative",
                    "evidence",
                    "results",
                    "notes",
                    "additional_details",
                )
            },
        ),
        (
            gettext_lazy("Revocation"),
            {"fields": ("revoked_at", "revoked_by", "revocation_reason", "status_place", "updated_at")},
        ),
    )
    inlines: ClassVar[tuple[type[ReadOnlyInline], ...]] = (DocumentInline,)
    actions = ("revoke",)

    def offers(self, act: str, row: Badge) -> bool:  # noqa: ARG002
        """Revoke what is not revoked."""
        return not row.is_revoked

    @admin.display(description=gettext_lazy("Badge"), ordering="version__title")
    def title(self, badge: Badge) -> str:
        """Return what the badge is called."""
        return badge.version.title

    @admin.display(description=gettext_lazy("Earner"), ordering="recipient_last_name")
    def recipient(self, badge: Badge) -> str:
        """Return the name of the earner on the day of issue."""
        return badge.recipient_name

    @admin.display(description=gettext_lazy("Status"))
    def status(self, badge: Badge) -> str:
        """Say what the badge is now."""
        return str(badge.status_at(timezone.now()).label)

    @admin.display(description=gettext_lazy("Page"))
    def page(self, badge: Badge) -> SafeString:
        """Link to the page that everybody sees, short enough for a list."""
        return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', badge.public_url, _("Open"))

    @admin.display(description=gettext_lazy("Public page"))
    def public_page(self, badge: Badge) -> SafeString:
        """Link to the page that everybody sees."""
        return page_link(badge.public_url)

    @admin.display(description=gettext_lazy("Batch"))
    def batch(self, badge: Badge) -> SafeString | None:
        """Link to the bulk run that issued it, if one did."""
        if badge.batch_row is None:
            return None
        url = reverse(f"{self.admin_site.name}:badges_batch_change", args=[badge.batch_row.batch_id])
        sentence = _("Row %(row)d of %(total)d") % {
            "row": badge.batch_row.number,
            "total": badge.batch_row.batch.total,
        }
        return format_html('<a href="{}">{}</a>', url, sentence)

    @admin.display(description=gettext_lazy("Place in the status list"))
    def status_place(self, badge: Badge) -> SafeString | None:
        """Say where others look whether it is revoked."""
        if badge.status_list is None:
            return None
        url = reverse(f"{self.admin_site.name}:badges_statuslist_change", args=[badge.status_list_id])
        sentence = _("Place %(place)d of list %(list)d") % {
            "place": badge.status_index or 0,
            "list": badge.status_list.number,
        }
        return format_html('<a href="{}">{}</a>', url, sentence)

    @admin.action(description=gettext_lazy("Revoke…"), permissions=["act"])
    def revoke(self, request: HttpRequest, queryset: models.QuerySet[Badge]) -> HttpResponse | None:
        """Take badges back, for a reason."""

        def act(row: Badge, values: Mapping[str, Any]) -> None:
            revoke_badge(badge=row, reason=values["reason"], by=acting_user(request))

        return self.carry_out(
            request,
            queryset,
            act,
            record=_("Revoked."),
            done=_("Badges revoked: %(count)d."),
            confirmation=Confirmation(
                title=_("Revoke badges"),
                consequences=[
                    _("Everybody who checks these badges is told at once. This cannot be taken back."),
                    _("Their pages stay up and say when and why they were revoked. Credits stay spent."),
                ],
                button=_("Revoke"),
                form=RevocationForm,
            ),
        )


@admin.register(StatusList)
class StatusListAdmin(ReadOnlyAdmin):
    """Status lists: where others look whether a badge is revoked. The list is at its public address."""

    list_display = ("organization", "number", "taken", "size", "published_at")
    list_filter = ("organization",)
    list_select_related = ("organization",)
    search_fields = ("organization__name", "organization__slug", "issuer_did")
    uuid_lookup = "organization__uuid"
    ordering = ("-id",)
    readonly_fields = ("published",)
    fields = (
        "organization",
        "number",
        "issuer_did",
        "signing_key",
        "size",
        "taken",
        "published_at",
        "published",
    )

    @admin.display(description=gettext_lazy("Public address"))
    def published(self, status_list: StatusList) -> SafeString:
        """Link to the signed list."""
        address = f"{status_list.organization.public_url}/status/{status_list.number}"
        return page_link(address)


class EarnerBadgeInline(ReadOnlyInline):
    """What an earner got."""

    model = Badge
    fields = ("version", "issued_at", "expires_at", "revoked_at", "visibility")
    select_related = ("version",)
    ordering = ("-id",)
    verbose_name_plural = gettext_lazy("Badges (the latest 20)")


EarnerAdmin.inlines = (
    EarnerBadgeInline,
    *EarnerAdmin.inlines,
)  # earners know nothing of badges, so it is said here
