"""Credits: a ledger, and the balance that is kept with it in one transaction."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from django.utils.translation import gettext as _

from config.exceptions import InvalidInput
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct, CreditKind, CreditStatus, MessageKind
from organizations.exceptions import NotEnoughCredits, TransactionNotOpen
from organizations.models import CreditTransaction, Message, Organization, User
from organizations.services.audit import note_act
from organizations.services.inserting import insert
from organizations.services.outbox import write_messages

MAX_REQUEST = 1_000_000  # credits; more would be a slip, and a few such balances no number of the database's
MAX_AMOUNT = 10_000_000
MAX_DESCRIPTION = 1000

# An UPDATE of Django's tells how many rows it changed, not what they are then: that would be a second query.
COUNT_BADGES = """
    UPDATE organizations_organization
    SET badges_count = badges_count + %s,
        last_badge_number = last_badge_number + %s,
        credits_left = credits_left - %s
    WHERE id = %s AND (%s = 0 OR credits_left >= %s)
    RETURNING last_badge_number
"""


def count_badges(
    *, organization: Organization, badges: int, credits: int, description: str, by: Actor | None
) -> int:
    """Count badges that are being issued and take credits for them, in one UPDATE that also takes the organization's row.

    Returns the number of the last of these badges. Must run in the transaction that issues. Where CREDITS is `enforced`
    the balance is part of the UPDATE: raises NotEnoughCredits and changes nothing. Where it is `counted` the balance may
    go below zero. With 0 credits (they were taken for a whole batch before) only the count changes.
    """
    enforced = credits if settings.CREDITS == "enforced" else 0
    with connection.cursor() as cursor:
        cursor.execute(COUNT_BADGES, [badges, badges, credits, organization.pk, enforced, enforced])
        row = cursor.fetchone()
    if row is None:
        raise NotEnoughCredits
    if credits:
        _record(organization, -credits, CreditKind.ISSUE, description, by)
    return int(row[0])


def return_credits(
    *, organization: Organization, credits: int, description: str, by: Actor | None
) -> CreditTransaction:
    """Give back credits that were taken and not used."""
    return _move(organization, credits, CreditKind.RETURN, description, by)


def add_credits(
    *, organization: Organization, credits: int, description: str, by: Actor | None
) -> CreditTransaction:
    """Put credits into the wallet, or correct it with a negative number. Raises InvalidInput for zero."""
    if credits == 0:
        raise InvalidInput(
            _("Enter how many credits to add, or a negative number to take some away."), field="credits"
        )
    kind = CreditKind.PURCHASE if credits > 0 else CreditKind.CORRECTION
    return _move(organization, credits, kind, description, by)


def request_credits(
    *,
    organization: Organization,
    credits: int,
    description: str,
    amount: Decimal = Decimal(0),
    user: User | None,
    by: Actor | None = None,
) -> CreditTransaction:
    """Ask staff for credits: nothing moves until they accept. `by` is who asks where it is no user.

    The user gets a mail that the request has arrived, staff one that there is something to decide: the ADMINS of the
    settings, or without such all superusers.

    Raises InvalidInput unless the number is from 1 to MAX_REQUEST, the amount not negative and below MAX_AMOUNT, and the
    description of at most 1,000 characters.
    """
    if credits < 1:
        raise InvalidInput(_("Ask for at least one credit."), field="credits")
    if credits > MAX_REQUEST:
        raise InvalidInput(
            _("Ask for at most %(limit)s credits at once.") % {"limit": f"{MAX_REQUEST:,}"}, field="credits"
        )
    if not 0 <= amount < MAX_AMOUNT:
        raise InvalidInput(_("The amount is from 0 to 9,999,999.99."), field="amount")
    if len(description) > MAX_DESCRIPTION:
        raise InvalidInput(
            _("A description has at most %(limit)d characters.") % {"limit": MAX_DESCRIPTION},
            field="description",
        )
    with transaction.atomic():
        request = CreditTransaction.objects.create(
            organization=organization,
            user=user,
            kind=CreditKind.PURCHASE,
            status=CreditStatus.REQUEST,
            description=description,
            credits=credits,
            amount=amount,
        )
        _tell(request, MessageKind.CREDITS_REQUESTED)
        _tell_staff(request)
        _note(request, AuditAct.CREDITS_REQUESTED, by or user)
    return request


def decide_request(*, request: CreditTransaction, accept: bool, by: Actor | None) -> None:
    """Accept or decline a request for credits, once, and tell who asked.

    Raises TransactionNotOpen when it was decided before.
    """
    with transaction.atomic():
        status = CreditStatus.ACCEPTED if accept else CreditStatus.DECLINED
        if not CreditTransaction.objects.filter(pk=request.pk, status=CreditStatus.REQUEST).update(
            status=status, decided_by=label_of(by)
        ):
            raise TransactionNotOpen
        if accept:
            Organization.objects.filter(pk=request.organization_id).update(
                credits_left=F("credits_left") + request.credits
            )
        _tell(request, MessageKind.CREDITS_DECIDED)
        _note(request, AuditAct.CREDITS_DECIDED, by, {"accepted": accept})


def ledger_balance(organization: Organization) -> int:
    """Return the balance as the ledger has it: the sum of accepted movements."""
    accepted = organization.credit_transactions.filter(status=CreditStatus.ACCEPTED)
    return int(accepted.aggregate(total=Sum("credits"))["total"] or 0)


def _move(
    organization: Organization, number: int, kind: CreditKind, description: str, by: Actor | None
) -> CreditTransaction:
    with transaction.atomic():
        Organization.objects.filter(pk=organization.pk).update(credits_left=F("credits_left") + number)
        return _record(organization, number, kind, description, by)


def _record(
    organization: Organization, number: int, kind: CreditKind, description: str, by: Actor | None
) -> CreditTransaction:
    row = CreditTransaction(
        organization=organization,
        user=by if isinstance(by, User) else None,
        kind=kind,
        description=description,
        credits=number,
        decided_by=label_of(by),
    )
    insert([row])
    return row


def _note(
    request: CreditTransaction, act: AuditAct, by: Actor | None, details: Mapping[str, Any] | None = None
) -> None:
    note_act(
        organization=request.organization,
        act=act,
        by=by,
        subject=request.uuid,
        label=request.description,
        details={"credits": request.credits, **(details or {})},
    )


def _tell(request: CreditTransaction, kind: MessageKind) -> None:
    """Put a mail to who asked for the credits into the outbox, in the caller's transaction; nobody is told of nobody's."""
    if request.user is not None:
        write_messages(
            [
                Message(
                    organization=request.organization,
                    kind=kind,
                    subject=request.uuid,
                    recipient=request.user.email,
                )
            ]
        )


def _tell_staff(request: CreditTransaction) -> None:
    """Put a mail to each who decides about credits into the outbox, in the caller's transaction."""
    addresses = {admin if isinstance(admin, str) else admin[1] for admin in settings.ADMINS}
    if not addresses:
        superusers = User.objects.filter(is_active=True, is_superuser=True)
        addresses = set(superusers.values_list("email", flat=True))
    write_messages(
        [
            Message(
                organization=request.organization,
                kind=MessageKind.CREDITS_TO_DECIDE,
                subject=request.uuid,
                recipient=email,
            )
            for email in sorted(addresses)
        ]
    )
