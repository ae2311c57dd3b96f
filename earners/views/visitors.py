"""Who is signed in as an earner in a browser: kept in the session beside, and apart from, the staff's sign-in."""

import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from earners.models import EarnerAccount

SESSION_KEY = "earner_account"
PROVED_KEY = "earner_proved_at"
FRESH = 3600.0  # seconds after a sign-in during which a person may change who gets into their account
Parameters = ParamSpec("Parameters")


def sign_in(request: HttpRequest, account: EarnerAccount, *, is_proved: bool = True) -> None:
    """Make the browser's session one of the account, under a new key: whoever planted the old one has nothing.

    `is_proved` is whether the person has just shown that the account is theirs.
    """
    request.session.cycle_key()
    rotate_token(request)
    request.session[SESSION_KEY] = [str(account.uuid), account.epoch]
    if is_proved:
        request.session[PROVED_KEY] = int(time.time())


def is_fresh(request: HttpRequest) -> bool:
    """Whether who is signed in proved it lately: a browser left open, or a stolen cookie, is not enough to settle in."""
    proved_at = request.session.get(PROVED_KEY)
    return isinstance(proved_at, int) and 0 <= time.time() - proved_at < FRESH


def sign_out(request: HttpRequest) -> None:
    """End the browser's session of an account; somebody who is signed in as staff stays so."""
    request.session.pop(SESSION_KEY, None)
    request.session.pop(PROVED_KEY, None)
    if request.user.is_authenticated:
        request.session.cycle_key()
    else:
        request.session.flush()


def account_of(request: HttpRequest) -> EarnerAccount | None:
    """Return the account that is signed in; None for nobody, and where the account ended its sessions or is no more."""
    kept = request.session.get(SESSION_KEY)
    if not (isinstance(kept, list) and len(kept) == 2):
        return None
    uuid, epoch = kept
    return EarnerAccount.objects.filter(uuid=UUID(uuid), epoch=epoch).first()


def for_account(
    view: Callable[Concatenate[HttpRequest, EarnerAccount, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Make a view of who is signed in, which gets their account; all others are led to sign in."""

    @wraps(view)
    def entered(request: HttpRequest, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> HttpResponse:
        account = account_of(request)
        if account is None:
            response: HttpResponse = HttpResponseRedirect(reverse("earner_sign_in"))
        else:
            response = view(request, account, *args, **kwargs)
        return private(response)

    return entered


def for_fresh_account(
    view: Callable[Concatenate[HttpRequest, EarnerAccount, Parameters], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Parameters], HttpResponse]:
    """Make a view that changes who gets into an account: for who signed in lately; others are told to do it again."""

    @wraps(view)
    def entered(
        request: HttpRequest, account: EarnerAccount, /, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        if is_fresh(request):
            return view(request, account, *args, **kwargs)
        messages.error(
            request, _("You signed in a while ago. Sign in again to change how your account opens.")
        )
        return HttpResponseRedirect(reverse("my_account"))

    return for_account(entered)


def page(
    request: HttpRequest, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Answer a page that is one person's: kept by no cache, found by no search engine."""
    return private(render(request, template, dict(context or {}), status=status))


def private(response: HttpResponse) -> HttpResponse:
    """Mark an answer as one person's."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
