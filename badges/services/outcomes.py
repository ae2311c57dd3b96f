"""Outcomes are reported: recorded once for each person, led to a badge, completed by the platform that was asked for one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from badges.enums import OutcomeState
from badges.exceptions import (
    AccountWithoutAddress,
    BadgeAlreadyHeld,
    BadgeUrlInvalid,
    BadgeUrlMissing,
    CallbackUnknown,
    ForeignAssertionRefused,
    ForeignBadgeRefused,
    OutcomeBadgeRefused,
    OutcomeInactive,
    OutcomeRecordDone,
    OutcomeUnknown,
    OutcomeWithoutTarget,
    RecipientIsAnother,
    ReferenceMissing,
    ReferenceUnknown,
)
from badges.models import Badge, Outcome, OutcomeRecord
from badges.services.foreign_documents import VerifiedBadge
from badges.services.imported import keep_imported, verify_foreign_badge
from badges.services.issuing import issue_badge
from badges.services.outcome_reports import REFERENCE_LIFETIME, note, write_report
from badges.services.outcome_settings import callback_digest
from config.exceptions import RuleBroken
from config.statements import Statement
from config.text import folded
from earners.models import AccountEmail, Earner, EarnerAccount
from earners.services import Person
from organizations.actors import Actor, label_of
from organizations.models import Organization
from organizations.services.brakes import Brake
from organizations.services.inserting import insert_if_new

WRONG_CALLBACKS = Brake("callback-tokens", limit=20, window=timedelta(minutes=10))
BY_CODE: Statement[Outcome] = Statement(
    lambda places: (
        Outcome.objects.select_related("organization", "template")
        .filter(code=places.text("code"), is_active=True)
        .order_by()
    )
)
RECORD: Statement[OutcomeRecord] = Statement(
    lambda places: OutcomeRecord.objects.filter(
        outcome=places.number("outcome"), account=places.number("account")
    ).order_by()
)


def _verified(account: int) -> QuerySet[AccountEmail]:
    return AccountEmail.objects.filter(account=account, verified_at__isnull=False)


KEYS: Statement[tuple[str, str]] = Statement(
    lambda places: _verified(places.number("account")).order_by("pk").values_list("email_key", "email")
)
# How an organization knows the person of an account.
KNOWN: Statement[tuple[str, str, str]] = Statement(
    lambda places: (
        Earner.objects.filter(
            organization=places.number("organization"),
            email_key__in=_verified(places.number("account")).order_by().values("email_key"),
        )
        .order_by("pk")
        .values_list("email", "first_name", "last_name")
    )
)
OPEN = (OutcomeState.RECORDED, OutcomeState.REFUSED)
OWN_BADGE = re.compile(
    r"/public/(?:badges|assertions)/"
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?:\.json|/ob[23]\.[a-z]+)?/?"
)


def record_outcome(*, account: EarnerAccount, code: str) -> OutcomeRecord:
    """Record that the person of an account reached an outcome, once, and lead it on; return the record.

    Where the outcome leads to a template, the badge is issued in the same transaction; where it calls out, the report is in
    the outbox. Reported again, a record that has its badge or waits for it stays as it is; one that was refused, or led
    nowhere, is led on anew. Raises OutcomeUnknown and AccountWithoutAddress, and then nothing was recorded; and after
    recording OutcomeWithoutTarget and OutcomeBadgeRefused.
    """
    outcome = _outcome(code)
    record = RECORD.first(outcome=outcome.pk, account=account.pk)
    if record is not None and record.state not in OPEN:
        return record
    person = _person(account, outcome.organization)
    with transaction.atomic():
        record = _held(outcome, account, person.email, is_new=record is None)
        if record.state not in OPEN:
            return record
        if not record.history:
            note(record, "recorded")
        _lead_on(record, person)
    if record.state == OutcomeState.REFUSED:
        raise OutcomeBadgeRefused
    if record.state == OutcomeState.RECORDED:
        raise OutcomeWithoutTarget
    return record


def retry_outcome(*, record: OutcomeRecord, by: Actor | None) -> OutcomeRecord:
    """Lead a record on again: issue what was refused, or report anew what waits; return the record as it is then.

    A new refusal is in the record (`problem`) and is not raised. Raises OutcomeRecordDone when it has its badge,
    OutcomeInactive, and AccountWithoutAddress.
    """
    with transaction.atomic():
        rows = OutcomeRecord.objects.select_for_update(of=("self",))
        record = rows.select_related("outcome__organization", "outcome__template", "account").get(
            pk=record.pk
        )
        if record.state in {OutcomeState.ISSUED, OutcomeState.COMPLETED}:
            raise OutcomeRecordDone
        if not record.outcome.is_active:
            raise OutcomeInactive
        if record.account is None:
            raise AccountWithoutAddress(_("This person has deleted their account, so they can get no badge."))
        person = _person(record.account, record.outcome.organization)
        note(record, "retried", by=label_of(by))
        _lead_on(record, person)
    return record


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a platform says when it calls back: all texts, empty where it does not say it."""

    ref_id: str
    outcome_code: str
    badge_url: str


