"""Members in the issuer API: nobody gives or takes more than they have, and nobody learns of users elsewhere."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations.api.issuer_members import MemberShape
from organizations.enums import ApiScope, MessageKind, Role
from organizations.exceptions import LastOwner, RoleTooLow
from organizations.models import Membership, Message, Organization, User
from organizations.services.members import add_member, change_role, invite_member, remove_member
from tests import factories
from tests.api import Api, assert_has_shape, golden
from tests.racing import kinds, race

MEMBERS = "/members"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def dana(acme: Organization) -> User:
    """Admin of acme."""
    return factories.member(acme, Role.ADMIN, "dana@acme.example", first_name="Dana")


def signed_in(user: User) -> Api:
    """Return a client with the browser's session of a user."""
    client = Client()
    client.force_login(user)
    return Api(None, client)


def role_of(user: User, organization: Organization) -> str | None:
    """Return what a user is in an organization."""
    return (
        Membership.objects.filter(user=user, organization=organization).values_list("role", flat=True).first()
    )


def test_list_shows_the_members_of_the_organization(
    api: Api, acme: Organization, alice: User, bob: User, globex: Organization
) -> None:
    factories.member(globex, Role.OWNER, "mole@globex.example")
    alice.last_login = timezone.now()
    alice.save()

    body = api.get(MEMBERS).json()

    assert [(one["email"], one["first_name"], one["role"]) for one in body["data"]] == [
        ("bob@acme.example", None, "issuer"),
        ("alice@acme.example", "Alice", "owner"),
    ]
    for one in body["data"]:
        assert_has_shape(one, MemberShape)
    golden("members", body)


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_one_query_beside_the_key(
    api: Api, acme: Organization, count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        factories.member(acme, Role.VIEWER, f"user{number}@acme.example")
    api.get()

    with django_assert_num_queries(2):
        body = api.get(MEMBERS).json()
    assert len(body["data"]) == body["meta"]["total"] == count


def test_list_is_filtered(api: Api, alice: User, bob: User) -> None:
    def found(**query: str) -> list[str]:
        return [one["email"] for one in api.get(MEMBERS, query).json()["data"]]

    assert found(role="owner") == found(search="ALICE") == ["alice@acme.example"]
    assert api.get(MEMBERS, {"role": "king"}).json()["errors"] == {"role": ["The selected role is invalid."]}


def test_post_makes_a_member_and_tells_them(api: Api, acme: Organization, alice: User) -> None:
    response = api.post(
        MEMBERS,
        {
            "email": "Eve@new.example",
            "role": "issuer",
            "first_name": "Eve",
            "last_name": "Moss",
            "language": "it",
        },
    )

    assert response.status_code == 201
    data = response.json()["data"]
    assert_has_shape(data, MemberShape)
    eve = User.objects.get(email="eve@new.example")
    assert (data["id"], data["email"], data["role"]) == (str(eve.uuid), "eve@new.example", "issuer")
    assert (eve.first_name, eve.last_name, eve.language, eve.has_usable_password()) == (
        "Eve",
        "Moss",
        "it",
        False,
    )
    message = Message.objects.get()
    assert (message.kind, message.subject, message.recipient, message.organization) == (
        MessageKind.MEMBER_ADDED,
        eve.uuid,
        "eve@new.example",
        acme,
    )
    acme.refresh_from_db()
    assert acme.users_count == 2
    assert api.get(f"{MEMBERS}/{eve.uuid}").json()["data"] == data


def test_post_does_not_tell_of_users_elsewhere(
    api: Api, acme: Organization, globex: Organization, charlie: User
) -> None:
    """One is a user with a name and a language, the other one is new: the answers are alike, and so are the lists."""
    factories.member(globex, Role.OWNER, "gus@globex.example", first_name="Gus", language="it")
    User.objects.update(last_login=timezone.now())
    given = {"role": "viewer", "first_name": "Given", "last_name": "Name"}

    answers = [
        api.post(MEMBERS, given | {"email": email}) for email in ("gus@globex.example", "new@globex.example")
    ]

    known, new = (answer.json()["data"] for answer in answers)
    assert [answer.status_code for answer in answers] == [201, 201]
    own = {name: new[name] for name in ("id", "email", "created_at")}
    assert known | own == new
    gus = User.objects.get(email="gus@globex.example")
    assert (gus.first_name, gus.language) == ("Gus", "it")
    assert [{**one, **own} for one in api.get(MEMBERS).json()["data"]] == [new, new]


def test_post_tells_every_error(api: Api, acme: Organization) -> None:
    response = api.post(
        MEMBERS,
        {"email": "nobody", "role": "king", "first_name": "x" * 151, "last_name": 4, "language": "de"},
    )

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["email", "role", "first_name", "last_name", "language"]
    assert (User.objects.count(), Message.objects.count()) == (0, 0)


def test_post_refuses_members_and_too_many(api: Api, acme: Organization, alice: User) -> None:
    assert api.post(MEMBERS, {"email": "ALICE@acme.example", "role": "viewer"}).status_code == 409
    Organization.objects.update(max_users=1)

    response = api.post(MEMBERS, {"email": "new@acme.example", "role": "viewer"})

    assert response.status_code == 409
    assert response.json() == {"message": "This organization has as many members as it may have."}
    assert (User.objects.count(), Message.objects.count(), role_of(alice, acme)) == (1, 0, "owner")


def test_put_gives_another_role(api: Api, acme: Organization, bob: User) -> None:
    response = api.put(f"{MEMBERS}/{bob.uuid}", {"role": "admin"})

    assert response.json()["data"]["role"] == role_of(bob, acme) == "admin"


def test_delete_ends_the_membership(api: Api, acme: Organization, alice: User, bob: User) -> None:
    response = api.delete(f"{MEMBERS}/{bob.uuid}")

    assert (response.status_code, response.content) == (204, b"")
    acme.refresh_from_db()
    assert (acme.users_count, role_of(bob, acme)) == (1, None)
    assert User.objects.filter(pk=bob.pk).exists()
    assert api.delete(f"{MEMBERS}/{bob.uuid}").status_code == 404


def test_api_key_is_no_owner(api: Api, acme: Organization, alice: User, bob: User) -> None:
    factories.member(acme, Role.OWNER, "second@acme.example")

    for response in (
        api.post(MEMBERS, {"email": "new@acme.example", "role": "owner"}),
        api.put(f"{MEMBERS}/{bob.uuid}", {"role": "owner"}),
        api.put(f"{MEMBERS}/{alice.uuid}", {"role": "viewer"}),
        api.delete(f"{MEMBERS}/{alice.uuid}"),
    ):
        assert response.status_code == 403
        assert response.json()["message"].startswith("You cannot give or take more than you have yourself.")
    assert (role_of(alice, acme), role_of(bob, acme)) == ("owner", "issuer")
    assert not User.objects.filter(email="new@acme.example").exists()


def test_api_key_gives_no_role_beyond_its_scopes(acme: Organization, alice: User, bob: User) -> None:
    api = Api(factories.api_key(acme, ApiScope.READ, ApiScope.WRITE)[1])
    issuer = {"email": "new@acme.example", "role": "issuer"}

    answers = [api.post(MEMBERS, issuer), api.put(f"{MEMBERS}/{bob.uuid}", {"role": "admin"})]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert role_of(bob, acme) == "issuer"
    assert not User.objects.filter(email="new@acme.example").exists()
    assert api.post(MEMBERS, issuer | {"role": "viewer"}).status_code == 201
    assert api.delete(f"{MEMBERS}/{bob.uuid}").status_code == 204


def test_session_acts_by_its_role(acme: Organization, alice: User, bob: User, dana: User) -> None:
    """An issuer may change nobody, an admin all but owners, an owner everybody."""
    to_owner, to_viewer = {"role": "owner"}, {"role": "viewer"}

    assert signed_in(bob).put(f"{MEMBERS}/{dana.uuid}", to_viewer).status_code == 403
    assert signed_in(dana).put(f"{MEMBERS}/{dana.uuid}", to_owner).status_code == 403
    assert signed_in(dana).put(f"{MEMBERS}/{alice.uuid}", to_viewer).status_code == 403
    assert signed_in(dana).put(f"{MEMBERS}/{bob.uuid}", to_viewer).status_code == 200
    assert signed_in(alice).put(f"{MEMBERS}/{dana.uuid}", to_owner).status_code == 200
    assert [role_of(user, acme) for user in (alice, bob, dana)] == ["owner", "viewer", "owner"]


def test_last_owner_stays(acme: Organization, alice: User) -> None:
    answers = [
        signed_in(alice).put(f"{MEMBERS}/{alice.uuid}", {"role": "viewer"}),
        signed_in(alice).delete(f"{MEMBERS}/{alice.uuid}"),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert role_of(alice, acme) == "owner"


def test_members_leave_by_themselves_and_take_nobody_along(
    acme: Organization, alice: User, bob: User, dana: User
) -> None:
    with pytest.raises(RoleTooLow):
        remove_member(membership=dana.memberships.get(), by=bob)
    remove_member(membership=bob.memberships.get(), by=bob)

    acme.refresh_from_db()
    assert (role_of(bob, acme), role_of(dana, acme), acme.users_count) == (None, "admin", 2)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_members_of_others_look_like_nobody(
    api: Api, acme: Organization, globex: Organization, charlie: User, method: str
) -> None:
    gus = factories.member(globex, Role.VIEWER, "gus@globex.example")
    body = None if method == "GET" else {"role": "admin"}
    ids = (gus.uuid, charlie.uuid, "00000000-0000-4000-8000-000000000000")

    answers = [api.send(method, f"{MEMBERS}/{one}", body) for one in ids]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert role_of(gus, globex) == "viewer"


def test_actors_of_elsewhere_have_no_say(
    acme: Organization, globex: Organization, alice: User, bob: User, charlie: User
) -> None:
    reader = factories.api_key(acme, ApiScope.READ)[0]
    gus = factories.member(globex, Role.OWNER, "gus@globex.example")

    for actor in (charlie, gus, bob, reader, factories.api_key(globex)[0]):
        with pytest.raises(RoleTooLow):
            add_member(organization=acme, user=charlie, role=Role.VIEWER, by=actor)
        with pytest.raises(RoleTooLow):
            invite_member(organization=acme, email="new@acme.example", role=Role.VIEWER, by=actor)
    acme.refresh_from_db()
    assert (acme.users_count, Message.objects.count()) == (2, 0)
    assert not User.objects.filter(email="new@acme.example").exists()


@pytest.mark.django_db(transaction=True)
def test_race_of_two_owners_who_leave_keeps_one() -> None:
    acme = factories.OrganizationFactory.create()
    owners = [factories.member(acme, Role.OWNER, f"owner{number}@acme.example") for number in range(2)]
    memberships = [owner.memberships.get() for owner in owners]

    def leave(number: int) -> object:
        if number % 2:
            remove_member(membership=memberships[1], by=owners[1])
            return None
        return change_role(membership=memberships[0], role=Role.VIEWER, by=owners[0])

    answers = race(leave, times=2)

    assert sum(isinstance(answer, LastOwner) for answer in answers) == 1
    assert Membership.objects.filter(organization=acme, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_invitations_makes_one_user_and_one_member() -> None:
    acme = factories.OrganizationFactory.create()

    answers = race(
        lambda _number: invite_member(organization=acme, email="new@acme.example", role=Role.VIEWER, by=None),
        times=6,
    )

    assert kinds(answers) == {"Membership": 1, "AlreadyMember": 5}
    acme.refresh_from_db()
    assert (User.objects.count(), acme.users_count, Message.objects.count()) == (1, 1, 1)
