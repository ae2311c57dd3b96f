"""Learning paths under many hands at once: one badge of the path each, nothing noted is lost, no deadlocks."""

import pytest

from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.counters import recount
from badges.services.paths import PathStepSpec, complete_due_paths, set_path_steps
from badges.services.revoking import revoke_badge
from badges.services.templates import archive_template, restore_template, update_template
from config.exceptions import InvalidInput
from organizations.models import Message, Organization
from tests import factories
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> Organization:
    """The organization of these races, committed."""
    return factories.OrganizationFactory.create(slug="acme")


def path_of(organization: Organization, *steps: BadgeTemplate) -> BadgeTemplate:
    """Return a learning path with a step for each of the templates."""
    path = factories.template(organization, title="Expert", is_learning_path=True)
    set_path_steps(
        path=path, steps=[PathStepSpec(templates=[step]) for step in steps], in_order=False, by=None
    )
    return path


def complete_all() -> None:
    """Work until nothing is due."""
    while complete_due_paths():
        pass


def test_race_of_workers_issues_each_path_badge_once(acme: Organization) -> None:
    one, two = factories.template(acme), factories.template(acme)
    paths = [path_of(acme, one, two), path_of(acme, one)]
    for number in range(12):
        factories.badge(one, f"earner{number}@example.org")
        factories.badge(two, f"earner{number}@example.org")

    answers = race(lambda number: complete_due_paths(limit=5 if number % 2 else 200), times=8)

    assert kinds(answers) == {"int": 8}
    complete_all()
    for path in paths:
        assert Badge.objects.filter(template=path).count() == 12
        assert Badge.objects.filter(template=path).values("earner").distinct().count() == 12
    assert PathProgress.objects.awarded().count() == 24
    assert Message.objects.count() == 48
    assert not any(recount().values())


def test_race_of_issuing_and_workers_loses_nobody(acme: Organization) -> None:
    one, two = factories.template(acme), factories.template(acme)
    path = path_of(acme, one, two)

    def act(number: int) -> object:
        if number % 3 == 0:
            return complete_due_paths()
        return factories.badge(one if number % 3 == 1 else two, f"earner{number // 3}@example.org")

    answers = race(act, times=24)

    assert kinds(answers) == {"int": 8, "Badge": 16}
    complete_all()
    assert Badge.objects.filter(template=path).count() == 8
    assert list(PathProgress.objects.values_list("steps_done", flat=True)) == [2] * 8
    assert not any(recount().values())


def test_race_of_new_steps_and_their_order_loses_neither(acme: Organization) -> None:
    one, two = factories.template(acme), factories.template(acme)
    paths = [path_of(acme, one) for _number in range(8)]

    def act(number: int) -> object:
        path = paths[number // 2]
        if number % 2:
            return set_path_steps(path=path, in_order=True, by=None)
        return set_path_steps(path=path, steps=[PathStepSpec(templates=[two])], by=None)

    answers = race(act, times=16)

    assert kinds(answers) == {"list": 16}
    for path in paths:
        path.refresh_from_db()
        assert path.is_path_in_order
        assert [list(step.templates.all()) for step in path.path_steps.all()] == [[two]]


def test_race_of_issuing_and_new_steps_notes_everybody(acme: Organization) -> None:
    one = factories.template(acme)
    path = factories.template(acme, is_learning_path=True)

    def act(number: int) -> object:
        if number == 5:
            return set_path_steps(path=path, steps=[PathStepSpec(templates=[one])], in_order=False, by=None)
        return factories.badge(one, f"earner{number}@example.org")

    for _ in range(3):
        answers = race(act, times=12)

        assert kinds(answers) == {"list": 1, "Badge": 11}
        assert PathProgress.objects.due().count() == 11
        PathProgress.objects.all().delete()
        PathStep.objects.all().delete()


def test_race_on_the_path_itself_and_on_its_steps_waits_for_nobody_for_ever(acme: Organization) -> None:
    """A new row of progress refers to the path, whose row others hold who wait for the organization's."""
    one = factories.template(acme)
    path, other = path_of(acme, one), path_of(acme, one)
    given = [factories.badge(path, f"holder{number}@example.org") for number in range(8)]

    def act(number: int) -> object:
        match number % 4:
            case 0:
                return revoke_badge(badge=given[number // 4], reason="Mistake", by=None)
            case 2 if number % 8 == 2:
                return update_template(template=path, fields={"is_path_in_order": number < 16}, by=None)
            case 2:
                archive_template(template=other, by=None)
                return restore_template(template=other, by=None)
            case _:
                return factories.badge(one, f"new{number}@example.org")

    answers = race(act, times=32)

    assert kinds(answers) == {"Badge": 24, "BadgeTemplate": 8}
    complete_all()
    assert Badge.objects.filter(template=path, revoked_at__isnull=True).count() == 16
    assert Badge.objects.filter(template=other).count() == 16
    assert not any(recount().values())


def test_race_for_a_circle_makes_none(acme: Organization) -> None:
    paths = [factories.template(acme, is_learning_path=True) for _ in range(4)]

    def act(number: int) -> object:
        return set_path_steps(
            path=paths[number],
            steps=[PathStepSpec(templates=[paths[(number + 1) % 4]])],
            in_order=False,
            by=None,
        )

    answers = race(act, times=4)

    assert kinds(answers) == {"list": 3, "InvalidInput": 1}
    assert [answer.field for answer in answers if isinstance(answer, InvalidInput)] == ["steps.0.templates.0"]
    assert PathStep.objects.count() == 3
