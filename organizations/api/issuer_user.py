"""Who asks the issuer API (reference openbadge_eu, section 8): the user who is signed in, or the API key as one."""

import json
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import documented
from config.api.issuer.fields import Shape, spaced, timestamp
from config.api.issuer.views import answer
from organizations.api import issuer_examples as examples
from organizations.api.issuer_access import OrganizationView
from organizations.api.issuer_organization import OrganizationShape, organization_body
from organizations.enums import ApiScope, Language, Role
from organizations.models import ApiKey, User

TAG = "Authenticated user"
# The only role of the original: whoever acts for an organization that issues. Its clients look for it in the scopes.
ISSUER = "issuer"


class UserRoleShape(Shape):
    """What who asks may do."""

    slug = serializers.CharField(
        help_text="`issuer` for an API key; for a user owner, admin, issuer or viewer."
    )
    name = serializers.CharField()
    description = serializers.CharField()
    scopes = serializers.CharField(help_text='A JSON text: ["issuer", "read", "write", "issue"]')


class ProfileSettingsShape(Shape):
    """Texts, not flags."""

    public_profile = serializers.ChoiceField(["0", "1"])
    public_badges = serializers.ChoiceField(["0", "1"])


class ProfileShape(Shape):
    """A person, or what stands for one."""

    name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    profile_picture_path = serializers.CharField(allow_null=True)
    profile_picture_high_path = serializers.CharField(allow_null=True)
    profile_picture_thumbnail_path = serializers.CharField(allow_null=True)
    settings = ProfileSettingsShape()
    language = serializers.ChoiceField(Language.choices)
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    t_c_accepted_at = serializers.CharField(allow_null=True)


class UserShape(Shape):
    """Who asks, not wrapped in `data`.

    An API key is a user by the name of the key, with the organization's address, in the organization's language.
    """

    example = examples.USER
    uuid = serializers.UUIDField()
    username = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    email_verified_at = serializers.CharField(allow_null=True, help_text="2024-07-18 14:18:21, UTC")
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    role = UserRoleShape()
    profile = ProfileShape()
    organization = OrganizationShape()


class UserRoute(OrganizationView):
    """`/api/v1/auth/user`"""

    @documented("Who asks", tag=TAG, answer=UserShape, wrapped=False)
    def get(self, request: Request) -> HttpResponse:
        """Answer who asks, with the organization that they act for."""
        who = self._key(self.actor) if isinstance(self.actor, ApiKey) else self._user(self.actor)
        return answer(who | {"organization": organization_body(self.organization)})

    def _key(self, key: ApiKey) -> dict[str, Any]:
        moment = timestamp(key.created_at)
        return {
            "uuid": str(key.uuid),
            "username": key.name,
            "email": self.organization.email or None,
            "email_verified_at": None,
            "created_at": moment,
            "updated_at": moment,
            "role": self._role(ISSUER, _("Issuer"), _("A program that acts for the organization.")),
            "profile": _profile(key.name, None, self.organization.language, moment, moment),
        }

    def _user(self, user: User) -> dict[str, Any]:
        role = Role(self.membership.role)
        made, changed = timestamp(user.created_at), timestamp(user.updated_at)
        return {
            "uuid": str(user.uuid),
            "username": user.email,
            "email": user.email,
            "email_verified_at": spaced(user.email_verified_at),
            "created_at": made,
            "updated_at": changed,
            "role": self._role(role.value, str(role.label), _("A member of the organization.")),
            "profile": _profile(
                user.first_name or None, user.last_name or None, user.language, made, changed
            ),
        }

    def _role(self, slug: str, name: str, description: str) -> dict[str, str]:
        scopes = [ISSUER, *(scope.value for scope in ApiScope if scope in self.scopes)]
        return {
            "slug": slug,
            "name": name,
            "description": description,
            "scopes": json.dumps(scopes, separators=(",", ":")),
        }


def _profile(
    name: str | None, last_name: str | None, language: str, made: str | None, changed: str | None
) -> dict[str, Any]:
    """Return a profile. Users of an organization have no public profile here, and no picture."""
    return {
        "name": name,
        "last_name": last_name,
        "profile_picture_path": None,
        "profile_picture_high_path": None,
        "profile_picture_thumbnail_path": None,
        "settings": {"public_profile": "0", "public_badges": "0"},
        "language": language,
        "created_at": made,
        "updated_at": changed,
        "t_c_accepted_at": None,
    }


urlpatterns = [path("auth/user", UserRoute.as_view())]
