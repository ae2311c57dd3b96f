"""The staff's pages of keys: secrets told once, keys rotated and revoked after saying what happens."""

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.test import Client

from organizations.enums import ApiScope, KeyAlgorithm, KeyStatus
from organizations.models import (
    ApiKey,
    BadgekitConsumer,
    Organization,
    SigningKey,
    System,
    User,
)
from organizations.services.access import consumer_secret, find_api_key
from tests.staff import act, browser_of, history, said, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def test_api_key_is_told_once(staff_client: Client, acme: Organization) -> None:
    values = {"organization": acme.pk, "name": "Moodle", "scopes": ["read", "issue"]}
    response = staff_client.post(url(ApiKey, "add"), values)
    key = ApiKey.objects.get()
    text = (
        next(sentence for sentence in said(response) if "lrl_" in sentence)
        .split("<code>")[1]
        .split("</code>")[0]
    )
    assert find_api_key(text) == key
    assert key.scopes == [ApiScope.READ, ApiScope.ISSUE]
    assert text in staff_client.get(response.headers["Location"]).content.decode()
    for page in (
        response.headers["Location"],
        url(ApiKey, "change", key.pk),
        url(ApiKey, "history", key.pk),
    ):
        assert text not in staff_client.get(page).content.decode()
    assert history(key) == [(ADDITION, "Added.")]
    assert text.split("_", 2)[2] not in str(LogEntry.objects.values())


def test_api_key_is_revoked_for_good(staff_client: Client, acme: Organization, acme_key: str) -> None:
    key = ApiKey.objects.get()
    assert act(staff_client, ApiKey, "revoke", key.pk).status_code == 200
    assert find_api_key(acme_key) is not None
    act(staff_client, ApiKey, "revoke", key.pk, yes="1")
    assert find_api_key(acme_key) is None
    assert history(key) == [(CHANGE, "Revoked.")]


def test_badgekit_consumer_is_told_once_and_revoked(staff_client: Client, system: System) -> None:
    response = staff_client.post(url(BadgekitConsumer, "add"), {"system": system.pk, "description": "portal"})
    consumer = BadgekitConsumer.objects.get()
    secret = consumer_secret(consumer)
    assert [secret in sentence for sentence in said(response)].count(True) == 1
    assert secret in staff_client.get(response.headers["Location"]).content.decode()
    assert secret not in staff_client.get(url(BadgekitConsumer, "change", consumer.pk)).content.decode()
    act(staff_client, BadgekitConsumer, "revoke", consumer.pk, yes="1")
    consumer.refresh_from_db()
    first = consumer.revoked_at
    assert first is not None
    act(staff_client, BadgekitConsumer, "revoke", consumer.pk, yes="1")
    consumer.refresh_from_db()
    assert consumer.revoked_at == first


def test_signing_key_is_rotated_after_saying_what_happens(staff_client: Client, acme: Organization) -> None:
    key = acme.signing_keys.get(algorithm=KeyAlgorithm.ED25519)
    page = act(staff_client, SigningKey, "rotate", key.pk)
    assert b"Badges signed before go on verifying" in page.content
    assert acme.signing_keys.count() == 2
    act(staff_client, SigningKey, "rotate", key.pk, yes="1")
    key.refresh_from_db()
    assert key.status == KeyStatus.RETIRED
    assert acme.signing_keys.active().get(algorithm=KeyAlgorithm.ED25519) != key
    response = act(staff_client, SigningKey, "rotate", key.pk, yes="1")
    assert said(response)[-1] == f"{key}: Only an active key can be rotated."
    assert acme.signing_keys.count() == 3
    assert history(key) == [(CHANGE, "Rotated.")]


def test_signing_key_is_revoked_after_saying_what_happens(staff_client: Client, acme: Organization) -> None:
    key = acme.signing_keys.get(algorithm=KeyAlgorithm.ED25519)
    assert b"stop verifying" in act(staff_client, SigningKey, "revoke", key.pk).content
    act(staff_client, SigningKey, "revoke", key.pk, yes="1")
    key.refresh_from_db()
    assert key.status == KeyStatus.REVOKED
    assert acme.signing_keys.active().filter(algorithm=KeyAlgorithm.ED25519).count() == 1
