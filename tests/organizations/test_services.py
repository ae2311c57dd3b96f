"""Organizations: made with keys and owners, changed part by part, with people, wallets and keys that hold."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from badges.credentials import canonical
from config import text
from config.exceptions import InvalidInput
from organizations.enums import ApiScope, CreditStatus, KeyAlgorithm, KeyStatus, OrganizationStatus, Role
from organizations.exceptions import (
    AlreadyMember,
    KeyNotUsable,
    LastOwner,
    OrganizationDisabled,
    SlugTaken,
    TooManyMembers,
    TransactionNotOpen,
)
from organizations.models import (
    ApiKey,
    BadgekitConsumer,
    CreditTransaction,
    Organization,
    SigningKey,
    System,
    User,
)
from organizations.services.access import (
    consumer_secret,
    create_api_key,
    create_badgekit_consumer,
    find_api_key,
    revoke_api_key,
)
from organizations.services.keys import (
    private_bytes,
    re_encrypt_secrets,
    revoke_signing_key,
    rotate_signing_key,
)
from organizations.services.members import add_member, change_role, remove_member
from organizations.services.organizations import (
    create_organization,
    create_system,
    update_organization,
)
from organizations.services.wallet import add_credits, decide_request, ledger_balance, request_credits
from tests import factories
from tests.racing import kinds, race


def test_create_system_brings_its_own_organization(db: None) -> None:
    system = create_system(name="City of Bees", url="https://bees.example", email="bees@bees.example")

    own = system.organizations.get()
    assert (system.slug, own.slug, own.is_system_itself, own.email) == (
        "city-of-bees",
        "city-of-bees",
        True,
        "bees@bees.example",
    )
    assert list(Organization.objects.issuers()) == []
    with pytest.raises(IntegrityError):
        Organization.objects.create(system=system, slug="second", name="Second", is_system_itself=True)


def test_create_organization_makes_keys_and_owner(charlie: User) -> None:
    organization = create_organization(name="École Élan", owner=charlie, by=None)

    assert (organization.slug, organization.users_count, organization.system) == (
        "ecole-elan",
        1,
        System.objects.get(),
    )
    assert [key.algorithm for key in organization.signing_keys.active()] == ["ed25519", "rsa"]
    assert organization.memberships.get().role == Role.OWNER
    assert organization.public_url == f"http://127.0.0.1:8000/public/issuers/{organization.uuid}"


def test_create_organization_refuses_a_taken_slug(acme: Organization, system: System) -> None:
    with pytest.raises(SlugTaken):
        create_organization(name="Other", slug="acme", system=system, by=None)

    assert create_organization(name="Acme", system=system, by=None).slug == "acme-2"


def test_update_organization_merges_sub_objects(acme: Organization) -> None:
    update_organization(
        organization=acme, fields={"address_info": {"city": "Rome", "country": "Italy"}}, by=None
    )
    acme = update_organization(
        organization=acme, fields={"address_info": {"city": "Bologna"}, "language": "it"}, by=None
    )

    assert acme.address_info == {"city": "Bologna", "country": "Italy"}
    assert (acme.language, acme.name) == ("it", "Acme Academy")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "bell \x07"}, "name"),
        ({"type": "public"}, "type"),
        ({"activity": ""}, "activity"),
        ({"language": "de"}, "language"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"contact_info": {"email": "nobody"}}, "contact_info.email"),
        ({"contact_info": {"phone": "1"}}, "contact_info.phone"),
        ({"billing_info": {"vat": 7}}, "billing_info.vat"),
        ({"status": "disabled"}, "status"),
        ({"credits_left": 9}, "credits_left"),
        ({"slug": "other"}, "slug"),
        ({"color_primary": "red"}, "color_primary"),
    ],
)
def test_update_organization_refuses_what_does_not_fit(
    acme: Organization, fields: dict[str, Any], field: str
) -> None:
    before = Organization.objects.values().get(pk=acme.pk)

    with pytest.raises(InvalidInput) as refusal:
        update_organization(organization=acme, fields={"description": "new"} | fields, by=None)

    assert refusal.value.field == field
    assert Organization.objects.values().get(pk=acme.pk) == before


def test_update_organization_refuses_a_disabled_one(acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        update_organization(organization=acme, fields={"name": "New"}, by=None)

    acme.refresh_from_db()
    assert acme.name == "Acme Academy"


def test_characters_refused_at_the_door_are_those_that_cannot_be_signed() -> None:
    assert text.UNSIGNABLE_CHARACTERS.pattern == canonical.UNSIGNABLE_CHARACTERS.pattern


def test_add_member_stays_within_max_users(acme: Organization, alice: User, charlie: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(max_users=1)

    with pytest.raises(TooManyMembers):
        add_member(organization=acme, user=charlie, role=Role.VIEWER, by=None)
    with pytest.raises(AlreadyMember):
        add_member(organization=acme, user=alice, role=Role.VIEWER, by=None)

    acme.refresh_from_db()
    assert (acme.users_count, acme.memberships.count()) == (1, 1)


def test_last_owner_stays(acme: Organization, alice: User, bob: User) -> None:
    owner, issuer = acme.memberships.get(user=alice), acme.memberships.get(user=bob)
    with pytest.raises(LastOwner):
        change_role(membership=owner, role=Role.VIEWER, by=None)
    with pytest.raises(LastOwner):
        remove_member(membership=owner, by=None)
    acme.refresh_from_db()
    assert (acme.users_count, acme.memberships.get(user=alice).role) == (2, Role.OWNER)

    change_role(membership=issuer, role=Role.OWNER, by=None)
    remove_member(membership=owner, by=None)

    acme.refresh_from_db()
    assert (acme.users_count, [member.user for member in acme.memberships.all()]) == (1, [bob])


@pytest.mark.django_db(transaction=True)
def test_race_for_the_last_place_of_max_users() -> None:
    acme = factories.OrganizationFactory.create(max_users=3)
    users = [factories.UserFactory.create() for _ in range(8)]

    answers = race(
        lambda number: add_member(organization=acme, user=users[number], role=Role.ISSUER, by=None), times=8
    )

    assert kinds(answers) == {"Membership": 3, "TooManyMembers": 5}


def test_visible_to_shows_what_an_actor_belongs_to(
    acme: Organization, globex: Organization, alice: User, charlie: User, staff: User
) -> None:
    everything = set(Organization.objects.all())

    assert set(Organization.objects.visible_to(alice)) == {acme}
    assert set(Organization.objects.visible_to(charlie)) == set()
    assert set(Organization.objects.visible_to(None)) == set()
    assert set(Organization.objects.visible_to(staff)) == everything
    assert set(Organization.objects.visible_to(factories.api_key(globex)[0])) == {globex}
    consumer, _ = create_badgekit_consumer(system=acme.system, by=None)
    assert set(Organization.objects.visible_to(consumer)) == everything
    alice.is_active = False
    assert set(Organization.objects.visible_to(alice)) == set()
    assert set(SigningKey.objects.visible_to(factories.api_key(acme)[0])) == set(acme.signing_keys.all())


def test_api_key_opens_by_its_text_alone(acme: Organization) -> None:
    key, secret = create_api_key(organization=acme, name="Moodle", scopes=[ApiScope.READ], by=None)

    assert find_api_key(secret) == key
    assert (key.has_scope(ApiScope.READ), key.has_scope(ApiScope.ISSUE)) == (True, False)
    for wrong in (
        "",
        "lrl_",
        secret[:-1],
        secret + "x",
        secret.replace("lrl_", "xyz_"),
        f"lrl_{key.prefix}_",
        "Bearer x",
    ):
        assert find_api_key(wrong) is None
    stored = str(ApiKey.objects.values().get())
    assert secret.split("_", 2)[2] not in stored


def test_api_key_notes_its_use_once_a_minute(acme: Organization) -> None:
    key, secret = factories.api_key(acme)
    find_api_key(secret)
    key.refresh_from_db()
    used_at = key.last_used_at
    assert used_at is not None

    find_api_key(secret)

    key.refresh_from_db()
    assert key.last_used_at == used_at


def test_api_key_closes_when_revoked_or_expired(acme: Organization) -> None:
    revoked, secret = factories.api_key(acme)
    revoke_api_key(key=revoked, by=None)
    soon = timezone.now() + timedelta(hours=1)
    row, expired = create_api_key(organization=acme, name="old", expires_at=soon, by=None)
    assert find_api_key(expired) == row
    ApiKey.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert find_api_key(secret) is None
    assert find_api_key(expired) is None


def test_create_api_key_refuses_one_that_has_expired_already(acme: Organization) -> None:
    before = ApiKey.objects.count()

    with pytest.raises(InvalidInput) as refusal:
        create_api_key(organization=acme, name="old", expires_at=timezone.now(), by=None)

    assert refusal.value.field == "expires_at"
    assert ApiKey.objects.count() == before


def test_consumer_secret_is_encrypted_at_rest(system: System) -> None:
    consumer, secret = create_badgekit_consumer(system=system, by=None)

    assert consumer_secret(BadgekitConsumer.objects.get()) == secret
    assert secret.encode() not in bytes(consumer.encrypted_secret)


def test_rotate_signing_key_keeps_one_active(acme: Organization) -> None:
    key = acme.signing_keys.get(algorithm=KeyAlgorithm.ED25519)

    fresh = rotate_signing_key(key=key)

    key.refresh_from_db()
    assert (key.status, fresh.status) == (KeyStatus.RETIRED, KeyStatus.ACTIVE)
    assert set(acme.signing_keys.trusted().filter(algorithm=KeyAlgorithm.ED25519)) == {key, fresh}
    with pytest.raises(KeyNotUsable):
        rotate_signing_key(key=key)
    with pytest.raises(IntegrityError):
        SigningKey.objects.filter(pk=key.pk).update(status=KeyStatus.ACTIVE)


def test_revoke_signing_key_withdraws_trust(acme: Organization) -> None:
    key = acme.signing_keys.get(algorithm=KeyAlgorithm.ED25519)

    fresh = revoke_signing_key(key=key)

    assert fresh is not None
    assert list(acme.signing_keys.trusted().filter(algorithm=KeyAlgorithm.ED25519)) == [fresh]
    assert revoke_signing_key(key=key) is None


def test_re_encrypt_secrets_lets_the_old_key_go(acme: Organization, settings: Settings) -> None:
    key = acme.signing_keys.get(algorithm=KeyAlgorithm.ED25519)
    consumer, secret = create_badgekit_consumer(system=acme.system, by=None)
    before, old = private_bytes(key), settings.KEY_ENCRYPTION_KEYS
    fresh = [Fernet.generate_key().decode()]
    settings.KEY_ENCRYPTION_KEYS = fresh + old

    assert re_encrypt_secrets() == SigningKey.objects.count() + 1

    settings.KEY_ENCRYPTION_KEYS = fresh
    key.refresh_from_db()
    consumer.refresh_from_db()
    assert (private_bytes(key), consumer_secret(consumer)) == (before, secret)


def test_secrets_cannot_be_read_without_their_key(acme: Organization, settings: Settings) -> None:
    consumer, _ = create_badgekit_consumer(system=acme.system, by=None)

    for keys in ([Fernet.generate_key().decode()], [], ["no key"]):
        settings.KEY_ENCRYPTION_KEYS = keys
        with pytest.raises(KeyNotUsable):
            consumer_secret(consumer)


def test_credits_move_with_the_ledger(acme: Organization, staff: User) -> None:
    add_credits(organization=acme, credits=10, description="ten", by=staff)
    add_credits(organization=acme, credits=-3, description="less", by=staff)
    request = request_credits(organization=acme, credits=5, description="please", user=None)
    declined = request_credits(organization=acme, credits=50, description="please", user=None)
    acme.refresh_from_db()
    assert (acme.credits_left, ledger_balance(acme)) == (7, 7)

    decide_request(request=request, accept=True, by=staff)
    decide_request(request=declined, accept=False, by=staff)
    with pytest.raises(TransactionNotOpen):
        decide_request(request=declined, accept=True, by=staff)

    acme.refresh_from_db()
    assert (acme.credits_left, ledger_balance(acme)) == (12, 12)
    assert set(CreditTransaction.objects.values_list("status", flat=True)) == {
        CreditStatus.ACCEPTED,
        CreditStatus.DECLINED,
    }


@pytest.mark.parametrize("credits", [0, -1])
def test_request_credits_asks_for_at_least_one(acme: Organization, credits: int) -> None:
    with pytest.raises(InvalidInput):
        request_credits(organization=acme, credits=credits, description="", user=None)

    assert CreditTransaction.objects.count() == 0
