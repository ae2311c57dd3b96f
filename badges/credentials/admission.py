"""The door: what may enter a badge.

Whatever would break its signature elsewhere is refused here, in plain words.
"""

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from badges.credentials.canonical import ABSOLUTE_IRI, UNSIGNABLE_CHARACTERS
from badges.credentials.exceptions import Unsignable, gettext_noop
from badges.credentials.values import Achievement, Award, Evidence, Issuer, Number, Recipient, StatusEntry
from badges.credentials.vocabularies import (
    ACHIEVEMENT_TYPES,
    ALIGNMENT_TYPES,
    EXTENSION,
    IDENTIFIER_TYPES,
    LANGUAGE,
    RESULT_STATUSES,
    RESULT_TYPES,
)

# Beyond it, and beyond two decimals, JavaScript, Java and Python write one number in different ways.
_MAX_NUMBER = 1_000_000_000


def check_text(field: str, value: str | None, *, is_required: bool = False) -> None:
    """Refuse a text with characters that verifiers sign differently, and an empty one where one must be.

    Line breaks and tabs are fine. Refused are the other control characters, U+FFFE, U+FFFF and lone
    surrogates.
    """
    if is_required and not (value and value.strip()):
        raise Unsignable(field, gettext_noop("This must not be empty."))
    found = UNSIGNABLE_CHARACTERS.search(value or "")
    if found:
        raise Unsignable(
            field,
            gettext_noop(
                "The text has an invisible character (%(character)s, at position %(position)d). "
                "It cannot be signed. Remove it, or type the text anew."
            ),
            character=f"U+{ord(found[0]):04X}",
            position=found.start() + 1,
        )


def check_iri(field: str, value: str | None, *, is_required: bool = False) -> None:
    """Refuse an identifier that is not absolute (`https:`, `urn:`, `did:`) or has spaces or quotes."""
    check_text(field, value, is_required=is_required)
    if value and not ABSOLUTE_IRI.fullmatch(value):
        raise Unsignable(
            field,
            gettext_noop(
                "This is not a full identifier. It begins with https:, urn: or did: and has no spaces."
            ),
        )


def check_url(field: str, value: str | None, *, is_required: bool = False) -> None:
    """Refuse an address that is not absolute, not of http or https, or has spaces or quotation marks."""
    check_text(field, value, is_required=is_required)
    if not value:
        return
    try:
        parts = urlsplit(value)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port >= 0)
    except ValueError:
        has_host = False
    if not has_host or parts.scheme not in ("http", "https") or not ABSOLUTE_IRI.fullmatch(value):
        raise Unsignable(
            field,
            gettext_noop(
                "This is not a full web address. It begins with https:// or http:// and has no spaces."
            ),
        )


def check_order(field: str, values: Collection[str]) -> None:
    """Refuse texts of one list that verifiers sort, and so sign, differently.

    RDFC-1.0 sorts by code point, as PyLD does; rdf-canonize, which Digital Bazaar and DCC have, by UTF-16 unit. They
    differ where one text has an emoji, or another character beyond U+FFFF, and another one of U+E000 to U+FFFF.
    """
    if sorted(values) != sorted(values, key=lambda value: value.encode("utf-16-be")):
        raise Unsignable(
            field,
            gettext_noop(
                "Two of these texts cannot be signed together: other people's software sorts emoji and full-width or "
                "compatibility characters (such as ﬁ or Ａ) in different ways. Write one of the texts without them."
            ),
        )


def check_number(field: str, value: Number | None) -> None:
    """Refuse credits that are negative, a billion or more, not finite, or finer than two decimals."""
    if value is None:
        return
    try:
        number = Decimal(str(value))
        is_sound = 0 <= number < _MAX_NUMBER and number == round(number, 2)
    except InvalidOperation:
        is_sound = False
    if isinstance(value, bool) or not is_sound:
        raise Unsignable(
            field, gettext_noop("This must be a number from 0 to 999999999 with at most two decimals.")
        )


def check_term(
    field: str, value: str | None, allowed: Collection[str], *, is_extensible: bool = True
) -> None:
    """Refuse a value that is neither of a vocabulary of the standard nor, where it may be, an `ext:` term."""
    if value is None or value in allowed or (is_extensible and EXTENSION.fullmatch(value)):
        return
    raise Unsignable(
        field,
        gettext_noop(
            "“%(value)s” is not a value of Open Badges 3.0. "
            "Use %(allowed)s, or a value of your own that begins with ext:."
        )
        if is_extensible
        else gettext_noop("“%(value)s” is not a value of Open Badges 3.0. Use %(allowed)s."),
        value=value[:60],
        allowed=", ".join(sorted(allowed)),
    )


def check_issuer(issuer: Issuer) -> None:
    """Refuse an issuer whose badges would not verify. OB 2.0 demands an e-mail address."""
    check_iri("did", issuer.did, is_required=True)
    check_url("url", issuer.url, is_required=True)
    check_text("name", issuer.name, is_required=True)
    check_text("description", issuer.description)
    check_url("website", issuer.website)
    check_email("email", issuer.email)
    check_url("image_url", issuer.image_url)


def check_email(field: str, value: str | None) -> None:
    """Refuse what cannot be an address: it must have something on both sides of one @."""
    check_text(field, value, is_required=True)
    local, at, domain = (value or "").strip().partition("@")
    if (
        not (local and at and domain)
        or "@" in domain
        or any(character.isspace() for character in local + domain)
    ):
        raise Unsignable(field, gettext_noop("This is not an e-mail address."))


