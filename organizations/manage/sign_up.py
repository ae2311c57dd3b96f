"""Signing up in the browser: who somebody is, then their organization; a page each."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from config.clients import client_of
from config.exceptions import RuleBroken
from organizations.exceptions import AccountExists, LinkOver, SignUpClosed
from organizations.manage.desk import private
from organizations.manage.forms_people import NewOrganizationForm, PersonForm, SignUpForm
from organizations.models import User
from organizations.services.sign_up import (
    Newcomer,
    ask_sign_up,
    count_try,
    email_of_link,
    has_account,
    is_sign_up_open,
    is_waiting_for_first,
    make_own_organization,
    may_make_organization,
    newcomer,
    sign_up_confirmed,
    sign_up_first,
)

NEWCOMER_KEY, ASKED_KEY = "signing_up", "sign_up_asked"  # of the session, until the account is made


@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Ask who somebody is; the first goes on to the organization, others find a link in their mail."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("my_organizations"))
    if not is_sign_up_open():
        return _closed(request)
    form = SignUpForm(request.POST if request.method == "POST" else None)
    is_first = is_waiting_for_first()
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            count_try(client_of(request))
            person = newcomer(email=email, **form.person())
            # Nobody but staff has an account then, and without mail there is no other way to tell them.
            if is_first and has_account(person.email):
                raise AccountExists(field="email")
            asked = None if is_first else ask_sign_up(email=person.email)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            request.session[NEWCOMER_KEY] = asdict(person)
            request.session[ASKED_KEY] = str(asked)
            return HttpResponseRedirect(reverse("new_organization" if is_first else "sign_up_sent"))
    return _page(request, "sign_up", {"form": form, "is_first": is_first}, form=form)


@require_safe
def sign_up_sent(request: HttpRequest) -> HttpResponse:
    """Say where the link went."""
    person = _newcomer_of(request)
    if person is None:
        return HttpResponseRedirect(reverse("sign_up"))
    return _page(request, "sent", {"email": person.email})


@sensitive_post_parameters("password", "password_again")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up_link(request: HttpRequest, asked: UUID, token: str) -> HttpResponse:
    """Make the account of who opened the mailed link; in another browser than they began in, ask for the password first.

    So a password that somebody else typed beside the address never opens the account.
    """
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("my_organizations"))
    try:
        email = email_of_link(asked=asked, token=token)
    except LinkOver:
        return _page(request, "over", {}, status=410)
    if has_account(email):
        return _page(request, "known", {"email": email})
    if not is_sign_up_open():
        return _closed(request)
    person = _newcomer_of(request)
    if person is None or person.email != email or request.session.get(ASKED_KEY) != str(asked):
        person = None
    form = PersonForm(request.POST if request.method == "POST" and person is None else None, of_email=email)
    if request.method == "POST" and (person is not None or form.is_valid()):
        try:
            user = sign_up_confirmed(person=person or newcomer(email=email, **form.person()))
        except RuleBroken as refusal:
            messages.error(request, refusal.message)
        else:
            return enter(request, user, reverse("new_organization"))
    return _page(request, "confirm", {"form": form if person is None else None, "email": email}, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def new_organization(request: HttpRequest) -> HttpResponse:
    """Ask about an organization and make it, with its owner where it is the first of the server."""
    user = request.user if isinstance(request.user, User) else None
    person = _newcomer_of(request) if user is None else None
    if user is not None and not may_make_organization(user):
        return _closed(request)
    if user is None and (person is None or not is_waiting_for_first()):
        if person is not None and not is_sign_up_open():
            _forget(request)
            return _closed(request)
        return HttpResponseRedirect(reverse("sign_up" if is_sign_up_open() else "account_login"))
    form = NewOrganizationForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        name, fields = form.cleaned_data["name"], form.fields_of_organization()
        try:
            if person is not None:
                user, organization = sign_up_first(person=person, name=name, fields=fields)
            else:
                assert user is not None  # noqa: S101  for the type checker: led away above
                organization = make_own_organization(user=user, name=name, fields=fields)
        except SignUpClosed:
            _forget(request)
            return _closed(request)
        except AccountExists as refusal:
            _forget(request)
            messages.error(request, refusal.message)
            return HttpResponseRedirect(reverse("account_login"))
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            dashboard = reverse("manage:dashboard", args=[organization.pk])
            messages.success(request, _("%(name)s is ready to issue badges.") % {"name": organization.name})
            return HttpResponseRedirect(dashboard) if person is None else enter(request, user, dashboard)
    return _page(request, "organization", {"form": form, "person": person}, form=form)


def enter(request: HttpRequest, user: User, address: str) -> HttpResponse:
    """Sign in somebody who has just chosen their password, and lead them on."""
    _forget(request)
    login = Login(user=user, email_verification="none", redirect_url=address)
    response: HttpResponse = perform_password_login(request, {"email": user.email}, login)
    return response


def _newcomer_of(request: HttpRequest) -> Newcomer | None:
    kept = request.session.get(NEWCOMER_KEY)
    return Newcomer(**kept) if kept else None


def _forget(request: HttpRequest) -> None:
    for key in (NEWCOMER_KEY, ASKED_KEY):
        request.session.pop(key, None)


def _closed(request: HttpRequest) -> HttpResponse:
    """Say that nobody signs up here; 403 for who tried."""
    status = 200 if request.method in {"GET", "HEAD"} else 403
    response = render(request, "manage/sign_up/closed.html", status=status)
    private(response)
    return response


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, form: Any = None, status: int = 200
) -> HttpResponse:
    if form is not None and form.errors:
        status = 400
    response = render(request, f"manage/sign_up/{name}.html", context, status=status)
    private(response)
    return response
