"""BadgeKit systems: list, make, read, change, put out of use. The list and new ones are for the master key alone."""

from typing import Any

from django.http import HttpResponse

from config.api.badgekit import ApiError, BadgekitRequest, BadgekitView, Fields, answer, paged
from organizations.actors import Actor, MasterKey
from organizations.api.badgekit import ScopedView
from organizations.api.badgekit_bodies import system_body, with_issuers
from organizations.api.badgekit_changes import changes, read_fields, read_slug, slug_conflict
from organizations.api.badgekit_documentation import SYSTEM_ROUTE, SYSTEMS_ROUTE
from organizations.api.badgekit_pictures import sent_picture, stored_picture
from organizations.api.badgekit_tokens import identify
from organizations.exceptions import SlugTaken
from organizations.models import ApiKey, Organization, System
from organizations.services.organizations import create_system
from organizations.services.systems import archive_system, update_system


class SystemsRoute(BadgekitView):
    """`/systems`"""

    described = SYSTEMS_ROUTE

    def prepare(self, request: BadgekitRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Let nobody in but the master key: consumers and API keys belong to one system. Raises ApiError 403."""
        if not isinstance(identify(request, None), MasterKey):
            raise ApiError(403, "NotAuthorized", "Invalid token for system")
        return kwargs

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer all systems with their issuers and their programs."""
        rows, page_data, link = paged(request, with_issuers(System.objects.all()))
        body: dict[str, Any] = {
            "systems": [system_body(system, system.organizations.all()) for system in rows]
        }
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)

    def post(self, request: BadgekitRequest) -> HttpResponse:
        """Make a system, and the organization that issues in its name."""
        fields = Fields(request.data)
        slug = read_slug(fields, is_new=True)
        values = read_fields(fields, is_new=True)
        source = sent_picture(request, fields)
        fields.check()
        try:
            with stored_picture(source, folder="systems") as logo:
                system = create_system(slug=slug, logo=logo or "", **values)
        except SlugTaken as refusal:
            raise slug_conflict("system", request.data) from refusal
        return answer({"status": "created", "system": _body(system)}, 201)


class SystemRoute(ScopedView):
    """`/systems/:slug`"""

    described = SYSTEM_ROUTE

    def prepare(self, request: BadgekitRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is not for API keys, which belong to one issuer. Raises ApiError."""
        rest = super().prepare(request, kwargs)
        if request.method != "GET":
            refuse_keys(self.actor)
        return rest

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the system with its issuers and their programs; an API key is told of no issuer but its own."""
        return answer({"system": _body(self.scope.system, self.actor)})

    def put(self, request: BadgekitRequest) -> HttpResponse:
        """Change what was sent and differs."""
        system = self.scope.system
        fields = Fields(changes(request.data, _body(system)))
        read_slug(fields, is_new=False)
        values = read_fields(fields, is_new=False)
        source = sent_picture(request, fields)
        fields.check()
        with stored_picture(source, folder="systems", old=self.scope.owner.logo.name) as logo:
            picture = {"logo": logo} if logo else {}
            system = update_system(system=system, fields=values | picture, by=self.actor)
        return answer({"status": "updated", "system": _body(system)})

    def delete(self, request: BadgekitRequest) -> HttpResponse:
        """Put the system out of use; its slug stays taken, and what was issued stays published."""
        body = _body(self.scope.system)
        archive_system(system=self.scope.system, by=self.actor)
        return answer({"status": "deleted", "system": body})


def refuse_keys(actor: Actor) -> None:
    """Raise ApiError 403 for an API key: it acts within its issuer, and neither makes issuers nor puts one out of use."""
    if isinstance(actor, ApiKey):
        raise ApiError(
            403, "NotAuthorized", "API keys cannot do this. Use a BadgeKit consumer of the system."
        )


def _body(system: System, actor: Actor | None = None) -> dict[str, Any]:
    [row] = with_issuers(System.objects.filter(pk=system.pk))
    members: list[Organization] = list(row.organizations.all())
    if isinstance(actor, ApiKey):
        members = [member for member in members if member.pk == actor.organization_id]
    return system_body(row, members)
