"""Mails about organizations: who decides about credits is told, in their own language."""

import pytest
from django.core import mail
from pytest_django import Settings

from organizations.enums import Language, MessageKind
from organizations.models import Message, Organization, User
from organizations.services.outbox import deliver_due
from organizations.services.wallet import decide_request, request_credits
from tests import factories

pytestmark = pytest.mark.django_db


def told() -> dict[str, str]:
    """Deliver what is due; return the subjects that staff got, by address."""
    deliver_due()
    return {sent.to[0]: str(sent.subject) for sent in mail.outbox}


def test_all_superusers_are_told_of_a_request(acme: Organization, alice: User, staff: User) -> None:
    factories.UserFactory.create(email="helper@server.example", is_staff=True)
    factories.UserFactory.create(email="gone@server.example", is_superuser=True, is_active=False)

    asked = request_credits(organization=acme, credits=5, description="For <spring>", user=alice)
    subjects = told()

    assert subjects == {
        "alice@acme.example": "Your request for 5 credits has arrived",
        "staff@server.example": "Acme Academy asks for 5 credits",
    }
    [message] = [sent for sent in mail.outbox if sent.to == [staff.email]]
    assert f"http://127.0.0.1:8000/admin/organizations/credittransaction/{asked.pk}/change/" in str(
        message.body
    )
    assert "alice@acme.example asked for them" in str(message.body)
    assert "What they wrote: For <spring>" in str(message.body)


def test_admins_of_the_settings_are_told_in_place_of_superusers(
    acme: Organization, staff: User, settings: Settings
) -> None:
    settings.ADMINS = [("Office", "office@server.example"), ("Night", "night@server.example")]

    request_credits(organization=acme, credits=1, description="", user=None)

    assert sorted(told()) == ["night@server.example", "office@server.example"]


def test_staff_are_told_in_their_language(acme: Organization, staff: User) -> None:
    Organization.objects.update(language=Language.ITALIAN)
    request_credits(organization=acme, credits=1, description="", user=None)

    assert told() == {"staff@server.example": "Acme Academy asks for 1 credit"}


def test_nobody_is_told_of_a_request_that_was_decided(acme: Organization, staff: User) -> None:
    asked = request_credits(organization=acme, credits=1, description="", user=None)
    decide_request(request=asked, accept=True, by=staff)

    assert told() == {}
    assert Message.objects.get().kind == MessageKind.CREDITS_TO_DECIDE
