"""Batches in the issuer API."""

import csv
import io
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from badges.api.issuer_batch_bodies import BatchRowShape, BatchShape
from badges.enums import BatchState, TemplateStatus
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services import batches
from badges.services.batches import create_batch, run_batch
from badges.services.templates import update_template
from earners.services import Person, create_list
from organizations.enums import ApiScope, OrganizationStatus
from organizations.models import ApiKey, CreditTransaction, Organization
from organizations.services.wallet import add_credits
from tests import factories
from tests.api import Api, assert_has_shape, golden
from tests.racing import race

ACTIONS = ("pause", "resume", "stop", "retry")


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def a_batch(template: BadgeTemplate, *emails: str) -> Batch:
    """Return a batch for these addresses, none of them issued to yet."""
    rows: list[tuple[Person, dict[str, Any]]] = [
        (Person(email=email, first_name="Ada", last_name="Lovelace"), {}) for email in emails
    ]
    return create_batch(template=template, people=rows, by=None)


def half_failed(template: BadgeTemplate) -> Batch:
    """Return a batch that is done: one badge, one row with a reason."""
    return run_batch(a_batch(template, "ada@example.org", "nobody"))


def state_of(batch: Batch) -> tuple[str, int, int, int]:
    """Return state and counts as they are now."""
    batch.refresh_from_db()
    return (batch.state, batch.issued_count, batch.failed_count, batch.stopped_count)


def test_batches_are_listed_newest_first(api: Api, template: BadgeTemplate) -> None:
    batches = [a_batch(template, "ada@example.org"), half_failed(template)]

    response = api.get("/batches")

    assert response.status_code == 200
    body = response.json()
    assert [batch["id"] for batch in body["data"]] == [str(batch.uuid) for batch in reversed(batches)]
    for batch in body["data"]:
        assert_has_shape(batch, BatchShape)
    golden("batches", body)


def test_batch_says_what_became_of_it(api: Api, template: BadgeTemplate) -> None:
    batch = half_failed(template)

    body = api.get(f"/batches/{batch.uuid}").json()["data"]

    assert (body["state"], body["progress"], body["credits"]) == ("done", 100, 1)
    assert body["counts"] == {"total": 2, "issued": 1, "failed": 1, "stopped": 0, "pending": 0}
    assert body["finished_at"] is not None


