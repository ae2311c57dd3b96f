"""An earner accepts badges, one or all, or hides one: from the list of theirs or from the badge's own page."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from badges.enums import Visibility
from badges.exceptions import BadgeUnknown
from badges.services.accepting import accept_badge, accept_badges
from badges.services.my_badges import show_badge
from config.exceptions import RuleBroken
from earners.models import EarnerAccount
from earners.views import visitors


@require_POST
@visitors.for_account
def accept(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:
    """Accept a badge; another's answers 404, as none does."""
    try:
        badge = accept_badge(account=account, badge_id=uuid)
    except BadgeUnknown as error:
        raise Http404 from error
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, _("Accepted: “%(title)s”.") % {"title": badge.version.title})
    return _back(request, uuid)


@require_POST
@visitors.for_account
def accept_all(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Accept all that wait."""
    count = accept_badges(account=account)
    messages.success(
        request,
        ngettext("%(count)d badge accepted.", "%(count)d badges accepted.", count) % {"count": count},
    )
    return _back(request)


@require_POST
@visitors.for_account
def hide(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:
    """Let nobody see a badge; another's answers 404, as none does."""
    try:
        show_badge(account=account, badge_id=uuid, visibility=Visibility.HIDDEN)
    except BadgeUnknown as error:
        raise Http404 from error
    messages.success(request, _("Hidden: nobody sees it but you. On its page here you can show it again."))
    return _back(request, uuid)


def _back(request: HttpRequest, uuid: UUID | None = None) -> HttpResponse:
    """Lead back to where it was asked for: the badge's page, or the list as it was narrowed (`back`, its query)."""
    if uuid is not None and "back" not in request.POST:
        return HttpResponseRedirect(reverse("my_badge", args=[uuid]))
    query = QueryDict(request.POST.get("back", "")[:1000]).urlencode()
    return HttpResponseRedirect(f"{reverse('my_badges')}{'?' if query else ''}{query}")
