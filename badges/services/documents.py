"""The documents of badges: kept ones as they were signed, the others built from stored values when asked for."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction

from badges.credentials import baking, ob2
from badges.credentials.signing import sign_jws, sign_jwt
from badges.enums import DocumentKind
from badges.models import Badge, BadgeDocument
from badges.services.issuers import active_key, compact, jwt_key_id, key_url, rsa_key, signed_class_url
from badges.services.pictures import png_of, svg_of
from badges.services.values import award_of
from organizations.enums import KeyAlgorithm
from organizations.models import SigningKey
from organizations.services.keys import private_bytes

# What a correction changes (badges.services.changing).
CORRECTED = ["recipient_email", "recipient_first_name", "recipient_last_name", "recipient_salt"]


def hosted_url(badge: Badge) -> str:
    """Return the id of the badge's hosted OB 2.0 Assertion, where verifiers fetch it."""
    return f"{badge.public_url}/ob2.json"


def hosted_assertion(badge: Badge) -> dict[str, Any]:
    """Return the hosted OB 2.0 Assertion; of a revoked badge the short one, to be answered with status 410."""
    if badge.is_revoked:
        return ob2.revoked_assertion(hosted_url(badge), badge.revocation_reason)
    return ob2.hosted_assertion(award_of(badge, url=hosted_url(badge)), badge.version.public_url)


def credential(badge: Badge) -> str:
    """Return the OB 3.0 credential as it was signed on the day of issue."""
    return BadgeDocument.objects.get(badge=badge, kind=DocumentKind.OB3).body


def credential_jwt(badge: Badge) -> str:
    """Return the credential as VC-JWT (RS256), signed when first asked for and then kept. Raises KeyNotUsable."""

    def sign(key: SigningKey) -> str:
        document = json.loads(credential(badge))
        del document["proof"]
        return sign_jwt(document, rsa_key(private_bytes(key)), jwt_key_id(key))

    return _kept(badge, DocumentKind.VC_JWT, sign)


def signed_assertion(badge: Badge) -> str:
    """Return the OB 2.0 Assertion as JWS (RS256), signed when first asked for and then kept. Raises KeyNotUsable."""

    def sign(key: SigningKey) -> str:
        assertion = ob2.signed_assertion(
            award_of(badge), signed_class_url(badge.version, key), creator=key_url(key)
        )
        return sign_jws(assertion, rsa_key(private_bytes(key)))

    return _kept(badge, DocumentKind.OB2_SIGNED, sign)


def baked_png(badge: Badge, *, version: int) -> bytes:
    """Return the badge's picture with its OB 2.0 hosted Assertion or OB 3.0 credential woven in."""
    return baking.bake_png(png_of(badge.version), _baked_text(badge, version), version)


def baked_svg(badge: Badge, *, version: int) -> bytes:
    """Return the badge's picture as SVG with its OB 2.0 hosted Assertion or OB 3.0 credential woven in."""
    verify = hosted_url(badge) if version == 2 else None
    return baking.bake_svg(svg_of(badge.version), version, verify=verify, body=_baked_text(badge, version))


def _baked_text(badge: Badge, version: int) -> str:
    if version == 3:
        return credential(badge)
    return compact(ob2.hosted_assertion(award_of(badge, url=hosted_url(badge)), badge.version.public_url))


def _kept(badge: Badge, kind: DocumentKind, sign: Callable[[SigningKey], str]) -> str:
    """Return the kept document of a kind; sign and keep it when there is none. Of two first askers one document is kept."""
    kept = BadgeDocument.objects.filter(badge=badge, kind=kind)
    document = kept.first()
    if document is not None:
        return document.body
    key = active_key(badge.organization, KeyAlgorithm.RSA)
    with transaction.atomic():
        # Another first asker is waited for, and so is a correction: what it replaces must not be signed and kept after it.
        Badge.objects.select_for_update(no_key=True).only("pk").get(pk=badge.pk)
        document = kept.first()
        if document is None:
            badge.refresh_from_db(fields=CORRECTED)
            document = BadgeDocument.objects.create(badge=badge, kind=kind, body=sign(key), signing_key=key)
    return document.body
