"""The page of the team: roles changed, memberships ended, as far as one's own role reaches; the log tells of it."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from organizations.enums import Role
from organizations.models import AuditEntry, Membership, Organization, User
from tests import factories
from tests.at_work import Member


def roles(organization: Organization) -> dict[str, str]:
    """Return the members' roles by their address."""
    return dict(Membership.objects.filter(organization=organization).values_list("user__email", "role"))


def noted(organization: Organization) -> list[tuple[str, str, str, object]]:
    """Return who did what to whom, without how the cast came to be."""
    entries = AuditEntry.objects.filter(organization=organization).exclude(actor="server").order_by("pk")
    return [(entry.actor, entry.act, entry.subject_label, entry.details) for entry in entries]


def test_team_is_shown_as_far_as_it_came(acme: Organization, alice: User, bob: User) -> None:
    elsewhere = factories.UserFactory.create(
        email="db@acme.example", first_name="Dora", last_login=timezone.now()
    )
    Authenticator.objects.create(user=elsewhere, type=Authenticator.Type.TOTP, data={})
    Membership.objects.create(organization=acme, user=elsewhere, role=Role.VIEWER)
    User.objects.filter(pk=bob.pk).update(last_login=timezone.now())
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={})
    Organization.objects.filter(pk=acme.pk).update(max_users=5, users_count=3)

    page = Member(alice, acme).get("team")

    text = page.content.decode()
    assert [(place.membership.user.email, place.has_come) for place in page.context["places"]] == [
        ("alice@acme.example", True),
        ("bob@acme.example", True),
        ("db@acme.example", False),  # her name, sign-in and second factor are from elsewhere
    ]
    assert "Bob" in text
    assert "Dora" not in text
    assert text.count("status-valid") == 1
    assert "3 of 5 places are taken." in text
    assert Member(alice, acme).get("team", q="Dora").context["places"] == []
    assert len(Member(alice, acme).get("team", q="bob", role="issuer").context["places"]) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        factories.member(acme, Role.VIEWER, f"viewer{number}@acme.example")
    member = Member(alice, acme)

    with django_assert_num_queries(6):  # session, user, membership, count, members, invitations
        page = member.get("team")

    assert len(page.context["places"]) == rows + 1


def test_role_is_changed_and_noted(acme: Organization, alice: User, bob: User) -> None:
    member = Member(alice, acme)
    list_of_issuers = f"{member.url('team')}?role=issuer"

    page = member.post("change_role", bob.uuid, role="admin", next=list_of_issuers)

    assert page["Location"] == list_of_issuers
    assert roles(acme) == {"alice@acme.example": "owner", "bob@acme.example": "admin"}
    assert noted(acme) == [
        ("alice@acme.example", "member.role_changed", "bob@acme.example", {"role": ["issuer", "admin"]})
    ]


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/manage/1/../../admin/", "/accounts/logout/"]
)
def test_way_back_is_ours(acme: Organization, alice: User, bob: User, address: str) -> None:
    member = Member(alice, acme)

    page = member.post("change_role", bob.uuid, role="viewer", next=address)

    assert page["Location"] == member.url("team")


def test_role_above_ones_own_is_neither_given_nor_taken(acme: Organization, alice: User, bob: User) -> None:
    admin = Member(factories.member(acme, Role.ADMIN, "anna@acme.example"), acme)
    before = roles(acme)

    for user, role in ((bob, "owner"), (alice, "viewer")):
        page = admin.post("change_role", user.uuid, role=role, follow=True)
        assert "You cannot give or take more than you have yourself." in page.content.decode()
    page = admin.post("remove_member", alice.uuid, follow=True)

    assert "You cannot give or take more than you have yourself." in page.content.decode()
    assert roles(acme) == before
    offered = admin.get("team").content.decode()
    assert 'value="admin"' in offered
    assert 'value="owner"' not in offered.partition('<div class="list-panel">')[2]


@pytest.mark.parametrize("role", ["", "emperor"])
def test_role_that_is_none_changes_nothing(acme: Organization, alice: User, bob: User, role: str) -> None:
    page = Member(alice, acme).post("change_role", bob.uuid, role=role, follow=True)

    assert "Choose a role. Nothing was changed." in page.content.decode()
    assert roles(acme)["bob@acme.example"] == "issuer"


def test_last_owner_stays(acme: Organization, alice: User, bob: User) -> None:
    member = Member(alice, acme)
    sentence = "An organization needs an owner. Make somebody else an owner first."

    for page in (
        member.post("change_role", alice.uuid, role="admin", follow=True),
        member.post("leave", follow=True),
        member.post("remove_member", alice.uuid, follow=True),
    ):
        assert sentence in page.content.decode()

    assert roles(acme) == {"alice@acme.example": "owner", "bob@acme.example": "issuer"}
    assert noted(acme) == []


def test_member_is_removed_after_asking(acme: Organization, alice: User, bob: User) -> None:
    member, theirs = Member(alice, acme), Member(bob, acme)
    assert theirs.get("team").status_code == 200
    assert "Remove bob@acme.example?" in member.get("remove_member", bob.uuid).content.decode()
    assert "bob@acme.example" in roles(acme)

    page = member.post("remove_member", bob.uuid, follow=True)

    assert "bob@acme.example is no member any more." in page.content.decode()
    assert theirs.get("team").status_code == 404
    acme.refresh_from_db()
    assert acme.users_count == 1
    assert noted(acme) == [("alice@acme.example", "member.removed", "bob@acme.example", {"role": "issuer"})]


def test_member_of_any_role_leaves(acme: Organization, alice: User, bob: User) -> None:
    member = Member(bob, acme)
    assert "Leave Acme Academy?" in member.get("leave").content.decode()

    page = member.post("leave", follow=True)

    assert "You do not belong to Acme Academy any more." in page.content.decode()
    assert roles(acme) == {"alice@acme.example": "owner"}


def test_member_of_another_organization_is_not_there(
    acme: Organization, globex: Organization, alice: User
) -> None:
    stranger = factories.member(globex, Role.VIEWER, "gina@globex.example")
    member = Member(alice, acme)

    assert member.post("change_role", stranger.uuid, role="owner").status_code == 404
    assert member.post("remove_member", stranger.uuid).status_code == 404

    assert roles(globex) == {"gina@globex.example": "viewer"}


def test_changing_roles_asks_for_the_password_again(acme: Organization, alice: User, bob: User) -> None:
    page = Member(alice, acme, is_fresh=False).post("change_role", bob.uuid, role="owner")

    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert roles(acme)["bob@acme.example"] == "issuer"


def test_forged_forms_change_nothing(acme: Organization, alice: User, bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    for name in ("change_role", "remove_member"):
        path = reverse(f"manage:{name}", args=[acme.pk, bob.uuid])
        assert client.post(path, {"role": "owner"}).status_code == 403

    assert roles(acme)["bob@acme.example"] == "issuer"
