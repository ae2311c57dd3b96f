"""Inspects credentials of Open Badges 3.0, with a proof inside or as VC-JWT: every check, whatever the others find."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from badges.credentials import signing
from badges.exceptions import (
    ForeignAssertionRefused,
    ForeignBadgeRefused,
    ForeignBadgeRevoked,
    ForeignIssuerRefused,
    RecipientIsAnother,
)
from badges.services.foreign_documents import image_of, instant_in, text_in, types_of
from badges.services.foreign_ob3 import (
    TYPES,
    check_credential,
    check_proof,
    check_status,
    check_token_times,
    issuer_id_of,
    signed_claims,
)
from badges.services.foreign_recipients import recipient_of_subject
from badges.services.inspected_documents import InspectedDocuments
from badges.services.inspected_issuers import add_issuer, key_of_anybody
from badges.services.inspected_words import (
    ask_later,
    do_not_rely,
    missing_key,
    recipient_is_another,
    recipient_is_right,
    say_times,
)
from badges.services.inspections import Inspection
from badges.services.verifying import Finding
from config.text import folded


def inspect_proof(
    document: dict[str, Any], documents: InspectedDocuments, inspection: Inspection, email: str
) -> None:
    """Inspect a credential by its Data Integrity proof. Raises ForeignBadgeRefused for what is no such credential."""
    inspection.form = _("Open Badges 3.0, signed inside (Data Integrity)")
    _describe(document, inspection)

    def verify() -> None:
        check_credential(document)
        check_proof(document, documents, key_of_anybody)

    _add_signature(document, documents, inspection, verify)
    _add_rest(document, documents, inspection, email)


def inspect_jwt(token: str, documents: InspectedDocuments, inspection: Inspection, email: str) -> None:
    """Inspect a credential that is a VC-JWT. Raises ForeignBadgeRefused for what is no such credential."""
    inspection.form = _("Open Badges 3.0, signed as a token (VC-JWT)")
    _header, claims = signing.read_jws(token)
    inner = claims.get("vc")
    document = inner if isinstance(inner, dict) else claims
    _describe(document, inspection)

    def verify() -> None:
        check_credential(document)
        signed_claims(token, documents, key_of_anybody)

    _add_signature(document, documents, inspection, verify)
    _add_rest(document, documents, inspection, email, claims)


def _describe(document: Mapping[str, Any], inspection: Inspection) -> None:
    """Note what the credential says of itself."""
    if not types_of(document) & TYPES:
        raise ForeignAssertionRefused(_("This is signed, but it is not an Open Badge."))
    achievement = _subject(document).get("achievement")
    achievement = achievement if isinstance(achievement, Mapping) else {}
    issuer = document.get("issuer")
    inspection.title = text_in(achievement, "name", 500) or text_in(document, "name", 500)
    inspection.description = text_in(achievement, "description", 2000)
    inspection.issuer_name = text_in(issuer, "name", 500) if isinstance(issuer, Mapping) else ""
    inspection.image_url = image_of(document.get("image")) or image_of(achievement.get("image"))


def _subject(document: Mapping[str, Any]) -> Mapping[str, Any]:
    subject = document.get("credentialSubject")
    if isinstance(subject, list) and len(subject) == 1:
        subject = subject[0]
    return subject if isinstance(subject, Mapping) else {}


def _add_signature(
    document: Mapping[str, Any],
    documents: InspectedDocuments,
    inspection: Inspection,
    verify: Callable[[], None],
) -> None:
    """Add signature and issuer: of what is not as it was signed, it is not known who wrote the issuer's name."""
    unreached = len(documents.unreached)
    try:
        verify()
    except ForeignIssuerRefused as error:
        missing_key(inspection, error.message, is_unreached=len(documents.unreached) > unreached)
        return
    except ForeignAssertionRefused as error:
        inspection.signature(Finding.FAILED, error.message, do_not_rely())
        inspection.issuer(
            Finding.UNKNOWN, _("As the signature does not hold, anybody may have written the issuer's name.")
        )
        return
    inspection.signature(Finding.PASSED, _("Nothing was changed since it was signed."))
    # Where an issuer is a bare key, the address of its status list tells which organization is meant.
    entry = document.get("credentialStatus")
    listed = text_in(entry, "statusListCredential", 2000) if isinstance(entry, Mapping) else ""
    add_issuer(inspection, issuer_id_of(document), url=listed.partition("/status/")[0])


def _add_rest(
    document: Mapping[str, Any],
    documents: InspectedDocuments,
    inspection: Inspection,
    email: str,
    claims: Mapping[str, Any] | None = None,
) -> None:
    _add_status(document, documents, inspection)
    try:
        issued_at = instant_in(document, "validFrom", "issuanceDate", is_required=True)
        expires_at = instant_in(document, "validUntil", "expirationDate")
        say_times(inspection, issued_at, expires_at)
        if claims is not None and inspection.checks[-1].finding == Finding.PASSED:
            check_token_times(claims)
    except ForeignAssertionRefused as error:
        if inspection.checks[-1].name == _("Not expired"):
            inspection.checks.pop()
        inspection.times(Finding.FAILED, error.message, do_not_rely())
    if email:
        _add_recipient(document, inspection, email)


def _add_status(document: Mapping[str, Any], documents: InspectedDocuments, inspection: Inspection) -> None:
    if not document.get("credentialStatus"):
        inspection.revocation(
            Finding.PASSED, _("It names no list of revoked badges: its issuer cannot take it back.")
        )
        return
    try:
        check_status(document, documents)
    except ForeignBadgeRevoked:
        inspection.revocation(
            Finding.FAILED,
            _("Its issuer has taken it back."),
            _("It does not count any more, whatever else holds. Its issuer can tell you why."),
        )
    except ForeignBadgeRefused as error:
        inspection.revocation(Finding.UNKNOWN, error.message, ask_later())
    else:
        inspection.revocation(Finding.PASSED, _("The issuer's list of revoked badges does not have it."))


def _add_recipient(document: Mapping[str, Any], inspection: Inspection, email: str) -> None:
    try:
        recipient_of_subject(_subject(document), {folded(email): email})
    except RecipientIsAnother:
        recipient_is_another(inspection, email)
    except ForeignBadgeRefused as error:
        inspection.recipient(Finding.UNKNOWN, error.message)
    else:
        recipient_is_right(inspection, email)
