"""What changes claim codes: they are made, changed, deleted, and claimed exactly as often as they may be."""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.models import BadgeTemplate
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from claimcodes.exceptions import (
    ClaimCodeExpired,
    ClaimCodesTaken,
    ClaimCodeTaken,
    ClaimCodeUnknown,
    ClaimCodeUsed,
    ClaimCodeUsedUp,
)
from claimcodes.models import Claim, ClaimCode
from config.exceptions import InvalidInput
from config.statements import Statement
from config.text import folded
from earners.services import Person, checked_email
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct
from organizations.models import ApiKey, User
from organizations.services.audit import note_act
from organizations.services.inserting import insert
from organizations.services.organizations import require_enabled

MAX_LENGTH = 255
MAX_AT_ONCE = 5_000
MIN_RANDOM = 10  # hexadecimal digits: 40 bits, so guessing is slowed where codes are entered
TRIES = 5
NUMBER = re.compile(r"\d+(e\d*)?", re.IGNORECASE)
# ClaimCodeQuerySet.claimable with the UPDATE around it, written out: put together anew each time by Django it costs as much
# as all else of a claim. Leaving the e-mail out keeps a stored one (design.md section 4.2).
TAKE_USE = """
    UPDATE claimcodes_claimcode
    SET uses = uses + 1, is_claimed = TRUE, updated_at = %s, email = COALESCE(%s, email)
    WHERE id = %s
    AND (NOT is_multiuse AND NOT is_claimed OR is_multiuse AND (max_uses IS NULL OR uses < max_uses))
    AND (expires_at IS NULL OR expires_at > %s)
"""
EARLIER: Statement[Claim] = Statement(
    lambda places: (
        Claim.objects.select_related("badge")
        .filter(claim_code=places.number("code"), email_key=places.text("email"))
        .order_by()
    )
)


def create_claim_code(
    *,
    template: BadgeTemplate,
    code: str | None = None,
    is_multiuse: bool = False,
    is_claimed: bool = False,
    email: str | None = None,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
    by: Actor | None,
) -> ClaimCode:
    """Make a claim code; without `code` a random one of settings.CLAIM_CODE_LENGTH hexadecimal digits.

    Raises InvalidInput (code of 1 to 255 characters without control characters, valid e-mail, at least one use),
    ClaimCodeTaken, OrganizationDisabled.
    """
    if code is not None:
        _check_code(code)
    row = _new_row(
        template=template,
        is_multiuse=is_multiuse,
        is_claimed=is_claimed,
        email=email,
        max_uses=max_uses,
        expires_at=expires_at,
        by=by,
    )
    while True:
        row.code = code if code is not None else random_code()
        row.code_key = folded(row.code)
        try:
            with transaction.atomic():
                require_enabled(template.organization)
                insert([row])
                _note(template, AuditAct.CLAIM_CODES_CREATED, by, row, count=1)
        except IntegrityError:  # the database decides who was first, so no race can
            if code is not None:
                raise ClaimCodeTaken(field="code") from None
            row.pk = None
        else:
            return row


def create_claim_codes(
    *,
    template: BadgeTemplate,
    codes: Sequence[str] | None = None,
    count: int | None = None,
    prefix: str = "",
    length: int | None = None,
    is_multiuse: bool = False,
    is_claimed: bool = False,
    email: str | None = None,
    max_uses: int | None = None,
    expires_at: datetime | None = None,
    by: Actor | None,
) -> list[ClaimCode]:
    """Make many claim codes at once, all of them or none: these `codes`, or `count` random ones.

    Random ones are `prefix` and `length` hexadecimal digits (at least MIN_RANDOM; settings.CLAIM_CODE_LENGTH by default).
    At most MAX_AT_ONCE. Raises InvalidInput, ClaimCodesTaken, OrganizationDisabled.
    """
    length = settings.CLAIM_CODE_LENGTH if length is None else length
    number = len(codes) if codes is not None else count or 0
    if not 1 <= number <= MAX_AT_ONCE:
        raise InvalidInput(
            _("Make 1 to %(limit)d claim codes at once.") % {"limit": MAX_AT_ONCE},
            field="codes" if codes is not None else "count",
        )
    if codes is not None:
        _check_codes(codes)
    elif not MIN_RANDOM <= length <= MAX_LENGTH - len(prefix):
        raise InvalidInput(
            _("A claim code has at least %(least)d random characters and at most %(most)d in all.")
            % {"least": MIN_RANDOM, "most": MAX_LENGTH},
            field="length",
        )
    else:
        _check_code(f"{prefix}x", field="prefix")
    for _try in range(TRIES):
        wanted = codes if codes is not None else _random_codes(number, prefix, length)
        rows = [
            _new_row(
                template=template,
                code=code,
                is_multiuse=is_multiuse,
                is_claimed=is_claimed,
                email=email,
                max_uses=max_uses,
                expires_at=expires_at,
                by=by,
            )
            for code in wanted
        ]
        try:
            with transaction.atomic():
                require_enabled(template.organization)
                insert(rows)
                _note(template, AuditAct.CLAIM_CODES_CREATED, by, rows[0], count=number)
        except IntegrityError:
            if codes is not None:
                raise ClaimCodesTaken(_taken(template, codes)) from None
        else:
            return rows
    raise ClaimCodeTaken(field="prefix")


