"""Systems change together with the organizations that stand for them; they and organizations go out of use."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.models import Organization, System
from organizations.services.audit import note_act
from organizations.services.organizations import check_value, required_name, update_organization

COLUMNS = ("name", "url", "description", "email")


def update_system(*, system: System, fields: Mapping[str, Any], by: Actor | None) -> System:
    """Change name, url, description (plain text), email or logo of a system, and of the organization that stands for it.

    That organization is who issues the system's own badges, so that they name the system as it is now; the logo, the name of
    a stored picture, is kept there alone. Raises InvalidInput and OrganizationDisabled.
    """
    with transaction.atomic():
        # No lock against naming the system in new rows: who makes one holds an organization that we wait for.
        system = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        for field, value in fields.items():
            if field not in {*COLUMNS, "logo"}:
                raise InvalidInput(_("This cannot be changed."), field=field)
            check_value(field, value)
            if field in COLUMNS:
                setattr(system, field, required_name(value) if field == "name" else value)
        system.save()
        update_organization(
            organization=system.organizations.get(is_system_itself=True), fields=_of_its_own(fields), by=by
        )
    return system


def archive_system(*, system: System, by: Actor | None) -> System:
    """Put a system out of use, and with it the organization that stands for it: nothing is issued in its name any more.

    Its other organizations are tenants of their own: they go on, but no BadgeKit client reaches them through it.
    """
    with transaction.atomic():
        system = System.objects.select_for_update(no_key=True).get(pk=system.pk)
        if system.archived_at is None:
            system.archived_at = timezone.now()
            system.save(update_fields=["archived_at", "updated_at"])
        for own in Organization.objects.select_for_update().filter(system=system, is_system_itself=True):
            _archive(own, by)
    return system


def archive_organization(*, organization: Organization, by: Actor | None) -> Organization:
    """Put an organization out of use: nothing is written or issued in its name. What it published stays."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(pk=organization.pk)
        _archive(organization, by)
    return organization


def _archive(organization: Organization, by: Actor | None) -> None:
    if organization.archived_at is not None:
        return
    organization.archived_at = timezone.now()
    organization.save(update_fields=["archived_at", "updated_at"])
    note_act(
        organization=organization,
        act=AuditAct.ORGANIZATION_ARCHIVED,
        by=by,
        subject=organization.uuid,
        label=organization.name,
    )


def _of_its_own(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as the organization has them."""
    own: dict[str, Any] = {name: fields[name] for name in ("name", "logo") if name in fields}
    if "url" in fields:
        own["website"] = fields["url"]
    if "description" in fields:
        own["description"] = escape(fields["description"])
    if "email" in fields:
        own["contact_info"] = {"email": fields["email"] or None}
    return own
