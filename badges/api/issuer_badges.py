"""Badges in the issuer API (reference openbadge_eu section 6): assign one, list, read, correct, revoke."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from badges.api import issuer_examples as examples
from badges.api.issuer_awards import AwardInput, award_from, told_by_wire_names, wire_name
from badges.api.issuer_badge_bodies import BadgeBodies, BadgeShape, FilteredSource, NumberedSource, find_badge
from badges.api.issuer_badge_filters import BadgeFilters
from badges.exceptions import Unsignable
from badges.models import Badge, BadgeTemplate
from badges.services.awards import checked_award
from badges.services.changing import change_badge
from badges.services.issuing import issue_badge
from badges.services.revoking import revoke_badge
from badges.services.values import check_award
from badges.services.versions import current_version
from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.fields import FlagField, Input, ObjectField, TextField
from config.api.issuer.pages import page_of
from config.api.issuer.views import answer
from config.exceptions import InvalidInput
from config.statements import Statement
from earners.services import Person
from organizations.api.issuer_access import OrganizationView

TAG = "Badges"
MAX_TEXT = 20_000  # as badges.services.awards has it
TEMPLATE: Statement[BadgeTemplate] = Statement(
    lambda places: BadgeTemplate.objects.filter(
        uuid=places.uuid("uuid"), organization=places.number("organization")
    ).order_by()
)


class TemplateField(serializers.UUIDField):
    """The id of a badge template of the organization that asks; one of another organization is as one that is not there."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the template."""
        uuid = super().to_internal_value(data)
        found = TEMPLATE.first(uuid=uuid, organization=self.context["organization"].pk)
        if found is None:
            self.fail("invalid_choice")
        found.current_version = current_version(found)
        return found

    default_error_messages = {"invalid_choice": gettext_lazy("The selected badge template id is invalid.")}


class RecipientInput(Input):
    """Who gets a badge."""

    recipient_email = serializers.EmailField(max_length=254)
    recipient_first_name = TextField(required=False, allow_null=True)
    recipient_last_name = TextField(required=False, allow_null=True)


