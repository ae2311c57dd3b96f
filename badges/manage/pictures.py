"""The picture of a template: what it has, drawn or uploaded and cut to a square, its background, and taking them away."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from badges.api.issuer_template_bodies import DEFAULT_PICTURE
from badges.manage.designs import BackgroundForm, PictureForm
from badges.manage.templates import template_of
from badges.manage.version_pictures import kept_by_browsers, picture_of
from badges.models import BadgeTemplate, BadgeTemplateVersion
from badges.services.pictures import png_at
from badges.services.template_pictures import BACKGROUND, IMAGE, keep_picture, remove_picture
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.pictures import upload_content


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def template_picture(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show the picture and the ways to another one; or take one that was uploaded."""
    template, version = template_of(desk, template_id)
    if template.is_archived:
        return _archived(request, desk, template)
    if request.method != "POST":
        return _picture_page(request, desk, template, version)
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            content = upload_content(form.cleaned_data["image"], field=IMAGE)
            kept = keep_picture(
                template=template, kind=IMAGE, content=content, crop=form.crop(), by=desk.user
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _kept_words(version, kept.current_version))
            return desk.go("template_picture", template.uuid)
    return _picture_page(request, desk, template, version, form=form)


@require_POST
@for_scope(ApiScope.WRITE)
def template_background(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Take a background that was uploaded."""
    template, version = template_of(desk, template_id)
    if template.is_archived:
        return _archived(request, desk, template)
    form = BackgroundForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            content = upload_content(form.cleaned_data[BACKGROUND], field=BACKGROUND)
            kept = keep_picture(template=template, kind=BACKGROUND, content=content, by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _kept_words(version, kept.current_version))
            return desk.go("template_picture", template.uuid)
    return _picture_page(request, desk, template, version, background=form)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def remove_template_picture(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Say what taking the picture away does; or take it away."""
    return _removal(request, desk, template_id, IMAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def remove_template_background(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Say what taking the background away does; or take it away."""
    return _removal(request, desk, template_id, BACKGROUND)


@require_safe
@kept_by_browsers
@for_scope(ApiScope.READ)
def version_background(
    request: HttpRequest,  # noqa: ARG001
    desk: Desk,
    template_id: UUID,
    version_id: UUID,
) -> HttpResponseBase:
    """Answer the background of a version as PNG; without one Laurel's own picture of a badge."""
    version = get_object_or_404(
        BadgeTemplateVersion,
        template__organization=desk.organization,
        template__uuid=template_id,
        uuid=version_id,
    )
    if not version.background_image:
        return HttpResponseRedirect(static(DEFAULT_PICTURE))
    return HttpResponse(png_at(str(version.background_image)), content_type="image/png")


def _removal(request: HttpRequest, desk: Desk, template_id: UUID, kind: str) -> HttpResponse:
    template, version = template_of(desk, template_id)
    if template.is_archived:
        return _archived(request, desk, template)
    if not getattr(version, kind):
        return desk.go("template_picture", template.uuid)
    if request.method != "POST":
        context = {"row": template, "version": version, "is_background": kind == BACKGROUND}
        return desk.page(request, "manage/designer/remove.html", context)
    try:
        remove_picture(template=template, kind=kind, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        gone = (
            _("The background is gone.")
            if kind == BACKGROUND
            else _("The picture is gone: Laurel's own is shown.")
        )
        messages.success(request, gone)
    return desk.go("template_picture", template.uuid)


def _archived(request: HttpRequest, desk: Desk, template: BadgeTemplate) -> HttpResponse:
    messages.warning(request, _("This template is archived. Restore it before changing it."))
    return desk.go("template", template.uuid)


def _kept_words(before: BadgeTemplateVersion, after: BadgeTemplateVersion | None) -> str:
    if after is not None and after.number != before.number:
        return _("Saved as version %(number)d. Badges issued from earlier versions stay as they are.") % {
            "number": after.number
        }
    return _("Saved.")


def _picture_page(
    request: HttpRequest,
    desk: Desk,
    template: BadgeTemplate,
    version: BadgeTemplateVersion,
    *,
    form: PictureForm | None = None,
    background: BackgroundForm | None = None,
) -> HttpResponse:
    stem = str(version.background_image).rpartition("/")[2].removesuffix(".png")
    context = {
        "row": template,
        "version": version,
        "picture": picture_of(desk, template, version),
        "background_picture": desk.url("version_background", template.uuid, version.uuid, file=stem)
        if stem
        else "",
        "form": form or PictureForm(),
        "background": background or BackgroundForm(),
    }
    status = 400 if form is not None or background is not None else 200
    return desk.page(request, "manage/designer/picture.html", context, status=status)
