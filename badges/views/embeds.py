"""A badge inside other people's pages: the card for an iframe, and oEmbed, by which their software finds it."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from badges.models import Badge
from badges.services.verifying import Finding, verify_badge
from badges.views import answers
from badges.views.badges import EMBED_HEIGHT, EMBED_WIDTH, iframe_of, status_word

LEAST_WIDTH, LEAST_HEIGHT = 240, 168
THEMES = ("light", "dark")
UUID_TEXT = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
FORMATS = ("json", "xml")


# Any page may show it in a frame: there is nothing to press but links, which open elsewhere.
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})  # type: ignore[arg-type]  # its types know no arguments of addresses
def card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the card of a badge that is not hidden; `?theme=light` or `dark`, else as the reader's device."""
    badge = _badge(str(uuid))
    if badge is None:
        raise Http404
    verdict = verify_badge(badge)
    theme = request.GET.get("theme", "")
    return answers.page(
        request,
        "public/card.html",
        {
            "badge": badge,
            "version": badge.version,
            "organization": badge.organization,
            "status": status_word(badge),
            "is_sound": Finding.FAILED not in {verdict.signature, verdict.issuer},
            "theme": theme if theme in THEMES else "",
        },
        is_indexed=False,
    )


@answers.document
def oembed(request: HttpRequest) -> HttpResponse:
    """Answer what oEmbed 1.0 (oembed.com) asks of a badge's page: `url`, `format`, `maxwidth`, `maxheight`."""
    url = request.GET.get("url", "")
    form = request.GET.get("format", "json")
    if form not in FORMATS:
        return answers.refusal(501, _("The formats are json and xml."))
    page = re.fullmatch(
        rf"{re.escape(settings.PUBLIC_URL)}/public/badges/({UUID_TEXT})(?:/card)?/?(?:[?#].*)?", url
    )
    badge = _badge(page[1]) if page else None
    if badge is None:
        return answers.refusal(404, _("There is no badge at this address."))
    width = _length(request, "maxwidth", EMBED_WIDTH, LEAST_WIDTH)
    height = _length(request, "maxheight", EMBED_HEIGHT, LEAST_HEIGHT)
    body = {
        "version": "1.0",
        "type": "rich",
        "title": badge.version.title,
        "author_name": badge.organization.name,
        **({"author_url": badge.organization.public_url} if badge.organization.public_profile else {}),
        "provider_name": "Laurel",
        "provider_url": settings.PUBLIC_URL,
        "cache_age": 300,
        "thumbnail_url": f"{badge.public_url}/card.png",
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
        "html": iframe_of(badge, width=width, height=height),
        "width": width,
        "height": height,
    }
    if form == "xml":
        return answers.body(request, _xml(body), "text/xml; charset=utf-8", cache=answers.FOR_MINUTES)
    return answers.json_body(request, body, "application/json", cache=answers.FOR_MINUTES)


def _badge(uuid: str) -> Badge | None:
    badges = Badge.objects.reachable().select_related("organization", "version", "status_list")
    return badges.filter(uuid=uuid).first()


def _length(request: HttpRequest, name: str, usual: int, least: int) -> int:
    """Return a width or height of at most what was asked for, and not so small that nothing could be read."""
    asked = request.GET.get(name, "")
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 6):
        return usual
    return max(least, min(usual, int(asked)))


def _xml(body: Mapping[str, Any]) -> str:
    members = "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in body.items())
    return f'<?xml version="1.0" encoding="utf-8" standalone="yes"?><oembed>{members}</oembed>'
