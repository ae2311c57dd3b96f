"""BadgeKit badges, in every scope: our templates, with pictures, criteria, alignments, categories and tags."""

from typing import Any

from django.http import HttpResponse

from badges.api.badgekit_bodies import badge_body, with_badge_parts
from badges.api.badgekit_documentation import BADGE_ROUTE, BADGES_ROUTE
from badges.api.badgekit_inputs import template_fields
from badges.models import BadgeTemplate
from badges.querysets import BadgeTemplateQuerySet
from badges.services.revising import begin_template, revise_template, withdraw_template
from config.api.badgekit import ApiError, BadgekitRequest, Fields, answer, conflict, not_found, paged
from organizations.api.badgekit import ScopedView
from organizations.api.badgekit_changes import changes, read_slug
from organizations.api.badgekit_pictures import sent_picture, stored_picture
from organizations.exceptions import SlugTaken

# The parameter `archived` of lists: whether it keeps archived badges, unarchived ones, or all (None).
ARCHIVED = {"true": True, "1": True, "false": False, "0": False, "any": None, "": None}
NOT_ECHOED = {"image", "imageUrl", "criteria", "alignments", "categories", "tags", "milestones"}


class BadgesRoute(ScopedView):
    """`{X}/badges`"""

    described = BADGES_ROUTE

    def get(self, request: BadgekitRequest) -> HttpResponse:
        """Answer the badges that the path reaches, oldest first; archived ones only where `archived` asks for them."""
        templates = with_badge_parts(by_archived(request, self.scope.templates())).order_by("pk")
        rows, page_data, link = paged(request, templates)
        body: dict[str, Any] = {"badges": [badge_body(row) for row in rows]}
        if page_data is not None:
            body["pageData"] = page_data
        return answer(body, headers={"Link": link} if link else None)

    def post(self, request: BadgekitRequest) -> HttpResponse:
        """Make a badge that can be earned at once."""
        owner, program = self.scope.owner, self.scope.program
        fields = Fields(request.data)
        slug = read_slug(fields, is_new=True, is_required=False)
        values = template_fields(fields, is_new=True)
        is_archived = fields.flag("archived") or False
        source = sent_picture(request, fields, is_required=True)
        fields.check()
        try:
            with stored_picture(source, folder=picture_folder(owner.uuid), allow_svg=True) as image:
                template = begin_template(
                    organization=owner,
                    fields={**values, "program": program, "image": image or ""},
                    slug=slug,
                    is_archived=is_archived,
                    by=self.actor,
                )
        except SlugTaken as refusal:
            sent = {name: value for name, value in request.data.items() if name not in NOT_ECHOED}
            raise conflict("badge", "slug", sent) from refusal
        location = f"{request.target.partition('?')[0].rstrip('/')}/{template.slug}"
        return answer({"status": "created", "badge": body_of(template)}, 201, headers={"Location": location})


class BadgeView(ScopedView):
    """A view of what is at, or below, `{X}/badges/:slug`."""

    def badge(self, slug: str) -> BadgeTemplate:
        """Return the template that the path names. Raises ApiError 404."""
        template = with_badge_parts(self.scope.templates()).filter(slug=slug).first()
        if template is None:
            raise not_found("badge", "slug", slug)
        return template


class BadgeRoute(BadgeView):
    """`{X}/badges/:slug`"""

    described = BADGE_ROUTE

    def get(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Answer the badge, archived or not."""
        return answer({"badge": badge_body(self.badge(badge_slug))})

    def put(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Change what was sent and differs. Content that a badge was issued with stays: the change makes a new version."""
        template = self.badge(badge_slug)
        fields = Fields(changes(request.data, badge_body(template)))
        read_slug(fields, is_new=False)
        values = template_fields(fields, is_new=False)
        is_archived = fields.flag("archived")
        source = sent_picture(request, fields)
        fields.check()
        folder = picture_folder(template.organization.uuid)
        # The old picture stays: versions of which badges were issued, and copies, still show it.
        with stored_picture(source, folder=folder, allow_svg=True) as image:
            template = revise_template(
                template=template,
                fields=values | ({"image": image} if image else {}),
                is_archived=is_archived,
                by=self.actor,
            )
        return answer({"status": "updated", "badge": body_of(template)})

    def delete(self, request: BadgekitRequest, badge_slug: str) -> HttpResponse:
        """Take the badge out of use; what was issued of it stays valid and published, and its slug stays taken."""
        template = self.badge(badge_slug)
        withdraw_template(template=template, by=self.actor)
        return answer({"status": "deleted", "badge": badge_body(template)})


def by_archived(request: BadgekitRequest, templates: BadgeTemplateQuerySet) -> BadgeTemplateQuerySet:
    """Keep what the parameter `archived` asks for. Raises ApiError 400 InvalidParameter."""
    word = request.first("archived")
    if word is None:
        word = "false"
    if word not in ARCHIVED:
        raise InvalidParameter
    wanted = ARCHIVED[word]
    return templates if wanted is None else templates.filter(archived_at__isnull=not wanted)


class InvalidParameter(ApiError):
    """The parameter `archived` has another value than those that BadgeKit knows."""

    def __init__(self) -> None:
        super().__init__(
            400,
            "InvalidParameter",
            "Invalid `archived` parameter. Expecting one of 'true', 'false' or 'any'.",
        )

    @property
    def body(self) -> dict[str, Any]:
        """The body, with the parameter's name second, as clients know it."""
        return {"code": self.code, "parameter": "archived", "message": self.message}


def body_of(template: BadgeTemplate) -> dict[str, Any]:
    """Return a template, as it is in the database now, as the badge object."""
    return badge_body(with_badge_parts(BadgeTemplate.objects.filter(pk=template.pk)).get())


def picture_folder(organization: object) -> str:
    """Return where pictures of the templates of an organization, given by its uuid, are stored."""
    return f"organizations/{organization}/badge-templates-images"
