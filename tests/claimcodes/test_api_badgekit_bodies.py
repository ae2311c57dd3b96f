"""What may be sent to the claim codes of the BadgeKit API: encodings, odd codes and paths, and everything that is wrong."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from badges.models import BadgeTemplate
from claimcodes.models import ClaimCode
from organizations.models import System
from tests import factories
from tests.badgekit import BadgekitClient, segment

OUT_OF_RANGE = "String is not in range"


@pytest.fixture
def client(system: System) -> BadgekitClient:
    """A client with a key of the system."""
    return BadgekitClient.of(system)


@pytest.fixture
def path(template: BadgeTemplate) -> str:
    """The codes of acme's badge."""
    return f"/systems/main/badges/{template.slug}/codes"


def refused(*details: tuple[str, str, Any]) -> dict[str, Any]:
    """Return the body of a ValidationError."""
    return {
        "code": "ValidationError",
        "message": "Could not validate required fields",
        "details": [
            {"message": message, "field": field, "value": value} for field, message, value in details
        ],
    }


def multipart(fields: dict[str, str]) -> bytes:
    """Return a multipart body with the boundary `b`."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return "".join([*parts, "--b--\r\n"]).encode()


@pytest.mark.parametrize(
    ("content_type", "encode"),
    [
        ("application/json", lambda fields: json.dumps(fields).encode()),
        ("application/json; charset=utf-8", lambda fields: json.dumps(fields, ensure_ascii=False).encode()),
        ("application/x-www-form-urlencoded", lambda fields: urlencode(fields).encode()),
        ("multipart/form-data; boundary=b", multipart),
    ],
)
def test_three_encodings_mean_the_same(
    client: BadgekitClient, path: str, content_type: str, encode: Any
) -> None:
    body = encode({"code": "café 1", "claimed": "false", "multiuse": "true", "email": "ada@example.org"})

    answer = client.call("POST", path, body, content_type=content_type)

    row = ClaimCode.objects.get()
    assert answer.status == 201
    assert (row.code, row.is_claimed, row.is_multiuse, row.email) == (
        "café 1",
        False,
        True,
        "ada@example.org",
    )
    assert answer.body["claimCode"] == {
        "id": row.pk,
        "code": "café 1",
        "claimed": False,
        "email": "ada@example.org",
        "multiuse": True,
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (1, True),
        ("true", True),
        ("1", True),
        ("on", True),
        (False, False),
        (0, False),
        ("false", False),
        ("FALSE", False),
        ("0", False),
        ("", False),
        (None, False),
    ],
)
def test_false_means_false(client: BadgekitClient, path: str, value: Any, expected: bool) -> None:
    answer = client.post(f"{path}/random", {"multiuse": value, "claimed": value})

    row = ClaimCode.objects.get()
    assert (answer.status, row.is_multiuse, row.is_claimed) == (201, expected, expected)


@pytest.mark.parametrize("code", [12345, "12345"])
def test_number_as_code_is_its_text(client: BadgekitClient, path: str, code: Any) -> None:
    answer = client.post(path, {"code": code})

    assert answer.body["claimCode"]["code"] == "12345"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, refused(("code", OUT_OF_RANGE, ""))),
        (None, refused(("code", OUT_OF_RANGE, ""))),
        ({"code": None}, refused(("code", OUT_OF_RANGE, ""))),
        ({"code": ""}, refused(("code", OUT_OF_RANGE, ""))),
        ({"code": "x" * 256}, refused(("code", OUT_OF_RANGE, "x" * 256))),
        ({"code": ["x"]}, refused(("code", "Not a string", ""))),
        ({"code": {"x": 1}}, refused(("code", "Not a string", ""))),
        ({"code": True}, refused(("code", "Not a string", True))),
        ({"code": "x", "email": "nope"}, refused(("email", "Invalid email", "nope"))),
        ({"code": "x", "email": ""}, refused(("email", "Invalid email", ""))),
        ({"code": "x", "claimed": "maybe"}, refused(("claimed", "Not a boolean", "maybe"))),
        ({"code": "x\x00"}, refused(("code", "Holds characters that cannot be kept", ""))),
        ({"code": "x\ud800"}, refused(("code", "Holds characters that cannot be kept", ""))),
        ({"code": "   "}, refused(("code", "A claim code needs at least one visible character.", "   "))),
        (
            {"code": "a\nb"},
            refused(("code", "A claim code cannot contain line breaks or control characters.", "a\nb")),
        ),
        (
            {"code": "", "multiuse": [], "email": 1, "claimed": {}},
            refused(
                ("code", OUT_OF_RANGE, ""),
                ("claimed", "Not a boolean", ""),
                ("email", "Invalid email", 1),
                ("multiuse", "Not a boolean", ""),
            ),
        ),
    ],
    ids=repr,
)
def test_create_tells_all_that_is_wrong(
    client: BadgekitClient, path: str, body: Any, expected: dict[str, Any]
) -> None:
    answer = client.post(path, body)

    assert (answer.status, answer.body) == (400, expected)
    assert ClaimCode.objects.count() == 0
    assert client.post(path, {"code": "x"}).status == 201


@pytest.mark.parametrize("spelling", ["Summer", "summer", " SUMMER ", "ﬁne"])
def test_duplicate_is_a_conflict(client: BadgekitClient, path: str, spelling: str) -> None:
    first = "fine" if spelling == "ﬁne" else "Summer"
    client.post(path, {"code": first})

    answer = client.post(path, {"code": spelling, "multiuse": True})

    sentence = "claimCode with that `code` already exists"
    assert (answer.status, answer.body) == (
        409,
        {
            "code": "ResourceConflict",
            "error": sentence,
            "message": sentence,
            "details": {"code": spelling, "multiuse": True},
        },
    )
    assert ClaimCode.objects.get().code == first


@pytest.mark.parametrize(
    "code",
    [
        *(
            "with space",
            "a/b",
            "/a",
            "a/",
            "a//b",
            "claim",
            "random",
            "x/claim",
            "x/claims",
            "claims",
            "codes",
        ),
        *(
            "a?b",
            "a%2Fb",
            "a#b",
            "a&b=c",
            "+",
            "..",
            "é",
            "☕ 日本語",
            "😀",
            "\"'<>",
            "x" * 255,
            "é" * 255,
            "~!*()",
        ),
        *("ünïcodé/☕?", "%", "\\", ";", "a:b@c"),
    ],
)
def test_odd_codes_live_a_whole_life(client: BadgekitClient, path: str, code: str) -> None:
    address = f"{path}/{segment(code)}"

    made = client.post(path, {"code": code, "multiuse": True})
    read = client.get(address)
    looked_up = client.get(f"/systems/main/codes/{segment(code)}")
    changed = client.put(address, {"email": "ada@example.org"})
    claimed = client.post(f"{address}/claim", {"email": "ada@example.org"})
    listed = client.get(f"{address}/claims")
    deleted = client.delete(address)

    statuses = [answer.status for answer in (made, read, looked_up, changed, claimed, listed, deleted)]
    assert statuses == [201, 200, 200, 200, 200, 200, 200]
    for answer in (made, read, changed, claimed, deleted):
        assert answer.body["claimCode"]["code"] == code
    assert ClaimCode.objects.count() == 0


@pytest.mark.parametrize("code", ["a/b", "with space", "random", "claims", "é☕"])
def test_odd_codes_work_where_the_raw_path_is_not_told(
    client: BadgekitClient, path: str, template: BadgeTemplate, code: str
) -> None:
    factories.claim_code(template, code=code)
    address = f"{path}/{segment(code)}"

    # The path that is signed is then the one that is put together again.
    read = client.call("GET", address.replace("%2F", "/"), is_raw=False)
    claimed = client.call("POST", f"{address.replace('%2F', '/')}/claim", b"{}", is_raw=False)

    assert (read.status, claimed.status) == (200, 200)


@pytest.mark.parametrize(
    "spelled",
    [
        "/systems//main/badges/{slug}/codes/abc",
        "//systems/main/badges/{slug}/codes/abc",
        "{path}/abc/",
        "{path}//abc",
        "{path}/abc///",
        "{path}/ABC",
        "{path}/abc%20",
    ],
)
def test_slashes_and_case_count_for_nothing(
    client: BadgekitClient, path: str, template: BadgeTemplate, spelled: str
) -> None:
    factories.claim_code(template, code="abc")

    answer = client.get(spelled.format(slug=template.slug, path=path))

    assert (answer.status, answer.body["claimCode"]["code"]) == (200, "abc")


def test_trailing_slash_of_claim(client: BadgekitClient, path: str, template: BadgeTemplate) -> None:
    factories.claim_code(template, code="abc")

    assert client.post(f"{path}/abc/claim/", {}).status == 200
    assert ClaimCode.objects.get().uses == 1


@pytest.mark.parametrize("code", ["%00", "%FF", "%ED%A0%80", "x%00y", "nope"])
def test_codes_that_cannot_be_are_not_found(client: BadgekitClient, path: str, code: str) -> None:
    answers = [
        client.get(f"{path}/{code}"),
        client.delete(f"{path}/{code}"),
        client.post(f"{path}/{code}/claim", {}),
        client.get(f"/systems/main/codes/{code}"),
    ]

    assert [answer.status for answer in answers] == [404] * 4
    assert {answer.body["code"] for answer in answers} == {"ResourceNotFound"}


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("PUT", "", "GET, POST"),
        ("DELETE", "", "GET, POST"),
        ("PATCH", "/x", "GET, PUT, DELETE"),
        ("POST", "/x", "GET, PUT, DELETE"),
        ("HEAD", "/x", "GET, PUT, DELETE"),
        ("OPTIONS", "/x", "GET, PUT, DELETE"),
        ("GET", "/x/claim", "POST"),
        ("TRACE", "/random", "GET, PUT, DELETE"),
    ],
)
def test_other_methods_are_not_allowed(
    client: BadgekitClient, path: str, method: str, address: str, allowed: str
) -> None:
    answer = client.call(method, path + address)

    assert (answer.status, answer.headers["Allow"]) == (405, allowed)
    if method != "HEAD":
        assert answer.body == {"code": "MethodNotAllowedError", "message": f"{method} is not allowed"}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/png"])
def test_other_answers_are_not_acceptable(client: BadgekitClient, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept})

    assert (answer.status, answer.body) == (
        406,
        {"code": "NotAcceptableError", "message": "Server accepts: application/json"},
    )


@pytest.mark.parametrize("accept", ["*/*", "application/json", "text/html, */*;q=0.8", "application/*"])
def test_json_is_acceptable(client: BadgekitClient, path: str, accept: str) -> None:
    assert client.get(path, headers={"Accept": accept}).status == 200


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        ("application/json", b"{broken", 400, "InvalidContent"),
        ("application/json", b'{"code":"a","code":"b"}', 400, "InvalidContent"),
        ("application/json", b'{"code":NaN}', 400, "InvalidContent"),
        ("application/json", b"\xff\xfe", 400, "InvalidContent"),
        ("application/json", b"[" * 100_000, 400, "InvalidContent"),
        ("application/json", b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400, "InvalidContent"),
        ("application/json", b'{"code":' + b"9" * 5_000 + b"}", 400, "InvalidContent"),
        ("application/json", b"[]", 400, "ValidationError"),
        ("application/json", b'"text"', 400, "ValidationError"),
        ("application/json", b"null", 400, "ValidationError"),
        ("application/json", b'{"code":"' + b"x" * (10 * 1024 * 1024) + b'"}', 413, "RequestEntityTooLarge"),
        ("multipart/form-data; boundary=b", b"x" * (13 * 1024 * 1024), 413, "RequestEntityTooLarge"),
        ("multipart/form-data", b"--b", 400, "InvalidContent"),
        ("multipart/form-data; boundary=b", b"nothing of the kind", 400, "ValidationError"),
        ("application/x-www-form-urlencoded", b"code=a&code=b", 400, "ValidationError"),
        ("application/x-www-form-urlencoded", b"code=%00", 400, "ValidationError"),
        ("application/x-www-form-urlencoded", b"code=caf%E9", 400, "InvalidContent"),
        ("application/x-www-form-urlencoded", b"code[a]=1&code=2", 400, "InvalidContent"),
        # More fields than DATA_UPLOAD_MAX_NUMBER_FIELDS, which is 4,000: the editor of a template sends many.
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5_000), 400, "InvalidContent"),
        ("text/plain", b"code=x", 415, "UnsupportedMediaTypeError"),
        ("application/octet-stream", b"x", 415, "UnsupportedMediaTypeError"),
        ("", b"x", 415, "UnsupportedMediaTypeError"),
    ],
)
def test_bodies_that_cannot_be_meant_are_refused(
    client: BadgekitClient, path: str, content_type: str, body: bytes, status: int, code: str
) -> None:
    answer = client.call("POST", path, body, content_type=content_type)

    assert (answer.status, answer.body["code"]) == (status, code)
    assert ClaimCode.objects.count() == 0
    assert client.post(path, {"code": "x"}).status == 201


def test_body_without_a_length_is_refused(client: BadgekitClient, path: str) -> None:
    answer = client.post(f"{path}/random", None, headers={"Transfer-Encoding": "chunked"})

    assert (answer.status, answer.body["code"]) == (411, "LengthRequiredError")
