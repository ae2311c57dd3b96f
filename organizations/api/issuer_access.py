"""Who asks the issuer API, for which organization, what they may, and how often: the base of all its views."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication

from config.api.issuer.errors import Forbidden, Missing
from config.api.issuer.filters import LaravelFilterSet
from config.api.issuer.views import IssuerView, refuse_field
from organizations.enums import ApiScope
from organizations.models import ApiKey, Membership, Organization, User
from organizations.services.access import find_api_key
from organizations.services.authority import ROLE_SCOPES
from organizations.services.idempotency import answer_once
from organizations.services.organizations import require_enabled
from organizations.services.rates import count_request

ORGANIZATION_HEADER = "Laurel-Organization"
MAX_KEY = 255


class OrganizationView(IssuerView):
    """A route of the one organization that an API key, or a member who is signed in, acts for.

    `self.organization` is that organization and `self.actor` who asks. A member of several organizations names one by its
    id in the header Laurel-Organization; without it the first one is meant.
    """

    # Whether a disabled organization may still do this: nothing but reading, unless a view says so.
    serves_disabled: ClassVar[bool] = False
    organization: Organization
    actor: ApiKey | User
    membership: Membership  # of a user who is signed in; an API key has none
    scopes: frozenset[ApiScope]

    def identify(self) -> None:
        """Take the key of the header Authorization, or else the session. Raises NotAuthenticated."""
        header = self.request.headers.get("Authorization", "")
        if header:
            scheme, _space, text = header.partition(" ")
            key = find_api_key(text.strip()) if scheme.lower() == "bearer" and text.isascii() else None
            if key is None:
                raise exceptions.NotAuthenticated
            self.actor, self.organization = key, key.organization
            self.scopes = frozenset(ApiScope(scope) for scope in key.scopes)
            return
        user = getattr(self.request._request, "user", None)
        if user is None or isinstance(user, AnonymousUser) or not user.is_active:
            raise exceptions.NotAuthenticated
        if self._method() not in {"GET", "HEAD", "OPTIONS"}:
            _SessionGuard().enforce_csrf(self.request)
        membership = self._membership(user)
        self.actor, self.organization, self.membership = user, membership.organization, membership
        self.scopes = ROLE_SCOPES[membership.role]

    def _membership(self, user: User) -> Membership:
        memberships = Membership.objects.select_related("organization").filter(user=user)
        named = self.request.headers.get(ORGANIZATION_HEADER)
        membership = next(
            (
                one
                for one in memberships.order_by("pk")
                if named is None or str(one.organization.uuid) == named
            ),
            None,
        )
        if membership is None:
            raise Forbidden(_("You are not a member of this organization."))
        return membership

    def speak(self) -> None:
        """Where Accept-Language names none that is spoken here, the language is the organization's."""
        if not _names_a_language(self.request.headers.get("Accept-Language", "")):
            translation.activate(self.organization.language)

    def count(self) -> None:
        """Count the request; every answer says how many are left."""
        limit = settings.API_RATE_LIMIT
        if not limit:
            return
        client = f"key:{self.actor.prefix}" if isinstance(self.actor, ApiKey) else f"user:{self.actor.pk}"
        standing = count_request(client, limit=limit)
        self.headers["X-RateLimit-Limit"] = str(standing.limit)
        self.headers["X-RateLimit-Remaining"] = str(standing.remaining)
        if not standing.is_allowed:
            self.headers["Retry-After"] = str(standing.resets_in)
            self.headers["X-RateLimit-Reset"] = str(int(timezone.now().timestamp()) + standing.resets_in)
            raise _TooManyAttempts

    def allow(self, scope: str) -> None:
        """Raise Forbidden without the scope, OrganizationDisabled for what a disabled organization may not."""
        if ApiScope(scope) not in self.scopes:
            if isinstance(self.actor, ApiKey):
                message = _("This API key lacks the scope “%(scope)s”.")
            else:
                message = _("Your role in this organization does not allow this (it lacks “%(scope)s”).")
            raise Forbidden(message % {"scope": scope})
        if self._method() not in {"GET", "HEAD"} and not self.serves_disabled:
            require_enabled(self.organization)

    def once(self, key: str, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
        """Act, or give the answer of the first time, which the header Idempotent-Replayed says."""
        if not 1 <= len(key) <= MAX_KEY:
            refuse_field(
                "Idempotency-Key", _("An Idempotency-Key has 1 to %(limit)d characters.") % {"limit": MAX_KEY}
            )

        def do() -> tuple[int, str]:
            response = act()
            if not isinstance(response, HttpResponse):
                raise TypeError("a stream cannot be answered again")
            return response.status_code, response.content.decode()

        (status, body), is_replayed = answer_once(
            organization=self.organization, key=key, fingerprint=self._fingerprint(), act=do
        )
        if is_replayed:
            self.headers["Idempotent-Replayed"] = "true"
        return HttpResponse(body, status=status, content_type="application/json")

    def _fingerprint(self) -> str:
        request = self.request
        said = json.dumps(
            [request.path, request.META.get("QUERY_STRING", ""), request.data],
            sort_keys=True,
            default=_said_of,
        )
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    def filtered(self, filters: type[LaravelFilterSet], rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows that the query asks for; days are those of the organization. Raises Invalid with every error."""
        asked = filters.asked(self.request.query_params)
        return filters.narrow(rows, asked, time_zone=self.organization.time_zone)

    def get_serializer_context(self) -> dict[str, Any]:
        """Dates without a zone are the organization's."""
        return {
            "request": self.request,
            "time_zone": self.organization.time_zone,
            "organization": self.organization,
        }


def no_such(thing: str) -> Missing:
    """Return the refusal for something that is not there, or not the organization's: both look the same."""
    return Missing(_("There is no %(thing)s with this id in your organization.") % {"thing": thing})


def _names_a_language(accepted: str) -> bool:
    """Tell whether a language that is spoken here is accepted before any other: programs often send `*` by themselves."""
    for code, _quality in parse_accept_lang_header(accepted.lower()):
        if code == "*":
            return False
        with suppress(LookupError):
            return bool(translation.get_supported_language_variant(code))
    return False


class _SessionGuard(SessionAuthentication):
    """Django REST framework's check of the CSRF token."""


class _TooManyAttempts(exceptions.APIException):
    status_code = 429
    default_detail = gettext_lazy("Too Many Attempts.")


def _said_of(file: Any) -> Any:
    if isinstance(file, UploadedFile):
        digest = hashlib.sha256()
        for chunk in file.chunks():
            digest.update(chunk)
        file.seek(0)
        return [file.name, digest.hexdigest()]
    return str(file)
