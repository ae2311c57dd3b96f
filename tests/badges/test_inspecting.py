"""Anybody's badge is inspected: every check says what it found, of good badges and of all others, in every form."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from badges.credentials import baking, ob2
from badges.credentials.dids import did_key
from badges.credentials.keys import Ed25519Key
from badges.enums import Visibility
from badges.exceptions import ForeignBadgeRefused, TooManyInspections
from badges.models import Badge, BadgeTemplate, ImportedBadge
from badges.services import documents, foreign_documents, inspecting
from badges.services.imported import import_badge
from badges.services.inspected_issuers import domain_of
from badges.services.inspecting import inspect_badge, shown_picture
from badges.services.inspections import Inspection
from badges.services.revoking import revoke_badge
from badges.views.own_answers import answer_own
from earners.services import create_login_token
from organizations.enums import KeyStatus
from organizations.exceptions import TooManyTries
from organizations.models import Organization, SigningKey
from tests import factories
from tests.conformance.authority import Authority, make_authority
from tests.elsewhere import (
    ASSERTION,
    AWARD,
    HOST,
    PROFILE,
    REVOCATIONS,
    SINCE,
    STATUS,
    Elsewhere,
)
from tests.foreign import Site, foreign_site
from tests.pictures import png

pytestmark = pytest.mark.django_db

STRANGER = Ed25519Key.from_private_bytes(bytes(range(1, 33)))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'
GOOD = ["passed"] * 4


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the hosts of this file."""
    folder: Path = tmp_path_factory.mktemp("authority")
    return make_authority(folder, HOST, "cdn.other.example")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings) -> Iterator[Site]:
    """The web of other issuers. Earners may bring nothing from there; badges are verified all the same."""
    settings.FOREIGN_BADGE_HOSTS = []
    with foreign_site(monkeypatch, authority) as running:
        yield running


@pytest.fixture
def elsewhere(site: Site) -> Elsewhere:
    """An issuer elsewhere."""
    return Elsewhere(site)


def inspected(content: bytes | str | dict[str, Any] = b"", *, url: str = "", email: str = "") -> Inspection:
    """Inspect as an anonymous client without an address."""
    if isinstance(content, dict):
        content = json.dumps(content)
    content = content.encode() if isinstance(content, str) else content
    return inspect_badge(url=url, content=content, email=email, client=None, answer_own=answer_own)


def found(inspection: Inspection) -> list[str]:
    return [check.finding.value for check in inspection.checks]


def words(inspection: Inspection, name: str) -> str:
    return next(check.words for check in inspection.checks if check.name == name)


def test_good_badge_of_another_issuer_passes_in_every_form(elsewhere: Elsewhere) -> None:
    credential = elsewhere.proved()
    contents: dict[str, bytes | str | dict[str, Any]] = {
        "JSON": credential,
        "JWT": elsewhere.jwt(),
        "JWT by EdDSA": elsewhere.eddsa_jwt(),
        "JWS": elsewhere.jws(),
        "PNG": baking.bake_png(png(), json.dumps(credential), 3),
        "SVG": baking.bake_svg(SVG, 3, body=json.dumps(credential)),
        "hosted assertion": elsewhere.documents[ASSERTION],
        "address as text": ASSERTION,
    }
    seen = {form: inspected(content) for form, content in contents.items()}
    seen["address"] = inspected(url=elsewhere.put("/credentials/1", credential))
    page = f'<!doctype html><html><link rel="alternate" type="application/ld+json" href="{ASSERTION}">'
    seen["page that names it"] = inspected(url=elsewhere.put("/page", page.encode()))

    assert {
        form: (one.title, one.issuer_name, one.issuer_domain, found(one)) for form, one in seen.items()
    } == dict.fromkeys(seen, ("First aid", "Red Hospital", HOST, GOOD))
    assert seen["JSON"].outcome.value == "passed"
    assert seen["JSON"].issued_at == SINCE
    assert ImportedBadge.objects.count() == 0


