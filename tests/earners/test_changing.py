"""Earners are put right."""

import pytest

from config.exceptions import InvalidInput
from earners.exceptions import EarnerGone
from earners.models import Earner, EarnersList, ListMembership
from earners.services import ListedPerson, create_list
from earners.services.changing import change_earner
from earners.services.erasing import erase_earner
from organizations.models import AuditEntry, Organization, User
from tests import factories


@pytest.fixture
def ada(acme: Organization, listed: EarnersList) -> Earner:
    """Ada, on a list under her name and on one as Countess."""
    countess = ListedPerson(email="ada@example.org", first_name="Countess", last_name="Lovelace")
    create_list(organization=acme, name="Nobles", people=[countess], by=None)
    Earner.objects.filter(email="ada@example.org").update(first_name="Ada", last_name="Lovelace")
    return Earner.objects.get(email="ada@example.org")


def test_new_names_go_to_lists_that_had_the_old_ones(alice: User, ada: Earner) -> None:
    change_earner(earner=ada, fields={"first_name": " Augusta ", "last_name": "King"}, by=alice)

    ada.refresh_from_db()
    assert ada.full_name == "Augusta King"
    said = ListMembership.objects.filter(earner=ada).order_by("pk")
    assert list(said.values_list("first_name", "last_name")) == [
        ("Augusta", "King"),
        ("Countess", "Lovelace"),
    ]
    entry = AuditEntry.objects.get(act="earner.changed")
    assert (entry.actor, entry.subject) == ("alice@acme.example", ada.uuid)
    assert entry.details == {"first_name": ["Ada", "Augusta"], "last_name": ["Lovelace", "King"]}


def test_new_address_is_not_verified_and_badges_keep_the_old_one(acme: Organization, ada: Earner) -> None:
    badge = factories.badge(factories.template(acme))

    change_earner(earner=ada, fields={"email": "Ada@New.example"}, by=None)

    ada.refresh_from_db()
    badge.refresh_from_db()
    assert (ada.email, ada.email_key, ada.email_verified_at) == ("Ada@New.example", "ada@new.example", None)
    assert (badge.earner, badge.recipient_email) == (ada, "ada@example.org")


def test_what_is_as_before_is_not_noted(ada: Earner) -> None:
    change_earner(earner=ada, fields={"first_name": "Ada"}, by=None)

    assert not AuditEntry.objects.filter(act="earner.changed").exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "grace@example.org", "first_name": "Changed"}, "email"),
        ({"email": "no address"}, "email"),
        ({"first_name": "x" * 256}, "first_name"),
        ({"last_name": "a\x01b"}, "last_name"),
        ({"uuid": "x"}, "uuid"),
    ],
)
def test_change_refuses_and_changes_nothing(ada: Earner, fields: dict[str, str], field: str) -> None:
    before = Earner.objects.filter(pk=ada.pk).values().get()

    with pytest.raises(InvalidInput) as refusal:
        change_earner(earner=ada, fields=fields, by=None)

    assert refusal.value.field == field
    assert Earner.objects.filter(pk=ada.pk).values().get() == before


def test_who_was_erased_is_not_changed(ada: Earner) -> None:
    erase_earner(earner=ada, by=None)

    with pytest.raises(EarnerGone):
        change_earner(earner=ada, fields={"first_name": "Back"}, by=None)
