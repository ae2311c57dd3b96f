"""An organization's documents at their public addresses."""

import json

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from badges.credentials import signing, status
from badges.credentials.keys import Ed25519PublicKey, RsaPublicKey
from badges.credentials.ob2 import SENTINELS
from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate, StatusList
from badges.services.revoking import revoke_badge
from organizations.enums import KeyAlgorithm
from organizations.models import Organization, SigningKey
from organizations.services.keys import revoke_signing_key, rotate_signing_key
from tests import factories
from tests.keys import ED25519_PUBLIC, RSA_PUBLIC

pytestmark = pytest.mark.django_db

MULTIBASE = Ed25519PublicKey(ED25519_PUBLIC).multibase


def rsa_key(organization: Organization) -> SigningKey:
    return SigningKey.objects.active().get(organization=organization, algorithm=KeyAlgorithm.RSA)


@pytest.mark.parametrize("accept", ["application/ld+json", "application/json"])
def test_profile_names_revocations_and_no_key(client: Client, acme: Organization, accept: str) -> None:
    response = client.get(acme.public_path, headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, accept)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in response["Vary"].split(", ")
    assert response.json() == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Issuer",
        "id": acme.public_url,
        "name": "Acme Academy",
        "url": "https://organization.example.org",
        "email": "badges@organization.example.org",
        "revocationList": f"{acme.public_url}/revocations.json",
    }
    assert client.get(f"{acme.public_path}.json").content == response.content


def test_signing_profile_names_its_key_alone(client: Client, acme: Organization) -> None:
    first = rsa_key(acme)
    second = rotate_signing_key(key=first)
    for key in (first, second):
        response = client.get(f"{acme.public_path}/keys/{key.uuid}/profile.json")
        assert response["Content-Type"] == "application/ld+json"
        assert response.json() == {
            "@context": "https://w3id.org/openbadges/v2",
            "type": "Issuer",
            "id": f"{acme.public_url}/keys/{key.uuid}/profile.json",
            "name": "Acme Academy",
            "url": "https://organization.example.org",
            "email": "badges@organization.example.org",
            "publicKey": f"{acme.public_url}/keys/{key.uuid}",
            "revocationList": f"{acme.public_url}/revocations.json",
        }


def test_profile_stays_when_the_page_is_not_public(client: Client, acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(public_profile=False)
    assert client.get(reverse("public_issuer", args=[acme.uuid])).status_code == 404
    assert client.get(f"{acme.public_path}.json").status_code == 200


def test_keys_are_answered_until_they_are_revoked(client: Client, acme: Organization) -> None:
    first = rsa_key(acme)
    rotate_signing_key(key=first)
    assert client.get(f"{acme.public_path}/keys/{first.uuid}").status_code == 200
    revoke_signing_key(key=first)
    assert client.get(f"{acme.public_path}/keys/{first.uuid}/profile.json").status_code == 404
    assert client.get(f"{acme.public_path}/keys/{first.uuid}").status_code == 404
    assert client.get(f"{acme.public_path}/keys/{first.uuid}.jwk").status_code == 404


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_key_is_answered_as_cryptographic_key(client: Client, acme: Organization, suffix: str) -> None:
    url = f"{acme.public_url}/keys/{rsa_key(acme).uuid}"
    response = client.get(f"{acme.public_path}/keys/{rsa_key(acme).uuid}{suffix}")
    assert response["Content-Type"] == "application/ld+json"
    assert response.json() == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "CryptographicKey",
        "id": url,
        "owner": f"{url}/profile.json",
        "publicKeyPem": RsaPublicKey.from_public_bytes(RSA_PUBLIC).pem,
    }


def test_key_is_answered_as_one_jwk(client: Client, acme: Organization) -> None:
    key = rsa_key(acme)
    response = client.get(f"{acme.public_path}/keys/{key.uuid}.jwk")
    assert response["Content-Type"] == "application/jwk+json"
    assert response.json() == {
        **RsaPublicKey.from_public_bytes(RSA_PUBLIC).jwk,
        "kid": str(key.uuid),
        "use": "sig",
    }
    assert sorted(response.json()) == ["alg", "e", "kid", "kty", "n", "use"]


def test_key_of_another_organization_is_not_there(
    client: Client, acme: Organization, globex: Organization
) -> None:
    other = rsa_key(globex)
    assert client.get(f"{globex.public_path}/keys/{other.uuid}").status_code == 200
    assert client.get(f"{acme.public_path}/keys/{other.uuid}").status_code == 404


def test_ed25519_key_is_no_cryptographic_key(client: Client, acme: Organization) -> None:
    key = SigningKey.objects.active().get(organization=acme, algorithm=KeyAlgorithm.ED25519)
    assert client.get(f"{acme.public_path}/keys/{key.uuid}").status_code == 404


def test_did_document_is_published_under_https(client: Client, secure: Settings, acme: Organization) -> None:
    response = client.get(f"{acme.public_path}/did.json", secure=True, headers={"host": "badges.example.org"})
    did = f"did:web:badges.example.org:public:issuers:{acme.uuid}"
    key = rsa_key(acme)
    assert (response.status_code, response["Content-Type"]) == (200, "application/did+json")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["id"] == did
    assert response.json()["assertionMethod"] == [f"{did}#{MULTIBASE}", f"{did}#{key.uuid}"]


