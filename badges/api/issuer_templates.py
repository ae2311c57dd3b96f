"""Badge templates in the issuer API: make, list, read, change, archive, restore, copy (reference openbadge_eu section 5)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.utils import OpenApiExample
from rest_framework.request import Request

from badges.api.issuer_template_access import TEMPLATE, TEMPLATES, TemplateView
from badges.api.issuer_template_bodies import (
    FullTemplateShape,
    TemplateShape,
    full_template_body,
    template_body,
)
from badges.api.issuer_template_filters import TemplateFilters
from badges.api.issuer_template_inputs import CopyInput, TemplateChangeInput, TemplateInput, split_values
from badges.models import BadgeTemplate
from badges.services.templates import (
    archive_template,
    create_template,
    duplicate_template,
    restore_template,
    update_template,
)
from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from organizations.models import Organization
from organizations.pictures import storing_pictures

TAG = "Badge templates"
EXAMPLE = OpenApiExample(
    "Badge template",
    {
        "title": "Data literacy",
        "assignment_criteria": "<p>Finish the course and the project.</p>",
        "language": "en",
        "color_primary": "#1D6B50",
        "code": "DALP",
        "type": "skills",
        "type_data": {
            "acquired_knowledge": "What data are",
            "acquired_skills": "Reading and questioning data",
        },
        "description": "<p>Reads and questions data.</p>",
        "is_learning_path": 0,
        "status": "active",
        "is_published": 1,
    },
    request_only=True,
)


class TemplatesRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates`"""

    @documented(
        "List badge templates",
        tag=TAG,
        description="Newest first. Archived ones are listed with `archived=1` alone.",
        answer=TemplateShape,
        listed=True,
        refusals=[422],
        parameters=TemplateFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of the templates that are asked for."""
        asked = TemplateFilters.asked(request.query_params)
        templates = self.templates()
        if "archived" not in asked:
            templates = templates.filter(archived_at__isnull=True)
        found = TemplateFilters.narrow(templates, asked, time_zone=self.organization.time_zone)
        return answer(page_of(request, QuerySetSource(found), self.body))

    @documented(
        "Create a badge template",
        tag=TAG,
        description="In JSON, or in a multipart form with `image` and `background_image` as files.",
        request=TemplateInput,
        answer=TemplateShape,
        status=201,
        refusals=[409],
        parameters=[IDEMPOTENCY_PARAMETER],
        examples=[EXAMPLE],
    )
    def post(self, request: Request) -> HttpResponse:
        """Make a template."""
        fields, pictures = split_values(self.checked(TemplateInput))
        with storing_pictures(pictures, folder=picture_folder(self.organization)) as names:
            template = create_template(organization=self.organization, fields=fields | names, by=self.actor)
        return answer({"data": self.body(template)}, 201)

    def body(self, template: BadgeTemplate) -> dict[str, Any]:
        """Return one as it is answered."""
        return template_body(template, self.organization)


class TemplateRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates/{id}`"""

    @documented("A badge template", tag=TAG, answer=FullTemplateShape)
    def get(self, request: Request, template_id: UUID) -> HttpResponse:
        """Answer one, with its organization."""
        return answer({"data": full_template_body(self.template(template_id), self.organization)})

    @documented(
        "Change a badge template",
        tag=TAG,
        description="Only what is sent is changed. Once a badge was issued from it, new content makes a new version; badges"
        " that are out keep theirs. In multipart bodies files may be sent too (or as POST with `_method=PUT`).",
        request=TemplateChangeInput,
        answer=TemplateShape,
        refusals=[409],
    )
    def put(self, request: Request, template_id: UUID) -> HttpResponse:
        """Change what is sent."""
        template = self.template(template_id)
        fields, pictures = split_values(self.checked(TemplateChangeInput))
        with storing_pictures(pictures, folder=picture_folder(self.organization)) as names:
            template = update_template(template=template, fields=fields | names, by=self.actor)
        return answer({"data": template_body(template, self.organization)})

    patch = put

    @documented(
        "Archive a badge template",
        tag=TAG,
        description="Nothing more is issued or claimed from it until it is restored; its badges stay valid. Refused while a"
        " batch of it runs, or when a learning path could not be completed without it.",
        status=204,
        refusals=[409],
    )
    def delete(self, request: Request, template_id: UUID) -> HttpResponse:
        """Put it out of use."""
        archive_template(template=self.template(template_id), by=self.actor)
        return HttpResponse(status=204)


class RestoreRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates/{id}/restore`"""

    @documented("Restore an archived badge template", tag=TAG, answer=TemplateShape)
    def post(self, request: Request, template_id: UUID) -> HttpResponse:
        """Take it back into use."""
        template = restore_template(template=self.template(template_id), by=self.actor)
        return answer({"data": template_body(template, self.organization)})


class DuplicateRoute(TemplateView):
    """`/api/v1/issuers/organization/badge_templates/{id}/duplicate`"""

    @documented(
        "Copy a badge template",
        tag=TAG,
        description="Content and rules are copied; the copy is not published, and a learning path's has no steps yet.",
        request=CopyInput,
        answer=TemplateShape,
        status=201,
        refusals=[409],
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request, template_id: UUID) -> HttpResponse:
        """Make a copy."""
        template = self.template(template_id)
        title = self.checked(CopyInput).get("title")
        copy = duplicate_template(template=template, title=title, by=self.actor)
        return answer({"data": template_body(copy, self.organization)}, 201)


def picture_folder(organization: Organization) -> str:
    """Return where pictures of the organization's templates are stored."""
    return f"organizations/{organization.uuid}/badge-templates-images"


urlpatterns = [
    path(TEMPLATES, TemplatesRoute.as_view()),
    path(TEMPLATE, TemplateRoute.as_view()),
    path(f"{TEMPLATE}/restore", RestoreRoute.as_view()),
    path(f"{TEMPLATE}/duplicate", DuplicateRoute.as_view()),
]