def find_callback(credentials: str, *, client: str | None) -> Outcome:
    """Return the outcome whose callback token this is, inactive ones too.

    Raises CallbackUnknown, and TooManyTries when this client (client_of) tried too many wrong ones.
    """
    WRONG_CALLBACKS.check(client)
    digest = callback_digest(credentials)
    outcome = (
        Outcome.objects.select_related("organization").filter(callback_digest=digest).first()
        if credentials
        else None
    )
    if outcome is None:
        if credentials:
            WRONG_CALLBACKS.count(client, digest)
        raise CallbackUnknown
    return outcome


def complete_assignment(*, outcome: Outcome, assignment: Assignment) -> OutcomeRecord:
    """Complete the record that an assignment names with the badge that it names; return the record.

    `outcome` is the one whose credentials were shown (find_callback). The badge must be one of the outcome's organization
    here, which is looked up, or one of another issuer, which is fetched and verified (verify_foreign_badge); and it must be
    of the account's person. The same assignment again changes nothing. Raises, in this order, ReferenceMissing,
    OutcomeUnknown, BadgeUrlMissing, BadgeUrlInvalid, ReferenceUnknown, and ForeignBadgeRefused, which the record's history
    tells of and nothing else.
    """
    _check_words(outcome, assignment)
    record = _referred(outcome, assignment)
    if record.state == OutcomeState.COMPLETED:
        return record
    if record.account is None:
        raise ReferenceUnknown
    keys = verified_keys(record.account)
    try:
        own = _own_badge(outcome.organization, assignment.badge_url, keys)
        # Not in a transaction: somebody else's server may take its time.
        foreign = verify_foreign_badge(url=assignment.badge_url, emails=keys) if own is None else None
    except ForeignBadgeRefused as refusal:
        _note_refusal(record, refusal)
        raise
    with transaction.atomic():
        record = _referred(outcome, assignment, is_held=True)
        if record.state == OutcomeState.COMPLETED:
            return record
        if record.account is None:  # deleted while the badge was fetched
            raise ReferenceUnknown
        _complete(record, assignment.badge_url, own, foreign)
    return record


def verified_keys(account: EarnerAccount) -> dict[str, str]:
    """Return the addresses that the account's owner proved to be theirs, by their folded forms."""
    return dict(KEYS.rows(account=account.pk))


def _held(outcome: Outcome, account: EarnerAccount, email: str, *, is_new: bool) -> OutcomeRecord:
    """Return the record of an account, held until the transaction ends; made now where there is none."""
    if is_new:
        record = OutcomeRecord(outcome=outcome, account=account, recipient_email=email, history=[])
        if insert_if_new(record):
            return record
        # Reported twice at once: the other one's row was waited for.
    record = OutcomeRecord.objects.select_for_update().get(outcome=outcome, account=account)
    record.outcome = outcome
    return record


def _outcome(code: str) -> Outcome:
    """Return an active outcome. Raises OutcomeUnknown."""
    # PostgreSQL takes no NUL in any text, and an escape may have brought half a character.
    if "\x00" in code or any("\ud800" <= character <= "\udfff" for character in code):
        raise OutcomeUnknown
    outcome = BY_CODE.first(code=code)
    if outcome is None:
        raise OutcomeUnknown
    return outcome


def _person(account: EarnerAccount, organization: Organization) -> Person:
    """Return who gets the badge: as the organization knows them already, else by the first address of the account."""
    keys = verified_keys(account)
    if not keys:
        raise AccountWithoutAddress
    known = KNOWN.first(organization=organization.pk, account=account.pk)
    if known is None:
        return Person(email=next(iter(keys.values())))
    return Person(email=known[0], first_name=known[1], last_name=known[2])


def _lead_on(record: OutcomeRecord, person: Person) -> None:
    """Issue, report, or neither, as the outcome says now; save the record. It is held."""
    outcome = record.outcome
    record.recipient_email = person.email
    record.problem = ""
    if outcome.template is not None:
        _issue(record, person)
    elif outcome.call_url:
        record.ref_id = record.ref_id or uuid4()
        record.ref_expires_at = timezone.now() + REFERENCE_LIFETIME
        record.state = OutcomeState.WAITING
        write_report(record)
    else:
        record.state = OutcomeState.RECORDED
    record.save()


