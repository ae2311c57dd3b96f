"""What an organization sees first: figures of a period, what asks for attention, first steps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from badges.enums import TemplateType
from badges.models import Badge, BadgeTemplate
from badges.services.overview import (
    LAST_MONTHS,
    FirstStep,
    Step,
    TopTemplate,
    attention_of,
    figures_in,
    first_steps,
    period_called,
    years_of,
)
from badges.services.revoking import revoke_badge
from organizations.models import Organization
from tests import factories


def test_figures_of_a_year_are_those_of_its_months(acme: Organization, template: BadgeTemplate) -> None:
    parts = {"acquired_knowledge": "HTML", "acquired_skills": "Writes it"}
    skills = factories.template(acme, title="Web pages", type=TemplateType.SKILLS, type_data=parts)
    for template_, day in ((template, 3), (template, 4), (skills, 3)):
        factories.badge(template_, f"d{day}@example.org", issued_at=datetime(2024, 5, day, tzinfo=UTC))
    factories.badge(skills, issued_at=datetime(2023, 12, 31, 12, tzinfo=UTC))
    taken_back = factories.badge(skills, "r@example.org", issued_at=datetime(2024, 6, 1, 12, tzinfo=UTC))
    revoke_badge(badge=taken_back, reason="Mistake", by=None)

    figures = figures_in(acme, period_called("2024", acme))

    assert (figures.total, figures.accepted, figures.is_by_year) == (3, 0, False)
    assert figures.by_date == [(date(2024, month, 1), 3 if month == 5 else 0) for month in range(1, 13)]
    assert figures.by_type == [
        (TemplateType.PARTICIPATION, 2),
        (TemplateType.SKILLS, 1),
        (TemplateType.KNOWLEDGE, 0),
        (TemplateType.QUALIFICATION, 0),
    ]
    assert figures.top == [
        TopTemplate(uuid=template.uuid, title="Data literacy", badges=2),
        TopTemplate(uuid=skills.uuid, title="Web pages", badges=1),
    ]
    assert years_of(acme)[-1] == 2023


def test_all_time_is_shown_by_years_when_it_is_long(acme: Organization, template: BadgeTemplate) -> None:
    for year in (2020, 2022):
        factories.badge(template, f"y{year}@example.org", issued_at=datetime(year, 12, 2, tzinfo=UTC))

    figures = figures_in(acme, period_called("all", acme))

    assert figures.is_by_year
    assert figures.by_date == [(date(2020, 1, 1), 1), (date(2021, 1, 1), 0), (date(2022, 1, 1), 1)]


@pytest.mark.parametrize("name", ["", "12-months", "soon", "0000", "20245", "२०२४"])
def test_period_is_the_last_twelve_months_unless_it_is_one(acme: Organization, name: str) -> None:
    period = period_called(name, acme)

    assert period.name == LAST_MONTHS
    assert len(figures_in(acme, period).by_date) == 12


def test_organization_without_badges_has_figures_of_nothing(acme: Organization) -> None:
    figures = figures_in(acme, period_called("all", acme))

    assert (figures.total, figures.by_date, figures.top) == (0, [], [])
    assert years_of(acme) == [timezone.now().year]


@pytest.mark.parametrize(
    ("expires_in", "counted"),
    [
        (timedelta(hours=1), 1),
        (timedelta(days=12), 1),
        (timedelta(days=30, minutes=-5), 1),
        (timedelta(days=30, minutes=5), 0),
    ],
)
def test_expiring_counts_to_the_minute(
    acme: Organization, template: BadgeTemplate, expires_in: timedelta, counted: int
) -> None:
    factories.badge(template, expires_at=timezone.now() + expires_in)

    assert attention_of(acme).expiring == counted
    assert Badge.objects.all().expiring(timedelta(days=30)).count() == counted


def test_unaccepted_is_what_waits(acme: Organization, globex: Organization, template: BadgeTemplate) -> None:
    factories.badge(factories.template(globex))
    accepted, _waiting = factories.badge(template), factories.badge(template, "b@example.org")
    Badge.objects.filter(pk=accepted.pk).update(accepted_at=timezone.now())

    assert attention_of(acme).unaccepted == 1


def test_first_steps_are_ticked_one_by_one(acme: Organization, settings: Settings) -> None:
    assert first_steps(acme) == [FirstStep(step=step, is_done=False) for step in Step]
    factories.badge(factories.template(acme))
    settings.PUBLIC_URL, settings.IS_SECURE = "https://badges.bay-tree.education", True
    acme.refresh_from_db()

    done = {one.step for one in first_steps(acme) if one.is_done}

    assert done == {Step.TEMPLATE, Step.EARNER, Step.BADGE, Step.VERIFIABLE}
    Organization.objects.filter(pk=acme.pk).update(logo="logo.png")
    acme.refresh_from_db()
    assert first_steps(acme) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_figures_cost_the_same_however_many(
    acme: Organization, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        factories.badge(
            template, f"e{number}@example.org", issued_at=datetime(2024, number + 1, 1, tzinfo=UTC)
        )

    with django_assert_num_queries(4):
        figures_in(acme, period_called("2024", acme))
    with django_assert_num_queries(4):
        attention_of(acme)
