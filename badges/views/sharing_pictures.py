"""The pictures of shared links (Open Graph), of those that have a page for everybody."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from badges.models import Badge
from badges.services.cards import Card, card_of_badge, card_of_organization, card_of_version, draw_card
from badges.views import answers
from badges.views.templates import sentence_of
from badges.views.version_documents import shown_version
from organizations.models import Organization
from organizations.richtext import plain_text


@answers.document
def badge_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the card of a badge that is not hidden."""
    badges = Badge.objects.reachable().select_related("organization", "version")
    badge = badges.filter(uuid=uuid).first()
    if badge is None:
        raise Http404
    return answers.without_index(_drawn(request, card_of_badge(badge)))


@answers.document
def version_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the card of a version of a template that may be seen."""
    version = shown_version(uuid)
    return _drawn(request, card_of_version(version, version.template.organization, sentence_of(version)))


@answers.document
def organization_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the card of an organization that has a public page."""
    organization = Organization.objects.filter(uuid=uuid, public_profile=True).first()
    if organization is None:
        raise Http404
    return _drawn(request, card_of_organization(organization, plain_text(organization.description)))


def _drawn(request: HttpRequest, card: Card) -> HttpResponse:
    """Answer a card; it is drawn only when the client does not have it already."""
    etag = f'"{card.digest}"'
    if answers.is_known(request, etag):
        return answers.unchanged(etag, answers.FOR_MINUTES)
    try:
        picture = draw_card(card)
    except FileNotFoundError as error:
        raise Http404 from error
    return answers.body(request, picture, "image/png", cache=answers.FOR_MINUTES, etag=etag)
