"""What search engines read of public pages: schema.org as JSON-LD, in a block of data that no browser runs."""

import json
from typing import Any

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from badges.models import Badge, BadgeTemplateVersion
from organizations.models import Organization
from organizations.richtext import plain_text

SCHEMA = "https://schema.org"
# In a script element only these could end it or begin a comment; in JSON text they mean the same when escaped.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def block(content: dict[str, Any]) -> SafeString:
    """Return the element that holds a document."""
    text = json.dumps({"@context": SCHEMA, **content}, ensure_ascii=False).translate(ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308 - escaped above, and no HTML
    )


def of_badge(badge: Badge, sentence: str) -> SafeString:
    """Return what is said of a badge, without its earner: they did not ask to be found by name."""
    content = _credential(badge.version, badge.organization, sentence) | {
        "@id": badge.public_url,
        "url": badge.public_url,
        "dateCreated": badge.issued_at.date().isoformat(),
        "identifier": badge.uuid.urn,
    }
    if badge.expires_at is not None:
        content["expires"] = badge.expires_at.date().isoformat()
    return block(content)


def of_version(
    version: BadgeTemplateVersion, organization: Organization, sentence: str, url: str
) -> SafeString:
    """Return what is said of what can be earned, whose page is at `url`."""
    return block(_credential(version, organization, sentence) | {"@id": url, "url": url})


def of_organization(organization: Organization) -> SafeString:
    """Return what is said of an organization."""
    content = _organization(organization)
    if description := plain_text(organization.description):
        content["description"] = description
    if organization.email:
        content["email"] = organization.email
    return block(content)


def _credential(version: BadgeTemplateVersion, organization: Organization, sentence: str) -> dict[str, Any]:
    content: dict[str, Any] = {
        "@type": "EducationalOccupationalCredential",
        "name": version.title,
        "description": sentence or version.title,
        "inLanguage": version.language,
        "image": f"{version.public_url}/image.png",
        "credentialCategory": "badge",
        "recognizedBy": _organization(organization),
    }
    if version.tags:
        content["keywords"] = list(version.tags)
    skills = [
        {
            "@type": "DefinedTerm",
            "name": alignment["name"],
            "url": alignment["url"],
            **({"termCode": alignment["code"]} if alignment.get("code") else {}),
            **({"inDefinedTermSet": alignment["framework"]} if alignment.get("framework") else {}),
        }
        for alignment in version.alignments
    ]
    if skills:
        content["competencyRequired"] = skills
    return content


def _organization(organization: Organization) -> dict[str, Any]:
    content: dict[str, Any] = {"@type": "Organization", "name": organization.name}
    if organization.public_profile:
        content |= {"@id": organization.public_url, "url": organization.public_url}
    if organization.website:
        content["sameAs"] = organization.website
    if organization.logo:
        content["logo"] = f"{settings.PUBLIC_URL}{organization.public_path}/logo.png"
    return content