def test_changed_badge_fails_at_its_signature_and_the_rest_is_still_told(elsewhere: Elsewhere) -> None:
    credential = elsewhere.proved()
    credential["credentialSubject"]["achievement"]["name"] = "Brain surgery"
    header, payload, signature = elsewhere.jwt().split(".")
    for content in (credential, f"{header}.{payload}.{signature[:-8]}AAAAAAAA"):
        inspection = inspected(content)
        assert found(inspection) == ["failed", "unknown", "passed", "passed"]
        assert inspection.outcome.value == "failed"
    assert words(inspected(credential), "Signature") == "The proof does not fit the badge."


def test_revoked_badge_fails_in_each_way_of_revoking(elsewhere: Elsewhere) -> None:
    elsewhere.documents[STATUS] = elsewhere.status_list([5])
    elsewhere.documents[REVOCATIONS] = ob2.revocation_list(
        REVOCATIONS, PROFILE, [(AWARD.uuid.urn, "By mistake")]
    )
    elsewhere.publish()
    for content in (elsewhere.proved(), elsewhere.jwt(), elsewhere.jws()):
        inspection = inspected(content)
        assert found(inspection) == ["passed", "passed", "failed", "passed"]
        assert words(inspection, "Not revoked") == "Its issuer has taken it back."
    elsewhere.put("/assertions/1", {"id": ASSERTION, "revoked": True}, 410)
    for gone in (inspected(url=ASSERTION), inspected(elsewhere.documents[ASSERTION])):
        assert (found(gone), gone.outcome.value) == (["failed"], "failed")


def test_expired_badge_says_since_when(elsewhere: Elsewhere) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
    expired = elsewhere.proved(elsewhere.credential(validUntil=yesterday.isoformat().replace("+00:00", "Z")))
    inspection = inspected(expired)
    assert found(inspection) == ["passed", "passed", "passed", "failed"]
    assert words(inspection, "Not expired").startswith("It expired on ")
    future = elsewhere.proved(elsewhere.credential(validFrom="2999-01-01T00:00:00Z"))
    assert words(inspected(future), "Not expired").startswith("It is dated in the future")


def test_issuer_who_is_nobody_is_told_as_not_known(elsewhere: Elsewhere) -> None:
    did = did_key(STRANGER)
    document = elsewhere.credential(credentialStatus=None)
    document["issuer"] = {**document["issuer"], "id": did}
    inspection = inspected(elsewhere.proved(document, STRANGER, did))
    assert found(inspection) == ["passed", "unknown", "passed", "passed"]
    assert inspection.outcome.value == "unknown"
    assert "only the badge's own word" in words(inspection, "Issuer")


def test_key_that_is_not_the_issuers_fails(elsewhere: Elsewhere) -> None:
    inspection = inspected(elsewhere.proved(key=STRANGER))
    assert found(inspection) == ["unknown", "failed", "passed", "passed"]
    assert words(inspection, "Issuer") == (
        "The issuer's DID document does not have the key that signed the badge."
    )


def test_issuer_that_does_not_answer_is_not_known(elsewhere: Elsewhere) -> None:
    credential = elsewhere.proved()
    elsewhere.put("/issuers/1/did.json", b"", 503)
    inspection = inspected(credential)
    assert found(inspection) == ["unknown", "unknown", "unknown", "passed"]
    elsewhere.put("/issuers/1/did.json", b"", 404)  # the domain says that there is no such issuer
    assert found(inspected(credential)) == ["unknown", "failed", "unknown", "passed"]


def test_hosted_badge_at_another_place_than_its_issuers_fails(elsewhere: Elsewhere, site: Site) -> None:
    copied = {**elsewhere.documents[ASSERTION], "id": "https://cdn.other.example/copy"}
    site.replies["/copy"] = (200, {}, json.dumps(copied).encode())
    inspection = inspected(url="https://cdn.other.example/copy")
    assert found(inspection) == ["failed", "unknown", "passed", "passed"]
    assert words(inspection, "Published") == "The issuer does not publish its badges where this one is."


