"""A badge's documents at their public addresses."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from badges.credentials import baking, signing
from badges.credentials.keys import RsaPublicKey
from badges.enums import DocumentKind, Visibility
from badges.models import Badge, BadgeDocument, BadgeTemplate
from badges.services.revoking import revoke_badge
from organizations.models import Organization, SigningKey
from tests import factories
from tests.keys import RSA_PUBLIC

pytestmark = pytest.mark.django_db

# Every address at which something of a badge is told.
ADDRESSES = (
    "",
    ".json",
    "/ob2.json",
    "/ob3.json",
    "/ob2.jws",
    "/ob3.jwt",
    "/ob2.png",
    "/ob3.png",
    "/ob2.svg",
    "/ob3.svg",
)
DOCUMENTS = ADDRESSES[1:]


def hide(badge: Badge) -> None:
    Badge.objects.filter(pk=badge.pk).update(visibility=Visibility.HIDDEN)


def stored_credential(badge: Badge) -> str:
    return BadgeDocument.objects.get(badge=badge, kind=DocumentKind.OB3).body


@pytest.mark.parametrize(
    ("address", "content_type"),
    [
        (".json", "application/vc+ld+json"),
        ("/ob3.json", "application/vc+ld+json"),
        ("/ob2.json", "application/ld+json"),
        ("/ob3.jwt", "text/plain"),
        ("/ob2.jws", "text/plain"),
        ("/ob2.png", "image/png"),
        ("/ob3.png", "image/png"),
        ("/ob2.svg", "image/svg+xml"),
        ("/ob3.svg", "image/svg+xml"),
    ],
)
def test_document_is_answered_with_its_type_to_scripts_of_any_site(
    client: Client, badge: Badge, address: str, content_type: str
) -> None:
    response = client.get(badge.public_path + address)
    assert (response.status_code, response["Content-Type"]) == (200, content_type)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(response.content))
    assert response["Cache-Control"].startswith("public, max-age=")
    assert "Content-Disposition" not in response
    assert "Cookie" not in response.get("Vary", "")
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("accept", "address", "content_type"),
    [
        ("application/ld+json", "/ob2.json", "application/ld+json"),
        ("application/ld+json, application/json", "/ob2.json", "application/ld+json"),
        ("application/json", "/ob3.json", "application/json"),
        ("application/vc", "/ob3.json", "application/vc"),
        ("application/vc+ld+json", "/ob3.json", "application/vc+ld+json"),
        ("text/html;q=0.3, application/json", "/ob3.json", "application/json"),
    ],
)
def test_badge_address_answers_the_document_that_is_asked_for(
    client: Client, badge: Badge, accept: str, address: str, content_type: str
) -> None:
    response = client.get(badge.public_path, headers={"accept": accept})
    assert response.content == client.get(badge.public_path + address).content
    assert response["Content-Type"] == content_type
    assert "Accept" in response["Vary"].split(", ")


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "image/*"])
def test_badge_address_answers_a_page_to_everybody_else(
    client: Client, badge: Badge, accept: str | None
) -> None:
    response = client.get(badge.public_path, headers={"accept": accept} if accept else {})
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert "Accept" in response["Vary"].split(", ")


def test_credential_is_the_stored_one_at_one_statement(
    client: Client, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        response = client.get(f"{badge.public_path}.json")
    assert response.content.decode() == stored_credential(badge)


def test_known_credential_is_not_read_again(
    client: Client, badge: Badge, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    known = client.get(f"{badge.public_path}.json")
    with django_assert_num_queries(1) as statements:
        response = client.get(f"{badge.public_path}.json", headers={"if-none-match": known["ETag"]})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == known["ETag"]
    assert response["Cache-Control"] == known["Cache-Control"]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert '"body"' not in statements.captured_queries[0]["sql"]


@pytest.mark.parametrize("address", DOCUMENTS)
def test_known_document_is_answered_304_and_another_one_whole(
    client: Client, badge: Badge, address: str
) -> None:
    known = client.get(badge.public_path + address)
    for condition in (known["ETag"], f'"other", W/{known["ETag"]}', "*"):
        assert (
            client.get(badge.public_path + address, headers={"if-none-match": condition}).status_code == 304
        )
    other = client.get(badge.public_path + address, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, known.content)


def test_forms_of_one_address_have_etags_of_their_own(client: Client, badge: Badge) -> None:
    accepts = ("application/ld+json", "application/json", "application/vc", "application/vc+ld+json")
    etags = {client.get(badge.public_path, headers={"accept": accept})["ETag"] for accept in accepts}
    assert len(etags) == len(accepts)


def test_etag_does_not_tell_how_many_badges_there_are(client: Client, badge: Badge) -> None:
    document = BadgeDocument.objects.get(badge=badge, kind=DocumentKind.OB3)
    etag = client.get(f"{badge.public_path}.json")["ETag"]
    assert etag.startswith(f'"{document.created_at:%Y%m%d%H%M%S%f}')  # PostgreSQL's driver adds the zone
    assert etag.endswith('-vc+ld+json"')


@pytest.mark.parametrize("address", DOCUMENTS)
def test_head_answers_the_headers_alone(client: Client, badge: Badge, address: str) -> None:
    full = client.get(badge.public_path + address)
    response = client.head(badge.public_path + address)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers == full.headers


@pytest.mark.parametrize("address", ADDRESSES)
def test_preflight_is_answered_without_asking_the_database(
    client: Client, badge: Badge, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        response = client.options(
            badge.public_path + address,
            headers={"origin": "https://verifier.example", "access-control-request-method": "GET"},
        )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_document_can_only_be_read(badge: Badge, address: str, method: str) -> None:
    client = Client(enforce_csrf_checks=True)
    response = getattr(client, method)(badge.public_path + address)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert list(response.json()) == ["message"]


@pytest.mark.parametrize("address", DOCUMENTS)
def test_document_of_a_hidden_badge_is_not_there(client: Client, badge: Badge, address: str) -> None:
    path = badge.public_path + address
    etag = client.get(path)["ETag"]  # the badge was visible, so there is something that could leak
    hide(badge)
    for headers in ({}, {"if-none-match": etag}, {"if-none-match": "*"}):
        response = client.get(path, headers=headers)
        assert (response.status_code, response["Content-Type"]) == (404, "application/json")
        assert response.json() == {"message": "There is no document here."}
        assert response["Access-Control-Allow-Origin"] == "*"
    absent = client.get(f"/public/badges/00000000-0000-4000-8000-000000000000{address}")
    assert (absent.status_code, absent.content) == (404, response.content)


def test_hidden_badge_has_no_page_for_its_organization_either(
    client: Client, badge: Badge, alice: Any
) -> None:
    hide(badge)
    client.force_login(alice)
    response = client.get(badge.public_path)
    assert response.status_code == 404
    assert b"Lovelace" not in response.content


@pytest.mark.parametrize(
    "address", ["", ".json", "/ob2.json", "/ob2.jws", "/ob3.jwt", "/ob3.png", "/ob3.svg"]
)
def test_address_of_the_earner_is_told_nowhere(client: Client, badge: Badge, address: str) -> None:
    for accept in ("*/*", "application/ld+json"):
        content = client.get(badge.public_path + address, headers={"accept": accept}).content
        assert b"ada@example.org" not in content


def test_hosted_assertion_of_a_revoked_badge_is_gone(client: Client, badge: Badge) -> None:
    assert client.get(f"{badge.public_path}/ob2.json").status_code == 200
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    gone = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": f"{badge.public_url}/ob2.json",
        "revoked": True,
        "revocationReason": "Issued by mistake",
    }
    for path, accept in (
        (f"{badge.public_path}/ob2.json", "*/*"),
        (badge.public_path, "application/ld+json"),
    ):
        response = client.get(path, headers={"accept": accept, "if-none-match": "*"})
        assert (response.status_code, response["Content-Type"]) == (410, "application/ld+json")
        assert response.json() == gone


def test_credential_of_a_revoked_badge_is_still_there(client: Client, badge: Badge) -> None:
    before = client.get(f"{badge.public_path}.json").content
    revoke_badge(badge=badge, reason="Issued by mistake", by=None)
    response = client.get(f"{badge.public_path}.json")
    assert (response.status_code, response.content) == (200, before)


def test_hosted_assertion_says_what_was_awarded(client: Client, template: BadgeTemplate) -> None:
    issued_at = timezone.now().replace(microsecond=0) - timedelta(days=1)
    badge = factories.badge(
        template,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(days=30),
        narrative="Well done",
        evidence=[{"url": "https://example.org/work", "name": "The work"}],
    )
    document = client.get(f"{badge.public_path}/ob2.json").json()
    identity = document.pop("recipient")
    assert sorted(identity) == ["hashed", "identity", "salt", "type"]
    assert document == {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "Assertion",
        "id": f"{badge.public_url}/ob2.json",
        "badge": badge.version.public_url,
        "verification": {"type": "HostedBadge"},
        "issuedOn": issued_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires": (issued_at + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "narrative": "Well done",
        "evidence": [{"type": "Evidence", "id": "https://example.org/work", "name": "The work"}],
    }


@pytest.mark.parametrize("address", ["/ob3.jwt", "/ob2.jws"])
def test_token_is_signed_with_the_published_key_and_stays_the_same(
    client: Client, badge: Badge, address: str
) -> None:
    token = client.get(badge.public_path + address).content.decode()
    assert signing.verify_jws(token, RsaPublicKey.from_public_bytes(RSA_PUBLIC))
    assert client.get(badge.public_path + address).content.decode() == token


def test_token_without_a_key_to_sign_it_says_so(client: Client, acme: Organization, badge: Badge) -> None:
    SigningKey.objects.filter(organization=acme).update(status="revoked")
    response = client.get(f"{badge.public_path}/ob3.jwt")
    assert (response.status_code, response["Content-Type"]) == (503, "application/json")
    assert list(response.json()) == ["message"]
    assert response["Cache-Control"] == "no-store"


def test_pictures_hold_the_badge(client: Client, badge: Badge) -> None:
    def content(address: str) -> bytes:
        return bytes(client.get(badge.public_path + address).content)

    hosted = content("/ob2.json").decode()
    assert baking.unbake_png(content("/ob3.png")).text == stored_credential(badge)
    assert baking.unbake_svg(content("/ob3.svg")).text == stored_credential(badge)
    assert baking.unbake_png(content("/ob2.png")).text == hosted
    assert json.loads(baking.unbake_svg(content("/ob2.svg")).text) == json.loads(hosted)
    assert Image.open(BytesIO(content("/ob3.png"))).size == (600, 600)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (".json", "data-literacy-ob3.json"),
        ("/ob2.json", "data-literacy-ob2.json"),
        ("/ob3.jwt", "data-literacy-ob3.jwt"),
        ("/ob2.png", "data-literacy-ob2.png"),
        ("/ob3.svg", "data-literacy-ob3.svg"),
    ],
)
def test_download_is_named_after_the_badge(client: Client, badge: Badge, address: str, name: str) -> None:
    response = client.get(f"{badge.public_path}{address}?download=1")
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'


def test_download_of_a_title_without_latin_letters_has_a_name(client: Client, acme: Organization) -> None:
    badge = factories.badge(factories.template(acme, title='知識 "\r\n'.strip()))
    response = client.get(f"{badge.public_path}.json?download=1")
    assert response["Content-Disposition"] == 'attachment; filename="badge-ob3.json"'


def test_picture_that_was_lost_is_not_there(client: Client, badge: Badge) -> None:
    name = default_storage.save("templates/lost.png", ContentFile(b""))
    type(badge.version).objects.filter(pk=badge.version_id).update(image=name)
    default_storage.delete(name)
    response = client.get(f"{badge.public_path}/ob3.png")
    assert (response.status_code, response.json()) == (404, {"message": "There is no document here."})


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/public/badges/nothing.json", "*/*"),
        ("/public/nothing", "application/json"),
        ("/public/badges/nothing/ob3.png", "text/html"),
    ],
)
def test_address_of_no_document_answers_json(client: Client, path: str, accept: str) -> None:
    response = client.get(path, headers={"accept": accept})
    assert (response.status_code, response["Content-Type"]) == (404, "application/json")
    assert response.json() == {"message": "There is no document here."}


def test_address_of_no_page_answers_a_page(client: Client, db: None) -> None:
    response = client.get("/public/badges/nothing", headers={"accept": "text/html"})
    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_last_slash_leads_to_the_address_without(client: Client, badge: Badge) -> None:
    response = client.get(f"{badge.public_path}/")
    assert (response.status_code, response["Location"]) == (301, badge.public_path)
    assert client.get("/public/").status_code == 404
