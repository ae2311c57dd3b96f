"""To whom another issuer's badge was issued: compared with the addresses of the one who brings it."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from badges.exceptions import (
    RecipientHashMissing,
    RecipientHashUnknown,
    RecipientIdentityMissing,
    RecipientIsAnother,
    RecipientMissing,
    RecipientTypeUnknown,
)
from config.text import folded

HASHES = {"sha256": hashlib.sha256, "md5": hashlib.md5}  # those of Open Badges 2.0, IdentityHash
MAILTO = "mailto:"


def recipient_of_assertion(assertion: Mapping[str, Any], emails: Mapping[str, str]) -> str:
    """Return which of the addresses (by folded form) an Open Badges 2.0 Assertion was issued to.

    Raises a ForeignBadgeRefused that says what is missing or wrong: RecipientMissing and the others.
    """
    recipient = assertion.get("recipient")
    if not isinstance(recipient, Mapping) or not recipient:
        raise RecipientMissing
    kind = recipient.get("type")
    if (kind if isinstance(kind, str) else "").rpartition(":")[2] not in {"email", "schema.org/email"}:
        raise RecipientTypeUnknown
    return _matched(recipient.get("identity"), recipient.get("hashed"), recipient.get("salt"), emails)


def recipient_of_subject(subject: Mapping[str, Any], emails: Mapping[str, str]) -> str:
    """Return which of the addresses (by folded form) an Open Badges 3.0 AchievementSubject is.

    It has identifiers (IdentityObject), or a `mailto:` address as its id. Raises as recipient_of_assertion does.
    """
    found = subject.get("identifier")
    identifiers = [
        item for item in (found if isinstance(found, list) else [found]) if isinstance(item, Mapping)
    ]
    addresses = [item for item in identifiers if item.get("identityType") in ("emailAddress", "email")]
    if not addresses:
        subject_id = subject.get("id")
        if isinstance(subject_id, str) and subject_id.lower().startswith(MAILTO):
            return _matched(subject_id, False, None, emails)  # noqa: FBT003 - what the document would say
        raise RecipientTypeUnknown if identifiers else RecipientMissing
    refusal: Exception = RecipientIsAnother()
    for item in addresses:
        try:
            return _matched(item.get("identityHash"), item.get("hashed"), item.get("salt"), emails)
        except RecipientIsAnother:
            continue
        except (RecipientIdentityMissing, RecipientHashMissing, RecipientHashUnknown) as error:
            refusal = error
    raise refusal


def _matched(identity: Any, hashed: Any, salt: Any, emails: Mapping[str, str]) -> str:
    if not isinstance(identity, str) or not identity.strip():
        raise RecipientIdentityMissing
    identity = identity.strip()
    if hashed not in (True, "true"):
        plain = identity[len(MAILTO) :] if identity.lower().startswith(MAILTO) else identity
        email = emails.get(folded(plain))
        if email is None:
            raise RecipientIsAnother
        return email
    algorithm, separator, digest = identity.partition("$")
    if not separator:
        raise RecipientHashMissing
    if algorithm.lower() not in HASHES:
        raise RecipientHashUnknown
    salted = salt if isinstance(salt, str) else ""
    for key, email in emails.items():
        for spelling in _spellings(key, email):
            made = HASHES[algorithm.lower()]((spelling + salted).encode("utf-8", "surrogatepass")).hexdigest()
            if hmac.compare_digest(made.encode(), digest.lower().encode("utf-8", "surrogatepass")):
                return email
    raise RecipientIsAnother


def _spellings(key: str, email: str) -> Iterable[str]:
    """Return how an issuer may have written the address: nobody says whether it was put into lower case."""
    return dict.fromkeys((email, email.strip().lower(), key))
