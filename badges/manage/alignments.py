"""What the organization's badges are aligned to, searched from the template editor."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from badges.services.alignments import used_alignments
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope
from organizations.manage.listing import MAX_SEARCH


@require_safe
@for_scope(ApiScope.WRITE)
def template_alignments(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Answer the part of the editor with what was found: buttons that add it."""
    text = request.GET.get("alignment_search", "")[:MAX_SEARCH]
    context = {"used": used_alignments(desk.organization, text=text), "searched": text.strip()}
    return desk.page(request, "manage/templates/_used_alignments.html", context)
