"""Recipients of a bulk request, checked row by row by hand: a serializer for each of 100,000 rows takes a minute."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from badges.api.issuer_awards import AWARD_NAMES, AwardInput, award_values, wire_name
from badges.models import BadgeTemplate
from badges.services.awards import Award, checked_award
from badges.services.values import check_award
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import TextField, numbered
from config.exceptions import InvalidInput, RuleBroken
from config.text import UNSIGNABLE_CHARACTERS, folded
from earners.services import MAX_EMAIL, Person, checked_email

MAX_RECIPIENTS = 100_000
MAX_ERRORS = 1_000  # of one body: who has more of them has one mistake in all rows
NAMES = ("recipient_first_name", "recipient_last_name")
Recipient = tuple[int, Person, Mapping[str, Any]]
_NOTHING: Mapping[str, Any] = {}


class RecipientInput(AwardInput):
    """One who is to get the badge. What is said here is about this one, and counts before what is said of all."""

    recipient_email = serializers.EmailField(max_length=MAX_EMAIL)
    recipient_first_name = TextField(required=False, allow_null=True)
    recipient_last_name = TextField(required=False, allow_null=True)


class RecipientsField(serializers.ListField):
    """A list of RecipientInput; its values are (number from 0, Person, award values of this one by the names of services).

    One address twice, with nothing that tells the two badges from each other, is a mistake and is refused.
    """

    child: RecipientInput

    def __init__(self, **options: Any) -> None:
        super().__init__(child=RecipientInput(), max_length=MAX_RECIPIENTS, allow_empty=False, **options)

    def to_internal_value(self, data: Any) -> list[Recipient]:
        """Return the recipients; raise ValidationError with at most MAX_ERRORS errors by their number."""
        rows = numbered(data)
        if rows is None:
            self.fail("not_a_list", input_type=type(data).__name__)
        if not rows:
            self.fail("empty")
        if len(data) > MAX_RECIPIENTS:
            raise ValidationError([ErrorDetail("", code="max_length")])
        fields = self.child.fields
        found: list[Recipient] = []
        seen: set[Any] = set()
        errors: dict[int, Any] = {}
        count = 0
        for number, row in rows:
            wrong: dict[str, list[ErrorDetail]] = {}
            if not isinstance(row, dict):
                errors[number] = [ErrorDetail("", code="invalid")]
                count += 1
                continue
            email, fault = _email(row.get("recipient_email"))
            if fault:
                wrong["recipient_email"] = [ErrorDetail("", code=fault)]
            first_name, last_name = (_name(row, name, fields, wrong) for name in NAMES)
            own = _own_values(row, fields, wrong)
            if not wrong:
                key = (
                    folded(email)
                    if not own
                    else (folded(email), json.dumps(own, default=str, sort_keys=True))
                )
                if key in seen:
                    wrong["recipient_email"] = [ErrorDetail(_twice(number), code="distinct")]
                seen.add(key)
                person = Person(email=email, first_name=first_name, last_name=last_name)
                found.append((number, person, own))
            if wrong:
                errors[number] = wrong
                count += sum(len(details) for details in wrong.values())
                if count >= MAX_ERRORS:
                    break
        if errors:
            raise ValidationError(errors)  # type: ignore[arg-type]  # a dict by number, as ListSerializer has it
        return found


def check_recipients(recipients: Sequence[Recipient], award: Award, template: BadgeTemplate) -> None:
    """Ask the services about what is said of single recipients. Raises Invalid with at most MAX_ERRORS errors."""
    errors: dict[str, list[str]] = {}
    version = template.current_version
    for number, person, own in recipients:
        if not own:
            continue  # what is said of all is checked once
        try:
            whole = checked_award(merged(award, own), validity_days=template.validity_days)
            if version is not None:
                check_award(person, whole, version)
        except RuleBroken as refusal:
            field = wire_name(refusal.field) or "recipient_email"
            errors[f"recipients.{number}.{field}"] = [refusal.message]
            if len(errors) >= MAX_ERRORS:
                break
    if errors:
        raise Invalid(errors)


def merged(award: Award, own: Mapping[str, Any]) -> Award:
    """Return what is said of all with what is said of one put over it."""
    values = {name: getattr(award, name) for name in Award.__dataclass_fields__}
    return Award(**values | dict(own))


def _email(value: Any) -> tuple[str, str]:
    """Return the address, and the code of what is wrong with it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return "", "required"
    if not isinstance(value, str):
        return "", "string"
    try:
        return checked_email(value), ""
    except InvalidInput:
        return "", "max_length" if len(value.strip()) > MAX_EMAIL else "email"


def _name(
    row: Mapping[str, Any], name: str, fields: Mapping[str, Any], wrong: dict[str, list[ErrorDetail]]
) -> str:
    value = row.get(name)
    if value is None or value == "":
        return ""
    if isinstance(value, str) and len(value) < 200 and value.isprintable():
        return value.strip()
    try:
        text: str = fields[name].run_validation(value)
    except ValidationError as error:
        if isinstance(value, str) and not value.strip():
            return ""
        wrong[name] = error.detail  # type: ignore[assignment]  # a field's own errors are a list
        return ""
    if UNSIGNABLE_CHARACTERS.search(text):
        wrong[name] = [ErrorDetail("", code="format")]
    return text


def _own_values(
    row: Mapping[str, Any], fields: Mapping[str, Any], wrong: dict[str, list[ErrorDetail]]
) -> Mapping[str, Any]:
    """Return what the row says of its badge."""
    values: dict[str, Any] = {}
    for name in AWARD_NAMES:
        value = row.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            values[name] = fields[name].run_validation(value)
        except ValidationError as error:
            wrong[name] = error.detail  # type: ignore[assignment]  # likewise
    return award_values(values) if values else _NOTHING


def _twice(number: int) -> str:
    return _("The %(attribute)s field has a duplicate value.") % {
        "attribute": f"recipients.{number}.recipient_email"
    }
