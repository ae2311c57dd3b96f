"""Outcomes in the issuer API: defined, given secrets, and what became of each report."""

from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request

from badges.api import issuer_examples as examples
from badges.api.issuer_outcome_bodies import (
    SECRETS,
    NewOutcomeShape,
    OutcomeShape,
    RecordShape,
    RecordWithHistoryShape,
    outcome_body,
    record_body,
    record_with_history,
)
from badges.enums import OutcomeState
from badges.models import BadgeTemplate, Outcome, OutcomeRecord
from badges.services.outcome_settings import (
    OutcomeSecrets,
    create_outcome,
    delete_outcome,
    rotate_outcome_secrets,
    update_outcome,
)
from badges.services.outcomes import retry_outcome
from config.api.issuer.documentation import documented
from config.api.issuer.errors import Invalid
from config.api.issuer.fields import FlagField, Input, TextField
from config.api.issuer.filters import (
    ChoiceFilter,
    DayFilter,
    FlagFilter,
    IdFilter,
    LaravelFilterSet,
    TextFilter,
)
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from config.api.issuer.wording import sentence
from config.exceptions import InvalidInput
from organizations.api.issuer_access import OrganizationView, no_such

TAG = "Outcomes"
OUTCOMES = "issuers/organization/outcomes"
RECORDS = "issuers/organization/outcome_records"
NAMES = {"template": "badge_template_id"}  # what services call otherwise


class OutcomeFilters(LaravelFilterSet):
    """Which outcomes."""

    code = TextFilter("code", help_text="Part of the code.")
    name = TextFilter("name", help_text="Part of the name.")
    badge_template_id = IdFilter("template__uuid")
    is_active = FlagFilter("is_active")


class RecordFilters(LaravelFilterSet):
    """Which records."""

    state = ChoiceFilter("state", choices=OutcomeState.values)
    outcome_id = IdFilter("outcome__uuid")
    recipient_email = TextFilter("recipient_email", help_text="Part of the address.")
    created_at_after = DayFilter("created_at", help_text="Recorded on this day or later.")
    created_at_before = DayFilter("created_at", is_end=True, help_text="Recorded on this day or earlier.")


class OutcomeInput(Input):
    """An outcome: it leads to a template here or to a platform elsewhere, or nowhere yet."""

    example = examples.OUTCOME_REQUEST
    code = TextField(help_text="1 to 255 characters without slashes.")
    name = TextField(required=False, allow_null=True)
    badge_template_id = serializers.UUIDField(required=False, allow_null=True)
    call_url = TextField(required=False, allow_null=True, max_length=2000)
    is_active = FlagField(required=False)


class OutcomeView(OrganizationView):
    """A route of the organization's outcomes."""

    def outcomes(self) -> "QuerySet[Outcome]":
        """Return the organization's outcomes, newest first, with their templates and how often they were reported."""
        found = Outcome.objects.filter(organization=self.organization).select_related("template")
        return found.annotate(reports=Count("records")).order_by("-id")

    def outcome(self, outcome_id: UUID) -> Outcome:
        """Return one; raise Missing."""
        outcome = self.outcomes().filter(uuid=outcome_id).first()
        if outcome is None:
            raise no_such(_("outcome"))
        return outcome

    def records(self) -> "QuerySet[OutcomeRecord]":
        """Return the records of the organization's outcomes, newest first."""
        records = OutcomeRecord.objects.filter(outcome__organization=self.organization)
        return records.select_related("outcome", "badge").order_by("-id")

    def record(self, record_id: UUID) -> OutcomeRecord:
        """Return one of them; raise Missing."""
        record = self.records().filter(uuid=record_id).first()
        if record is None:
            raise no_such(_("outcome record"))
        return record

    def fields(self, *, partial: bool) -> dict[str, Any]:
        """Return what the body says, with the template that it names. Raises Invalid."""
        values = self.checked(OutcomeInput, partial=partial)
        fields = {name: value for name, value in values.items() if name != "badge_template_id"}
        if "badge_template_id" in values:
            wanted = values["badge_template_id"]
            template = BadgeTemplate.objects.filter(organization=self.organization, uuid=wanted).first()
            if wanted is not None and template is None:
                raise Invalid({"badge_template_id": [sentence("invalid_choice", ["badge_template_id"])]})
            fields["template"] = template
        return fields

    def answered(self, outcome: Outcome, secrets: OutcomeSecrets | None, status: int = 200) -> HttpResponse:
        """Answer an outcome that was made or changed, with its secrets for this once."""
        body = outcome_body(self.outcome(outcome.uuid))
        response = answer({"data": body | {"secrets": asdict(secrets) if secrets else None}}, status)
        response["Cache-Control"] = "no-store"
        return response


def _renamed(refusal: InvalidInput) -> InvalidInput:
    refusal.field = NAMES.get(refusal.field or "", refusal.field)
    return refusal


class OutcomesRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcomes`"""

    # The answer has secrets, which are kept nowhere.
    takes_idempotency_key = False

    @documented(
        "List outcomes",
        tag=TAG,
        answer=OutcomeShape,
        listed=True,
        refusals=[422],
        parameters=OutcomeFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of outcomes."""
        found = self.filtered(OutcomeFilters, self.outcomes())
        return answer(page_of(request, QuerySetSource(found), outcome_body))

    @documented(
        "Define an outcome",
        tag=TAG,
        description="With a `call_url` the answer has its secrets, shown this once.",
        request=OutcomeInput,
        answer=NewOutcomeShape,
        status=201,
        refusals=[503],
    )
    def post(self, request: Request) -> HttpResponse:
        """Define one."""
        fields = self.fields(partial=False)
        fields = {name: value for name, value in fields.items() if value is not None}
        try:
            outcome, secrets = create_outcome(organization=self.organization, by=self.actor, **fields)
        except InvalidInput as refusal:
            raise _renamed(refusal) from refusal
        return self.answered(outcome, secrets, 201)


class OutcomeRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcomes/{id}`"""

    @documented("An outcome", tag=TAG, answer=OutcomeShape)
    def get(self, request: Request, outcome_id: UUID) -> HttpResponse:
        """Answer one."""
        return answer({"data": outcome_body(self.outcome(outcome_id))})

    @documented(
        "Change an outcome",
        tag=TAG,
        description="Changes what is sent and nothing else. The code stays once something was reported. When it calls out"
        " for the first time the answer has its secrets, shown this once.",
        request=OutcomeInput(partial=True),
        answer=NewOutcomeShape,
        refusals=[503],
    )
    def put(self, request: Request, outcome_id: UUID) -> HttpResponse:
        """Change what was sent."""
        outcome = self.outcome(outcome_id)
        fields = self.fields(partial=True)
        try:
            outcome, secrets = update_outcome(outcome=outcome, fields=fields, by=self.actor)
        except InvalidInput as refusal:
            raise _renamed(refusal) from refusal
        return self.answered(outcome, secrets)

    patch = put

    @documented(
        "Delete an outcome",
        tag=TAG,
        description="One that was reported before stays, inactive, with its records.",
        status=204,
    )
    def delete(self, request: Request, outcome_id: UUID) -> HttpResponse:
        """Delete it, or make it inactive."""
        delete_outcome(outcome=self.outcome(outcome_id), by=self.actor)
        return HttpResponse(status=204)


class SecretsRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcomes/{id}/secrets`"""

    takes_idempotency_key = False

    @documented(
        "Give an outcome new secrets",
        tag=TAG,
        description="Shown this once. The old ones are of no use from now on.",
        answer=SECRETS,
        refusals=[422, 503],
        examples=[OpenApiExample("Answer", {"data": examples.SECRETS}, response_only=True)],
    )
    def post(self, request: Request, outcome_id: UUID) -> HttpResponse:
        """Replace both."""
        secrets = rotate_outcome_secrets(outcome=self.outcome(outcome_id), by=self.actor)
        response = answer({"data": asdict(secrets)})
        response["Cache-Control"] = "no-store"
        return response


class RecordsRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcome_records`"""

    @documented(
        "List reported outcomes",
        tag=TAG,
        answer=RecordShape,
        listed=True,
        refusals=[422],
        parameters=RecordFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of records."""
        found = self.filtered(RecordFilters, self.records())
        return answer(page_of(request, QuerySetSource(found), record_body))


class OutcomeRecordsRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcomes/{id}/records`"""

    @documented(
        "List reports of an outcome",
        tag=TAG,
        answer=RecordShape,
        listed=True,
        refusals=[422],
        parameters=RecordFilters.parameters(),
    )
    def get(self, request: Request, outcome_id: UUID) -> HttpResponse:
        """Answer a page of one outcome's records."""
        found = self.filtered(RecordFilters, self.records().filter(outcome=self.outcome(outcome_id)))
        return answer(page_of(request, QuerySetSource(found), record_body))


class RecordRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcome_records/{id}`"""

    @documented("A reported outcome", tag=TAG, answer=RecordWithHistoryShape)
    def get(self, request: Request, record_id: UUID) -> HttpResponse:
        """Answer one with its history."""
        return answer({"data": record_with_history(self.record(record_id))})


class RetryRoute(OutcomeView):
    """`/api/v1/issuers/organization/outcome_records/{id}/retry`"""

    needs: ClassVar = {"POST": "issue"}

    @documented(
        "Try a reported outcome again",
        tag=TAG,
        description="Issues what was refused, or reports anew what waits for a platform. The answer says whether it worked.",
        answer=RecordWithHistoryShape,
        refusals=[409],
    )
    def post(self, request: Request, record_id: UUID) -> HttpResponse:
        """Lead it on again."""
        retry_outcome(record=self.record(record_id), by=self.actor)
        return answer({"data": record_with_history(self.record(record_id))})


urlpatterns = [
    path(OUTCOMES, OutcomesRoute.as_view()),
    path(f"{OUTCOMES}/<uuid:outcome_id>", OutcomeRoute.as_view()),
    path(f"{OUTCOMES}/<uuid:outcome_id>/secrets", SecretsRoute.as_view()),
    path(f"{OUTCOMES}/<uuid:outcome_id>/records", OutcomeRecordsRoute.as_view()),
    path(RECORDS, RecordsRoute.as_view()),
    path(f"{RECORDS}/<uuid:record_id>", RecordRoute.as_view()),
    path(f"{RECORDS}/<uuid:record_id>/retry", RetryRoute.as_view()),
]
