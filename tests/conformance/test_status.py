"""A revoked badge is told to be so by all who look, also in files that were fetched before; the others stay as they were."""

from tests.conformance.installation import ALL_FORMS, PLAIN_FORMS
from tests.conformance.story import Story, said_of

LOOK_AT_NO_STATUS = ("official_schema", "mozilla_bakery")


def test_revoked_badge_is_revoked_in_every_form(story: Story) -> None:
    expected = {
        instrument: dict.fromkeys(forms, "accepted" if instrument in LOOK_AT_NO_STATUS else "revoked")
        for instrument, forms in ALL_FORMS.items()
    }
    if not story.installation.is_secure:
        expected["openbadges_library"] = {"ob3.png": "status unknown", "ob3.svg": "status unknown"}

    assert said_of("revoked", story.after_revocation_and_rotation) == expected


def test_badge_beside_a_revoked_one_stays_accepted(story: Story) -> None:
    expected = {instrument: dict.fromkeys(forms, "accepted") for instrument, forms in PLAIN_FORMS.items()}
    if not story.installation.is_secure:
        del expected["openbadges_library"]

    assert said_of("rich", story.after_revocation_and_rotation) == expected


def test_status_list_of_another_issuer_is_refused(story: Story) -> None:
    """By the verifiers that compare the issuers of badge and list; DCC and openbadgeslib do not."""
    said = story.after_revocation_and_rotation
    found = {
        "digital_bazaar": said["digital_bazaar"]["swapped-1 ob3.json"],
        "vc_jwt": said["vc_jwt"]["swapped-1 ob3.jwt"],
    }

    assert {name: verdict.verified for name, verdict in found.items()} == {
        "digital_bazaar": False,
        "vc_jwt": False,
    }
    assert {name: "do not match" in verdict.why for name, verdict in found.items()} == {
        "digital_bazaar": True,
        "vc_jwt": True,
    }
