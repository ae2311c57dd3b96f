"""Invitations: made, sent again and withdrawn by a team; accepted once, by the address that they are for."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations.enums import AuditAct, Language, Role
from organizations.models import AuditEntry, Invitation, Membership, Message, Organization, User
from organizations.services.invitations import (
    accept_as_new_user,
    accept_invitation,
    invitation_path,
    invite,
)
from organizations.services.members import change_role, remove_member
from organizations.services.outbox import deliver_due
from organizations.services.profiles import address_path, change_address
from tests import factories
from tests.at_work import Member
from tests.racing import kinds, race

PASSWORD = "an owl on the old roof"
PERSON = {"first_name": "Dora", "last_name": "Bianchi", "password": PASSWORD, "password_again": PASSWORD}


def invited(
    acme: Organization, alice: User, email: str = "dora@acme.example", role: Role = Role.ISSUER
) -> Invitation:
    """Return an invitation by alice."""
    return invite(organization=acme, emails=[email], role=role, by=alice).sent[0]


def members(organization: Organization) -> dict[str, str]:
    """Return the members' roles by their address."""
    return dict(Membership.objects.filter(organization=organization).values_list("user__email", "role"))


def test_several_are_invited_at_once_and_mailed(acme: Organization, alice: User, bob: User) -> None:
    member = Member(alice, acme)
    member.post("invite", emails="early@acme.example", role="viewer")

    page = member.post(
        "invite",
        emails="Dora Bianchi <Dora@acme.example>, emil@acme.example;\nbob@acme.example early@acme.example emil@acme.example",
        role="issuer",
        follow=True,
    )

    text = page.content.decode()
    assert "2 invitations are on their way." in text
    assert "Members already: bob@acme.example." in text
    assert "Invited already: early@acme.example." in text
    assert set(Invitation.objects.values_list("email", "role", "invited_by")) == {
        ("early@acme.example", "viewer", "alice@acme.example"),
        ("dora@acme.example", "issuer", "alice@acme.example"),
        ("emil@acme.example", "issuer", "alice@acme.example"),
    }
    entries = AuditEntry.objects.filter(act=AuditAct.MEMBER_INVITED).order_by("pk")
    assert [entry.subject_label for entry in entries] == [
        "early@acme.example",
        "dora@acme.example, emil@acme.example",
    ]
    deliver_due()
    assert sorted(sent.to[0] for sent in mail.outbox) == [
        "dora@acme.example",
        "early@acme.example",
        "emil@acme.example",
    ]
    assert members(acme) == {"alice@acme.example": "owner", "bob@acme.example": "issuer"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"emails": "dora@acme.example, nonsense", "role": "issuer"}, "This is no e-mail address: nonsense."),
        ({"emails": "dora@acme.example", "role": "emperor"}, "emperor is not one of the available choices."),
        ({"emails": "", "role": "issuer"}, "Enter at least one e-mail address."),
        (
            {"emails": " ".join(f"p{number}@acme.example" for number in range(21)), "role": "issuer"},
            "Invite at most 20 people at once.",
        ),
    ],
)
def test_refused_form_keeps_what_was_typed_and_mails_nobody(
    acme: Organization, alice: User, fields: dict[str, str], said: str
) -> None:
    page = Member(alice, acme).client.post(Member(alice, acme).url("invite"), fields)

    text = page.content.decode()
    assert page.status_code == 400
    assert said in text
    assert fields["emails"][:40] in text
    assert (Invitation.objects.count(), Message.objects.count()) == (0, 0)


