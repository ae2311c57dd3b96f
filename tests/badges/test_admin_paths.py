"""The staff's pages of learning paths: steps set through the service, progress read and tried again."""

from typing import Any

import pytest
from django.contrib.admin.models import CHANGE
from django.contrib.auth.models import Permission
from django.test import Client

from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.paths import PathStepSpec, complete_due_paths, set_path_steps
from badges.services.templates import archive_template, update_template
from organizations.models import Organization, User
from tests import factories
from tests.staff import act, browser_of, form_values, history, said, url


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


@pytest.fixture
def templates(acme: Organization) -> list[BadgeTemplate]:
    """Two templates of acme's."""
    return [factories.template(acme, title="One"), factories.template(acme, title="Two")]


@pytest.fixture
def path(acme: Organization, templates: list[BadgeTemplate]) -> BadgeTemplate:
    """A learning path with a step for each of them."""
    path = factories.template(acme, title="Expert", is_learning_path=True)
    steps = [PathStepSpec(title=f"Step {template}", templates=[template]) for template in templates]
    set_path_steps(path=path, steps=steps, in_order=False, by=None)
    return path


def filled(client: Client, path: BadgeTemplate) -> dict[str, Any]:
    """Return what a browser would send when the page of a path is saved as it is, steps included."""
    address = url(BadgeTemplate, "change", path.pk)
    values = form_values(client, address)
    for inline in client.get(address).context["inline_admin_formsets"]:
        for form in inline.formset.forms:
            for bound in form:
                value = bound.value()
                if value is not None:
                    values[bound.html_name] = value
    return values


def steps_of(path: BadgeTemplate) -> list[tuple[int, str, int, list[str]]]:
    """Return what stands in the database."""
    return [
        (row.position, row.title, row.needed, sorted(str(template) for template in row.templates.all()))
        for row in PathStep.objects.filter(path=path)
    ]


def test_steps_stand_below_paths_alone(
    staff_client: Client, path: BadgeTemplate, template: BadgeTemplate
) -> None:
    for row, shown in ((path, True), (template, False)):
        page = staff_client.get(url(BadgeTemplate, "change", row.pk))
        assert ("Steps of the learning path" in page.text) is shown
        assert (f"path__id__exact={row.pk}" in page.text) is shown
    assert staff_client.get(url(BadgeTemplate, "add")).status_code == 200


def test_path_saved_as_it_is_changes_nothing(staff_client: Client, path: BadgeTemplate) -> None:
    before = list(PathStep.objects.values())
    address = url(BadgeTemplate, "change", path.pk)
    response = staff_client.post(address, filled(staff_client, path))
    assert response.status_code == 302, response.context["errors"]
    assert list(PathStep.objects.values()) == before
    assert history(path) == [(CHANGE, "No fields changed.")]


def test_steps_change_places_are_added_and_removed(
    staff_client: Client, path: BadgeTemplate, templates: list[BadgeTemplate]
) -> None:
    address = url(BadgeTemplate, "change", path.pk)
    values = filled(staff_client, path) | {
        "path_steps-0-place": "2",
        "path_steps-1-place": "1",
        "path_steps-2-title": "Both",
        "path_steps-2-needed": "2",
        "path_steps-2-templates": [template.pk for template in templates],
        "is_path_in_order": "on",
    }
    response = staff_client.post(address, values)
    assert response.status_code == 302, response.context["errors"]
    assert steps_of(path) == [
        (1, "Step Two", 1, ["Two"]),
        (2, "Step One", 1, ["One"]),
        (3, "Both", 2, ["One", "Two"]),
    ]
    path.refresh_from_db()
    assert path.is_path_in_order

    values = filled(staff_client, path) | {"path_steps-0-DELETE": "on"}
    assert staff_client.post(address, values).status_code == 302
    assert [title for _, title, _, _ in steps_of(path)] == ["Step One", "Both"]
    assert history(path) == [
        (
            CHANGE,
            "Changed Is path in order. Added path step “Expert · 3”. Changed Position for path step “Expert · 1”. "
            "Changed Position for path step “Expert · 2”.",
        ),
        (CHANGE, "Deleted path step “Expert · 1”."),
    ]


