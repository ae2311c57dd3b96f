"""The lines that the guide shows, sent as they stand there to what the demo holds. Each gets what the guide says of it."""

import html
import re
import shlex
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from tests.seeds.comparing import Notes


def lines(page: str) -> Iterator[str]:
    """Yield what the guide's examples have to be typed, line by line; continued lines are one."""
    for block in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page, re.DOTALL):
        text = html.unescape(block).replace("\\\n", " ")
        if "curl" in text:
            # A body in quotes may have several lines.
            yield from (match.strip() for match in re.findall(r"(?:[^'\n]|'[^']*')+", text))


def request_of(line: str, variables: dict[str, str]) -> tuple[str, str, dict[str, str], str]:
    """Return method, path, headers and body of a curl line."""
    words = [expanded(word, variables) for word in shlex.split(line)[1:]]
    method, headers, body, url = "", {}, "", ""
    while words:
        word = words.pop(0)
        if word == "-H":
            name, _colon, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word == "-X":
            method = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        elif word == "-o":
            words.pop(0)
        else:
            url = word
    parts = urlsplit(url)
    assert url.startswith(settings.PUBLIC_URL), line
    return method or ("POST" if body else "GET"), f"{parts.path}?{parts.query}".rstrip("?"), headers, body


def expanded(word: str, variables: dict[str, str]) -> str:
    """Put the variables in."""
    return re.sub(r"\$([A-Z]+)", lambda match: variables[match[1]], word)


def copied(name: str, found: dict[str, Any], demo: Notes) -> str:
    """Return what a reader puts into a variable: what the demo printed, or what an answer before had."""
    if name in {"KEY", "TOKEN"}:
        return str(demo[{"KEY": "api_key", "TOKEN": "login_token"}[name]])
    if name == "TEMPLATE":
        return str(found["badge_templates"]["data"][1]["id"])
    if name == "BATCH":
        return str(found["bulk"]["data"]["id"])
    of_token = found.get("Badges")
    return str(of_token["badges"][0]["badgeID"] if of_token else found["badges"]["data"]["id"])


def test_lines_of_the_guide_work(demo: Notes) -> None:
    client = Client()
    variables: dict[str, str] = {}
    found: dict[
        str, Any
    ] = {}  # answers by the last word of the path; of the token API by the one that says what
    answered = []

    for line in lines(client.get("/api").content.decode()):
        if line.startswith("export "):
            name, _equals, value = line.removeprefix("export ").partition("=")
            variables[name] = copied(name, found, demo) if "…" in value else expanded(value, variables)
        elif line.startswith("curl "):
            method, path, headers, body = request_of(line, variables)
            content_type = headers.pop("Content-Type", "")
            response = client.generic(method, path, body, content_type, headers=headers)
            answered.append((method, path.removeprefix("/api/v1/issuers/organization"), response.status_code))
            if response.headers["Content-Type"] == "application/json":
                of_token = path.startswith("/api/v2/")
                found[path.partition("?")[0].split("/")[3 if of_token else -1]] = response.json()
                assert not of_token or response.json()["resultCode"] == 0, line

    batch, badge = f"/batches/{variables['BATCH']}", found["revoke"]["data"]["id"]
    assert answered == [
        ("GET", "", 200),
        ("GET", "/badge_templates?status=active", 200),
        ("POST", "/badges", 201),
        ("POST", f"/badges/{badge}/revoke", 200),
        ("POST", "/badges/bulk", 202),
        ("GET", batch, 200),
        ("GET", f"{batch}/rows?state=failed", 200),
        ("POST", f"{batch}/pause", 200),
        ("GET", "/badges?status=valid&created_at_after=2024-01-01&per_page=100&page=2", 200),
        ("GET", "/badges/export.csv", 200),
        ("GET", "/systems/demo/issuers/bay-tree/badges", 200),
        ("POST", "/systems/demo/issuers/bay-tree/badges/open-day-guest/codes/random", 201),
        ("POST", "/systems/demo/issuers/bay-tree/badges/open-day-guest/codes/OPEN-DAY-2026/claim", 200),
        ("GET", f"/api/v2/Badges/{demo['login_token']}", 200),
        ("GET", f"/api/v2/Badge/{demo['login_token']}/{variables['BADGE']}", 200),
        ("POST", f"/api/v2/Outcome/{demo['login_token']}/garden-20-hours", 200),
    ]
