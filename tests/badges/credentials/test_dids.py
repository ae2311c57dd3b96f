"""DIDs: from an address and back to where their document is looked for, and the document itself."""

import pytest

from badges.credentials.dids import did_document, did_document_url, did_key, did_web, verification_method
from tests.badges.credentials.cast import ED25519, RSA, STRANGER


@pytest.mark.parametrize(
    ("url", "did", "document_url"),
    [
        (
            "https://badges.example.org/public/issuers/1",
            "did:web:badges.example.org:public:issuers:1",
            "https://badges.example.org/public/issuers/1/did.json",
        ),
        (
            "https://localhost:8443/issuers/1/",
            "did:web:localhost%3A8443:issuers:1",
            "https://localhost:8443/issuers/1/did.json",
        ),
        ("https://Example.org", "did:web:example.org", "https://example.org/.well-known/did.json"),
        (
            "https://example.org/a%20b/c:d",
            "did:web:example.org:a%20b:c%3Ad",
            "https://example.org/a%20b/c%3Ad/did.json",
        ),
    ],
)
def test_did_web_leads_back_to_its_address(url: str, did: str, document_url: str) -> None:
    assert did_web(url) == did
    assert did_document_url(did) == document_url


@pytest.mark.parametrize("url", ["http://example.org/1", "example.org", "", "https://", "ftp://example.org"])
def test_did_web_needs_https(url: str) -> None:
    with pytest.raises(ValueError, match="needs an https address"):
        did_web(url)


@pytest.mark.parametrize(
    "url", ["https://example.org/?a=1", "https://example.org/#a", "https://ada@example.org/"]
)
def test_did_web_has_room_for_host_and_path_only(url: str) -> None:
    with pytest.raises(ValueError, match="a host, a port and a path only"):
        did_web(url)


@pytest.mark.parametrize("did", ["did:key:z6Mk", "did:web:", "web:example.org", "xdid:web:example.org"])
def test_what_is_no_did_web_has_no_document(did: str) -> None:
    with pytest.raises(ValueError, match="is not a did:web"):
        did_document_url(did)


def test_did_key_is_the_key() -> None:
    assert did_key(ED25519) == f"did:key:{ED25519.multibase}"
    assert (
        verification_method(did_key(ED25519), ED25519) == f"did:key:{ED25519.multibase}#{ED25519.multibase}"
    )


def test_did_document_lists_all_keys_by_their_full_ids() -> None:
    did = "did:web:example.org"
    ids = [f"{did}#{ED25519.multibase}", f"{did}#{STRANGER.multibase}", f"{did}#rsa-1"]
    assert did_document(did, [ED25519, STRANGER], [("rsa-1", RSA)]) == {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/jwk/v1",
        ],
        "id": did,
        "verificationMethod": [
            {
                "id": ids[0],
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": ED25519.multibase,
            },
            {
                "id": ids[1],
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": STRANGER.multibase,
            },
            {
                "id": ids[2],
                "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": {**RSA.jwk, "kid": "rsa-1"},
            },
        ],
        "assertionMethod": ids,
        "authentication": ids,
    }
