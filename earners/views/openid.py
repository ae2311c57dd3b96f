"""Signing in at an identity provider: the browser goes there, and comes back with an answer."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from config.clients import client_of
from config.exceptions import RuleBroken
from earners.models import EarnerAccount
from earners.services.openid import begin_at_provider, return_from_provider
from earners.views import visitors
from earners.views.sign_in import address_added, give_secret, let_in, new_secret, secret_of


@require_POST
def leave_to_provider(request: HttpRequest) -> HttpResponse:
    """Lead to a provider, to sign in there."""
    return _lead(request, None)


@require_POST
@visitors.for_fresh_account
def leave_to_add_address(request: HttpRequest, account: EarnerAccount) -> HttpResponse:
    """Lead to a provider, to add the address that it vouches for."""
    return _lead(request, account)


@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer: sign in, or add the address."""
    account = visitors.account_of(request)
    if request.method == "HEAD":  # who only looks uses nothing up
        return visitors.private(HttpResponse())
    try:
        vouched = return_from_provider(answer=request.GET.dict(), browser=secret_of(request), account=account)
    except RuleBroken as refusal:
        return _refused(request, refusal, account)
    if vouched.is_added:
        return address_added(request, vouched.account, vouched.email)
    return let_in(request, vouched.account)


def _lead(request: HttpRequest, account: EarnerAccount | None) -> HttpResponse:
    """Answer a page that leads on by itself: a redirect after a form would be stopped by our Content-Security-Policy."""
    browser = secret_of(request) or new_secret()
    try:
        provider, address = begin_at_provider(
            issuer=request.POST.get("provider", ""),
            browser=browser,
            client=client_of(request),
            account=account,
        )
    except RuleBroken as refusal:
        return _refused(request, refusal, account)
    response = visitors.page(request, "earner/provider.html", {"provider": provider, "address": address})
    give_secret(response, browser)
    return response


def _refused(request: HttpRequest, refusal: RuleBroken, account: EarnerAccount | None) -> HttpResponse:
    return visitors.page(
        request, "earner/provider_refused.html", {"refusal": refusal, "account": account}, status=400
    )
