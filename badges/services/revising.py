"""Templates as BadgeKit clients change them: content and archiving by one act, and deleting, which keeps what was issued."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from badges.enums import TemplateStatus
from badges.models import BadgeTemplate
from badges.services.templates import (
    archive_template,
    create_template,
    lock_template,
    restore_template,
    update_template,
)
from organizations.actors import Actor
from organizations.models import Organization


def begin_template(
    *,
    organization: Organization,
    fields: Mapping[str, Any],
    slug: str | None,
    is_archived: bool,
    by: Actor | None,
) -> BadgeTemplate:
    """Make a template that is published at once, as every badge of BadgeKit is, or archived from the start.

    Raises what create_template raises.
    """
    with transaction.atomic():
        template = create_template(
            organization=organization, fields={**fields, "is_published": True}, slug=slug, by=by
        )
        return archive_template(template=template, by=by) if is_archived else template


def revise_template(
    *, template: BadgeTemplate, fields: Mapping[str, Any], is_archived: bool | None, by: Actor | None
) -> BadgeTemplate:
    """Change the fields of a template, also of an archived one, and archive or restore it; None leaves that as it is.

    Raises what update_template raises.
    """
    with transaction.atomic():
        template = lock_template(template)
        was_archived = template.is_archived
        if was_archived and (fields or is_archived is False):
            template = restore_template(template=template, by=by)
        if fields:
            template = update_template(template=template, fields=fields, by=by)
        if was_archived if is_archived is None else is_archived:
            template = archive_template(template=template, by=by)
    return template


def withdraw_template(*, template: BadgeTemplate, by: Actor | None) -> BadgeTemplate:
    """Take a template out of use and out of sight: archived, inactive, not published. Its badges stay valid and reachable.

    BadgeKit clients no longer find it (BadgeTemplateQuerySet.undeleted); staff can restore and activate it. Its slug stays
    taken, so that no address comes to mean something else.
    """
    out = {"status": TemplateStatus.INACTIVE, "is_published": False}
    return revise_template(template=template, fields=out, is_archived=True, by=by)
