"""Make and change systems, organizations and programs."""

import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from organizations.actors import Actor
from organizations.enums import Language, OrganizationActivity, OrganizationType, Role
from organizations.exceptions import OrganizationDisabled, SlugTaken
from organizations.models import Organization, Program, System, User
from organizations.models.organizations import ADDRESS_KEYS, BILLING_KEYS, CONTACT_KEYS
from organizations.richtext import clean_html
from organizations.services.keys import create_signing_keys
from organizations.services.members import add_member
from organizations.services.slugs import checked_slug, free_slug

SUB_OBJECTS = {"address_info": ADDRESS_KEYS, "billing_info": BILLING_KEYS, "contact_info": CONTACT_KEYS}
CHANGEABLE = {
    "type",
    "activity",
    "name",
    "description",
    "language",
    "time_zone",
    "website",
    "public_profile",
    "public_badge_types",
    "public_learning_paths",
    "public_badge_templates",
    "color_primary",
    "logo",
    "imp_legacy_id",
    *SUB_OBJECTS,
}
CHOICES = {"type": OrganizationType, "activity": OrganizationActivity, "language": Language}

check_web_address = URLValidator(schemes=["http", "https"])


def create_system(
    *, name: str, slug: str | None = None, url: str = "", description: str = "", email: str = ""
) -> System:
    """Make a system and the organization that stands for it (design.md section 3), with signing keys.

    Raises SlugTaken and InvalidInput.
    """
    with transaction.atomic():
        taken = System.objects.filter
        slug = (
            checked_slug(slug)
            if slug
            else free_slug(name, fallback="system", is_taken=lambda s: taken(slug=s).exists())
        )
        if taken(slug=slug).exists():
            raise SlugTaken(field="slug")
        system = System.objects.create(
            name=_required_name(name), slug=slug, url=url, description=description, email=email
        )
        own = Organization(system=system, is_system_itself=True, slug=slug, name=system.name, website=url)
        own.contact_info = {"email": email} if email else {}
        own.save()
        create_signing_keys(organization=own)
    return system


def default_system() -> System:
    """Return the installation's first system; make it when there is none."""
    return System.objects.order_by("pk").first() or create_system(name="Laurel", slug="laurel")


def create_organization(
    *,
    name: str,
    system: System | None = None,
    slug: str | None = None,
    owner: User | None = None,
    fields: Mapping[str, Any] | None = None,
    by: Actor | None,
) -> Organization:
    """Make an organization with its signing keys and, where given, its owner.

    Without a system it belongs to the installation's first one. `fields` are those that update_organization takes. Raises
    SlugTaken and InvalidInput.
    """
    with transaction.atomic():
        system = system or default_system()
        taken = system.organizations.filter
        slug = (
            checked_slug(slug)
            if slug
            else free_slug(name, fallback="organization", is_taken=lambda s: taken(slug=s).exists())
        )
        if taken(slug=slug).exists():
            raise SlugTaken(field="slug")
        organization = Organization(system=system, slug=slug, name=_required_name(name))
        _take_fields(organization, fields or {})
        organization.save()
        create_signing_keys(organization=organization)
        if owner is not None:
            add_member(organization=organization, user=owner, role=Role.OWNER, by=by)
            organization.refresh_from_db()
    return organization


def update_organization(
    *, organization: Organization, fields: Mapping[str, Any], by: Actor | None
) -> Organization:
    """Change the given fields and no others; sub-objects are merged key by key (design.md section 4.1).

    `fields` may hold: type, activity, name, description (HTML, sanitised), address_info, billing_info, contact_info,
    language, time_zone, website, the four public_ flags, color_primary, logo (a stored picture's name), imp_legacy_id.
    Raises OrganizationDisabled, and InvalidInput with the dotted name of the first field at fault.
    """
    del by  # who may is decided where the request arrives; the row has no history of its own
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        require_enabled(organization)
        _take_fields(organization, fields)
        organization.save()
    return organization


def require_enabled(organization: Organization) -> None:
    """Raise OrganizationDisabled unless the organization may write and issue."""
    if not organization.is_enabled:
        raise OrganizationDisabled


