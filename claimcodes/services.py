"""What changes claim codes: they are made, and claimed exactly as often as they may be."""

import secrets
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from badges.models import BadgeTemplate
from badges.services.awards import Award
from badges.services.issuing import issue_badge
from badges.services.templates import lock_template
from claimcodes.exceptions import ClaimCodeExpired, ClaimCodeTaken, ClaimCodeUsedUp
from claimcodes.models import Claim, ClaimCode
from config.exceptions import InvalidInput
from config.text import folded
from earners.services import Person, checked_email
from organizations.actors import Actor, label_of

RANDOM_LENGTH = (
    10  # hexadecimal digits, as seed 004 shows; 40 bits, so guessing is slowed where codes are entered
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
    """Make a claim code; without `code` a random one of RANDOM_LENGTH hexadecimal digits.

    Raises InvalidInput (code of 1 to 255 characters, valid e-mail, at least one use), ClaimCodeTaken, OrganizationDisabled.
    """
    if code is not None and not 1 <= len(code) <= 255:
        raise InvalidInput(_("A claim code has 1 to 255 characters."), field="code")
    if code is not None and not folded(code):
        raise InvalidInput(_("A claim code needs at least one visible character."), field="code")
    if max_uses is not None and max_uses < 1:
        raise InvalidInput(_("A claim code can be used at least once."), field="max_uses")
    if email is not None:
        email = checked_email(email, field="email")
    with transaction.atomic():
        template = lock_template(template)
        row = ClaimCode(
            system_id=template.system_id,
            template=template,
            is_multiuse=is_multiuse,
            is_claimed=is_claimed,
            email=email,
            max_uses=max_uses if is_multiuse else None,
            expires_at=expires_at,
            created_by=label_of(by),
        )
        if code is not None:
            if not _save_as(row, code):
                raise ClaimCodeTaken(field="code")
        else:
            while not _save_as(row, secrets.token_hex(RANDOM_LENGTH // 2)):
                row.pk = None
    return row


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
    ClaimCodeUsedUp, ClaimCodeExpired, InvalidInput for a bad address.
    """
    email = checked_email(email, field="email") if email is not None else None
    email_key = folded(email) if email else None
    changes: dict[str, object] = {"uses": F("uses") + 1, "is_claimed": True, "updated_at": timezone.now()}
    if email:
        changes["email"] = email  # leaving it out keeps a stored one (design.md section 4.2)
    with transaction.atomic():
        if not ClaimCode.objects.claimable().filter(pk=claim_code.pk).update(**changes):
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
            )
        return Claim.objects.create(
            claim_code=claim_code,
            badge=badge,
            email=email or "",
            email_key=email_key,
            claimed_by=label_of(by) if by is not None else "",
        )


def _save_as(row: ClaimCode, code: str) -> bool:
    """Insert the row under this code; return False when the code is taken. The database decides, so no race can."""
    row.code, row.code_key = code, folded(code)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _earlier_claim(claim_code: ClaimCode, email_key: str | None) -> Claim | None:
    if email_key is None:
        return None
    return Claim.objects.select_related("badge").filter(claim_code=claim_code, email_key=email_key).first()


def _claim_of_before(claim_code: ClaimCode, email_key: str | None) -> Claim:
    """Return the claim that this person made with a multi-use code that takes nobody new; else raise why it takes nobody."""
    current = ClaimCode.objects.get(pk=claim_code.pk)
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