def test_recipient_is_compared_with_the_hash_in_the_badge(elsewhere: Elsewhere) -> None:
    for content in (elsewhere.proved(), elsewhere.jws(), elsewhere.documents[ASSERTION]):
        assert found(inspected(content, email="Ada@Example.org")) == [*GOOD, "passed"]
        other = inspected(content, email="eve@example.org")
        assert found(other) == [*GOOD, "failed"]
        assert words(other, "Recipient") == "It was issued to another address than eve@example.org."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "This is no badge"),
        (b'{"a": 1}', "This is not an Open Badge of version 2.0 or 3.0."),
        (b'{"credentialSubject": {}}', "This is signed, but it is not an Open Badge."),
        (b"a.b.c", "This is no signed badge that can be read."),
        (png(), "badge"),
        (b'{"type": "Assertion"}', "does not say where it is published"),
        (b"{", "JSON"),
        (b"\xff\xfe\x00", "This is no badge"),
    ],
)
def test_what_is_no_badge_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    with pytest.raises(ForeignBadgeRefused, match=reason):
        inspected(content)


def test_private_addresses_are_never_asked(site: Site) -> None:
    site.names["intranet.example"] = ["10.0.0.7"]
    for url in (
        "http://intranet.example/x",
        "http://127.0.0.1:9/x",
        "http://169.254.169.254/latest",
        "ftp://a.example/",
    ):
        with pytest.raises(ForeignBadgeRefused):
            inspected(url=url)
    assert site.asked == []


def test_page_that_leads_to_a_private_address_leads_nowhere(elsewhere: Elsewhere, site: Site) -> None:
    page = '<html><link rel="alternate" type="application/ld+json" href="http://10.0.0.7/secret">'
    with pytest.raises(ForeignBadgeRefused, match="not on the public internet"):
        inspected(url=elsewhere.put("/page", page.encode()))


