"""Who an inspected badge is from: an organization of this server, a domain, or a key that nobody vouches for."""

import re
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from badges.credentials import dids
from badges.credentials.keys import Ed25519PublicKey
from badges.exceptions import ForeignIssuerRefused
from badges.services.foreign_documents import ForeignDocuments
from badges.services.foreign_keys import Key, key_from_jwk, key_of
from badges.services.inspections import Inspection
from badges.services.verifying import Finding
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey

# Its address, or that of the profile that names one of its keys alone (issuers.signing_profile_url).
OWN_ISSUER = re.compile(
    r"/public/issuers/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/keys/[0-9a-f-]{36}/profile\.json)?"
)


def key_of_anybody(issuer_id: str, method: str, documents: ForeignDocuments) -> Key:
    """Return the key that `method` names, if it is one of the issuer's. Raises ForeignIssuerRefused.

    As key_of, and also for what a server without https has signed itself: there an issuer is its key (did:key), and its
    tokens name the address of another key of the same organization.
    """
    organization = own_organization(issuer_id, hint=method.partition("/keys/")[0])
    if organization is not None and method.startswith(f"{organization.public_url}/keys/"):
        try:
            return key_from_jwk(documents.document(method, ForeignIssuerRefused))
        except (ValueError, TypeError) as error:
            raise ForeignIssuerRefused(_("The issuer's key cannot be read.")) from error
    keys = _own_keys(issuer_id)
    if keys and all(key.revoked_at is not None for key in keys):
        raise ForeignIssuerRefused(_("The key that signed the badge was withdrawn by its issuer."))
    return key_of(issuer_id, method, documents)


def own_organization(issuer_id: str, *, hint: str = "") -> Organization | None:
    """Return the organization of this server that an issuer's id stands for: its address, its did:web, or its key.

    `hint` is the public address of the one that is meant, where several have the same key.
    """
    url = issuer_id
    if issuer_id.startswith("did:web:"):
        try:
            url = dids.did_document_url(issuer_id).removesuffix("/did.json")
        except ValueError:
            return None
    if url.startswith(f"{settings.PUBLIC_URL}/") and (
        found := OWN_ISSUER.fullmatch(url.removeprefix(settings.PUBLIC_URL))
    ):
        return Organization.objects.filter(uuid=UUID(found[1])).first()
    organizations = [key.organization for key in _own_keys(issuer_id)]
    return next((one for one in organizations if one.public_url == hint), next(iter(organizations), None))


def domain_of(issuer_id: str) -> str:
    """Return the domain that vouches for an issuer's id; an empty text for a bare key.

    As it is in the DNS (xn--…): letters that only look like those of another domain would deceive.
    """
    try:
        url = dids.did_document_url(issuer_id) if issuer_id.startswith("did:web:") else issuer_id
        return (urlsplit(url).hostname or "").encode("idna").decode()
    except ValueError:
        return ""


def add_issuer(inspection: Inspection, issuer_id: str, *, url: str = "") -> None:
    """Say who an issuer is whose signature, or place, was found good. `url` is the public address that it names itself."""
    organization = own_organization(issuer_id, hint=url)
    name = inspection.issuer_name
    if organization is not None:
        inspection.is_ours = True
        inspection.issuer_name = name or organization.name
        inspection.issuer(
            Finding.PASSED,
            _("It is from %(name)s, which issues from this server.") % {"name": organization.name},
        )
    elif domain := domain_of(issuer_id):
        inspection.issuer_domain = domain
        inspection.issuer(
            Finding.PASSED,
            _("%(domain)s vouches for it, under the name “%(name)s”.")
            % {"domain": domain, "name": name or "?"},
            _("Anybody may choose a name. Ask yourself whether %(domain)s belongs to whom you expect.")
            % {"domain": domain},
        )
    else:
        inspection.issuer(
            Finding.UNKNOWN,
            _(
                "It is signed with a key that belongs to no domain. The name “%(name)s” is only the badge's own word."
            )
            % {"name": name or "?"},
            _("Ask the issuer whether this key is theirs: %(key)s") % {"key": issuer_id[:200]},
        )


def _own_keys(issuer_id: str) -> list[SigningKey]:
    """Return the keys of organizations of this server that a did:key is: one, unless somebody copied it."""
    if not issuer_id.startswith("did:key:"):
        return []
    try:
        key = Ed25519PublicKey.from_multibase(issuer_id.removeprefix("did:key:"))
    except ValueError:
        return []
    found = SigningKey.objects.filter(algorithm=KeyAlgorithm.ED25519, public_bytes=key.public_bytes)
    return list(found.select_related("organization").order_by("pk")[:20])
