"""The link in a badge's mail: that somebody came by it is noted, and the page has its plain address again."""

import logging
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode
from uuid import UUID

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from badges.services.accepting import MARKER, note_opening

log = logging.getLogger(__name__)
View = Callable[[HttpRequest, UUID], HttpResponse]


def by_mail(view: View) -> View:
    """Make a view of a badge's page that also takes the address with the mail's marker, and leads on to the one without.

    So nobody hands the marker on with the address. Noting it never stands in anybody's way.
    """

    @wraps(view)
    def answered(request: HttpRequest, uuid: UUID) -> HttpResponse:
        if request.method not in {"GET", "HEAD"} or MARKER not in request.GET:
            return view(request, uuid)
        if is_shown_to_somebody(request):
            try:
                note_opening(badge_id=uuid, marker=request.GET[MARKER])
            except DatabaseError:
                log.exception("Badge %s was opened, which could not be noted.", uuid)
        rest = [(name, value) for name, values in request.GET.lists() if name != MARKER for value in values]
        response = HttpResponseRedirect(f"{request.path}?{urlencode(rest)}" if rest else request.path)
        response["Cache-Control"] = "private, no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return answered


def is_shown_to_somebody(request: HttpRequest) -> bool:
    """Whether a browser asks for a page that somebody sees, as far as a server can tell.

    Programs that look at mails before people do ask with HEAD, or with GET and without what all browsers of today say of a
    navigation (Fetch Metadata Request Headers); browsers that fetch ahead say so. What cannot be told counts as not opened.
    """
    headers = request.headers
    return (
        request.method == "GET"
        and headers.get("Sec-Fetch-Mode") == "navigate"
        and headers.get("Sec-Fetch-Dest") == "document"
        and not any("prefetch" in headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    )