def create_program(
    *,
    organization: Organization,
    name: str,
    slug: str | None = None,
    url: str = "",
    description: str = "",
    email: str = "",
    by: Actor | None,
) -> Program:
    """Make a program of the organization. Raises OrganizationDisabled, SlugTaken and InvalidInput."""
    del by
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        require_enabled(organization)
        taken = organization.programs.filter
        slug = (
            checked_slug(slug)
            if slug
            else free_slug(name, fallback="program", is_taken=lambda s: taken(slug=s).exists())
        )
        if taken(slug=slug).exists():
            raise SlugTaken(field="slug")
        _check("url", url)
        _check("email", email)
        return Program.objects.create(
            organization=organization,
            name=_required_name(name),
            slug=slug,
            url=url,
            description=clean_html(description),
            email=email,
        )


def update_program(*, program: Program, fields: Mapping[str, Any], by: Actor | None) -> Program:
    """Change name, url, description or email of a program. Raises OrganizationDisabled and InvalidInput."""
    del by
    with transaction.atomic():
        program = (
            Program.objects.select_for_update(of=("self",)).select_related("organization").get(pk=program.pk)
        )
        require_enabled(program.organization)
        for field, value in fields.items():
            if field not in {"name", "url", "description", "email"}:
                raise InvalidInput("This cannot be changed.", field=field)
            _check(field, value)
            setattr(program, field, clean_html(value) if field == "description" else value)
        program.name = _required_name(program.name)
        program.save()
    return program


def _required_name(name: str) -> str:
    name = name.strip()
    _check_characters("name", name)
    if not name or len(name) > 255:
        raise InvalidInput("A name has 1 to 255 characters.", field="name")
    return name


def _take_fields(organization: Organization, fields: Mapping[str, Any]) -> None:
    """Put checked values into the row, without saving it."""
    for field, value in fields.items():
        if field not in CHANGEABLE:
            raise InvalidInput("This cannot be changed.", field=field)
        if field in SUB_OBJECTS:
            setattr(organization, field, getattr(organization, field) | _checked_parts(field, value))
            continue
        _check(field, value)
        if field == "description":
            value = clean_html(value or "")  # noqa: PLW2901
        elif field == "name":
            value = _required_name(value)  # noqa: PLW2901
        setattr(organization, field, value)


def _check_characters(field: str, value: Any) -> None:
    """Refuse invisible characters: name, description and address stand in every badge, and would break its signature."""
    if isinstance(value, str) and UNSIGNABLE_CHARACTERS.search(value):
        raise InvalidInput(
            "The text has an invisible character that cannot be signed. Type the text anew.", field=field
        )


def _checked_parts(field: str, parts: Mapping[str, Any]) -> dict[str, str | None]:
    checked: dict[str, str | None] = {}
    for key, value in parts.items():
        if key not in SUB_OBJECTS[field]:
            raise InvalidInput("This is not a part that is kept.", field=f"{field}.{key}")
        if value is not None and (not isinstance(value, str) or len(value) > 255):
            raise InvalidInput("This must be text of at most 255 characters.", field=f"{field}.{key}")
        _check_characters(f"{field}.{key}", value)
        if value and key.endswith("email"):
            _check(f"{field}.{key}", value, kind="email")
        checked[key] = value
    return checked


def _check(field: str, value: Any, *, kind: str | None = None) -> None:
    """Raise InvalidInput when a value does not fit its field."""
    kind = kind or field
    _check_characters(field, value)
    if field == "color_primary" and value and not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise InvalidInput("Use the form #1D6B50.", field=field)
    try:
        if field in CHOICES and value not in CHOICES[field].values:
            raise InvalidInput(f"Choose one of: {', '.join(CHOICES[field].values)}.", field=field)
        if kind in {"website", "url"} and value:
            check_web_address(value)
        elif kind == "email" and value:
            validate_email(value)
        elif kind == "time_zone" and value not in zoneinfo.available_timezones():
            raise InvalidInput("This time zone is not known. Use a name such as Europe/Rome.", field=field)
    except ValidationError as error:
        message = (
            "This is not a valid e-mail address."
            if kind == "email"
            else "This is not a valid web address (https://…)."
        )
        raise InvalidInput(message, field=field) from error
