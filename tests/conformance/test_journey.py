"""The main job, end to end: a messy file, a template with everything, badges that verify in every form."""

import html
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.conformance.acts import EVERYTHING
from tests.conformance.installation import ALL_FORMS, PLAIN_FORMS, Installation
from tests.conformance.story import IN_EVERY_FORM, IN_PLAIN_FORMS, Story, said_of

Json = dict[str, Any]


def accepted_everywhere(installation: Installation, forms: dict[str, tuple[str, ...]]) -> Json:
    """What is said of a good badge. openbadgeslib knows the keys and status lists of https alone."""
    expected: Json = {instrument: dict.fromkeys(names, "accepted") for instrument, names in forms.items()}
    if not installation.is_secure:
        pictures = {
            name: "status unknown"
            for name in expected.pop("openbadges_library")
            if name[-4:] in {".png", ".svg"}
        }
        expected |= {"openbadges_library": pictures} if pictures else {}
    return expected


def test_messy_file_is_imported(story: Story) -> None:
    rows = [(row["row"], row["email"], row["result"]) for row in story.imported["rows"]]

    assert rows == [
        (2, "Ada.Rossi@Example.org", "added"),
        (4, "niccolo.dalo@example.org", "added"),
        (6, "ada.rossi@example.org", "problem"),
        (7, "piero(at)example.org", "problem"),
    ]


def test_template_is_issued_to_all_who_were_imported(story: Story) -> None:
    emails = [badge["email"] for badge in story.issued["badges"]]

    assert (story.issued["issued"], story.issued["failed"]) == (2, [])
    assert emails == ["Ada.Rossi@Example.org", "niccolo.dalo@example.org"]


@pytest.mark.parametrize("badge", IN_EVERY_FORM)
def test_badge_is_accepted_in_every_form(story: Story, badge: str) -> None:
    expected = accepted_everywhere(story.installation, dict(ALL_FORMS))

    assert said_of(badge, story.at_first) == expected


@pytest.mark.parametrize("badge", IN_PLAIN_FORMS)
def test_badge_is_accepted(story: Story, badge: str) -> None:
    expected = accepted_everywhere(story.installation, dict(PLAIN_FORMS))

    assert said_of(badge, story.at_first) == expected


def test_badge_is_of_the_recipient_alone(story: Story) -> None:
    by_badge = said_of("imported-other", {"validator_core": story.for_other})
    of_ada = {
        name: verdict.why.split(":")[0] for name, verdict in story.for_other.items() if not verdict.verified
    }

    assert by_badge == {"validator_core": {"hosted": "accepted", "ob2.jws": "accepted"}}
    assert of_ada == {
        "imported hosted": "VERIFY_RECIPIENT_IDENTIFIER",
        "imported ob2.jws": "VERIFY_RECIPIENT_IDENTIFIER",
    }


def test_badge_has_a_page(story: Story) -> None:
    address = story.installation.page("imported")

    page = story.installation.application.get(address, accept="text/html").decode()

    assert page.lstrip().lower().startswith("<!doctype html>")
    assert html.escape(str(EVERYTHING["title"])) in page


@pytest.mark.parametrize("badge", IN_EVERY_FORM)
def test_pictures_have_the_documents_in_them(story: Story, badge: str) -> None:
    installation = story.installation
    hosted = json.loads(installation.application.get(str(installation.form(badge, "hosted"))))

    ob3 = story.at_first["openbadges_library"]
    ob2 = story.at_first["mozilla_bakery"]

    credential = json.loads(installation.text(badge, "ob3.json"))
    assert [json.loads(str(ob3[f"{badge} ob3.{kind}"].content)) for kind in ("png", "svg")] == [
        credential
    ] * 2
    assert [json.loads(str(ob2[f"{badge} ob2.{kind}"].content)) for kind in ("png", "svg")] == [hosted] * 2


@pytest.mark.parametrize("badge", ["imported", "png-picture", "svg-picture"])
def test_baked_picture_looks_as_before(story: Story, badge: str) -> None:
    installation = story.installation
    credential = json.loads(installation.text(badge, "ob3.json"))
    address = credential["credentialSubject"]["achievement"]["image"]["id"]

    plain = Image.open(io.BytesIO(installation.application.get(address)))

    for form in ("ob2.png", "ob3.png"):
        baked = _picture(installation, badge, form)
        assert (baked.size, baked.mode, baked.tobytes()) == (plain.size, plain.mode, plain.tobytes())


def test_uploaded_pictures_are_those_that_are_baked(story: Story) -> None:
    installation = story.installation
    sizes = [_picture(installation, badge, "ob3.png").size for badge in ("png-picture", "svg-picture")]

    assert sizes == [(600, 467), (600, 600)]
    assert "<circle" in installation.text("svg-picture", "ob3.svg")
    assert "data:image/png;base64," in installation.text("png-picture", "ob3.svg")


def test_credential_has_everything_that_was_said(story: Story) -> None:
    badge = json.loads(story.installation.text("rich", "ob3.json"))
    subject = badge["credentialSubject"]
    earned = subject["achievement"]

    assert [alignment["targetFramework"] for alignment in earned["alignment"]] == ["ESCO", "CASE"]
    assert (earned["tag"], earned["achievementType"]) == (EVERYTHING["tags"], "MicroCredential")
    assert earned["criteria"]["id"] == EVERYTHING["criteria_url"]
    assert earned["criteria"]["narrative"].splitlines()[::2] == ["Superare la prova finale.", "- Lode"]
    assert [
        (result["value"], result["resultDescription"].partition("#")[2]) for result in subject["result"]
    ] == [
        ("28", "result-voto"),
        ("A", "result-livello"),
    ]
    assert [sorted(evidence) for evidence in badge["evidence"]] == [
        ["genre", "id", "name", "type"],
        ["audience", "description", "narrative", "type"],
    ]
    assert sorted(set(badge) & {"validUntil", "credentialStatus", "proof"}) == [
        "credentialStatus",
        "proof",
        "validUntil",
    ]


def test_badge_keeps_the_title_it_was_issued_with(story: Story) -> None:
    names = {}
    for badge in ("old-title", "new-title"):
        credential = json.loads(story.installation.text(badge, "ob3.json"))
        assertion = json.loads(
            story.installation.application.get(str(story.installation.form(badge, "hosted")))
        )
        badge_class = json.loads(
            story.installation.application.get(assertion["badge"], accept="application/ld+json")
        )
        names[badge] = [
            credential["name"],
            credential["credentialSubject"]["achievement"]["name"],
            badge_class["name"],
        ]

    assert names == {"old-title": ["Old title"] * 3, "new-title": ["New title"] * 3}


def _picture(installation: Installation, badge: str, form: str) -> Image.Image:
    return Image.open(io.BytesIO(Path(installation.form(badge, form)).read_bytes()))
