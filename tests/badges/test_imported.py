"""Badges of other issuers: taken in every form when they are good, refused with the reason when anything is not."""

import hashlib
import json
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from pytest_django import Settings

from badges.credentials import baking, dids
from badges.credentials.keys import Ed25519Key
from badges.enums import ImportedKind
from badges.exceptions import AccountWithoutAddress, ForeignBadgeRefused
from badges.models import ImportedBadge
from badges.services import documents, foreign_documents
from badges.services.earned import picture_url
from badges.services.imported import import_badge, remove_imported
from earners.models import AccountEmail, EarnerAccount
from organizations.models import Organization
from organizations.pictures import rendition_names
from tests import factories
from tests.accounts import account_of
from tests.conformance.authority import Authority, make_authority
from tests.elsewhere import (
    ASSERTION,
    BASE,
    CLASS,
    CREDENTIAL,
    DID,
    ED25519,
    HOST,
    KEY,
    PROFILE,
    REVOCATIONS,
    SINCE,
    STATUS,
    Elsewhere,
)
from tests.foreign import PUBLIC, Site, foreign_site
from tests.pictures import png
from tests.racing import kinds, race

STRANGER = Ed25519Key.from_private_bytes(bytes(range(1, 33)))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10"/></svg>'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who vouches for the hosts of this file."""
    folder: Path = tmp_path_factory.mktemp("authority")
    return make_authority(folder, HOST, "evil.example", "cdn.other.example")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, authority: Authority, settings: Settings) -> Iterator[Site]:
    """The web of other issuers; badges are taken from hosts below other.example alone."""
    settings.FOREIGN_BADGE_HOSTS = ["*.other.example"]
    with foreign_site(monkeypatch, authority) as running:
        yield running


@pytest.fixture
def elsewhere(site: Site) -> Elsewhere:
    """An issuer elsewhere."""
    return Elsewhere(site)


@pytest.fixture
def ada(db: None) -> EarnerAccount:
    """The account of ada@example.org."""
    return account_of("ada@example.org")


def refused(account: EarnerAccount, *, url: str = "", content: bytes = b"") -> tuple[str, str]:
    """Return code and sentence of a refusal; nothing is kept."""
    with pytest.raises(ForeignBadgeRefused) as refusal:
        import_badge(account=account, url=url, content=content)
    assert ImportedBadge.objects.count() == 0
    return refusal.value.code, refusal.value.message


