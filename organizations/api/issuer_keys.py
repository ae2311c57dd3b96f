"""API keys in the issuer API: listed without their secret, made, revoked."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import documented
from config.api.issuer.fields import Input, MomentField, Shape, TextField, timestamp
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from organizations.api import issuer_examples as examples
from organizations.api.issuer_access import OrganizationView, no_such
from organizations.enums import ApiScope
from organizations.models import ApiKey
from organizations.services.access import create_api_key, revoke_api_key

TAG = "API keys"


class ApiKeyShape(Shape):
    """An API key, without what opens anything."""

    example = examples.API_KEY
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How the key begins, after `lrl_`.")
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiScope.choices))
    expires_at = serializers.CharField(allow_null=True, help_text="2024-06-17T06:37:33.000000Z")
    last_used_at = serializers.CharField(
        allow_null=True, help_text="2024-06-17T06:37:33.000000Z, to the minute"
    )
    revoked_at = serializers.CharField(allow_null=True, help_text="2024-06-17T06:37:33.000000Z")
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")


class NewApiKeyShape(ApiKeyShape):
    """An API key that was just made."""

    example = {**examples.API_KEY, "key": "lrl_880173edbd04_…"}
    key = serializers.CharField(help_text="The key itself, which is shown this once.")


def key_body(key: ApiKey) -> dict[str, Any]:
    """Return a key as ApiKeyShape says."""
    return {
        "id": str(key.uuid),
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": timestamp(key.expires_at),
        "last_used_at": timestamp(key.last_used_at),
        "revoked_at": timestamp(key.revoked_at),
        "created_at": timestamp(key.created_at),
    }


class ApiKeyInput(Input):
    """A new key."""

    example = examples.API_KEY_REQUEST
    name = TextField(max_length=100)
    scopes = serializers.ListField(child=serializers.ChoiceField(ApiScope.choices), allow_empty=False)
    expires_at = MomentField(required=False, allow_null=True)


class ApiKeysRoute(OrganizationView):
    """`/api/v1/issuers/organization/api_keys`"""

    # The answer has a secret, which is kept nowhere.
    takes_idempotency_key = False

    @documented(
        "API keys",
        tag=TAG,
        description="Newest first, revoked and expired ones too.",
        answer=ApiKeyShape,
        listed=True,
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of keys."""
        keys = ApiKey.objects.filter(organization=self.organization).order_by("-pk")
        return answer(page_of(request, QuerySetSource(keys), key_body))

    @documented(
        "Make an API key",
        tag=TAG,
        description=(
            "The answer shows the key, for this once. A key makes only keys with scopes that it has itself, which live no "
            "longer than itself: as long where `expires_at` is not said."
        ),
        request=ApiKeyInput,
        answer=NewApiKeyShape,
        status=201,
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a key."""
        values = self.checked(ApiKeyInput)
        key, text = create_api_key(
            organization=self.organization,
            name=values["name"],
            scopes=[ApiScope(scope) for scope in values["scopes"]],
            expires_at=values.get("expires_at"),
            by=self.actor,
        )
        response = answer({"data": key_body(key) | {"key": text}}, 201)
        response["Cache-Control"] = "no-store"
        return response


class ApiKeyRoute(OrganizationView):
    """`/api/v1/issuers/organization/api_keys/{id}`"""

    # Whoever may no longer write may still close what stands open.
    serves_disabled = True

    @documented("An API key", tag=TAG, answer=ApiKeyShape)
    def get(self, request: Request, key_id: UUID) -> HttpResponse:
        """Answer a key."""
        return answer({"data": key_body(self._key(key_id))})

    @documented(
        "Revoke an API key",
        tag=TAG,
        description="At once and for good; the key that asks may revoke itself. It stays in the list.",
        status=204,
    )
    def delete(self, request: Request, key_id: UUID) -> HttpResponse:
        """Revoke a key."""
        revoke_api_key(key=self._key(key_id), by=self.actor)
        return HttpResponse(status=204)

    def _key(self, key_id: UUID) -> ApiKey:
        key = ApiKey.objects.filter(organization=self.organization, uuid=key_id).first()
        if key is None:
            raise no_such(_("API key"))
        key.organization = self.organization
        return key


urlpatterns = [
    path("issuers/organization/api_keys", ApiKeysRoute.as_view()),
    path("issuers/organization/api_keys/<uuid:key_id>", ApiKeyRoute.as_view()),
]
