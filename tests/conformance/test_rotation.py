"""Keys are rotated: badges from before and after verify. Trust in the old key is withdrawn: only those from after do."""

import json

import pytest

from tests.conformance.installation import PLAIN_FORMS
from tests.conformance.story import Story, Verdicts, said_of

BEFORE, AFTER, REVOKED_SINCE = "rotated-1", "rotated-after", "rotated-2"


def said_by_credential_verifiers(badge: str, verdicts: Verdicts) -> dict[str, dict[str, str]]:
    """What all but validator-core say."""
    said = said_of(badge, verdicts)
    del said["validator_core"]
    return said


def everywhere(story: Story, word: str) -> dict[str, dict[str, str]]:
    expected = {instrument: dict.fromkeys(forms, word) for instrument, forms in PLAIN_FORMS.items()}
    del expected["validator_core"]
    if not story.installation.is_secure:
        del expected["openbadges_library"]
    return expected


def test_badges_were_signed_with_different_keys(story: Story) -> None:
    proofs = [json.loads(story.installation.text(badge, "ob3.json"))["proof"] for badge in (BEFORE, AFTER)]

    assert len({proof["verificationMethod"] for proof in proofs}) == 2


@pytest.mark.parametrize("badge", [BEFORE, AFTER])
def test_credential_is_accepted_after_rotation(story: Story, badge: str) -> None:
    said = said_by_credential_verifiers(badge, story.after_revocation_and_rotation)

    assert said == everywhere(story, "accepted")


@pytest.mark.parametrize("badge", [BEFORE, AFTER])
def test_assertion_is_accepted_after_rotation(story: Story, badge: str) -> None:
    said = said_of(badge, story.after_revocation_and_rotation)["validator_core"]

    assert said == {"hosted": "accepted", "ob2.jws": "accepted"}


def test_badge_revoked_after_rotation_is_said_to_be_revoked(story: Story) -> None:
    said = said_of(REVOKED_SINCE, story.after_revocation_and_rotation)

    assert said.pop("validator_core") == {"hosted": "revoked", "ob2.jws": "revoked"}
    assert said == everywhere(story, "revoked")


def test_badge_of_a_withdrawn_key_is_refused(story: Story) -> None:
    """A did:key is its key, so a proof by it stays sound for ever: such badges are revoked one by one."""
    said = said_of(BEFORE, story.after_withdrawal_of_keys)
    expected = {
        "digital_bazaar": {"ob3.json": "refused"},
        "openbadges_library": {"ob3.json": "refused"},
        "vc_jwt": {"ob3.jwt": "refused"},
        "validator_core": {"hosted": "accepted", "ob2.jws": "refused"},
    }
    if not story.installation.is_secure:
        expected["digital_bazaar"] = {"ob3.json": "accepted"}
        del expected["openbadges_library"]

    assert said == expected


@pytest.mark.parametrize("badge", [AFTER, "rich"])
def test_badge_of_another_key_outlives_a_withdrawal(story: Story, badge: str) -> None:
    said = said_of(badge, story.after_withdrawal_of_keys)
    expected = everywhere(story, "accepted") | {
        "validator_core": {"hosted": "accepted", "ob2.jws": "accepted"}
    }
    del expected["dcc"]

    assert said == expected
