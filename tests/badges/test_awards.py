"""What is said about one badge: what a batch keeps comes back whole, and what would not verify is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.awards import Award, checked_award
from badges.services.batches import create_batch, run_batch
from config.exceptions import InvalidInput
from earners.services import Person
from tests import factories

STARTED = datetime(2026, 2, 2, 8, tzinfo=UTC)


def test_award_comes_back_from_json_as_it_was() -> None:
    award = Award(
        issued_at=STARTED,
        expires_at=STARTED + timedelta(days=30),
        activity_title="Course",
        activity_started_at=STARTED - timedelta(days=9),
        activity_ended_at=STARTED - timedelta(days=2),
        narrative="Well done.",
        evidence=[{"url": "https://example.org/work", "name": "Work"}],
        results=[{"value": "97"}],
        notes="for us",
        additional_details={"room": 5},
        visibility=Visibility.PUBLIC,
    )

    assert Award.from_json(award.to_json()) == award
    assert Award.from_json(Award().to_json()) == Award()
    assert Award.from_json(award.to_json(), {"notes": "own"}).notes == "own"


def test_batch_issues_at_the_times_that_its_award_says(template: BadgeTemplate) -> None:
    award = Award(issued_at=STARTED, expires_at=STARTED + timedelta(days=9999))
    rows: list[tuple[Person, dict[str, Any]]] = [(Person(email="ada@example.org"), {})]

    run_batch(create_batch(template=template, people=rows, award=award, by=None))

    badge = Badge.objects.get()
    assert (badge.issued_at, badge.expires_at) == (STARTED, STARTED + timedelta(days=9999))


@pytest.mark.parametrize(
    ("award", "field"),
    [
        ({"issued_at": datetime(2026, 1, 1)}, "issued_at"),  # noqa: DTZ001 - that it has none is the point
        ({"issued_at": timezone.now() + timedelta(days=2)}, "issued_at"),
        ({"issued_at": STARTED, "expires_at": STARTED}, "expires_at"),
        (
            {"activity_started_at": STARTED, "activity_ended_at": STARTED - timedelta(days=1)},
            "activity_ended_at",
        ),
        ({"activity_title": "x" * 256}, "activity_title"),
        ({"visibility": "secret"}, "visibility"),
        ({"evidence": "none"}, "evidence"),
        ({"evidence": ["https://example.org"]}, "evidence.0"),
        ({"evidence": [{"name": "Work"}]}, "evidence.0"),
        ({"evidence": [{"url": "https://example.org", "size": "9"}]}, "evidence.0.size"),
        ({"evidence": [{"url": 9}]}, "evidence.0.url"),
        ({"evidence": [{"narrative": "x" * 20_001}]}, "evidence.0.narrative"),
        ({"evidence": [{"narrative": "x"}] * 101}, "evidence"),
        ({"results": [{"value": "9"}, {}]}, "results.1"),
    ],
)
def test_award_that_cannot_be_issued_is_refused_with_its_field(award: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        checked_award(Award(**award), validity_days=None)

    assert refusal.value.field == field


@pytest.mark.parametrize("more", [{}, {"people": [], "earners_list": "both"}])
def test_create_batch_wants_either_people_or_a_list(template: BadgeTemplate, more: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="either people or a list"):
        create_batch(template=template, by=None, **more)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tags": "data"}, "tags"),
        ({"tags": ["data", " "]}, "tags.1"),
        ({"tags": ["data", "data"]}, "tags.1"),
        ({"alignments": [{"name": "ESCO"}]}, "alignments.0.url"),
        ({"criteria": [{"description": "Finish.", "required": "yes"}]}, "criteria.0.required"),
        (
            {"result_descriptions": [{"id": "a", "name": "A", "type": "Result", "allowed_values": ["x", 1]}]},
            "result_descriptions.0.allowed_values.1",
        ),
    ],
)
def test_template_lists_are_refused_with_the_item_at_fault(
    template: BadgeTemplate, fields: dict[str, Any], field: str
) -> None:
    before = BadgeTemplate.objects.count()

    with pytest.raises(InvalidInput) as refusal:
        factories.template(template.organization, **fields)

    assert (refusal.value.field, BadgeTemplate.objects.count()) == (field, before)
