"""Outcomes in the issuer API: defined with secrets that are shown once, their records listed, tried again."""

import json
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from badges.api.issuer_outcome_bodies import OutcomeShape, RecordShape, RecordWithHistoryShape
from badges.enums import OutcomeState
from badges.exceptions import OutcomeBadgeRefused
from badges.models import Badge, BadgeTemplate, Outcome, OutcomeRecord
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import find_callback, record_outcome
from badges.services.templates import update_template
from organizations.models import Organization
from tests import factories
from tests.accounts import account_of
from tests.api import Api, assert_has_shape, golden

OUTCOMES, RECORDS = "/outcomes", "/outcome_records"
CALL_URL = "https://platform.example/outcomes"


@pytest.fixture
def api(acme_key: str) -> Api:
    """Calls with acme's key."""
    return Api(acme_key)


def test_outcome_that_leads_to_a_template_is_defined(api: Api, template: BadgeTemplate) -> None:
    body = {"code": " course-7 ", "name": "Course", "badge_template_id": str(template.uuid)}

    response = api.post(OUTCOMES, body)

    found = response.json()["data"]
    assert (response.status_code, found.pop("secrets")) == (201, None)
    assert (found["code"], found["badge_template_id"], found["call_url"], found["is_active"]) == (
        "course-7",
        str(template.uuid),
        None,
        1,
    )
    assert_has_shape(found, OutcomeShape)
    assert api.get(f"{OUTCOMES}/{found['id']}").json() == {"data": found}
    assert api.get(OUTCOMES).json()["data"] == [found]
    golden("outcome", found)


def test_secrets_are_shown_once(api: Api) -> None:
    response = api.post(OUTCOMES, {"code": "exam", "call_url": CALL_URL}, Idempotency_Key="one")

    made = response.json()["data"]
    outcome = Outcome.objects.get()
    assert response["Cache-Control"] == "no-store"
    assert find_callback(made["secrets"]["callback_token"], client=None) == outcome
    path = f"{OUTCOMES}/{made['id']}"
    for answer in (api.get(path), api.get(OUTCOMES), api.put(path, {"name": "Exam"})):
        assert made["secrets"]["signing_secret"] not in answer.content.decode()
        assert made["secrets"]["callback_token"] not in answer.content.decode()

    renewed = api.post(f"{path}/secrets").json()["data"]

    assert list(renewed) == ["signing_secret", "callback_token"]
    assert find_callback(renewed["callback_token"], client=None) == outcome
    assert renewed["callback_token"] != made["secrets"]["callback_token"]


def test_outcome_that_calls_out_later_gets_its_secrets_then(api: Api, template: BadgeTemplate) -> None:
    outcome, _secrets = create_outcome(
        organization=template.organization, code="exam", template=template, by=None
    )
    path = f"{OUTCOMES}/{outcome.uuid}"

    refused = api.put(path, {"call_url": CALL_URL})
    taken = api.put(path, {"call_url": CALL_URL, "badge_template_id": None})

    assert refused.status_code == 422
    assert list(refused.json()["errors"]) == ["call_url"]
    assert taken.json()["data"]["secrets"] is not None
    assert (taken.json()["data"]["call_url"], taken.json()["data"]["badge_template_id"]) == (CALL_URL, None)
    assert api.put(path, {"is_active": 0}).json()["data"]["secrets"] is None
    assert Outcome.objects.get().is_active is False


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({"code": ""}, "code"),
        ({"code": 7}, "code"),
        ({"code": "a/b"}, "code"),
        ({"code": "x" * 256}, "code"),
        ({"code": "a\x00"}, "code"),
        ({"code": "taken"}, "code"),
        ({"code": "a", "call_url": "nonsense"}, "call_url"),
        ({"code": "a", "badge_template_id": "nonsense"}, "badge_template_id"),
        ({"code": "a", "badge_template_id": "00000000-0000-4000-8000-000000000000"}, "badge_template_id"),
        ({"code": "a", "is_active": "maybe"}, "is_active"),
        ({"code": "a", "name": "x" * 256}, "name"),
    ],
)
def test_what_is_not_accepted_is_told_by_its_field(
    api: Api, globex: Organization, body: dict[str, Any], field: str
) -> None:
    create_outcome(organization=globex, code="taken", by=None)

    response = api.post(OUTCOMES, body)

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [field]
    assert Outcome.objects.count() == 1


def test_template_of_another_organization_looks_like_none(api: Api, globex: Organization) -> None:
    theirs = factories.template(globex)

    response = api.post(OUTCOMES, {"code": "a", "badge_template_id": str(theirs.uuid)})

    assert response.json()["errors"] == {"badge_template_id": ["The selected badge template id is invalid."]}


def test_outcome_is_deleted_or_made_inactive(api: Api, template: BadgeTemplate) -> None:
    fresh, _ = create_outcome(organization=template.organization, code="fresh", by=None)
    used, _ = create_outcome(organization=template.organization, code="used", template=template, by=None)
    record_outcome(account=account_of("ada@example.org"), code="used")

    for outcome in (fresh, used):
        assert api.delete(f"{OUTCOMES}/{outcome.uuid}").status_code == 204

    assert api.get(f"{OUTCOMES}/{fresh.uuid}").status_code == 404
    found = api.get(f"{OUTCOMES}/{used.uuid}").json()["data"]
    assert (found["is_active"], found["records_count"]) == (0, 1)


