"""Badges for many at once in the issuer API."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from badges.api import issuer_recipients
from badges.api.issuer_batch_bodies import BatchShape
from badges.enums import BatchState, RowState, TemplateStatus, Visibility
from badges.models import Badge, BadgeTemplate, Batch, BatchRow
from badges.services.batches import run_batch
from badges.services.templates import update_template
from earners.enums import ListStatus
from earners.models import EarnersList
from earners.services import Person, add_earners, create_list
from organizations.enums import ApiScope, OrganizationStatus
from organizations.models import CreditTransaction, IdempotentRequest, Message, Organization
from organizations.services.wallet import add_credits
from tests import factories
from tests.api import Api, assert_has_shape, golden
from tests.racing import race

INVALID_TEMPLATE = "The selected badge template id is invalid."
INVALID_LIST = "The selected earners list id is invalid."


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


def a_list(organization: Organization, *emails: str) -> EarnersList:
    """Return a list with these addresses on it."""
    found = create_list(organization=organization, name="Class", by=None)
    people = [Person(email=email) for email in emails]
    for earner in add_earners(organization=organization, people=people).values():
        found.memberships.create(earner=earner, first_name="On", last_name="List")
    return found


def bulk(template: BadgeTemplate, *emails: str, **more: Any) -> dict[str, Any]:
    """Return a body that issues to these addresses."""
    recipients = [{"recipient_email": email} for email in emails]
    return {"badge_template_id": str(template.uuid), "recipients": recipients} | more


def written() -> tuple[int, int, int, int]:
    """Return how many batches, rows, movements of credits and badges there are."""
    return (
        Batch.objects.count(),
        BatchRow.objects.count(),
        CreditTransaction.objects.count(),
        Badge.objects.count(),
    )


def test_bulk_answers_the_batch(api: Api, template: BadgeTemplate) -> None:
    response = api.post("/badges/bulk", bulk(template, "ada@example.org", "alan@example.org"))

    assert response.status_code == 202
    body = response.json()
    assert_has_shape(body["data"], BatchShape)
    assert body["data"]["created_by"].startswith("API key test (")
    body["data"]["created_by"] = "API key test"
    golden("batch", body)
    assert written() == (1, 2, 1, 0)


def test_bulk_badges_say_what_was_sent(api: Api, template: BadgeTemplate) -> None:
    body = {
        "badge_template_id": str(template.uuid),
        "emitted_at": "2024-06-20 16:00:00",
        "notes": "for all",
        "public": 1,
        "additional_details": {"room": 4},
        "recipients": [
            {
                "recipient_email": " ada@example.org ",
                "recipient_first_name": " Ada ",
                "recipient_last_name": "Lovelace",
            },
            {
                "recipient_email": "alan@example.org",
                "recipient_first_name": None,
                "emitted_at": "2024-06-21",
                "expires_at": "2026-07-06 20:00:00",
                "activity_title": "Machines",
                "activity_started_at": "2024-01-10",
                "activity_ended_at": "2024-06-01",
                "notes": "for Alan",
                "additional_details": {"room": 5},
                "narrative": "He built one.",
                "evidence": [{"url": "https://example.org/e"}],
                "results": [{"value": "30"}],
                "public": 0,
            },
        ],
    }

    assert api.post("/badges/bulk", body).status_code == 202
    run_batch(Batch.objects.get())

    fields = (
        *("recipient_email", "recipient_first_name", "recipient_last_name", "activity_title", "notes"),
        *("additional_details", "narrative", "evidence", "results", "visibility"),
    )
    assert list(Badge.objects.order_by("pk").values_list(*fields)) == [
        ("ada@example.org", "Ada", "Lovelace", "", "for all", {"room": 4}, "", [], [], Visibility.PUBLIC),
        (
            *("alan@example.org", "", "", "Machines", "for Alan", {"room": 5}, "He built one."),
            *([{"url": "https://example.org/e"}], [{"value": "30"}], Visibility.UNLISTED),
        ),
    ]
    times = ("issued_at", "expires_at", "activity_started_at", "activity_ended_at")
    assert [
        [value and f"{value:%Y-%m-%d %H:%M:%S}" for value in row]
        for row in Badge.objects.order_by("pk").values_list(*times)
    ] == [
        ["2024-06-20 16:00:00", None, None, None],
        ["2024-06-21 00:00:00", "2026-07-06 20:00:00", "2024-01-10 00:00:00", "2024-06-01 00:00:00"],
    ]


def test_bulk_reads_times_in_the_zone_of_the_organization(
    api: Api, acme: Organization, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    recipients = [{"recipient_email": "ada@example.org", "emitted_at": "2024-06-20 16:00:00"}]

    api.post("/badges/bulk", bulk(template) | {"recipients": recipients, "emitted_at": "2024-06-21"})

    assert Batch.objects.get().award == {"issued_at": "2024-06-20T22:00:00+00:00"}
    assert BatchRow.objects.get().award == {"issued_at": "2024-06-20T14:00:00+00:00"}


def test_bulk_issues_to_a_list_with_its_names(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    earners_list = a_list(acme, "ada@example.org", "alan@example.org")
    body = {"badge_template_id": str(template.uuid), "earners_list_id": str(earners_list.uuid)}

    response = api.post("/badges/bulk", body)

    assert response.status_code == 202
    assert response.json()["data"]["earners_list_id"] == str(earners_list.uuid)
    assert list(BatchRow.objects.values_list("email", "first_name", "last_name")) == [
        ("ada@example.org", "On", "List"),
        ("alan@example.org", "On", "List"),
    ]


def test_bulk_tells_nobody_when_asked_not_to(api: Api, template: BadgeTemplate) -> None:
    quiet = bulk(template, "ada@example.org", notify=0, report_to="bob@acme.example")

    assert api.post("/badges/bulk", quiet).status_code == 202
    run_batch(Batch.objects.get())

    assert [(message.kind, message.recipient) for message in Message.objects.all()] == [
        ("batch_finished", "bob@acme.example")
    ]


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_bulk_means_the_same_in_a_form(api: Api, template: BadgeTemplate, kind: str) -> None:
    fields = {
        "badge_template_id": str(template.uuid),
        "recipients[0][recipient_email]": "ada@example.org",
        "recipients[2][recipient_email]": "alan@example.org",
        "recipients[2][notes]": "own",
    }
    if kind == "form":
        form = "&".join(f"{name}={value}" for name, value in fields.items())
        response = api.raw("POST", "/badges/bulk", form.encode(), "application/x-www-form-urlencoded")
    else:
        response = api.form("POST", "/badges/bulk", fields)

    assert response.status_code == 202, response.content
    assert list(BatchRow.objects.values_list("email", "award")) == [
        ("ada@example.org", {}),
        ("alan@example.org", {"notes": "own"}),
    ]


def test_bulk_tells_every_error_at_once(api: Api, template: BadgeTemplate) -> None:
    recipients: list[Any] = [
        {"recipient_email": "ada@example.org"},
        {"recipient_email": "nobody"},
        {},
        "ada@example.org",
        {"recipient_email": 5, "recipient_first_name": ["x"], "recipient_last_name": "x" * 256},
        {"recipient_email": f"{'x' * 250}@example.org"},
        {"recipient_email": "bell@example.org", "recipient_first_name": "\x07"},
        {"recipient_email": "nul@example.org", "recipient_first_name": "\x00"},
        {
            "recipient_email": "award@example.org",
            "emitted_at": "yesterday",
            "expires_at": 5,
            "activity_title": "x" * 256,
            "additional_details": [1],
            "evidence": "none",
            "public": "yes",
        },
        {"recipient_email": "ADA@example.org"},
        None,
    ]

    response = api.post(
        "/badges/bulk",
        {
            "badge_template_id": "none",
            "recipients": recipients,
            "expires_at": "never",
            "report_to": "nobody",
            "notify": "perhaps",
        },
    )

    def field(name: str) -> str:
        return f"The recipients.{name} field"

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "badge_template_id": ["The badge template id field must be a valid UUID."],
        "recipients.1.recipient_email": [f"{field('1.recipient_email')} must be a valid email address."],
        "recipients.2.recipient_email": [f"{field('2.recipient_email')} is required."],
        "recipients.3": [f"{field('3')} must be an array."],
        "recipients.4.recipient_email": [f"{field('4.recipient_email')} must be a string."],
        "recipients.4.recipient_first_name": [f"{field('4.recipient_first_name')} must be a string."],
        "recipients.4.recipient_last_name": [
            f"{field('4.recipient_last_name')} must not be greater than 255 characters."
        ],
        "recipients.5.recipient_email": [
            f"{field('5.recipient_email')} must not be greater than 254 characters."
        ],
        "recipients.6.recipient_first_name": [f"{field('6.recipient_first_name')} format is invalid."],
        "recipients.7.recipient_first_name": [f"{field('7.recipient_first_name')} format is invalid."],
        "recipients.8.emitted_at": [f"{field('8.emitted_at')} must be a valid date."],
        "recipients.8.expires_at": [f"{field('8.expires_at')} must be a valid date."],
        "recipients.8.activity_title": [
            f"{field('8.activity_title')} must not be greater than 255 characters."
        ],
        "recipients.8.additional_details": [f"{field('8.additional_details')} must be an array."],
        "recipients.8.evidence": [f"{field('8.evidence')} must be an array."],
        "recipients.8.public": [f"{field('8.public')} must be true or false."],
        "recipients.9.recipient_email": [f"{field('9.recipient_email')} has a duplicate value."],
        "recipients.10": [f"{field('10')} must be an array."],
        "expires_at": ["The expires at field must be a valid date."],
        "report_to": ["The report to field must be a valid email address."],
        "notify": ["The notify field must be true or false."],
    }
    assert written() == (0, 0, 0, 0)


def test_bulk_tells_at_most_a_thousand_errors(api: Api, template: BadgeTemplate) -> None:
    response = api.post("/badges/bulk", bulk(template, *["nobody"] * 1_500))

    errors = response.json()["errors"]
    assert (response.status_code, len(errors), list(errors)[-1]) == (
        422,
        1_000,
        "recipients.999.recipient_email",
    )
    assert response.json()["message"] == (
        "The recipients.0.recipient_email field must be a valid email address. (and 999 more errors)"
    )


def test_bulk_rules_about_single_recipients_name_them(api: Api, template: BadgeTemplate) -> None:
    future = (timezone.now() + timedelta(days=2)).isoformat()
    recipients = [
        {"recipient_email": "a@example.org", "expires_at": "2024-06-01"},
        {"recipient_email": "b@example.org", "emitted_at": future},
        {"recipient_email": "c@example.org", "evidence": [{"name": "x"}]},
        {"recipient_email": "d@example.org", "narrative": "\x07"},
        {"recipient_email": "e@example.org", "results": [{"value": "1", "result_description": "none"}]},
        {"recipient_email": "f@example.org", "notes": "fine"},
    ]

    response = api.post(
        "/badges/bulk", bulk(template) | {"recipients": recipients, "emitted_at": "2024-06-20"}
    )

    assert response.status_code == 422
    assert list(response.json()["errors"]) == [
        "recipients.0.expires_at",
        "recipients.1.emitted_at",
        "recipients.2.evidence.0",
        "recipients.3.narrative",
        "recipients.4.results.0.result_description",
    ]
    assert written() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"emitted_at": "2999-01-01"}, "emitted_at"),
        ({"expires_at": "9999-12-31T23:59:59Z"}, "expires_at"),
        ({"emitted_at": "2024-06-20", "expires_at": "2024-06-20"}, "expires_at"),
        ({"activity_started_at": "2024-06-20", "activity_ended_at": "2024-06-19"}, "activity_ended_at"),
        ({"evidence": [{"url": 5}]}, "evidence.0.url"),
        ({"narrative": "a bell: \x07"}, "narrative"),
    ],
)
def test_bulk_rules_about_all_name_the_value_as_it_was_sent(
    api: Api, template: BadgeTemplate, more: dict[str, Any], field: str
) -> None:
    response = api.post("/badges/bulk", bulk(template, "ada@example.org", **more))

    assert (response.status_code, list(response.json()["errors"])) == (422, [field])
    assert written() == (0, 0, 0, 0)
    assert api.post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 202


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        (
            {},
            {
                "recipients": ["The recipients field is required when earners list id is not present."],
                "earners_list_id": ["The earners list id field is required when recipients is not present."],
            },
        ),
        (
            {"recipients": [{"recipient_email": "a@example.org"}], "earners_list_id": str(uuid4())},
            {"recipients": ["The recipients field prohibits earners list id from being present."]},
        ),
        ({"recipients": []}, {"recipients": ["The recipients field is required."]}),
        ({"recipients": {}}, {"recipients": ["The recipients field is required."]}),
        ({"recipients": "a@example.org"}, {"recipients": ["The recipients field must be an array."]}),
        (
            {"recipients": {"first": {"recipient_email": "a@example.org"}}},
            {"recipients": ["The recipients field must be an array."]},
        ),
        (
            {"earners_list_id": "five"},
            {"earners_list_id": ["The earners list id field must be a valid UUID."]},
        ),
    ],
)
def test_bulk_takes_recipients_or_a_list(
    api: Api, template: BadgeTemplate, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    response = api.post("/badges/bulk", {"badge_template_id": str(template.uuid)} | body)

    assert (response.status_code, response.json()["errors"]) == (422, errors)
    assert written() == (0, 0, 0, 0)


def test_bulk_has_a_limit(api: Api, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuer_recipients, "MAX_RECIPIENTS", 2)
    emails = ("a@example.org", "b@example.org", "c@example.org")

    response = api.post("/badges/bulk", bulk(template, *emails))

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "recipients": ["The recipients field must not have more than 2 items."]
    }
    assert written() == (0, 0, 0, 0)
    assert api.post("/badges/bulk", bulk(template, *emails[:2])).status_code == 202


def test_bulk_template_and_list_of_another_organization_are_as_unknown_ones(
    api: Api, acme: Organization, globex: Organization, template: BadgeTemplate
) -> None:
    theirs, their_list = factories.template(globex), a_list(globex, "ada@example.org")
    unknown = str(uuid4())

    for template_id, list_id in ((str(theirs.uuid), str(their_list.uuid)), (unknown, unknown)):
        response = api.post("/badges/bulk", {"badge_template_id": template_id, "earners_list_id": list_id})
        assert response.status_code == 422
        assert response.json()["errors"] == {
            "badge_template_id": [INVALID_TEMPLATE],
            "earners_list_id": [INVALID_LIST],
        }
    mixed = {"badge_template_id": str(template.uuid), "earners_list_id": str(their_list.uuid)}
    assert api.post("/badges/bulk", mixed).json()["errors"] == {"earners_list_id": [INVALID_LIST]}
    assert written() == (0, 0, 0, 0)
    key = factories.api_key(globex)[1]
    own = {"badge_template_id": str(theirs.uuid), "earners_list_id": str(their_list.uuid)}
    assert Api(key).post("/badges/bulk", own).status_code == 202


def test_bulk_disabled_list_is_refused(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    earners_list = a_list(acme, "ada@example.org")
    body = {"badge_template_id": str(template.uuid), "earners_list_id": str(earners_list.uuid)}
    EarnersList.objects.update(status=ListStatus.DISABLED)

    response = api.post("/badges/bulk", body)

    assert (response.status_code, list(response.json()["errors"])) == (422, ["earners_list_id"])
    assert written() == (0, 0, 0, 0)
    EarnersList.objects.update(status=ListStatus.ENABLED)
    assert api.post("/badges/bulk", body).status_code == 202


def test_bulk_empty_list_is_refused(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    body = {"badge_template_id": str(template.uuid), "earners_list_id": str(a_list(acme).uuid)}

    response = api.post("/badges/bulk", body)

    assert (response.status_code, response.json()["message"]) == (422, "There is nobody to issue to.")
    assert written() == (0, 0, 0, 0)


def test_bulk_inactive_template_is_refused(api: Api, template: BadgeTemplate) -> None:
    update_template(template=template, fields={"status": TemplateStatus.INACTIVE}, by=None)

    response = api.post("/badges/bulk", bulk(template, "ada@example.org"))

    assert (response.status_code, list(response.json()["errors"])) == (422, ["badge_template_id"])
    assert written() == (0, 0, 0, 0)
    update_template(template=template, fields={"status": TemplateStatus.ACTIVE}, by=None)
    assert api.post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 202


def test_bulk_disabled_organization_issues_nothing(
    api: Api, acme: Organization, template: BadgeTemplate
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    assert api.post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 403
    assert written() == (0, 0, 0, 0)
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.ENABLED)
    assert api.post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 202


def test_bulk_needs_the_scope_issue(acme: Organization, template: BadgeTemplate) -> None:
    weak = factories.api_key(acme, ApiScope.READ, ApiScope.WRITE)[1]
    issuing = factories.api_key(acme, ApiScope.ISSUE)[1]

    assert Api(None).post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 401
    assert Api(weak).post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 403
    assert written() == (0, 0, 0, 0)
    assert Api(issuing).post("/badges/bulk", bulk(template, "ada@example.org")).status_code == 202


def test_bulk_without_enough_credits_writes_nothing(
    api: Api, acme: Organization, template: BadgeTemplate, settings: Settings
) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=1, description="one", by=None)
    before = written()

    response = api.post("/badges/bulk", bulk(template, "a@example.org", "b@example.org"), Idempotency_Key="k")

    assert response.status_code == 402
    assert list(response.json()) == ["message"]
    assert (written(), IdempotentRequest.objects.count()) == (before, 0)
    acme.refresh_from_db()
    assert acme.credits_left == 1
    assert api.post("/badges/bulk", bulk(template, "a@example.org"), Idempotency_Key="k").status_code == 202


def test_bulk_same_address_twice_is_a_mistake_unless_the_badges_differ(
    api: Api, template: BadgeTemplate
) -> None:
    same = [
        {"recipient_email": "ada@example.org", "recipient_first_name": "Ada", "notes": "one"},
        {"recipient_email": "Ada@Example.org", "recipient_first_name": "A.", "notes": "one"},
    ]

    refused = api.post("/badges/bulk", bulk(template) | {"recipients": same})
    taken = api.post("/badges/bulk", bulk(template) | {"recipients": [same[0], same[1] | {"notes": "two"}]})

    assert refused.json()["errors"] == {
        "recipients.1.recipient_email": ["The recipients.1.recipient_email field has a duplicate value."]
    }
    assert taken.status_code == 202
    assert written()[:2] == (1, 2)


def test_bulk_unique_template_gives_one_badge_and_a_reason(api: Api, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    rows = [{"recipient_email": "ada@example.org", "notes": notes} for notes in ("one", "two")]
    batch_id = api.post("/badges/bulk", bulk(template) | {"recipients": rows}).json()["data"]["id"]

    run_batch(Batch.objects.get())

    batch = api.get(f"/batches/{batch_id}").json()["data"]
    assert (batch["state"], batch["counts"]["issued"], batch["counts"]["failed"], batch["credits"]) == (
        *("done", 1, 1),
        1,
    )
    failed = api.get(f"/batches/{batch_id}/rows", {"state": "failed"}).json()["data"]
    assert [(row["number"], row["reason_code"]) for row in failed] == [(2, "badge_already_held")]


def test_bulk_beyond_the_limit_of_the_template_gives_reasons(api: Api, acme: Organization) -> None:
    template = factories.template(acme, limit=2)
    emails = ("a@example.org", "b@example.org", "c@example.org")
    api.post("/badges/bulk", bulk(template, *emails))

    batch = run_batch(Batch.objects.get())

    assert (batch.state, batch.issued_count, batch.failed_count) == (BatchState.DONE, 2, 1)
    assert [row.reason_code for row in batch.rows.filter(state=RowState.FAILED)] == ["limit_reached"]


def test_bulk_with_a_key_is_written_once(api: Api, acme: Organization, template: BadgeTemplate) -> None:
    body = bulk(template, "a@example.org", "b@example.org")

    first = api.post("/badges/bulk", body, Idempotency_Key="k")
    second = api.post("/badges/bulk", body, Idempotency_Key="k")
    other = api.post("/badges/bulk", bulk(template, "c@example.org"), Idempotency_Key="k")

    assert (first.status_code, second.status_code, other.status_code) == (202, 202, 409)
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert written() == (1, 2, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_bulk_at_once_with_one_key_is_written_once(acme: Organization, template: BadgeTemplate) -> None:
    key = factories.api_key(acme)[1]
    body = bulk(template, "a@example.org", "b@example.org")

    answers = race(lambda _: Api(key).post("/badges/bulk", body, Idempotency_Key="k").content, times=6)

    assert len({json.loads(answer)["data"]["id"] for answer in answers if isinstance(answer, bytes)}) == 1
    assert all(isinstance(answer, bytes) for answer in answers), answers
    assert written() == (1, 2, 1, 0)


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b'{"recipients": [', "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"recipients": ' + b"[" * 500 + b"]" * 500 + b"}", "application/json", 400),
        (b'{"recipients": [{"recipient_email": "a", "recipient_email": "b"}]}', "application/json", 400),
        (b"<recipients/>", "application/xml", 415),
        (b"recipients[0]=a&recipients[0][x]=b", "application/x-www-form-urlencoded", 400),
        (b'{"recipients": [' + b" " * (12 * 1024 * 1024) + b"]}", "application/json", 413),
        (b'{"recipients": [{"recipient_email": "a\\ud800@example.org"}]}', "application/json", 422),
        (b'{"recipients": [{"recipient_email": {"a": 1e300}}]}', "application/json", 422),
        (b'{"recipients": 1e400}', "application/json", 400),
    ],
)
def test_bulk_bad_bodies_are_refused(
    api: Api, template: BadgeTemplate, content: bytes, content_type: str, status: int
) -> None:
    assert api.raw("POST", "/badges/bulk", content, content_type).status_code == status
    assert written() == (0, 0, 0, 0)
