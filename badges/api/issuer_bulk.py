"""Badges for many at once in the issuer API: written down as a batch, issued by workers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request

from badges.api.issuer_awards import AwardInput, award_from, told_by_wire_names
from badges.api.issuer_batch_bodies import BatchShape, batch_body
from badges.api.issuer_recipients import Recipient, RecipientsField, check_recipients
from badges.models import BadgeTemplate
from badges.services.batches import create_batch
from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import FlagField, MomentField
from config.api.issuer.views import answer
from earners.models import EarnersList
from earners.services import MAX_EMAIL, Person
from organizations.api.issuer_access import OrganizationView

TAG = "Batches"


class BulkInput(AwardInput):
    """A badge template, whom to issue it to (`recipients` or `earners_list_id`), and what is said of all of these badges."""

    badge_template_id = serializers.UUIDField()
    recipients = RecipientsField(
        required=False, allow_null=True, help_text="At most 100,000, in a body of at most 12 MiB."
    )
    earners_list_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="All who are on this list, by the names that it has."
    )
    notify = FlagField(required=False, allow_null=True, help_text="0: earners get no mail. Default: 1.")
    report_to = serializers.EmailField(
        required=False,
        allow_null=True,
        max_length=MAX_EMAIL,
        help_text="Who gets a mail when the batch is done.",
    )
    starts_at = MomentField(
        required=False,
        allow_null=True,
        help_text="Not before this moment, at most a year ahead; without a zone it is the organization's. Default: at once.",
    )


class BulkRoute(OrganizationView):
    """`/api/v1/issuers/organization/badges/bulk`"""

    needs = {"POST": "issue"}

    @documented(
        "Issue a badge to many",
        tag=TAG,
        description=(
            "Writes down who is to get the badge and takes the credits for all of them; workers then issue badge by badge."
            " Ask for the batch to see how far they are. Nothing is written when one value is not accepted: at most 1,000"
            " errors are told. What is said of one recipient (`expires_at`, `notes`, ...) counts before what is said of all."
            " With `starts_at` workers begin then; credits are taken, and the list is read, now."
        ),
        request=BulkInput,
        answer=BatchShape,
        status=202,
        refusals=[402, 409],
        parameters=[IDEMPOTENCY_PARAMETER],
        examples=[
            OpenApiExample(
                "Recipients",
                {
                    "badge_template_id": "0f11feda-07f8-4202-9133-4a4e780e857d",
                    "emitted_at": "2024-06-20 16:00:00",
                    "recipients": [
                        {
                            "recipient_email": "ada@example.org",
                            "recipient_first_name": "Ada",
                            "recipient_last_name": "Lovelace",
                        },
                        {"recipient_email": "alan@example.org", "expires_at": "2030-01-01"},
                    ],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> HttpResponse:
        """Write down a batch."""
        values = self._values()
        template, earners_list = self._template(values), self._earners_list(values)
        errors = {}
        if template is None:
            errors["badge_template_id"] = [_("The selected badge template id is invalid.")]
        if values.get("earners_list_id") and earners_list is None:
            errors["earners_list_id"] = [_("The selected earners list id is invalid.")]
        if errors or template is None:
            raise Invalid(errors)
        award, recipients = award_from(values), values.get("recipients")
        notify = values.get("notify")
        with told_by_wire_names():
            if recipients is not None:
                check_recipients(recipients, award, template)
            batch = create_batch(
                template=template,
                people=_people(recipients) if recipients is not None else None,
                earners_list=earners_list,
                award=award,
                is_announced=notify is None or notify,
                report_to=values.get("report_to") or "",
                starts_at=values.get("starts_at"),
                by=self.actor,
            )
        return answer({"data": batch_body(batch)}, 202)

    def _values(self) -> dict[str, Any]:
        """Return the body's values, with exactly one of recipients and earners_list_id. Raises Invalid with every error."""
        data: dict[str, Any] = self.request.data  # type: ignore[assignment]  # see parsing
        sent = {name: data.get(name) for name in ("recipients", "earners_list_id")}
        is_sent = {name: value not in (None, "") for name, value in sent.items()}
        errors: dict[str, list[str]] = {}
        try:
            values = self.checked(BulkInput)
        except Invalid as invalid:
            values, errors = {}, invalid.errors
        if not any(is_sent.values()):
            errors["recipients"] = [
                _("The recipients field is required when earners list id is not present.")
            ]
            errors["earners_list_id"] = [
                _("The earners list id field is required when recipients is not present.")
            ]
        elif all(is_sent.values()):
            errors["recipients"] = [_("The recipients field prohibits earners list id from being present.")]
        if errors:
            raise Invalid(errors)
        return values

    def _template(self, values: dict[str, Any]) -> BadgeTemplate | None:
        return (
            BadgeTemplate.objects.select_related("current_version")
            .filter(organization=self.organization, uuid=values["badge_template_id"])
            .first()
        )

    def _earners_list(self, values: dict[str, Any]) -> EarnersList | None:
        uuid = values.get("earners_list_id")
        return uuid and EarnersList.objects.filter(organization=self.organization, uuid=uuid).first()


def _people(recipients: list[Recipient]) -> Iterator[tuple[Person, dict[str, Any]]]:
    """Yield persons with what is said of them alone, as rows of a batch keep it."""
    for _number, person, own in recipients:
        yield (
            person,
            {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in own.items()
            },
        )


urlpatterns = [path("issuers/organization/badges/bulk", BulkRoute.as_view())]
