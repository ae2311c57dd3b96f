"""Badge templates and their versions as the issuer API answers them (reference openbadge_eu sections 5.1 and 6.1)."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers

from badges.api import issuer_examples as examples
from badges.enums import AchievementType, TemplateStatus, TemplateType
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.templates import TYPE_KEYS
from config.api.issuer.fields import FlagField, Shape, timestamp
from organizations.api.issuer_examples import ORGANIZATION
from organizations.api.issuer_organization import OrganizationShape, organization_body
from organizations.api.picture_addresses import picture_urls
from organizations.enums import Language
from organizations.models import Organization

DEFAULT_PICTURE = "badges/default_badge.png"
ALIGNMENT_KEYS = ("name", "url", "description", "framework", "code", "type")
RESULT_KEYS = ("id", "name", "type", "allowed_values", "value_min", "value_max", "required_value")


def _texts(*names: str) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    return {name: serializers.CharField(allow_null=True) for name in names}


TypeDataShape = type("TypeDataShape", (Shape,), _texts(*TYPE_KEYS))
AlignmentShape = type("AlignmentShape", (Shape,), _texts(*ALIGNMENT_KEYS))


def _shape(name: str, doc: str, fields: Mapping[str, Any]) -> type[Shape]:
    return type(name, (Shape,), {"__doc__": doc, "__module__": __name__, **fields})


# Made by a function, because a serializer's own attributes have one of these names.
CriterionShape = _shape(
    "CriterionShape",
    "One of the criteria.",
    {
        "description": serializers.CharField(),
        "required": FlagField(),
        "note": serializers.CharField(allow_null=True),
    },
)


class ResultDescriptionShape(Shape):
    """A result that badges of the template may have."""

    id = serializers.CharField()
    name = serializers.CharField()
    type = serializers.CharField(help_text="ResultType of Open Badges 3.0.")
    allowed_values = serializers.ListField(child=serializers.CharField())
    value_min = serializers.CharField(allow_null=True)
    value_max = serializers.CharField(allow_null=True)
    required_value = serializers.CharField(allow_null=True)


def _content_fields(*, with_scope: bool) -> dict[str, Any]:
    """Return what templates and versions have in common, from `title` to `language`."""
    return {
        "title": serializers.CharField(),
        **(_texts("application_scope") if with_scope else {}),
        "assignment_criteria": serializers.CharField(allow_null=True, help_text="HTML"),
        "image_path": serializers.CharField(),
        "image_high_path": serializers.CharField(),
        "image_thumbnail_path": serializers.CharField(),
        "background_image_path": serializers.CharField(allow_null=True),
        "color_primary": serializers.CharField(allow_null=True, help_text="#1D6B50"),
        "code": serializers.CharField(allow_null=True),
        "type": serializers.ChoiceField(TemplateType.choices),
        "type_data": TypeDataShape(),
        "background_image_high_path": serializers.CharField(allow_null=True),
        "background_image_thumbnail_path": serializers.CharField(allow_null=True),
        "description": serializers.CharField(allow_null=True, help_text="HTML"),
        "other_org": serializers.CharField(allow_null=True),
        "other_org_info": serializers.CharField(allow_null=True, help_text="HTML"),
        "language": serializers.ChoiceField(Language.choices),
        **({} if with_scope else _texts("application_scope")),
    }


def _further_fields() -> dict[str, Any]:
    """Return what the original does not have; it stands at the end."""
    return {
        "achievement_type": serializers.ChoiceField(AchievementType.choices),
        "criteria_url": serializers.CharField(allow_null=True),
        "criteria": CriterionShape(many=True),
        "tags": serializers.ListField(child=serializers.CharField()),
        "alignments": AlignmentShape(many=True),
        "result_descriptions": ResultDescriptionShape(many=True),
    }


def _template_fields(*, with_organization: bool) -> dict[str, Any]:
    return {
        "id": serializers.UUIDField(),
        **({"organization": OrganizationShape()} if with_organization else {}),
        "organization_id": serializers.UUIDField(),
        **_content_fields(with_scope=True),
        "is_learning_path": FlagField(),
        "version_code": serializers.CharField(),
        "status": serializers.ChoiceField(TemplateStatus.choices),
        "is_published": FlagField(),
        "badges_count": serializers.IntegerField(help_text="Badges issued and not revoked."),
        "created_at": serializers.CharField(help_text="2024-06-17T06:37:33.000000Z"),
        "updated_at": serializers.CharField(help_text="2024-06-17T06:37:33.000000Z"),
        "badge_template_version_id": serializers.UUIDField(),
        "limit": serializers.IntegerField(allow_null=True, help_text="How many badges at most."),
        "unique": FlagField(help_text="Each earner holds this badge once."),
        "validity_days": serializers.IntegerField(allow_null=True),
        **_further_fields(),
        "public_url": serializers.CharField(allow_null=True, help_text="Null while it is not published."),
        "archived_at": serializers.CharField(allow_null=True),
    }


TemplateShape = _shape(
    "BadgeTemplateShape",
    "A badge template with what its current version says, in the key order of the original's create response.",
    {"example": examples.TEMPLATE, **_template_fields(with_organization=False)},
)
FullTemplateShape = _shape(
    "BadgeTemplateDetailsShape",
    "A badge template and the organization that it belongs to.",
    {
        "example": {"id": examples.TEMPLATE["id"], "organization": ORGANIZATION, **examples.TEMPLATE},
        **_template_fields(with_organization=True),
    },
)
VersionShape = _shape(
    "BadgeTemplateVersionShape",
    "What a badge template says, or said, in the key order of the original's `badge_template_version`.",
    {
        "example": examples.VERSION,
        "id": serializers.UUIDField(),
        "organization_id": serializers.UUIDField(),
        **_content_fields(with_scope=False),
        "version_code": serializers.CharField(),
        "created_at": serializers.CharField(help_text="2024-06-17T06:37:33.000000Z"),
        "updated_at": serializers.CharField(help_text="2024-06-17T06:37:33.000000Z"),
        "badge_template_id": serializers.UUIDField(),
        "sealed_at": serializers.CharField(
            allow_null=True, help_text="When the first badge was issued from it. It never changes after that."
        ),
        **_further_fields(),
        "public_url": serializers.CharField(help_text="The permanent address of this version."),
    },
)


def template_body(template: BadgeTemplate, organization: Organization) -> dict[str, Any]:
    """Return a template as TemplateShape says. Its current version must be loaded; `organization` is the template's own."""
    version = template.current_version
    if version is None:
        raise ValueError(f"The template {template.uuid} has no version.")
    return {
        "id": str(template.uuid),
        "organization_id": str(organization.uuid),
        **_content(version, template.code, with_scope=True),
        "is_learning_path": int(template.is_learning_path),
        "version_code": version.version_code,
        "status": template.status,
        "is_published": int(template.is_published),
        "badges_count": template.badges_count,
        "created_at": timestamp(template.created_at),
        "updated_at": timestamp(template.updated_at),
        "badge_template_version_id": str(version.uuid),
        "limit": template.limit,
        "unique": int(template.is_unique),
        "validity_days": template.validity_days,
        **_further(version),
        "public_url": f"{settings.PUBLIC_URL}{template.public_path}" if _is_public(template) else None,
        "archived_at": timestamp(template.archived_at),
    }


