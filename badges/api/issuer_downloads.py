"""A badge's files for its issuer: the signed documents, and the pictures that have them woven in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.text import slugify
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from badges.api.issuer_badge_bodies import find_badge
from badges.models import Badge, BadgeDocument
from badges.services import documents
from badges.services.issuers import compact
from config.api.issuer.documentation import documented
from config.api.issuer.errors import Missing
from organizations.api.issuer_access import OrganizationView


@dataclass(frozen=True, slots=True)
class Form:
    """One of the files: its media type and how it is made."""

    media_type: str
    read: Callable[[Badge], str | bytes]


def _hosted(badge: Badge) -> str:
    return compact(documents.hosted_assertion(badge))


# The media types are those of the public addresses: as 1EdTech's certification asks, and compact JWTs as text.
FORMS: Mapping[str, Form] = {
    "ob2.json": Form("application/ld+json", _hosted),
    "ob2.jws": Form("text/plain", documents.signed_assertion),
    "ob2.png": Form("image/png", partial(documents.baked_png, version=2)),
    "ob2.svg": Form("image/svg+xml", partial(documents.baked_svg, version=2)),
    "ob3.json": Form("application/vc+ld+json", documents.credential),
    "ob3.jwt": Form("text/plain", documents.credential_jwt),
    "ob3.png": Form("image/png", partial(documents.baked_png, version=3)),
    "ob3.svg": Form("image/svg+xml", partial(documents.baked_svg, version=3)),
}
# An SVG that is opened as a page all the same runs nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"


class DownloadRoute(OrganizationView):
    """`/api/v1/issuers/organization/badges/{id}/download/{form}`"""

    @documented(
        "A badge as a file",
        tag="Badges",
        description=(
            "Of hidden and revoked badges too. The hosted Open Badges 2.0 Assertion of a revoked badge is the short one that"
            " says so."
        ),
        answer=OpenApiTypes.BINARY,
        wrapped=False,
        refusals=[503],
        parameters=[
            OpenApiParameter(
                "form",
                str,
                OpenApiParameter.PATH,
                description="Which file: of Open Badges 2.0 or 3.0, as document, signed text or picture.",
                enum=list(FORMS),
            )
        ],
        media_types=sorted({form.media_type for form in FORMS.values()}),
    )
    def get(self, request: Request, uuid: UUID, form: str) -> HttpResponse:
        """Answer the file."""
        badge = find_badge(self.organization, uuid)
        wanted = FORMS.get(form)
        if wanted is None:
            raise Missing(_("A badge has no such file. There are: %(forms)s.") % {"forms": ", ".join(FORMS)})
        try:
            content = wanted.read(badge)
        except (FileNotFoundError, BadgeDocument.DoesNotExist) as error:
            raise Missing(_("This badge has no such file: it was issued elsewhere.")) from error
        title = slugify(badge.version.title)[:60].strip("-") or "badge"
        return HttpResponse(
            content,
            content_type=wanted.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{title}-{form}"',
                "Content-Security-Policy": POLICY,
            },
        )


urlpatterns = [path("issuers/organization/badges/<uuid:uuid>/download/<str:form>", DownloadRoute.as_view())]
