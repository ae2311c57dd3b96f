"""The figures of an organization: they agree with the badges, whatever happened to these."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from badges.enums import Visibility
from badges.models import Badge, BadgeTally, BadgeTemplate, ExpiryTally
from badges.services.awards import Award, IssueRequest
from badges.services.counters import recount
from badges.services.issuing import issue_badges
from badges.services.revoking import revoke_badge
from badges.services.statistics import figures_of, year_figures
from badges.services.tallies import retally
from earners.services import Person
from organizations.models import Organization
from organizations.services.organizations import update_organization
from tests import factories
from tests.api import Api

pytestmark = pytest.mark.django_db


def issued(template: BadgeTemplate, moment: datetime, email: str = "ada@example.org", **award: Any) -> Badge:
    return factories.badge(template, email, issued_at=moment, **award)


def test_year_has_the_months_of_the_organizations_time_zone(
    acme: Organization, template: BadgeTemplate
) -> None:
    update_organization(organization=acme, fields={"time_zone": "Europe/Rome"}, by=None)
    issued(template, datetime(2024, 12, 31, 23, 30, tzinfo=UTC))  # half past midnight of New Year in Rome
    issued(template, datetime(2025, 6, 15, 12, 0, tzinfo=UTC))

    assert year_figures(acme, 2025).badges == [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert year_figures(acme, 2024).badges == [0] * 12


def test_year_follows_a_changed_time_zone(acme: Organization, template: BadgeTemplate) -> None:
    issued(template, datetime(2024, 12, 31, 23, 30, tzinfo=UTC))
    assert year_figures(acme, 2024).badges[11] == 1

    update_organization(organization=acme, fields={"time_zone": "Europe/Rome"}, by=None)

    assert (year_figures(acme, 2024).badges[11], year_figures(acme, 2025).badges[0]) == (0, 1)


def test_year_counts_learning_paths_in_both_lists(acme: Organization, template: BadgeTemplate) -> None:
    path = factories.template(acme, title="Path", is_learning_path=True)
    moment = datetime(2025, 3, 1, tzinfo=UTC)
    issued(template, moment)
    issued(path, moment)

    figures = year_figures(acme, 2025)

    assert (figures.badges[2], figures.learning_paths[2]) == (2, 1)


def test_figures_leave_out_what_was_revoked_and_what_is_of_others(
    acme: Organization, globex: Organization, template: BadgeTemplate
) -> None:
    issued(template, timezone.now(), "ada@example.org", visibility=Visibility.PUBLIC)
    issued(
        template,
        timezone.now() - timedelta(days=9),
        "eve@example.org",
        expires_at=timezone.now() - timedelta(days=2),
    )
    revoked = issued(
        template,
        timezone.now() - timedelta(days=9),
        "bob@example.org",
        visibility=Visibility.PUBLIC,
        expires_at=timezone.now() - timedelta(days=2),
    )
    revoke_badge(badge=revoked, reason="A mistake.", by=None)
    factories.badge(factories.template(globex))
    acme.refresh_from_db()

    figures = figures_of(acme)

    assert (figures.badges, figures.earners, figures.expired, figures.public) == (2, 3, 1, 1)
    assert figures.by_type == {"participation": 2, "skills": 0, "qualification": 0, "knowledge": 0}
    assert figures.top == {"Data literacy": 2}
    assert figures.per_earner == 1


def test_figures_count_what_expires_today_by_the_second(acme: Organization, template: BadgeTemplate) -> None:
    expires_at = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
    issued(template, datetime(2025, 1, 1, tzinfo=UTC), expires_at=expires_at)

    assert [
        figures_of(acme, at=expires_at + timedelta(seconds=seconds)).expired for seconds in (-1, 0, 86_400)
    ] == [0, 1, 1]


def test_figures_name_templates_with_one_title_apart(acme: Organization) -> None:
    for code, count in (("ONE", 3), ("TWO", 2), ("", 1)):
        template = factories.template(acme, title="Course", code=code)
        for number in range(count):
            factories.badge(template, f"earner{number}@example.org")

    assert list(figures_of(acme).top.items()) == [
        ("Course", 3),
        ("Course (TWO)", 2),
        ("Course (course-3)", 1),
    ]


def test_figures_without_anything_are_zero(acme: Organization) -> None:
    figures = figures_of(acme)

    assert (figures.badges, figures.per_earner, figures.top, figures.paths_by_type) == (0, 0, {}, {})


def test_tallies_agree_with_the_badges_after_everything_that_changes_them(
    acme: Organization, template: BadgeTemplate
) -> None:
    requests = [
        IssueRequest(
            person=Person(email=f"earner{number}@example.org"),
            award=Award(
                issued_at=datetime(2025, 1 + number % 12, 1, tzinfo=UTC),
                expires_at=datetime(2026, 1, 1 + number % 5, tzinfo=UTC),
                visibility=Visibility.PUBLIC if number % 3 else Visibility.UNLISTED,
            ),
        )
        for number in range(30)
    ]
    badges = [
        badge
        for badge in issue_badges(template=template, requests=requests, by=None)
        if isinstance(badge, Badge)
    ]
    for badge in badges[::4]:
        revoke_badge(badge=badge, reason="A mistake.", by=None)

    assert len(badges) == 30
    assert sorted(badge.number for badge in Badge.objects.all()) == list(range(1, 31))
    assert retally(acme) == 0
    assert all(value == 0 for value in recount().values())


def test_recount_mends_wrong_tallies(acme: Organization, badge: Badge) -> None:
    BadgeTally.objects.update(badges=7)
    ExpiryTally.objects.create(organization=acme, day="2025-01-01", badges=3)

    assert recount()["tallies"] == 2
    assert list(BadgeTally.objects.values_list("badges", flat=True)) == [1]
    assert not ExpiryTally.objects.exists()


def test_api_answers_statistics_with_the_keys_of_the_seed(acme_key: str, badge: Badge) -> None:
    response = Api(acme_key).get("/statistics")

    assert response.status_code == 200
    assert response.json() == {
        "badges_count": 1,
        "earners_count": 1,
        "badges_expired_count": 0,
        "credits_left": -1,
        "badge_assignees_ratio": 1,
        "shared_by_user_count": 0,
        "badges_by_type": {"participation": 1, "skills": 0, "qualification": 0, "knowledge": 0},
        "learning_paths_by_type": {},
        "top_5_badge_templates_assigned": {"Data literacy": 1},
    }


def test_api_answers_the_current_year_by_default(acme_key: str, badge: Badge) -> None:
    api = Api(acme_key)

    body = api.get("/year-statistics").json()

    assert list(body) == ["labels", "badges", "learning_paths"]
    assert body["labels"][0] == "Jan"
    assert sum(body["badges"]) == 1
    assert body == api.get("/year-statistics", {"year": str(badge.issued_at.year)}).json()


@pytest.mark.parametrize("year", ["soon", "0", "-5", "10000", "2024.5", "9" * 50, "\x00"])
def test_api_refuses_what_is_no_year(acme_key: str, year: str) -> None:
    response = Api(acme_key).get("/year-statistics", {"year": year})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["year"]


def test_api_statistics_take_five_queries_whatever_there_is(
    acme_key: str, acme: Organization, badge: Badge, django_assert_num_queries: Any
) -> None:
    api = Api(acme_key)
    api.get("/statistics")
    with django_assert_num_queries(5):  # the key, types, days, today, the top
        api.get("/statistics")
    for number in range(3):
        factories.badge(factories.template(acme, title=f"Course {number}"))
    with django_assert_num_queries(5):
        api.get("/statistics")
