"""Learning paths: steps that are set, standings, and the path's badge that is issued by itself, once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from badges.exceptions import NotALearningPath, TemplateNotChangeable
from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.counters import recount
from badges.services.paths import PathStepSpec, complete_due_paths, retry_path_progress, set_path_steps
from badges.services.revoking import revoke_badge
from badges.services.standings import progress_of
from badges.services.templates import (
    archive_template,
    duplicate_template,
    restore_template,
    update_template,
)
from config.exceptions import InvalidInput, RuleBroken
from earners.models import Earner
from organizations.exceptions import OrganizationDisabled
from organizations.models import Message, Organization, User
from organizations.services.wallet import add_credits
from tests import factories

ADA, GRACE, LISE = "ada@example.org", "grace@example.org", "lise@example.org"
DAY = timedelta(days=1)
START = datetime(2026, 1, 10, 9, tzinfo=UTC)


def path_of(
    organization: Organization,
    *steps: Sequence[BadgeTemplate],
    needed: Sequence[int] = (),
    in_order: bool = False,
    **rules: Any,
) -> BadgeTemplate:
    """Return a learning path with these steps, each needing all of its badges unless told."""
    path = factories.template(organization, title="Expert", is_learning_path=True, **rules)
    specs = [
        PathStepSpec(templates=templates, needed=needed[number] if needed else len(templates))
        for number, templates in enumerate(steps)
    ]
    set_path_steps(path=path, steps=specs, in_order=in_order, by=None)
    path.refresh_from_db()
    return path


def progress(path: BadgeTemplate, email: str = ADA) -> tuple[int, bool, bool, str, bool]:
    """Return (steps done, completed, badge there, problem, due) of an earner's row."""
    row = PathProgress.objects.get(path=path, earner__email=email)
    return (
        row.steps_done,
        row.completed_at is not None,
        row.badge is not None,
        row.problem,
        row.due_at is not None,
    )


def out(path: BadgeTemplate) -> list[str]:
    """Return who was given the path's badge, a line for each badge."""
    return sorted(Badge.objects.filter(template=path).values_list("recipient_email", flat=True))


@pytest.fixture
def one(acme: Organization) -> BadgeTemplate:
    """A template of acme's."""
    return factories.template(acme, title="One")


@pytest.fixture
def two(acme: Organization) -> BadgeTemplate:
    """Another one."""
    return factories.template(acme, title="Two")


@pytest.fixture
def three(acme: Organization) -> BadgeTemplate:
    """A third one."""
    return factories.template(acme, title="Three")


# --- steps


