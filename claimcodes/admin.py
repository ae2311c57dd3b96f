"""The staff's pages of claim codes and claims."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.admin.badges import BadgeAdmin
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import create_claim_code
from organizations.admin.kept import ReadOnlyAdmin, ReadOnlyInline, acting_user
from organizations.admin.written import ServiceAdmin, ServiceForm


class ClaimCodeForm(ServiceForm):
    """A new claim code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].strip = False  # type: ignore[attr-defined]  # stored as typed (design.md section 3)
            self.fields["code"].help_text = _(
                "Left empty, a random one is made. Upper and lower case count as the same."
            )


class ClaimInline(ReadOnlyInline):
    """The uses of a code."""

    model = Claim
    fields = ("email", "badge", "claimed_by", "created_at")
    select_related = ("badge", "claim_code")
    verbose_name_plural = gettext_lazy("Claims (the latest 20)")


class UseFilter(admin.SimpleListFilter):
    """Keep codes that can still be used, or those that cannot."""

    title = gettext_lazy("use")
    parameter_name = "use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        """Return the choices."""
        return [("open", gettext_lazy("Can be used")), ("closed", gettext_lazy("Used up or over"))]

    def queryset(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: models.QuerySet[ClaimCode],
    ) -> models.QuerySet[ClaimCode]:
        """Keep the chosen ones."""
        claimable = ClaimCode.objects.claimable().values("pk")
        if self.value() == "open":
            return queryset.filter(pk__in=claimable)
        return queryset.exclude(pk__in=claimable) if self.value() == "closed" else queryset


@admin.register(ClaimCode)
class ClaimCodeAdmin(ServiceAdmin):
    """Claim codes: made here one at a time, found by the code or who claimed."""

    form = ClaimCodeForm
    list_display = (
        "code",
        "template",
        "organization",
        "is_multiuse",
        "uses",
        "max_uses",
        "is_claimed",
        "email",
        "expires_at",
        "created_at",
    )
    list_filter = (UseFilter, "is_multiuse", "is_claimed", "template__organization")
    list_select_related = ("template__organization", "template__current_version")
    search_fields = ("code", "email", "template__current_version__title", "claims__email")
    uuid_lookup = ""  # a code may have the form of an id
    date_hierarchy = "created_at"
    ordering = ("-id",)
    autocomplete_fields = ("template",)
    inlines = (ClaimInline,)
    add_fieldsets = (
        (None, {"fields": ("template", "code", "is_multiuse", "max_uses", "email", "expires_at")}),
    )
    fieldsets = (
        (None, {"fields": ("template", "code", "is_multiuse", "max_uses", "email", "expires_at")}),
        (None, {"fields": ("uses", "is_claimed", "created_by", "created_at", "updated_at")}),
    )

    def has_change_permission(self, request: HttpRequest, obj: ClaimCode | None = None) -> bool:  # noqa: ARG002
        """Nobody: a code that was given out keeps its meaning."""
        return False

    @admin.display(description=gettext_lazy("Organization"), ordering="template__organization__name")
    def organization(self, claim_code: ClaimCode) -> str:
        """Say whose badge it gives."""
        return str(claim_code.template.organization)

    def create_row(self, request: HttpRequest, form: ServiceForm) -> ClaimCode:
        """Make the code."""
        values = form.cleaned_data
        return create_claim_code(
            template=values["template"],
            code=values["code"] or None,
            is_multiuse=values["is_multiuse"],
            email=values["email"] or None,
            max_uses=values["max_uses"],
            expires_at=values["expires_at"],
            by=acting_user(request),
        )


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Claims: who used which code, and the badge of it."""

    list_display = ("claim_code", "email", "template", "badge", "claimed_by", "created_at")
    list_filter = ("claim_code__template__organization",)
    list_select_related = ("claim_code__template__current_version", "badge")
    search_fields = ("email", "claim_code__code", "claimed_by")
    uuid_lookup = "badge__uuid"
    date_hierarchy = "created_at"
    fields = ("claim_code", "email", "badge", "claimed_by", "created_at")

    @admin.display(
        description=gettext_lazy("Badge template"), ordering="claim_code__template__current_version__title"
    )
    def template(self, claim: Claim) -> str:
        """Say what was claimed."""
        return str(claim.claim_code.template)


class BadgeClaimInline(ReadOnlyInline):
    """The claim by which a badge was collected."""

    model = Claim
    fields = ("claim_code", "claimed_by", "created_at")
    select_related = ("claim_code",)
    verbose_name_plural = gettext_lazy("Claim")


BadgeAdmin.inlines = (
    *BadgeAdmin.inlines,
    BadgeClaimInline,
)  # badges know nothing of claims, so it is said here
