"""Badges in the issuer API: assigned, read, changed, revoked; nobody else's are touched."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from badges.api.issuer_badge_bodies import BadgeShape
from badges.enums import TemplateStatus, Visibility
from badges.models import Badge, BadgeDocument, BadgeTemplate
from badges.services.counters import recount
from badges.services.documents import credential
from earners.models import Earner
from organizations.enums import ApiScope, OrganizationStatus
from organizations.models import IdempotentRequest, Message, Organization
from organizations.services.organizations import update_organization
from tests import factories
from tests.api import Api, assert_has_shape, golden

NEW = "ada.lovelace@example.org"
FORMS = ["ob2.json", "ob2.jws", "ob2.png", "ob2.svg", "ob3.json", "ob3.jwt", "ob3.png", "ob3.svg"]


@pytest.fixture
def api(acme_key: str) -> Api:
    return Api(acme_key)


@pytest.fixture
def stranger(globex: Organization) -> Api:
    """Globex, which has a badge of its own."""
    factories.badge(factories.template(globex), "grace@example.org")
    return Api(factories.api_key(globex, *ApiScope)[1])


def assignment(template: BadgeTemplate) -> dict[str, Any]:
    """Return the body of the original's example, with an address that is not cut."""
    return {
        "recipient_email": "mark.br@example.org",
        "recipient_first_name": "Mark",
        "recipient_last_name": "Brown",
        "emitted_at": "2024-06-20 16:00:00",
        "expires_at": "2086-07-06 20:00:00",
        "activity_title": "Spring course",
        "activity_started_at": "2024-01-10",
        "activity_ended_at": "2024-06-01",
        "notes": "Came early",
        "badge_template_id": str(template.uuid),
    }


def test_assign_answers_the_badge(api: Api, template: BadgeTemplate) -> None:
    response = api.post("/badges", assignment(template))

    assert response.status_code == 201
    body = response.json()
    badge = Badge.objects.get()
    assert_has_shape(body["data"], BadgeShape)
    assert {key: body["data"][key] for key in assignment(template)} == assignment(template) | {
        "activity_started_at": "2024-01-10 00:00:00",
        "activity_ended_at": "2024-06-01 00:00:00",
    }
    assert list(body["data"])[:8] == [
        "id", "imported", "status", "image_path", "image_high_path", "image_thumbnail_path",
        "badge_template_version_id", "badge_template_version",
    ]  # fmt: skip
    assert body["data"]["id"] == str(badge.uuid)
    assert api.get(f"/badges/{badge.uuid}").json() == body
    golden("badge", body)


def test_assign_takes_everything_that_a_badge_can_say(api: Api, acme: Organization) -> None:
    template = factories.template(
        acme, result_descriptions=[{"id": "grade", "name": "Grade", "type": "LetterGrade"}]
    )
    more = {
        "narrative": "Built a *rover*.",
        "evidence": [{"url": "https://example.org/rover", "name": "Rover"}],
        "results": [{"value": "A", "result_description": "grade"}],
        "additional_details": {"room": 4, "tutor": {"name": "Bea"}},
        "public": 1,
    }

    response = api.post("/badges", assignment(template) | more)

    assert response.status_code == 201
    assert {key: response.json()["data"][key] for key in more} == more
    assert Badge.objects.get().visibility == Visibility.PUBLIC


def test_assign_needs_an_address_and_a_template_alone(api: Api, template: BadgeTemplate) -> None:
    response = api.post(
        "/badges", {"recipient_email": "mark@example.org", "badge_template_id": str(template.uuid)}
    )

    assert response.status_code == 201
    data = response.json()["data"]
    assert_has_shape(data, BadgeShape)
    assert (data["status"], data["recipient_first_name"], data["expires_at"], data["public"]) == (
        "valid",
        None,
        None,
        0,
    )


def test_assign_reads_moments_in_the_organization_s_time_zone(
    api: Api, acme: Organization, template: BadgeTemplate
) -> None:
    update_organization(organization=acme, fields={"time_zone": "Europe/Rome"}, by=None)

    data = api.post("/badges", assignment(template)).json()["data"]

    assert data["emitted_at"] == "2024-06-20 16:00:00"
    badge = Badge.objects.get()
    assert badge.issued_at.isoformat() == "2024-06-20T14:00:00+00:00"