def test_steps_are_set_and_replaced(
    acme: Organization, alice: User, one: BadgeTemplate, two: BadgeTemplate, three: BadgeTemplate
) -> None:
    path = factories.template(acme, is_learning_path=True)

    def steps() -> list[tuple[int, str, int, set[BadgeTemplate]]]:
        rows = PathStep.objects.filter(path=path)
        return [(row.position, row.title, row.needed, set(row.templates.all())) for row in rows]

    first = [PathStepSpec(title=" Basics ", needed=1, templates=[one, two]), PathStepSpec(templates=[three])]
    assert len(set_path_steps(path=path, steps=first, in_order=True, by=alice)) == 2
    assert steps() == [(1, "Basics", 1, {one, two}), (2, "", 1, {three})]
    path.refresh_from_db()
    assert path.is_path_in_order

    set_path_steps(
        path=path, steps=[PathStepSpec(needed=2, templates=[three, one])], in_order=False, by=alice
    )
    assert steps() == [(1, "", 2, {one, three})]
    path.refresh_from_db()
    assert not path.is_path_in_order

    assert set_path_steps(path=path, steps=[], in_order=False, by=alice) == []
    assert steps() == []


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"needed": 3}, "steps.1.needed"),
        ({"needed": 0}, "steps.1.needed"),
        ({"templates": []}, "steps.1.templates"),
        ({"title": "x" * 256}, "steps.1.title"),
        ({"templates": ["one", "one"]}, "steps.1.templates.1"),
        ({"templates": ["one", "path"]}, "steps.1.templates.1"),
        ({"templates": ["one", "foreign"]}, "steps.1.templates.1"),
        ({"templates": ["archived", "one"]}, "steps.1.templates.0"),
        ({"templates": ["one", "above"]}, "steps.1.templates.1"),
        ({"templates": ["far_above"]}, "steps.1.templates.0"),
    ],
)
def test_steps_refused_change_nothing(
    acme: Organization,
    globex: Organization,
    one: BadgeTemplate,
    two: BadgeTemplate,
    spec: dict[str, Any],
    field: str,
) -> None:
    path = path_of(acme, [one])
    above = path_of(acme, [two, path])
    there = {
        "one": one,
        "two": two,
        "path": path,
        "above": above,
        "far_above": path_of(acme, [above]),
        "foreign": factories.template(globex, title="Secret"),
        "archived": archive_template(template=factories.template(acme), by=None),
    }
    factories.badge(one)
    complete_due_paths()
    before = (
        list(PathStep.objects.values("pk", "path", "position", "templates")),
        list(PathProgress.objects.values()),
        BadgeTemplate.objects.get(pk=path.pk).is_path_in_order,
    )
    values: dict[str, Any] = {"templates": ["one", "two"]} | spec
    values["templates"] = [there[name] for name in values["templates"]]

    steps = [PathStepSpec(templates=[two]), PathStepSpec(**values)]

    with pytest.raises(InvalidInput) as refusal:
        set_path_steps(path=path, steps=steps, in_order=True, by=None)

    assert refusal.value.field == field
    assert "Secret" not in refusal.value.message
    assert before == (
        list(PathStep.objects.values("pk", "path", "position", "templates")),
        list(PathProgress.objects.values()),
        BadgeTemplate.objects.get(pk=path.pk).is_path_in_order,
    )


def test_steps_are_limited_in_number(acme: Organization, one: BadgeTemplate) -> None:
    path = factories.template(acme, is_learning_path=True)
    templates = [factories.template(acme) for _ in range(51)]
    for specs, field in (
        ([PathStepSpec(templates=[one])] * 51, "steps"),
        ([PathStepSpec(templates=templates)], "steps.0.templates"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            set_path_steps(path=path, steps=specs, in_order=False, by=None)
        assert refusal.value.field == field
    assert not PathStep.objects.exists()

    set_path_steps(path=path, steps=[PathStepSpec(templates=templates[:50])] * 50, in_order=False, by=None)
    assert PathStep.templates.through.objects.count() == 2500


def test_steps_of_what_is_no_path_or_out_of_use_are_refused(acme: Organization, one: BadgeTemplate) -> None:
    specs = [PathStepSpec(templates=[one])]
    plain = factories.template(acme)
    with pytest.raises(NotALearningPath):
        set_path_steps(path=plain, steps=specs, in_order=False, by=None)
    path = archive_template(template=factories.template(acme, is_learning_path=True), by=None)
    with pytest.raises(TemplateNotChangeable):
        set_path_steps(path=path, steps=specs, in_order=False, by=None)
    restore_template(template=path, by=None)
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    with pytest.raises(OrganizationDisabled):
        set_path_steps(path=path, steps=specs, in_order=False, by=None)
    assert not PathStep.objects.exists()

    Organization.objects.filter(pk=acme.pk).update(status="enabled")
    set_path_steps(path=path, steps=specs, in_order=False, by=None)
    assert PathStep.objects.count() == 1


def test_template_that_was_archived_may_stay_in_its_path(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one, two], needed=[1])
    factories.badge(one)
    archive_template(template=one, by=None)
    steps = [PathStepSpec(title="Either", templates=[one, two])]
    set_path_steps(path=path, steps=steps, in_order=False, by=None)
    complete_due_paths()
    assert (PathStep.objects.get().title, out(path)) == ("Either", [ADA])


def test_copy_of_a_path_begins_without_steps(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one], in_order=True)
    factories.badge(one)
    copy = duplicate_template(template=path, by=None)
    complete_due_paths()
    assert (copy.is_learning_path, copy.is_path_in_order, copy.path_steps.count()) == (True, True, 0)
    assert (out(path), out(copy)) == ([ADA], [])


# --- the path's badge


