"""Passkeys in a browser: its script asks for what to sign, the device signs it, a form brings it back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config.clients import client_of
from config.exceptions import RuleBroken
from earners.exceptions import PasskeyUnknown
from earners.forms import EmailForm
from earners.models import EarnerAccount
from earners.services.passkeys import (
    add_passkey,
    ask_new_passkey,
    ask_passkey,
    remove_passkey,
    rename_passkey,
    sign_in_with_passkey,
)
from earners.views import visitors
from earners.views.sign_in import entrance, give_secret, let_in, new_secret, refused, secret_of

ANSWER = "passkey"  # the field with the JSON of the browser's answer
NAME = "passkey-name"


@require_POST
def sign_in_options(request: HttpRequest) -> HttpResponse:
    """Answer what the browser needs to sign in, as JSON."""
    browser = secret_of(request) or new_secret()
    try:
        options = ask_passkey(browser=browser, client=client_of(request))
    except RuleBroken as refusal:
        return _refused_script(refusal.message)
    return _options(options, browser)


@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Open the account of a passkey."""
    try:
        account = sign_in_with_passkey(answer=request.POST.get(ANSWER, ""), browser=secret_of(request))
    except RuleBroken as refusal:
        messages.error(request, refusal.message)
        return entrance(request, EmailForm(), 400)
    return let_in(request, account)


@require_POST
@visitors.for_account
def new_options(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Answer what the browser needs to make a passkey, as JSON."""
    if not visitors.is_fresh(request):
        return _refused_script(_("You signed in a while ago. Sign in again to add a passkey."))
    browser = secret_of(request) or new_secret()
    try:
        options = ask_new_passkey(account=account, browser=browser, client=client_of(request))
    except RuleBroken as refusal:
        return _refused_script(refusal.message)
    return _options(options, browser)


@require_POST
@visitors.for_fresh_account
def add(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Add the passkey that the browser made."""
    try:
        passkey = add_passkey(
            account=account,
            name=request.POST.get(NAME, ""),
            answer=request.POST.get(ANSWER, ""),
            browser=secret_of(request),
        )
    except RuleBroken as refusal:
        return refused(request, refusal)
    messages.success(request, _("“%(name)s” signs you in from now on.") % {"name": passkey.name})
    return _back()


@require_POST
@visitors.for_account
def rename(request: HttpRequest, account: EarnerAccount, passkey: int) -> HttpResponse:
    """Give a passkey another name."""
    try:
        rename_passkey(account=account, passkey=passkey, name=request.POST.get("name", ""))
    except PasskeyUnknown as unknown:
        raise Http404 from unknown
    except RuleBroken as refusal:
        return refused(request, refusal)
    messages.success(request, _("Saved."))
    return _back()


@require_POST
@visitors.for_account
def remove(request: HttpRequest, account: EarnerAccount, passkey: int) -> HttpResponse:
    """Remove a passkey."""
    try:
        remove_passkey(account=account, passkey=passkey)
    except PasskeyUnknown as unknown:
        raise Http404 from unknown
    messages.success(
        request,
        _(
            "The passkey opens nothing here any more. Delete it on your device too, so that it is not offered."
        ),
    )
    return _back()


def _options(options: dict[str, object], browser: str) -> HttpResponse:
    response = JsonResponse(options)
    give_secret(response, browser)
    return visitors.private(response)


def _refused_script(message: str) -> HttpResponse:
    return visitors.private(JsonResponse({"message": message}, status=400))


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("my_account"))
