"""Calls that real clients made, byte for byte as they sent them: JavaScript (Mozilla's, 0.2.4) and Python (0.5.1).

They were recorded against a server that only listens, with the master secret of the tests. Nothing of the clients' code
is here.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client

from badges.models import Badge, BadgeTemplate
from claimcodes.models import ClaimCode
from organizations.models import Organization
from tests import factories
from tests.badgekit import Answer

FOLDER = Path(__file__).parent
CALLS = json.loads((FOLDER / "badgekit_client_calls.json").read_text())
OF_PYTHON = json.loads((FOLDER / "badgekit_python_client_calls.json").read_text())
AROUND = json.loads(
    (FOLDER / "badgekit_client_calls_around.json").read_text()
)  # a system from its first day to its last
RECORDED = datetime(2026, 11, 21, 17, 25, tzinfo=UTC)
ODD = "group/é ☕ (1)!"


@pytest.fixture
def summer(acme: Organization) -> BadgeTemplate:
    """The badge that was called for, in a program of acme's."""
    program = factories.ProgramFactory.create(organization=acme, slug="summer")
    return factories.template(acme, program=program)


def replay(call: dict[str, object]) -> Answer:
    """Send a recorded call as gunicorn would hand it over."""
    headers = {str(name): str(value) for name, value in call["headers"].items()}  # type: ignore[attr-defined]
    body = str(call["body"]).encode()
    content_type = headers.pop("content-type", "")
    headers.pop("content-length", None)
    response = Client().generic(
        str(call["method"]),
        str(call["target"]),
        body,
        content_type=content_type,
        headers=headers,
        RAW_URI=call["target"],
        CONTENT_TYPE=content_type,
    )
    content = bytes(response.content)
    return Answer(response.status_code, json.loads(content), dict(response.headers), content)


def test_javascript_client_is_served(summer: BadgeTemplate) -> None:
    with time_machine.travel(RECORDED, tick=False):
        answers = [replay(call) for call in CALLS]

    told = [(call["call"], answer.status) for call, answer in zip(CALLS, answers, strict=True)]
    assert told == [
        ("createClaimCode", 201),
        ("createClaimCode", 201),
        ("createClaimCode", 400),
        ("generateRandomClaimCode", 201),
        ("generateRandomClaimCode", 201),
        ("generateRandomClaimCode", 201),
        ("getClaimCodes", 200),
        ("getClaimCodes", 200),
        ("getClaimCode", 200),
        ("getClaimCode", 200),
        ("getClaimCode", 404),
        ("updateClaimCode", 200),
        ("claimClaimCode", 200),
        ("claimClaimCode", 200),
        ("deleteClaimCode", 200),
    ]
    # What the client makes of them: `code` becomes the error's name, the rest is read by key.
    assert [answer.body.get("code") for answer in answers if answer.status >= 400] == [
        "ValidationError",
        "ResourceNotFound",
    ]
    assert [len(answer.body["claimCodes"]) for answer in answers[6:8]] == [5, 2]
    assert [answer.body["claimCode"]["code"] for answer in (answers[0], answers[9], answers[14])] == [
        "test-claim-code",
        ODD,
        ODD,
    ]
    assert answers[11].body["claimCode"]["multiuse"] is True
    assert ClaimCode.objects.filter(code=ODD).count() == 0
    assert set(Badge.objects.values_list("recipient_email", flat=True)) == {
        "test@example.org",
        "ada@example.org",
    }


@pytest.mark.django_db
def test_javascript_client_runs_a_system() -> None:
    with time_machine.travel(RECORDED, tick=False):
        answers = [replay(call) for call in AROUND]

    assert [(call["call"], answer.status) for call, answer in zip(AROUND, answers, strict=True)] == [
        ("createSystem", 201),
        ("getSystems", 200),
        ("getSystem", 200),
        ("updateSystem", 200),
        ("createIssuer", 201),
        ("getIssuers", 200),
        ("getIssuer", 200),
        ("updateIssuer", 200),
        ("createProgram", 201),
        ("getPrograms", 200),
        ("getProgram", 200),
        ("updateProgram", 200),
        ("createBadge", 201),
        ("getBadges", 200),
        ("getAllBadges", 200),
        ("getBadge", 200),
        ("updateBadge", 200),
        ("createClaimCode", 201),
        ("getBadgeFromCode", 200),
        ("createBadgeInstance", 201),
        ("createBadgeInstance", 409),
        ("createBadgeInstances", 201),
        ("getBadgeInstances", 200),
        ("getBadgeInstances", 200),
        ("getBadgeInstance", 200),
        ("deleteBadgeInstance", 200),
        ("deleteBadge", 200),
        ("deleteProgram", 200),
        ("deleteIssuer", 200),
        ("deleteSystem", 200),
        ("getSystem", 404),
    ]
    badge = answers[16].body["badge"]
    assert (badge["name"], badge["strapline"], badge["unique"], badge["criteria"][0]["description"]) == (
        *("More bees", "Keeps bees", 1),
        "Has a hive",
    )
    assert badge["imageUrl"]
    assert [one["email"] for one in answers[21].body["instances"]] == ["bob@example.org"]
    assert [one["claimCode"] for one in answers[22].body["instances"]] == ["hive", None]


def test_python_client_is_served(summer: BadgeTemplate) -> None:
    with time_machine.travel(RECORDED, tick=False):
        answers = [replay(call) for call in OF_PYTHON]

    assert [(call["call"], answer.status) for call, answer in zip(OF_PYTHON, answers, strict=True)] == [
        ("require_server_version", 200),
        ("list systems", 200),
        ("list badges", 200),
        ("get badge", 200),
        ("get nothing", 404),
        ("create code", 201),
        ("create code again", 409),
        ("create random code", 201),
        ("list codes", 200),
        ("get code", 200),
        ("claim", 200),
        ("create instance", 201),
        ("list instances", 200),
        ("get instance", 200),
    ]
    assert answers[0].body["app"] == "BadgeKit API"  # what its `ping` looks for
    assert [row["multiuse"] for row in answers[8].body["claimCodes"]] == [False, True]
    assert answers[9].body["claimCode"]["code"] == "py é 1"
    assert set(Badge.objects.values_list("recipient_email", flat=True)) == {
        "ada@example.org",
        "bob@example.org",
    }


def test_recorded_calls_do_not_outlive_their_minute(summer: BadgeTemplate) -> None:
    with time_machine.travel(RECORDED.replace(minute=40), tick=False):
        answers = [replay(call) for call in CALLS]

    assert {answer.status for answer in answers} == {403}
    assert ClaimCode.objects.count() == 0
