"""The organization's page: who it is, and the badges that can be earned there."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static

from badges.enums import TemplateType
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.views import answers
from badges.views.templates import sentence_of
from organizations.models import Organization
from organizations.richtext import plain_text

PER_PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A template in the list: its row, what it says now, and that in one sentence."""

    template: BadgeTemplate
    version: BadgeTemplateVersion
    sentence: str

    @property
    def type_name(self) -> str:
        """The heading under which it stands."""
        return str(TemplateType(self.version.type).label)


def issuer_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of an organization that has a public one, with the published templates that it shows there.

    They stand under their types when the organization shows these. A disabled organization's page stays up.
    """
    organization = Organization.objects.filter(uuid=uuid, public_profile=True).first()
    if organization is None:
        raise Http404
    templates = BadgeTemplate.objects.none()
    if organization.public_badge_templates:
        templates = (
            BadgeTemplate.objects.published()
            .filter(organization=organization)
            .select_related("current_version")
            .order_by("current_version__title", "pk")
        )
        if organization.public_badge_types:
            templates = templates.order_by("current_version__type", "current_version__title", "pk")
    listed = Paginator(templates, PER_PAGE).get_page(request.GET.get("page"))
    return answers.page(
        request,
        "public/issuer.html",
        {
            "organization": organization,
            "sentence": plain_text(organization.description),
            "card_url": f"{organization.public_url}/logo.png"
            if organization.logo
            else f"{settings.PUBLIC_URL}{static('card.png')}",
            "has_wide_card": not organization.logo,
            "page": listed,
            "groups": groups_of(list(listed.object_list), has_types=organization.public_badge_types),
        },
        is_indexed=True,
    )


def groups_of(templates: list[BadgeTemplate], *, has_types: bool) -> list[tuple[str, list[Tile]]]:
    """Return the templates as (heading, tiles); one group without a heading when types are not shown."""
    tiles = [
        Tile(
            template=template,
            version=template.current_version,
            sentence=sentence_of(template.current_version),
        )
        for template in templates
        if template.current_version is not None
    ]
    if not has_types:
        return [("", tiles)] if tiles else []
    return [(heading, list(group)) for heading, group in groupby(tiles, key=lambda tile: tile.type_name)]
