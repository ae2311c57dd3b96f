"""The base of the issuer API's views of one badge template: it is found in the key's organization, or not at all."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.querysets import BadgeTemplateQuerySet
from organizations.api.issuer_access import OrganizationView, no_such

TEMPLATES = "issuers/organization/badge_templates"
TEMPLATE = f"{TEMPLATES}/<uuid:template_id>"


class TemplateView(OrganizationView):
    """A route of the organization's badge templates, archived ones too."""

    version: BadgeTemplateVersion | None = None

    def templates(self) -> BadgeTemplateQuerySet:
        """Return the organization's templates with what they say, newest first."""
        templates: BadgeTemplateQuerySet = BadgeTemplate.objects.filter(organization=self.organization)
        return templates.select_related("current_version").order_by("-id")

    def template(self, template_id: UUID) -> BadgeTemplate:
        """Return one; raise Missing. What is sent is then read as a change to what it says now."""
        template = self.templates().filter(uuid=template_id).first()
        if template is None:
            raise no_such(_("badge template"))
        self.version = template.current_version
        return template

    def get_serializer_context(self) -> dict[str, Any]:
        """Inputs know what the template says."""
        return super().get_serializer_context() | {"version": self.version}
