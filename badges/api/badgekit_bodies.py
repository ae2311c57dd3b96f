"""A badge template as BadgeKit's badge object: the keys of seed 004, in their order."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.querysets import BadgeTemplateQuerySet
from organizations.models import Organization, Program, System
from organizations.richtext import plain_lines

# What badge_body reads, joined by one query; of a claim code with `template__` before each.
BADGE_PARTS = ("current_version", "system", "organization", "program")


def with_badge_parts(templates: BadgeTemplateQuerySet) -> BadgeTemplateQuerySet:
    """Return the templates with all that badge_body reads, by one query; those without content are no badges."""
    return templates.filter(current_version__isnull=False).select_related(*BADGE_PARTS)


def instant(time: datetime) -> str:
    """Return a time as BadgeKit writes it: UTC, with milliseconds that are always zero."""
    return f"{time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}.000Z"


def badge_body(template: BadgeTemplate) -> dict[str, Any]:
    """Return the badge object. Asks nothing of the database for a template of `with_badge_parts`.

    As in the old server `imageUrl`, `system`, `issuer` and `program` are left out where there is none, other missing values
    are null, `unique` and `required` are 0 or 1. Ids of criteria, alignments and tags are their places, from 1: they are
    parts of the badge and have no life of their own. What BadgeKit requires and a template made in the browser may lack is
    filled in: descriptions from the template's description, criteriaUrl with its page.
    """
    version = template.current_version
    if version is None:
        raise ValueError("A template without content is no badge.")
    description = "" if version.earner_description and version.consumer_description else _plain(version)
    body: dict[str, Any] = {
        "id": template.pk,
        "slug": template.slug,
        "name": version.title,
        "strapline": version.strapline or None,
        "earnerDescription": version.earner_description or description,
        "consumerDescription": version.consumer_description or description,
        "issuerUrl": version.issuer_url or None,
        "rubricUrl": version.rubric_url or None,
        "timeValue": version.time_value,
        "timeUnits": version.time_units,
        "evidenceType": version.evidence_type,
        "limit": template.limit,
        "unique": int(template.is_unique),
        "created": instant(template.created_at),
    }
    if version.image:
        body["imageUrl"] = f"{version.public_url}/image.png"
    body["type"] = version.badgekit_type or version.type
    body["archived"] = template.is_archived
    body["system"] = _system(template.system) | {"issuers": []}
    if not template.organization.is_system_itself:
        body["issuer"] = _issuer(template.organization) | {"programs": []}
    if template.program is not None and template.program.archived_at is None:
        body["program"] = _program(template.program)
    body["criteriaUrl"] = version.criteria_url or f"{settings.PUBLIC_URL}{template.public_path}"
    body["criteria"] = [
        {
            "id": number,
            "description": item["description"],
            "required": int(bool(item.get("required"))),
            "note": item.get("note") or None,
        }
        for number, item in enumerate(version.criteria, 1)
    ]
    body["alignments"] = _alignments(version.alignments)
    body["categories"] = list(version.categories)
    body["tags"] = [{"id": number, "value": tag} for number, tag in enumerate(version.tags, 1)]
    body["milestones"] = []
    return body


def _system(system: System) -> dict[str, Any]:
    """Return a system as it stands in a badge, without `issuers`. The old server kept a description and never told it."""
    return {
        "id": system.pk,
        "slug": system.slug,
        "url": system.url or None,
        "name": system.name,
        "email": system.email or None,
        "imageUrl": None,
    }


def _issuer(organization: Organization) -> dict[str, Any]:
    """Return an issuer as it stands in a badge, without `programs`."""
    return {
        "id": organization.pk,
        "slug": organization.slug,
        "url": organization.website or None,
        "name": organization.name,
        "description": _text(organization.description) or None,
        "email": organization.email or None,
        "imageUrl": None,
    }


def _program(program: Program) -> dict[str, Any]:
    """Return a program as it stands in a badge."""
    return {
        "id": program.pk,
        "slug": program.slug,
        "url": program.url or None,
        "name": program.name,
        "description": _text(program.description) or None,
        "email": program.email or None,
        "imageUrl": None,
    }


def _alignments(alignments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "name": item["name"],
            "url": item["url"],
            "description": item.get("description") or None,
        }
        for number, item in enumerate(alignments, 1)
    ]


def _plain(version: BadgeTemplateVersion) -> str:
    return _text(version.description) if version.description else ""


@lru_cache(maxsize=256)
def _text(html: str) -> str:
    """Return HTML as plain text, as BadgeKit's descriptions are; the same text comes with every answer about a badge."""
    return plain_lines(html)
