"""A member at work in the browser: signs in, opens pages of the issuers, sends their forms."""

import time
from typing import Any

from django.test import Client
from django.urls import reverse

from organizations.models import Organization, User


class Member:
    """Somebody who is signed in, and gave their password a moment ago unless `is_fresh` is False."""

    def __init__(self, user: User, organization: Organization, *, is_fresh: bool = True) -> None:
        self.organization = organization
        self.client = Client()
        self.client.force_login(user)
        if is_fresh:
            session = self.client.session
            # As allauth notes it (allauth.account.internal.flows.login).
            session["account_authentication_methods"] = [
                {"method": "password", "at": time.time(), "reauthenticated": True}
            ]
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()

    def url(self, name: str, *args: Any) -> str:
        """Return the address of a page of the organization."""
        return reverse(f"manage:{name}", args=[self.organization.pk, *args])

    def get(self, name: str, /, *args: Any, **query: Any) -> Any:
        """Open a page."""
        return self.client.get(self.url(name, *args), query)

    def post(self, name: str, /, *args: Any, follow: bool = False, **fields: Any) -> Any:
        """Send a form; with `follow` the answer is the page that it leads to."""
        return self.client.post(self.url(name, *args), fields, follow=follow)
