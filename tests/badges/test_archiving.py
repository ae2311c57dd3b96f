"""Archiving badge templates: refused while something that was begun could not be finished without them."""

import pytest

from badges.enums import BatchState
from badges.exceptions import TemplateInUse
from badges.models import BadgeTemplate, Batch, PathStep
from badges.services.batches import create_batch, run_batch
from badges.services.paths import PathStepSpec, set_path_steps
from badges.services.templates import archive_template, restore_template, update_template
from earners.services import Person
from organizations.models import Organization
from tests import factories
from tests.racing import kinds, race


@pytest.fixture
def other(acme: Organization) -> BadgeTemplate:
    """A second template of acme's."""
    return factories.template(acme, title="Statistics")


def path_of(organization: Organization, *templates: BadgeTemplate, needed: int) -> BadgeTemplate:
    """Return a learning path of one step."""
    path = factories.template(organization, title="Expert", is_learning_path=True)
    set_path_steps(
        path=path, steps=[PathStepSpec(templates=templates, needed=needed)], in_order=False, by=None
    )
    return path


def assert_stays(template: BadgeTemplate, why: str) -> None:
    with pytest.raises(TemplateInUse) as refusal:
        archive_template(template=template, by=None)
    assert why in refusal.value.message
    template.refresh_from_db()
    template.organization.refresh_from_db()
    assert not template.is_archived


@pytest.mark.parametrize("state", list(BatchState))
def test_template_with_a_batch_is_archived_when_the_batch_has_ended(
    template: BadgeTemplate, state: BatchState
) -> None:
    batch = create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)
    Batch.objects.filter(pk=batch.pk).update(state=state)

    if state in {BatchState.DONE, BatchState.STOPPED}:
        assert archive_template(template=template, by=None).is_archived
    else:
        assert_stays(template, "A batch of this badge template has not ended.")


def test_template_with_a_batch_is_archived_after_it_was_run(template: BadgeTemplate) -> None:
    batch = create_batch(template=template, people=[(Person(email="ada@example.org"), {})], by=None)
    assert_stays(template, "has not ended")

    run_batch(batch)

    assert archive_template(template=template, by=None).is_archived


def test_batch_of_another_template_hinders_nothing(template: BadgeTemplate, other: BadgeTemplate) -> None:
    create_batch(template=other, people=[(Person(email="ada@example.org"), {})], by=None)

    assert archive_template(template=template, by=None).is_archived


def test_template_of_a_step_is_archived_while_others_suffice(
    acme: Organization, template: BadgeTemplate, other: BadgeTemplate
) -> None:
    path_of(acme, template, other, needed=1)

    assert archive_template(template=other, by=None).is_archived
    assert_stays(template, "step 1 of the learning path “Expert”")
    restore_template(template=other, by=None)
    assert archive_template(template=template, by=None).is_archived


def test_template_of_a_step_that_needs_all_stays(
    acme: Organization, template: BadgeTemplate, other: BadgeTemplate
) -> None:
    path_of(acme, template, other, needed=2)

    assert_stays(template, "step 1")


@pytest.mark.parametrize("change", ["archived", "no path", "without steps"])
def test_path_out_of_use_hinders_nothing(acme: Organization, template: BadgeTemplate, change: str) -> None:
    path = path_of(acme, template, needed=1)
    assert_stays(template, "step 1")

    match change:
        case "archived":
            archive_template(template=path, by=None)
        case "no path":
            update_template(template=path, fields={"is_learning_path": False}, by=None)
        case _:
            set_path_steps(path=path, steps=[], in_order=False, by=None)

    assert archive_template(template=template, by=None).is_archived


def test_archived_template_is_archived_again_whatever_uses_it(
    acme: Organization, template: BadgeTemplate
) -> None:
    path = path_of(acme, template, needed=1)
    archive_template(template=path, by=None)
    archive_template(template=template, by=None)
    restore_template(template=path, by=None)

    assert archive_template(template=template, by=None).is_archived


@pytest.mark.django_db(transaction=True)
def test_race_of_archiving_leaves_a_step_that_can_be_done() -> None:
    acme = factories.OrganizationFactory.create()
    for _ in range(4):
        templates = [factories.template(acme) for _ in range(4)]
        path = path_of(acme, *templates, needed=2)

        answers = race(lambda number: archive_template(template=templates[number], by=None), times=4)  # noqa: B023

        assert kinds(answers) == {"BadgeTemplate": 2, "TemplateInUse": 2}
        step = PathStep.objects.get(path=path)
        assert step.templates.filter(archived_at__isnull=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_race_of_changes_to_type_data_loses_none() -> None:
    acme = factories.OrganizationFactory.create()
    keys = ["acquired_knowledge", "acquired_skills", "acquired_attitudes", "application_scope"]
    template = factories.template(acme)

    answers = race(
        lambda number: update_template(
            template=template, fields={"type_data": {keys[number]: f"new {number}"}}, by=None
        ),
        times=4,
    )

    assert kinds(answers) == {"BadgeTemplate": 4}
    template = BadgeTemplate.objects.select_related("current_version").get(pk=template.pk)
    assert template.current_version is not None
    assert template.current_version.type_data == {key: f"new {number}" for number, key in enumerate(keys)}
