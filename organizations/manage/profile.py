"""One's own account: names, language, address, where one is signed in; and the language of this browser."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from config.exceptions import RuleBroken
from organizations.accounts import remember_language
from organizations.enums import Language
from organizations.exceptions import LinkOver
from organizations.manage.desk import private, say_refused
from organizations.manage.forms_people import AddressForm, MyProfileForm, PasswordForm
from organizations.models import User
from organizations.services.profiles import (
    address_of_link,
    ask_address,
    change_address,
    change_profile,
    end_other_sessions,
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def my_profile(request: HttpRequest) -> HttpResponse:
    """Show one's own account; or change what one is called and which language one reads."""
    user = user_of(request)
    initial = {name: getattr(user, name) for name in ("first_name", "last_name", "language")}
    form = MyProfileForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        values = form.cleaned_data
        change_profile(
            user=user,
            first_name=values["first_name"],
            last_name=values["last_name"],
            language=Language(values["language"]),
        )
        with override(user.language):  # the page that says so is in it already
            messages.success(request, _("Saved."))
        response = HttpResponseRedirect(reverse("my_profile"))
        remember_language(response, user.language)
        return response
    context = {
        "form": form,
        "has_second_factor": Authenticator.objects.filter(
            user=user, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        ).exists(),
    }
    return _page(request, "profile", context, form=form)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_address(request: HttpRequest) -> HttpResponse:
    """Ask for another address and the password; then mail a link to that address."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            email = ask_address(user=user_of(request), **form.cleaned_data)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            words = _("A link is on its way to %(address)s. Your address changes when you open it.")
            messages.success(request, words % {"address": email})
            return HttpResponseRedirect(reverse("my_profile"))
    return _page(request, "address", {"form": form}, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether the address of a mailed link is to be one's own; or make it so."""
    user = user_of(request)
    try:
        email = address_of_link(user=user, token=token)
        if request.method == "POST":
            change_address(user=user, token=token)
            words = _("Your address is %(address)s now. Sign in with it from now on.")
            messages.success(request, words % {"address": email})
            return HttpResponseRedirect(reverse("my_profile"))
    except LinkOver:
        return _page(request, "address_over", {}, status=410)
    except RuleBroken as refusal:
        say_refused(request, refusal)
        return HttpResponseRedirect(reverse("my_profile"))
    return _page(request, "address_confirm", {"email": email})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    """Ask for the password; then sign out everywhere but here."""
    user = user_of(request)
    form = PasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            end_other_sessions(user=user, password=form.cleaned_data["password"])
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            update_session_auth_hash(request, user)
            messages.success(request, _("You are signed out everywhere else."))
            return HttpResponseRedirect(reverse("my_profile"))
    return _page(request, "sessions", {"form": form}, form=form)


@csrf_exempt
@require_POST
def switch_language(request: HttpRequest) -> HttpResponseBase:
    """Show pages in another language, in this browser; to who is signed in, wherever they sign in next.

    The form stands on pages that are the same for everybody, so it has no token: what comes from a page of another site, or
    does not say where from, changes nothing (403). Leads back to `next` or to the page that it came from, if they are ours.
    """
    if not _is_from_here(request):
        raise PermissionDenied
    response = set_language(request)
    language = request.POST.get("language")
    if isinstance(request.user, User) and language in Language.values:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return response


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; their pages let nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _is_from_here(request: HttpRequest) -> bool:
    """Whether a form was sent from a page of ours, by what browsers say of it and pages cannot."""
    origin = request.headers.get("Origin")
    if origin is None:
        try:
            referrer = urlsplit(request.headers.get("Referer", ""))
        except ValueError:
            return False
        origin = f"{referrer.scheme}://{referrer.netloc}"
    return origin in {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, form: Any = None, status: int = 200
) -> HttpResponse:
    if form is not None and form.errors:
        status = 400
    response = render(request, f"manage/profile/{name}.html", {"place": "profile", **context}, status=status)
    private(response)
    return response