def test_path_badge_is_issued_when_all_steps_are_done(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two])
    factories.badge(two)
    assert progress(path) == (0, False, False, "", True)
    assert complete_due_paths() == 1
    assert progress(path) == (1, False, False, "", False)

    last = factories.badge(one)
    assert complete_due_paths() == 1
    assert progress(path) == (2, True, True, "", False)
    badge = Badge.objects.get(template=path)
    row = PathProgress.objects.get(path=path)
    assert (row.badge, row.completed_at) == (badge, last.issued_at)
    assert (badge.recipient_email, badge.recipient_name, badge.issued_by) == (
        ADA,
        "Ada Lovelace",
        "learning path",
    )
    assert Message.objects.filter(subject=badge.uuid).count() == 1

    factories.badge(one)
    assert (complete_due_paths(), complete_due_paths()) == (1, 0)
    assert out(path) == [ADA]
    assert not any(recount().values())


def test_badges_earned_before_the_path_existed_count(
    acme: Organization, globex: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    for email in (ADA, GRACE):
        factories.badge(one, email, issued_at=START)
    factories.badge(two, issued_at=START + DAY)
    factories.badge(factories.template(globex), LISE)
    path = path_of(acme, [one], [two])

    assert complete_due_paths() == 2
    assert (out(path), progress(path, GRACE)) == ([ADA], (1, False, False, "", False))
    assert PathProgress.objects.get(earner__email=ADA).completed_at == START + DAY
    assert PathProgress.objects.count() == 2


def test_path_without_steps_is_never_complete(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one])
    factories.badge(one)
    set_path_steps(path=path, steps=[], in_order=False, by=None)
    assert complete_due_paths() == 1
    assert (out(path), progress(path)) == ([], (0, False, False, "", False))


@pytest.mark.parametrize(
    ("held", "is_done"), [("1", False), ("11", False), ("12", True), ("13", True), ("123", True)]
)
def test_step_needs_so_many_different_badges(
    acme: Organization,
    one: BadgeTemplate,
    two: BadgeTemplate,
    three: BadgeTemplate,
    held: str,
    is_done: bool,
) -> None:
    path = path_of(acme, [one, two, three], needed=[2])
    for number in held:
        factories.badge([one, two, three][int(number) - 1])
    complete_due_paths()
    assert progress(path)[1:3] == (is_done, is_done)


def test_steps_in_order_count_only_what_came_after_the_step_before(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate, three: BadgeTemplate
) -> None:
    path = path_of(acme, [one, two], [three], in_order=True)
    factories.badge(three, issued_at=START)
    factories.badge(one, issued_at=START + DAY)
    factories.badge(three, issued_at=START + 2 * DAY)
    complete_due_paths()
    assert progress(path) == (0, False, False, "", False)

    factories.badge(two, issued_at=START + 3 * DAY)
    complete_due_paths()
    assert progress(path) == (1, False, False, "", False)
    earner = Earner.objects.get()
    standing = progress_of(path=path, earner=earner)
    assert [(step.is_done, step.done_at, step.missing) for step in standing.steps] == [
        (True, START + 3 * DAY, 0),
        (False, None, 1),
    ]
    assert standing.next_step == standing.steps[1]

    factories.badge(three, issued_at=START + 3 * DAY)  # at the same moment is late enough
    complete_due_paths()
    assert progress(path) == (2, True, True, "", False)
    assert PathProgress.objects.get().completed_at == START + 3 * DAY


def test_later_steps_in_order_wait_for_the_first(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate, three: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two], [three], in_order=True)
    factories.badge(two)
    factories.badge(three)
    complete_due_paths()
    standing = progress_of(path=path, earner=Earner.objects.get())
    assert [(step.is_done, dict(step.earned)) for step in standing.steps] == [(False, {})] * 3
    assert progress(path) == (0, False, False, "", False)
    update_template(template=path, fields={"is_path_in_order": False}, by=None)
    complete_due_paths()
    assert progress(path) == (2, False, False, "", False)


def test_revoked_and_expired_badges_do_not_count(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two])
    revoked = factories.badge(one)
    factories.badge(one, issued_at=START, expires_at=START + DAY)
    factories.badge(two)
    revoke_badge(badge=revoked, reason="Mistake", by=None)
    complete_due_paths()
    assert (out(path), progress(path)) == ([], (1, False, False, "", False))
    earner = Earner.objects.get()
    assert progress_of(path=path, earner=earner).steps_done == 1
    in_those_days = progress_of(path=path, earner=earner, at=START + DAY / 2)
    assert [step.is_done for step in in_those_days.steps] == [True, True]