@pytest.mark.parametrize("kind", ["form", "multipart"])
def test_assign_means_the_same_as_a_form(api: Api, template: BadgeTemplate, kind: str) -> None:
    wanted = assignment(template) | {
        "evidence": [{"url": "https://example.org/a b".replace(" ", "")}],
        "public": "1",
    }
    fields = {name: value for name, value in wanted.items() if name != "evidence"} | {
        "evidence[0][url]": "https://example.org/ab"
    }

    if kind == "form":
        text = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        response = api.raw("POST", "/badges", text, "application/x-www-form-urlencoded")
    else:
        response = api.form("POST", "/badges", fields)

    assert response.status_code == 201
    data = response.json()["data"]
    assert (data["evidence"], data["public"], data["notes"]) == (
        [{"url": "https://example.org/ab"}],
        1,
        "Came early",
    )


def test_assign_tells_every_error_at_once(api: Api, template: BadgeTemplate) -> None:
    response = api.post(
        "/badges",
        {
            "recipient_email": "nobody",
            "emitted_at": "2186-06-20 16:00:00",
            "expires_at": "2024-01-01",
            "activity_title": 5,
            "activity_started_at": "soon",
            "notes": "x" * 20_001,
            "badge_template_id": str(uuid4()),
            "evidence": [{"name": "a"}, {"url": "https://example.org"}, {"url": 5}],
            "results": "A",
            "additional_details": [1],
            "public": "yes",
        },
    )

    assert response.status_code == 422
    assert response.json() == {
        "message": "The recipient email field must be a valid email address. (and 11 more errors)",
        "errors": {
            "recipient_email": ["The recipient email field must be a valid email address."],
            "emitted_at": [
                "A badge cannot be issued in the future: other people's software would refuse it."
            ],
            "expires_at": ["A badge cannot expire before it is issued."],
            "activity_title": ["The activity title field must be a string."],
            "activity_started_at": ["The activity started at field must be a valid date."],
            "notes": ["The notes field must not be greater than 20000 characters."],
            "additional_details": ["The additional details field must be an array."],
            "results": ["The results field must be an array."],
            "public": ["The public field must be true or false."],
            "badge_template_id": ["The selected badge template id is invalid."],
            "evidence.0": ["Give at least one of: url, narrative."],
            "evidence.2.url": ["This must be text of at most 20000 characters."],
        },
    }
    assert not Badge.objects.exists()
    assert not Earner.objects.exists()


def test_assign_refuses_what_cannot_be_signed_by_its_path(api: Api, template: BadgeTemplate) -> None:
    response = api.post(
        "/badges",
        assignment(template)
        | {
            "recipient_first_name": "M\x07ark",
            "evidence": [{"url": "https://example.org"}, {"url": "nowhere"}],
        },
    )

    assert response.status_code == 422
    assert sorted(response.json()["errors"]) == ["evidence.1.url", "recipient_first_name"]
    assert not Badge.objects.exists()


def test_assign_from_another_organization_s_template_is_as_from_none(
    api: Api, stranger: Api, template: BadgeTemplate
) -> None:
    theirs = BadgeTemplate.objects.exclude(pk=template.pk).get()
    before = Badge.objects.count()

    answers = [
        api.post("/badges", assignment(template) | {"badge_template_id": str(uuid)}).content
        for uuid in (theirs.uuid, uuid4())
    ]

    assert answers[0] == answers[1]
    assert b"The selected badge template id is invalid." in answers[0]
    assert Badge.objects.count() == before


def test_assign_from_an_inactive_template_is_told_of_the_template(api: Api, template: BadgeTemplate) -> None:
    BadgeTemplate.objects.filter(pk=template.pk).update(status=TemplateStatus.INACTIVE)

    response = api.post("/badges", assignment(template))

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["badge_template_id"]
    assert not Badge.objects.exists()


