"""The page that says whether the organization's badges will verify elsewhere, and what to do where they will not."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from badges.services.fetching import fetch
from badges.services.findings import Level, summary
from badges.services.verifiability import check_verifiability
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.READ, to_write=ApiScope.WRITE)
def verifiability(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show what can be told at once; sent as a form, ask the published addresses too, as a stranger would."""
    is_thorough = request.method == "POST"
    findings = check_verifiability(desk.organization, fetch=fetch if is_thorough else None)
    worst_first = [one for level in reversed(list(Level)) for one in findings if one.level is level]
    return desk.page(
        request,
        "manage/verifiability/verifiability.html",
        {"summary": summary(findings), "findings": worst_first, "is_thorough": is_thorough},
    )