def test_invitations_count_against_the_limit_of_members(acme: Organization, alice: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(max_users=3)
    member = Member(alice, acme)
    member.post("invite", emails="dora@acme.example", role="issuer")

    page = member.post("invite", emails="emil@acme.example frida@acme.example", role="issuer")

    assert "as many members as it may have" in page.content.decode()
    assert Invitation.objects.count() == 1


def test_admin_invites_no_owner(acme: Organization, alice: User) -> None:
    admin = Member(factories.member(acme, Role.ADMIN, "anna@acme.example"), acme)

    page = admin.post("invite", emails="dora@acme.example", role="owner")

    assert page.status_code == 400
    assert not Invitation.objects.exists()


def test_new_person_makes_an_account_and_joins(acme: Organization, alice: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(language=Language.ITALIAN)
    row = invited(acme, alice)
    deliver_due()
    [sent] = mail.outbox
    found = re.search(r"http://127\.0\.0\.1:8000(/invitation/\S+)", str(sent.body))
    assert found is not None
    assert found[1] == invitation_path(row)
    client = Client()
    page = client.get(found[1])
    assert "Join Acme Academy" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    assert not User.objects.filter(email=row.email).exists()

    page = client.post(
        found[1], PERSON | {"role": "owner", "organization": "1", "email": "x@y.example", "is_staff": "1"}
    )

    assert page["Location"] == f"/manage/{acme.pk}/"
    user = User.objects.get(email="dora@acme.example")
    assert (user.get_full_name(), user.is_staff, user.check_password(PASSWORD)) == (
        "Dora Bianchi",
        False,
        True,
    )
    assert user.email_verified_at is not None
    assert members(acme) == {"alice@acme.example": "owner", "dora@acme.example": "issuer"}
    assert client.get(page["Location"]).status_code == 200
    entry = AuditEntry.objects.get(act=AuditAct.MEMBER_ADDED, subject=user.uuid)
    assert (entry.actor, entry.details) == (
        "dora@acme.example",
        {"role": "issuer", "invited_by": "alice@acme.example"},
    )
    assert Client().get(found[1]).status_code == 410
    assert User.objects.filter(email="x@y.example").count() == 0


def test_known_person_signs_in_first(acme: Organization, alice: User, charlie: User) -> None:
    path = invitation_path(invited(acme, alice, charlie.email))
    client = Client()
    page = client.get(path)
    assert f'href="/accounts/login/?next={path}"'.encode() in page.content
    client.post(path, PERSON)
    assert charlie.email not in members(acme)
    assert not User.objects.get(pk=charlie.pk).check_password(PASSWORD)

    page = client.post(
        "/accounts/login/", {"login": charlie.email, "password": factories.PASSWORD, "next": path}
    )
    assert page["Location"] == path
    page = client.post(path)

    assert page["Location"] == f"/manage/{acme.pk}/"
    assert members(acme)[charlie.email] == "issuer"


def test_person_without_a_password_chooses_one(acme: Organization, alice: User) -> None:
    User.objects.create_user("dora@acme.example")
    path = invitation_path(invited(acme, alice))

    Client().post(path, PERSON)

    assert User.objects.get(email="dora@acme.example").check_password(PASSWORD)
    assert members(acme)["dora@acme.example"] == "issuer"


def test_another_person_is_told_and_may_switch(acme: Organization, alice: User, charlie: User) -> None:
    path = invitation_path(invited(acme, alice))
    client = Client()
    client.force_login(charlie)

    page = client.get(path)
    assert "you are signed in as <strong>charlie@elsewhere.example" in page.content.decode()
    assert client.post(path, PERSON).status_code == 409
    assert members(acme) == {"alice@acme.example": "owner"}
    page = client.post(f"{path}/switch")

    assert page["Location"] == path
    assert "Make my account and join" in client.get(path).content.decode()


def test_invitation_is_declined(acme: Organization, alice: User) -> None:
    path = invitation_path(invited(acme, alice))
    client = Client()

    page = client.post(f"{path}/decline")

    assert "You declined the invitation" in page.content.decode()
    assert client.get(path).status_code == 410
    assert client.post(path, PERSON).status_code == 410
    assert members(acme) == {"alice@acme.example": "owner"}
    assert not User.objects.filter(email="dora@acme.example").exists()


def test_invitation_that_is_over_says_so(acme: Organization, alice: User) -> None:
    admin = factories.member(acme, Role.ADMIN, "anna@acme.example")
    viewer = factories.member(acme, Role.ADMIN, "vera@acme.example")
    expired = invited(acme, alice, "expired@acme.example")
    Invitation.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    withdrawn = invited(acme, alice, "withdrawn@acme.example")
    Member(alice, acme).post("withdraw_invitation", withdrawn.uuid)
    of_removed = invited(acme, admin, "removed@acme.example")
    remove_member(membership=Membership.objects.get(user=admin), by=alice)
    of_lowered = invited(acme, viewer, "lowered@acme.example")
    change_role(membership=Membership.objects.get(user=viewer), role=Role.ISSUER, by=alice)
    before = members(acme)

    for row in (expired, withdrawn, of_removed, of_lowered):
        path = invitation_path(row)
        assert Client().get(path).status_code == 410
        page = Client().post(path, PERSON)
        assert page.status_code == 410
        assert "does not work any more" in page.content.decode()

    assert members(acme) == before
    mail.outbox.clear()
    deliver_due()
    assert mail.outbox == []


def test_link_of_another_invitation_opens_nothing(acme: Organization, alice: User) -> None:
    one, other = invited(acme, alice), invited(acme, alice, "emil@acme.example")
    signature = invitation_path(other).rpartition("/")[2]
    forged = reverse("invitation", args=[one.uuid, signature])

    for path in (forged, reverse("invitation", args=[one.uuid, "x"])):
        assert Client().get(path).status_code == 410
        assert Client().post(path, PERSON).status_code == 410
        assert Client().post(f"{path}/decline").status_code == 410
    page = Client().get(forged).content.decode()

    assert "Acme" not in page
    assert Invitation.objects.filter(ended_at__isnull=True).count() == 2


def test_invitation_stays_good_when_who_invited_changes_address(acme: Organization, alice: User) -> None:
    row = invited(acme, alice)
    token = address_path(user=alice, email="alice@new.example").rpartition("/")[2]

    change_address(user=alice, token=token)

    assert Client().get(invitation_path(row)).status_code == 200


def test_invitation_is_sent_again_and_lasts_longer(acme: Organization, alice: User) -> None:
    row = invited(acme, alice)
    member = Member(alice, acme)
    Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(days=1))

    page = member.post("resend_invitation", row.uuid, follow=True)
    assert "goes to dora@acme.example again" in page.content.decode()
    row.refresh_from_db()
    assert row.expires_at > timezone.now() + timedelta(days=13)
    assert Client().get(invitation_path(row)).status_code == 200
    page = member.post("resend_invitation", row.uuid, follow=True)

    assert "asked for too often" in page.content.decode()
    assert Message.objects.filter(subject=row.uuid).count() == 2


def test_expired_address_can_be_invited_anew(acme: Organization, alice: User) -> None:
    row = invited(acme, alice)
    Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now())

    again = invited(acme, alice, role=Role.ADMIN)

    assert again.pk != row.pk
    assert Client().get(invitation_path(row)).status_code == 410