def _issue(record: OutcomeRecord, person: Person) -> None:
    outcome = record.outcome
    assert outcome.template is not None  # noqa: S101 - the caller looked
    try:
        # What is kept for the issuer is in their language.
        with translation.override(outcome.organization.language):
            badge = issue_badge(
                template=outcome.template,
                person=person,
                by=None,
                issued_by=f"outcome {outcome.code}"[:255],
                is_accepted=True,
            )
        note(record, "issued", detail=str(badge.uuid))
    except BadgeAlreadyHeld:
        badge = Badge.objects.get(
            template=outcome.template, holds_place=True, earner__email_key=folded(person.email)
        )
        note(record, "held_already", detail=str(badge.uuid))
    except RuleBroken as refusal:
        record.state, record.problem = OutcomeState.REFUSED, refusal.message[:1000]
        note(record, "refused", detail=refusal.message)
        return
    record.state, record.badge = OutcomeState.ISSUED, badge


def _check_words(outcome: Outcome, assignment: Assignment) -> None:
    """Raise what is wrong with an assignment as it is written."""
    if not assignment.ref_id:
        raise ReferenceMissing
    if assignment.outcome_code != outcome.code or not outcome.is_active:
        raise OutcomeUnknown
    if not assignment.badge_url:
        raise BadgeUrlMissing
    try:
        parts = urlsplit(assignment.badge_url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or len(assignment.badge_url) > 2000 or re.search(r"\s", assignment.badge_url):
        raise BadgeUrlInvalid


def _referred(outcome: Outcome, assignment: Assignment, *, is_held: bool = False) -> OutcomeRecord:
    """Return the record that an assignment names: one that waits, or that this very badge completed.

    One that was given up still waits, until its reference expires. Raises ReferenceUnknown.
    """
    try:
        reference = UUID(assignment.ref_id)
    except ValueError as error:
        raise ReferenceUnknown from error
    rows = OutcomeRecord.objects.filter(ref_id=reference, outcome=outcome)
    rows = rows.select_for_update(of=("self",)) if is_held else rows
    record = rows.select_related("account").first()
    if record is None:
        raise ReferenceUnknown
    record.outcome = outcome
    if record.state == OutcomeState.COMPLETED and record.badge_url == assignment.badge_url:
        return record
    is_open = record.state in {OutcomeState.WAITING, OutcomeState.REFUSED}
    if not is_open or record.ref_expires_at is None or record.ref_expires_at <= timezone.now():
        raise ReferenceUnknown
    return record


def _own_badge(organization: Organization, url: str, keys: Iterable[str]) -> Badge | None:
    """Return the badge of this installation that an address names; None for an address elsewhere.

    Raises ForeignAssertionRefused for one that is not the organization's, revoked or expired, just as for none.
    """
    if not is_own(url):
        return None
    match = OWN_BADGE.fullmatch(urlsplit(url).path)
    badges = Badge.objects.filter(organization=organization).select_related("earner")
    badge = badges.filter(uuid=UUID(match[1])).first() if match else None
    if badge is None:
        raise ForeignAssertionRefused(_("There is no badge at this address."))
    if badge.is_revoked:
        raise ForeignAssertionRefused(_("The badge was revoked."))
    if badge.expires_at is not None and badge.expires_at <= timezone.now():
        raise ForeignAssertionRefused(_("The badge has expired."))
    if badge.earner.email_key not in keys:
        raise RecipientIsAnother
    return badge


def is_own(url: str) -> bool:
    """Return whether an address is one of this installation's."""
    ours, theirs = urlsplit(settings.PUBLIC_URL), urlsplit(url)
    default = {"http": 80, "https": 443}
    return (ours.hostname, ours.port or default.get(ours.scheme)) == (
        theirs.hostname,
        theirs.port or default.get(theirs.scheme),
    )


def _note_refusal(record: OutcomeRecord, refusal: RuleBroken) -> None:
    with transaction.atomic():
        row = OutcomeRecord.objects.select_for_update().get(pk=record.pk)
        note(row, "callback_refused", detail=refusal.message)
        row.save(update_fields=["history", "updated_at"])


def _complete(
    record: OutcomeRecord, badge_url: str, own: Badge | None, foreign: VerifiedBadge | None
) -> None:
    record.state, record.problem, record.badge_url = OutcomeState.COMPLETED, "", badge_url
    record.badge = own
    if foreign is not None and record.account is not None:
        record.imported_badge = keep_imported(account=record.account, verified=foreign)
    note(record, "completed", detail=badge_url)
    record.save()
