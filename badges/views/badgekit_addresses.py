"""The public addresses of BadgeKit's server, which its clients may hold: each leads on to what is now at its place."""

import re
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from badges.models import BadgeTemplate
from badges.views import answers
from badges.views.negotiation import HTML, JSON, LINKED_DATA, preferred
from config.api.badgekit import BadgekitRequest, BadgekitView, answer, not_found, paged
from organizations.models import Organization, Program, System

# Where a thing is never changes, but its page may be taken down.
CACHE = answers.FOR_MINUTES


class PublicView(BadgekitView):
    """A view for everybody: nobody signs in, and scripts of any site may read the answer."""

    http_method_names = ["get", "head"]
    is_public = True
    accepted = re.compile("")  # whatever a browser or a verifier wants is at the address that it is led to

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Answer with the header that lets scripts read it."""
        response = super().dispatch(request, *args, **kwargs)
        response["Access-Control-Allow-Origin"] = "*"
        return response

    def head(self, request: BadgekitRequest, **kwargs: str) -> HttpResponse:
        """Answer as to GET; the body is taken off afterwards."""
        response: HttpResponse = self.get(request, **kwargs)  # type: ignore[attr-defined]  # of each view below
        return response


class BadgeListRoute(PublicView):
    """`/public/badges`"""

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the addresses of the badges that organizations show on their public pages."""
        templates = (
            BadgeTemplate.objects.published()
            .filter(
                organization__public_profile=True,
                organization__public_badge_templates=True,
                organization__archived_at__isnull=True,
                system__archived_at__isnull=True,
            )
            .select_related("system", "organization", "program")
            .order_by("pk")
        )
        rows, page_data, link = paged(request, templates)
        body: dict[str, object] = {
            "badgelist": [{"location": f"{settings.PUBLIC_URL}{old_path(row)}"} for row in rows]
        }
        if page_data is not None:
            body["pageData"] = page_data
        headers = {"Cache-Control": CACHE} | ({"Link": link} if link else {})
        return answer(body, headers=headers)


class AssertionRoute(PublicView):
    """`/public/assertions/:slug`"""

    def get(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Lead to the badge's hosted Assertion, or its page. The slug of an instance is its id."""
        try:
            uuid = UUID(badge_slug)
        except ValueError:
            raise not_found("badgeInstance", "slug", badge_slug) from None
        return _lead(request, f"/public/badges/{uuid}", document="/ob2.json")


class OrganizationRoute(PublicView):
    """`/public/systems/:slug`, `.../issuers/:slug` and `.../programs/:slug`"""

    def get(
        self,
        request: BadgekitRequest,
        system_slug: str,
        issuer_slug: str | None = None,
        program_slug: str | None = None,
    ) -> HttpResponse:
        """Lead to the profile, or the page, of who issues there; a program's badges are issued by its organization."""
        organization, _program = _place(system_slug, issuer_slug, program_slug)
        return _lead(request, organization.public_path, document=".json")


class BadgeClassRoute(PublicView):
    """`/public/{X}/badges/:slug`"""

    def get(
        self,
        request: BadgekitRequest,
        system_slug: str,
        badge_slug: str,
        issuer_slug: str | None = None,
        program_slug: str | None = None,
    ) -> HttpResponse:
        """Lead to the badge class, or the page, of a published badge; of one no longer published to what was issued last."""
        organization, program = _place(system_slug, issuer_slug, program_slug)
        templates: QuerySet[BadgeTemplate] = BadgeTemplate.objects.filter(
            system=organization.system_id, slug=badge_slug, current_version__isnull=False
        )
        if issuer_slug is not None:
            templates = templates.filter(organization=organization)
        if program is not None:
            templates = templates.filter(program=program)
        template = templates.select_related("current_version").first()
        version = template.current_version if template is not None else None
        if template is not None and template.is_published and not template.is_archived:
            return _lead(request, template.public_path, document=".json")
        if version is not None and version.is_sealed:
            return _lead(request, version.public_path, document=".json")
        raise not_found("badge", "slug", badge_slug)


def old_path(template: BadgeTemplate) -> str:
    """Return the path of a badge class as BadgeKit had it; needs `system`, `organization` and `program`."""
    path = f"/public/systems/{template.system.slug}"
    if not template.organization.is_system_itself:
        path += f"/issuers/{template.organization.slug}"
        if template.program is not None:
            path += f"/programs/{template.program.slug}"
    return f"{path}/badges/{template.slug}"


def _place(
    system_slug: str, issuer_slug: str | None, program_slug: str | None
) -> tuple[Organization, Program | None]:
    """Return the organization that a path names, also an archived one: what it published stays. Raises ApiError 404."""
    system = System.objects.filter(slug=system_slug).first()
    if system is None:
        raise not_found("system", "slug", system_slug)
    if issuer_slug is None:
        return system.organizations.get(is_system_itself=True), None
    organization = system.organizations.filter(is_system_itself=False, slug=issuer_slug).first()
    if organization is None:
        raise not_found("issuer", "slug", issuer_slug)
    if program_slug is None:
        return organization, None
    program = organization.programs.filter(slug=program_slug).first()
    if program is None:
        raise not_found("program", "slug", program_slug)
    return organization, program


def _lead(request: BadgekitRequest, path: str, *, document: str) -> HttpResponse:
    """Redirect browsers to a page, and programs to the document at `path` with `document` after it."""
    accept = request.http.META.get("HTTP_ACCEPT", "")
    is_page = preferred(accept, (JSON, LINKED_DATA, HTML)) == HTML
    url = f"{settings.PUBLIC_URL}{path}{'' if is_page else document}"
    return answer({"location": url}, 301, {"Location": url, "Cache-Control": CACHE, "Vary": "Accept"})
