"""Canonical quads are right, and nothing that would not be signed slips through."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from badges.credentials import canonical, ob3
from badges.credentials.canonical import CONTEXTS, canonicalise
from badges.credentials.exceptions import NotCanonical
from badges.credentials.shapes import SCHEMES
from badges.credentials.values import Document
from tests.badges.credentials.cast import ACHIEVEMENT, AWARD, ISSUER, STATUS
from tests.badges.credentials.opinions import oxigraph_opinion, pyld_opinion

CREDENTIAL = ob3.credential(ISSUER, ACHIEVEMENT, AWARD, STATUS)


def test_quads_equal_both_other_implementations() -> None:
    assert canonicalise(CREDENTIAL) == pyld_opinion(CREDENTIAL) == oxigraph_opinion(CREDENTIAL)


def test_document_is_left_as_it_was() -> None:
    before = copy.deepcopy(CREDENTIAL)
    canonicalise(CREDENTIAL)
    assert before == CREDENTIAL


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ownTerm": "x"}, "do not define the term 'ownTerm'"),
        (
            {"credentialSubject": {**CREDENTIAL["credentialSubject"], "grade": "x"}},
            "do not define the term 'grade'",
        ),
        ({"evidence": [{"type": ["Evidence"], "targetName": "x"}]}, "do not define the term 'targetName'"),
        ({"id": "badges/1"}, "'badges/1' is not a defined term and not an absolute IRI"),
        ({"id": "https://example.org/a b"}, "is not an absolute IRI"),
        ({"id": "https://example.org/<"}, "is not an absolute IRI"),
        ({"id": "https://example.org/#a#b"}, "is not an absolute IRI"),
        ({"id": "https://example.org/100%"}, "is not an absolute IRI"),
        ({"id": "https://example.org/?a[]=1"}, "is not an absolute IRI"),
        ({"type": ["VerifiableCredential", "OwnType"]}, "'OwnType' is not a defined term"),
        ({"name": "bell \x07"}, r"U\+0007"),
        ({"name": "delete \x7f"}, r"U\+007F"),
        ({"name": "\uffff"}, r"U\+FFFF"),
        ({"name": "\ud800"}, r"U\+D800"),
        (
            {"credentialSubject": {**CREDENTIAL["credentialSubject"], "creditsEarned": 2**53}},
            "too large or too small",
        ),
        (
            {"credentialSubject": {**CREDENTIAL["credentialSubject"], "creditsEarned": 1e-7}},
            "too large or too small",
        ),
        (
            {"credentialSubject": {**CREDENTIAL["credentialSubject"], "creditsEarned": float("nan")}},
            "too large",
        ),
        ({"@context": ["https://example.org/context"]}, "'https://example.org/context' is not known"),
        (
            {"@context": [*CREDENTIAL["@context"], {"ownTerm": "https://example.org/#own"}]},
            "by their addresses",
        ),
        ({"evidence": ({"type": ["Evidence"], "name": "in a tuple"},)}, "is not JSON"),
        ({1: "x"}, "is not text"),
        ({"@id": "https://example.org/2"}, "not sound JSON-LD"),
    ],
)
def test_document_with_unsigned_content_is_refused(changed: dict[Any, Any], message: str) -> None:
    with pytest.raises(NotCanonical, match=message):
        canonicalise({**CREDENTIAL, **changed})


def test_document_that_nests_too_deeply_is_refused() -> None:
    document: Document = {}
    for _ in range(100_000):
        document = {"evidence": document}
    with pytest.raises(NotCanonical, match="nested too deeply"):
        canonicalise({**CREDENTIAL, **document})


def test_document_of_too_many_parts_is_refused() -> None:
    evidence = [{"type": ["Evidence"], "name": str(number)} for number in range(2000)]
    with pytest.raises(NotCanonical, match="more than 5000 parts"):
        canonicalise({**CREDENTIAL, "evidence": evidence})


def test_poisoned_document_is_refused_soon() -> None:
    # Nine blank nodes that look alike under each of two that look alike: 362,880 orders each
    same = {
        "type": "IdentityObject",
        "hashed": True,
        "identityType": "name",
        "identityHash": "same",
        "salt": "same",
    }
    subject = {"type": ["AchievementSubject"], "identifier": [same] * 9}
    with pytest.raises(NotCanonical, match="look alike"):
        canonicalise({**CREDENTIAL, "credentialSubject": [subject, subject]})


@pytest.mark.parametrize(
    "iri",
    [
        "https://example.org",
        "https://example.org/a%20b?c=d&e#f",
        "https://[::1]:8000/a",
        "https://[::1]",
        "https://example.org/università",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "did:web:localhost%3A8000:issuers:1",
        "mailto:ada@example.org",
    ],
)
def test_sound_identifiers_are_signed(iri: str) -> None:
    document = {**CREDENTIAL, "id": iri}
    assert canonicalise(document) == pyld_opinion(document) == oxigraph_opinion(document)


def test_contexts_define_none_of_the_schemes_of_addresses() -> None:
    schemes = {scheme.removesuffix(":") for scheme in SCHEMES}

    def terms(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {term for part in value.values() for term in terms(part)}
        return {term for part in value for term in terms(part)} if isinstance(value, list) else set()

    assert {url: terms(context) & schemes for url, context in CONTEXTS.items()} == {
        url: set() for url in CONTEXTS
    }


def test_contexts_are_those_of_the_index_and_no_others() -> None:
    folder = Path(canonical.__file__).parent / "contexts"
    index = json.loads((folder / "index.json").read_text())
    assert sorted(index.values()) == sorted({path.name for path in folder.iterdir()} - {"index.json"})
    assert sorted(CONTEXTS) == sorted(index)
