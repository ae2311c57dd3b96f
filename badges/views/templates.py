"""The pages of templates and of their versions: what can be earned, and how."""

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.utils.translation import gettext as _

from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.pictures import png_of
from badges.views import answers, structured_data
from organizations.models import Organization, User
from organizations.richtext import plain_text

SENTENCE_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of a learning path as the page shows it: its title, how many of the badges are needed, and which count."""

    title: str
    needed: int
    templates: tuple[BadgeTemplate, ...]


def template_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of a published template; one that is not published only to its organization's members."""
    templates = BadgeTemplate.objects.filter(uuid=uuid, current_version__isnull=False).select_related(
        "organization", "current_version__template"
    )
    template = templates.published().first()
    if template is None:
        # Only here is the session read, so that pages of published templates are the same for everybody.
        user = request.user
        template = templates.visible_to(user if isinstance(user, User) else None).first()
        if template is None:
            raise Http404
    version = template.current_version
    if version is None:
        raise Http404
    is_published = template.is_published and not template.is_archived
    page_url = f"{settings.PUBLIC_URL}{template.public_path}"
    context = version_context(version, template.organization) | {
        "is_published": is_published,
        "page_url": page_url,
        "steps": steps_of(template),
    }
    if is_published:
        context["structured_data"] = structured_data.of_version(
            version, template.organization, context["sentence"], page_url
        )
    else:
        context["image_url"] = _picture_for_members(version)
    return answers.page(
        request, "public/template.html", context, is_indexed=is_published, is_private=not is_published
    )


def version_page(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the page of a version that badges were issued from or whose template is published; it names the newest."""
    version = (
        BadgeTemplateVersion.objects.filter(uuid=uuid)
        .select_related("template__organization", "template__current_version")
        .first()
    )
    if version is None:
        raise Http404
    template = version.template
    is_published = template.is_published and not template.is_archived
    newest = template.current_version
    if newest is None or not (is_published or version.is_sealed):
        raise Http404
    is_newest = newest.pk == version.pk
    context = version_context(version, template.organization) | {
        "is_published": is_published,
        "page_url": version.public_url,
        "is_version": True,
        "is_newest": is_newest,
        # The newest is named to those who may see it.
        "newest": newest if not is_newest and (is_published or newest.is_sealed) else None,
    }
    return answers.page(request, "public/template.html", context, is_indexed=False)


def version_context(version: BadgeTemplateVersion, organization: Organization) -> dict[str, Any]:
    """Return what the page of a template shows of a version."""
    return {
        "template": version.template,
        "version": version,
        "organization": organization,
        "sentence": sentence_of(version),
        "has_more": has_more(version),
        "image_url": f"{version.public_path}/image.png",
        "card_url": f"{version.public_url}/card.png",
        "learned": learned_of(version),
    }


def steps_of(template: BadgeTemplate) -> list[Step]:
    """Return the steps of a learning path, when its organization shows paths, with the badges that anybody may see."""
    if not (template.is_learning_path and template.organization.public_learning_paths):
        return []
    shown = BadgeTemplate.objects.published().select_related("current_version").order_by("pk")
    steps = template.path_steps.order_by("position").prefetch_related(Prefetch("templates", queryset=shown))
    return [
        Step(title=step.title, needed=step.needed, templates=tuple(step.templates.all())) for step in steps
    ]


def learned_of(version: BadgeTemplateVersion) -> list[tuple[str, str]]:
    """Return what the template's type tells: headings with their texts, those that are there."""
    headings = (
        (_("Skills"), "acquired_skills"),
        (_("Knowledge"), "acquired_knowledge"),
        (_("Attitudes"), "acquired_attitudes"),
        (_("Where it is used"), "application_scope"),
    )
    return [(heading, version.type_data[key]) for heading, key in headings if version.type_data.get(key)]


def sentence_of(version: BadgeTemplateVersion) -> str:
    """Return what a version stands for in one sentence: its strapline, or the beginning of its description."""
    return version.strapline or truncatechars(
        plain_text(version.description) or version.consumer_description, SENTENCE_LENGTH
    )


def has_more(version: BadgeTemplateVersion) -> bool:
    """Tell whether the description says more than the one sentence does."""
    return bool(version.description) and plain_text(version.description) != sentence_of(version)


def _picture_for_members(version: BadgeTemplateVersion) -> str:
    """Return the picture in the page itself: what is not published has no address that others could ask."""
    return f"data:image/png;base64,{base64.b64encode(png_of(version)).decode()}"
