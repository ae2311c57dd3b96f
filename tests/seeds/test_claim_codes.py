"""Every example of seed 004, claim codes in the BadgeKit API, replayed on what the demo holds, in all three scopes."""

import json
import re
from typing import Any

import pytest

from tests.api import seed
from tests.badgekit import BadgekitClient
from tests.seeds.comparing import Notes, assert_same

BADGE = "web-development-foundations"  # of the program Evening courses
CODES = seed("claim_codes")
SCOPES = [
    "/systems/demo",
    "/systems/demo/issuers/bay-tree",
    "/systems/demo/issuers/bay-tree/programs/evening",
]
BADGE_MORE = frozenset({"badge.alignments"})
CODE = "abcde12345"
ATTEMPTED = "<attempted-code>"
# What the example says of the badge. The page writes `unique` as 0 and as false; its server answered 0.
BADGE_EXAMPLE: dict[str, Any] = CODES["badge"]["badge"]
VALUES = {
    key: BADGE_EXAMPLE[key]
    for key in (
        *("strapline", "earnerDescription", "consumerDescription", "issuerUrl", "rubricUrl", "timeValue"),
        *("timeUnits", "evidenceType", "criteriaUrl", "type"),
    )
}


def with_badge(example: Notes) -> Notes:
    """Return an example with the badge that it abbreviates, as `Retrieve Badge` has it."""
    badge = {key: value for key, value in BADGE_EXAMPLE.items() if key != "claimed"}
    return example | {"badge": badge}


def assert_same_with_badge(body: Any, example: Notes) -> None:
    """Assert that an answer is like the example, the keys of its badge too, and in its order."""
    assert_same(body, example, more=BADGE_MORE)


@pytest.fixture(params=SCOPES)
def codes(request: pytest.FixtureRequest, badgekit: BadgekitClient) -> str:
    """The path to the codes of a badge, with one code of the seed made."""
    changed = badgekit.put(f"{SCOPES[-1]}/badges/{BADGE}", VALUES)
    assert changed.status == 200, changed.body
    path = f"{request.param}/badges/{BADGE}/codes"
    assert badgekit.post(path, {"code": CODE}).status == 201
    return path


def test_seed_codes_listed(badgekit: BadgekitClient, codes: str) -> None:
    for number in range(3):
        badgekit.post(codes, {"code": f"0fba9c445{number}", "email": "someone@somewhere.com"})

    answer = badgekit.get(f"{codes}?count=2&page=1")

    assert answer.status == 200
    assert_same_with_badge(answer.body, with_badge(CODES["listed"]))
    assert answer.body["pageData"] == CODES["listed"]["pageData"]
    assert list(badgekit.get(codes).body) == ["claimCodes", "badge"]


def test_seed_code_retrieved(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.get(f"{codes}/{CODE}")

    assert answer.status == 200
    assert_same_with_badge(answer.body, with_badge(CODES["retrieved"]))


def test_seed_badge_of_code_retrieved(badgekit: BadgekitClient, codes: str) -> None:
    path = codes.replace(f"/badges/{BADGE}", "")

    answer = badgekit.get(f"{path}/{CODE}")

    assert answer.status == 200
    assert_same_with_badge(answer.body, CODES["badge"])
    assert {key: answer.body["badge"][key] for key in VALUES} == VALUES


def test_seed_code_created(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.post(codes, {"code": "another", "multiuse": False, "claimed": False})

    assert answer.status == 201
    assert_same_with_badge(answer.body, with_badge(CODES["created"]))
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"code=another&multiuse=false"),
        (
            "multipart/form-data; boundary=seam",
            b'--seam\r\nContent-Disposition: form-data; name="code"\r\n\r\nanother\r\n--seam--\r\n',
        ),
    ],
)
def test_seed_code_created_by_a_form(
    badgekit: BadgekitClient, codes: str, content_type: str, body: bytes
) -> None:
    answer = badgekit.call("POST", codes, body, content_type=content_type)

    assert answer.status == 201
    assert_same_with_badge(answer.body, with_badge(CODES["created"]))


def test_seed_random_code_created(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.post(f"{codes}/random")

    assert answer.status == 201
    assert_same_with_badge(answer.body, with_badge(CODES["created_random"]))
    assert re.fullmatch(r"[0-9a-f]{10}", answer.body["claimCode"]["code"])


def test_seed_code_deleted(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.delete(f"{codes}/{CODE}")

    assert answer.status == 200
    # Here the page shows the badge without the places where it is, which `Retrieve Badge` has.
    assert_same_with_badge(answer.body, with_badge(CODES["deleted"]))
    assert set(CODES["deleted"]["badge"]) < set(answer.body["badge"])
    assert badgekit.get(f"{codes}/{CODE}").status == 404


def test_seed_code_claimed(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.post(f"{codes}/{CODE}/claim")

    assert answer.status == 200
    assert_same_with_badge(answer.body, with_badge(CODES["claimed"]))


@pytest.mark.parametrize(
    ("method", "path", "data", "status", "name"),
    [
        ("POST", "", {"code": ""}, 400, "created_invalid"),
        ("POST", "", {"code": "x" * 256}, 400, "created_invalid"),
        ("POST", "", {"code": CODE}, 409, "created_taken"),
        ("GET", "/nothing", None, 404, "retrieved_missing"),
        ("DELETE", "/nothing", None, 404, "deleted_missing"),
        ("POST", "/nothing/claim", None, 404, "claimed_missing"),
    ],
)
def test_seed_codes_refused(
    badgekit: BadgekitClient, codes: str, method: str, path: str, data: Any, status: int, name: str
) -> None:
    body = None if data is None else json.dumps(data).encode()

    answer = badgekit.call(method, f"{codes}{path}", body)

    assert answer.status == status
    # With 409 the page has the sentence as `error`, its server had it as `message`.
    more = frozenset({"message"}) if status == 409 else frozenset()
    assert_same(answer.body, CODES[name], more=more)
    assert answer.body["code"] == CODES[name]["code"]
    sentence = CODES[name].get("error") or CODES[name]["message"]
    assert (answer.body.get("error") or answer.body["message"]) == sentence.replace(ATTEMPTED, "nothing")


def test_seed_badge_of_code_refused(badgekit: BadgekitClient, codes: str) -> None:
    answer = badgekit.get(codes.replace(f"/badges/{BADGE}", "") + "/nothing")

    assert answer.status == 404
    message = CODES["badge_missing"]["message"].replace(ATTEMPTED, "nothing")
    assert answer.body == CODES["badge_missing"] | {"message": message}


def test_seed_code_claimed_again(badgekit: BadgekitClient, codes: str) -> None:
    assert badgekit.post(f"{codes}/{CODE}/claim", {"email": "someone@somewhere.com"}).status == 200

    answer = badgekit.post(f"{codes}/{CODE}/claim", {"email": "another@somewhere.com"})

    assert answer.status == 400
    message = CODES["claimed_again"]["message"].replace("`code`", f"`{CODE}`")
    assert answer.body == CODES["claimed_again"] | {"message": message}
