"""API keys: listed without their secret, made (the key is shown once), revoked."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from config.exceptions import RuleBroken
from organizations.enums import ApiScope
from organizations.manage.desk import Desk, for_scope, lately_confirmed, say_refused
from organizations.manage.forms import ApiKeyForm
from organizations.models import ApiKey
from organizations.services.access import create_api_key, revoke_api_key


@require_safe
@for_scope(ApiScope.READ)
def api_keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show the keys, newest first, revoked and expired ones too."""
    keys = ApiKey.objects.filter(organization=desk.organization).order_by("-pk")
    words = dict(ApiScope.choices)
    rows = [(key, [words.get(scope, scope) for scope in key.scopes]) for key in keys]
    return desk.page(request, "manage/api_keys/list.html", {"keys": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def new_api_key(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for name, scopes and end; or make the key and show it, for this once."""
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            key, text = create_api_key(
                organization=desk.organization,
                name=form.cleaned_data["name"],
                scopes=[ApiScope(scope) for scope in form.cleaned_data["scopes"]],
                expires_at=form.expires_at(),
                by=desk.user,
            )
        except RuleBroken as refusal:
            form.refuse(refusal)
        else:
            context = {"key": key, "text": text, "public_url": settings.PUBLIC_URL}
            return desk.page(request, "manage/api_keys/made.html", context)
    return desk.page(request, "manage/api_keys/new.html", {"form": form}, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
def revoke(request: HttpRequest, desk: Desk, key_id: UUID) -> HttpResponse:
    """Say what revoking does; or revoke."""
    key = get_object_or_404(ApiKey, organization=desk.organization, uuid=key_id)
    if request.method != "POST":
        return desk.page(request, "manage/api_keys/revoke.html", {"key": key})
    try:
        revoke_api_key(key=key, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _("The key “%(name)s” opens nothing any more.") % {"name": key.name})
    return desk.go("api_keys")
