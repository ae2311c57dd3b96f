"""The pages of learning paths."""

from typing import Any

import pytest

from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.paths import PathStepSpec, complete_due_paths, foresee_steps, set_path_steps
from badges.services.templates import update_template
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.at_work import Member


@pytest.fixture
def final(acme: Organization) -> BadgeTemplate:
    """A learning path without steps."""
    return factories.template(acme, title="Data steward", is_learning_path=True)


@pytest.fixture
def ethics(acme: Organization) -> BadgeTemplate:
    """Another template that a step may ask for."""
    return factories.template(acme, title="Data ethics")


def sent(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the editor's form as a browser sends it."""
    fields: dict[str, Any] = {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0, **more}
    for number, step in enumerate(steps):
        values = {"title": "", "needed": 1, "ORDER": number + 1} | step
        fields |= {f"steps-{number}-{name}": value for name, value in values.items()}
    return fields


def titles(path: BadgeTemplate) -> list[tuple[str, int, list[str]]]:
    """Return the steps of a path."""
    steps = PathStep.objects.filter(path=path).order_by("position")
    return [(step.title, step.needed, sorted(str(one) for one in step.templates.all())) for step in steps]


def test_steps_are_set_in_the_order_that_was_typed(
    acme: Organization, alice: User, template: BadgeTemplate, ethics: BadgeTemplate, final: BadgeTemplate
) -> None:
    member = Member(alice, acme)

    page = member.post(
        "edit_path",
        final.uuid,
        **sent(
            {"title": "Last", "templates": [str(ethics.uuid)], "ORDER": 2},
            {"title": "First", "templates": [str(template.uuid)], "ORDER": 1},
            {"title": "Gone", "templates": [str(ethics.uuid)], "DELETE": "on"},
            {},  # the empty step at the end, which has its place alone
            in_order="on",
        ),
    )

    assert page.status_code == 302
    assert titles(final) == [("First", 1, ["Data literacy"]), ("Last", 1, ["Data ethics"])]
    final.refresh_from_db()
    assert final.is_path_in_order
    entry = AuditEntry.objects.get(act="path.changed")
    assert (entry.actor, entry.subject, entry.details) == (
        "alice@acme.example",
        final.uuid,
        {"steps": 2, "in_order": True},
    )
    shown = member.get("edit_path", final.uuid).content.decode()
    assert shown.index('value="First"') < shown.index('value="Last"')


def test_badges_that_are_given_at_once_are_said_first(
    acme: Organization, alice: User, template: BadgeTemplate, final: BadgeTemplate
) -> None:
    factories.badge(template, "ada@example.org")
    factories.badge(template, "grace@example.org")
    member = Member(alice, acme)
    steps = sent({"templates": [str(template.uuid)]})

    page = member.post("edit_path", final.uuid, **steps)

    assert page.status_code == 200
    assert "2 earners have done all these steps" in page.content.decode()
    assert titles(final) == []
    assert member.post("edit_path", final.uuid, **steps, told="2").status_code == 302
    complete_due_paths()
    assert Badge.objects.filter(template=final).count() == 2


def test_foresight_agrees_with_what_happens(
    acme: Organization, template: BadgeTemplate, ethics: BadgeTemplate, final: BadgeTemplate
) -> None:
    for email in ("ada@example.org", "grace@example.org", "mary@example.org"):
        factories.badge(template, email)
    factories.badge(ethics, "ada@example.org")
    steps = [PathStepSpec(templates=[template]), PathStepSpec(templates=[ethics])]

    foreseen = foresee_steps(path=final, steps=steps, in_order=True)
    set_path_steps(path=final, steps=steps, in_order=True, by=None)
    complete_due_paths()

    assert (foreseen.complete, foreseen.under_way, foreseen.is_partial) == (1, 2, False)
    assert PathProgress.objects.awarded().filter(path=final).count() == 1
    assert foresee_steps(path=final, steps=steps, in_order=True).complete == 0, "who has it is given nothing"


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"needed": 2}, "Enter a number from 1 to 1"),
        ({"needed": "many"}, "Enter a whole number"),
        ({"templates": []}, "Choose at least one badge"),
    ],
)
def test_refused_steps_are_kept_as_typed(
    acme: Organization,
    alice: User,
    template: BadgeTemplate,
    final: BadgeTemplate,
    step: dict[str, Any],
    words: str,
) -> None:
    fields = {"title": "Typed", "templates": [str(template.uuid)]} | step

    page = Member(alice, acme).post("edit_path", final.uuid, **sent(fields))

    assert page.status_code == 400
    assert words in page.content.decode()
    assert 'value="Typed"' in page.content.decode()
    assert titles(final) == []


def test_templates_of_others_cannot_be_steps(
    acme: Organization, globex: Organization, alice: User, final: BadgeTemplate
) -> None:
    theirs = factories.template(globex, title="Secret course")

    page = Member(alice, acme).post("edit_path", final.uuid, **sent({"templates": [str(theirs.uuid)]}))

    assert page.status_code == 400
    assert "Secret course" not in page.content.decode()
    assert titles(final) == []


def test_template_becomes_a_path(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    page = Member(alice, acme).post("new_path", template=str(template.uuid))

    assert page["Location"].endswith(f"/paths/{template.uuid}/steps")
    template.refresh_from_db()
    assert template.is_learning_path


def test_refused_awards_are_tried_again(
    acme: Organization, alice: User, template: BadgeTemplate, final: BadgeTemplate
) -> None:
    update_template(template=final, fields={"status": "inactive"}, by=None)
    badge = factories.badge(template)
    set_path_steps(path=final, steps=[PathStepSpec(templates=[template])], by=None)
    complete_due_paths()
    member = Member(alice, acme)
    page = member.get("path", final.uuid).content.decode()
    assert "Badge refused" in page
    assert "Try again for the one who was refused" in page
    PathProgress.objects.update(due_at=None)

    page = member.post(
        "retry_path_award", final.uuid, earner=str(badge.earner.uuid), follow=True
    ).content.decode()

    assert "Tried again for 1 earner" in page
    assert PathProgress.objects.get(path=final).due_at is not None


@pytest.mark.parametrize("rows", [1, 3])
def test_path_costs_the_same_however_many_are_on_it(
    acme: Organization,
    alice: User,
    template: BadgeTemplate,
    final: BadgeTemplate,
    rows: int,
    django_assert_num_queries: Any,
) -> None:
    set_path_steps(path=final, steps=[PathStepSpec(templates=[template])] * 1, by=None)
    for number in range(rows):
        factories.badge(template, f"ada{number}@example.org")
    complete_due_paths()
    member = Member(alice, acme)

    with django_assert_num_queries(11):
        page = member.get("path", final.uuid)

    assert len(page.context["listing"].page) == rows
