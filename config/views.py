"""What the server says of itself: its start page, whether it is well, what robots may read, and local pictures."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from config.api.badgekit import answer
from config.api.badgekit_healthcheck import WHO, is_api_client

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PICTURE_TYPES = {".png": "image/png", ".svg": "image/svg+xml"}
# A picture runs nothing, whoever opens it as a page.
PICTURE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
)

ROBOTS = """User-agent: *
Disallow: /accounts/
Disallow: /admin/
Disallow: /api/
Disallow: /me/
Disallow: /systems/
"""


class BadgeAddressForm(forms.Form):
    """The address of a badge, as people copy it: of its page, of a document, or of one of this server the id alone."""

    address = forms.CharField(
        label=gettext_lazy("Address of a badge"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        error_messages={"required": gettext_lazy("Paste the address of a badge.")},
    )

    def clean_address(self) -> str:
        """Return where to go: the badge's page, or for a badge of another server the page that verifies it."""
        text = self.cleaned_data["address"].strip()
        match = re.fullmatch(
            rf"(?:{re.escape(settings.PUBLIC_URL)})?(?:/?public/badges/)?({UUID})(?:[./][A-Za-z0-9./]*)?(?:[?#].*)?",
            text,
            re.IGNORECASE,
        )
        is_elsewhere = re.match(r"https?://[^/\s]+\.[^/\s]+", text) and not text.startswith(
            settings.PUBLIC_URL
        )
        if match is None and is_elsewhere:
            return f"{reverse('verify')}?{urlencode({'url': text})}"
        if match is None:
            raise forms.ValidationError(
                _("This is not the address of a badge. Those of this server look like %(example)s")
                % {"example": f"{settings.PUBLIC_URL}/public/badges/…"}
            )
        return f"/public/badges/{match[1].lower()}"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this server is, and open a badge by its address (`?address=`). Shows nothing of anybody's.

    BadgeKit clients, which look here whether the server is there, get the answer that they know.
    """
    if is_api_client(request):
        return answer(WHO, headers={"Vary": "Accept, Authorization"})
    form = BadgeAddressForm(request.GET if "address" in request.GET else None)
    if form.is_valid():
        return HttpResponseRedirect(form.cleaned_data["address"])
    # Rendered without the request: the page says the same to everybody and reads no session.
    response = HttpResponse(
        render_to_string("public/home.html", {"form": form, "public_url": settings.PUBLIC_URL})
    )
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Accept, Authorization"
    return response


@require_safe
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Answer 200 when the database answers, else 503: for whoever decides whether this process gets requests."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        response = JsonResponse({"status": "ok"})
    except DatabaseError:
        response = JsonResponse({"status": "failing", "message": "The database does not answer."}, status=503)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def robots(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Answer what search engines may read: public pages. Unlisted badges say of themselves that they are not for them."""
    response = HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - a view's signature
    """Lead to the icon: browsers ask for it here where no page names one, as beside the admin and documents."""
    response = HttpResponseRedirect(static("favicon.ico"))
    response["Cache-Control"] = "public, max-age=86400"
    return response


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:  # noqa: ARG001 - a view's signature  # noqa: ARG001
    """Answer a stored picture when pictures are kept in a local folder; elsewhere the storage's own server does.

    Nothing but PNG and SVG: their names are random and their bytes never change, so they may be kept for ever.
    """
    storage = storages["default"]
    content_type = PICTURE_TYPES.get(PurePosixPath(name).suffix)
    if not isinstance(storage, FileSystemStorage) or content_type is None:
        raise Http404
    try:
        response = FileResponse(storage.open(name), content_type=content_type)
    except (FileNotFoundError, IsADirectoryError, SuspiciousFileOperation) as error:
        raise Http404 from error
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = PICTURE_POLICY
    return response
