"""The way into the staff's site: the one sign-in, which slows wrong passwords for the account that they were tried on."""

from collections.abc import Iterator

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from organizations.models import User
from tests.factories import PASSWORD


@pytest.fixture
def forgotten() -> Iterator[None]:
    """The cache of a server that was just started: no wrong password is remembered."""
    cache.clear()
    yield
    cache.clear()


def sign_in(email: str, password: str) -> Client:
    """Return a browser in which this was tried at the admin's sign-in."""
    client = Client()
    asked = client.get(reverse("admin:index"), follow=True)
    assert asked.redirect_chain[-1][0].startswith(reverse("account_login"))
    client.post(asked.redirect_chain[-1][0], {"login": email, "password": password})
    return client


def test_staff_sign_in_and_land_in_the_admin(forgotten: None, staff: User) -> None:
    client = Client()
    asked = client.get(reverse("admin:index"), follow=True)
    response = client.post(asked.redirect_chain[-1][0], {"login": staff.email, "password": PASSWORD})
    assert (response.status_code, response.headers["Location"]) == (302, reverse("admin:index"))
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_admins_own_form_does_not_sign_in(forgotten: None, staff: User) -> None:
    client = Client()
    response = client.post(reverse("admin:login"), {"username": staff.email, "password": PASSWORD})
    assert response.status_code == 302
    assert response.headers["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_wrong_passwords_are_slowed_for_one_account_alone(forgotten: None, staff: User, alice: User) -> None:
    """Five wrong ones close the account for five minutes; others behind the same address sign in."""
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        for _number in range(5):
            assert "_auth_user_id" not in sign_in(staff.email, "a wrong password").session
        assert "_auth_user_id" not in sign_in(staff.email, PASSWORD).session
        assert sign_in(alice.email, PASSWORD).session["_auth_user_id"] == str(alice.pk)
        traveller.shift(299)
        assert "_auth_user_id" not in sign_in(staff.email, PASSWORD).session
        traveller.shift(302)
        assert sign_in(staff.email, PASSWORD).session["_auth_user_id"] == str(staff.pk)
