"""The organization in the issuer API (seeds 000 and 001): read it, change it, give it a logo."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import documented
from config.api.issuer.fields import FlagField, Input, Shape, TextField, spaced, timestamp
from config.api.issuer.views import answer
from organizations.api.issuer_access import OrganizationView
from organizations.api.issuer_examples import ORGANIZATION
from organizations.api.picture_addresses import picture_urls
from organizations.enums import (
    Language,
    OrganizationActivity,
    OrganizationStatus,
    OrganizationType,
    SubscriptionStatus,
)
from organizations.models import Organization
from organizations.models.organizations import ADDRESS_KEYS, BILLING_KEYS, CONTACT_KEYS
from organizations.pictures import prepare_picture, upload_content
from organizations.services import logos
from organizations.services.organizations import update_organization

TAG = "Organization"
EXAMPLE = OpenApiExample("Organization", {"data": ORGANIZATION}, response_only=True)
SENT = OpenApiExample(
    "Some changes",
    {"activity": "university", "address_info": {"city": "Example City"}, "settings": {"public_profile": 1}},
    request_only=True,
)
SETTINGS = ("public_profile", "public_badge_types", "public_learning_paths", "public_badge_templates")


def _texts(*names: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    return {name: serializers.CharField(allow_null=True) for name in names}


AddressShape = type("AddressShape", (Shape,), _texts(*ADDRESS_KEYS))
BillingShape = type("BillingShape", (Shape,), _texts(*BILLING_KEYS))
ContactShape = type("ContactShape", (Shape,), _texts(*CONTACT_KEYS))
SettingsShape = type("SettingsShape", (Shape,), {name: FlagField() for name in SETTINGS})


# In the key order of the longest example of seed 000; `imp_legacy_id` stands as in seed 001.
class OrganizationShape(Shape):
    """An organization."""

    id = serializers.UUIDField()
    type = serializers.ChoiceField(OrganizationType.choices)
    activity = serializers.ChoiceField(OrganizationActivity.choices)
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True, help_text="HTML")
    address_info = AddressShape()
    billing_info = BillingShape()
    language = serializers.ChoiceField(Language.choices)
    website = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(OrganizationStatus.choices)
    contact_info = ContactShape()
    settings = SettingsShape()
    logo_path = serializers.CharField(allow_null=True)
    logo_high_path = serializers.CharField(allow_null=True)
    logo_thumbnail_path = serializers.CharField(allow_null=True)
    credits_left = serializers.IntegerField()
    badge_templates_count = serializers.IntegerField()
    badges_count = serializers.IntegerField()
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    public_url = serializers.CharField(allow_null=True, help_text="Null while `public_profile` is 0.")
    imp_legacy_id = serializers.CharField(allow_null=True)
    stripe_customer_id = serializers.CharField(allow_null=True)
    subscription_id = serializers.CharField(allow_null=True)
    subscription_status = serializers.ChoiceField(SubscriptionStatus.choices, allow_null=True)
    current_period_start = serializers.CharField(allow_null=True, help_text="2024-09-24 07:53:39, UTC")
    current_period_end = serializers.CharField(allow_null=True, help_text="2024-10-24 07:53:39, UTC")
    max_users = serializers.IntegerField(allow_null=True)


def organization_body(organization: Organization) -> dict[str, Any]:
    """Return an organization as OrganizationShape says."""
    return {
        "id": str(organization.uuid),
        "type": organization.type,
        "activity": organization.activity,
        "name": organization.name,
        "description": organization.description or None,
        "address_info": {key: organization.address_info.get(key) or None for key in ADDRESS_KEYS},
        "billing_info": {key: organization.billing_info.get(key) or None for key in BILLING_KEYS},
        "language": organization.language,
        "website": organization.website or None,
        "status": organization.status,
        "contact_info": {key: organization.contact_info.get(key) or None for key in CONTACT_KEYS},
        "settings": {name: int(getattr(organization, name)) for name in SETTINGS},
        **picture_urls(str(organization.logo), "logo"),
        "credits_left": organization.credits_left,
        "badge_templates_count": organization.badge_templates_count,
        "badges_count": organization.badges_count,
        "created_at": timestamp(organization.created_at),
        "updated_at": timestamp(organization.updated_at),
        "public_url": organization.public_url if organization.public_profile else None,
        "imp_legacy_id": organization.imp_legacy_id,
        "stripe_customer_id": organization.stripe_customer_id,
        "subscription_id": organization.subscription_id,
        "subscription_status": organization.subscription_status,
        "current_period_start": spaced(organization.current_period_start),
        "current_period_end": spaced(organization.current_period_end),
        "max_users": organization.max_users,
    }


def _optional(*names: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    return {
        name: (
            serializers.EmailField(required=False, allow_null=True, max_length=254)
            if name.endswith("email")
            else TextField(required=False, allow_null=True)
        )
        for name in names
    }


AddressInput = type("AddressInput", (Input,), _optional(*ADDRESS_KEYS))
BillingInput = type("BillingInput", (Input,), _optional(*BILLING_KEYS))
ContactInput = type("ContactInput", (Input,), _optional(*CONTACT_KEYS))
SettingsInput = type("SettingsInput", (Input,), {name: FlagField(required=False) for name in SETTINGS})


class OrganizationInput(Input):
    """What an organization may change of itself; sub-objects are merged. All else that is sent is ignored."""

    type = serializers.ChoiceField(OrganizationType.choices)
    activity = serializers.ChoiceField(OrganizationActivity.choices)
    name = TextField()
    description = TextField(max_length=65_535, allow_null=True)
    logo = serializers.FileField(help_text="PNG, JPEG or WebP of at most 5 MiB, in multipart bodies.")
    address_info = AddressInput()
    billing_info = BillingInput()
    language = serializers.ChoiceField(Language.choices)
    contact_info = ContactInput()
    website = serializers.URLField(max_length=2000, allow_null=True)
    settings = SettingsInput()
    imp_legacy_id = TextField(allow_null=True)


class LogoInput(Input):
    """A logo."""

    logo = serializers.FileField(help_text="PNG, JPEG or WebP of at most 5 MiB.")


# What is null in the API and an empty text in the row.
TEXTS = {"description", "website"}


class OrganizationRoute(OrganizationView):
    """`/api/v1/issuers/organization`"""

    @documented(
        "The organization",
        tag=TAG,
        answer=OrganizationShape,
        examples=[EXAMPLE],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer the organization of the key."""
        return answer({"data": organization_body(self.organization)})

    @documented(
        "Change the organization",
        tag=TAG,
        description="Changes what is sent and nothing else; sub-objects are merged. With a file send multipart.",
        request=OrganizationInput(partial=True),
        answer=OrganizationShape,
        examples=[SENT, EXAMPLE],
    )
    def put(self, request: Request) -> HttpResponse:
        """Change what was sent."""
        values = self.checked(OrganizationInput, partial=True)
        fields = {
            name: "" if value is None and name in TEXTS else value
            for name, value in values.items()
            if name not in {"settings", "logo"}
        } | values.get("settings", {})
        if "logo" in values:
            organization = change_logo(self, values["logo"], fields)
        else:
            organization = update_organization(organization=self.organization, fields=fields, by=self.actor)
        return answer({"data": organization_body(organization)})


class LogoRoute(OrganizationView):
    """`/api/v1/issuers/organization/logo`"""

    takes_idempotency_key = False

    @documented(
        "Give the organization a logo",
        tag=TAG,
        request={"multipart/form-data": LogoInput},
        answer=OrganizationShape,
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> HttpResponse:
        """Replace the logo; the old one is deleted."""
        organization = change_logo(self, self.checked(LogoInput)["logo"], {})
        return answer({"data": organization_body(organization)})


def change_logo(view: OrganizationView, file: "UploadedFile[Any]", fields: dict[str, Any]) -> Organization:
    """Store a logo and change the other fields, both or neither."""
    picture = prepare_picture(upload_content(file, field="logo"), allow_svg=False, field="logo")
    return logos.change_logo(organization=view.organization, picture=picture, fields=fields, by=view.actor)


urlpatterns = [
    path("issuers/organization", OrganizationRoute.as_view()),
    path("issuers/organization/logo", LogoRoute.as_view()),
]
