"""The page that says whether badges will verify elsewhere."""

from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member


def test_page_says_what_is_wrong_and_what_to_do(acme: Organization, alice: User) -> None:
    page = Member(alice, acme).get("verifiability")

    levels = [finding.level for finding in page.context["findings"]]
    assert levels == sorted(levels, key=["error", "warning", "ok"].index)
    assert "PUBLIC_URL" in page.content.decode()


def test_published_addresses_are_asked_when_wished(
    acme: Organization, alice: User, live_server: LiveServer, settings: Settings
) -> None:
    settings.PUBLIC_URL = live_server.url
    factories.badge(factories.template(acme))
    member = Member(alice, acme)

    before = {finding.code for finding in member.get("verifiability").context["findings"]}
    after = {finding.code for finding in member.post("verifiability").context["findings"]}

    assert after > before
