"""Texts that break careless software arrive whole in every document; those that cannot be signed enter none."""

import json

import pytest

from badges.credentials.encoding import from_base64url
from tests.conformance.story import Story
from tests.conformance.texts import HOSTILE, LONG, REFUSED

ALL_AT_ONCE = "".join(HOSTILE.values())
NARRATIVE = f"{ALL_AT_ONCE[:255]}\n\n{ALL_AT_ONCE}{LONG}"
IN_ASCII = "https://xn--bcher-kva.example/stra%C3%9Fe/%E7%9F%A5%E8%AD%98?q=%20%C3%BC&y=%E2%80%99#%C3%9F"


def test_hostile_texts_arrive_whole(story: Story) -> None:
    badge = json.loads(story.installation.text("hostile", "ob3.json"))
    subject = badge["credentialSubject"]

    assert badge["name"] == ALL_AT_ONCE[:255]
    assert subject["achievement"]["tag"] == [f"{name} {text}" for name, text in HOSTILE.items()]
    assert [alignment["targetName"] for alignment in subject["achievement"]["alignment"]][:-1] == list(
        HOSTILE.values()
    )
    assert [result["value"] for result in subject["result"]] == list(HOSTILE.values())
    assert subject["narrative"] == NARRATIVE
    assert [evidence.get("narrative") for evidence in badge["evidence"]] == [*HOSTILE.values(), LONG, None]


def test_token_and_assertion_say_the_same_as_the_credential(story: Story) -> None:
    installation = story.installation
    credential = json.loads(installation.text("hostile", "ob3.json"))
    del credential["proof"]
    tokens = [installation.text("hostile", form) for form in ("ob3.jwt", "ob2.jws")]
    claims, assertion = (json.loads(from_base64url(token.split(".")[1])) for token in tokens)

    assert {name: claims[name] for name in credential} == credential
    assert assertion["narrative"] == NARRATIVE
    assert [evidence.get("narrative") for evidence in assertion["evidence"]] == [
        *HOSTILE.values(),
        LONG,
        None,
    ]


def test_international_address_is_written_in_ascii(story: Story) -> None:
    """1EdTech's validator refuses an Open Badges 2.0 badge with any other."""
    badge = json.loads(story.installation.text("hostile", "ob3.json"))
    earned = badge["credentialSubject"]["achievement"]

    addresses = [badge["evidence"][-2]["id"], earned["criteria"]["id"], earned["alignment"][-1]["targetUrl"]]

    assert addresses == [IN_ASCII] * 3


@pytest.fixture(scope="module")
def refusals(story_over_https: Story) -> dict[str, list[str]]:
    return story_over_https.installation.act(("refused_at_the_door", {"organization": "scuola"}))


def test_unsignable_texts_are_refused_at_the_door(refusals: dict[str, list[str]]) -> None:
    """In a title, tag, alignment's address, name, narrative, evidence and its address; nothing is kept."""
    assert refusals == {name: ["unsignable"] * 7 for name in REFUSED} | {"order": ["unsignable"]}
