"""Open Badges 2.0 documents of issuers: the Profile of hosted badges, and for each RSA key one of what it signed.

1EdTech's validator allows one `publicKey` in a Profile, and refuses all badges of an issuer that names more. So the issuer's
own Profile, which hosted badges lead to, names none; and what a key signed leads to a Profile that names this key alone.
Badges signed before a rotation then verify as well as those after it.
"""

from dataclasses import replace

from django.conf import settings

from badges.credentials import dids, ob2
from badges.credentials.keys import RsaPublicKey
from badges.credentials.values import Document, Issuer
from badges.models import BadgeTemplateVersion
from badges.services.issuers import key_url, signed_class_url, signing_profile_url
from badges.services.values import achievement_of, issuer_of
from organizations.models import Organization, SigningKey


def profile_of(organization: Organization) -> Document:
    """Return the Profile of the organization's hosted badges."""
    return ob2.profile(_issuer(organization), revocation_list_url=revocation_list_url(organization))


def signing_profile_of(key: SigningKey) -> Document:
    """Return the Profile of what an RSA key signed; needs `key.organization`."""
    issuer = _issuer(key.organization)
    return ob2.profile(
        replace(issuer, url=signing_profile_url(key), website=issuer.website or issuer.url),
        public_key_urls=[key_url(key)],
        revocation_list_url=revocation_list_url(key.organization),
    )


def cryptographic_key_of(key: SigningKey) -> Document:
    """Return an RSA key as CryptographicKey; needs `key.organization`."""
    public_key = RsaPublicKey.from_public_bytes(bytes(key.public_bytes))
    return ob2.cryptographic_key(key_url(key), signing_profile_url(key), public_key.pem)


def signed_class_of(version: BadgeTemplateVersion, key: SigningKey) -> Document:
    """Return the version as BadgeClass of what an RSA key signed."""
    achievement = achievement_of(version)
    criteria_url = achievement.criteria_url or (None if achievement.criteria_narrative else achievement.url)
    return ob2.badge_class(
        replace(achievement, url=signed_class_url(version, key), criteria_url=criteria_url),
        signing_profile_url(key),
    )


def revocation_list_url(organization: Organization) -> str:
    """Return the address of the list of the organization's revoked signed Assertions."""
    return f"{organization.public_url}/revocations.json"


def _issuer(organization: Organization) -> Issuer:
    """Return the issuer; an OB 2.0 Profile does not show its DID."""
    did = dids.did_web(organization.public_url) if settings.IS_SECURE else organization.public_url
    return issuer_of(organization, did)
