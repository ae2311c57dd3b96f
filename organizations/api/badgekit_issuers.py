"""BadgeKit issuers: the organizations of a system, but for the one that stands for it."""

from typing import Any

from django.http import HttpResponse
from django.utils.html import escape

from config.api.badgekit import BadgekitRequest, Fields, answer, paged
from organizations.api.badgekit import ScopedView
from organizations.api.badgekit_bodies import issuer_body, with_programs
from organizations.api.badgekit_changes import changes, read_fields, read_slug, slug_conflict
from organizations.api.badgekit_documentation import ISSUER_ROUTE, ISSUERS_ROUTE
from organizations.api.badgekit_pictures import sent_picture, stored_picture
from organizations.api.badgekit_systems import refuse_keys
from organizations.exceptions import SlugTaken
from organizations.models import Organization
from organizations.services.organizations import create_organization, update_organization
from organizations.services.systems import archive_organization


class IssuersRoute(ScopedView):
    """`/systems/:slug/issuers`"""

    described = ISSUERS_ROUTE

    def prepare(self, request: BadgekitRequest, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Refuse API keys, which know of no issuer but their own. Raises ApiError."""
        rest = super().prepare(request, kwargs)
        refuse_keys(self.actor)
        return rest

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the issuers of the system with their programs."""
        issuers = with_programs(self.scope.system.organizations.filter(is_system_itself=False))
        rows, page_data, link = paged(request, issuers)
        body: dict[str, Any] = {"issuers": [issuer_body(row, row.programs.all()) for row in rows]}
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)

    def post(self, request: BadgekitRequest) -> HttpResponse:
        """Make an organization of the system, with signing keys of its own."""
        fields = Fields(request.data)
        slug = read_slug(fields, is_new=True)
        values = read_fields(fields, is_new=True)
        source = sent_picture(request, fields)
        fields.check()
        name = values.pop("name", "")
        try:
            with stored_picture(source, folder="organizations/organization-logos") as logo:
                made = create_organization(
                    system=self.scope.system,
                    slug=slug,
                    name=name,
                    fields=_as_kept(values) | {"logo": logo or ""},
                    by=self.actor,
                )
        except SlugTaken as refusal:
            raise slug_conflict("issuer", request.data) from refusal
        return answer({"status": "created", "issuer": issuer_body(made, ())}, 201)


class IssuerRoute(ScopedView):
    """`/systems/:slug/issuers/:slug`"""

    described = ISSUER_ROUTE

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the issuer with its programs."""
        return answer({"issuer": self._body()})

    def put(self, request: BadgekitRequest) -> HttpResponse:
        """Change what was sent and differs."""
        organization = self._organization
        fields = Fields(changes(request.data, self._body()))
        read_slug(fields, is_new=False)
        values = _as_kept(read_fields(fields, is_new=False))
        source = sent_picture(request, fields)
        fields.check()
        folder = f"organizations/{organization.uuid}/organization-logos"
        with stored_picture(source, folder=folder, old=organization.logo.name) as logo:
            picture = {"logo": logo} if logo else {}
            update_organization(organization=organization, fields=values | picture, by=self.actor)
        return answer({"status": "updated", "issuer": self._body()})

    def delete(self, request: BadgekitRequest) -> HttpResponse:
        """Put the issuer out of use; its slug stays taken, and what it issued stays published."""
        refuse_keys(self.actor)
        body = self._body()
        archive_organization(organization=self._organization, by=self.actor)
        return answer({"status": "deleted", "issuer": body})

    @property
    def _organization(self) -> Organization:
        return self.scope.owner

    def _body(self) -> dict[str, Any]:
        [row] = with_programs(Organization.objects.filter(pk=self._organization.pk))
        return issuer_body(row, row.programs.all())


def _as_kept(values: dict[str, str]) -> dict[str, Any]:
    """Return the fields as an organization has them; BadgeKit's description is plain text, ours is HTML."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name == "url":
            kept["website"] = value
        elif name == "email":
            kept["contact_info"] = {"email": value or None}
        elif name == "description":
            kept["description"] = escape(value)
        else:
            kept[name] = value
    return kept
