"""The table of contents of the APIs."""

from django.urls import include, path, re_path
from drf_spectacular.utils import extend_schema

from config.api import openapi
from config.api.badgekit import UnknownPathView
from config.api.badgekit_healthcheck import HealthcheckRoute
from organizations.api.badgekit_systems import SystemsRoute

# BadgeKit (seed 004): of the app that owns what is asked for, tried from the top.
badgekit = [
    path("", include("claimcodes.api.badgekit")),
    path("", include("claimcodes.api.badgekit_instances")),
    path("", include("badges.api.badgekit")),
    path("", include("organizations.api.badgekit_urls")),
]

# The issuer API (seeds 000 to 002).
issuer = [
    path("", include("badges.api.issuer_badges")),
    path("", include("badges.api.issuer_batches")),
    path("", include("badges.api.issuer_bulk")),
    path("", include("badges.api.issuer_downloads")),
    path("", include("badges.api.issuer_export")),
    path("", include("badges.api.issuer_outcomes")),
    path("", include("badges.api.issuer_paths")),
    path("", include("badges.api.issuer_template_pictures")),
    path("", include("badges.api.issuer_templates")),
    path("", include("badges.api.issuer_versions")),
    path("", include("claimcodes.api.issuer_codes")),
    path("", include("earners.api.issuer_earners")),
    path("", include("earners.api.issuer_import")),
    path("", include("earners.api.issuer_lists")),
    path("", include("organizations.api.issuer_credits")),
    path("", include("organizations.api.issuer_keys")),
    path("", include("organizations.api.issuer_members")),
    path("", include("organizations.api.issuer_organization")),
    path("", include("organizations.api.issuer_user")),
    path("", include("badges.api.issuer_statistics")),
]

described = [
    path("api", openapi.guide, name="api_guide"),
    path("api/reference", openapi.reference, name="api_reference"),
    path("api/openapi.json", openapi.openapi_document, name="openapi_document"),
]

urlpatterns = [
    path("api/v1/", include(issuer)),
    path("api/v2/", include("earners.api.token")),  # the token API: signing in
    path("api/v2/", include("badges.api.token")),  # the token API (seed 003)
    path("systems/", include(badgekit)),
    path("systems", SystemsRoute.as_view(), name="badgekit_systems"),
    path("healthcheck", HealthcheckRoute.as_view(), name="badgekit_healthcheck"),
    re_path(r"^[/]*systems(?:/(?P<rest>.*))?$", extend_schema(exclude=True)(UnknownPathView).as_view()),
    *described,
]
