"""The overview."""

from datetime import UTC, datetime
from typing import Any

import pytest

from badges.models import BadgeTemplate
from organizations.enums import Role
from organizations.models import Organization, User
from tests import factories
from tests.at_work import Member


def test_new_organization_is_led_to_its_first_badge(acme: Organization, alice: User) -> None:
    text = Member(alice, acme).get("dashboard").content.decode()

    member = Member(alice, acme)
    for name in ("settings", "new_template", "import_earners", "issue", "verifiability"):
        assert f'href="{member.url(name)}"' in text.split("First steps")[1], name
    assert "bar_charts" not in text


def test_viewer_is_not_led_to_what_they_may_not(acme: Organization) -> None:
    member = Member(factories.member(acme, Role.VIEWER, "viewer@acme.example"), acme)

    steps = member.get("dashboard").content.decode().split("First steps")[1]

    assert f'href="{member.url("new_template")}"' not in steps
    assert f'href="{member.url("verifiability")}"' in steps


def test_figures_are_those_of_the_period(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    for month in (1, 3):
        factories.badge(template, f"m{month}@example.org", issued_at=datetime(2024, month, 9, tzinfo=UTC))
    member = Member(alice, acme)

    page = member.get("dashboard", period="2024")

    assert page.context["dates"][:3] == [("Jan 2024", 1), ("Feb 2024", 0), ("Mar 2024", 1)]
    text = page.content.decode()
    assert '<option value="2024" selected>' in text
    assert '<td class="number" data-value="1">1</td>' in text
    assert "No badge was issued in this period: Last 12 months." in member.get("dashboard").content.decode()
    assert '<option value="1999" selected>' in member.get("dashboard", period="1999").content.decode()


def test_another_organizations_figures_stay_there(
    acme: Organization, globex: Organization, alice: User
) -> None:
    factories.badge(factories.template(globex, title="Secret course"))

    page = Member(alice, acme).get("dashboard", period="all")

    assert page.context["figures"].total == 0
    assert "Secret course" not in page.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_costs_the_same_however_many(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        factories.badge(factories.template(acme, title=f"Title {number}"), f"e{number}@example.org")
    member = Member(alice, acme)
    member.get("dashboard")

    with django_assert_num_queries(12):
        member.get("dashboard")
