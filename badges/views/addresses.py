"""Addresses with several forms: a page for people, documents for programs, chosen by what the client would rather have."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import gettext as _

from badges.views import answers, badges, documents, issuer_documents, issuers, templates, version_documents
from badges.views.negotiation import (
    CREDENTIAL,
    CREDENTIAL_LINKED_DATA,
    HTML,
    JSON,
    LINKED_DATA,
    preferred,
)

BADGE_FORMS = (HTML, LINKED_DATA, CREDENTIAL_LINKED_DATA, CREDENTIAL, JSON)
ISSUER_FORMS = (HTML, LINKED_DATA, JSON)
VERSION_FORMS = (HTML, LINKED_DATA, JSON, CREDENTIAL_LINKED_DATA, CREDENTIAL)
ACHIEVEMENT_FORMS = {CREDENTIAL_LINKED_DATA, CREDENTIAL}


@answers.negotiated
def badge(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the badge's page, its hosted OB 2.0 Assertion, or its OB 3.0 credential."""
    form = _form(request, BADGE_FORMS)
    if form == HTML:
        return badges.badge_page(request, uuid)
    if form == LINKED_DATA:
        return documents.ob2_json(request, uuid)
    return documents.ob3_json(request, uuid, form)


@answers.negotiated
def issuer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the organization's page or its OB 2.0 Profile."""
    form = _form(request, ISSUER_FORMS)
    return (
        issuers.issuer_page(request, uuid) if form == HTML else issuer_documents.profile(request, uuid, form)
    )


@answers.negotiated
def template(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the template's page, or its current version as BadgeClass or Achievement."""
    form = _form(request, VERSION_FORMS)
    if form == HTML:
        return templates.template_page(request, uuid)
    if form in ACHIEVEMENT_FORMS:
        return version_documents.template_ob3_json(request, uuid, form)
    return version_documents.template_ob2_json(request, uuid, form)


@answers.negotiated
def version(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the version's page, or the version as BadgeClass or Achievement."""
    form = _form(request, VERSION_FORMS)
    if form == HTML:
        return templates.version_page(request, uuid)
    if form in ACHIEVEMENT_FORMS:
        return version_documents.ob3_json(request, uuid, form)
    return version_documents.ob2_json(request, uuid, form)


@answers.negotiated
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer for what is at no public address: without its last slash it may be at one, else 404 as page or JSON."""
    if request.path.endswith("/") and request.path.strip("/") != "public":
        return HttpResponsePermanentRedirect("/" + request.path.strip("/"))
    name = request.path.rpartition("/")[2]
    if "." in name or _form(request, (HTML, JSON, LINKED_DATA, CREDENTIAL_LINKED_DATA, CREDENTIAL)) != HTML:
        response = answers.refusal(404, _("There is no document here."))
        response["Access-Control-Allow-Origin"] = "*"
        return response
    raise Http404


def _form(request: HttpRequest, forms: tuple[str, ...]) -> str:
    """Return the form that is asked for. Scripts ask beforehand (OPTIONS) for documents, never for pages."""
    if request.method == "OPTIONS":
        return forms[1]
    return preferred(request.META.get("HTTP_ACCEPT", ""), forms)
