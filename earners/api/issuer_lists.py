"""Lists of earners in the issuer API (seed 002): make, list, read, change, delete."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.fields import Input, Shape, TextField, timestamp
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from earners.api.issuer_examples import LIST_ANSWER, LIST_CHANGE, LIST_REQUEST, LISTS_ANSWER
from earners.api.issuer_filters import IMPORTED, ListFilters
from earners.api.issuer_people import ListedEarnerShape, PeopleField, all_listed
from earners.enums import ListStatus, ListType
from earners.models import EarnersList
from earners.services import create_list, delete_list, update_list
from organizations.api.issuer_access import OrganizationView, no_such
from organizations.models import Organization

TAG = "Earners lists"
MAX_DESCRIPTION = 65_535


class _Head(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    status = serializers.ChoiceField(ListStatus.choices)
    type = serializers.ChoiceField(ListType.choices)


# In the key order of seed 002.
class EarnersListShape(_Head):
    """A list with everybody on it."""

    earners = ListedEarnerShape(many=True)
    created_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")
    updated_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")


class EarnersListRowShape(_Head):
    """A list among others, with the number of earners in their place."""

    earners_count = serializers.IntegerField()
    created_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")
    updated_at = serializers.CharField(help_text="2024-09-16T15:22:00.000000Z")


def row_body(earners_list: EarnersList) -> dict[str, Any]:
    """Return a list as EarnersListRowShape says."""
    return _body(earners_list, "earners_count", earners_list.earners_count)


def list_body(earners_list: EarnersList) -> dict[str, Any]:
    """Return a list as EarnersListShape says; reads everybody on it."""
    return _body(earners_list, "earners", all_listed(earners_list))


def _body(earners_list: EarnersList, key: str, earners: Any) -> dict[str, Any]:
    return {
        "id": str(earners_list.uuid),
        "name": earners_list.name,
        "description": earners_list.description or None,
        "status": earners_list.status,
        "type": earners_list.type,
        key: earners,
        "created_at": timestamp(earners_list.created_at),
        "updated_at": timestamp(earners_list.updated_at),
    }


class ListTypeField(serializers.ChoiceField):
    """`list` or `import`, which seed 002 calls `imported` too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ListType.choices, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the type."""
        return super().to_internal_value(ListType.IMPORT.value if data == IMPORTED else data)


class EarnersListInput(Input):
    """A new list of earners."""

    name = TextField()
    description = TextField(required=False, allow_null=True, max_length=MAX_DESCRIPTION)
    status = serializers.ChoiceField(ListStatus.choices, required=False)
    type = ListTypeField(required=False)
    earners = PeopleField(
        required=False, allow_null=True, help_text="An address that is there twice counts once."
    )


class EarnersListChangeInput(Input):
    """What may change of a list; its earners have routes of their own."""

    example = LIST_CHANGE
    name = TextField(required=False)
    description = TextField(required=False, allow_null=True, max_length=MAX_DESCRIPTION)
    status = serializers.ChoiceField(ListStatus.choices, required=False)
    type = ListTypeField(required=False)


def find_list(organization: Organization, list_id: UUID) -> EarnersList:
    """Return a list of the organization. Raises Missing."""
    earners_list = EarnersList.objects.filter(organization=organization, uuid=list_id).first()
    if earners_list is None:
        raise no_such_list()
    earners_list.organization = organization
    return earners_list


def no_such_list() -> Exception:
    """Return the refusal for a list that is not there, or not the organization's."""
    return no_such(_("earners list"))


class EarnersListsRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners_lists`"""

    @documented(
        "Earners lists",
        tag=TAG,
        description="Newest first.",
        answer=EarnersListRowShape,
        listed=True,
        refusals=(422,),
        parameters=ListFilters.parameters(),
        examples=[LISTS_ANSWER],
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of lists."""
        lists = EarnersList.objects.filter(organization=self.organization).order_by("-pk")
        found = self.filtered(ListFilters, lists)
        return answer(page_of(request, QuerySetSource(found), row_body))

    @documented(
        "Make an earners list",
        tag=TAG,
        description="With up to 100,000 earners. Those whom the organization knows by their address are recognized.",
        request=EarnersListInput,
        answer=EarnersListShape,
        status=201,
        parameters=[IDEMPOTENCY_PARAMETER],
        examples=[LIST_REQUEST, LIST_ANSWER],
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a list with earners on it."""
        values = self.checked(EarnersListInput)
        made = create_list(
            organization=self.organization,
            name=values["name"],
            description=values.get("description"),
            type=ListType(values.get("type", ListType.LIST)),
            status=ListStatus(values.get("status", ListStatus.ENABLED)),
            people=values.get("earners") or (),
            by=self.actor,
        )
        return answer({"data": list_body(made)}, 201)


class EarnersListRoute(OrganizationView):
    """`/api/v1/issuers/organization/earners_lists/{id}`"""

    @documented(
        "An earners list",
        tag=TAG,
        description="With everybody on it; a list of many is read page by page at `earners_lists/{list_id}/earners`.",
        answer=EarnersListShape,
        examples=[LIST_ANSWER],
    )
    def get(self, request: Request, list_id: UUID) -> HttpResponse:
        """Answer a list with all its earners."""
        return answer({"data": list_body(find_list(self.organization, list_id))})

    @documented(
        "Change an earners list",
        tag=TAG,
        description="Changes what is sent and nothing else.",
        request=EarnersListChangeInput,
        answer=EarnersListShape,
        examples=[LIST_ANSWER],
    )
    def put(self, request: Request, list_id: UUID) -> HttpResponse:
        """Change what was sent."""
        earners_list = find_list(self.organization, list_id)
        values = self.checked(EarnersListChangeInput)
        try:
            changed = update_list(earners_list=earners_list, fields=values, by=self.actor)
        except EarnersList.DoesNotExist as error:
            raise no_such_list() from error
        return answer({"data": list_body(changed)})

    @documented(
        "Delete an earners list",
        tag=TAG,
        description="Its earners stay known to the organization, and what was issued to them stays issued.",
        status=204,
    )
    def delete(self, request: Request, list_id: UUID) -> HttpResponse:
        """Delete a list."""
        delete_list(earners_list=find_list(self.organization, list_id), by=self.actor)
        return HttpResponse(status=204)


urlpatterns = [
    path("issuers/organization/earners_lists", EarnersListsRoute.as_view()),
    path("issuers/organization/earners_lists/<uuid:list_id>", EarnersListRoute.as_view()),
]
