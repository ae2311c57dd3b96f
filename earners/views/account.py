"""A person's account: its addresses, passkeys, programs, sessions, and its public page."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.clients import client_of
from config.exceptions import RuleBroken
from earners.enums import SignInPurpose
from earners.exceptions import SignInOver
from earners.forms import CodeForm, CollectionForm, EmailForm, PasskeyForm
from earners.models import AccountEmail, EarnerAccount, LoginToken
from earners.services.accounts import (
    close_address,
    delete_account,
    end_sessions,
    remove_address,
    show_collection,
    what_stays,
)
from earners.services.openid import browser_providers
from earners.services.passkeys import MAX_PASSKEYS, list_passkeys, public_origin, relying_party
from earners.services.sign_in import sign_in_of_browser, use_code
from earners.services.tokens import list_login_tokens, revoke_login_token
from earners.views import visitors
from earners.views.sign_in import address_added, refused, secret_of, send


@require_safe
@visitors.for_account
def account(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Show all of it."""
    return _page(request, account)


@require_POST
@visitors.for_fresh_account
def add_address(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Have a code sent to an address that is to be added."""
    form = EmailForm(request.POST)
    sent = form.is_valid() and send(request, form, purpose=SignInPurpose.ADDRESS, account=account)
    return sent or _page(request, account, email_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitors.for_fresh_account
def address_code(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Add the address with the code that was sent there."""
    asked = sign_in_of_browser(secret_of(request), SignInPurpose.ADDRESS)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if asked is None or asked.account_id != account.pk:
        return refused(request, SignInOver())
    if form.is_valid():
        try:
            opened = use_code(sign_in=asked, code=form.cleaned_data["code"], client=client_of(request))
        except RuleBroken as refusal:
            if refusal.field != "code":
                return refused(request, refusal)
            form.refuse(refusal)
        else:
            return address_added(request, opened.account, asked.email)
    return visitors.page(
        request,
        "earner/code.html",
        {"form": form, "asked": asked, "account": account},
        status=400 if form.errors else 200,
    )


@require_POST
@visitors.for_fresh_account
def drop_address(request: HttpRequest, account: EarnerAccount, address: int) -> HttpResponse:
    """Take an address off."""
    try:
        remove_address(account=account, address=address)
    except RuleBroken as refusal:
        return refused(request, refusal)
    messages.success(
        request, _("The address is removed. Nothing was deleted: add it again to have its badges.")
    )
    return _back()


@require_POST
@visitors.for_fresh_account
def shut_address(request: HttpRequest, account: EarnerAccount, address: int) -> HttpResponse:
    """Let an address sign in no more."""
    try:
        close_address(account=account, address=address)
    except RuleBroken as refusal:
        return refused(request, refusal)
    messages.success(request, _("The address signs in no longer. Its badges stay yours."))
    return _back()


@require_POST
@visitors.for_account
def drop_token(request: HttpRequest, account: EarnerAccount, token: int) -> HttpResponse:
    """Close the account to a program; another's token answers as none."""
    row = LoginToken.objects.filter(account=account, pk=token).first()
    if row is not None:
        revoke_login_token(token=row)
    messages.success(request, _("The program gets in no more."))
    return _back()


@require_POST
@visitors.for_account
def leave_everywhere(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """End all sessions but this one, and close the account to all programs."""
    end_sessions(account=account)
    visitors.sign_in(request, account, is_proved=False)
    messages.success(request, _("Signed out everywhere else; programs get in no more."))
    return _back()


@require_POST
@visitors.for_account
def collection(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Have the page with the public badges, or not."""
    form = CollectionForm(request.POST)
    if form.is_valid():
        try:
            account = show_collection(account=account, **form.cleaned_data)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                _("Your page is public.") if account.collection_uuid else _("You have no public page."),
            )
            return _back()
    return _page(request, account, collection_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@visitors.for_account
def delete(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Say what goes and what stays; or delete the account, and sign out. For who signed in lately, as it is for good."""
    if not visitors.is_fresh(request):
        messages.error(request, _("You signed in a while ago. Sign in again to delete your account."))
        return _back()
    if request.method != "POST":
        context = {"account": account, "stays": what_stays(account)}
        return visitors.page(request, "earner/delete.html", context)
    delete_account(account=account)
    visitors.sign_out(request)
    return visitors.page(request, "earner/deleted.html")


def _page(
    request: HttpRequest,
    account: EarnerAccount,
    *,
    email_form: EmailForm | None = None,
    collection_form: CollectionForm | None = None,
) -> HttpResponse:
    initial = {"is_shown": account.collection_uuid is not None, "name": account.name}
    has_errors = email_form is not None or collection_form is not None
    passkeys = list_passkeys(account)
    addresses = AccountEmail.objects.filter(account=account)
    shown = account.collection_uuid and reverse("collection", args=[account.collection_uuid])
    return visitors.page(
        request,
        "earner/account.html",
        {
            "account": account,
            "addresses": addresses,
            "is_fresh": visitors.is_fresh(request),
            "ways_in": sum(one.signs_in for one in addresses),
            "providers": browser_providers(),
            "passkeys": passkeys,
            "passkey_name": relying_party(),
            "passkey_form": PasskeyForm(prefix="passkey"),
            "has_room_for_passkeys": len(passkeys) < MAX_PASSKEYS,
            "origin": public_origin(),
            "tokens": list_login_tokens(account),
            "email_form": email_form or EmailForm(),
            "collection_url": f"{settings.PUBLIC_URL}{shown}" if shown else "",
            "collection_form": collection_form or CollectionForm(initial=initial),
        },
        status=400 if has_errors else 200,
    )


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("my_account"))
