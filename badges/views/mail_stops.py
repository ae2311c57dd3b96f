"""The link at the end of a mail: no more mails like it, by one click in a mail program or by a button, and back again."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from earners.views import visitors
from organizations.services.mail_stops import allow_mails, stop_mails, subscription_of


# Who has the link may do it, signed in or not: mail programs post to it of themselves (RFC 8058), without a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, signed: str) -> HttpResponse:
    """Ask, and do nothing; or stop the mails that the link is about, of all who issue here (`everywhere`), or allow them."""
    subscription = subscription_of(signed)
    if subscription is None:
        raise Http404
    if request.method == "POST":
        if "allow" in request.POST:
            allow_mails(subscription=subscription)
        else:
            stop_mails(subscription=subscription, is_everywhere="everywhere" in request.POST)
        if request.POST.get("List-Unsubscribe") != "One-Click":
            return visitors.private(HttpResponseRedirect(request.path))
    return visitors.page(request, "earner/mail_stop.html", {"subscription": subscription})