def test_refused_step_stands_beside_its_input(
    staff_client: Client, path: BadgeTemplate, templates: list[BadgeTemplate], globex: Organization
) -> None:
    address = url(BadgeTemplate, "change", path.pk)
    foreign = factories.template(globex, title="Foreign")
    before = steps_of(path)
    for change, number, field in (
        ({"path_steps-1-needed": "2"}, 1, "needed"),
        ({"path_steps-0-needed": "2", "path_steps-0-place": "9"}, 0, "needed"),
        ({"path_steps-1-templates": [foreign.pk]}, 1, "templates"),
        ({"path_steps-0-templates": [path.pk]}, 0, "templates"),
    ):
        response = staff_client.post(address, filled(staff_client, path) | {"code": "NEW"} | change)
        assert response.status_code == 200
        forms = response.context["inline_admin_formsets"][0].formset.forms
        assert [list(form.errors) for form in forms] == [
            [field] if index == number else [] for index in range(3)
        ]
        assert not response.context["adminform"].form.errors
        assert steps_of(path) == before
    path.refresh_from_db()
    assert (path.code, history(path)) == ("", [])


def test_steps_of_an_archived_path_are_refused(staff_client: Client, path: BadgeTemplate) -> None:
    archive_template(template=path, by=None)
    before = steps_of(path)
    values = filled(staff_client, path) | {"path_steps-0-title": "Other"}
    response = staff_client.post(url(BadgeTemplate, "change", path.pk), values)
    assert response.status_code == 200
    assert "archived" in response.text
    assert steps_of(path) == before


def test_who_may_only_look_reads_the_steps(path: BadgeTemplate) -> None:
    viewer = factories.UserFactory.create(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_badgetemplate"))
    client = browser_of(viewer)
    address = url(BadgeTemplate, "change", path.pk)
    page = client.get(address)
    assert page.status_code == 200
    assert "Step Two" in page.text
    assert "path_steps-0-title" not in page.text
    assert client.post(address, {"path_steps-0-title": "Forged"}).status_code == 403


def test_who_changes_templates_changes_steps(path: BadgeTemplate) -> None:
    editor = factories.UserFactory.create(is_staff=True)
    editor.user_permissions.add(*Permission.objects.filter(codename__endswith="_badgetemplate"))
    client = browser_of(editor)
    values = filled(client, path) | {"path_steps-0-title": "Mine"}
    assert client.post(url(BadgeTemplate, "change", path.pk), values).status_code == 302
    assert steps_of(path)[0][1] == "Mine"


def test_progress_is_read_and_tried_again(
    staff_client: Client, path: BadgeTemplate, templates: list[BadgeTemplate]
) -> None:
    update_template(template=path, fields={"limit": 1}, by=None)
    for email in ("ada@example.org", "grace@example.org"):
        for template in templates:
            factories.badge(template, email)
    factories.badge(templates[1], "lise@example.org")
    complete_due_paths()
    ada, grace, lise = PathProgress.objects.order_by("pk")

    for chosen, shown in (
        ("awarded", {ada}),
        ("refused", {grace}),
        ("under_way", {lise}),
        ("due", set()),
        ("", {ada, grace, lise}),
    ):
        page = staff_client.get(url(PathProgress, "changelist"), {"progress": chosen})
        assert set(page.context["cl"].queryset) == shown
    page = staff_client.get(url(PathProgress, "change", lise.pk))
    assert "1. Step One: 1 to go<br>2. Step Two: done" in page.text
    assert staff_client.post(url(PathProgress, "change", lise.pk), {"steps_done": "9"}).status_code == 403
    assert staff_client.get(url(PathProgress, "add")).status_code == 403

    assert 'value="retry"' in staff_client.get(url(PathProgress, "change", grace.pk)).text
    assert said(act(staff_client, PathProgress, "retry", grace.pk)) == ["Handed to the worker: 1."]
    grace.refresh_from_db()
    assert grace.due_at is not None
    assert history(grace) == [(CHANGE, "Tried again.")]
    BadgeTemplate.objects.filter(pk=path.pk).update(limit=None)
    complete_due_paths()
    assert Badge.objects.filter(template=path).count() == 2
