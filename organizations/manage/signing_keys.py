"""Signing keys: which ones sign, which ones verify, rotated and revoked."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from config.exceptions import RuleBroken
from organizations.enums import ApiScope, KeyAlgorithm, KeyStatus
from organizations.manage.desk import Desk, for_scope, lately_confirmed, say_refused
from organizations.models import SigningKey
from organizations.services.keys import fingerprint_of, revoke_signing_key, rotate_signing_key

USES = {
    KeyAlgorithm.ED25519: gettext_lazy("Open Badges 3.0 credentials, and the list of revoked ones"),
    KeyAlgorithm.RSA: gettext_lazy("Open Badges 3.0 as JWT, and signed Open Badges 2.0"),
}


@require_safe
@for_scope(ApiScope.READ)
def signing_keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show all keys, those that sign first."""
    order = list(KeyStatus.values)
    keys = sorted(
        SigningKey.objects.filter(organization=desk.organization),
        key=lambda key: (order.index(key.status), key.algorithm, -key.pk),
    )
    return desk.page(
        request,
        "manage/signing_keys/list.html",
        {
            "keys": [(key, USES[KeyAlgorithm(key.algorithm)], fingerprint_of(key)) for key in keys],
            "is_secure": settings.IS_SECURE,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def rotate(request: HttpRequest, desk: Desk, signing_key_id: UUID) -> HttpResponse:
    """Say what rotating does; or put a new key in the place of the one that signs."""
    key = _key(desk, signing_key_id)
    if request.method != "POST":
        return _confirmation(request, desk, "rotate", key)
    try:
        rotate_signing_key(key=key, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(
            request, _("A new key signs from now on. What the old one has signed goes on verifying.")
        )
    return desk.go("signing_keys")


@require_http_methods(["GET", "HEAD", "POST"])
@for_scope(ApiScope.WRITE)
@lately_confirmed
def revoke(request: HttpRequest, desk: Desk, signing_key_id: UUID) -> HttpResponse:
    """Say what revoking does; or withdraw trust from the key, when who asks has typed the end of its fingerprint."""
    key = _key(desk, signing_key_id)
    if request.method != "POST":
        return _confirmation(request, desk, "revoke", key)
    if request.POST.get("fingerprint", "").strip().lower() != fingerprint_of(key)[-4:]:
        error = _("These are not the last four characters of this key's fingerprint.")
        return _confirmation(request, desk, "revoke", key, error=error)
    try:
        revoke_signing_key(key=key, by=desk.user)
    except RuleBroken as refusal:
        say_refused(request, refusal)
    else:
        messages.success(request, _("The key is no longer trusted."))
    return desk.go("signing_keys")


def _key(desk: Desk, signing_key_id: UUID) -> SigningKey:
    rows = SigningKey.objects.select_related("organization")
    return get_object_or_404(rows, organization=desk.organization, uuid=signing_key_id)


def _confirmation(
    request: HttpRequest, desk: Desk, act: str, key: SigningKey, *, error: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "key": key,
        "fingerprint": fingerprint_of(key),
        "is_secure": settings.IS_SECURE,
        "error": error,
    }
    status = 400 if error else 200
    return desk.page(request, f"manage/signing_keys/{act}.html", context, status=status)
