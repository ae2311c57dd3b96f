"""An earner has a badge mailed to somebody."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from badges.exceptions import BadgeUnknown
from badges.models import Badge
from badges.services.my_badges import find_mine
from badges.services.sharing import share_badge
from badges.views import mine
from config.exceptions import RuleBroken
from earners.models import EarnerAccount
from earners.views import visitors


@require_POST
@visitors.for_account
def send(request: HttpRequest, account: EarnerAccount, uuid: UUID) -> HttpResponse:
    """Have it mailed; or show the badge's page with what was typed and what is wrong. Another's answers 404."""
    try:
        badge = find_mine(account, uuid)
    except BadgeUnknown as error:
        raise Http404 from error
    if not isinstance(badge, Badge):
        raise Http404
    form = mine.ShareForm(request.POST)
    if form.is_valid():
        try:
            share_badge(account=account, badge_id=uuid, language=get_language() or "en", **form.cleaned_data)
        except RuleBroken as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, _("It is on its way to %(email)s.") % form.cleaned_data)
            return visitors.private(HttpResponseRedirect(reverse("my_badge", args=[uuid])))
    return mine.own_page(request, account, badge, share_form=form)
