"""The staff's pages of earners: lists are made by the service, earners are read, login tokens end."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from badges.models import Badge
from earners.models import Earner, EarnersList, ListMembership, LoginToken
from earners.services import create_list, create_login_token
from organizations.models import Organization, User
from tests.staff import browser_of, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def test_list_is_made_by_the_service_and_renamed(staff_client: Client, acme: Organization) -> None:
    values = {"organization": acme.pk, "name": "Class of 2026", "type": "list"}
    assert staff_client.post(url(EarnersList, "add"), values).status_code == 302
    earners_list = EarnersList.objects.get()
    change = {"name": "Class of 2027", "status": "disabled", "type": "import"}
    staff_client.post(url(EarnersList, "change", earners_list.pk), change)
    earners_list.refresh_from_db()
    assert (earners_list.name, earners_list.status, earners_list.type) == (
        "Class of 2027",
        "disabled",
        "list",
    )
    messages = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert messages == ["Added.", "Changed Name and Status."]


def test_list_of_a_disabled_organization_is_refused(staff_client: Client, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    values = {"organization": acme.pk, "name": "Class of 2026", "type": "list"}
    response = staff_client.post(url(EarnersList, "add"), values)
    assert "disabled" in str(response.context["adminform"].form.errors["__all__"])
    assert not EarnersList.objects.exists()


def test_earner_is_found_by_address_name_and_id(staff_client: Client, badge: Badge) -> None:
    for term in ("ada@EXAMPLE.org", "Lovelace", str(badge.earner.uuid)):
        found = staff_client.get(url(Earner, "changelist"), {"q": term})
        assert list(found.context["cl"].result_list) == [badge.earner], term


def test_earner_is_read_with_lists_and_badges(staff_client: Client, acme: Organization, badge: Badge) -> None:
    earners_list = create_list(organization=acme, name="Class of 2026", by=None)
    ListMembership.objects.create(earners_list=earners_list, earner=badge.earner, metadata={"class": "5b"})
    page = staff_client.get(url(Earner, "change", badge.earner.pk)).content.decode()
    for text in (
        "Class of 2026",
        "5b",
        "Data literacy",
        reverse("admin:badges_badge_change", args=[badge.pk]),
    ):
        assert text in page
    assert (
        staff_client.post(url(Earner, "change", badge.earner.pk), {"email": "eve@example.org"}).status_code
        == 403
    )
    assert Earner.objects.get(pk=badge.earner.pk).email == "ada@example.org"


def test_login_token_is_revoked_once(staff_client: Client, db: None) -> None:
    token, _text = create_login_token(email="ada@example.org")
    asked = staff_client.post(
        url(LoginToken, "changelist"), {"action": "revoke", "_selected_action": token.pk}
    )
    assert b"are refused from now on" in asked.content
    assert LoginToken.objects.usable().exists()
    confirmed = {"action": "revoke", "_selected_action": token.pk, "confirmed": "1"}
    staff_client.post(url(LoginToken, "changelist"), confirmed)
    token.refresh_from_db()
    first = token.revoked_at
    assert first is not None
    assert not LoginToken.objects.usable().exists()
    staff_client.post(url(LoginToken, "changelist"), confirmed)
    token.refresh_from_db()
    assert token.revoked_at == first
    page = staff_client.get(url(LoginToken, "change", token.pk))
    assert page.context["acts"] == []
