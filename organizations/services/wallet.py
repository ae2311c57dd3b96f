"""Credits: a ledger, and the balance that is kept with it in one transaction."""

from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum

from config.exceptions import InvalidInput
from organizations.actors import Actor, label_of
from organizations.enums import CreditKind, CreditStatus
from organizations.exceptions import NotEnoughCredits, TransactionNotOpen
from organizations.models import CreditTransaction, Organization, User


def count_badges(
    *, organization: Organization, badges: int, credits: int, description: str, by: Actor | None
) -> None:
    """Count badges that are being issued and take credits for them, in one UPDATE that also takes the organization's row.

    Must run in the transaction that issues. Where CREDITS is `enforced` the balance is part of the UPDATE: raises
    NotEnoughCredits and changes nothing. Where it is `counted` the balance may go below zero. With 0 credits (they were
    taken for a whole batch before) only the count changes.
    """
    rows = Organization.objects.filter(pk=organization.pk)
    if credits and settings.CREDITS == "enforced":
        rows = rows.filter(credits_left__gte=credits)
    if not rows.update(badges_count=F("badges_count") + badges, credits_left=F("credits_left") - credits):
        raise NotEnoughCredits
    if credits:
        _record(organization, -credits, CreditKind.ISSUE, description, by)


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
            "Enter how many credits to add, or a negative number to take some away.", field="credits"
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
) -> CreditTransaction:
    """Ask staff for credits: nothing moves until they accept. Raises InvalidInput unless the number is positive."""
    if credits < 1:
        raise InvalidInput("Ask for at least one credit.", field="credits")
    return CreditTransaction.objects.create(
        organization=organization,
        user=user,
        kind=CreditKind.PURCHASE,
        status=CreditStatus.REQUEST,
        description=description,
        credits=credits,
        amount=amount,
    )


def decide_request(*, request: CreditTransaction, accept: bool, by: Actor | None) -> None:
    """Accept or decline a request for credits, once. Raises TransactionNotOpen when it was decided before."""
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
    return CreditTransaction.objects.create(
        organization=organization,
        user=by if isinstance(by, User) else None,
        kind=kind,
        description=description,
        credits=number,
        decided_by=label_of(by),
    )