def update_claim_code(*, claim_code: ClaimCode, fields: Mapping[str, Any], by: Actor | None) -> ClaimCode:
    """Change the given fields and no others: code, is_claimed, is_multiuse, email, max_uses, expires_at.

    What was claimed stays so: a code that has claims cannot become unclaimed, nor one of a single use after two (both are
    ClaimCodeUsed), and its `max_uses` cannot be below its uses (InvalidInput). One that was only marked as claimed can be
    opened again. Raises ClaimCodeTaken, ClaimCodeUnknown, OrganizationDisabled, InvalidInput too.
    """
    unknown = set(fields) - {"code", "is_claimed", "is_multiuse", "email", "max_uses", "expires_at"}
    if unknown:
        raise InvalidInput(_("This cannot be changed."), field=min(unknown))
    with transaction.atomic():
        row = _locked(claim_code)
        require_enabled(row.template.organization)
        for name, value in fields.items():
            setattr(row, name, value)
        if "code" in fields:
            _check_code(row.code)
            row.code_key = folded(row.code)
        if fields.get("email") is not None:
            row.email = checked_email(fields["email"], field="email")
        if row.uses and (not row.is_claimed or (not row.is_multiuse and row.uses > 1)):
            raise ClaimCodeUsed(field="is_multiuse" if row.is_claimed else "is_claimed")
        row.max_uses = row.max_uses if row.is_multiuse else None
        if row.max_uses is not None and row.max_uses < max(1, row.uses):
            raise InvalidInput(
                _("This code was used %(count)d times, so it cannot allow fewer.") % {"count": row.uses}
                if row.uses
                else _("A claim code can be used at least once."),
                field="max_uses",
            )
        try:
            with transaction.atomic():
                row.save()
        except IntegrityError:
            raise ClaimCodeTaken(field="code") from None
        _note(row.template, AuditAct.CLAIM_CODE_CHANGED, by, row, fields=sorted(fields))
    return row


def delete_claim_code(*, claim_code: ClaimCode, by: Actor | None) -> ClaimCode:
    """Delete a code and the record of who claimed with it; return its last state. Badges that it issued stay.

    Raises ClaimCodeUnknown when it is gone already, OrganizationDisabled.
    """
    with transaction.atomic():
        row = _locked(claim_code)
        require_enabled(row.template.organization)
        _note(row.template, AuditAct.CLAIM_CODE_DELETED, by, row, uses=row.uses)
        pk = row.pk
        row.delete()
        row.pk = pk
    return row


def _note(template: BadgeTemplate, act: AuditAct, by: Actor | None, row: ClaimCode, **details: Any) -> None:
    """Note what was done with codes. By people and API keys alone: of a BadgeKit client's codes the rows tell who made them,
    and it makes them by the thousand, one by one. A code opens a badge, so its badge is named and not the code itself."""
    if isinstance(by, User | ApiKey):
        note_act(
            organization=template.organization,
            act=act,
            by=by,
            subject=row.uuid,
            label=str(template),
            details=details,
        )


