"""Inspects a badge of anybody's: by its address, as a file or as text, in every form of Open Badges 2.0 and 3.0.

Nothing is kept. Unlike what earners bring (badges.services.imported), a badge may be from any public host, and is shown
with each check's finding even when it is no good.
"""

import base64
import binascii
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.credentials import signing
from badges.credentials.png import SIGNATURE
from badges.exceptions import ForeignAssertionRefused, ForeignBadgeRefused, TooManyInspections
from badges.models import Badge
from badges.services.foreign_documents import (
    JWS,
    address_in,
    is_address,
    read_badge,
    read_document,
    types_of,
)
from badges.services.inspected_documents import InspectedDocuments, OwnAnswers, is_own, linked_badge
from badges.services.inspecting_ob2 import GONE, add_gone, inspect_hosted, inspect_signed
from badges.services.inspecting_ob3 import inspect_jwt, inspect_proof
from badges.services.inspections import Inspection
from badges.services.verifying import Finding
from organizations.exceptions import TooManyTries
from organizations.pictures import PictureRefused, prepare_picture
from organizations.services.rates import count_act

MAX_INSPECTED = 6 * 1024 * 1024  # bytes: a picture with a badge in it
TRIES = 30  # in ten minutes from one client: each may have this server ask others
# The page of a badge of this server, and what people have of it: its card, a mark in it, a tracking query.
OWN_PAGE = re.compile(r"(/public/badges/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/card)?/?(?:[?#].*)?")
OWN_BADGE = re.compile(r"/public/badges/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:[./].*)?")


def inspect_badge(
    *, url: str = "", content: bytes = b"", email: str = "", client: str | None, answer_own: OwnAnswers
) -> Inspection:
    """Inspect the badge at `url`, or the one that `content` is or holds; with `email` also whether it was issued to it.

    `client` is who asks, for the limit on asking; `answer_own` answers addresses of this server. Takes at most some seconds.
    Raises TooManyTries, TooManyInspections, and ForeignBadgeRefused for what is no badge, with what is wrong.
    """
    if client is not None and (seconds := count_act(f"inspect:{client}", limit=TRIES)) is not None:
        raise TooManyTries(retry_after=seconds)
    return _inspect(url, content, email, InspectedDocuments(answer_own))


def shown_picture(inspection: Inspection) -> str:
    """Return the inspected badge's picture made anew, as a data: address; empty where there is none that can be shown."""
    if inspection.picture is None:
        return ""
    try:
        png = prepare_picture(inspection.picture, allow_svg=True).thumbnail
    except PictureRefused:
        return ""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _inspect(url: str, content: bytes, email: str, documents: InspectedDocuments) -> Inspection:
    inspection = Inspection(at=timezone.now(), form="")
    if not url and _is_url(content):
        url = content.decode()
    if url:
        url = _address_of(url)
        answer = documents.answer(url, ForeignAssertionRefused)
        if answer.status == GONE:
            inspection.form = _("Open Badges 2.0, published by its issuer (hosted)")
            add_gone(inspection)
            return inspection
        content = documents.content(url, ForeignAssertionRefused)
        if _is_page(content) and (linked := linked_badge(content, answer.url)):
            url = linked
            content = documents.content(linked, ForeignAssertionRefused)
    if len(content) > MAX_INSPECTED:
        raise ForeignAssertionRefused(_("This file is too large for a badge."))
    text = read_badge(content)
    _inspect_text(text, documents, inspection, email)
    # Whoever signs may write any id: only what is ours is led to its page here, and what is wrong, to be compared with it.
    if inspection.is_ours or inspection.outcome == Finding.FAILED:
        inspection.own_path = _own_path(text)
    inspection.picture = _picture(content, inspection, documents)
    return inspection


def _inspect_text(text: str, documents: InspectedDocuments, inspection: Inspection, email: str) -> None:
    """Inspect a badge that is written as text, in whichever of the standards it is."""
    if is_address(text):
        inspect_hosted(text, documents, inspection, email)
        return
    if JWS.fullmatch(text):
        try:
            _header, claims = signing.read_jws(text)
        except ValueError as error:
            raise ForeignAssertionRefused(_("This is no signed badge that can be read.")) from error
        is_assertion = "badge" in claims and "credentialSubject" not in claims
        (inspect_signed if is_assertion else inspect_jwt)(text, documents, inspection, email)
        return
    document = read_document(text.encode("utf-8", "surrogatepass"), ForeignAssertionRefused, _("The badge"))
    if "credentialSubject" in document:
        inspect_proof(document, documents, inspection, email)
    elif "Assertion" in types_of(document):
        address = address_in(document)
        if not address:
            raise ForeignAssertionRefused(
                _("The badge is not signed and does not say where it is published.")
            )
        inspect_hosted(address, documents, inspection, email)
    else:
        raise ForeignAssertionRefused(_("This is not an Open Badge of version 2.0 or 3.0."))


def _address_of(url: str) -> str:
    """Return the address to ask: for the page of a badge of this server, that of its credential.

    Of this server also with the wrong one of http and https, which is what stands before an address typed without either.
    """
    parts = urlsplit(url)
    if parts.netloc.lower() == urlsplit(settings.PUBLIC_URL).netloc:
        url = f"{settings.PUBLIC_URL}{parts._replace(scheme='', netloc='').geturl()}"
    if is_own(url) and (page := OWN_PAGE.fullmatch(url.removeprefix(settings.PUBLIC_URL))):
        return f"{settings.PUBLIC_URL}{page[1]}/ob3.json"
    return url


def _is_url(content: bytes) -> bool:
    return content.startswith((b"http://", b"https://")) and b"\n" not in content and content.isascii()


def _is_page(content: bytes) -> bool:
    beginning = content[:1000].lstrip().lower()
    return beginning.startswith((b"<!doctype html", b"<html")) or b"<html" in beginning


def _own_path(text: str) -> str:
    """Return the page of the badge that a text is, when it is one of this server that may be seen."""
    badge_id = text
    if JWS.fullmatch(text):
        badge_id = str(signing.read_jws(text)[1].get("id"))
    elif text.startswith("{"):
        badge_id = str(
            read_document(text.encode("utf-8", "surrogatepass"), ForeignAssertionRefused, "").get("id")
        )
    found = OWN_BADGE.fullmatch(badge_id.removeprefix(settings.PUBLIC_URL)) if is_own(badge_id) else None
    uuid = found[1] if found else badge_id.removeprefix("urn:uuid:")
    if not re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", uuid):
        return ""
    badge = Badge.objects.reachable().filter(uuid=uuid).only("uuid").first()
    return badge.public_path if badge is not None else ""


def _picture(content: bytes, inspection: Inspection, documents: InspectedDocuments) -> bytes | None:
    """Return the picture that was inspected, or the one that the badge names; None where there is none to be had."""
    if content.startswith(SIGNATURE) or content.lstrip()[:5] in {b"<?xml", b"<svg "}:
        return content
    url = inspection.image_url
    if url.startswith("data:"):
        head, _comma, data = url.partition(",")
        try:
            return base64.b64decode(data, validate=True) if head.endswith(";base64") else None
        except (ValueError, binascii.Error):
            return None
    if not url:
        return None
    try:
        return documents.content(url, ForeignAssertionRefused, accept="image/*")
    except (ForeignBadgeRefused, TooManyInspections):
        return None
