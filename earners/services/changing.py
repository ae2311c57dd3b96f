"""Earners are put right: their names, and the address that they are known by."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from config.text import UNSIGNABLE_CHARACTERS
from earners.exceptions import EarnerGone
from earners.models import Earner, ListMembership
from earners.services.lists import hold
from earners.services.people import correct_address
from organizations.actors import Actor
from organizations.enums import AuditAct
from organizations.services.audit import changes_between, note_act

NAMES = ("first_name", "last_name")
NAME_LENGTH = 255


def change_earner(*, earner: Earner, fields: Mapping[str, Any], by: Actor | None) -> Earner:
    """Change first_name, last_name or email of an earner; what is not given stays.

    Lists that had the same names get the new ones; a list that calls the person otherwise keeps its own. A corrected address
    must be no other earner's and is not verified. Badges keep the name and the address that they were issued to. Raises
    InvalidInput (with the field `email` for the address), EarnerGone and OrganizationDisabled.
    """
    values = {field: _checked(field, value) for field, value in fields.items()}
    with transaction.atomic():
        organization = hold(earner.organization)
        row = Earner.objects.select_for_update().filter(pk=earner.pk).exclude(email="").first()
        if row is None:
            raise EarnerGone
        before = {field: getattr(row, field) for field in values}
        names = {field: values[field] for field in NAMES if field in values}
        if names:
            ListMembership.objects.filter(
                earner=row, first_name=row.first_name, last_name=row.last_name
            ).update(**names, updated_at=timezone.now())
            for field, value in names.items():
                setattr(row, field, value)
            row.save(update_fields=[*names, "updated_at"])
        if "email" in values:
            try:
                correct_address(row, values["email"])
            except InvalidInput as refusal:
                raise InvalidInput(refusal.message, field="email") from refusal
        changes = changes_between(before, {field: getattr(row, field) for field in values})
        if changes:
            note_act(
                organization=organization,
                act=AuditAct.EARNER_CHANGED,
                by=by,
                subject=row.uuid,
                label=row.email,
                details=changes,
            )
    return row


def _checked(field: str, value: str) -> str:
    if field not in {*NAMES, "email"}:
        raise InvalidInput(_("This cannot be changed."), field=field)
    value = value.strip()
    if field in NAMES and (len(value) > NAME_LENGTH or UNSIGNABLE_CHARACTERS.search(value)):
        raise InvalidInput(
            _("A name has at most %(limit)d characters, all of which can be printed.")
            % {"limit": NAME_LENGTH},
            field=field,
        )
    return value