def test_revoked_badge_of_a_step_leaves_the_path_badge(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two])
    badge = factories.badge(one)
    factories.badge(two)
    complete_due_paths()
    assert out(path) == [ADA]

    revoke_badge(badge=badge, reason="Mistake", by=None)
    assert complete_due_paths() == 1
    assert progress(path) == (1, True, True, "", False)
    assert not Badge.objects.get(template=path).is_revoked

    factories.badge(one)
    complete_due_paths()
    assert (out(path), progress(path)) == ([ADA], (2, True, True, "", False))


def test_path_badge_that_was_revoked_is_not_issued_again(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one])
    factories.badge(one)
    complete_due_paths()
    revoke_badge(badge=Badge.objects.get(template=path), reason="Cheated", by=None)
    factories.badge(one)
    assert complete_due_paths() == 1
    assert out(path) == [ADA]


def test_unique_path_badge_given_by_hand_stands_for_the_path(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one], is_unique=True)
    given = factories.badge(path)
    factories.badge(one)
    factories.badge(one, GRACE)
    complete_due_paths()
    assert (out(path), progress(path)) == ([ADA, GRACE], (1, True, True, "", False))
    assert PathProgress.objects.get(earner__email=ADA).badge == given


def test_path_may_be_a_step_of_another(acme: Organization, one: BadgeTemplate, two: BadgeTemplate) -> None:
    inner = path_of(acme, [one])
    outer = path_of(acme, [inner], [two], in_order=True)
    factories.badge(one)
    complete_due_paths()
    factories.badge(two)
    while complete_due_paths():
        pass
    assert (out(inner), out(outer)) == ([ADA], [ADA])


def test_template_that_is_no_path_any_more_issues_nothing_until_it_is_again(
    acme: Organization, one: BadgeTemplate
) -> None:
    path = path_of(acme, [one])
    factories.badge(one)
    update_template(template=path, fields={"is_learning_path": False}, by=None)
    factories.badge(one, GRACE)
    assert complete_due_paths() == 1
    assert (complete_due_paths(), out(path)) == (0, [])
    update_template(template=path, fields={"is_learning_path": True}, by=None)
    assert complete_due_paths() == 2
    assert out(path) == [ADA, GRACE]


# --- refusals


def test_refusal_is_kept_and_tried_again_when_the_rules_change(
    acme: Organization, one: BadgeTemplate
) -> None:
    path = path_of(acme, [one], limit=1)
    factories.badge(one)
    factories.badge(one, GRACE)
    assert complete_due_paths() == 2
    assert out(path) == [ADA]
    assert progress(path, GRACE) == (
        1,
        True,
        False,
        "As many of these badges have been issued as the template's limit allows.",
        False,
    )
    assert complete_due_paths() == 0

    update_template(template=path, fields={"limit": 2}, by=None)
    assert complete_due_paths() == 1
    assert (out(path), progress(path, GRACE)) == ([ADA, GRACE], (1, True, True, "", False))


def test_path_that_is_archived_or_inactive_issues_when_it_is_back(
    acme: Organization, one: BadgeTemplate
) -> None:
    path = path_of(acme, [one])
    factories.badge(one)
    archive_template(template=path, by=None)
    complete_due_paths()
    assert progress(path)[:3] == (1, True, False)
    assert progress(path)[3].startswith("This badge template is not active")
    restore_template(template=path, by=None)
    update_template(template=path, fields={"status": "inactive"}, by=None)
    assert (complete_due_paths(), complete_due_paths(), out(path)) == (1, 0, [])
    update_template(template=path, fields={"status": "active"}, by=None)
    complete_due_paths()
    assert (out(path), progress(path)) == ([ADA], (1, True, True, "", False))


