"""Credit transactions in the issuer API (reference openbadge_eu, section 7): listed, read, asked for."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from config.api.issuer.documentation import IDEMPOTENCY_PARAMETER, documented
from config.api.issuer.fields import Input, Shape, TextField, WholeField, timestamp
from config.api.issuer.pages import QuerySetSource, page_of
from config.api.issuer.views import answer
from organizations.api import issuer_examples as examples
from organizations.api.issuer_access import OrganizationView, no_such
from organizations.api.issuer_filters import CreditFilters
from organizations.enums import CreditStatus
from organizations.models import CreditTransaction, Organization, User
from organizations.services.wallet import MAX_DESCRIPTION, MAX_REQUEST, request_credits

TAG = "Credits"


class CreditTransactionShape(Shape):
    """A movement of credits: positive comes in, negative goes out."""

    example = examples.CREDIT_TRANSACTION
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    user_id = serializers.IntegerField(
        allow_null=True,
        help_text="The number of the user who did it; null for an API key and for the server.",
    )
    description = serializers.CharField(allow_null=True)
    credits = serializers.IntegerField()
    currency = serializers.ChoiceField(["EUR"])
    amount = serializers.CharField(help_text="100.00")
    status = serializers.ChoiceField(CreditStatus.choices)
    created_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")
    updated_at = serializers.CharField(help_text="2024-06-17T06:37:33.000000Z")


def transaction_body(transaction: CreditTransaction, organization: Organization) -> dict[str, Any]:
    """Return a transaction of the organization as CreditTransactionShape says."""
    return {
        "id": str(transaction.uuid),
        "organization_id": str(organization.uuid),
        "user_id": transaction.user_id,
        "description": transaction.description or None,
        "credits": transaction.credits,
        "currency": transaction.currency,
        "amount": f"{transaction.amount:.2f}",
        "status": transaction.status,
        "created_at": timestamp(transaction.created_at),
        "updated_at": timestamp(transaction.updated_at),
    }


class AmountField(serializers.DecimalField):
    """An amount of money below ten million, with two places at most."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, min_value=0, max_value=9_999_999, **options)

    def to_internal_value(self, data: Any) -> Any:
        """Return the number; true is none."""
        if isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)

    def validate_precision(self, value: Decimal) -> Decimal:
        """Return the number. Raises ValidationError for more digits than money has."""
        try:
            return super().validate_precision(value)
        except ValidationError as error:
            raise ValidationError("", code="format") from error


class CreditRequestInput(Input):
    """A request for credits."""

    example = examples.CREDIT_REQUEST
    credits = WholeField(min_value=1, max_value=MAX_REQUEST)
    description = TextField(required=False, allow_null=True, max_length=MAX_DESCRIPTION)
    amount = AmountField(required=False, allow_null=True, help_text="What was agreed upon, in EUR.")


class CreditTransactionsRoute(OrganizationView):
    """`/api/v1/issuers/organization/credit_transactions`"""

    @documented(
        "Credit transactions",
        tag=TAG,
        description="Newest first.",
        answer=CreditTransactionShape,
        listed=True,
        refusals=(422,),
        parameters=CreditFilters.parameters(),
    )
    def get(self, request: Request) -> HttpResponse:
        """Answer a page of transactions."""
        transactions = CreditTransaction.objects.filter(organization=self.organization).order_by("-pk")
        found = self.filtered(CreditFilters, transactions)
        return answer(page_of(request, QuerySetSource(found), self._body))

    @documented(
        "Ask for credits",
        tag=TAG,
        description="Nothing moves until the administrators of this server accept. A user is told by mail.",
        request=CreditRequestInput,
        answer=CreditTransactionShape,
        status=201,
        parameters=[IDEMPOTENCY_PARAMETER],
    )
    def post(self, request: Request) -> HttpResponse:
        """Ask for credits."""
        values = self.checked(CreditRequestInput)
        made = request_credits(
            organization=self.organization,
            credits=values["credits"],
            description=values.get("description") or "",
            amount=values.get("amount") or Decimal(0),
            user=self.actor if isinstance(self.actor, User) else None,
            by=self.actor,
        )
        return answer({"data": self._body(made)}, 201)

    def _body(self, transaction: CreditTransaction) -> dict[str, Any]:
        return transaction_body(transaction, self.organization)


class CreditTransactionRoute(OrganizationView):
    """`/api/v1/issuers/organization/credit_transactions/{id}`"""

    @documented("A credit transaction", tag=TAG, answer=CreditTransactionShape)
    def get(self, request: Request, transaction_id: UUID) -> HttpResponse:
        """Answer a transaction."""
        transactions = CreditTransaction.objects.filter(organization=self.organization)
        transaction = transactions.filter(uuid=transaction_id).first()
        if transaction is None:
            raise no_such(_("credit transaction"))
        return answer({"data": transaction_body(transaction, self.organization)})


urlpatterns = [
    path("issuers/organization/credit_transactions", CreditTransactionsRoute.as_view()),
    path("issuers/organization/credit_transactions/<uuid:transaction_id>", CreditTransactionRoute.as_view()),
]