def random_code(length: int | None = None, *, prefix: str = "") -> str:
    """Return the prefix with so many random hexadecimal digits; settings.CLAIM_CODE_LENGTH unless told.

    None is a number as a whole (0123456789, 12e4567890), which a spreadsheet would write anew when it opens a list of codes.
    """
    length = settings.CLAIM_CODE_LENGTH if length is None else length
    while True:
        code = prefix + secrets.token_hex((length + 1) // 2)[:length]
        if not NUMBER.fullmatch(code):
            return code


def claim_code(
    *,
    claim_code: ClaimCode,
    email: str | None = None,
    first_name: str = "",
    last_name: str = "",
    award: Award | None = None,
    by: Actor | None = None,
) -> Claim:
    """Use a code once. With an e-mail the badge is issued in the same transaction; without one the code is only marked.

    The use is taken by one UPDATE that has the limit in it, so that of any number of simultaneous claims as many succeed as
    may, on every database. The same e-mail on a multi-use code again returns the first claim and uses nothing up. What is
    refused (BadgeAlreadyHeld, LimitReached, TemplateNotIssuable, NotEnoughCredits, ...) leaves the code unused. Raises
    ClaimCodeUsedUp, ClaimCodeExpired, ClaimCodeUnknown, InvalidInput for a bad address. The row that was passed is brought
    up to date where it was changed.
    """
    email = checked_email(email, field="email") if email is not None else None
    email_key = folded(email) if email else None
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(TAKE_USE, [now, email, claim_code.pk, now])
            is_taken = cursor.rowcount == 1
        if not is_taken:
            return _claim_of_before(claim_code, email_key)
        # From here on the code's row is ours, so that the same person's second click waits and then finds the first claim.
        earlier = _earlier_claim(claim_code, email_key)
        if earlier is not None:
            transaction.set_rollback(True)
            return earlier
        badge = None
        if email:
            badge = issue_badge(
                template=claim_code.template,
                person=Person(email=email, first_name=first_name, last_name=last_name),
                award=award or Award(),
                by=by,
                issued_by=_("claim code %(code)s") % {"code": claim_code.pk},
                is_accepted=by
                is None,  # the earner themself: a program may claim for somebody who knows nothing of it
                is_part=True,
            )
        claim = Claim(
            claim_code=claim_code,
            badge=badge,
            email=email or "",
            email_key=email_key,
            claimed_by=label_of(by) if by is not None else "",
        )
        insert([claim])
    claim_code.is_claimed, claim_code.uses, claim_code.email = (
        True,
        claim_code.uses + 1,
        email or claim_code.email,
    )
    return claim


def _check_code(code: str, *, field: str = "code") -> None:
    if not 1 <= len(code) <= MAX_LENGTH:
        raise InvalidInput(_("A claim code has 1 to 255 characters."), field=field)
    if not folded(code):
        raise InvalidInput(_("A claim code needs at least one visible character."), field=field)
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in code):
        raise InvalidInput(_("A claim code cannot contain line breaks or control characters."), field=field)


def _check_codes(codes: Sequence[str]) -> None:
    seen: set[str] = set()
    for index, code in enumerate(codes):
        _check_code(code, field=f"codes.{index}")
        if folded(code) in seen:
            raise InvalidInput(_("This claim code is there twice."), field=f"codes.{index}")
        seen.add(folded(code))


def _new_row(
    *,
    template: BadgeTemplate,
    code: str = "",
    is_multiuse: bool,
    is_claimed: bool = False,
    email: str | None,
    max_uses: int | None,
    expires_at: datetime | None,
    by: Actor | None,
) -> ClaimCode:
    """Return a code that is not saved, its values checked."""
    if max_uses is not None and max_uses < 1:
        raise InvalidInput(_("A claim code can be used at least once."), field="max_uses")
    return ClaimCode(
        system_id=template.system_id,
        template=template,
        code=code,
        code_key=folded(code),
        is_multiuse=is_multiuse,
        is_claimed=is_claimed,
        email=checked_email(email, field="email") if email is not None else None,
        max_uses=max_uses if is_multiuse else None,
        expires_at=expires_at,
        created_by=label_of(by),
    )


def _random_codes(count: int, prefix: str, length: int) -> list[str]:
    """Return different random codes."""
    made: dict[str, None] = {}
    while len(made) < count:
        made[random_code(length, prefix=prefix)] = None
    return list(made)


def _taken(template: BadgeTemplate, codes: Sequence[str]) -> list[str]:
    """Return which of the codes exist in the template's system."""
    keys = {folded(code) for code in codes}
    rows = ClaimCode.objects.filter(system=template.system_id, code_key__in=keys)
    known = set(rows.values_list("code_key", flat=True))
    return [code for code in codes if folded(code) in known]


def _locked(claim_code: ClaimCode) -> ClaimCode:
    """Return the code as it is now, its row taken for the rest of the transaction. Raises ClaimCodeUnknown."""
    row = ClaimCode.objects.select_for_update().filter(pk=claim_code.pk).first()
    if row is None:
        raise ClaimCodeUnknown
    return row


def _earlier_claim(claim_code: ClaimCode, email_key: str | None) -> Claim | None:
    if email_key is None:
        return None
    return EARLIER.first(code=claim_code.pk, email=email_key)


def _claim_of_before(claim_code: ClaimCode, email_key: str | None) -> Claim:
    """Return the claim that this person made with a multi-use code that takes nobody new; else raise why it takes nobody."""
    current = ClaimCode.objects.filter(pk=claim_code.pk).first()
    if current is None:
        raise ClaimCodeUnknown
    earlier = _earlier_claim(current, email_key) if current.is_multiuse else None
    if earlier is not None:
        return earlier
    if current.expires_at is not None and current.expires_at <= timezone.now():
        raise ClaimCodeExpired
    raise ClaimCodeUsedUp


def recount_uses() -> int:
    """Set the uses of every code to its number of claims; return how many were wrong."""
    claims = Claim.objects.filter(claim_code=OuterRef("pk")).order_by().values("claim_code")
    actual = Coalesce(Subquery(claims.annotate(number=Count("pk")).values("number")), 0)
    return ClaimCode.objects.annotate(actual=actual).exclude(uses=F("actual")).update(uses=actual)
