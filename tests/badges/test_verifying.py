"""A badge is verified as anybody else would do it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from badges.credentials import signing, status
from badges.credentials.dids import did_key, did_web, verification_method
from badges.credentials.keys import Ed25519Key
from badges.enums import DocumentKind
from badges.models import Badge, BadgeDocument, BadgeTemplate, StatusList
from badges.services.revoking import revoke_badge
from badges.services.verifying import Finding, Verdict, verify_badge
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey
from organizations.services.keys import revoke_signing_key, rotate_signing_key
from tests import factories
from tests.keys import ED25519_PRIVATE

pytestmark = pytest.mark.django_db

OWN_KEY = Ed25519Key.from_private_bytes(ED25519_PRIVATE)
STRANGERS_KEY = Ed25519Key.from_private_bytes(bytes(range(32, 64)))
GOOD = (Finding.PASSED, Finding.PASSED, Finding.PASSED, Finding.PASSED)


def findings(badge: Badge, **options: Any) -> tuple[Finding, ...]:
    """Return signature, issuer, not revoked, not expired, of the badge as it is in the database now."""
    verdict: Verdict = verify_badge(
        Badge.objects.select_related("organization", "status_list").get(pk=badge.pk), **options
    )
    return (verdict.signature, verdict.issuer, verdict.not_revoked, verdict.not_expired)


def change(
    badge: Badge, edit: Callable[[dict[str, Any]], Any], *, key: Ed25519Key | None = None, did: str = ""
) -> None:
    """Put another document in the place of the kept one; signed anew with `key` as `did` when one is given."""
    kept = BadgeDocument.objects.get(badge=badge, kind=DocumentKind.OB3)
    document = json.loads(kept.body)
    edit(document)
    if key is not None:
        document = signing.sign_credential(document, key, verification_method(did, key), timezone.now())
    kept.body = json.dumps(document)
    kept.save(update_fields=["body"])


def change_list(edit: Callable[[dict[str, Any]], Any], *, is_signed: bool = True) -> None:
    """Put another status list in the place of the published one."""
    kept = StatusList.objects.get()
    document = json.loads(kept.body)
    edit(document)
    if is_signed:
        document = signing.sign_credential(
            document, OWN_KEY, verification_method(did_key(OWN_KEY), OWN_KEY), timezone.now()
        )
    StatusList.objects.filter(pk=kept.pk).update(body=json.dumps(document))


def test_good_badge_passes_everything(badge: Badge) -> None:
    assert findings(badge) == GOOD


def test_good_badge_of_an_https_server_passes_everything(secure: Settings, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    document = json.loads(BadgeDocument.objects.get(badge=badge).body)
    assert document["issuer"]["id"] == did_web(template.organization.public_url)
    assert findings(badge) == GOOD


def test_badge_from_before_https_still_passes(badge: Badge, settings: Settings) -> None:
    settings.IS_SECURE = True
    settings.PUBLIC_URL = "https://badges.example.org"
    assert findings(badge) == GOOD


def test_changed_content_fails_the_signature(badge: Badge) -> None:
    change(badge, lambda document: document["credentialSubject"]["achievement"].update(name="Doctor"))
    assert findings(badge)[:2] == (Finding.FAILED, Finding.PASSED)


def test_content_that_no_proof_covers_fails_the_signature(badge: Badge) -> None:
    change(badge, lambda document: document.update(myOwnTerm="unsigned"))
    assert findings(badge)[0] == Finding.FAILED


def test_strangers_good_signature_fails_the_issuer(badge: Badge) -> None:
    stranger = did_key(STRANGERS_KEY)
    change(badge, lambda document: document["issuer"].update(id=stranger), key=STRANGERS_KEY, did=stranger)
    assert findings(badge)[:3] == (Finding.PASSED, Finding.FAILED, Finding.UNKNOWN)


def test_strangers_key_under_the_issuers_name_fails_the_issuer(badge: Badge) -> None:
    change(badge, lambda document: None, key=STRANGERS_KEY, did=did_key(OWN_KEY))
    assert findings(badge)[:2] == (Finding.PASSED, Finding.FAILED)


def test_key_of_another_organization_fails_the_issuer(
    acme: Organization, globex: Organization, badge: Badge
) -> None:
    SigningKey.objects.filter(organization=acme, algorithm=KeyAlgorithm.ED25519).update(
        public_bytes=STRANGERS_KEY.public_bytes
    )
    assert SigningKey.objects.filter(organization=globex, public_bytes=OWN_KEY.public_bytes).exists()
    assert findings(badge)[:2] == (Finding.PASSED, Finding.FAILED)


def test_retired_key_is_trusted_and_a_revoked_one_is_not(acme: Organization, badge: Badge) -> None:
    key = SigningKey.objects.active().get(organization=acme, algorithm=KeyAlgorithm.ED25519)
    rotate_signing_key(key=key)
    assert findings(badge) == GOOD
    revoke_signing_key(key=key)
    assert findings(badge) == (Finding.PASSED, Finding.FAILED, Finding.UNKNOWN, Finding.PASSED)


def test_revoked_badge_fails_by_the_published_list(badge: Badge) -> None:
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    assert findings(badge) == (Finding.PASSED, Finding.PASSED, Finding.FAILED, Finding.PASSED)
    Badge.objects.filter(pk=badge.pk).update(revoked_at=None)  # the list alone says it now
    assert findings(badge)[2] == Finding.FAILED


def test_revoked_badge_fails_also_when_the_list_does_not_say_so(badge: Badge) -> None:
    Badge.objects.filter(pk=badge.pk).update(revoked_at=timezone.now())
    assert findings(badge)[2] == Finding.FAILED


@pytest.mark.parametrize(
    ("edit", "is_signed"),
    [
        (lambda document: document["credentialSubject"].update(encodedList=status.encode([1, 2, 3])), False),
        (lambda document: document["credentialSubject"].update(encodedList="uNothing"), True),
        (lambda document: document.update(id="http://127.0.0.1:8000/public/issuers/other/status/1"), True),
        (lambda document: document.update(issuer=did_key(STRANGERS_KEY)), True),
        (lambda document: document.pop("credentialSubject"), True),
        (lambda document: document.clear(), False),
    ],
    ids=["unsigned", "unreadable", "another list", "another issuer", "empty", "nothing"],
)
def test_list_that_cannot_be_relied_on_leaves_revocation_unknown(
    badge: Badge, edit: Callable[[dict[str, Any]], Any], is_signed: bool
) -> None:
    change_list(edit, is_signed=is_signed)
    assert findings(badge) == (Finding.PASSED, Finding.PASSED, Finding.UNKNOWN, Finding.PASSED)


def test_badge_expires_by_its_document(template: BadgeTemplate) -> None:
    issued_at = timezone.now().replace(microsecond=0) - timedelta(days=2)
    badge = factories.badge(template, issued_at=issued_at, expires_at=issued_at + timedelta(days=1))
    Badge.objects.filter(pk=badge.pk).update(expires_at=None)
    assert findings(badge)[3] == Finding.FAILED
    assert findings(badge, at=issued_at + timedelta(hours=23))[3] == Finding.PASSED
    assert findings(badge, at=issued_at + timedelta(days=1))[3] == Finding.FAILED


def test_badge_without_a_kept_document_is_judged_by_the_records(badge: Badge) -> None:
    BadgeDocument.objects.filter(badge=badge).delete()
    assert findings(badge) == (Finding.UNKNOWN, Finding.UNKNOWN, Finding.PASSED, Finding.PASSED)
    Badge.objects.filter(pk=badge.pk).update(
        revoked_at=timezone.now(), expires_at=badge.issued_at + timedelta(seconds=1)
    )
    later = badge.issued_at + timedelta(days=1)
    assert findings(badge, at=later)[2:] == (Finding.FAILED, Finding.FAILED)


@pytest.mark.parametrize("body", ["", "no JSON", "[]", '{"proof": 3}', '{"issuer": null}'])
def test_unreadable_document_passes_no_check_of_its_own(badge: Badge, body: str) -> None:
    BadgeDocument.objects.filter(badge=badge).update(body=body)
    assert findings(badge)[:2] == (Finding.FAILED, Finding.FAILED)
