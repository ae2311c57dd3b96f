"""Who works in the browser, for which organization, and what they may there: every page of issuers starts here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode, urlsplit

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from config.exceptions import RuleBroken
from organizations.enums import ApiScope, Role
from organizations.models import Membership, Organization, User
from organizations.services.authority import ROLE_SCOPES

BIGGEST_PK = 2**63 - 1  # what a column of the database holds
LOOKING_KEY = "looking_in_at"  # of the session: the organizations that a member of staff chose to look in at
Parameters = ParamSpec("Parameters")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Somebody at work for an organization.

    `role` is None for staff who look in: they see what an admin sees and change nothing.
    """

    organization: Organization
    user: User
    role: Role | None

    @property
    def scopes(self) -> frozenset[ApiScope]:
        """What they may do; of staff who look in nothing, as all that they may is to see every page."""
        return ROLE_SCOPES[self.role] if self.role is not None else frozenset()

    @property
    def is_staff_look(self) -> bool:
        """Whether it is staff looking in, who are no members."""
        return self.role is None

    @property
    def may_issue(self) -> bool:
        """Whether they may issue and revoke badges."""
        return ApiScope.ISSUE in self.scopes

    @property
    def may_write(self) -> bool:
        """Whether they may change what the organization has: templates, lists, team, settings."""
        return ApiScope.WRITE in self.scopes

    @property
    def is_owner(self) -> bool:
        """Whether they own the organization."""
        return self.role == Role.OWNER

    def url(self, name: str, *args: Any, **query: Any) -> str:
        """Return the address of a page of this organization: desk.url("badge", uuid), desk.url("badges", q="Ada")."""
        address = reverse(f"manage:{name}", args=[self.organization.pk, *args])
        return f"{address}?{urlencode(query)}" if query else address

    def go(self, name: str, *args: Any, **query: Any) -> HttpResponseRedirect:
        """Lead to a page of this organization."""
        return HttpResponseRedirect(self.url(name, *args, **query))

    def page(
        self,
        request: HttpRequest,
        template: str,
        context: Mapping[str, Any] | None = None,
        *,
        status: int = 200,
    ) -> HttpResponse:
        """Answer a page; templates get `desk`."""
        return render(request, template, {**(context or {}), "desk": self}, status=status)


def for_scope(
    scope: ApiScope, *, to_write: ApiScope | None = None
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Make a view of an organization's page for whoever has `scope` there; sending a form needs `to_write` where given.

    The view gets the desk. Who is not signed in is led to sign in and back; who is no member gets 404, as where there is no
    such organization; whose role is too low gets 403. Staff who chose to look in may read and nothing else. Times are the
    organization's; the language is the person's own unless this browser was told another.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def entered(request: HttpRequest, organization: int, **kwargs: Any) -> HttpResponseBase:
            user = request.user
            if isinstance(user, AnonymousUser):
                if request.method == "POST":
                    messages.warning(
                        request,
                        _("You were signed out meanwhile, so nothing was saved. Sign in, and type it again."),
                    )
                return private(redirect_to_login(_page_to_come_back_to(request, organization)))
            desk = desk_of(request, user, organization)
            needed = scope if request.method in {"GET", "HEAD"} else to_write or scope
            is_reading = request.method in {"GET", "HEAD"}
            if not (desk.is_staff_look and is_reading) and needed not in desk.scopes:
                raise PermissionDenied
            if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
                translation.activate(user.language)
                request.LANGUAGE_CODE = user.language
            with timezone.override(desk.organization.time_zone):
                return private(view(request, desk, **kwargs))

        return entered

    return decorate


def lately_confirmed(
    view: Callable[Concatenate[HttpRequest, Desk, Parameters], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Desk, Parameters], HttpResponseBase]:
    """Make a view ask for the password again, unless it was given in the last five minutes: for keys, owners and the like.

    Stands below `for_scope`. A form that was sent is taken up again afterwards.
    """
    confirmed: Callable[Concatenate[HttpRequest, Desk, Parameters], HttpResponseBase] = (
        reauthentication_required(view)
    )
    return confirmed


def desk_of(request: HttpRequest, user: User, organization: int) -> Desk:
    """Return where a user works; raises Http404 for who has no business there."""
    if organization > BIGGEST_PK:
        raise Http404
    membership = (
        Membership.objects.select_related("organization").filter(user=user, organization=organization).first()
    )
    if membership is not None and user.is_active:
        return Desk(organization=membership.organization, user=user, role=Role(membership.role))
    if user.sees_everything and organization in request.session.get(LOOKING_KEY, []):
        found = Organization.objects.filter(pk=organization).first()
        if found is not None:
            return Desk(organization=found, user=user, role=None)
    raise Http404


def private(response: HttpResponseBase) -> HttpResponseBase:
    """Mark an answer as one person's: kept by no cache, found by no search engine."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def say_refused(request: HttpRequest, refusal: RuleBroken) -> None:
    """Show a refusal above the next page, where no form is there to show it in."""
    messages.error(request, refusal.message)


def _page_to_come_back_to(request: HttpRequest, organization: int) -> str:
    """Return where signing in leads: the page that was asked for, or of a form the page that it stood on.

    The address of a form may take forms and nothing else (a batch's "pause").
    """
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    home = reverse("manage:dashboard", args=[organization])
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return home
    parts = urlsplit(page)
    is_ours = parts.path.startswith(f"/manage/{organization}/")
    return f"{parts.path}?{parts.query}".rstrip("?") if is_ours else home
