"""Learning paths in the issuer API: steps are set and read, progress is followed, refused badges are tried again."""

import uuid
from typing import Any

import pytest

from badges.api.issuer_paths import PathShape, ProgressShape
from badges.models import Badge, BadgeTemplate, PathProgress, PathStep
from badges.services.paths import complete_due_paths
from organizations.enums import ApiScope
from organizations.models import Organization
from tests import factories
from tests.api import Api, assert_has_shape, golden

PATHS = "/learning_paths"


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def one(acme: Organization) -> BadgeTemplate:
    return factories.template(acme, title="One")


@pytest.fixture
def two(acme: Organization) -> BadgeTemplate:
    return factories.template(acme, title="Two")


@pytest.fixture
def path(acme: Organization) -> BadgeTemplate:
    """A learning path without steps."""
    return factories.template(acme, title="Expert", code="EXP", is_learning_path=True)


@pytest.fixture
def foreign(globex: Organization) -> BadgeTemplate:
    """A learning path of globex's."""
    return factories.template(globex, title="Secret", is_learning_path=True)


def steps_of(path: BadgeTemplate) -> str:
    return f"/badge_templates/{path.uuid}/path"


def ids(*templates: BadgeTemplate) -> list[str]:
    return [str(template.uuid) for template in templates]


