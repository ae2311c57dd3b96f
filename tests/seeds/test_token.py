"""Every example of seed 003, the token API, replayed on what the demo holds. They have `text` for every text."""

from typing import Any

from tests.api import Api, seed
from tests.seeds.comparing import Notes, assert_same, form_of

TOKEN = seed("token")


def token_answer(response: Any, example: Notes) -> Notes:
    """Return the body of a success, which is like the example."""
    body: Notes = response.json()
    assert response.status_code == 200
    assert list(body) == list(example)
    assert (body["resultCode"], body["resultMessage"]) == (0, "Ok")
    assert_same(
        {key: body[key] for key in ("requestID", "requestDateTime")},
        {"requestID": 1, "requestDateTime": example["requestDateTime"]},
    )
    return body


def assert_same_earned_badge(badge: Any, example: Notes) -> None:
    """Assert that a badge has the members of the example: texts, a moment, and a list of texts."""
    assert list(badge) == list(example)
    assert form_of(badge["date"]) == form_of(example["date"])
    assert {type(tag) for tag in badge["tags"]} == {str}
    texts = [badge[key] for key in badge if key not in {"date", "tags"}]
    assert {type(text) for text in texts if text is not None} == {str}


def test_seed_outcome_sent(issuer: Api, demo: Notes) -> None:
    path = f"/api/v2/Outcome/{demo['login_token']}/{demo['outcome_code']}"

    first = token_answer(issuer.client.post(path), TOKEN["outcome"])
    second = token_answer(issuer.client.post(path), TOKEN["outcome"])

    assert second["requestID"] > first["requestID"]


def test_seed_badges_listed(issuer: Api, demo: Notes) -> None:
    body = token_answer(issuer.client.get(f"/api/v2/Badges/{demo['login_token']}"), TOKEN["badges"])

    assert demo["badge"]["id"] in {badge["badgeID"] for badge in body["badges"]}
    for badge in body["badges"]:
        assert_same_earned_badge(badge, TOKEN["badges"]["badges"][0])


def test_seed_badge_retrieved(issuer: Api, demo: Notes) -> None:
    path = f"/api/v2/Badge/{demo['login_token']}/{demo['badge']['id']}"

    body = token_answer(issuer.client.get(path), TOKEN["badge"])

    assert body["badge"]["badgeID"] == demo["badge"]["id"]
    assert_same_earned_badge(body["badge"], TOKEN["badge"]["badge"])


def test_seed_assignment_without_credentials(issuer: Api) -> None:
    response = issuer.client.post(
        "/api/v2/BadgeAssignment", TOKEN["assignment_request"], content_type="application/json"
    )

    assert response.status_code == 200
    assert list(response.json()) == list(TOKEN["assignment"])
    assert response.json()["resultCode"] == -2001