def test_assign_of_a_badge_that_is_held_leads_to_it(api: Api, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    first = api.post("/badges", assignment(template)).json()["data"]

    response = api.post("/badges", assignment(template))

    assert response.status_code == 409
    assert response.json()["badge_url"] == first["url"]
    assert Badge.objects.count() == 1


def test_assign_beyond_the_limit_is_a_conflict(api: Api, acme: Organization) -> None:
    template = factories.template(acme, limit=1)
    api.post("/badges", assignment(template))

    assert api.post("/badges", assignment(template)).status_code == 409
    assert Badge.objects.count() == 1


def test_assign_without_credits_issues_nothing(api: Api, template: BadgeTemplate, settings: Settings) -> None:
    settings.CREDITS = "enforced"

    response = api.post("/badges", assignment(template))

    assert response.status_code == 402
    assert list(response.json()) == ["message"]
    assert not Badge.objects.exists()


@pytest.mark.parametrize("scopes", [(ApiScope.READ,), (ApiScope.READ, ApiScope.WRITE)])
def test_issuing_needs_the_scope(acme: Organization, badge: Badge, scopes: tuple[ApiScope, ...]) -> None:
    api = Api(factories.api_key(acme, *scopes)[1])

    statuses = [
        api.post("/badges", assignment(badge.template)).status_code,
        api.patch(f"/badges/{badge.uuid}", {"notes": "x"}).status_code,
        api.post(f"/badges/{badge.uuid}/revoke", {}).status_code,
        api.post(f"/api/v1/issuers/badges/{badge.uuid}/revoke", {}).status_code,
    ]

    assert statuses == [403] * 4
    badge.refresh_from_db()
    assert (Badge.objects.count(), badge.notes, badge.revoked_at) == (1, "", None)


def test_disabled_organization_issues_changes_and_revokes_nothing(
    api: Api, acme: Organization, badge: Badge
) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    statuses = [
        api.post("/badges", assignment(badge.template)).status_code,
        api.patch(f"/badges/{badge.uuid}", {"notes": "x"}).status_code,
        api.post(f"/badges/{badge.uuid}/revoke", {}).status_code,
    ]

    assert statuses == [403] * 3
    assert api.get(f"/badges/{badge.uuid}").status_code == 200
    badge.refresh_from_db()
    assert (Badge.objects.count(), badge.notes, badge.revoked_at) == (1, "", None)


def test_repeated_assignment_with_a_key_is_one_badge(api: Api, template: BadgeTemplate) -> None:
    first = api.post("/badges", assignment(template), Idempotency_Key="order-1")
    second = api.post("/badges", assignment(template), Idempotency_Key="order-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert ("Idempotent-Replayed" in first, second["Idempotent-Replayed"]) == (False, "true")
    assert Badge.objects.count() == 1
    other = api.post("/badges", assignment(template) | {"notes": "other"}, Idempotency_Key="order-1")
    assert other.status_code == 409
    assert Badge.objects.count() == 1


def test_refused_assignment_with_a_key_may_be_tried_again(api: Api, template: BadgeTemplate) -> None:
    BadgeTemplate.objects.filter(pk=template.pk).update(status=TemplateStatus.INACTIVE)
    assert api.post("/badges", assignment(template), Idempotency_Key="order-1").status_code == 422
    assert not IdempotentRequest.objects.exists()
    BadgeTemplate.objects.filter(pk=template.pk).update(status=TemplateStatus.ACTIVE)

    assert api.post("/badges", assignment(template), Idempotency_Key="order-1").status_code == 201


def test_badges_of_others_are_as_those_that_are_not_there(stranger: Api, badge: Badge) -> None:
    for uuid in (badge.uuid, uuid4()):
        answers = [
            stranger.get(f"/badges/{uuid}"),
            stranger.patch(f"/badges/{uuid}", {"notes": "mine"}),
            stranger.put(f"/badges/{uuid}", {"recipient_email": "nobody"}),
            stranger.post(f"/badges/{uuid}/revoke", {"reason": "mine"}),
            stranger.post(f"/api/v1/issuers/badges/{uuid}/revoke", {"reason": ""}),
            *(stranger.get(f"/badges/{uuid}/download/{form}") for form in FORMS),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.content for answer in answers} == {
            b'{"message":"There is no badge with this id in your organization."}'
        }
    badge.refresh_from_db()
    assert (badge.notes, badge.revoked_at) == ("", None)


def test_patch_changes_what_is_sent_and_nothing_else(api: Api, badge: Badge) -> None:
    before = api.get(f"/badges/{badge.uuid}").json()["data"]

    response = api.patch(
        f"/badges/{badge.uuid}",
        {"notes": "Seen", "public": 1, "additional_details": {"a": 1}, "status": "revoked"},
    )

    assert response.status_code == 200
    after = response.json()["data"]
    assert after == before | {
        "notes": "Seen",
        "public": 1,
        "additional_details": {"a": 1},
        "updated_at": after["updated_at"],
    }
    assert api.get(f"/badges/{badge.uuid}").json()["data"] == after
    assert not any(recount().values())


def test_patch_with_null_empties(api: Api, badge: Badge) -> None:
    api.patch(f"/badges/{badge.uuid}", {"notes": "Seen", "additional_details": {"a": 1}})

    data = api.patch(f"/badges/{badge.uuid}", {"notes": None, "additional_details": None}).json()["data"]

    assert (data["notes"], data["additional_details"]) == (None, None)


def test_patch_corrects_the_address(api: Api, badge: Badge) -> None:
    old = credential(badge)

    response = api.patch(f"/badges/{badge.uuid}", {"recipient_email": NEW, "recipient_first_name": None})

    assert response.status_code == 200
    data = response.json()["data"]
    assert (data["id"], data["recipient_email"], data["recipient_first_name"]) == (str(badge.uuid), NEW, None)
    assert data["email_id"] == str(Earner.objects.get(email_key=NEW).uuid)
    assert credential(badge) != old
    assert Message.objects.filter(recipient=NEW).count() == 1


def test_patch_with_bad_values_changes_nothing(api: Api, badge: Badge) -> None:
    response = api.patch(
        f"/badges/{badge.uuid}",
        {"recipient_email": None, "public": 7, "notes": "x", "recipient_first_name": "A\x07"},
    )

    assert response.status_code == 422
    assert response.json()["errors"] == {
        "recipient_email": ["The recipient email field is required."],
        "public": ["The public field must be true or false."],
    }
    badge.refresh_from_db()
    assert badge.notes == ""


def test_patch_of_a_revoked_badge_s_address_is_a_conflict(api: Api, badge: Badge) -> None:
    api.post(f"/badges/{badge.uuid}/revoke", {})

    response = api.patch(f"/badges/{badge.uuid}", {"recipient_email": NEW})

    assert response.status_code == 409
    badge.refresh_from_db()
    assert badge.recipient_email == "ada@example.org"


@pytest.mark.parametrize("path", ["/badges/{}/revoke", "/api/v1/issuers/badges/{}/revoke"])
def test_revoke_answers_the_revoked_badge(api: Api, badge: Badge, path: str) -> None:
    before = api.get(f"/badges/{badge.uuid}").json()["data"]

    response = api.post(path.format(badge.uuid), {"reason": "Issued by mistake"})

    assert response.status_code == 200
    after = response.json()["data"]
    assert after["revoked_at"] is not None
    assert after == before | {
        "status": "revoked",
        "revocation_reason": "Issued by mistake",
        "revoked_at": after["revoked_at"],
        "updated_at": after["updated_at"],
    }


def test_revoke_without_a_body_gives_a_general_reason_in_the_organization_s_language(
    api: Api, badge: Badge
) -> None:
    response = api.raw("POST", f"/badges/{badge.uuid}/revoke", b"", "")

    assert response.status_code == 200
    assert response.json()["data"]["revocation_reason"] == "Revoked by the issuer."


def test_revoke_twice_is_a_conflict(api: Api, badge: Badge) -> None:
    api.post(f"/badges/{badge.uuid}/revoke", {"reason": "first"})

    response = api.post(f"/badges/{badge.uuid}/revoke", {"reason": "second"})

    assert response.status_code == 409
    badge.refresh_from_db()
    assert badge.revocation_reason == "first"


@pytest.mark.parametrize("reason", ["x" * 1001, 5, "a\x00b", "a\x07b"])
def test_revoke_with_a_bad_reason_revokes_nothing(api: Api, badge: Badge, reason: Any) -> None:
    response = api.post(f"/badges/{badge.uuid}/revoke", {"reason": reason})

    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["reason"]
    badge.refresh_from_db()
    assert badge.revoked_at is None


@pytest.mark.parametrize("form", FORMS)
def test_download_is_the_public_document_as_a_file(api: Api, badge: Badge, form: str) -> None:
    public = api.client.get(f"/public/badges/{badge.uuid}/{form}")

    response = api.get(f"/badges/{badge.uuid}/download/{form}")

    assert response.status_code == 200
    assert response.content == public.content
    assert response["Content-Type"] == public["Content-Type"]
    assert response["Content-Disposition"] == f'attachment; filename="data-literacy-{form}"'


@pytest.mark.parametrize("form", FORMS)
def test_download_of_a_hidden_badge_is_the_organization_s_own(
    api: Api, template: BadgeTemplate, form: str
) -> None:
    badge = factories.badge(template, visibility=Visibility.HIDDEN)
    assert api.client.get(f"/public/badges/{badge.uuid}/{form}").status_code == 404

    assert api.get(f"/badges/{badge.uuid}/download/{form}").status_code == 200


def test_download_of_an_unknown_form_says_which_there_are(api: Api, badge: Badge) -> None:
    response = api.get(f"/badges/{badge.uuid}/download/ob4.pdf")

    assert response.status_code == 404
    assert response.json() == {"message": f"A badge has no such file. There are: {', '.join(FORMS)}."}


def test_download_of_an_imported_badge_is_not_there(api: Api, badge: Badge) -> None:
    BadgeDocument.objects.filter(badge=badge).delete()
    Badge.objects.filter(pk=badge.pk).update(is_imported=True)

    assert api.get(f"/badges/{badge.uuid}/download/ob3.json").status_code == 404


def test_one_badge_is_one_query_beside_the_key(
    api: Api, badge: Badge, django_assert_num_queries: Any
) -> None:
    api.get(f"/badges/{badge.uuid}")

    with django_assert_num_queries(2):
        api.get(f"/badges/{badge.uuid}")
