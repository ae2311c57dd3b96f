"""The staff's pages of users and memberships: addresses folded, rights kept, services asked."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from organizations.enums import Role
from organizations.models import (
    Membership,
    Organization,
    User,
)
from tests.factories import PASSWORD
from tests.staff import act, browser_of, form_values, history, said, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def test_membership_goes_through_the_services(
    staff_client: Client, acme: Organization, alice: User, charlie: User
) -> None:
    staff_client.post(url(Membership, "add"), {"user": charlie.pk, "organization": acme.pk, "role": "issuer"})
    membership = Membership.objects.get(user=charlie)
    acme.refresh_from_db()
    assert acme.users_count == 2
    staff_client.post(url(Membership, "change", membership.pk), {"role": "admin", "user": alice.pk})
    membership.refresh_from_db()
    assert (membership.role, membership.user) == (Role.ADMIN, charlie)
    act(staff_client, Membership, "remove", membership.pk, yes="1")
    acme.refresh_from_db()
    assert (acme.users_count, acme.memberships.count()) == (1, 1)
    assert history(membership) == [
        (ADDITION, "Added."),
        (CHANGE, "Changed Role."),
        (CHANGE, "Membership ended."),
    ]


def test_last_owner_stays(staff_client: Client, acme: Organization, alice: User) -> None:
    membership = Membership.objects.get(user=alice)
    response = staff_client.post(url(Membership, "change", membership.pk), {"role": "viewer"})
    assert "needs an owner" in str(response.context["adminform"].form.errors["__all__"])
    response = act(staff_client, Membership, "remove", membership.pk, yes="1")
    assert "needs an owner" in said(response)[-1]
    membership.refresh_from_db()
    acme.refresh_from_db()
    assert (membership.role, acme.users_count) == (Role.OWNER, 1)


def test_user_is_made_with_a_folded_address_and_signs_in(staff_client: Client) -> None:
    values = {"email": "Dora@Example.ORG", "language": "it", "usable_password": "true"}
    values |= {"password1": "plum blossom 7", "password2": "plum blossom 7"}
    response = staff_client.post(url(User, "add"), values)
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(email="dora@example.org")
    assert (user.language, user.is_staff, user.check_password("plum blossom 7")) == ("it", False, True)
    again = staff_client.post(url(User, "add"), values | {"email": "DORA@example.org"})
    assert list(again.context["adminform"].form.errors) == ["email"]
    assert "plum" not in str(LogEntry.objects.values())


def test_password_has_a_form_of_its_own(staff_client: Client, alice: User) -> None:
    address = reverse("admin:auth_user_password_change", args=[alice.pk])
    values = {"usable_password": "true", "password1": "plum blossom 7", "password2": "plum blossom 7"}
    assert staff_client.post(address, values | {"set-password": "1"}).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password("plum blossom 7")
    short = staff_client.post(
        address, {"usable_password": "true", "password1": "short", "password2": "short"}
    )
    assert short.status_code == 200


def test_changed_address_alone_opens_the_account(staff_client: Client, client: Client, alice: User) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client.post(reverse("account_login"), {"login": "alice@acme.example", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(alice.pk)
    address = url(User, "change", alice.pk)
    values = form_values(staff_client, address) | {"email": "Alice@New.example"}
    assert staff_client.post(address, values).status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.email_verified_at) == ("alice@new.example", None)
    stranger = Client()
    stranger.post(reverse("account_login"), {"login": "alice@acme.example", "password": PASSWORD})
    assert "_auth_user_id" not in stranger.session
    stranger.post(reverse("account_login"), {"login": "alice@new.example", "password": PASSWORD})
    assert stranger.session["_auth_user_id"] == str(alice.pk)


def test_staff_cannot_rise(staff: User, alice: User) -> None:
    """With every permission but the superuser's flag: rights are read-only, other staff out of reach."""
    clerk = User.objects.create_user("clerk@server.example", PASSWORD, is_staff=True)
    clerk.user_permissions.set(Permission.objects.all())
    client = browser_of(clerk)
    own = url(User, "change", clerk.pk)
    rights = {"is_superuser": "on", "is_staff": "on"}
    client.post(own, form_values(client, own) | rights)
    client.post(url(User, "change", alice.pk), form_values(client, url(User, "change", alice.pk)) | rights)
    for user in (clerk, alice):
        user.refresh_from_db()
        assert not user.is_superuser
    assert not alice.is_staff
    assert client.post(url(User, "change", staff.pk), {"email": "mine@server.example"}).status_code == 403
    password = {"usable_password": "true", "password1": "plum blossom 7", "password2": "plum blossom 7"}
    assert (
        client.post(reverse("admin:auth_user_password_change", args=[staff.pk]), password).status_code == 403
    )
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)
    assert client.get(reverse("admin:auth_group_add")).status_code == 403


def test_members_of_staff_choose_from_what_they_type(
    staff_client: Client, acme: Organization, charlie: User
) -> None:
    """The inputs that complete what is typed ask this address, and it answers with names alone."""
    asked = {
        "term": "charlie",
        "app_label": "organizations",
        "model_name": "membership",
        "field_name": "user",
    }
    answer = staff_client.get(reverse("admin:autocomplete"), asked).json()
    assert answer == {
        "results": [{"id": str(charlie.pk), "text": charlie.email}],
        "pagination": {"more": False},
    }