def test_did_document_leaves_out_revoked_keys_at_once(
    client: Client, secure: Settings, acme: Organization
) -> None:
    def methods() -> list[str]:
        path, host = f"{acme.public_path}/did.json", {"host": "badges.example.org"}
        return list(client.get(path, secure=True, headers=host).json()["assertionMethod"])

    did = f"did:web:badges.example.org:public:issuers:{acme.uuid}"
    assert f"{did}#{MULTIBASE}" in methods()
    revoke_signing_key(key=SigningKey.objects.get(organization=acme, algorithm=KeyAlgorithm.ED25519))
    assert f"{did}#{MULTIBASE}" not in methods()
    assert len(methods()) == 2


def test_did_document_is_not_there_without_https(client: Client, acme: Organization) -> None:
    response = client.get(f"{acme.public_path}/did.json")
    assert (response.status_code, response.json()) == (404, {"message": "There is no document here."})


def test_status_list_is_answered_as_it_was_signed(
    client: Client, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    kept = StatusList.objects.select_related("organization").get()
    path = kept.public_path
    with django_assert_num_queries(1):
        response = client.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "application/vc+ld+json")
    assert response.content.decode() == kept.body
    assert response["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert signing.verify_credential(response.json(), Ed25519PublicKey(ED25519_PUBLIC))


def test_status_list_tells_of_a_revocation_at_once(
    client: Client, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    path = StatusList.objects.select_related("organization").get().public_path
    assert badge.status_index is not None
    before = client.get(path)
    with django_assert_num_queries(1) as statements:
        assert client.get(path, headers={"if-none-match": before["ETag"]}).status_code == 304
    assert '"body"' not in statements.captured_queries[0]["sql"]
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    after = client.get(path, headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert status.decode(before.json()["credentialSubject"]["encodedList"]).indices() == []
    assert status.decode(after.json()["credentialSubject"]["encodedList"]).indices() == [badge.status_index]


def test_status_list_that_is_not_there_is_404(client: Client, acme: Organization, badge: Badge) -> None:
    for headers in ({}, {"if-none-match": "*"}):
        response = client.get(f"{acme.public_path}/status/2", headers=headers)
        assert (response.status_code, response.json()) == (404, {"message": "There is no document here."})


def test_revocations_without_any_have_the_two_entries_that_validators_need(
    client: Client, acme: Organization, badge: Badge
) -> None:
    response = client.get(f"{acme.public_path}/revocations.json")
    assert (response["Content-Type"], response["Cache-Control"]) == (
        "application/ld+json",
        "public, max-age=60, must-revalidate",
    )
    assert response.json() == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "RevocationList",
        "id": f"{acme.public_url}/revocations.json",
        "issuer": acme.public_url,
        "revokedAssertions": [{"id": sentinel} for sentinel in SENTINELS],
    }


def test_revocations_name_the_organizations_revoked_badges(
    client: Client, acme: Organization, globex: Organization, template: BadgeTemplate
) -> None:
    first, second, hidden = (
        factories.badge(template, f"{name}@example.org") for name in ("first", "second", "hidden")
    )
    factories.badge(template, "valid@example.org")
    other = factories.badge(factories.template(globex))
    for badge in (first, second, hidden, other):
        revoke_badge(badge=badge, reason=f"Reason {badge.pk}", by=None)
    Badge.objects.filter(pk=hidden.pk).update(visibility=Visibility.HIDDEN)
    assert client.get(f"{acme.public_path}/revocations.json").json()["revokedAssertions"] == [
        {"id": first.uuid.urn, "revocationReason": f"Reason {first.pk}"},
        {"id": second.uuid.urn, "revocationReason": f"Reason {second.pk}"},
        {"id": hidden.uuid.urn},
    ]


def test_logo_is_answered_and_known_by_its_name(client: Client, acme: Organization) -> None:
    assert client.get(f"{acme.public_path}/logo.png").status_code == 404
    name = default_storage.save("logos/abcdef.png", ContentFile(b"a picture"))
    Organization.objects.filter(pk=acme.pk).update(logo=name)
    response = client.get(f"{acme.public_path}/logo.png")
    assert (response.content, response["Content-Type"]) == (b"a picture", "image/png")
    default_storage.delete(name)
    etag = response["ETag"]
    assert client.get(f"{acme.public_path}/logo.png", headers={"if-none-match": etag}).status_code == 304
    assert client.get(f"{acme.public_path}/logo.png").status_code == 404


def test_documents_of_a_disabled_organization_stay(client: Client, acme: Organization, badge: Badge) -> None:
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    for path in (".json", "/revocations.json", "/status/1", f"/keys/{rsa_key(acme).uuid}", ""):
        assert client.get(acme.public_path + path).status_code == 200
    assert client.get(f"{badge.public_path}.json").status_code == 200


@pytest.mark.parametrize("path", [".json", "/revocations.json", "/status/1", "/logo.png", "/did.json"])
def test_documents_of_no_organization_are_404(client: Client, db: None, path: str) -> None:
    response = client.get(f"/public/issuers/00000000-0000-4000-8000-000000000000{path}")
    assert (response.status_code, json.loads(response.content)) == (
        404,
        {"message": "There is no document here."},
    )
    assert response["Access-Control-Allow-Origin"] == "*"
