"""An organization's documents: OB 2.0 Profile, keys and revocations, DID document, status lists, logo."""

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from badges.credentials import ob2
from badges.credentials.keys import RsaPublicKey
from badges.enums import Visibility
from badges.models import Badge, StatusList
from badges.services.issuers import did_document
from badges.services.profiles import (
    cryptographic_key_of,
    profile_of,
    revocation_list_url,
    signing_profile_of,
)
from badges.views import answers
from badges.views.negotiation import CREDENTIAL_LINKED_DATA, LINKED_DATA
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey

DID_DOCUMENT = "application/did+json"
JWK = "application/jwk+json"


@answers.document
def profile(request: HttpRequest, uuid: UUID, content_type: str = LINKED_DATA) -> HttpResponse:
    """Answer the OB 2.0 Profile of hosted badges."""
    return answers.json_body(
        request, profile_of(_organization(uuid)), content_type, cache=answers.FOR_A_MINUTE
    )


@answers.document
def signing_profile(request: HttpRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Answer the OB 2.0 Profile of what one key signed."""
    return answers.json_body(
        request, signing_profile_of(trusted_rsa_key(uuid, key)), LINKED_DATA, cache=answers.FOR_A_MINUTE
    )


@answers.document
def did(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the document of the organization's did:web, which exists under https alone (did:web section 3.2)."""
    if not settings.IS_SECURE:
        raise Http404
    return answers.json_body(
        request, did_document(_organization(uuid)), DID_DOCUMENT, cache=answers.FOR_A_MINUTE
    )


@answers.document
def cryptographic_key(request: HttpRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Answer a trusted RSA key as OB 2.0 CryptographicKey."""
    content = cryptographic_key_of(trusted_rsa_key(uuid, key))
    return answers.json_body(request, content, LINKED_DATA, cache=answers.FOR_A_MINUTE)


@answers.document
def jwk(request: HttpRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Answer a trusted RSA key as one JWK, which the `kid` of VC-JWTs leads to where there is no did:web."""
    content = {**_public_key(trusted_rsa_key(uuid, key)).jwk, "kid": str(key), "use": "sig"}
    return answers.json_body(request, content, JWK, cache=answers.FOR_A_MINUTE)


@answers.document
def status_list(request: HttpRequest, uuid: UUID, number: int) -> HttpResponse:
    """Answer a signed status list as it was published last.

    As application/vc+ld+json, since DCC's verifier reads as JSON only what has json in its type. Who has the list
    already is answered without its text being read.
    """
    kept = StatusList.objects.filter(organization__uuid=uuid, number=number)
    if "HTTP_IF_NONE_MATCH" in request.META:
        digest = kept.values_list("digest", flat=True).first()
        if digest and answers.is_known(request, f'"{digest}"'):
            return answers.unchanged(f'"{digest}"', answers.FOR_A_MINUTE)
    row = kept.values_list("body", "digest").first()
    if row is None:
        raise Http404
    text, digest = row
    return answers.body(request, text, CREDENTIAL_LINKED_DATA, cache=answers.FOR_A_MINUTE, etag=f'"{digest}"')


@answers.document
def revocations(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the OB 2.0 RevocationList of the signed Assertions. Of a hidden badge the reason is not told."""
    organization = _organization(uuid)
    revoked = (
        Badge.objects.revoked()
        .filter(organization=organization)
        .order_by("revoked_at", "pk")
        .values_list("uuid", "revocation_reason", "visibility")
    )
    content = ob2.revocation_list(
        revocation_list_url(organization),
        organization.public_url,
        [
            (badge.urn, None if visibility == Visibility.HIDDEN else reason)
            for badge, reason, visibility in revoked
        ],
    )
    return answers.json_body(request, content, LINKED_DATA, cache=answers.FOR_A_MINUTE)


@answers.document
def logo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Answer the organization's logo. A file never changes under its name, so the name is its ETag."""
    organization = _organization(uuid)
    if not organization.logo:
        raise Http404
    etag = f'"{str(organization.logo.name).rpartition("/")[2]}"'
    if answers.is_known(request, etag):
        return answers.unchanged(etag, answers.FOR_MINUTES)
    try:
        with organization.logo.open("rb") as file:
            content = bytes(file.read())
    except FileNotFoundError as error:
        raise Http404 from error
    return answers.body(
        request, content, "image/png", cache=answers.FOR_MINUTES, etag=etag, policy=answers.PICTURE_POLICY
    )


def _organization(uuid: UUID) -> Organization:
    organization = Organization.objects.filter(uuid=uuid).first()
    if organization is None:
        raise Http404
    return organization


def trusted_rsa_key(organization: UUID, key: UUID) -> SigningKey:
    """Return an organization's RSA key whose signatures verify, with its organization. Raises Http404."""
    row = (
        SigningKey.objects.trusted()
        .filter(organization__uuid=organization, algorithm=KeyAlgorithm.RSA, uuid=key)
        .select_related("organization")
        .first()
    )
    if row is None:
        raise Http404
    return row


def _public_key(key: SigningKey) -> RsaPublicKey:
    return RsaPublicKey.from_public_bytes(bytes(key.public_bytes))
