"""The pages of signing keys."""

from django.urls import reverse

from organizations.enums import KeyStatus
from organizations.models import AuditEntry, Organization, SigningKey, User
from organizations.services.keys import fingerprint_of
from tests import factories
from tests.at_work import Member


def states(organization: Organization) -> list[tuple[str, str]]:
    """Return the keys of an organization."""
    keys = SigningKey.objects.filter(organization=organization).order_by("pk")
    return list(keys.values_list("algorithm", "status"))


def test_key_is_rotated_after_asking(acme: Organization, alice: User) -> None:
    key = SigningKey.objects.get(organization=acme, algorithm="ed25519")
    member = Member(alice, acme)
    assert "go on verifying" in member.get("rotate_signing_key", key.uuid).content.decode()
    assert states(acme) == [("ed25519", "active"), ("rsa", "active")]

    page = member.post("rotate_signing_key", key.uuid, follow=True).content.decode()

    assert states(acme) == [("ed25519", "retired"), ("rsa", "active"), ("ed25519", "active")]
    assert fingerprint_of(key) in page
    entry = AuditEntry.objects.get(act="signing_key.rotated")
    assert (entry.act, entry.actor, entry.subject) == ("signing_key.rotated", "alice@acme.example", key.uuid)


def test_old_key_cannot_be_rotated_again(acme: Organization, alice: User) -> None:
    key = SigningKey.objects.get(organization=acme, algorithm="ed25519")
    member = Member(alice, acme)
    member.post("rotate_signing_key", key.uuid)

    page = member.post("rotate_signing_key", key.uuid, follow=True).content.decode()

    assert "Only an active key can be rotated" in page
    assert len(states(acme)) == 3


def test_key_is_revoked_by_who_typed_its_end(acme: Organization, alice: User) -> None:
    factories.badge(factories.template(acme))
    key = SigningKey.objects.get(organization=acme, algorithm="ed25519")
    member = Member(alice, acme)

    wrong = member.post("revoke_signing_key", key.uuid, fingerprint="zzzz")
    key.refresh_from_db()
    assert (wrong.status_code, key.status) == (400, KeyStatus.ACTIVE)
    member.post("revoke_signing_key", key.uuid, fingerprint=f" {fingerprint_of(key)[-4:].upper()} ")

    key.refresh_from_db()
    assert key.status == KeyStatus.REVOKED
    assert states(acme)[-1] == ("ed25519", "active")


def test_password_is_asked_again(acme: Organization, alice: User) -> None:
    key = SigningKey.objects.get(organization=acme, algorithm="ed25519")
    member = Member(alice, acme, is_fresh=False)

    page = member.post("rotate_signing_key", key.uuid)

    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert len(states(acme)) == 2


def test_no_page_shows_a_private_part(acme: Organization, alice: User) -> None:
    key = SigningKey.objects.get(organization=acme, algorithm="rsa")
    page = Member(alice, acme).get("signing_keys").content

    assert bytes(key.encrypted_private_bytes) not in page
    assert b"PRIVATE" not in page
