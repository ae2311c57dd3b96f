"""The organization's page: who it is, and the badges and learning paths that can be earned there."""

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse

from badges.enums import TemplateType
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.views import answers, structured_data
from badges.views.templates import sentence_of
from organizations.models import Organization
from organizations.richtext import plain_text

PER_PAGE = 60
MAX_PATHS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A template in the list: its row, what it says now, and that in one sentence."""

    template: BadgeTemplate
    version: BadgeTemplateVersion
    sentence: str
    steps: int = 0

    @property
    def type_name(self) -> str:
        """The heading under which it stands."""
        return str(TemplateType(self.version.type).label)


def issuer_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of an organization that has a public one, with the published templates and paths that it shows.

    Each of its switches shows one thing: `public_badge_templates` the templates, `public_badge_types` their types as
    headings, `public_learning_paths` the paths, which stand on their own. A disabled organization's page stays up.
    """
    organization = Organization.objects.filter(uuid=uuid, public_profile=True).first()
    if organization is None:
        raise Http404
    templates = BadgeTemplate.objects.none()
    if organization.public_badge_templates:
        templates = (
            BadgeTemplate.objects.published()
            .filter(organization=organization, is_learning_path=False)
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
            "card_url": f"{organization.public_url}/card.png",
            "structured_data": structured_data.of_organization(organization),
            "page": listed,
            "paths": _paths_of(organization) if listed.number == 1 else [],
            "groups": groups_of(list(listed.object_list), has_types=organization.public_badge_types),
        },
        is_indexed=True,
    )


def _paths_of(organization: Organization) -> list[Tile]:
    """Return the published learning paths that an organization shows."""
    if not organization.public_learning_paths:
        return []
    paths = (
        BadgeTemplate.objects.published()
        .filter(organization=organization, is_learning_path=True)
        .select_related("current_version")
        .annotate(steps=Count("path_steps"))
        .order_by("current_version__title", "pk")[:MAX_PATHS]
    )
    return [
        Tile(
            template=path,
            version=path.current_version,
            sentence=sentence_of(path.current_version),
            steps=path.steps,  # type: ignore[attr-defined]  # annotated above
        )
        for path in paths
        if path.current_version is not None
    ]


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
