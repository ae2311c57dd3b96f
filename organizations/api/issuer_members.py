"""Members of the organization in the issuer API: who they are, with which role; added, changed, removed."""

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
from organizations.api import issuer_examples as examples
from organizations.api.issuer_access import OrganizationView, no_such
from organizations.api.issuer_filters import MemberFilters
from organizations.enums import Language, Role
from organizations.models import Membership
from organizations.services.members import change_role, invite_member, remove_member

TAG = "Members"


class MemberShape(Shape):
    """A member. Names are theirs to show: null until they have signed in since they were made a member."""

    example = examples.MEMBER
    id = serializers.UUIDField()
    email = serializers.CharField()
    first_name = serializers.CharField(allow_null=True)
    last_name = serializers.CharField(allow_null=True)
    role = serializers.ChoiceField(Role.choices)
    created_at = serializers.CharField(help_text="When they were made a member: 2024-06-17T06:37:33.000000Z")


def member_body(membership: Membership) -> dict[str, Any]:
    """Return a membership, whose user was read, as MemberShape says.

    Names that a user has from elsewhere would tell that there is such a user; so nobody's are shown before they came.
    """
    user = membership.user
    has_come = user.last_login is not None and user.last_login >= membership.created_at
    return {
        "id": str(user.uuid),
        "email": user.email,
        "first_name": (user.first_name or None) if has_come else None,
        "last_name": (user.last_name or None) if has_come else None,
        "role": membership.role,
        "created_at": timestamp(membership.created_at),
    }


class MemberInput(Input):
    """Who is to be a member. Names and language count where the address is new to this server."""

    example = examples.MEMBER_REQUEST
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.choices)
    first_name = TextField(required=False, allow_null=True, max_length=150)
    last_name = TextField(required=False, allow_null=True, max_length=150)
    language = serializers.ChoiceField(Language.choices, required=False, allow_null=True)


class RoleInput(Input):
    """Another role."""

    example = {"role": "admin"}
    role = serializers.ChoiceField(Role.choices)


class MembersRoute(OrganizationView):
    """`/api/v1/issuers/organization/members`"""

    @documented(
        "Members",
        tag=TAG,
        description="Newest first.",
        answer=MemberShape,
        listed=True,
        refusals=(422,),
        parameters=MemberFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of members."""
        members = Membership.objects.filter(organization=self.organization).order_by("-pk")
        asked = MemberFilters.asked(request.query_params)
        found = MemberFilters.narrow(members, asked, time_zone=self.organization.time_zone)
        total = None if asked else self.organization.users_count
        return answer(
            page_of(request, QuerySetSource(found.select_related("user"), total=total), member_body)
        )

    @documented(
        "Add a member",
        tag=TAG,
        description=(
            "They are told by mail, which leads a new user to set a password. Nobody gives a role above their own; an API "
            "key with the scope write is as an admin, for roles that may no more than its scopes."
        ),
        request=MemberInput,
        answer=MemberShape,
        status=201,
        refusals=(409,),
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request) -> HttpResponse:
        """Make somebody a member."""
        values = self.checked(MemberInput)
        membership = invite_member(
            organization=self.organization,
            email=values["email"],
            role=Role(values["role"]),
            first_name=values.get("first_name") or "",
            last_name=values.get("last_name") or "",
            language=Language(values["language"]) if values.get("language") else None,
            by=self.actor,
        )
        return answer({"data": member_body(membership)}, 201)


class MemberRoute(OrganizationView):
    """`/api/v1/issuers/organization/members/{id}`"""

    @documented("A member", tag=TAG, answer=MemberShape)
    def get(self, request: Request, user_id: UUID) -> HttpResponse:
        """Answer a member."""
        return answer({"data": member_body(self._member(user_id))})

    @documented(
        "Give a member another role",
        tag=TAG,
        description="Nobody gives or takes a role above their own. An organization keeps an owner.",
        request=RoleInput,
        answer=MemberShape,
        refusals=(409,),
    )
    def put(self, request: Request, user_id: UUID) -> HttpResponse:
        """Change the role."""
        member = self._member(user_id)
        values = self.checked(RoleInput)
        try:
            changed = change_role(membership=member, role=Role(values["role"]), by=self.actor)
        except Membership.DoesNotExist as error:
            raise no_such(_("member")) from error
        return answer({"data": member_body(changed)})

    @documented(
        "Remove a member",
        tag=TAG,
        description="They lose their access at once. Their account, and what they issued, stay.",
        status=204,
        refusals=(409,),
    )
    def delete(self, request: Request, user_id: UUID) -> HttpResponse:
        """End a membership."""
        remove_member(membership=self._member(user_id), by=self.actor)
        return HttpResponse(status=204)

    def _member(self, user_id: UUID) -> Membership:
        members = Membership.objects.select_related("user").filter(organization=self.organization)
        member = members.filter(user__uuid=user_id).first()
        if member is None:
            raise no_such(_("member"))
        return member


urlpatterns = [
    path("issuers/organization/members", MembersRoute.as_view()),
    path("issuers/organization/members/<uuid:user_id>", MemberRoute.as_view()),
]
