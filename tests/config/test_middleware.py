"""What requests of programs are spared, and what every answer has all the same."""

import pytest
from csp.constants import HEADER
from csp.utils import build_policy
from django.test import Client


@pytest.mark.parametrize(
    ("path", "has_cookies"),
    [("/systems/main", False), ("/api/v2/Badges/none", False), ("/api/v1/user", True), ("/verify", True)],
)
def test_sessions_are_not_looked_at_for_programs(
    db: None, client: Client, path: str, has_cookies: bool
) -> None:
    request = client.get(path).wsgi_request
    assert hasattr(request, "session") is has_cookies
    assert hasattr(request, "user") is has_cookies


@pytest.mark.parametrize("path", ["/systems/main", "/api/v2/Badges/none", "/api/v1/user", "/verify"])
def test_every_answer_has_the_policy(db: None, client: Client, path: str) -> None:
    assert client.get(path).headers[HEADER] == build_policy()
