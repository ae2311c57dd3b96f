"""How much the pages weigh: style sheets and scripts of any of them are at most 100 kB together, as they travel."""

import gzip
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from badges.models import Badge, BadgeTemplate
from organizations.models import Organization, User
from tests.at_work import Member
from tests.manage_routes import ROUTES, path_of
from tests.things import Things

MOST = 100_000  # bytes
LOADED = re.compile(r'<link rel="stylesheet" href="([^"]+)"|<script src="([^"]+)"')


@cache
def weight_of(name: str) -> int:
    """Return how many bytes a static file has when it is sent."""
    path = finders.find(name)
    assert isinstance(path, str), name
    return len(gzip.compress(Path(path).read_bytes(), 9))


def weight_of_page(response: Any) -> int:
    """Return what a page loads, in bytes; each file once."""
    names = {style or script for style, script in LOADED.findall(response.content.decode())}
    assert all(name.startswith(settings.STATIC_URL) for name in names), names
    return sum(weight_of(name.removeprefix(settings.STATIC_URL)) for name in names)


def test_pages_of_issuers_are_light(acme: Organization, alice: User, things: Things) -> None:
    member = Member(alice, acme)
    weights: dict[str, int] = {}
    for name in ROUTES:
        if "GET" in ROUTES[name]:
            response = member.client.get(path_of(name, acme, things))
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                weights[name] = weight_of_page(response)

    assert weights["badges"] > 50_000  # they were found
    assert weights["dashboard"] > weight_of("vendor/chartjs/bar_charts.min.js")
    assert {name: weight for name, weight in weights.items() if weight > MOST} == {}


@pytest.mark.parametrize("path", ["/", "{badge}", "{template}", "{issuer}", "/claim", "/me/sign-in"])
def test_public_pages_are_light(acme: Organization, template: BadgeTemplate, badge: Badge, path: str) -> None:
    BadgeTemplate.objects.update(is_published=True)
    paths = {"badge": badge.public_path, "template": template.public_path, "issuer": acme.public_path}

    response = Client().get(path.format(**paths), headers={"Accept": "text/html"}, follow=True)

    assert response.status_code == 200
    assert 30_000 < weight_of_page(response) <= MOST
