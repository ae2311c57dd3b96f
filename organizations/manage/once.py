"""Forms that make something: however often one is sent, it is made once."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

from organizations.manage.desk import Desk

FIELD = "sent_once"  # of the form: a number that each form shown has for itself (tag of the same name in templatetags)
MAX_NUMBER = 64
KEPT = 60 * 60  # seconds that a form sent again leads to what was made
UNDER_WAY = 60  # seconds that making may take; one that died is then forgotten
MOST_WAITING = 10.0  # seconds for the first of two to finish
PAUSE = 0.1

Parameters = ParamSpec("Parameters")


def once(
    view: Callable[Concatenate[HttpRequest, Desk, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Desk, Parameters], HttpResponseBase]:
    """Make a view lead a form that is sent again to what the first one made: after two clicks, or going back.

    Stands below `for_scope`. It takes forms with {% sent_once %}; one without is sent as often as it comes. What was refused
    can be corrected and sent again, as the page then has a form with another number.
    """

    @wraps(view)
    def sent(
        request: HttpRequest, desk: Desk, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponseBase:
        number = request.POST.get(FIELD, "")[:MAX_NUMBER] if request.method == "POST" else ""
        if not number:
            return view(request, desk, *args, **kwargs)
        key = f"sent:{desk.user.pk}:{desk.organization.pk}:{number.encode().hex()}"
        if not _is_first(key):
            address: str = cache.get(key) or desk.url("dashboard")
            return HttpResponseRedirect(address)
        is_made = False
        try:
            response = view(request, desk, *args, **kwargs)
            is_made = isinstance(response, HttpResponseRedirect)
            if is_made:
                cache.set(key, response["Location"], KEPT)
        finally:
            if not is_made:
                cache.delete(key)
        return response

    return sent


def _is_first(key: str) -> bool:
    """Whether nothing was made of this form, nor is being made; waits for one that is under way, which may be refused."""
    end = time.monotonic() + MOST_WAITING
    while not cache.add(key, "", UNDER_WAY):
        if cache.get(key) or time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True
