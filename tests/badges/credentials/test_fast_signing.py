"""The fast way signs what the generic way signs, byte for byte, and gives up whenever it cannot know."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from badges.credentials import ob3
from badges.credentials.canonical import canonicalise
from badges.credentials.encoding import compact_json
from badges.credentials.exceptions import NotCanonical
from badges.credentials.fast_signing import FastSigner
from badges.credentials.shapes import LearnedShape, OutOfShape, survey
from badges.credentials.signing import sign_credential, verify_credential
from badges.credentials.values import Achievement, Award, Document, StatusEntry
from tests.badges.credentials.awards import AWKWARD, achievements, similar_awards
from tests.badges.credentials.cast import ACHIEVEMENT, AWARD, ED25519, ISSUER, METHOD, NOW, STATUS
from tests.badges.credentials.opinions import oxigraph_opinion, pyld_opinion

ISSUER_DOCUMENT = ob3.profile(ISSUER)
ACHIEVEMENT_DOCUMENT = ob3.achievement(ACHIEVEMENT)


def credential(number: int = 0, **own: object) -> Document:
    """A credential of one and the same shape; `own` replaces its parts."""
    made = ob3.credential(ISSUER_DOCUMENT, ACHIEVEMENT_DOCUMENT, AWARD, STATUS)
    return {**made, "id": f"{AWARD.url}/{number}", "validFrom": f"2026-03-01T12:30:{number % 60:02}Z", **own}


def learned() -> FastSigner:
    """A signer that has learned the shape of `credential`, as the test below it proves."""
    signer = FastSigner()
    for number in range(3):
        signer.canonicalise(credential(number))
    return signer


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(achievement=achievements(), awards=similar_awards())
def test_learned_shapes_equal_both_other_implementations(
    achievement: Achievement, awards: list[tuple[Award, StatusEntry | None]]
) -> None:
    signer = FastSigner()
    shared = ob3.achievement(achievement)
    for award, status in awards:
        document = ob3.credential(ISSUER_DOCUMENT, shared, award, status)
        quads = signer.canonicalise(document)
        assert quads == pyld_opinion(document)
        assert quads == oxigraph_opinion(document)


@pytest.mark.parametrize("text", AWKWARD)
def test_learned_shape_puts_awkward_texts_in_itself(text: str) -> None:
    shape, _texts = survey(credential())
    document = credential(name=text, evidence=[{**credential()["evidence"][0], "narrative": text}])
    other_shape, texts = survey(document)
    assert other_shape == shape
    assert LearnedShape(credential()).fill(texts) == pyld_opinion(document) == oxigraph_opinion(document)


def test_signer_signs_the_first_and_the_later_ones_as_the_generic_way_does() -> None:
    signer = FastSigner()
    for number in range(5):
        expected = sign_credential(credential(number), ED25519, METHOD, NOW)
        assert signer.sign(credential(number), ED25519, METHOD, NOW) == expected
        assert signer.sign_text(credential(number), ED25519, METHOD, NOW) == compact_json(expected)
        assert verify_credential(expected, ED25519)


def test_signer_leaves_the_credential_as_it_was() -> None:
    given_credential = credential()
    learned().sign(given_credential, ED25519, METHOD, NOW)
    assert given_credential == credential()


def test_signer_replaces_a_proof_that_is_there() -> None:
    assert learned().sign(credential(proof={"type": "Old"}), ED25519, METHOD, NOW) == learned().sign(
        credential(), ED25519, METHOD, NOW
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": {**ISSUER_DOCUMENT, "name": "Acme again"}},
        {"type": ["VerifiableCredential", "AchievementCredential"]},
        {"@context": [*credential()["@context"], "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"]},
        {
            "credentialSubject": {
                **credential()["credentialSubject"],
                "achievement": {**ACHIEVEMENT_DOCUMENT, "tag": ["x"]},
            }
        },
        {"credentialSubject": {**credential()["credentialSubject"], "creditsEarned": 2.5}},
        {"credentialSubject": {**credential()["credentialSubject"], "identifier": []}},
        {"evidence": [*credential()["evidence"], {"type": ["Evidence"], "name": "second"}]},
        {"evidence": []},
    ],
    ids=["issuer", "type", "context", "achievement", "number", "fewer", "more", "empty"],
)
def test_shape_tells_apart_what_texts_do_not_make_up(changed: dict[str, Any]) -> None:
    document = credential(**changed)
    assert survey(document)[0] != survey(credential())[0]
    assert learned().canonicalise(document) == pyld_opinion(document)


@pytest.mark.parametrize(("one", "other"), [(1, True), (1, 1.0), (0.0, -0.0), (0, None), (0, False)])
def test_shape_tells_apart_numbers_that_python_does_not(one: object, other: object) -> None:
    assert survey({"a": one})[0] != survey({"a": other})[0]


def alike(name: str) -> list[Document]:
    return [{"type": ["Evidence"], "name": name}, {"type": ["Evidence"], "name": "same"}]


@pytest.mark.parametrize(
    ("usual", "exception"),
    [
        ({"evidence": alike("other")}, {"evidence": alike("same")}),
        (
            {"image": {"id": "https://example.org/1", "type": "Image"}},
            {"image": {"id": ACHIEVEMENT.image_url, "type": "Image"}},
        ),
        ({"description": "text"}, {"description": ""}),
    ],
    ids=["blank nodes alike", "two quads become one", "nothing special"],
)
def test_exceptions_of_a_shape_are_canonicalised_the_generic_way(
    usual: dict[str, Any], exception: dict[str, Any]
) -> None:
    signer = FastSigner()
    for number in range(4):
        signer.canonicalise(credential(number, **usual))
    odd = credential(**exception)
    assert survey(odd)[0] == survey(credential(**usual))[0]
    assert signer.canonicalise(odd) == pyld_opinion(odd) == oxigraph_opinion(odd)


def test_blank_nodes_that_look_alike_are_out_of_shape() -> None:
    shape = LearnedShape(credential(evidence=alike("other")))
    with pytest.raises(OutOfShape, match="look alike"):
        shape.fill(survey(credential(evidence=alike("same")))[1])


def test_shapes_that_are_alike_within_are_not_learned() -> None:
    scale = {
        "type": ["ResultDescription"],
        "name": "Grade",
        "resultType": "LetterGrade",
        "allowedValue": ["A", "B"],
    }
    twice = [{**scale, "id": "https://example.org/r/1"}, {**scale, "id": "https://example.org/r/2"}]
    subject = {
        **credential()["credentialSubject"],
        "achievement": {**ACHIEVEMENT_DOCUMENT, "resultDescription": twice},
    }
    signer = FastSigner()
    for number in range(4):
        document = credential(number, credentialSubject=subject)
        assert signer.canonicalise(document) == pyld_opinion(document) == oxigraph_opinion(document)


def test_embedded_endorsements_are_canonicalised_the_generic_way() -> None:
    endorsement = {
        "@context": credential()["@context"],
        "id": "https://example.org/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": "did:web:example.org", "type": ["Profile"], "name": "Endorser"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": ACHIEVEMENT.url,
            "type": ["EndorsementSubject"],
            "endorsementComment": "Good.",
        },
    }
    signed = sign_credential(endorsement, ED25519, METHOD, NOW)
    signer = FastSigner()
    for number in range(4):
        document = credential(number, endorsement=[signed])
        assert signer.canonicalise(document) == pyld_opinion(document) == oxigraph_opinion(document)
    with pytest.raises(OutOfShape, match="named graph"):
        LearnedShape(credential(endorsement=[signed]))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (credential(_sd="disclosed"), "only a part of a term"),
        ({"@context": credential()["@context"], "id": "https://example.org/1"}, "drop a text"),
    ],
)
def test_texts_that_do_not_come_out_whole_are_not_learned(document: Document, reason: str) -> None:
    with pytest.raises(OutOfShape, match=reason):
        LearnedShape(document)
    signer = FastSigner()
    assert [signer.canonicalise(document) for _ in range(4)] == [pyld_opinion(document)] * 4


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "badges/1"},
        {"id": "https://example.org/a b"},
        {"id": 'https://example.org/"'},
        {"name": "bell \x07"},
        {"name": "\ufffe"},
        {"name": "\ud800"},
        {"credentialStatus": {**credential()["credentialStatus"], "statusListCredential": "status 1"}},
    ],
    ids=["relative", "space", "quotation mark", "control", "noncharacter", "surrogate", "status list"],
)
def test_learned_shape_refuses_what_the_generic_way_refuses(changed: dict[str, Any]) -> None:
    signer = learned()
    assert survey(credential(**changed))[0] == survey(credential())[0]
    with pytest.raises(NotCanonical):
        signer.sign(credential(**changed), ED25519, METHOD, NOW)
    assert signer.canonicalise(credential(9)) == pyld_opinion(credential(9))


@pytest.mark.parametrize(
    "changed", [{"note": "undefined"}, {"note": b"bytes"}, {"issuer": {1, 2}}, {"type": [["nested"]]}]
)
def test_signer_refuses_what_has_no_shape(changed: dict[str, Any]) -> None:
    signer = FastSigner()
    for _ in range(3):
        with pytest.raises(NotCanonical):
            signer.sign(credential(**changed), ED25519, METHOD, NOW)


def test_signer_refuses_a_document_without_context() -> None:
    with pytest.raises(NotCanonical, match="no @context"):
        FastSigner().sign({"id": "https://example.org/1"}, ED25519, METHOD, NOW)


def test_signer_keeps_no_more_shapes_than_it_may() -> None:
    signer = FastSigner(capacity=2)
    documents = [
        credential(number, evidence=[{"type": ["Evidence"], "name": str(part)} for part in range(size)])
        for number in range(3)
        for size in (1, 2, 3)
    ]
    assert [signer.canonicalise(document) for document in documents] == [
        canonicalise(each) for each in documents
    ]


def test_threads_share_a_signer() -> None:
    signer = FastSigner(capacity=3)
    documents = [
        credential(
            number,
            evidence=[{"type": ["Evidence"], "name": f"{number} {part}"} for part in range(number % 4)],
        )
        for number in range(40)
    ]
    expected = [sign_credential(document, ED25519, METHOD, NOW) for document in documents]
    signed: list[list[Document]] = [[] for _ in range(6)]

    def work(place: int) -> None:
        signed[place] = [signer.sign(document, ED25519, METHOD, NOW) for document in documents]

    threads = [threading.Thread(target=work, args=(place,)) for place in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert signed == [expected] * 6
