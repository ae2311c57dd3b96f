"""Make and change programs, and put them out of use."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.exceptions import SlugTaken
from organizations.models import Organization, Program
from organizations.richtext import clean_html
from organizations.services.audit import changes_between, note_act, picture_change
from organizations.services.organizations import check_value, require_enabled, required_name
from organizations.services.slugs import checked_slug, free_slug

CHANGEABLE = ("name", "url", "description", "email", "image")


def create_program(
    *,
    organization: Organization,
    name: str,
    slug: str | None = None,
    url: str = "",
    description: str = "",
    email: str = "",
    image: str = "",
    by: Actor | None,
) -> Program:
    """Make a program of the organization; `image` is the name of a stored picture.

    Raises OrganizationDisabled, SlugTaken and InvalidInput.
    """
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
        check_value("url", url)
        check_value("email", email)
        program = Program.objects.create(
            organization=organization,
            name=required_name(name),
            slug=slug,
            url=url,
            description=clean_html(description),
            email=email,
            image=image,
        )
        _note(program, AuditAct.PROGRAM_CREATED, by)
    return program


def update_program(*, program: Program, fields: Mapping[str, Any], by: Actor | None) -> Program:
    """Change name, url, description, email or image (a stored picture's name) of a program.

    Raises OrganizationDisabled and InvalidInput.
    """
    with transaction.atomic():
        program = (
            Program.objects.select_for_update(of=("self",)).select_related("organization").get(pk=program.pk)
        )
        require_enabled(program.organization)
        before = _values(program)
        for field, value in fields.items():
            if field not in CHANGEABLE:
                raise InvalidInput(_("This cannot be changed."), field=field)
            check_value(field, value)
            setattr(program, field, clean_html(value) if field == "description" else value)
        program.name = required_name(program.name)
        program.save()
        changed = changes_between(before, _values(program))
        if "image" in changed:
            changed["image"] = picture_change(*changed["image"])
        if changed:
            _note(program, AuditAct.PROGRAM_CHANGED, by, changed)
    return program


def archive_program(*, program: Program, by: Actor | None) -> Program:
    """Put a program out of use, a second time for nothing. Its templates stay: they belong to the organization."""
    with transaction.atomic():
        rows = Program.objects.select_for_update(of=("self",), no_key=True)
        program = rows.select_related("organization").get(pk=program.pk)
        if program.archived_at is None:
            program.archived_at = timezone.now()
            program.save(update_fields=["archived_at", "updated_at"])
            _note(program, AuditAct.PROGRAM_ARCHIVED, by)
    return program


def _values(program: Program) -> dict[str, str]:
    return {field: str(getattr(program, field)) for field in CHANGEABLE}


def _note(
    program: Program, act: AuditAct, by: Actor | None, details: Mapping[str, Any] | None = None
) -> None:
    note_act(
        organization=program.organization,
        act=act,
        by=by,
        subject=program.uuid,
        label=program.name,
        details=details,
    )
