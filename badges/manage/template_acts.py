"""What is done with a badge template as a whole: copied, archived and taken back, published and hidden."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from badges.manage.template_forms import CopyForm, PublishForm
from badges.manage.templates import template_of
from badges.services.templates import (
    archive_template,
    duplicate_template,
    publish_template,
    restore_template,
    update_template,
)
from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, say_refused
from organizations.manage.once import once

MAX_TITLE = 255


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@once
def duplicate(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Ask for the copy's title; or make the copy, and go on to edit it."""
    row, version = template_of(desk, template_id)
    title = (_("Copy of %(title)s") % {"title": version.title})[:MAX_TITLE]
    form = CopyForm(request.POST if request.method == "POST" else None, initial={"title": title})
    if form.is_valid():
        try:
            copy = duplicate_template(template=row, title=form.cleaned_data["title"], by=desk.user)
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("“%(title)s” is made. It is not published yet.") % {"title": str(copy)}
            )
            return desk.go("edit_template", copy.uuid)
    context = {"form": form, "row": row}
    return desk.page(request, "manage/templates/duplicate.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def archive(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Say what archiving does; or archive."""
    row, _version = template_of(desk, template_id)
    if request.method != "POST":
        return desk.page(request, "manage/templates/archive.html", {"row": row})
    try:
        archive_template(template=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _("“%(title)s” is archived. Its badges stay valid.") % {"title": str(row)})
    return desk.go("template", row.uuid)


@require_POST
@for_scope(ApiScope.WRITE)
def restore(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Take an archived template back into use."""
    row, _version = template_of(desk, template_id)
    try:
        restore_template(template=row, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _("“%(title)s” is in use again.") % {"title": str(row)})
    return desk.go("template", row.uuid)


@require_POST
@for_scope(ApiScope.WRITE)
def publish(request: HttpRequest, desk: Desk, template_id: UUID) -> HttpResponse:
    """Show a template on the organization's public page, or take it off there."""
    row, _version = template_of(desk, template_id)
    form = PublishForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was changed: the form did not say whether to publish or to hide."))
        return desk.go("template", row.uuid)
    is_wanted = form.cleaned_data["published"]
    try:
        if is_wanted:
            publish_template(template=row, by=desk.user)
        else:
            update_template(template=row, fields={"is_published": False}, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _words(desk, is_wanted=is_wanted))
    return desk.go("template", row.uuid)


def _words(desk: Desk, *, is_wanted: bool) -> str:
    if not is_wanted:
        return _("It is no longer on your public page. Badges issued from it keep theirs.")
    organization = desk.organization
    if not (organization.public_profile and organization.public_badge_templates):
        return _("It has a public page now. Your organization's page does not list it: see the settings.")
    return _("It has a public page now, and stands on your organization's page.")