def test_own_badge_passes_in_every_form_without_a_network(
    badge: Badge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.create_connection", None)
    contents: dict[str, bytes | str] = {
        "JSON": documents.credential(badge),
        "JWT": documents.credential_jwt(badge),
        "JWS": documents.signed_assertion(badge),
        "PNG": documents.baked_png(badge, version=3),
        "PNG 2.0": documents.baked_png(badge, version=2),
        "SVG": documents.baked_svg(badge, version=3),
        "page": badge.public_url,
        "page with a mark": f"{badge.public_url}?utm=1#top",
        "hosted": f"{badge.public_url}/ob2.json",
    }
    for form, content in contents.items():
        inspection = inspected(content, email=badge.recipient_email)
        assert (form, inspection.title, found(inspection)) == (form, "Data literacy", [*GOOD, "passed"])
        assert words(inspection, "Issuer") == "It is from Acme Academy, which issues from this server."
    assert inspected(documents.credential(badge)).own_path == badge.public_path


def test_own_badge_is_known_without_its_scheme(badge: Badge) -> None:
    assert found(inspected(url=badge.public_url.replace("http://", "https://"))) == GOOD


def test_badge_of_another_with_the_id_of_ours_is_not_led_to_our_page(
    elsewhere: Elsewhere, badge: Badge
) -> None:
    forged = elsewhere.proved(elsewhere.credential(id=badge.uuid.urn))
    inspection = inspected(forged)
    assert (found(inspection), inspection.issuer_domain, inspection.own_path) == (GOOD, HOST, "")
    tampered = documents.credential(badge).replace("Data literacy", "Data mastery")
    assert inspected(tampered).own_path == badge.public_path


def test_domain_is_shown_as_the_dns_has_it() -> None:
    assert domain_of("did:web:b\u0430dges.example") == "xn--bdges-4ve.example"  # with a Cyrillic letter
    assert [domain_of("https://a.example/1"), domain_of("did:key:z6Mk")] == ["a.example", ""]


def test_own_badge_under_https_passes(secure: Settings, template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    for content in (
        documents.credential(badge),
        documents.credential_jwt(badge),
        documents.signed_assertion(badge),
    ):
        assert found(inspected(content)) == GOOD


def test_own_revoked_badge_fails(badge: Badge) -> None:
    credential, token = documents.credential(badge), documents.signed_assertion(badge)
    revoke_badge(badge=badge, reason="By mistake", by=None)
    assert found(inspected(credential)) == found(inspected(token)) == ["passed", "passed", "failed", "passed"]
    assert inspected(url=f"{badge.public_url}/ob2.json").outcome.value == "failed"


def test_own_key_that_was_withdrawn_is_not_trusted(badge: Badge) -> None:
    credential = documents.credential(badge)
    SigningKey.objects.update(status=KeyStatus.REVOKED, revoked_at=timezone.now())
    assert found(inspected(credential))[:2] == ["unknown", "failed"]


def test_hidden_badge_is_told_by_no_address_and_its_file_names_no_page(template: BadgeTemplate) -> None:
    badge = factories.badge(template)
    credential = documents.credential(badge)
    Badge.objects.update(visibility=Visibility.HIDDEN)
    with pytest.raises(ForeignBadgeRefused):
        inspected(url=badge.public_url)
    inspection = inspected(credential)
    assert (found(inspection), inspection.own_path) == (GOOD, "")


def test_foreign_pictures_are_made_anew(elsewhere: Elsewhere) -> None:
    script = SVG.replace(b"<rect", b"<script>alert(1)</script><rect")
    drawn = shown_picture(inspected(baking.bake_svg(script, 3, body=json.dumps(elsewhere.proved()))))
    assert drawn == "" or drawn.startswith("data:image/png;base64,")
    fetched = inspected(elsewhere.proved())
    assert shown_picture(fetched).startswith("data:image/png;base64,")
    assert shown_picture(replace(fetched, picture=b"<html>")) == ""
    assert shown_picture(replace(fetched, picture=None)) == ""


def test_client_that_asks_too_often_is_refused(badge: Badge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "TRIES", 2)
    credential = documents.credential(badge).encode()

    def ask(client: str) -> list[str]:
        return found(inspect_badge(content=credential, client=client, answer_own=answer_own))

    assert [ask("203.0.113.9") for _ in (1, 2)] == [GOOD, GOOD]
    with pytest.raises(TooManyTries):
        ask("203.0.113.9")
    assert ask("203.0.113.10") == GOOD


@pytest.mark.parametrize("is_brought", [False, True])
def test_slow_hosts_leave_room_for_others(
    badge: Badge, monkeypatch: pytest.MonkeyPatch, settings: Settings, is_brought: bool
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]
    account = create_login_token(email="ada@example.org")[0].account
    taken = 0
    while foreign_documents._places.acquire(blocking=False):
        taken += 1
    monkeypatch.setattr(foreign_documents, "PATIENCE", 0.01)
    bring = partial(import_badge, account=account)
    verify = partial(inspect_badge, client=None, answer_own=answer_own)
    ask: Callable[..., object] = bring if is_brought else verify
    try:
        with pytest.raises(TooManyInspections):
            ask(url="https://slow.example/badge")
        # What needs nobody else does not wait for them.
        assert found(inspected(documents.credential(badge))) == GOOD
    finally:
        for _ in range(taken):
            foreign_documents._places.release()
    assert taken


def test_organizations_with_the_same_key_are_told_apart(globex: Organization, acme: Organization) -> None:
    badge = factories.badge(factories.template(globex))
    assert words(inspected(documents.credential(badge)), "Issuer").startswith("It is from Globex College")