def test_put_replaces_the_steps(
    api: Api, path: BadgeTemplate, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    api.put(steps_of(path), {"steps": [{"badge_template_ids": ids(two)}]})
    sent = {
        "in_order": 1,
        "steps": [
            {"title": "Basics", "needed": 1, "badge_template_ids": ids(one, two)},
            {"badge_template_ids": ids(two)},
        ],
    }

    response = api.put(steps_of(path), sent)

    assert response.status_code == 200
    data = response.json()["data"]
    assert_has_shape(data, PathShape)
    assert (data["in_order"], data["steps"]) == (
        1,
        [
            {"position": 1, "title": "Basics", "needed": 1, "badge_template_ids": ids(one, two)},
            {"position": 2, "title": None, "needed": 1, "badge_template_ids": ids(two)},
        ],
    )
    assert api.get(steps_of(path)).json() == response.json()
    assert api.get(PATHS).json()["data"] == [data]
    golden("learning_path", response.json())


def test_put_of_the_order_alone_keeps_the_steps(
    api: Api, path: BadgeTemplate, one: BadgeTemplate, two: BadgeTemplate
) -> None:
    before = api.put(
        steps_of(path), {"steps": [{"title": "Both", "needed": 2, "badge_template_ids": ids(one, two)}]}
    ).json()["data"]

    after = api.put(steps_of(path), {"in_order": True}).json()["data"]

    assert after == before | {"in_order": 1, "updated_at": after["updated_at"]}


def test_put_means_the_same_in_a_form(api: Api, path: BadgeTemplate, one: BadgeTemplate) -> None:
    fields = {"_method": "PUT", "in_order": "1", "steps[0][title]": "A", "steps[0][needed]": "1"}

    response = api.form("POST", steps_of(path), fields | {"steps[0][badge_template_ids][0]": str(one.uuid)})

    assert response.status_code == 200
    assert response.json()["data"]["steps"] == [
        {"position": 1, "title": "A", "needed": 1, "badge_template_ids": ids(one)}
    ]


@pytest.mark.parametrize(
    ("steps", "fields"),
    [
        ("text", ["steps"]),
        ([5], ["steps.0"]),
        ([None], ["steps.0"]),
        ([{}], ["steps.0.badge_template_ids"]),
        ([{"badge_template_ids": []}], ["steps.0.badge_template_ids"]),
        ([{"badge_template_ids": "one"}], ["steps.0.badge_template_ids"]),
        (
            [{"badge_template_ids": ["x", 5]}],
            ["steps.0.badge_template_ids.0", "steps.0.badge_template_ids.1"],
        ),
        ([{"badge_template_ids": ["one", "absent"]}], ["steps.0.badge_template_ids.1"]),
        ([{"badge_template_ids": ["one", "foreign"]}], ["steps.0.badge_template_ids.1"]),
        ([{"badge_template_ids": ["one", "one"]}], ["steps.0.badge_template_ids.1"]),
        ([{"badge_template_ids": ["path"]}], ["steps.0.badge_template_ids.0"]),
        ([{"badge_template_ids": ["one"], "needed": 0}], ["steps.0.needed"]),
        ([{"badge_template_ids": ["one"], "needed": 2}], ["steps.0.needed"]),
        ([{"badge_template_ids": ["one"], "needed": 10**20}], ["steps.0.needed"]),
        (
            [{"badge_template_ids": ["one"], "needed": "many", "title": 5}],
            ["steps.0.title", "steps.0.needed"],
        ),
        ([{"badge_template_ids": ["one"], "title": "a\x00"}], ["steps.0.title"]),
        ([{"badge_template_ids": ["one"], "title": "x" * 256}], ["steps.0.title"]),
        ([{"badge_template_ids": ["one"]}] * 51, ["steps"]),
        ([{"badge_template_ids": ["one"] * 51}], ["steps.0.badge_template_ids"]),
    ],
)
def test_put_refuses_steps_that_cannot_be(
    api: Api,
    path: BadgeTemplate,
    one: BadgeTemplate,
    foreign: BadgeTemplate,
    steps: Any,
    fields: list[str],
) -> None:
    api.put(steps_of(path), {"steps": [{"badge_template_ids": ids(one)}]})
    before = api.get(steps_of(path)).json()
    known = {"one": one.uuid, "path": path.uuid, "foreign": foreign.uuid, "absent": uuid.uuid4()}
    if isinstance(steps, list):
        steps = [
            step | {"badge_template_ids": [str(known.get(name, name)) for name in step["badge_template_ids"]]}
            if isinstance(step, dict) and isinstance(step.get("badge_template_ids"), list)
            else step
            for step in steps
        ]

    response = api.put(steps_of(path), {"steps": steps, "in_order": 1})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == fields
    assert api.get(steps_of(path)).json() == before


def test_put_tells_of_another_organizations_template_as_of_none(
    api: Api, path: BadgeTemplate, foreign: BadgeTemplate
) -> None:
    answers = [
        api.put(steps_of(path), {"steps": [{"badge_template_ids": [str(one)]}]})
        for one in (foreign.uuid, uuid.uuid4())
    ]

    assert answers[0].status_code == 422
    assert answers[0].content == answers[1].content
    assert not PathStep.objects.exists()


def test_put_refuses_steps_of_what_is_no_path(api: Api, one: BadgeTemplate, two: BadgeTemplate) -> None:
    response = api.put(steps_of(one), {"steps": [{"badge_template_ids": ids(two)}]})

    assert response.status_code == 409
    assert "not a learning path" in response.json()["message"]
    assert api.get(steps_of(one)).json()["data"]["steps"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_list_asks_as_often_for_one_as_for_three(
    api: Api,
    acme: Organization,
    one: BadgeTemplate,
    two: BadgeTemplate,
    rows: int,
    django_assert_num_queries: Any,
) -> None:
    for number in range(rows):
        path = factories.template(acme, title=f"Path {number}", is_learning_path=True)
        step = {"badge_template_ids": ids(one, two)}
        api.put(steps_of(path), {"steps": [step] * rows})

    with django_assert_num_queries(5):  # the key, how many, which, their steps, the templates of those
        found = api.get(PATHS).json()["data"]

    assert [len(path["steps"]) for path in found] == [rows] * rows


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Expert", "Novice"]),
        ({"title": "exp"}, ["Expert"]),
        ({"status": "inactive"}, ["Novice"]),
        ({"is_published": "1"}, ["Novice"]),
        ({"type": "skills"}, []),
    ],
)
def test_list_holds_paths_in_use(
    api: Api,
    acme: Organization,
    one: BadgeTemplate,
    foreign: BadgeTemplate,
    query: dict[str, str],
    expected: list[str],
) -> None:
    archived = factories.template(acme, title="Old", is_learning_path=True)
    api.delete(f"/badge_templates/{archived.uuid}")
    factories.template(acme, title="Novice", is_learning_path=True, status="inactive", is_published=True)
    factories.template(acme, title="Expert", is_learning_path=True)

    body = api.get(PATHS, query).json()

    assert [path["title"] for path in body["data"]] == expected
    assert body["meta"]["total"] == len(expected)


# --- progress


@pytest.fixture
def walked(api: Api, path: BadgeTemplate, one: BadgeTemplate, two: BadgeTemplate) -> BadgeTemplate:
    """A path of two steps with room for one badge: ada and bea did both, carl one."""
    steps = [{"badge_template_ids": ids(one)}, {"badge_template_ids": ids(two)}]
    api.put(f"/badge_templates/{path.uuid}", {"limit": 1})
    api.put(steps_of(path), {"steps": steps})
    for name in ("ada", "bea", "carl"):
        factories.badge(one, f"{name}@example.org")
    for name in ("ada", "bea"):
        factories.badge(two, f"{name}@example.org")
    complete_due_paths()
    return path