def check_achievement(achievement: Achievement) -> None:
    """Refuse an achievement whose badges would not verify. Fields are named as in `values.Achievement`."""
    check_url("url", achievement.url, is_required=True)
    check_text("name", achievement.name, is_required=True)
    check_text("description", achievement.description, is_required=True)
    for field in (
        "criteria_narrative",
        "image_caption",
        "version",
        "human_code",
        "field_of_study",
        "specialization",
    ):
        check_text(field, getattr(achievement, field))
    check_url("criteria_url", achievement.criteria_url)
    check_url("image_url", achievement.image_url)
    check_term("achievement_type", achievement.achievement_type, ACHIEVEMENT_TYPES)
    check_number("credits_available", achievement.credits_available)
    if achievement.language is not None and not LANGUAGE.fullmatch(achievement.language):
        raise Unsignable("language", gettext_noop("This is not a language. Write it as en, it or pt-BR."))
    for number, tag in enumerate(achievement.tags):
        check_text(f"tags.{number}", tag, is_required=True)
    check_order("tags", achievement.tags)
    for number, alignment in enumerate(achievement.alignments):
        place = f"alignments.{number}"
        check_text(f"{place}.name", alignment.name, is_required=True)
        check_url(f"{place}.url", alignment.url, is_required=True)
        check_text(f"{place}.description", alignment.description)
        check_text(f"{place}.framework", alignment.framework)
        check_text(f"{place}.code", alignment.code)
        check_term(f"{place}.type", alignment.type, ALIGNMENT_TYPES)
    for number, identifier in enumerate(achievement.other_identifiers):
        check_text(f"other_identifiers.{number}.value", identifier.value, is_required=True)
        check_term(f"other_identifiers.{number}.type", identifier.type, IDENTIFIER_TYPES)
    for number, description in enumerate(achievement.result_descriptions):
        place = f"result_descriptions.{number}"
        check_iri(f"{place}.url", description.url, is_required=True)
        check_text(f"{place}.name", description.name, is_required=True)
        check_term(f"{place}.result_type", description.result_type, RESULT_TYPES)
        for field in ("value_min", "value_max", "required_value"):
            check_text(f"{place}.{field}", getattr(description, field))
        for position, allowed in enumerate(description.allowed_values):
            check_text(f"{place}.allowed_values.{position}", allowed, is_required=True)
        check_order(f"{place}.allowed_values", description.allowed_values)


def check_award(award: Award) -> None:
    """Refuse an award that would not verify. Fields are named as in `values.Award`."""
    check_url("url", award.url, is_required=True)
    if award.uuid.version not in (1, 2, 3, 4, 5):
        raise Unsignable(
            "uuid", gettext_noop("Open Badges 2.0 takes UUIDs of the versions 1 to 5. Use version 4.")
        )
    check_recipient(award.recipient)
    check_instant("issued_at", award.issued_at)
    if award.expires_at is not None:
        check_instant("expires_at", award.expires_at)
        if award.expires_at <= award.issued_at:
            raise Unsignable("expires_at", gettext_noop("A badge must expire after it is issued."))
    for field in ("narrative", "license_number", "role", "term"):
        check_text(field, getattr(award, field))
    check_url("image_url", award.image_url)
    check_number("credits_earned", award.credits_earned)
    for field in ("activity_started_on", "activity_ended_on"):
        check_instant(field, getattr(award, field))
    for number, evidence in enumerate(award.evidence):
        _check_evidence(f"evidence.{number}", evidence)
    for number, result in enumerate(award.results):
        check_text(f"results.{number}.value", result.value)
        check_iri(f"results.{number}.result_description_url", result.result_description_url)
        check_term(f"results.{number}.status", result.status, RESULT_STATUSES, is_extensible=False)


def check_recipient(recipient: Recipient) -> None:
    """Refuse a recipient whose hash or id would not verify."""
    check_email("recipient.email", recipient.email)
    check_text("recipient.name", recipient.name)
    check_text("recipient.salt", recipient.salt, is_required=True)
    check_iri("recipient.subject_id", recipient.subject_id, is_required=True)


def check_instant(field: str, value: date | datetime | None) -> None:
    """Refuse a time without zone, and years that verifiers cannot read."""
    if value is None:
        return
    if isinstance(value, datetime) and value.tzinfo is None:
        raise Unsignable(field, gettext_noop("This time has no time zone."))
    if not 1000 <= value.year <= 9998:
        raise Unsignable(field, gettext_noop("The year must lie between 1000 and 9998."))


def check_status(status: StatusEntry) -> None:
    """Refuse a place in a status list that has no address."""
    check_url("list_url", status.list_url, is_required=True)
    if status.index < 0:
        raise Unsignable("index", gettext_noop("A place in a status list is 0 or more."))


def _check_evidence(place: str, evidence: Evidence) -> None:
    check_url(f"{place}.url", evidence.url)
    for field in ("name", "narrative", "description", "genre", "audience"):
        check_text(f"{place}.{field}", getattr(evidence, field))
    if not (evidence.url or evidence.narrative or evidence.description or evidence.name):
        raise Unsignable(place, gettext_noop("Evidence must have an address, a name or a description."))