def test_invitation_of_another_organization_is_not_there(
    acme: Organization, globex: Organization, alice: User
) -> None:
    owner = factories.member(globex, Role.OWNER, "gina@globex.example")
    row = invited(globex, owner)

    for name in ("resend_invitation", "withdraw_invitation"):
        assert Member(alice, acme).post(name, row.uuid).status_code == 404

    row.refresh_from_db()
    assert row.ended_at is None


def test_full_organization_leaves_the_invitation_open(acme: Organization, alice: User) -> None:
    path = invitation_path(invited(acme, alice))
    Organization.objects.filter(pk=acme.pk).update(max_users=1)

    page = Client().post(path, PERSON)

    assert page.status_code == 400
    assert "as many members as it may have" in page.content.decode()
    assert not User.objects.filter(email="dora@acme.example").exists()
    assert Invitation.objects.get().ended_at is None


def test_inviting_is_slowed(acme: Organization, alice: User) -> None:
    for number in range(10):
        invited(acme, alice, f"p{number}@acme.example")

    page = Member(alice, acme).post("invite", emails="dora@acme.example", role="viewer")

    assert "asked for too often" in page.content.decode()
    assert Invitation.objects.count() == 10


def test_forged_forms_do_nothing(acme: Organization, alice: User, charlie: User) -> None:
    row = invited(acme, alice, charlie.email)
    client = Client(enforce_csrf_checks=True)
    client.force_login(charlie)
    path = invitation_path(row)

    for forged in (path, f"{path}/decline", f"{path}/switch"):
        assert client.post(forged).status_code == 403

    row.refresh_from_db()
    assert row.ended_at is None


@pytest.mark.django_db(transaction=True)
def test_many_clicks_accept_once(acme: Organization, alice: User, charlie: User) -> None:
    row = invited(acme, alice, charlie.email)

    answers = race(lambda _number: accept_invitation(invitation=row, user=charlie), times=6)

    assert kinds(answers) == {"Membership": 1, "InvitationOver": 5}
    acme.refresh_from_db()
    assert acme.users_count == Membership.objects.filter(organization=acme).count() == 2


@pytest.mark.django_db(transaction=True)
def test_many_new_accounts_for_one_invitation_are_one(acme: Organization, alice: User) -> None:
    row = invited(acme, alice)

    def act(_number: int) -> Membership:
        return accept_as_new_user(
            invitation=row, first_name="Dora", last_name="Bianchi", password=PASSWORD, language="en"
        )

    answers = kinds(race(act, times=4))

    assert answers["Membership"] == 1
    assert set(answers) <= {"Membership", "InvitationOver", "InvitationOfAnother"}
    assert User.objects.filter(email="dora@acme.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_invited_by_many_at_once_has_one_invitation(acme: Organization, alice: User) -> None:
    answers = race(
        lambda _number: len(
            invite(organization=acme, emails=["dora@acme.example"], role=Role.VIEWER, by=alice).sent
        ),
        times=5,
    )

    assert sorted(str(answer) for answer in answers) == ["0", "0", "0", "0", "1"]
    assert Invitation.objects.count() == 1
