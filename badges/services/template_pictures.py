"""The pictures of a template: one that was uploaded, one that was drawn in the designer, or none."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from badges.models import BadgeTemplate
from badges.services.design import Design, read_design
from badges.services.design_choices import Centre
from badges.services.design_drawing import draw_design
from badges.services.design_samples import first_design
from badges.services.drawing import draw
from badges.services.pictures import png_at
from badges.services.templates import update_template
from config.exceptions import InvalidInput
from organizations.actors import Actor
from organizations.cropping import Crop
from organizations.models import Organization
from organizations.pictures import HIGH_SIZE, prepare_picture, storing_pictures

IMAGE, BACKGROUND = "image", "background_image"


def keep_picture(
    *, template: BadgeTemplate, kind: str, content: bytes, crop: Crop | None = None, by: Actor | None
) -> BadgeTemplate:
    """Give a template the picture or background (`kind`) that was uploaded; of an SVG or a background nothing is cut.

    In a new version once a badge was issued from the current one. Raises PictureRefused, and what update_template raises.
    """
    is_badge = kind == IMAGE
    picture = prepare_picture(content, allow_svg=is_badge, field=kind, crop=crop if is_badge else None)
    with storing_pictures({kind: picture}, folder=_folder(template.organization), durable=True) as names:
        return update_template(template=template, fields=names, by=by)


def remove_picture(*, template: BadgeTemplate, kind: str, by: Actor | None) -> BadgeTemplate:
    """Leave a template without its picture or background; versions that badges were issued from keep theirs."""
    return update_template(template=template, fields={kind: ""}, by=by)


def keep_design(*, template: BadgeTemplate, design: Design, by: Actor | None) -> BadgeTemplate:
    """Draw a design and make it the template's picture, as SVG and PNG; the design is kept to be changed later.

    In a new version once a badge was issued from the current one; a design that is drawn already changes nothing. Raises
    InvalidInput for words that do not fit into their place, and what update_template raises.
    """
    version = template.current_version
    is_drawn = version is not None and bool(version.image) and version.design == design.kept()
    if is_drawn and design.centre != Centre.LOGO:  # the logo may be another one by now
        return template
    svg = drawing_of(design, template.organization)
    png = draw(svg.decode(), width=HIGH_SIZE, height=HIGH_SIZE, texts=[])
    picture = replace(prepare_picture(png, allow_svg=False), svg=svg)
    with storing_pictures({IMAGE: picture}, folder=_folder(template.organization), durable=True) as names:
        fields: dict[str, Any] = {**names, "design": design.kept()}
        return update_template(template=template, fields=fields, by=by)


def drawing_of(design: Design, organization: Organization) -> bytes:
    """Return a design as SVG, with the organization's logo where it asks for it. Raises InvalidInput."""
    if design.centre != Centre.LOGO:
        return draw_design(design)
    if not organization.logo:
        raise InvalidInput(
            _("Your organization has no logo yet. Choose an emblem, or upload a logo first."), field="centre"
        )
    return draw_design(design, logo=png_at(str(organization.logo)))


def design_of(template: BadgeTemplate) -> Design:
    """Return the design to go on with: the kept one, or one in the organization's colour with its name and the title."""
    version = template.current_version
    if version is not None and version.design:
        try:
            return read_design(version.design)
        except InvalidInput:  # kept by a designer that had other choices: begin anew
            pass
    return first_design(
        title=version.title if version else "",
        organization=template.organization.name,
        colour=template.organization.color_primary,
    )


def _folder(organization: Organization) -> str:
    return f"organizations/{organization.uuid}/badge-templates-images"