def test_batch_progress_is_the_share_that_was_tried(
    api: Api, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = a_batch(template, "a@example.org", "nobody", "c@example.org")
    run_batch(batch, max_chunks=1)

    body = api.get(f"/batches/{batch.uuid}").json()["data"]

    assert (body["state"], body["progress"], body["credits"]) == ("running", 66, 3)
    assert body["counts"] == {"total": 3, "issued": 1, "failed": 1, "stopped": 0, "pending": 1}
    assert body["finished_at"] is None


def test_batches_can_be_filtered(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    other = factories.template(acme, title="Other")
    waiting, done = a_batch(template, "ada@example.org"), half_failed(other)
    Batch.objects.filter(pk=waiting.pk).update(created_at=datetime(2024, 6, 1, 23, 30, tzinfo=UTC))
    Batch.objects.filter(pk=done.pk).update(created_at=datetime(2024, 6, 3, 12, tzinfo=UTC))
    Organization.objects.filter(pk=acme.pk).update(
        time_zone="Europe/Rome"
    )  # there, waiting was made on June 2

    def found(**query: Any) -> list[str]:
        return [batch["id"] for batch in api.get("/batches", query).json()["data"]]

    first, second = str(waiting.uuid), str(done.uuid)
    assert found(state="pending") == [first]
    assert found(state="done,pending") == [second, first]
    assert found(badge_template_id=str(other.uuid)) == [second]
    assert found(badge_template_id=str(uuid4())) == []
    assert found(created_at_after="2024-06-02") == [second, first]
    assert found(created_at_after="2024-06-03") == [second]
    assert found(created_at_before="2024-06-02") == [first]
    assert found(created_at_before="2024-06-01") == []
    assert found(state="") == [second, first]
    assert api.get("/batches", {"state": "lost"}).json()["errors"] == {
        "state": ["The selected state is invalid."]
    }
    assert api.get("/batches", {"created_at_after": "soon"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_batches_take_two_queries(
    api: Api, acme: Organization, template: BadgeTemplate, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        batch = a_batch(template, "ada@example.org")
        Batch.objects.filter(pk=batch.pk).update(
            earners_list=create_list(organization=acme, name="x", by=None)
        )
    api.get("/batches")

    with django_assert_num_queries(3):  # one for the key
        assert len(api.get("/batches").json()["data"]) == count


@pytest.mark.parametrize("count", [1, 3])
def test_rows_take_two_queries(
    api: Api, template: BadgeTemplate, count: int, django_assert_num_queries: Any
) -> None:
    batch = run_batch(a_batch(template, *(f"e{number}@example.org" for number in range(count))))
    api.get("/batches")

    with django_assert_num_queries(3):  # key, batch, rows
        assert len(api.get(f"/batches/{batch.uuid}/rows").json()["data"]) == count
    with django_assert_num_queries(4):  # and their number
        assert len(api.get(f"/batches/{batch.uuid}/rows", {"state": "issued"}).json()["data"]) == count


def test_rows_say_what_became_of_each(api: Api, template: BadgeTemplate) -> None:
    batch = half_failed(template)

    body = api.get(f"/batches/{batch.uuid}/rows").json()

    for row in body["data"]:
        assert_has_shape(row, BatchRowShape)
    assert [(row["number"], row["state"], row["reason_code"]) for row in body["data"]] == [
        (1, "issued", None),
        (2, "failed", "invalid_input"),
    ]
    assert body["data"][0]["badge_id"] == str(Badge.objects.get().uuid)
    golden("batch_rows", body)


def test_rows_are_paged_and_filtered(api: Api, template: BadgeTemplate) -> None:
    emails = [f"e{number}@example.org" if number % 2 else "nobody" for number in range(5)]
    batch = run_batch(a_batch(template, *emails))

    def numbers(**query: Any) -> tuple[list[int], int]:
        body = api.get(f"/batches/{batch.uuid}/rows", query).json()
        return [row["number"] for row in body["data"]], body["meta"]["total"]

    assert numbers(per_page=2) == ([1, 2], 5)
    assert numbers(per_page=2, page=3) == ([5], 5)
    assert numbers(per_page=2, page=4) == ([], 5)
    assert numbers(state="failed", per_page=2) == ([1, 3], 3)
    assert numbers(state="failed", per_page=2, page=2) == ([5], 3)
    assert numbers(state="issued,failed") == ([1, 2, 3, 4, 5], 5)
    assert numbers(state="pending") == ([], 0)
    assert api.get(f"/batches/{batch.uuid}/rows", {"state": "lost"}).status_code == 422


def test_pause_resume_and_stop(api: Api, template: BadgeTemplate) -> None:
    batch = a_batch(template, "ada@example.org", "alan@example.org")

    paused = api.post(f"/batches/{batch.uuid}/pause")
    assert (paused.status_code, paused.json()["data"]["state"]) == (200, "paused")
    assert paused.json()["data"]["pause_reason"].startswith("Paused by API key test")
    assert state_of(run_batch(batch)) == ("paused", 0, 0, 0)

    resumed = api.post(f"/batches/{batch.uuid}/resume").json()["data"]
    assert (resumed["state"], resumed["pause_reason"]) == ("pending", None)

    stopped = api.post(f"/batches/{batch.uuid}/stop").json()["data"]
    assert (stopped["state"], stopped["progress"], stopped["credits"]) == ("stopped", 100, 0)
    assert stopped["counts"] == {"total": 2, "issued": 0, "failed": 0, "stopped": 2, "pending": 0}
    assert sum(CreditTransaction.objects.values_list("credits", flat=True)) == 0


def test_retry_tries_the_failed_rows_alone(api: Api, template: BadgeTemplate) -> None:
    batch = half_failed(template)
    BatchRow.objects.filter(email="nobody").update(email="alan@example.org")

    response = api.post(f"/batches/{batch.uuid}/retry")

    assert response.json()["data"]["counts"] == {
        "total": 2,
        "issued": 1,
        "failed": 0,
        "stopped": 0,
        "pending": 1,
    }
    assert (response.json()["data"]["credits"], response.json()["data"]["finished_at"]) == (2, None)
    assert state_of(run_batch(batch)) == ("done", 2, 0, 0)
    assert list(Badge.objects.order_by("pk").values_list("recipient_email", flat=True)) == [
        "ada@example.org",
        "alan@example.org",
    ]


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        (BatchState.PENDING, {"resume", "retry"}),
        (BatchState.RUNNING, {"resume", "retry"}),
        (BatchState.PAUSED, {"pause", "retry"}),
        (BatchState.STOPPED, {"pause", "resume", "stop"}),
        (BatchState.DONE, {"pause", "resume", "stop"}),
    ],
)
def test_action_that_the_state_forbids_is_a_conflict(
    api: Api, template: BadgeTemplate, state: BatchState, refused: set[str]
) -> None:
    batch = half_failed(template)
    for action in sorted(refused):
        Batch.objects.filter(pk=batch.pk).update(state=state)
        before = (state_of(batch), CreditTransaction.objects.count())

        response = api.post(f"/batches/{batch.uuid}/{action}")

        assert (response.status_code, list(response.json())) == (409, ["message"])
        assert (state_of(batch), CreditTransaction.objects.count()) == before


def test_retry_without_failed_rows_is_a_conflict(api: Api, template: BadgeTemplate) -> None:
    batch = run_batch(a_batch(template, "ada@example.org"))

    assert api.post(f"/batches/{batch.uuid}/retry").status_code == 409
    assert state_of(batch) == ("done", 1, 0, 0)


def test_retry_without_enough_credits_changes_nothing(
    api: Api, acme: Organization, template: BadgeTemplate, settings: Settings
) -> None:
    batch = half_failed(template)
    settings.CREDITS = "enforced"
    acme.refresh_from_db()
    add_credits(organization=acme, credits=-acme.credits_left or -1, description="none left", by=None)
    before = CreditTransaction.objects.count()

    assert api.post(f"/batches/{batch.uuid}/retry").status_code == 402
    assert (state_of(batch), CreditTransaction.objects.count()) == (("done", 1, 1, 0), before)
    add_credits(organization=acme, credits=5, description="five", by=None)
    assert api.post(f"/batches/{batch.uuid}/retry").status_code == 200


def test_resume_of_an_inactive_template_is_refused(api: Api, template: BadgeTemplate) -> None:
    batch = a_batch(template, "ada@example.org")
    api.post(f"/batches/{batch.uuid}/pause")
    update_template(template=template, fields={"status": TemplateStatus.INACTIVE}, by=None)

    assert api.post(f"/batches/{batch.uuid}/resume").status_code == 422
    assert state_of(batch)[0] == BatchState.PAUSED


@pytest.mark.django_db(transaction=True)
def test_retry_at_once_charges_once(acme: Organization, template: BadgeTemplate) -> None:
    batch, key = half_failed(template), factories.api_key(acme)[1]
    before = CreditTransaction.objects.count()

    answers = race(lambda _: Api(key).post(f"/batches/{batch.uuid}/retry").status_code, times=4)

    assert sorted(str(answer) for answer in answers) == ["200", "409", "409", "409"]
    assert CreditTransaction.objects.count() == before + 1


def test_retry_with_a_key_is_answered_again(api: Api, template: BadgeTemplate) -> None:
    batch = half_failed(template)

    first = api.post(f"/batches/{batch.uuid}/retry", Idempotency_Key="k")
    run_batch(batch)
    second = api.post(f"/batches/{batch.uuid}/retry", Idempotency_Key="k")

    assert (first.status_code, second.status_code, second.content) == (200, 200, first.content)
    assert state_of(batch) == ("done", 1, 1, 0)


def test_failed_rows_come_as_a_file(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    rows: list[tuple[Person, dict[str, Any]]] = [
        (Person(email="ada@example.org"), {}),
        (
            Person(email="@nobody", first_name="=1+1", last_name="Zoë"),
            {"expires_at": "2030-06-01T10:00:00+00:00", "notes": "own"},
        ),
    ]
    batch = run_batch(create_batch(template=template, people=rows, by=None))

    response = api.get(f"/batches/{batch.uuid}/failed.csv")

    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response["Content-Disposition"] == f'attachment; filename="batch-{str(batch.uuid)[:8]}-failed.csv"'
    table = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    reason = batch.rows.get(number=2).reason
    assert table == [
        {
            "number": "2",
            "recipient_email": "'@nobody",
            "recipient_first_name": "'=1+1",
            "recipient_last_name": "Zoë",
            "emitted_at": "",
            "expires_at": "2030-06-01 12:00:00",
            "activity_title": "",
            "activity_started_at": "",
            "activity_ended_at": "",
            "notes": "own",
            "reason_code": "invalid_input",
            "reason": reason,
        }
    ]


def test_batches_of_another_organization_are_as_none(
    api: Api, globex: Organization, template: BadgeTemplate
) -> None:
    theirs = half_failed(factories.template(globex))
    waiting = a_batch(theirs.template, "ada@example.org")
    their_api = Api(factories.api_key(globex)[1])

    assert api.get("/batches").json()["meta"]["total"] == 0
    assert api.get("/batches", {"badge_template_id": str(theirs.template.uuid)}).json()["meta"]["total"] == 0
    for batch_id in (theirs.uuid, waiting.uuid, uuid4()):
        for path in ("", "/rows", "/failed.csv"):
            response = api.get(f"/batches/{batch_id}{path}")
            assert (response.status_code, response.json()) == (
                404,
                {"message": "There is no batch with this id in your organization."},
            )
        for action in ACTIONS:
            assert api.post(f"/batches/{batch_id}/{action}").status_code == 404
    assert (state_of(theirs), state_of(waiting)) == (("done", 1, 1, 0), ("pending", 0, 0, 0))
    assert their_api.get("/batches").json()["meta"]["total"] == 2
    assert their_api.post(f"/batches/{theirs.uuid}/retry").status_code == 200


def test_batches_take_the_scopes_read_and_issue(acme: Organization, template: BadgeTemplate) -> None:
    batch = a_batch(template, "ada@example.org")
    reader = Api(factories.api_key(acme, ApiScope.READ)[1])
    writer = Api(factories.api_key(acme, ApiScope.WRITE)[1])
    issuer = Api(factories.api_key(acme, ApiScope.ISSUE)[1])

    for path in ("", f"/{batch.uuid}", f"/{batch.uuid}/rows", f"/{batch.uuid}/failed.csv"):
        assert reader.get(f"/batches{path}").status_code == 200
        assert issuer.get(f"/batches{path}").status_code == 403
        assert Api(None).get(f"/batches{path}").status_code == 401
    for action in ACTIONS:
        for weak in (reader, writer):
            assert weak.post(f"/batches/{batch.uuid}/{action}").status_code == 403
    assert state_of(batch) == ("pending", 0, 0, 0)
    assert issuer.post(f"/batches/{batch.uuid}/pause").status_code == 200


def test_disabled_organization_reads_its_batches_and_changes_none(
    api: Api, acme: Organization, template: BadgeTemplate
) -> None:
    batch = a_batch(template, "ada@example.org")
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    assert api.get(f"/batches/{batch.uuid}").status_code == 200
    for action in ACTIONS:
        assert api.post(f"/batches/{batch.uuid}/{action}").status_code == 403
    assert state_of(batch) == ("pending", 0, 0, 0)
    assert ApiKey.objects.count() == 1


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_action_takes_a_body_that_says_nothing(api: Api, template: BadgeTemplate, content_type: str) -> None:
    batch = a_batch(template, "ada@example.org")

    assert api.raw("POST", f"/batches/{batch.uuid}/pause", b"", content_type).status_code == 200
    broken = api.raw("POST", f"/batches/{batch.uuid}/resume", b"{", "application/json")
    assert (broken.status_code, state_of(batch)[0]) == (400, BatchState.PAUSED)
