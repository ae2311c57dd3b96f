"""Inspects Assertions of Open Badges 2.0, hosted and signed: every check, whatever the others find."""

from collections.abc import Mapping
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
from badges.services.foreign_documents import address_in, image_of, instant_in, text_in
from badges.services.foreign_ob2 import (
    HOSTED,
    check_assertion,
    check_not_revoked,
    check_origin,
    class_and_issuer,
    key_of_assertion,
    verification_types,
)
from badges.services.foreign_recipients import recipient_of_assertion
from badges.services.inspected_documents import InspectedDocuments
from badges.services.inspected_issuers import add_issuer
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

GONE = 410


def inspect_hosted(address: str, documents: InspectedDocuments, inspection: Inspection, email: str) -> None:
    """Inspect the hosted Assertion at an address. Raises ForeignBadgeRefused when there is none."""
    inspection.form = _("Open Badges 2.0, published by its issuer (hosted)")
    found = documents.answer(address, ForeignAssertionRefused)
    if found.status == GONE:
        add_gone(inspection)
        return
    assertion = documents.document(address, ForeignAssertionRefused)
    is_revoked = _describe_assertion(assertion)
    issuer = _parts(assertion, documents, inspection)
    if issuer is not None:
        try:
            if address_in(assertion).partition("#")[0] != address.partition("#")[0]:
                raise ForeignAssertionRefused(_("The badge says that it is published at another address."))
            if not verification_types(assertion) & HOSTED:
                raise ForeignAssertionRefused(_("The badge does not say that it is a hosted one."))
            check_origin(address, issuer)
        except ForeignBadgeRefused as error:
            inspection.place(Finding.FAILED, error.message, do_not_rely())
            inspection.issuer(
                Finding.UNKNOWN,
                _("As it does not stand where its issuer publishes, anybody may have written it."),
            )
        else:
            inspection.place(
                Finding.PASSED,
                _("It stands at %(address)s, where its issuer publishes.") % {"address": address},
            )
            add_issuer(inspection, address_in(issuer))
    if is_revoked:
        _add_revoked(inspection)
    else:
        inspection.revocation(
            Finding.PASSED, _("It is still published, so its issuer has not taken it back.")
        )
    _add_rest(assertion, inspection, email)


def inspect_signed(token: str, documents: InspectedDocuments, inspection: Inspection, email: str) -> None:
    """Inspect a signed Assertion (JWS). Raises ForeignBadgeRefused for what is none."""
    inspection.form = _("Open Badges 2.0, signed (JWS)")
    header, assertion = signing.read_jws(token)
    is_revoked = _describe_assertion(assertion)
    issuer = _parts(assertion, documents, inspection)
    if issuer is not None:
        _add_signature(token, header, assertion, issuer, documents, inspection)
    _add_revocation(assertion, issuer, documents, inspection, is_revoked=is_revoked)
    _add_rest(assertion, inspection, email)


def add_gone(inspection: Inspection) -> None:
    """Say that a badge is no longer published, which is how issuers take hosted badges back."""
    inspection.revocation(
        Finding.FAILED,
        _("Its issuer does not publish it any more: it was taken back."),
        _("It does not count any more. Its issuer can tell you why."),
    )


def _describe_assertion(assertion: Mapping[str, Any]) -> bool:
    """Return whether the assertion says of itself that it was revoked. Raises ForeignBadgeRefused for what is none."""
    try:
        check_assertion(assertion)
    except ForeignBadgeRevoked:
        return True
    return False


def _parts(
    assertion: Mapping[str, Any], documents: InspectedDocuments, inspection: Inspection
) -> Mapping[str, Any] | None:
    """Return the issuer's Profile, and note what it and the BadgeClass say; None when they cannot be had, and say so."""
    unreached = len(documents.unreached)
    try:
        badge_class, issuer = class_and_issuer(assertion, documents)
    except ForeignBadgeRefused as error:
        missing_key(inspection, error.message, is_unreached=len(documents.unreached) > unreached)
        return None
    inspection.title = text_in(badge_class, "name", 500)
    inspection.description = text_in(badge_class, "description", 2000)
    inspection.issuer_name = text_in(issuer, "name", 500)
    inspection.image_url = image_of(assertion.get("image")) or image_of(badge_class.get("image"))
    return issuer


def _add_signature(
    token: str,
    header: Mapping[str, Any],
    assertion: Mapping[str, Any],
    issuer: Mapping[str, Any],
    documents: InspectedDocuments,
    inspection: Inspection,
) -> None:
    unreached = len(documents.unreached)
    try:
        if header.get("alg") != "RS256":
            raise ForeignAssertionRefused(_("The badge is signed by another algorithm than RS256."))
        if not signing.verify_jws(token, key_of_assertion(assertion, issuer, documents)):
            raise ForeignAssertionRefused(_("The signature does not fit the badge."))
    except ForeignIssuerRefused as error:
        missing_key(inspection, error.message, is_unreached=len(documents.unreached) > unreached)
    except ForeignAssertionRefused as error:
        inspection.signature(Finding.FAILED, error.message, do_not_rely())
        inspection.issuer(
            Finding.UNKNOWN, _("As the signature does not hold, anybody may have written the issuer's name.")
        )
    else:
        inspection.signature(Finding.PASSED, _("Nothing was changed since it was signed."))
        add_issuer(inspection, address_in(issuer))


def _add_revocation(
    assertion: Mapping[str, Any],
    issuer: Mapping[str, Any] | None,
    documents: InspectedDocuments,
    inspection: Inspection,
    *,
    is_revoked: bool,
) -> None:
    if is_revoked:
        _add_revoked(inspection)
        return
    if issuer is None:
        inspection.revocation(Finding.UNKNOWN, _("Without its issuer it cannot be told."), ask_later())
        return
    try:
        check_not_revoked(assertion, issuer, documents)
    except ForeignBadgeRevoked:
        _add_revoked(inspection)
    except ForeignBadgeRefused as error:
        inspection.revocation(Finding.UNKNOWN, error.message, ask_later())
    else:
        words = (
            _("The issuer's list of revoked badges does not have it.")
            if address_in(issuer.get("revocationList"))
            else _("Its issuer has no list of revoked badges, and cannot take it back.")
        )
        inspection.revocation(Finding.PASSED, words)


def _add_revoked(inspection: Inspection) -> None:
    inspection.revocation(
        Finding.FAILED,
        _("Its issuer has taken it back."),
        _("It does not count any more, whatever else holds. Its issuer can tell you why."),
    )


def _add_rest(assertion: Mapping[str, Any], inspection: Inspection, email: str) -> None:
    try:
        say_times(
            inspection,
            instant_in(assertion, "issuedOn", is_required=True),
            instant_in(assertion, "expires"),
        )
    except ForeignAssertionRefused as error:
        inspection.times(Finding.FAILED, error.message, do_not_rely())
    if not email:
        return
    try:
        recipient_of_assertion(assertion, {folded(email): email})
    except RecipientIsAnother:
        recipient_is_another(inspection, email)
    except ForeignBadgeRefused as error:
        inspection.recipient(Finding.UNKNOWN, error.message)
    else:
        recipient_is_right(inspection, email)