def test_hosted_badge_is_kept_with_its_issuers_words(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    row = import_badge(account=ada, url=ASSERTION)

    assert (row.kind, row.name, row.description, row.tags) == (
        ImportedKind.OB2_HOSTED,
        "First aid",
        "Knows what to do.",
        ["health", "safety"],
    )
    assert row.issuer == {
        "id": PROFILE,
        "name": "Red Hospital",
        "description": "Heals.",
        "email": "badges@other.example",
        "url": "https://hospital.other.example/",
    }
    assert (row.recipient_email, row.issued_at, row.expires_at, row.source_url) == (
        "ada@example.org",
        SINCE,
        None,
        ASSERTION,
    )
    assert json.loads(row.document) == elsewhere.documents[ASSERTION]
    assert default_storage.exists(rendition_names(row.image).regular)
    assert "badges.other.example" not in str(picture_url(row))
    assert set(elsewhere.site.connected) == {(PUBLIC, 443)}


@pytest.mark.parametrize(
    ("form", "kind"),
    [
        ("jws", ImportedKind.OB2_SIGNED),
        ("proved", ImportedKind.OB3_PROOF),
        ("jwt", ImportedKind.OB3_JWT),
        ("eddsa_jwt", ImportedKind.OB3_JWT),
    ],
)
def test_signed_badge_is_taken_from_an_address_and_from_a_file(
    ada: EarnerAccount, elsewhere: Elsewhere, form: str, kind: str
) -> None:
    made = getattr(elsewhere, form)()
    text = made if isinstance(made, str) else json.dumps(made)

    row = import_badge(account=ada, url=elsewhere.put("/somewhere", text))

    assert (row.kind, row.name, row.issuer["name"], row.recipient_email) == (
        kind,
        "First aid",
        "Red Hospital",
        "ada@example.org",
    )
    assert (row.document, row.tags, row.issued_at) == (text, ["health", "safety"], SINCE)
    assert import_badge(account=ada, content=text.encode()).pk == row.pk


def test_badge_is_read_out_of_pictures(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    proved, jws = json.dumps(elsewhere.proved()), elsewhere.jws()
    files = [
        baking.bake_png(png(20, 20), proved, 3),
        baking.bake_png(png(20, 20), jws, 2),
        baking.bake_png(png(20, 20), ASSERTION, 2),
        baking.bake_svg(SVG, 3, body=proved),
        baking.bake_svg(SVG, 2, verify=jws),
        baking.bake_svg(SVG, 2, verify=ASSERTION),
    ]

    rows = [import_badge(account=ada, content=file) for file in files]

    assert [row.kind for row in rows] == ["ob3_proof", "ob2_signed", "ob2_hosted"] * 2
    assert ImportedBadge.objects.count() == 3
    url = elsewhere.put("/baked.png", files[0])
    assert import_badge(account=ada, url=url).pk == rows[0].pk


def test_badge_with_a_key_as_issuer_needs_nobody(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    did = dids.did_key(ED25519)
    document = elsewhere.credential(credentialStatus=None)
    document["issuer"] = document["issuer"] | {"id": did}
    elsewhere.site.replies.clear()

    row = import_badge(account=ada, content=json.dumps(elsewhere.proved(document, did=did)).encode())

    assert (row.issuer["id"], row.image) == (did, "")


def test_badge_brought_again_is_kept_once_and_brought_up_to_date(
    ada: EarnerAccount, elsewhere: Elsewhere
) -> None:
    first = import_badge(account=ada, url=ASSERTION)
    elsewhere.documents[CLASS]["name"] = "First aid, renewed"
    elsewhere.publish()

    again = import_badge(account=ada, url=ASSERTION)

    assert (again.pk, again.name, again.image) == (first.pk, "First aid, renewed", first.image)


def test_same_badge_of_two_people_is_two(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    AccountEmail.objects.all().delete()
    row = import_badge(account=account_of("ada@example.org"), url=ASSERTION)

    with pytest.raises(AccountWithoutAddress):
        import_badge(account=ada, url=ASSERTION)

    assert [badge.pk for badge in ImportedBadge.objects.all()] == [row.pk]


def test_imported_badge_is_removed_with_its_picture(
    ada: EarnerAccount, elsewhere: Elsewhere, django_capture_on_commit_callbacks: Any
) -> None:
    row = import_badge(account=ada, url=ASSERTION)
    name = rendition_names(row.image).regular

    with django_capture_on_commit_callbacks(execute=True):
        remove_imported(badge=row)

    assert ImportedBadge.objects.count() == 0
    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (None, "recipient_missing"),
        ("ada@example.org", "recipient_missing"),
        ({"type": "url", "identity": "https://ada.example"}, "recipient_type_unknown"),
        ({"type": "email"}, "recipient_identity_missing"),
        ({"type": "email", "hashed": True, "identity": ""}, "recipient_identity_missing"),
        ({"type": "email", "hashed": True, "identity": "c0ffee"}, "recipient_hash_missing"),
        ({"type": "email", "hashed": True, "identity": "sha1$c0ffee"}, "recipient_hash_unknown"),
        ({"type": "email", "hashed": True, "identity": "sha256$c0ffee"}, "recipient_is_another"),
        ({"type": "email", "hashed": False, "identity": "charles@example.org"}, "recipient_is_another"),
    ],
)
def test_badge_of_nobody_or_somebody_else_is_refused(
    ada: EarnerAccount, elsewhere: Elsewhere, recipient: Any, code: str
) -> None:
    elsewhere.documents[ASSERTION]["recipient"] = recipient
    elsewhere.publish()

    assert refused(ada, url=ASSERTION)[0] == code


@pytest.mark.parametrize(
    "recipient",
    [
        {"type": "email", "hashed": False, "identity": "ADA@example.org"},
        {"type": "email", "hashed": False, "identity": "mailto:ada@example.org"},
        {
            "type": "email",
            "hashed": True,
            "salt": "x",
            "identity": "md5$" + hashlib.md5(b"Ada@Example.orgx").hexdigest(),  # noqa: S324 - the standard's
        },
        {
            "type": "email",
            "hashed": True,
            "identity": "sha256$" + hashlib.sha256(b"ada@example.org").hexdigest().upper(),
        },
    ],
)
def test_recipient_is_found_however_it_is_written(elsewhere: Elsewhere, db: None, recipient: Any) -> None:
    elsewhere.documents[ASSERTION]["recipient"] = recipient
    elsewhere.publish()

    row = import_badge(account=account_of("grace@example.org", "Ada@Example.org"), url=ASSERTION)

    assert row.recipient_email == "Ada@Example.org"


@pytest.mark.parametrize(
    ("identifier", "code"),
    [
        (None, "recipient_missing"),
        (
            {"type": "IdentityObject", "identityType": "sourcedId", "identityHash": "7", "hashed": False},
            "recipient_type_unknown",
        ),
        (
            {"type": "IdentityObject", "identityType": "emailAddress", "identityHash": "", "hashed": True},
            "recipient_identity_missing",
        ),
        (
            {
                "type": "IdentityObject",
                "identityType": "emailAddress",
                "identityHash": "sha256$0",
                "hashed": True,
            },
            "recipient_is_another",
        ),
    ],
)
def test_credential_of_nobody_or_somebody_else_is_refused(
    ada: EarnerAccount, elsewhere: Elsewhere, identifier: Any, code: str
) -> None:
    document = elsewhere.credential()
    document["credentialSubject"].pop("identifier")
    if identifier is not None:
        document["credentialSubject"]["identifier"] = [identifier]

    assert refused(ada, content=elsewhere.jwt(document).encode())[0] == code


def test_hosted_badge_counts_only_where_it_is_published(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    forged = elsewhere.documents[ASSERTION] | {"issuedOn": "2001-01-01T00:00:00Z"}

    row = import_badge(account=ada, content=json.dumps(forged).encode())

    assert row.issued_at == SINCE, "what was sent is not looked at, what is published counts"


@pytest.mark.parametrize(
    ("place", "change", "code", "words"),
    [
        (ASSERTION, {"revoked": True}, "foreign_assertion", "revoked"),
        (ASSERTION, {"expires": "2020-01-01T00:00:00Z"}, "foreign_assertion", "expired"),
        (ASSERTION, {"issuedOn": "2999-01-01T00:00:00Z"}, "foreign_assertion", "future"),
        (ASSERTION, {"issuedOn": "yesterday"}, "foreign_assertion", "no time"),
        (ASSERTION, {"issuedOn": None}, "foreign_assertion", "when it was issued"),
        (ASSERTION, {"type": "Thing"}, "foreign_assertion", "not an Open Badge"),
        (ASSERTION, {"verification": {"type": "SignedBadge"}}, "foreign_assertion", "hosted"),
        (ASSERTION, {"id": f"{BASE}/assertions/2"}, "foreign_assertion", "404"),
        (
            ASSERTION,
            {"@context": ["https://w3id.org/openbadges/v2", "https://evil.example/c"]},
            "foreign_assertion",
            "context",
        ),
        (ASSERTION, {"@context": {"name": "https://schema.org/x"}}, "foreign_assertion", "context"),
        (ASSERTION, {"badge": None}, "foreign_badge_class", "no address"),
        (ASSERTION, {"badge": f"{BASE}/none"}, "foreign_badge_class", "404"),
        (
            ASSERTION,
            {"badge": "https://evil.example/class"},
            "foreign_badge_class",
            "not one that this server asks",
        ),
        (CLASS, {"id": f"{BASE}/classes/2"}, "foreign_badge_class", "another address"),
        (CLASS, {"name": ""}, "foreign_badge_class", "what was achieved"),
        (CLASS, {"issuer": None}, "foreign_issuer", "issuer"),
        (CLASS, {"issuer": f"{BASE}/none"}, "foreign_issuer", "404"),
        (CLASS, {"issuer": "https://cdn.other.example/issuers/1"}, "foreign_issuer", "another address"),
        (PROFILE, {"name": None}, "foreign_issuer", "Profile"),
        (
            PROFILE,
            {"verification": {"allowedOrigins": ["elsewhere.example"]}},
            "foreign_issuer",
            "does not publish",
        ),
        (PROFILE, {"verification": {"startsWith": f"{BASE}/other/"}}, "foreign_issuer", "does not publish"),
    ],
)
def test_hosted_badge_that_is_not_sound_is_refused(
    ada: EarnerAccount, elsewhere: Elsewhere, place: str, change: dict[str, Any], code: str, words: str
) -> None:
    elsewhere.documents[place] |= change
    elsewhere.publish()

    found = refused(ada, url=ASSERTION)

    assert found[0] == code
    assert words in found[1]


@pytest.mark.parametrize(
    "policy",
    [
        {"allowedOrigins": HOST},
        {"startsWith": [f"{BASE}/assertions/"]},
        {"allowedOrigins": ["x.example", HOST]},
    ],
)
def test_issuer_says_where_its_badges_are(
    ada: EarnerAccount, elsewhere: Elsewhere, policy: dict[str, Any]
) -> None:
    elsewhere.documents[PROFILE]["verification"] = policy
    elsewhere.publish()

    assert import_badge(account=ada, url=ASSERTION).name == "First aid"


def test_badge_of_another_hosts_issuer_is_a_forgery(
    ada: EarnerAccount, elsewhere: Elsewhere, settings: Settings
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]
    forged = elsewhere.documents[ASSERTION] | {"id": "https://evil.example/forged"}
    elsewhere.put("/forged", forged)

    code, words = refused(ada, url="https://evil.example/forged")

    assert (code, words) == ("foreign_issuer", "The issuer does not publish its badges where this one is.")


def test_embedded_profile_that_poses_as_anothers_is_not_believed(
    ada: EarnerAccount, elsewhere: Elsewhere, settings: Settings
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]
    posing = elsewhere.documents[PROFILE] | {
        "name": "Mine",
        "verification": {"allowedOrigins": "evil.example"},
    }
    badge_class = elsewhere.documents[CLASS] | {"issuer": posing}
    badge_class.pop("id")
    forged = elsewhere.documents[ASSERTION] | {"id": "https://evil.example/forged", "badge": badge_class}
    elsewhere.put("/forged", forged)

    assert refused(ada, url="https://evil.example/forged")[0] == "foreign_issuer"


def test_redirect_that_is_open_to_all_lends_nobody_a_host(
    ada: EarnerAccount, elsewhere: Elsewhere, settings: Settings
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]
    address = f"{BASE}/leave"
    elsewhere.site.replies["/leave"] = (302, {"Location": "https://evil.example/forged"}, b"")
    elsewhere.put("/forged", elsewhere.documents[ASSERTION] | {"id": address})

    code, words = refused(ada, url=address)

    assert (code, words) == ("foreign_assertion", f"{address} leads to another host.")


def test_revoked_hosted_badge_is_gone(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    elsewhere.put("/assertions/1", {"revoked": True}, status=410)

    code, words = refused(ada, url=ASSERTION)

    assert code == "foreign_assertion"
    assert "revoked" in words


def test_signed_badge_is_refused_when_revoked_or_of_another_key(
    ada: EarnerAccount, elsewhere: Elsewhere
) -> None:
    token = elsewhere.jws()
    header, payload, signature = token.split(".")
    tampered = elsewhere.jws(narrative="more")
    for bad in (
        f"{header}.{tampered.split('.')[1]}.{signature}",
        f"{header}.{payload}.{signature[:-6]}AAAAAA",
        elsewhere.jws(verification={"type": "HostedBadge"}),
        elsewhere.jws(id=None),
    ):
        assert refused(ada, content=bad.encode())[0] == "foreign_assertion"
    assert (
        refused(
            ada,
            content=elsewhere.jws(verification={"type": "SignedBadge", "creator": f"{BASE}/keys/2"}).encode(),
        )[0]
        == "foreign_issuer"
    )

    elsewhere.documents[KEY]["owner"] = f"{BASE}/issuers/2"
    elsewhere.publish()
    assert refused(ada, content=token.encode())[0] == "foreign_issuer"

    elsewhere.documents[KEY]["owner"] = PROFILE
    elsewhere.documents[REVOCATIONS]["revokedAssertions"] = [
        {"id": "urn:uuid:7b0b3f0e-5d0c-4c55-9c4e-0f2f8d1f3a11"}
    ]
    elsewhere.publish()
    assert refused(ada, content=token.encode()) == ("foreign_assertion", "The badge was revoked.")


def test_proof_is_refused_when_anything_of_it_is_not_so(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    good = elsewhere.proved()
    cases: list[tuple[dict[str, Any], str]] = [
        (good | {"name": "Surgery"}, "foreign_assertion"),
        (good | {"issuer": "did:web:evil.example"}, "foreign_issuer"),
        ({name: value for name, value in good.items() if name != "proof"}, "foreign_assertion"),
        (good | {"proof": good["proof"] | {"proofPurpose": "authentication"}}, "foreign_assertion"),
        (good | {"unknownTerm": "x"}, "foreign_assertion"),
        (good | {"@context": [*good["@context"], "https://evil.example/context"]}, "foreign_assertion"),
        (elsewhere.proved(key=STRANGER), "foreign_issuer"),
        (elsewhere.proved(elsewhere.credential(validUntil="2020-01-01T00:00:00Z")), "foreign_assertion"),
        (elsewhere.proved(elsewhere.credential(validFrom="2999-01-01T00:00:00Z")), "foreign_assertion"),
        (elsewhere.proved(elsewhere.credential(type=["VerifiableCredential"])), "foreign_assertion"),
    ]

    for document, code in cases:
        assert refused(ada, content=json.dumps(document).encode())[0] == code, document


def test_proof_of_a_key_that_only_says_to_be_the_issuers_is_refused(
    ada: EarnerAccount, elsewhere: Elsewhere
) -> None:
    did = dids.did_key(STRANGER)
    document = elsewhere.proved(key=STRANGER, did=did)

    assert refused(ada, content=json.dumps(document).encode())[0] == "foreign_issuer"


def test_key_that_makes_no_assertions_signs_no_badges(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    elsewhere.documents[f"{BASE}/issuers/1/did.json"]["assertionMethod"] = []
    elsewhere.publish()

    assert refused(ada, content=json.dumps(elsewhere.proved()).encode())[0] == "foreign_issuer"
    assert refused(ada, content=elsewhere.jwt().encode())[0] == "foreign_issuer"


def test_did_document_of_another_is_refused(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    elsewhere.documents[f"{BASE}/issuers/1/did.json"]["id"] = "did:web:evil.example"
    elsewhere.publish()

    assert refused(ada, content=json.dumps(elsewhere.proved()).encode())[0] == "foreign_issuer"


@pytest.mark.parametrize(
    ("status_list", "code"),
    [
        (lambda issuer: issuer.status_list([5]), "foreign_assertion"),
        (lambda issuer: issuer.status_list([], key=STRANGER), "foreign_issuer"),
        (lambda issuer: issuer.status_list([], key=STRANGER, did=dids.did_key(STRANGER)), "foreign_issuer"),
        (
            lambda issuer: issuer.status_list([5]) | {"credentialSubject": {"encodedList": "u"}},
            "foreign_assertion",
        ),
        (lambda _issuer: {"nothing": 1}, "foreign_issuer"),
    ],
)
def test_status_list_decides(ada: EarnerAccount, elsewhere: Elsewhere, status_list: Any, code: str) -> None:
    elsewhere.documents[STATUS] = status_list(elsewhere)
    elsewhere.publish()

    assert refused(ada, content=json.dumps(elsewhere.proved()).encode())[0] == code
    assert refused(ada, content=elsewhere.jwt().encode())[0] == code


def test_status_of_an_unknown_kind_is_refused_and_a_revocation_list_read(
    ada: EarnerAccount, elsewhere: Elsewhere
) -> None:
    unknown = elsewhere.credential(credentialStatus={"id": f"{BASE}/s", "type": "MagicStatus"})
    listed = elsewhere.credential(credentialStatus={"id": f"{BASE}/revoked", "type": "1EdTechRevocationList"})
    elsewhere.put("/revoked", {"revokedCredential": [{"id": CREDENTIAL, "revoked": True}]})

    assert "MagicStatus" in refused(ada, content=elsewhere.jwt(unknown).encode())[1]
    assert refused(ada, content=elsewhere.jwt(listed).encode()) == (
        "foreign_assertion",
        "The badge was revoked.",
    )
    elsewhere.put("/revoked", {"revokedCredential": [{"id": f"{BASE}/another"}]})
    assert import_badge(account=ada, content=elsewhere.jwt(listed).encode()).name == "First aid"


@pytest.mark.parametrize("odd", [[], {}], ids=["list", "object"])
def test_members_of_other_types_are_refused_in_words(
    ada: EarnerAccount, elsewhere: Elsewhere, odd: Any
) -> None:
    status = elsewhere.credential()["credentialStatus"] | {"statusPurpose": odd}
    subject = elsewhere.credential()["credentialSubject"] | {"identifier": [{"identityType": odd}]}
    proved = elsewhere.proved()
    recipient = {"type": "email", "hashed": odd, "identity": "x"}
    cases = [
        (elsewhere.jws(recipient=recipient), "recipient_is_another"),
        (elsewhere.jwt(elsewhere.credential(credentialSubject=subject)), "recipient_type_unknown"),
        (elsewhere.jwt(elsewhere.credential(credentialStatus=status)), "foreign_assertion"),
        (json.dumps(proved | {"proof": proved["proof"] | {"cryptosuite": odd}}), "foreign_assertion"),
        (elsewhere.eddsa_jwt(iss=odd), "foreign_assertion"),
    ]

    for text, code in cases:
        assert refused(ada, content=text.encode())[0] == code, text
    elsewhere.documents[REVOCATIONS]["revokedAssertions"] = [{"id": odd}, odd]
    elsewhere.publish()
    assert import_badge(account=ada, content=elsewhere.jws(revoked=odd).encode()).name == "First aid"


def test_status_list_may_have_several_purposes(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    published = {name: value for name, value in elsewhere.status_list([5]).items() if name != "proof"}
    published["credentialSubject"]["statusPurpose"] = ["revocation", "suspension"]
    elsewhere.put("/status/1", elsewhere.proved(published))

    assert refused(ada, content=elsewhere.jwt().encode()) == ("foreign_assertion", "The badge was revoked.")


def test_jwt_is_refused_when_anything_of_it_is_not_so(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    token = elsewhere.jwt()
    other = elsewhere.jwt(elsewhere.credential(name="Surgery"))
    header, _payload, signature = token.split(".")
    cases = [
        (f"{header}.{other.split('.')[1]}.{signature}", "foreign_assertion"),
        (elsewhere.jwt(kid=f"{DID}#none"), "foreign_issuer"),
        (elsewhere.jwt(kid="https://evil.example/key.jwk"), "foreign_issuer"),
        (elsewhere.jwt(kid=dids.did_key(STRANGER)), "foreign_issuer"),
        (elsewhere.jwt(elsewhere.credential(validUntil="2020-01-01T00:00:00Z")), "foreign_assertion"),
        ("e30.e30.", "foreign_assertion"),
        ("eyJhbGciOiJub25lIn0.e30.AAAA", "foreign_issuer"),
    ]

    for text, code in cases:
        assert refused(ada, content=text.encode())[0] == code, text


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"   ", b"null", b"[]", b"{}", b"[1,2]", b"{", b'{"a":1,"a":2}', b'{"type":"Assertion"}'),
        *(b"<html><body>Hi</body></html>", b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"a.b.c", b"{" * 100_000),
        *(
            b'{"credentialSubject":1}',
            b'{"credentialSubject":{},"@context":1}',
            b"<svg></svg>",
            png(9, 9),
            SVG,
        ),
        b'{"credentialSubject":{"achievement":[]},"@context":["https://www.w3.org/ns/credentials/v2"]}',
        b"ftp://badges.other.example/x",
        b"x" * (7 * 1024 * 1024),
    ],
)
def test_what_is_no_badge_is_refused(ada: EarnerAccount, elsewhere: Elsewhere, content: bytes) -> None:
    assert refused(ada, content=content)[0].startswith(("foreign_", "recipient_"))
    if len(content) < 1024 * 1024:
        assert refused(ada, url=elsewhere.put("/odd", content))[0].startswith(("foreign_", "recipient_"))


# What an address may do to a server that asks it.


def test_badge_of_this_server_is_not_brought_but_found(
    ada: EarnerAccount, acme: Organization, settings: Settings
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]
    badge = factories.badge(factories.template(acme))
    words = "This badge is from this server: it is in the account of the address that it was issued to."

    assert refused(ada, url=badge.public_url)[1] == words
    for read in (documents.credential, documents.credential_jwt, documents.signed_assertion):
        assert refused(ada, content=read(badge).encode())[1] == words


def test_foreign_badges_are_closed_unless_hosts_are_named(
    ada: EarnerAccount, elsewhere: Elsewhere, settings: Settings
) -> None:
    for hosts in ([], ["other.example"], ["*.example.org"], ["badges.other.example.org"]):
        settings.FOREIGN_BADGE_HOSTS = hosts
        assert refused(ada, url=ASSERTION)[0] == "foreign_assertion"
    assert elsewhere.site.connected == []

    settings.FOREIGN_BADGE_HOSTS = [HOST]
    assert import_badge(account=ada, url=ASSERTION).name == "First aid"


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.0.0.1/",
            "http://localhost/",
            "http://10.0.0.1/",
            "http://192.168.0.1/",
            "http://[::1]/",
        ),
        *(
            "http://169.254.169.254/latest/meta-data/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://0.0.0.0/",
        ),
        *("http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/", "http://[::]/"),
        *("http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[64:ff9b::7f00:1]/"),
        *("http://100.64.0.1/", "http://224.0.0.1/", "http://metadata.internal.example:8080/"),
    ],
)
def test_private_addresses_are_never_asked(
    ada: EarnerAccount, site: Site, settings: Settings, url: str
) -> None:
    settings.FOREIGN_BADGE_HOSTS = ["*"]

    assert refused(ada, url=url)[0] == "foreign_assertion"
    assert site.connected == []


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_name_that_leads_to_a_private_address_is_not_asked(
    ada: EarnerAccount, elsewhere: Elsewhere, addresses: list[str]
) -> None:
    elsewhere.site.names[HOST] = addresses

    assert "not on the public internet" in refused(ada, url=ASSERTION)[1]
    assert elsewhere.site.connected == []


def test_name_that_changes_its_answer_gains_nothing(
    ada: EarnerAccount, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, asked = socket.getaddrinfo, []

    def changing(host: Any, *args: Any, **options: Any) -> Any:
        if host == HOST:
            asked.append(host)
            elsewhere.site.names[HOST] = [PUBLIC] if len(asked) % 2 else ["127.0.0.1"]
        return known(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", changing)

    assert "not on the public internet" in refused(ada, url=ASSERTION)[1]
    assert set(elsewhere.site.connected) == {(PUBLIC, 443)}, (
        "the address that was checked is the one that is asked"
    )


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/",
        "https://evil.example/badge",
        "http://badges.other.example/x",
        "file:///etc/passwd",
    ],
)
def test_redirect_off_the_list_or_to_plain_http_is_not_followed(
    ada: EarnerAccount, elsewhere: Elsewhere, target: str
) -> None:
    elsewhere.site.replies["/go"] = (302, {"Location": target}, b"")

    assert refused(ada, url=f"{BASE}/go")[0] == "foreign_assertion"
    assert elsewhere.site.asked == [(HOST, "/go")]


def test_endless_answer_ends(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    def pour(page: Any) -> None:
        page.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(10_000):
                page.wfile.write(b" " * 65536)
        except OSError:
            pass

    elsewhere.site.replies["/assertions/1"] = pour

    assert "larger than 1 MiB" in refused(ada, url=ASSERTION)[1]


@pytest.mark.parametrize("place", ["/assertions/1", "/classes/1"])
def test_slow_answer_is_not_waited_for(
    ada: EarnerAccount, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def drip(page: Any) -> None:
        page.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            for _ in range(100):
                page.wfile.write(b" ")
                page.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    elsewhere.site.replies[place] = drip
    monkeypatch.setattr(foreign_documents, "SECONDS", 0.4)

    assert "did not answer within" in refused(ada, url=ASSERTION)[1]


def test_badge_of_too_many_parts_is_given_up(
    ada: EarnerAccount, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foreign_documents, "MAX_DOCUMENTS", 2)

    assert "too long" in refused(ada, url=ASSERTION)[1]


def test_certificate_of_another_is_not_trusted(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    url = f"https://unnamed.other.example{ASSERTION.removeprefix(BASE)}"

    assert "certificate is not trusted" in refused(ada, url=url)[1]
    assert ssl.create_default_context().check_hostname


@pytest.mark.parametrize(
    "picture", [b"", b"no picture", b"<svg onload='alert(1)'/>", b"\x89PNG\r\n\x1a\n" + b"0" * 99]
)
def test_badge_is_good_without_a_picture_that_is_none(
    ada: EarnerAccount, elsewhere: Elsewhere, picture: bytes
) -> None:
    elsewhere.site.replies["/badge.png"] = (200, {"Content-Type": "image/png"}, picture)

    row = import_badge(account=ada, url=ASSERTION)

    assert row.name == "First aid"
    stored = default_storage.open(rendition_names(row.image).svg).read() if row.image else b""
    assert b"onload" not in stored


@pytest.mark.django_db(transaction=True)
def test_badge_brought_twice_at_once_is_kept_once(elsewhere: Elsewhere) -> None:
    account = account_of("ada@example.org")
    content = json.dumps(elsewhere.proved()).encode()

    answers = race(lambda _: import_badge(account=account, content=content).pk, times=6)

    assert kinds(answers) == {"int": 6}
    assert len(set(answers)) == 1
    assert ImportedBadge.objects.count() == 1


def test_times_of_all_forms_are_read(ada: EarnerAccount, elsewhere: Elsewhere) -> None:
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    elsewhere.documents[ASSERTION] |= {"issuedOn": "2024-02-29", "expires": later.isoformat()}
    elsewhere.publish()

    row = import_badge(account=ada, url=ASSERTION)

    assert (row.issued_at, row.expires_at) == (datetime(2024, 2, 29, tzinfo=UTC), later)
