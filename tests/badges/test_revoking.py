"""Revoking: once, with a reason, and told at once."""

import json

import pytest
from pytest_django import Settings

from badges.credentials import status
from badges.credentials.keys import Ed25519PublicKey
from badges.credentials.signing import verify_credential
from badges.enums import BadgeStatus
from badges.exceptions import AlreadyRevoked
from badges.models import Badge, BadgeTemplate, StatusList
from badges.services.documents import credential_jwt, signed_assertion
from badges.services.revoking import revoke_badge
from config.exceptions import RuleBroken
from organizations.enums import KeyAlgorithm, OrganizationStatus
from organizations.exceptions import OrganizationDisabled
from organizations.models import Organization, SigningKey, User
from organizations.services.keys import revoke_signing_key, rotate_signing_key
from tests import factories
from tests.keys import ED25519_PUBLIC


def revoked_places(status_list: StatusList) -> list[int]:
    """Return the places that the published list says are revoked."""
    document = json.loads(StatusList.objects.get(pk=status_list.pk).body)
    return status.decode(document["credentialSubject"]["encodedList"]).indices()


def test_revoke_badge_tells_everywhere_at_once(
    acme: Organization, template: BadgeTemplate, badge: Badge, bob: User
) -> None:
    assert badge.status_list is not None
    assert revoked_places(badge.status_list) == []

    revoked = revoke_badge(badge=badge, reason="Issued by mistake.", by=bob)

    assert (revoked.status, revoked.revocation_reason, revoked.revoked_by) == (
        BadgeStatus.REVOKED,
        "Issued by mistake.",
        "bob@acme.example",
    )
    assert revoked_places(badge.status_list) == [badge.status_index]
    acme.refresh_from_db()
    template.refresh_from_db()
    assert (acme.badges_count, template.badges_count) == (0, 0)


def test_revoke_badge_publishes_a_signed_list(badge: Badge) -> None:
    revoke_badge(badge=badge, reason="Mistake", by=None)

    status_list = StatusList.objects.get()
    document = json.loads(status_list.body)
    assert verify_credential(document, Ed25519PublicKey(ED25519_PUBLIC))
    assert document["issuer"] == status_list.issuer_did
    assert document["id"] == f"http://127.0.0.1:8000{badge.organization.public_path}/status/1"


def test_revoke_badge_adds_to_those_revoked_before(template: BadgeTemplate) -> None:
    first, kept, last = (factories.badge(template) for _ in range(3))
    for badge in (first, last):
        revoke_badge(badge=badge, reason="Mistake", by=None)

    assert first.status_list is not None
    assert revoked_places(first.status_list) == sorted([first.status_index or 0, last.status_index or 0])
    kept.refresh_from_db()
    assert kept.status is BadgeStatus.VALID


def test_revoke_badge_refuses_a_second_time(badge: Badge) -> None:
    revoke_badge(badge=badge, reason="First", by=None)

    with pytest.raises(AlreadyRevoked):
        revoke_badge(badge=badge, reason="Second", by=None)

    badge.refresh_from_db()
    assert badge.revocation_reason == "First"
    assert badge.template.badges_count == 0


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "bell \x07"])
def test_revoke_badge_asks_for_a_reason(badge: Badge, reason: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        revoke_badge(badge=badge, reason=reason, by=None)

    assert refusal.value.field == "reason"
    badge.refresh_from_db()
    assert badge.status is BadgeStatus.VALID


def test_revoke_badge_is_open_to_staff_alone_when_the_organization_is_disabled(
    acme: Organization, badge: Badge, bob: User, staff: User
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    with pytest.raises(OrganizationDisabled):
        revoke_badge(badge=badge, reason="Mistake", by=bob)

    assert revoke_badge(badge=badge, reason="Mistake", by=staff).is_revoked


def test_revoke_badge_frees_the_place_of_a_unique_badge(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True, limit=1)
    revoke_badge(badge=factories.badge(template), reason="Wrong name", by=None)

    assert factories.badge(template).holds_place


def test_revoke_badge_signs_with_the_new_key_after_rotation(
    secure: Settings, template: BadgeTemplate
) -> None:
    badge = factories.badge(template)
    key = SigningKey.objects.get(organization=template.organization, algorithm=KeyAlgorithm.ED25519)
    fresh = rotate_signing_key(key=key)

    revoke_badge(badge=badge, reason="Mistake", by=None)

    document = json.loads(StatusList.objects.get().body)
    assert verify_credential(document, Ed25519PublicKey(bytes(fresh.public_bytes)))


def test_rotation_under_did_key_opens_a_list_of_the_new_did_and_keeps_the_old(
    template: BadgeTemplate,
) -> None:
    before = factories.badge(template)
    rotate_signing_key(
        key=SigningKey.objects.get(organization=template.organization, algorithm=KeyAlgorithm.ED25519)
    )
    after = factories.badge(template)

    revoke_badge(badge=before, reason="Mistake", by=None)

    assert before.status_list is not None
    assert after.status_list is not None
    assert before.status_list.issuer_did != after.status_list.issuer_did
    document = json.loads(StatusList.objects.get(pk=before.status_list.pk).body)
    assert document["issuer"] == before.status_list.issuer_did
    assert verify_credential(document, Ed25519PublicKey(ED25519_PUBLIC))


def test_revoked_key_leaves_no_status_list_behind(secure: Settings, template: BadgeTemplate) -> None:
    factories.badge(template)
    key = SigningKey.objects.get(organization=template.organization, algorithm=KeyAlgorithm.ED25519)

    fresh = revoke_signing_key(key=key)

    assert fresh is not None
    status_list = StatusList.objects.get()
    assert status_list.signing_key == fresh
    assert verify_credential(json.loads(status_list.body), Ed25519PublicKey(bytes(fresh.public_bytes)))


def test_revoked_rsa_key_is_replaced_in_documents_made_on_demand(template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    before = signed_assertion(badge), credential_jwt(badge)
    key = SigningKey.objects.get(organization=template.organization, algorithm=KeyAlgorithm.RSA)

    fresh = revoke_signing_key(key=key)

    badge = Badge.objects.select_related("organization", "version").get(pk=badge.pk)
    after = signed_assertion(badge), credential_jwt(badge)
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert set(badge.documents.exclude(kind="ob3").values_list("signing_key", flat=True)) == {
        fresh and fresh.pk
    }
