"""The badge designer: draw a template's picture from choices, with a preview that follows, and keep it."""

import base64
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from badges.manage.designs import DesignForm, form_of
from badges.manage.templates import template_of
from badges.manage.version_pictures import kept_by_browsers
from badges.services.design import EDITION, Design
from badges.services.design_choices import Centre, Ribbon, Shape
from badges.services.design_colours import palettes_of
from badges.services.design_drawing import draw_design
from badges.services.design_emblems import EMBLEMS
from badges.services.design_samples import SAMPLES, in_look_of, in_palette, varied
from badges.services.design_shapes import SIDE, frame_of
from badges.services.template_pictures import design_of, drawing_of, keep_design
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope

CHANGES = ("start", "palette", "vary")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A design as it is drawn now; without `picture` something typed is wrong, which `errors` says."""

    picture: str = ""
    words: str = ""
    hint: str = ""
    errors: tuple[str, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def design_badge(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the designer with the kept design; change what is in it without keeping it; or keep what is drawn."""
    template, version = template_of(desk, template_id)
    if template.is_archived:
        messages.warning(request, _("This template is archived. Restore it before changing it."))
        return desk.go("template", template.uuid)
    has_logo = bool(desk.organization.logo)
    if request.method != "POST":
        form = form_of(design_of(template), has_logo=has_logo)
        return _designer_page(request, desk, template, form)
    form = DesignForm(request.POST, has_logo=has_logo)
    if any(name in request.POST for name in CHANGES):
        changed = _changed(request, desk, form, design_of(template))
        return _designer_page(
            request, desk, template, form_of(changed, has_logo=has_logo) if changed else form
        )
    if "show" not in request.POST and form.is_valid():
        try:
            kept = keep_design(template=template, design=form.design(), by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            after = kept.current_version
            if after is not None and after.number != version.number:
                messages.success(
                    request,
                    _(
                        "The picture is drawn, in version %(number)d. Badges issued from earlier versions keep theirs."
                    )
                    % {"number": after.number},
                )
            else:
                messages.success(request, _("The picture is drawn."))
            return desk.go("template_picture", template.uuid)
    return _designer_page(request, desk, template, form, status=400 if form.errors else 200)


@require_POST
@for_scope(ApiScope.WRITE)
def design_preview(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show what is typed as a picture: a part of the designer's page."""
    template_of(desk, template_id)
    form = DesignForm(request.POST, has_logo=bool(desk.organization.logo))
    return desk.page(request, "manage/designer/_preview.html", {"preview": _preview_of(desk, form)})


@require_safe
@kept_by_browsers
@for_scope(ApiScope.READ)
def design_sample(request: HttpRequest, desk: Desk, sample: str) -> HttpResponseBase:  # noqa: ARG001
    """Answer the picture of a ready-made design."""
    design = next((one.design for one in SAMPLES if one.name == sample), None)
    if design is None:
        raise Http404
    return HttpResponse(draw_design(design), content_type="image/svg+xml")


def _changed(request: HttpRequest, desk: Desk, form: DesignForm, kept: Design) -> Design | None:
    """Return the design after a button that changes many of its values at once; None for what there is not, or bad input."""
    design = kept
    if form.is_valid():
        try:
            design = form.design()
        except RuleBroken as refusal:
            form.refuse(refusal)
            return None
    colour = desk.organization.color_primary
    if "vary" in request.POST:
        return varied(design, colour=colour, seed=secrets.randbits(32))
    if "palette" in request.POST:
        palettes = {one.name: one for one in palettes_of(colour)}
        palette = palettes.get(request.POST["palette"])
        return in_palette(design, palette) if palette else None
    sample = next((one.design for one in SAMPLES if one.name == request.POST["start"]), None)
    return in_look_of(design, sample) if sample else None


def _preview_of(desk: Desk, form: DesignForm) -> Preview:
    if form.is_valid():
        try:
            design = form.design()
            drawn = drawing_of(design, desk.organization)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            return Preview(
                picture=f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}",
                words=_described(design),
                hint=_hint(design, form),
            )
    errors = [
        f"{form[name].label}: {error}" if name in form.fields else str(error)
        for name, found in form.errors.items()
        for error in found
    ]
    return Preview(errors=tuple(errors))


def _described(design: Design) -> str:
    """Return a drawing in words."""
    parts = [str(Shape(design.shape).label)]
    if design.centre == Centre.EMBLEM:
        parts.append(str(EMBLEMS[design.emblem][0]))
    parts += [f"“{text}”" for text in design.words]
    return ", ".join(parts)


def _hint(design: Design, form: DesignForm) -> str:
    """Return a warning where words are not shown, or hardly stand out from what is behind them."""
    if design.ribbon_text and design.ribbon == Ribbon.NONE:
        return _("The text on the ribbon is not shown: choose a ribbon.")
    names = " · ".join(str(form[name].label) for name in design.hard_to_read)
    if not names:
        return ""
    return _("Words and emblem are hard to read: their colour is too much like this one: %(names)s.") % {
        "names": names
    }


def _designer_page(
    request: HttpRequest, desk: Desk, template: Any, form: DesignForm, *, status: int = 200
) -> HttpResponse:
    preview = _preview_of(desk, form)
    frames = [frame_of(shape) for shape in Shape]
    context = {
        "form": form,
        "row": template,
        "version": template.current_version,
        "preview": preview,
        "samples": [(one, desk.url("design_sample", one.name, e=EDITION)) for one in SAMPLES],
        "palettes": palettes_of(desk.organization.color_primary),
        "shapes": [
            (choice, frame.backing, frame.outline(0))
            for choice, frame in zip(form["shape"], frames, strict=True)
        ],
        "side": SIDE,
        # Written by the template itself: as widgets they would take longer than the rest of the page.
        "emblems": [(name, *words) for name, words in EMBLEMS.items()],
        "emblem": form["emblem"].value(),
    }
    return desk.page(request, "manage/designer/designer.html", context, status=status)
