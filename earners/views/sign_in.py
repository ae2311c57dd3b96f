"""Signing in by mail: an address is typed, a code or a link comes back, once, from who reads that address's mail.

The page has the other ways in beside it: passkeys.py and openid.py.
"""

import math
import secrets
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from config.clients import client_of
from config.exceptions import RuleBroken
from earners.enums import SignInPurpose
from earners.exceptions import AddressClosed, SignInOver
from earners.forms import CodeForm, EmailForm
from earners.models import EarnerAccount, SignIn
from earners.services.openid import browser_providers
from earners.services.passkeys import public_origin, relying_party
from earners.services.sign_in import (
    LIFETIME,
    ask_sign_in,
    confirm_program,
    is_of_browser,
    sign_in_of_browser,
    sign_in_of_link,
    use_code,
    use_link,
)
from earners.views import visitors

COOKIE = "laurel_sign_in"
SALT = "earners.sign-in"


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form for an address; or have the mail sent, and lead to the form for the code. The same for any address."""
    form = EmailForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        if visitors.account_of(request) is not None and request.method != "POST":
            return visitors.private(HttpResponseRedirect(reverse("my_badges")))
        return entrance(request, form)
    return send(request, form, purpose=SignInPurpose.BROWSER) or entrance(request, form, refused_status(form))


def entrance(request: HttpRequest, form: EmailForm, status: int = 200) -> HttpResponse:
    """Answer the page with all ways in."""
    ways = {"providers": browser_providers(), "passkey_name": relying_party(), "origin": public_origin()}
    return visitors.page(request, "earner/sign_in.html", {"form": form, **ways}, status=status)


def send(
    request: HttpRequest, form: EmailForm, *, purpose: SignInPurpose, account: EarnerAccount | None = None
) -> HttpResponse | None:
    """Have the mail sent and lead to the form for the code; None when it was refused, and then the form says why."""
    browser = secret_of(request) or new_secret()
    try:
        ask_sign_in(
            email=form.cleaned_data["email"],
            purpose=purpose,
            language=get_language() or settings.LANGUAGE_CODE,
            client=client_of(request),
            browser=browser,
            account=account,
        )
    except RuleBroken as refusal:
        form.refuse(refusal)
        return None
    response = HttpResponseRedirect(
        reverse("earner_sign_in_code" if account is None else "earner_address_code")
    )
    give_secret(response, browser)
    return visitors.private(response)


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Show the form for the code in the browser that asked for it; or open the account with it."""
    asked = sign_in_of_browser(secret_of(request), SignInPurpose.BROWSER)
    if asked is None:
        return _over(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            opened = use_code(sign_in=asked, code=form.cleaned_data["code"], client=client_of(request))
        except AddressClosed as refusal:
            return refused(request, refusal)
        except SignInOver:
            return _over(request)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            return let_in(request, opened.account)
    return visitors.page(
        request, "earner/code.html", {"form": form, "asked": asked}, status=refused_status(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, uuid: UUID, secret: str) -> HttpResponse:
    """Open the account by the mailed link: at once in the browser that asked, elsewhere after a click.

    What reads mails before people do opens links too, but has not that browser's cookie, and does not click.
    """
    asked = sign_in_of_link(uuid, secret)
    if asked is None or not SignIn.objects.usable().filter(pk=asked.pk).exists():
        return _over(request)
    account = visitors.account_of(request)
    is_at_once = asked.purpose == SignInPurpose.BROWSER and is_of_browser(asked, secret_of(request))
    if request.method == "HEAD" or (request.method == "GET" and not is_at_once):
        is_elsewhere = asked.purpose == SignInPurpose.ADDRESS and (
            account is None or account.pk != asked.account_id
        )
        return visitors.page(
            request, "earner/link.html", {"asked": asked, "is_elsewhere": is_elsewhere, "account": account}
        )
    try:
        if asked.purpose == SignInPurpose.PROGRAM:
            confirm_program(sign_in=asked)
            return visitors.page(request, "earner/program.html")
        opened = use_link(sign_in=asked, account=account)
    except AddressClosed as refusal:
        return refused(request, refusal)
    except SignInOver:
        return _over(request)
    except RuleBroken as refusal:
        return refused(request, refusal)
    if asked.purpose == SignInPurpose.ADDRESS:
        return address_added(request, opened.account, asked.email)
    return let_in(request, opened.account)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    visitors.sign_out(request)
    return visitors.private(HttpResponseRedirect(reverse("earner_sign_in")))


def address_added(request: HttpRequest, account: EarnerAccount, email: str) -> HttpResponse:
    """Lead to the account, which has one address more. Its epoch may be another one now."""
    visitors.sign_in(request, account, is_proved=False)
    messages.success(request, _("%(email)s is yours now, and so are its badges.") % {"email": email})
    return visitors.private(HttpResponseRedirect(reverse("my_account")))


def secret_of(request: HttpRequest) -> str:
    """Return the secret by which the browser is known that asked; empty where it asked for nothing."""
    return str(request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=LIFETIME))


def new_secret() -> str:
    """Return a secret by which a browser is to be known."""
    return secrets.token_urlsafe(32)


def give_secret(response: HttpResponse, browser: str) -> None:
    """Have the browser keep a secret for as long as what it asked for is good."""
    response.set_signed_cookie(
        COOKIE,
        browser,
        salt=SALT,
        max_age=LIFETIME,
        path="/me",
        secure=settings.IS_SECURE,
        httponly=True,
        samesite="Lax",
    )


def refused_status(form: EmailForm | CodeForm) -> int:
    """Return the status of a page with a form: 200 also where something is to be corrected."""
    return 200 if not form.errors else 400


def let_in(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Sign in, and lead to the badges."""
    visitors.sign_in(request, account)
    response = HttpResponseRedirect(reverse("my_badges"))
    response.delete_cookie(COOKIE, path="/me", samesite="Lax")
    return visitors.private(response)


def refused(request: HttpRequest, refusal: RuleBroken) -> HttpResponse:
    """Lead to the account, or without one to the page with all ways in, and say there what was refused."""
    messages.error(request, refusal.message)
    return visitors.private(HttpResponseRedirect(reverse("my_account")))


def _over(request: HttpRequest) -> HttpResponse:
    minutes = math.ceil(LIFETIME.total_seconds() / 60)
    return visitors.page(request, "earner/over.html", {"minutes": minutes}, status=410)
