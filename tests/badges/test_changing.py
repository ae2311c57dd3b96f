"""Badges change after they were issued: notes, who may find them, and corrections that are signed anew in place."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone
from pytest_django import Settings

from badges.credentials.recipients import identity_hash
from badges.enums import DocumentKind, Visibility
from badges.exceptions import BadgeAlreadyHeld, BadgeNotChangeable, Unsignable
from badges.mails import badge_issued_mail
from badges.models import Badge, BadgeDocument, BadgeTally, BadgeTemplate, PathProgress
from badges.services.changing import change_badge
from badges.services.counters import recount
from badges.services.documents import credential, credential_jwt, hosted_assertion, signed_assertion
from badges.services.paths import PathStepSpec, complete_due_paths, set_path_steps
from badges.services.revoking import revoke_badge
from badges.services.verifying import Finding, verify_badge
from config.exceptions import InvalidInput, RuleBroken
from earners.models import Earner
from organizations.enums import KeyAlgorithm, KeyStatus, OrganizationStatus
from organizations.exceptions import OrganizationDisabled
from organizations.models import Message, Organization, SigningKey, User
from organizations.services.keys import revoke_signing_key, rotate_signing_key
from tests import factories

NEW = "ada.lovelace@example.org"


def stored(badge: Badge) -> dict[str, Any]:
    """Return the row and its documents, to be compared with what they were."""
    row = Badge.objects.filter(pk=badge.pk).values().get()
    return row | {"documents": list(BadgeDocument.objects.filter(badge=badge).order_by("pk").values())}


def ed25519_key(organization: Organization) -> SigningKey:
    return SigningKey.objects.get(
        organization=organization, algorithm=KeyAlgorithm.ED25519, status=KeyStatus.ACTIVE
    )


def assert_verifies(badge: Badge) -> None:
    verdict = verify_badge(Badge.objects.select_related("organization", "status_list").get(pk=badge.pk))
    assert {verdict.signature, verdict.issuer, verdict.not_revoked, verdict.not_expired} == {Finding.PASSED}


def test_notes_and_details_change_without_touching_the_documents(badge: Badge, bob: User) -> None:
    before = stored(badge)

    changed = change_badge(
        badge=badge, fields={"notes": "Seen by the board", "additional_details": {"room": 4}}, by=bob
    )

    after = stored(badge)
    assert after == before | {
        "notes": "Seen by the board",
        "additional_details": {"room": 4},
        "updated_at": after["updated_at"],
    }
    assert after["updated_at"] > before["updated_at"]
    assert changed.notes == "Seen by the board"


def test_nothing_new_changes_nothing(badge: Badge, bob: User) -> None:
    before = stored(badge)

    change_badge(
        badge=badge,
        fields={
            "recipient_email": "ada@example.org",
            "recipient_last_name": "Lovelace",
            "is_public": False,
            "notes": "",
        },
        by=bob,
    )

    assert stored(badge) == before


def test_public_is_counted(badge: Badge, acme: Organization, bob: User) -> None:
    change_badge(badge=badge, fields={"is_public": True}, by=bob)

    badge.refresh_from_db()
    assert badge.visibility == Visibility.PUBLIC
    assert BadgeTally.objects.get().public_badges == 1
    assert not any(recount().values())

    change_badge(badge=badge, fields={"is_public": False}, by=bob)

    badge.refresh_from_db()
    assert badge.visibility == Visibility.UNLISTED
    assert BadgeTally.objects.get().public_badges == 0
    assert not any(recount().values())


def test_public_of_a_revoked_badge_is_not_counted(badge: Badge, acme: Organization, bob: User) -> None:
    revoke_badge(badge=badge, reason="Mistake", by=bob)

    change_badge(badge=badge, fields={"is_public": True}, by=bob)

    badge.refresh_from_db()
    assert badge.visibility == Visibility.PUBLIC
    assert not any(recount().values())


def test_hidden_badge_stays_hidden_until_it_is_made_public(template: BadgeTemplate, bob: User) -> None:
    badge = factories.badge(template, visibility=Visibility.HIDDEN)

    change_badge(badge=badge, fields={"is_public": False}, by=bob)
    badge.refresh_from_db()
    assert badge.visibility == Visibility.HIDDEN

    change_badge(badge=badge, fields={"is_public": True}, by=bob)
    badge.refresh_from_db()
    assert badge.visibility == Visibility.PUBLIC


@pytest.mark.parametrize("is_secure", [False, True])
def test_address_is_corrected_in_place(
    template: BadgeTemplate, bob: User, settings: Settings, is_secure: bool
) -> None:
    if is_secure:
        settings.PUBLIC_URL, settings.IS_SECURE = "https://badges.example.org", True
    badge = factories.badge(template)
    before, old = stored(badge), json.loads(credential(badge))
    credential_jwt(badge)
    signed_assertion(badge)

    changed = change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    after, new = stored(badge), json.loads(credential(badge))
    assert after["earner_id"] == Earner.objects.get(email_key=NEW).pk != before["earner_id"]
    kept = before.keys() - {"recipient_email", "recipient_salt", "earner_id", "updated_at", "documents"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert [document["kind"] for document in after["documents"]] == [DocumentKind.OB3]
    assert after["recipient_salt"] != before["recipient_salt"]
    subject = new["credentialSubject"]
    hashes = {identifier["identityHash"] for identifier in subject["identifier"]}
    assert identity_hash(NEW, after["recipient_salt"]) in hashes
    assert subject["id"] == old["credentialSubject"]["id"]
    assert {key: new[key] for key in new.keys() - {"credentialSubject", "proof"}} == {
        key: old[key] for key in old.keys() - {"credentialSubject", "proof"}
    }
    assert hosted_assertion(changed)["recipient"]["identity"] == identity_hash(NEW, after["recipient_salt"])
    assert_verifies(badge)
    assert not any(recount().values())


def test_documents_are_made_anew_after_a_correction(badge: Badge, bob: User) -> None:
    jwt, jws = credential_jwt(badge), signed_assertion(badge)

    changed = change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    assert credential_jwt(changed) != jwt
    assert signed_assertion(changed) != jws
    assert BadgeDocument.objects.filter(badge=badge).count() == 3


def test_document_of_a_stale_badge_says_what_the_row_says(badge: Badge, bob: User) -> None:
    stale = Badge.objects.select_related("version", "organization").get(pk=badge.pk)
    changed = change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    stale_text = signed_assertion(stale)

    assert stale_text == signed_assertion(changed)
    assert stale.recipient_email == NEW


def test_both_files_of_a_corrected_badge_are_revoked_by_one_place(badge: Badge, bob: User) -> None:
    old = json.loads(credential(badge))["credentialStatus"]
    changed = change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    revoke_badge(badge=changed, reason="Mistake", by=bob)

    assert json.loads(credential(badge))["credentialStatus"] == old
    fresh = Badge.objects.select_related("organization", "status_list").get(pk=badge.pk)
    assert verify_badge(fresh).not_revoked == Finding.FAILED


def test_name_is_corrected_and_the_earner_is_called_so_too(badge: Badge, bob: User) -> None:
    before = stored(badge)

    change_badge(
        badge=badge, fields={"recipient_first_name": " Augusta Ada ", "recipient_last_name": "King"}, by=bob
    )

    after = stored(badge)
    assert (after["recipient_first_name"], after["recipient_last_name"]) == ("Augusta Ada", "King")
    assert after["earner_id"] == before["earner_id"]
    assert after["recipient_salt"] == before["recipient_salt"]
    assert after["documents"][0]["body"] != before["documents"][0]["body"]
    assert Earner.objects.get().full_name == "Augusta Ada King"
    assert Message.objects.count() == 1  # of the issue: a name is no news
    assert_verifies(badge)


def test_another_case_of_the_address_is_the_same_earner(badge: Badge, bob: User) -> None:
    before = stored(badge)

    change_badge(badge=badge, fields={"recipient_email": "ADA@example.org"}, by=bob)

    after = stored(badge)
    assert (after["recipient_email"], after["earner_id"]) == ("ADA@example.org", before["earner_id"])
    assert Earner.objects.count() == 1
    assert_verifies(badge)


def test_new_address_is_told_and_the_old_one_no_longer(badge: Badge, bob: User) -> None:
    [old] = Message.objects.all()

    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    new = Message.objects.exclude(pk=old.pk).get()
    assert (new.recipient, new.subject, new.kind) == (NEW, badge.uuid, old.kind)
    assert badge_issued_mail(old) is None
    mail = badge_issued_mail(new)
    assert isinstance(mail, EmailMultiAlternatives)
    assert mail.to == [NEW]


def test_nobody_is_told_when_nobody_is_to_be(badge: Badge, bob: User) -> None:
    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob, is_announced=False)

    assert Message.objects.count() == 1


@pytest.mark.parametrize("state", ["revoked", "imported"])
def test_badge_that_is_out_of_reach_is_not_corrected(badge: Badge, bob: User, state: str) -> None:
    if state == "revoked":
        revoke_badge(badge=badge, reason="Mistake", by=bob)
    else:
        Badge.objects.filter(pk=badge.pk).update(is_imported=True)
    before = stored(badge)

    with pytest.raises(BadgeNotChangeable):
        change_badge(badge=badge, fields={"recipient_email": NEW, "notes": "x", "is_public": True}, by=bob)

    assert stored(badge) == before
    assert not Earner.objects.filter(email_key=NEW).exists()


@pytest.mark.parametrize(
    ("fields", "refusal", "field"),
    [
        ({"recipient_email": "nobody"}, InvalidInput, "recipient_email"),
        ({"recipient_first_name": "x" * 256}, InvalidInput, "recipient_first_name"),
        ({"recipient_first_name": "A\x07da"}, Unsignable, "recipient_first_name"),
        ({"notes": "x" * 20_001}, InvalidInput, "notes"),
        ({"expires_at": timezone.now()}, InvalidInput, "expires_at"),
    ],
)
def test_values_that_are_not_accepted_change_nothing(
    badge: Badge, bob: User, fields: dict[str, Any], refusal: type[RuleBroken], field: str
) -> None:
    before = stored(badge)

    with pytest.raises(refusal) as caught:
        change_badge(badge=badge, fields={"is_public": True} | fields, by=bob)

    assert caught.value.field == field
    assert stored(badge) == before


def test_disabled_organization_changes_nothing(badge: Badge, acme: Organization, bob: User) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)
    before = stored(badge)

    with pytest.raises(OrganizationDisabled):
        change_badge(badge=badge, fields={"notes": "x"}, by=bob)

    assert stored(badge) == before


def test_unique_place_of_the_new_earner_is_looked_at(acme: Organization, bob: User) -> None:
    template = factories.template(acme, is_unique=True)
    badge, held = factories.badge(template), factories.badge(template, NEW)
    before = stored(badge)

    with pytest.raises(BadgeAlreadyHeld) as caught:
        change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    assert caught.value.badge_url == held.public_url
    assert stored(badge) == before


def test_unique_place_goes_with_the_badge(acme: Organization, bob: User) -> None:
    template = factories.template(acme, is_unique=True)
    badge = factories.badge(template)

    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    factories.badge(template)  # the old address is free
    with pytest.raises(BadgeAlreadyHeld):
        factories.badge(template, NEW)


def test_expired_badge_of_the_new_earner_gives_way(acme: Organization, bob: User) -> None:
    template = factories.template(acme, is_unique=True)
    badge, held = factories.badge(template), factories.badge(template, NEW)
    now = timezone.now()
    Badge.objects.filter(pk=held.pk).update(
        issued_at=now - timedelta(days=2), expires_at=now - timedelta(days=1)
    )

    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    assert list(Badge.objects.filter(holds_place=True).values_list("pk", "recipient_email")) == [
        (badge.pk, NEW)
    ]


@pytest.mark.parametrize("is_secure", [False, True])
def test_correction_after_a_rotation_verifies(
    template: BadgeTemplate, bob: User, settings: Settings, is_secure: bool
) -> None:
    if is_secure:
        settings.PUBLIC_URL, settings.IS_SECURE = "https://badges.example.org", True
    badge = factories.badge(template)
    before = stored(badge)
    rotate_signing_key(key=ed25519_key(badge.organization))

    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    after = stored(badge)
    assert (after["status_list_id"], after["status_index"]) == (
        before["status_list_id"],
        before["status_index"],
    )
    assert_verifies(badge)


def test_correction_after_the_key_was_revoked_has_a_new_place_and_verifies(badge: Badge, bob: User) -> None:
    before = stored(badge)
    revoke_signing_key(key=ed25519_key(badge.organization))

    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)

    after = stored(badge)
    assert after["status_list_id"] != before["status_list_id"]
    assert_verifies(badge)


def test_paths_follow_whose_badge_it_is(acme: Organization, bob: User) -> None:
    step, path = factories.template(acme), factories.template(acme, title="Path", is_learning_path=True)
    set_path_steps(path=path, steps=[PathStepSpec(templates=[step])], in_order=False, by=bob)
    badge = factories.badge(step)
    complete_due_paths()
    award = Badge.objects.get(template=path)
    assert PathProgress.objects.get(badge=award).earner == badge.earner

    change_badge(badge=award, fields={"recipient_email": NEW}, by=bob)
    change_badge(badge=badge, fields={"recipient_email": NEW}, by=bob)
    complete_due_paths()

    progress = {
        row.earner.email: (row.steps_done, row.badge)
        for row in PathProgress.objects.select_related("earner", "badge")
    }
    assert progress == {"ada@example.org": (0, None), NEW: (1, award)}
    assert Badge.objects.filter(template=path).count() == 1