def test_progress_tells_who_is_how_far(api: Api, walked: BadgeTemplate) -> None:
    body = api.get(f"{steps_of(walked)}/progress").json()

    rows = {row["recipient_email"].split("@")[0]: row for row in body["data"]}
    for row in body["data"]:
        assert_has_shape(row, ProgressShape)
    badge = Badge.objects.get(template=walked)
    assert {name: (row["steps_done"], row["steps_total"]) for name, row in rows.items()} == {
        "ada": (2, 2),
        "bea": (2, 2),
        "carl": (1, 2),
    }
    assert {name: row["badge_id"] for name, row in rows.items()} == {
        "ada": str(badge.uuid),
        "bea": None,
        "carl": None,
    }
    assert [rows[name]["problem"] is None for name in ("ada", "bea", "carl")] == [True, False, True]
    golden("path_progress", body)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"completed": "1"}, ["ada", "bea"]),
        ({"completed": "0"}, ["carl"]),
        ({"awarded": "1"}, ["ada"]),
        ({"refused": "1"}, ["bea"]),
        ({"refused": "0"}, ["ada", "carl"]),
        ({"recipient_email": "CARL@"}, ["carl"]),
    ],
)
def test_progress_is_filtered(
    api: Api, walked: BadgeTemplate, query: dict[str, str], expected: list[str]
) -> None:
    rows = api.get(f"{steps_of(walked)}/progress", query).json()["data"]

    assert sorted(row["recipient_email"].split("@")[0] for row in rows) == expected


@pytest.mark.parametrize("rows", [1, 3])
def test_progress_asks_as_often_for_one_as_for_three(
    api: Api, walked: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    PathProgress.objects.exclude(
        pk__in=list(PathProgress.objects.values_list("pk", flat=True)[:rows])
    ).delete()

    with django_assert_num_queries(6):  # the key, the path, its steps, their templates, how many, which
        assert len(api.get(f"{steps_of(walked)}/progress").json()["data"]) == rows


def test_retry_gives_the_badge_that_was_refused(api: Api, walked: BadgeTemplate) -> None:
    refused = api.get(f"{steps_of(walked)}/progress", {"refused": 1}).json()["data"][0]
    BadgeTemplate.objects.filter(pk=walked.pk).update(limit=2)

    response = api.post(f"{steps_of(walked)}/progress/{refused['earner_id']}/retry")
    complete_due_paths()

    assert response.status_code == 202
    assert response.json()["data"] == refused | {
        "pending": 1,
        "updated_at": response.json()["data"]["updated_at"],
    }
    after = api.get(f"{steps_of(walked)}/progress", {"earner_id": refused["earner_id"]}).json()["data"][0]
    assert (after["badge_id"] is None, after["problem"], after["pending"]) == (False, None, 0)


def test_retry_of_who_is_not_on_the_path_is_missing(
    api: Api, walked: BadgeTemplate, foreign: BadgeTemplate
) -> None:
    stranger = factories.badge(foreign, "eve@example.org").earner

    answers = [api.post(f"{steps_of(walked)}/progress/{one}/retry") for one in (stranger.uuid, uuid.uuid4())]

    assert answers[0].status_code == 404
    assert answers[0].content == answers[1].content


# --- who may


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("GET", "", None),
        ("PUT", "", {"in_order": 1}),
        ("PATCH", "", {"in_order": 1}),
        ("GET", "/progress", None),
        ("POST", "/progress/{earner}/retry", None),
    ],
)
def test_another_organizations_path_is_as_absent(
    api: Api, walked: BadgeTemplate, foreign: BadgeTemplate, method: str, tail: str, body: Any
) -> None:
    earner = factories.badge(foreign, "eve@example.org").earner.uuid
    tail = tail.format(earner=earner)

    hidden = api.send(method, f"{steps_of(foreign)}{tail}", body)
    absent = api.send(method, f"/badge_templates/{uuid.uuid4()}/path{tail}", body)

    assert (hidden.status_code, hidden.content) == (404, absent.content)
    foreign.refresh_from_db()
    assert not foreign.is_path_in_order
    owner = Api(factories.api_key(foreign.organization)[1])
    assert owner.get(steps_of(foreign)).status_code == 200


def test_key_that_may_only_read_sets_no_steps(
    acme: Organization, walked: BadgeTemplate, one: BadgeTemplate
) -> None:
    reader = Api(factories.api_key(acme, ApiScope.READ)[1])
    earner = PathProgress.objects.refused().get().earner.uuid

    assert reader.put(steps_of(walked), {"steps": []}).status_code == 403
    assert reader.post(f"{steps_of(walked)}/progress/{earner}/retry").status_code == 403
    assert len(reader.get(steps_of(walked)).json()["data"]["steps"]) == 2
    assert not PathProgress.objects.due().exists()