def test_records_are_listed_with_what_became_of_them(api: Api, template: BadgeTemplate) -> None:
    outcome, _ = create_outcome(
        organization=template.organization, code="course-7", template=template, by=None
    )
    create_outcome(organization=template.organization, code="exam", call_url=CALL_URL, by=None)
    account = account_of("ada@example.org")
    record_outcome(account=account, code="course-7")
    record_outcome(account=account, code="exam")

    found = api.get(RECORDS).json()

    waiting, issued = found["data"]
    assert_has_shape(issued, RecordShape)
    assert (waiting["state"], waiting["badge_id"], waiting["outcome_code"]) == ("waiting", None, "exam")
    badge = Badge.objects.get()
    assert (issued["state"], issued["badge_id"], issued["badge_url"]) == (
        "issued",
        str(badge.uuid),
        badge.public_url,
    )
    golden("outcome_records", found)
    one = api.get(f"{RECORDS}/{issued['id']}").json()["data"]
    assert_has_shape(one, RecordWithHistoryShape)
    assert [entry["event"] for entry in one["history"]] == ["recorded", "issued"]
    assert api.get(f"{OUTCOMES}/{outcome.uuid}/records").json()["data"] == [issued]


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ({"state": "waiting"}, ["exam"]),
        ({"state": "refused"}, []),
        ({"recipient_email": "ADA@"}, ["exam", "course-7"]),
        ({"recipient_email": "grace"}, []),
        ({"created_at_after": "2999-01-01"}, []),
        ({"created_at_after": "2020-01-01"}, ["exam", "course-7"]),
    ],
)
def test_records_are_filtered(
    api: Api, template: BadgeTemplate, query: dict[str, str], codes: list[str]
) -> None:
    create_outcome(organization=template.organization, code="course-7", template=template, by=None)
    create_outcome(organization=template.organization, code="exam", call_url=CALL_URL, by=None)
    account = account_of("ada@example.org")
    record_outcome(account=account, code="course-7")
    record_outcome(account=account, code="exam")

    found = api.get(RECORDS, query).json()["data"]

    assert [record["outcome_code"] for record in found] == codes
    assert api.get(RECORDS, {"state": "nonsense"}).status_code == 422


def test_refused_record_is_tried_again(api: Api, template: BadgeTemplate) -> None:
    create_outcome(organization=template.organization, code="course-7", template=template, by=None)
    update_template(template=template, fields={"status": "inactive"}, by=None)
    with pytest.raises(OutcomeBadgeRefused):
        record_outcome(account=account_of("ada@example.org"), code="course-7")
    path = f"{RECORDS}/{OutcomeRecord.objects.get().uuid}/retry"

    refused = api.post(path).json()["data"]
    update_template(template=template, fields={"status": "active"}, by=None)
    issued = api.post(path).json()["data"]
    again = api.post(path)

    assert (refused["state"], refused["problem"]) == (
        "refused",
        "This badge template is not active, so no badge can be issued from it.",
    )
    assert (issued["state"], issued["problem"]) == ("issued", None)
    assert [entry["event"] for entry in issued["history"]] == [
        *("recorded", "refused", "retried", "refused", "retried", "issued")
    ]
    assert issued["history"][2]["by"]
    assert again.status_code == 409
    assert Badge.objects.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_so_many_queries(
    api: Api, acme: Organization, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    account = account_of("ada@example.org")
    for number in range(count):
        template = factories.template(acme)
        create_outcome(organization=acme, code=f"course-{number}", template=template, by=None)
        record_outcome(account=account, code=f"course-{number}")
    api.get(OUTCOMES)

    with django_assert_num_queries(3):  # key, count, outcomes
        assert len(api.get(OUTCOMES).json()["data"]) == count
    with django_assert_num_queries(3):  # key, count, records
        assert len(api.get(RECORDS).json()["data"]) == count


def test_nothing_of_another_organization_is_seen(api: Api, globex: Organization) -> None:
    theirs, _ = create_outcome(organization=globex, code="theirs", call_url=CALL_URL, by=None)
    record = record_outcome(account=account_of("ada@example.org"), code="theirs")

    assert api.get(OUTCOMES).json()["meta"]["total"] == 0
    assert api.get(RECORDS, {"outcome_id": str(theirs.uuid)}).json()["meta"]["total"] == 0
    for path in (
        f"{OUTCOMES}/{theirs.uuid}",
        f"{OUTCOMES}/{theirs.uuid}/records",
        f"{RECORDS}/{record.uuid}",
    ):
        assert api.get(path).status_code == 404
    assert api.put(f"{OUTCOMES}/{theirs.uuid}", {"is_active": 0}).status_code == 404
    assert api.post(f"{OUTCOMES}/{theirs.uuid}/secrets").status_code == 404
    assert api.post(f"{RECORDS}/{record.uuid}/retry").status_code == 404
    theirs.refresh_from_db()
    assert theirs.is_active
    assert record.state == OutcomeState.WAITING
    assert json.dumps(record.history).count("retried") == 0
