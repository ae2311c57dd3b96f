"""Make and change systems and organizations."""

import re
import zoneinfo
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from organizations.actors import Actor
from organizations.enums import (
    AccountDeletion,
    AuditAct,
    Language,
    OrganizationActivity,
    OrganizationType,
    Role,
)
from organizations.exceptions import OrganizationDisabled, SlugTaken
from organizations.models import Organization, System, User
from organizations.models.organizations import ADDRESS_KEYS, BILLING_KEYS, CONTACT_KEYS
from organizations.richtext import clean_html
from organizations.services.audit import changes_between, note_act, picture_change
from organizations.services.keys import create_signing_keys
from organizations.services.members import add_member
from organizations.services.slugs import checked_slug, free_slug, insert_with_slug
from organizations.signals import time_zone_changed

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
    "account_deletion",
    "imp_legacy_id",
    *SUB_OBJECTS,
}
CHOICES = {
    "type": OrganizationType,
    "activity": OrganizationActivity,
    "language": Language,
    "account_deletion": AccountDeletion,
}

check_web_address = URLValidator(schemes=["http", "https"])


def create_system(
    *,
    name: str,
    slug: str | None = None,
    url: str = "",
    description: str = "",
    email: str = "",
    logo: str = "",
) -> System:
    """Make a system and the organization that stands for it (design.md section 3), with signing keys.

    `description` is plain text; `logo`, the name of a stored picture, is that of the organization, which is who issues.
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
        for field, value in (("name", name), ("url", url), ("description", description), ("email", email)):
            check_value(field, value)
        system = System(name=required_name(name), slug=slug, url=url, description=description, email=email)
        insert_with_slug(system)
        own = Organization(system=system, is_system_itself=True, slug=slug)
        _take_fields(
            own,
            {
                "name": system.name,
                "website": url,
                "description": escape(description),
                "contact_info": {"email": email} if email else {},
                "logo": logo,
            },
        )
        own.save()
        create_signing_keys(organization=own)
    return system


def default_system() -> System:
    """Return the installation's first system that is not archived; make it when there is none."""
    living = System.objects.filter(archived_at__isnull=True).order_by("pk")
    return living.first() or create_system(name="Laurel")


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
    del by  # who makes an organization makes its first owner
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
        organization = Organization(system=system, slug=slug, name=required_name(name))
        _take_fields(organization, fields or {})
        insert_with_slug(organization)
        create_signing_keys(organization=organization)
        if owner is not None:
            add_member(organization=organization, user=owner, role=Role.OWNER, by=None)
            organization.refresh_from_db()
    return organization


def update_organization(
    *, organization: Organization, fields: Mapping[str, Any], by: Actor | None
) -> Organization:
    """Change the given fields and no others; sub-objects are merged key by key (design.md section 4.1).

    `fields` may hold: type, activity, name, description (HTML, sanitised), address_info, billing_info, contact_info,
    language, time_zone, website, the four public_ flags, color_primary, logo (a stored picture's name), account_deletion,
    imp_legacy_id. Raises OrganizationDisabled, and InvalidInput with the dotted name of the first field at fault.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        require_enabled(organization)
        time_zone = organization.time_zone
        before = {field: getattr(organization, field) for field in CHANGEABLE}
        _take_fields(organization, fields)
        organization.save()
        _note(organization, before, by)
        if organization.time_zone != time_zone:
            time_zone_changed.send(sender=Organization, organization=organization)
    return organization


def _note(organization: Organization, before: Mapping[str, Any], by: Actor | None) -> None:
    """Put what changed into the audit log; nothing where nothing did. Of sub-objects only the parts that changed."""
    after = {field: getattr(organization, field) for field in CHANGEABLE}
    changed: dict[str, Any] = {}
    for field, values in changes_between(before, after).items():
        if field in SUB_OBJECTS:
            changed |= {f"{field}.{key}": pair for key, pair in changes_between(*values).items()}
        elif field == "logo":
            changed[field] = picture_change(*values)
        else:
            changed[field] = values
    if changed:
        note_act(
            organization=organization,
            act=AuditAct.ORGANIZATION_CHANGED,
            by=by,
            subject=organization.uuid,
            label=organization.name,
            details=changed,
        )


def require_enabled(organization: Organization) -> None:
    """Raise OrganizationDisabled unless the organization may write and issue."""
    if not organization.is_enabled:
        raise OrganizationDisabled


def required_name(name: str) -> str:
    """Return the name trimmed. Raises InvalidInput unless it has 1 to 255 characters that can be signed."""
    name = name.strip()
    _check_characters("name", name)
    if not name or len(name) > 255:
        raise InvalidInput(_("A name has 1 to 255 characters."), field="name")
    return name


def _take_fields(organization: Organization, fields: Mapping[str, Any]) -> None:
    """Put checked values into the row, without saving it."""
    for field, value in fields.items():
        if field not in CHANGEABLE:
            raise InvalidInput(_("This cannot be changed."), field=field)
        if field in SUB_OBJECTS:
            setattr(organization, field, getattr(organization, field) | _checked_parts(field, value))
            continue
        check_value(field, value)
        if field == "description":
            value = clean_html(value or "")  # noqa: PLW2901
        elif field == "name":
            value = required_name(value)  # noqa: PLW2901
        setattr(organization, field, value)


def _check_characters(field: str, value: Any) -> None:
    """Refuse invisible characters: name, description and address stand in every badge, and would break its signature."""
    if isinstance(value, str) and UNSIGNABLE_CHARACTERS.search(value):
        raise InvalidInput(
            _("The text has an invisible character that cannot be signed. Type the text anew."), field=field
        )


def _checked_parts(field: str, parts: Mapping[str, Any]) -> dict[str, str | None]:
    checked: dict[str, str | None] = {}
    for key, value in parts.items():
        if key not in SUB_OBJECTS[field]:
            raise InvalidInput(_("This is not a part that is kept."), field=f"{field}.{key}")
        if value is not None and (not isinstance(value, str) or len(value) > 255):
            raise InvalidInput(
                _("This must be text of at most %(limit)d characters.") % {"limit": 255},
                field=f"{field}.{key}",
            )
        _check_characters(f"{field}.{key}", value)
        if value and key.endswith("email"):
            check_value(f"{field}.{key}", value, kind="email")
        checked[key] = value
    return checked


def check_value(field: str, value: Any, *, kind: str | None = None) -> None:
    """Raise InvalidInput when a value does not fit its field."""
    kind = kind or field
    _check_characters(field, value)
    if field == "color_primary" and value and not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        raise InvalidInput(_("Use the form #1D6B50."), field=field)
    try:
        if field in CHOICES and value not in CHOICES[field].values:
            raise InvalidInput(
                _("Choose one of: %(choices)s.") % {"choices": ", ".join(CHOICES[field].values)}, field=field
            )
        if kind in {"website", "url"} and value:
            check_web_address(value)
        elif kind == "email" and value:
            validate_email(value)
        elif kind == "time_zone" and value not in zoneinfo.available_timezones():
            raise InvalidInput(_("This time zone is not known. Use a name such as Europe/Rome."), field=field)
    except ValidationError as error:
        message = (
            _("This is not a valid e-mail address.")
            if kind == "email"
            else _("This is not a valid web address (https://…).")
        )
        raise InvalidInput(message, field=field) from error
