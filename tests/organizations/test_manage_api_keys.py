"""The pages of API keys."""

import pytest
from django.test import Client
from django.urls import reverse

from organizations.enums import ApiScope
from organizations.models import ApiKey, AuditEntry, Organization, User
from organizations.services.access import find_api_key
from tests import factories
from tests.at_work import Member


def test_key_is_shown_once_and_opens_what_was_chosen(acme: Organization, alice: User) -> None:
    page = Member(alice, acme).post(
        "new_api_key", name="Moodle", scopes=["read", "issue"], expires_on="2030-01-31"
    )

    key = ApiKey.objects.get(organization=acme)
    text = page.context["text"]
    assert text in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert find_api_key(text) == key
    assert (key.name, key.scopes) == ("Moodle", ["read", "issue"])
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2030-02-01T00:00:00+00:00"
    assert text not in Member(alice, acme).get("api_keys").content.decode()
    entry = AuditEntry.objects.get(act="api_key.created")
    assert (entry.act, entry.subject_label) == ("api_key.created", "Moodle")
    assert text.rpartition("_")[2] not in str(entry.details)


def test_refused_form_keeps_what_was_typed(acme: Organization, alice: User) -> None:
    page = Member(alice, acme).post("new_api_key", name="Moodle", expires_on="2020-01-01", scopes=["read"])

    assert page.status_code == 400
    assert 'value="Moodle"' in page.content.decode()
    assert list(page.context["form"].errors) == ["__all__"]
    assert not ApiKey.objects.exists()


def test_new_key_asks_for_the_password_again(acme: Organization, alice: User) -> None:
    member = Member(alice, acme, is_fresh=False)

    page = member.post("new_api_key", name="Moodle", scopes=["read"])

    assert page.status_code == 302
    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert not ApiKey.objects.exists()


def test_key_is_revoked_after_asking(acme: Organization, alice: User) -> None:
    key, text = factories.api_key(acme, ApiScope.READ)
    member = Member(alice, acme)

    assert "for good" in member.get("revoke_api_key", key.uuid).content.decode()
    assert find_api_key(text) == key
    page = member.post("revoke_api_key", key.uuid, follow=True)

    assert find_api_key(text) is None
    assert "opens nothing any more" in page.content.decode()


def test_forged_form_makes_nothing(acme: Organization, alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    page = client.post(reverse("manage:new_api_key", args=[acme.pk]), {"name": "Forged", "scopes": ["read"]})

    assert page.status_code == 403
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: object
) -> None:
    for _ in range(rows):
        factories.api_key(acme, ApiScope.READ)
    member = Member(alice, acme)

    with django_assert_num_queries(4):  # type: ignore[operator]  # session, user, membership, keys
        page = member.get("api_keys")

    assert len(page.context["keys"]) == rows