class BadgeInput(RecipientInput, AwardInput):
    """A badge for one earner. What is wrong with it is told at once, also what only the values together show."""

    badge_template_id = TemplateField()

    def to_internal_value(self, data: Any) -> Any:
        """Return the values."""
        errors: dict[str, Any] = {}
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            errors = dict(error.detail)  # type: ignore[arg-type]  # of an object it is one
            values = self._good_values(data, errors)
        errors |= _refused_by_services(values, errors)
        if errors:
            raise ValidationError(errors)
        return values

    def _good_values(self, data: Any, errors: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that nothing is wrong with, each by itself."""
        values: dict[str, Any] = {}
        for name, field in self.fields.items() if isinstance(data, Mapping) else ():
            sent = data.get(name)
            if name not in errors and sent is not None and not (isinstance(sent, str) and not sent.strip()):
                values[name] = field.run_validation(sent)
        return values


def person_from(values: Mapping[str, Any]) -> Person:
    """Return who is meant by checked values of a RecipientInput."""
    return Person(
        email=values.get("recipient_email") or "",
        first_name=values.get("recipient_first_name") or "",
        last_name=values.get("recipient_last_name") or "",
    )


def _refused_by_services(
    values: Mapping[str, Any], errors: Mapping[str, Any]
) -> dict[str, list[ErrorDetail]]:
    """Return what the service that issues would refuse of values, by dotted path.

    Services tell one thing at a time: they are asked again without each value, or item of a list, that they refused.
    """
    found: dict[str, list[ErrorDetail]] = {}
    rest = dict(values)
    places = {name: list(range(len(rest[name]))) for name in ("evidence", "results") if rest.get(name)}
    template: BadgeTemplate | None = values.get("badge_template_id")
    while True:
        try:
            award = checked_award(
                award_from(rest), validity_days=template.validity_days if template else None
            )
            if template is not None and template.current_version is not None:
                check_award(person_from(rest), award, template.current_version)
        except (InvalidInput, Unsignable) as refusal:
            path = wire_name(refusal.field) or ""
            name, _dot, inner = path.partition(".")
            if name not in rest or name in errors:
                return found
            if inner:
                number, _dot, key = inner.partition(".")
                rest[name] = [item for place, item in enumerate(rest[name]) if place != int(number)]
                path = ".".join(part for part in (name, str(places[name].pop(int(number))), key) if part)
            else:
                del rest[name]
            found[path] = [ErrorDetail(refusal.message, "rule")]
        else:
            return found


class ChangeInput(Input):
    """What may be changed of a badge. All else that is sent is ignored."""

    example = {"public": 1}
    recipient_email = serializers.EmailField(
        max_length=254, help_text="A correction: the badge is signed anew, and becomes that earner's."
    )
    recipient_first_name = TextField(allow_null=True)
    recipient_last_name = TextField(allow_null=True)
    notes = TextField(allow_null=True, max_length=MAX_TEXT)
    additional_details = ObjectField(allow_null=True)
    public = FlagField(help_text="1: listed in public; 0: whoever has the link finds it.")


class RevocationInput(Input):
    """Why a badge is revoked."""

    reason = TextField(
        required=False,
        allow_null=True,
        max_length=1000,
        help_text="Public: it stands on the badge's page. A general one where none is given.",
    )


TEXTS = {"recipient_first_name", "recipient_last_name", "notes"}  # null in the API, an empty text in the row


class BadgesRoute(OrganizationView):
    """`/api/v1/issuers/organization/badges`"""

    needs = {"POST": "issue"}

    @documented(
        "Badges",
        tag=TAG,
        answer=BadgeShape,
        listed=True,
        refusals=[422],
        parameters=BadgeFilters.parameters(),
        examples=[examples.BADGES],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of the badges that the query asks for, newest first."""
        asked = BadgeFilters.asked(request.query_params)
        bodies = BadgeBodies(self.organization)
        if not asked:
            return answer(page_of(request, NumberedSource(self.organization), bodies))
        badges = Badge.objects.filter(organization=self.organization)
        narrowed = BadgeFilters.narrow(badges, asked, time_zone=self.organization.time_zone)
        return answer(page_of(request, FilteredSource(narrowed), bodies))

    @documented(
        "Assign a badge",
        tag=TAG,
        description="Issues a badge to one earner at once, signed, and tells the earner by e-mail. Takes one credit.",
        request=BadgeInput,
        answer=BadgeShape,
        status=201,
        refusals=[402, 409, 503],
        parameters=[IDEMPOTENCY_PARAMETER],
        examples=[examples.ASSIGNMENT, examples.BADGE],
    )
    def post(self, request: Request) -> HttpResponse:
        """Issue a badge."""
        values = self.checked(BadgeInput)
        with told_by_wire_names():
            badge = issue_badge(
                template=values["badge_template_id"],
                person=person_from(values),
                award=award_from(values),
                by=self.actor,
            )
        if badge.version.sealed_at is None:  # the first badge of its version has sealed it just now
            badge = find_badge(self.organization, badge.uuid)
        return answer({"data": BadgeBodies(self.organization)(badge)}, 201)


class BadgeRoute(OrganizationView):
    """`/api/v1/issuers/organization/badges/{id}`"""

    needs = {"PATCH": "issue", "PUT": "issue"}

    @documented("A badge", tag=TAG, answer=BadgeShape, examples=[examples.BADGE])
    def get(self, request: Request, uuid: UUID) -> HttpResponse:
        """Answer a badge."""
        return answer({"data": BadgeBodies(self.organization)(find_badge(self.organization, uuid))})

    @documented(
        "Change a badge",
        tag=TAG,
        description=(
            "Changes what is sent and nothing else. With another address or name the badge is signed anew in its place, and"
            " the earner who has the new address is told; files that were downloaded before still say what they said, until"
            " the badge is revoked."
        ),
        request=ChangeInput(partial=True),
        answer=BadgeShape,
        refusals=[409, 503],
        examples=[examples.CHANGE, examples.BADGE],
    )
    def patch(self, request: Request, uuid: UUID) -> HttpResponse:
        """Change what was sent."""
        badge = find_badge(self.organization, uuid)
        values = self.checked(ChangeInput, partial=True)
        fields = {
            "is_public" if name == "public" else name: "" if value is None and name in TEXTS else value
            for name, value in values.items()
        }
        badge = change_badge(badge=badge, fields=fields, by=self.actor)
        return answer({"data": BadgeBodies(self.organization)(badge)})

    @documented(
        "Change a badge",
        tag=TAG,
        description="The same as PATCH.",
        request=ChangeInput(partial=True),
        answer=BadgeShape,
        refusals=[409, 503],
    )
    def put(self, request: Request, uuid: UUID) -> HttpResponse:
        """Change what was sent."""
        response: HttpResponse = self.patch(request, uuid)
        return response


class RevocationRoute(OrganizationView):
    """`/api/v1/issuers/badges/{id}/revoke`, and the same below the organization."""

    needs = {"POST": "issue"}

    @documented(
        "Revoke a badge",
        tag=TAG,
        description="Takes a badge back for good. Everybody who verifies it is told at once. Credits do not come back.",
        request=RevocationInput,
        answer=BadgeShape,
        refusals=[409],
        parameters=[IDEMPOTENCY_PARAMETER],
        examples=[examples.REVOCATION, examples.REVOKED],
    )
    def post(self, request: Request, uuid: UUID) -> HttpResponse:
        """Revoke a badge."""
        badge = find_badge(self.organization, uuid)
        reason = self.checked(RevocationInput).get("reason")
        if reason is None:
            with translation.override(self.organization.language):  # who reads it is not who asks here
                reason = _("Revoked by the issuer.")
        revoke_badge(badge=badge, reason=reason, by=self.actor)
        return answer({"data": BadgeBodies(self.organization)(find_badge(self.organization, uuid))})


urlpatterns = [
    path("issuers/organization/badges", BadgesRoute.as_view()),
    path("issuers/organization/badges/<uuid:uuid>", BadgeRoute.as_view()),
    path("issuers/organization/badges/<uuid:uuid>/revoke", RevocationRoute.as_view()),
    path("issuers/badges/<uuid:uuid>/revoke", RevocationRoute.as_view()),
]
