"""The versions of a badge template in the issuer API: all that it has said, the newest first."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework.request import Request

from badges.api.issuer_template_access import TEMPLATE, TemplateView
from badges.api.issuer_template_bodies import VersionShape, version_body
from badges.api.issuer_templates import TAG
from badges.models import BadgeTemplate, BadgeTemplateVersion
from config.api.issuer.documentation import documented
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from organizations.api.issuer_access import no_such


class VersionsRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates/{id}/versions`"""

    @documented("List the versions of a badge template", tag=TAG, answer=VersionShape, listed=True)
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """Answer a page of the versions."""
        template = self.template(template_id)
        source = QuerySetSource(versions_of(template))
        return answer(
            page_of(request, source, lambda version: version_body(version, template, self.organization))
        )


class VersionRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates/{id}/versions/{version_id}`"""

    @documented("A version of a badge template", tag=TAG, answer=VersionShape)
    def get(self, request: Request, template_id: UUID, version_id: UUID) -> HttpResponse:
        """Answer one version."""
        template = self.template(template_id)
        version = versions_of(template).filter(uuid=version_id).first()
        if version is None:
            raise no_such(_("badge template version"))
        return answer({"data": version_body(version, template, self.organization)})


def versions_of(template: BadgeTemplate) -> "QuerySet[BadgeTemplateVersion]":
    """Return the versions of a template, newest first."""
    return BadgeTemplateVersion.objects.filter(template=template).order_by("-number")


urlpatterns = [
    path(f"{TEMPLATE}/versions", VersionsRoute.as_view()),
    path(f"{TEMPLATE}/versions/<uuid:version_id>", VersionRoute.as_view()),
]