def full_template_body(template: BadgeTemplate, organization: Organization) -> dict[str, Any]:
    """Return a template as FullTemplateShape says: the organization stands second, as in the original's field table."""
    body = template_body(template, organization)
    return {"id": body.pop("id"), "organization": organization_body(organization), **body}


def version_body(
    version: BadgeTemplateVersion, template: BadgeTemplate, organization: Organization
) -> dict[str, Any]:
    """Return a version of a template as VersionShape says; of the template only `uuid` and `code` are looked at."""
    return {
        "id": str(version.uuid),
        "organization_id": str(organization.uuid),
        **_content(version, template.code, with_scope=False),
        "version_code": version.version_code,
        "created_at": timestamp(version.created_at),
        "updated_at": timestamp(version.updated_at),
        "badge_template_id": str(template.uuid),
        "sealed_at": timestamp(version.sealed_at),
        **_further(version),
        "public_url": version.public_url,
    }


def badge_picture_urls(version: BadgeTemplateVersion) -> dict[str, str | None]:
    """Return `image_path`, `image_high_path` and `image_thumbnail_path`: without a picture the default badge for all."""
    return picture_urls(str(version.image), "image", default=default_picture_url())


def default_picture_url() -> str:
    """Return the address of the badge picture that stands for a missing one."""
    url = f"{settings.STATIC_URL}{DEFAULT_PICTURE}"
    return url if "://" in url else f"{settings.PUBLIC_URL}{url}"


def _is_public(template: BadgeTemplate) -> bool:
    return template.is_published and not template.is_archived


def _content(version: BadgeTemplateVersion, code: str, *, with_scope: bool) -> dict[str, Any]:
    background = picture_urls(str(version.background_image), "background_image")
    scope = {"application_scope": version.application_scope or None}
    return {
        "title": version.title,
        **(scope if with_scope else {}),
        "assignment_criteria": version.assignment_criteria or None,
        **badge_picture_urls(version),
        "background_image_path": background["background_image_path"],
        "color_primary": version.color_primary or None,
        "code": code or None,
        "type": version.type,
        "type_data": {key: version.type_data.get(key) or None for key in TYPE_KEYS},
        "background_image_high_path": background["background_image_high_path"],
        "background_image_thumbnail_path": background["background_image_thumbnail_path"],
        "description": version.description or None,
        "other_org": version.other_org or None,
        "other_org_info": version.other_org_info or None,
        "language": version.language,
        **({} if with_scope else scope),
    }


def _further(version: BadgeTemplateVersion) -> dict[str, Any]:
    return {
        "achievement_type": version.achievement_type,
        "criteria_url": version.criteria_url or None,
        "criteria": [
            {
                "description": criterion["description"],
                "required": int(bool(criterion.get("required"))),
                "note": criterion.get("note") or None,
            }
            for criterion in version.criteria
        ],
        "tags": version.tags,
        "alignments": [
            {key: alignment.get(key) or None for key in ALIGNMENT_KEYS} for alignment in version.alignments
        ],
        "result_descriptions": [
            {key: result.get(key) or ([] if key == "allowed_values" else None) for key in RESULT_KEYS}
            for result in version.result_descriptions
        ],
    }