def test_credits_that_do_not_suffice_for_all_go_to_the_first(
    acme: Organization, one: BadgeTemplate, settings: Settings
) -> None:
    path = path_of(acme, [one])
    for number in range(11):
        factories.badge(one, f"earner{number}@example.org")
    settings.CREDITS = "enforced"
    Organization.objects.filter(pk=acme.pk).update(credits_left=5)
    assert complete_due_paths() == 11
    assert out(path) == [f"earner{number}@example.org" for number in range(5)]
    assert PathProgress.objects.refused().count() == 6
    assert set(PathProgress.objects.refused().values_list("problem", "due_at")) == {
        (str(PathProgress.objects.refused()[0].problem), None)
    }

    add_credits(organization=acme, credits=4, description="more", by=None)
    assert complete_due_paths() == 0
    earner = Earner.objects.get(email="earner9@example.org")
    assert retry_path_progress(path=path, earner=earner, by=None) == 1
    assert (complete_due_paths(), len(out(path))) == (1, 6)
    assert retry_path_progress(path=path, by=None) == 5
    assert (complete_due_paths(), len(out(path))) == (5, 9)
    assert PathProgress.objects.refused().count() == 2


def test_disabled_organization_keeps_the_reason(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one])
    factories.badge(one)
    Organization.objects.filter(pk=acme.pk).update(status="disabled")
    assert (complete_due_paths(), out(path)) == (1, [])
    assert PathProgress.objects.refused().count() == 1
    with pytest.raises(OrganizationDisabled):
        retry_path_progress(path=path, by=None)
    assert complete_due_paths() == 0
    Organization.objects.filter(pk=acme.pk).update(status="enabled")
    assert retry_path_progress(path=path, by=None) == 1
    assert (complete_due_paths(), out(path)) == (1, [ADA])


def test_problem_goes_with_the_step_that_was_lost(acme: Organization, one: BadgeTemplate) -> None:
    path = path_of(acme, [one], limit=1)
    factories.badge(one, GRACE)
    complete_due_paths()
    badge = factories.badge(one)
    complete_due_paths()
    assert progress(path)[3]
    revoke_badge(badge=badge, reason="Mistake", by=None)
    complete_due_paths()
    assert progress(path) == (0, False, False, "", False)


# --- many


def test_limit_is_how_many_are_looked_at(acme: Organization, one: BadgeTemplate, two: BadgeTemplate) -> None:
    paths = [path_of(acme, [one]), path_of(acme, [one])]
    for number in range(3):
        factories.badge(one, f"earner{number}@example.org")
    assert complete_due_paths(limit=0) == 0
    assert [complete_due_paths(limit=4), complete_due_paths(limit=4), complete_due_paths(limit=4)] == [
        4,
        2,
        0,
    ]
    assert [len(out(path)) for path in paths] == [3, 3]


def test_looking_at_many_takes_as_many_queries_as_at_few(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two])
    counts = []
    for many in (2, 30):
        for number in range(many):
            factories.badge(one, f"{many}-{number}@example.org")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert complete_due_paths() == many
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert out(path) == []


def test_progress_is_seen_by_its_organization_alone(
    acme: Organization, globex: Organization, one: BadgeTemplate, alice: User, charlie: User, staff: User
) -> None:
    path = path_of(acme, [one])
    other = factories.template(globex)
    other_path = path_of(globex, [other])
    factories.badge(one)
    factories.badge(other)
    seen = PathProgress.objects.visible_to
    assert {row.path for row in seen(alice)} == {path}
    assert {row.path for row in seen(staff)} == {path, other_path}
    assert (seen(charlie).count(), seen(None).count()) == (0, 0)


def test_progress_of_somebody_who_never_set_out(
    acme: Organization, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    path = path_of(acme, [one], [two])
    factories.badge(factories.template(acme), GRACE)
    earner = Earner.objects.get(email=GRACE)
    with CaptureQueriesContext(connection) as queries:
        standing = progress_of(path=path, earner=earner, at=timezone.now())
    assert len(queries) == 3
    assert (standing.steps_done, standing.completed_at, standing.next_step) == (0, None, standing.steps[0])
    assert not PathProgress.objects.exists()


def test_refusals_are_rules(acme: Organization) -> None:
    with pytest.raises(RuleBroken) as refusal:
        set_path_steps(path=factories.template(acme), steps=[], in_order=False, by=None)
    assert refusal.value.code == "not_a_learning_path"
