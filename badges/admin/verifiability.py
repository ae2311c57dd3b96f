"""The staff's page that says whether an organization's badges will verify elsewhere."""

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from badges.services.findings import Level, summary
from badges.services.verifiability import check_verifiability
from organizations.admin.kept import FIRST_ROWS, ModelAdmin
from organizations.admin.organizations import OrganizationAdmin
from organizations.models import Organization

WORDS = {
    Level.OK: gettext_lazy("Good"),
    Level.WARNING: gettext_lazy("Could be better"),
    Level.ERROR: gettext_lazy("Wrong"),
}


@admin.action(description=gettext_lazy("Will its badges verify elsewhere?"), permissions=["view"])
def verifiability(
    model_admin: ModelAdmin, request: HttpRequest, queryset: models.QuerySet[Organization]
) -> HttpResponse | None:
    """Show what check_verifiability finds, the worst first. Changes nothing, and asks no address."""
    organizations = list(queryset[: FIRST_ROWS + 1])
    if len(organizations) > FIRST_ROWS:
        sentence = _("Choose at most %(limit)d organizations at once.") % {"limit": FIRST_ROWS}
        model_admin.message_user(request, sentence, messages.ERROR)
        return None
    found = [
        finding for organization in organizations for finding in check_verifiability(organization, fetch=None)
    ]
    findings = list(dict.fromkeys(found))  # what concerns the server is found for each of them
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Will these badges verify elsewhere?"),
        "subtitle": ", ".join(map(str, organizations)),
        "summary": summary(findings),
        "findings": [
            (WORDS[level], finding)
            for level in reversed(list(Level))
            for finding in findings
            if finding.level is level
        ],
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/verifiability.html", context)


OrganizationAdmin.actions = (
    *OrganizationAdmin.actions,
    verifiability,
)  # organizations know nothing of badges
