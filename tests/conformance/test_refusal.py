"""What is not as it was signed is refused: one letter changed, a stranger's key, a badge that is over."""

import pytest

from tests.conformance.story import Story, said_of

SPOILED = {
    "digital_bazaar": "Invalid signature",
    "dcc": "signature is not valid",
    "openbadges_library": "signature mismatch",
    "vc_jwt": "signature verification failed",
    "validator_core": "failed verification",
}
PROOFS = ("tampered-name", "tampered-recipient", "tampered-evidence", "strange-key")
ASSERTIONS = ("tampered-narrative", "tampered-recipient", "tampered-evidence", "strange-key")


@pytest.mark.parametrize("instrument", SPOILED)
def test_spoiled_badge_is_refused_for_its_signature(story: Story, instrument: str) -> None:
    names: tuple[str, ...] = ASSERTIONS if instrument == "validator_core" else PROOFS
    if instrument == "openbadges_library":
        names = tuple(f"{name}{form}" for name in names for form in ("", " png", " svg"))

    found = {name: story.at_first[instrument][name] for name in names}

    assert {name: verdict.verified for name, verdict in found.items()} == dict.fromkeys(names, False)
    assert {name: SPOILED[instrument] in verdict.why for name, verdict in found.items()} == dict.fromkeys(
        names, True
    )


def test_expired_badge_is_said_to_be_expired(story: Story) -> None:
    expected = {
        "digital_bazaar": {"ob3.json": "expired"},
        "dcc": {"ob3.json": "expired"},
        "openbadges_library": {"ob3.json": "expired"},
        "vc_jwt": {"ob3.jwt": "expired"},
        "validator_core": {"hosted": "expired", "ob2.jws": "expired"},
    }
    if not story.installation.is_secure:
        del expected["openbadges_library"]

    assert said_of("expired", story.at_first) == expected
