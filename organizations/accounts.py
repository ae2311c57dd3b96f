"""How members and staff sign in, as allauth is told: nobody signs up by its own page, and their language comes with them."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from organizations.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Allauth's own sign-up is closed: accounts are made by signing up with an organization, by invitation, or by staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Return that allauth's own page makes no accounts."""
        return False

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        """Lead on, in the language of who signed in.

        The password that they have just given counts where a page asks for it again: allauth would ask at once.
        """
        response: HttpResponse = super().post_login(request, user, **options)
        records = get_authentication_records(request, user)
        request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            record | {"reauthenticated": True} if record["method"] == "password" else record
            for record in records
        ]
        remember_language(response, user.language)
        return response

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        """Return the address of one's own profile, where the way to it began."""
        return reverse("my_profile")


def remember_language(response: HttpResponse, language: str) -> None:
    """Have the browser ask for pages in this language from now on, as Django's own `set_language` does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
