"""Earners in the issuer API: those on a list (add, change, remove), and all whom the organization knows."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.fields import Input, Shape, spaced, timestamp
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from earners.api import issuer_examples as examples
from earners.api.issuer_filters import EarnerFilters, MemberFilters
from earners.api.issuer_lists import TAG, find_list, no_such_list
from earners.api.issuer_people import (
    AddressField,
    ListedEarnerShape,
    PeopleField,
    PersonChangeInput,
    PersonInput,
    listed_body,
    listed_rows,
    membership_body,
    person_of,
)
from earners.models import Earner, EarnersList, ListMembership
from earners.services import change_membership, put_on_list, remove_from_list
from organizations.api.issuer_access import OrganizationView, no_such
from organizations.models import Organization

EARNERS_TAG = "Earners"
# How the services name what a request calls otherwise.
FIELDS = {
    "recipient_first_name": "first_name",
    "recipient_last_name": "last_name",
    "recipient_email": "email",
    "metadata": "metadata",
}


class ManyInput(Input):
    """Many who are put on a list."""

    earners = PeopleField()


class OneOrManyInput(PersonInput):
    """One who is put on a list, or many of them as `earners`: what the OpenAPI document says of both."""

    example = examples.EARNERS_REQUEST
    recipient_email = AddressField(required=False)
    earners = PeopleField(required=False, help_text="Many at once; what stands beside it is ignored.")


class EarnerShape(Shape):
    """An earner as the organization knows them, by the names that were given last."""

    example = examples.EARNER
    id = serializers.UUIDField()
    recipient_email = serializers.CharField()
    recipient_first_name = serializers.CharField(allow_null=True)
    recipient_last_name = serializers.CharField(allow_null=True)
    created_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")
    updated_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")
    email_verified_at = serializers.CharField(allow_null=True, help_text="2024-09-16 15:22:00, UTC")


class ListOfEarnerShape(Shape):
    """A list that an earner stands on."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    metadata = serializers.DictField(allow_null=True)


class EarnerWithListsShape(EarnerShape):
    """An earner with the lists that they stand on, newest first."""

    example = {**examples.EARNER, "earners_lists": examples.LISTS_OF_EARNER}
    earners_lists = ListOfEarnerShape(many=True)


def earner_body(earner: Earner) -> dict[str, Any]:
    """Return an earner as EarnerShape says."""
    return {
        "id": str(earner.uuid),
        "recipient_email": earner.email,
        "recipient_first_name": earner.first_name or None,
        "recipient_last_name": earner.last_name or None,
        "created_at": timestamp(earner.created_at),
        "updated_at": timestamp(earner.updated_at),
        "email_verified_at": spaced(earner.email_verified_at),
    }


def earner_with_lists_body(earner: Earner) -> dict[str, Any]:
    """Return an earner as EarnerWithListsShape says; reads the lists."""
    listed = ListMembership.objects.filter(earner=earner).order_by("-earners_list")
    return earner_body(earner) | {
        "earners_lists": [
            {"id": str(uuid), "name": name, "metadata": metadata}
            for uuid, name, metadata in listed.values_list(
                "earners_list__uuid", "earners_list__name", "metadata"
            )
        ]
    }


class ListEarnersRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners_lists/{id}/earners`"""

    @documented(
        "Earners on a list",
        tag=TAG,
        description="Newest first.",
        answer=ListedEarnerShape,
        listed=True,
        refusals=(422,),
        parameters=MemberFilters.parameters(),
    )
    def get(self, request: Request, list_id: UUID) -> HttpResponse:
        """Answer a page of earners on the list."""
        earners_list = find_list(self.organization, list_id)
        memberships = ListMembership.objects.filter(earners_list=earners_list).order_by("-pk")
        asked = MemberFilters.asked(request.query_params)
        found = MemberFilters.narrow(memberships, asked, time_zone=self.organization.time_zone)
        total = None if asked else earners_list.earners_count
        return answer(page_of(request, QuerySetSource(listed_rows(found), total=total), listed_body))

    @documented(
        "Put earners on a list",
        tag=TAG,
        description=(
            "One earner, or many as `earners`. Who stands on the list already gets the names and metadata that are sent. "
            "201 when somebody came on the list, 200 when all stood there."
        ),
        request=OneOrManyInput,
        answer=ListedEarnerShape,
        status=201,
        also=[200],
        one_or_many=True,
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, list_id: UUID) -> HttpResponse:
        """Put one or many on the list."""
        earners_list = find_list(self.organization, list_id)
        is_one = "earners" not in request.data
        people = [person_of(self.checked(PersonInput))] if is_one else self.checked(ManyInput)["earners"]
        try:
            put = put_on_list(earners_list=earners_list, people=people, by=self.actor)
        except EarnersList.DoesNotExist as error:
            raise no_such_list() from error
        bodies = [membership_body(membership) for membership in put.memberships]
        return answer({"data": bodies[0] if is_one else bodies}, 201 if put.added else 200)


class ListEarnerRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners_lists/{id}/earners/{earner_id}`"""

    @documented("An earner on a list", tag=TAG, answer=ListedEarnerShape)
    def get(self, request: Request, list_id: UUID, earner_id: UUID) -> HttpResponse:
        """Answer an earner on the list."""
        return answer({"data": membership_body(self._found(list_id, earner_id))})

    @documented(
        "Change an earner on a list",
        tag=TAG,
        description=(
            "Changes what is sent and nothing else. Names and metadata are this list's; a corrected address is the "
            "earner's everywhere, but for badges that were issued."
        ),
        request=PersonChangeInput,
        answer=ListedEarnerShape,
    )
    def put(self, request: Request, list_id: UUID, earner_id: UUID) -> HttpResponse:
        """Change what was sent."""
        membership = self._found(list_id, earner_id)
        values = self.checked(PersonChangeInput)
        fields = {FIELDS[name]: value for name, value in values.items()}
        try:
            changed = change_membership(membership=membership, fields=fields, by=self.actor)
        except ListMembership.DoesNotExist as error:
            raise no_such(_("earner")) from error
        return answer({"data": membership_body(changed)})

    @documented(
        "Take an earner off a list",
        tag=TAG,
        description="The earner stays known to the organization.",
        status=204,
    )
    def delete(self, request: Request, list_id: UUID, earner_id: UUID) -> HttpResponse:
        """Take an earner off the list."""
        remove_from_list(membership=self._found(list_id, earner_id), by=self.actor)
        return HttpResponse(status=204)

    def _found(self, list_id: UUID, earner_id: UUID) -> ListMembership:
        earners_list = find_list(self.organization, list_id)
        memberships = ListMembership.objects.select_related("earner").filter(earners_list=earners_list)
        membership = memberships.filter(earner__uuid=earner_id).first()
        if membership is None:
            raise no_such(_("earner"))
        membership.earners_list = earners_list
        return membership


class EarnersRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners`"""

    @documented(
        "Earners",
        tag=EARNERS_TAG,
        description="Everybody whom the organization knows, newest first.",
        answer=EarnerShape,
        listed=True,
        refusals=(422,),
        parameters=EarnerFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of earners."""
        earners = Earner.objects.filter(organization=self.organization).order_by("-pk")
        asked = EarnerFilters.asked(request.query_params)
        found = EarnerFilters.narrow(earners, asked, time_zone=self.organization.time_zone)
        total = None if asked else self.organization.earners_count
        return answer(page_of(request, QuerySetSource(found, total=total), earner_body))


class EarnerRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners/{id}`"""

    @documented("An earner", tag=EARNERS_TAG, answer=EarnerWithListsShape)
    def get(self, request: Request, earner_id: UUID) -> HttpResponse:
        """Answer an earner with their lists."""
        return answer({"data": earner_with_lists_body(find_earner(self.organization, earner_id))})


def find_earner(organization: Organization, earner_id: UUID) -> Earner:
    """Return an earner of the organization. Raises Missing."""
    earner = Earner.objects.filter(organization=organization, uuid=earner_id).first()
    if earner is None:
        raise no_such(_("earner"))
    return earner


ONE = "issuers/organization/earners_lists/<uuid:list_id>/earners"
urlpatterns = [
    path(ONE, ListEarnersRoute.as_view()),
    path(f"{ONE}/<uuid:earner_id>", ListEarnerRoute.as_view()),
    path("issuers/organization/earners", EarnersRoute.as_view()),
    path("issuers/organization/earners/<uuid:earner_id>", EarnerRoute.as_view()),
]
