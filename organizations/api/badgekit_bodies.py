"""The objects system, issuer and program of the BadgeKit API, in the key order that its clients know."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet

from organizations.api.picture_addresses import absolute_url
from organizations.models import Organization, Program, System
from organizations.richtext import plain_lines


def program_body(program: Program) -> dict[str, Any]:
    """Return a program: id, slug, url, name, description, email, imageUrl."""
    return {
        "id": program.pk,
        "slug": program.slug,
        "url": program.url or None,
        "name": program.name,
        "description": plain_lines(program.description) or None,
        "email": program.email or None,
        "imageUrl": absolute_url(program.image.name) if program.image.name else None,
    }


def issuer_body(organization: Organization, programs: Iterable[Program]) -> dict[str, Any]:
    """Return an organization as issuer, with its programs."""
    return {
        "id": organization.pk,
        "slug": organization.slug,
        "url": organization.website or None,
        "name": organization.name,
        "description": plain_lines(organization.description) or None,
        "email": organization.email or None,
        "imageUrl": logo_url(organization),
        "programs": [program_body(program) for program in programs],
    }


def system_body(system: System, organizations: Iterable[Organization]) -> dict[str, Any]:
    """Return a system with its issuers and their programs.

    `organizations` are those of `with_programs`; the one that stands for the system gives its picture. The description is
    there because BadgeKit's documentation shows it, although its server left it out.
    """
    members = list(organizations)
    own = next((organization for organization in members if organization.is_system_itself), None)
    return {
        "id": system.pk,
        "slug": system.slug,
        "url": system.url or None,
        "name": system.name,
        "description": system.description or None,
        "email": system.email or None,
        "imageUrl": logo_url(own) if own is not None else None,
        "issuers": [
            issuer_body(organization, organization.programs.all())
            for organization in members
            if not organization.is_system_itself
        ],
    }


def logo_url(organization: Organization) -> str | None:
    """Return the lasting address of an organization's logo; None where there is none."""
    return f"{organization.public_url}/logo.png" if organization.logo.name else None


def with_programs(organizations: QuerySet[Organization]) -> QuerySet[Organization]:
    """Return the organizations that are not archived, the oldest first, with such programs of theirs read beforehand."""
    programs = Program.objects.filter(archived_at__isnull=True).order_by("pk")
    return (
        organizations.filter(archived_at__isnull=True)
        .order_by("pk")
        .prefetch_related(Prefetch("programs", queryset=programs))
    )


def with_issuers(systems: QuerySet[System]) -> QuerySet[System]:
    """Return the systems that are not archived, the oldest first, with their organizations read beforehand."""
    return (
        systems.filter(archived_at__isnull=True)
        .order_by("pk")
        .prefetch_related(Prefetch("organizations", queryset=with_programs(Organization.objects.all())))
    )
