"""The token API as an earner's program uses it: its badges, its outcomes, and nothing of anybody else's."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate, OutcomeRecord
from badges.services.earned import forget_contents
from badges.services.outcome_settings import create_outcome
from badges.services.revoking import revoke_badge
from earners.models import AccountEmail, LoginToken
from earners.services import list_login_tokens, revoke_login_token
from earners.services.tokens import WRONG_TOKENS
from organizations.models import Organization
from organizations.services import rates
from tests import factories
from tests.accounts import account_of, imported, token_of

BADGE_KEYS = [
    *("badgeID", "date", "name", "description", "imageURL", "tags"),
    *("issuerName", "issuerDescription", "issuerEmail", "issuerURL"),
]
MEMBERS = ["requestID", "requestDateTime", "resultCode", "resultMessage"]


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet, and no version was read."""
    cache.clear()
    WRONG_TOKENS._suspects.clear()
    rates._leases.clear()
    forget_contents()


@pytest.fixture
def token(db: None) -> str:
    """A token of ada@example.org."""
    return token_of("ada@example.org")[1]


def get(path: str, client: Client | None = None) -> Any:
    """Return the body of an answer to a GET below /api/v2."""
    response = (client or Client()).get(f"/api/v2/{path}")
    assert response.status_code == 200
    return response.json()


def result(body: dict[str, Any]) -> tuple[int, str]:
    """Return what an envelope says of how it went."""
    return body["resultCode"], body["resultMessage"]


def test_badges_are_those_of_the_account_with_all_that_the_seed_names(
    token: str, template: BadgeTemplate
) -> None:
    Organization.objects.update(description="<p>We <b>teach</b>.</p>")
    badge = factories.badge(template, issued_at=datetime(2025, 7, 23, 11, 26, 25, tzinfo=UTC))
    assert template.current_version is not None

    body = get(f"Badges/{token}")

    assert list(body) == ["badges", *MEMBERS]
    assert result(body) == (0, "Ok")
    assert body["badges"] == [
        {
            "badgeID": str(badge.uuid),
            "date": "2025-07-23T11:26:25.000Z",
            "name": "Data literacy",
            "description": "Reads and questions data.",
            "imageURL": f"{template.current_version.public_url}/image.png",
            "tags": ["data"],
            "issuerName": "Acme Academy",
            "issuerDescription": "We **teach**.",
            "issuerEmail": "badges@organization.example.org",
            "issuerURL": "https://organization.example.org",
        }
    ]
    assert list(body["badges"][0]) == BADGE_KEYS
    assert Client().get(body["badges"][0]["imageURL"]).status_code == 200


def test_badge_is_one_of_them(token: str, badge: Badge) -> None:
    body = get(f"Badge/{token}/{badge.uuid}")

    assert list(body) == ["badge", *MEMBERS]
    assert result(body) == (0, "Ok")
    assert body["badge"] == get(f"Badges/{token}")["badges"][0]
    assert get(f"Badge/{token}/{str(badge.uuid).upper()}")["badge"] == body["badge"]


def test_imported_badge_stands_among_them(token: str, badge: Badge) -> None:
    row = imported(
        AccountEmail.objects.get().account,
        description="Knows what to do.",
        tags=["health"],
        image_url="https://other.example/badge.png",
    )

    body = get(f"Badges/{token}")

    assert [one["badgeID"] for one in body["badges"]] == [str(badge.uuid), str(row.uuid)]
    assert get(f"Badge/{token}/{row.uuid}")["badge"] == body["badges"][1]
    assert body["badges"][1] == {
        "badgeID": str(row.uuid),
        "date": "2024-05-01T00:00:00.000Z",
        "name": "First aid",
        "description": "Knows what to do.",
        "imageURL": "https://other.example/badge.png",
        "tags": ["health"],
        "issuerName": "Red Hospital",
        "issuerDescription": None,
        "issuerEmail": None,
        "issuerURL": "https://other.example",
    }


def test_badges_come_newest_first_and_of_one_instant_by_id(token: str, template: BadgeTemplate) -> None:
    noon = timezone.now().replace(microsecond=0) - timedelta(days=1)
    same = [factories.badge(template, issued_at=noon) for _ in range(4)]
    newer = factories.badge(template, issued_at=noon + timedelta(hours=1))
    older = factories.badge(template, issued_at=noon - timedelta(hours=1))

    found = [badge["badgeID"] for badge in get(f"Badges/{token}")["badges"]]

    assert found == [str(newer.uuid), *sorted(str(badge.uuid) for badge in same), str(older.uuid)]


def test_account_without_badges_has_an_empty_list(token: str, template: BadgeTemplate) -> None:
    factories.badge(template, "somebody@example.org")

    body = get(f"Badges/{token}")

    assert (body["badges"], result(body)) == ([], (0, "Ok"))


def test_badges_of_all_addresses_and_organizations_are_the_accounts(
    acme: Organization, globex: Organization
) -> None:
    account_of("ada@example.org", "countess@example.org")
    mine = [
        factories.badge(factories.template(acme), "ADA@example.org"),
        factories.badge(factories.template(globex), "countess@example.org"),
    ]
    factories.badge(factories.template(globex), "charles@example.org")
    _row, token = token_of("ada@example.org")

    body = get(f"Badges/{token}")

    assert {badge["badgeID"] for badge in body["badges"]} == {str(badge.uuid) for badge in mine}
    assert {badge["issuerName"] for badge in body["badges"]} == {"Acme Academy", "Globex College"}


def test_address_that_is_not_confirmed_opens_nothing(token: str, badge: Badge) -> None:
    AccountEmail.objects.update(verified_at=None)

    assert get(f"Badges/{token}")["badges"] == []
    assert result(get(f"Badge/{token}/{badge.uuid}")) == (-2051, "Badge not found")


def test_revoked_badge_is_gone_expired_and_hidden_ones_stay_their_earners(
    token: str, template: BadgeTemplate
) -> None:
    revoked = factories.badge(template)
    revoke_badge(badge=revoked, reason="Mistake", by=None)
    now = timezone.now()
    expired = factories.badge(template, issued_at=now - timedelta(days=9), expires_at=now - timedelta(days=1))
    hidden = factories.badge(template, issued_at=now - timedelta(days=10), visibility=Visibility.HIDDEN)
    imported(AccountEmail.objects.get().account, revoked_at=now)

    found = [badge["badgeID"] for badge in get(f"Badges/{token}")["badges"]]

    assert found == [str(expired.uuid), str(hidden.uuid)]
    assert result(get(f"Badge/{token}/{revoked.uuid}")) == (-2051, "Badge not found")


def test_anothers_badge_answers_as_none_does(token: str, badge: Badge, template: BadgeTemplate) -> None:
    others = factories.badge(template, "charles@example.org")
    theirs = imported(account_of("charles@example.org"))
    absent = get(f"Badge/{token}/{uuid.uuid4()}")
    volatile = {"requestID", "requestDateTime"}

    for badge_id in (others.uuid, theirs.uuid):
        answer = get(f"Badge/{token}/{badge_id}")

        assert {name: answer[name] for name in answer.keys() - volatile} == {
            name: absent[name] for name in absent.keys() - volatile
        }
    assert result(absent) == (-2051, "Badge not found")
    assert absent["badge"] is None
    assert get(f"Badge/{token}/{badge.uuid}")["badge"]["badgeID"] == str(badge.uuid)


@pytest.mark.parametrize(
    "odd",
    ["0", "-1", "%00", "%ED%A0%80", "%F0%9F%92%A9", "a" * 3000, "..%2e", "' OR 1=1 --", "%C3%28", "null"],
)
def test_odd_ids_are_unknown_badges(token: str, badge: Badge, odd: str) -> None:
    body = get(f"Badge/{token}/{odd}")

    assert result(body) == (-2051, "Badge not found")
    assert body["badge"] is None


@pytest.mark.parametrize("odd", ["0", "%00", "%ED%A0%80", "a" * 3000, "%C3%28", "💩", "' OR 1=1 --"])
def test_odd_tokens_are_unknown_sessions(token: str, odd: str) -> None:
    for path in (f"Badges/{odd}", f"Badge/{odd}/1"):
        assert result(get(path)) == (-101, "Session not found")
    assert result(get(f"Badges/{token}")) == (0, "Ok")


def test_token_is_told_apart_by_case(token: str) -> None:
    assert result(get(f"Badges/{token.swapcase()}")) == (-101, "Session not found")


def test_token_ends_by_time_and_by_revocation(badge: Badge) -> None:
    row, token = token_of("ada@example.org")
    assert len(get(f"Badges/{token}")["badges"]) == 1
    assert list_login_tokens(row.account) == [row]

    LoginToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    body = get(f"Badges/{token}")
    assert (body["badges"], result(body)) == ([], (-103, "Session expired"))

    LoginToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    revoke_login_token(token=row)
    body = get(f"Badges/{token}")
    assert (body["badges"], result(body)) == ([], (-101, "Session not found"))
    assert list_login_tokens(row.account) == []


def test_token_comes_before_anything_else(template: BadgeTemplate) -> None:
    create_outcome(organization=template.organization, code="course-7", template=template, by=None)

    assert Client().post("/api/v2/Outcome/wrong/course-7").json()["resultCode"] == -101
    assert Client().post("/api/v2/Outcome/wrong/none").json()["resultCode"] == -101
    assert get("Badge/wrong/1")["resultCode"] == -101
    assert OutcomeRecord.objects.count() == 0


def test_token_notes_its_use_once_an_hour(token: str) -> None:
    get(f"Badges/{token}")
    first = LoginToken.objects.get().last_used_at
    get(f"Badges/{token}")

    assert first is not None
    assert LoginToken.objects.get().last_used_at == first


def test_wrong_tokens_are_slowed_and_the_same_one_counts_once(token: str) -> None:
    for _ in range(40):
        assert result(get("Badges/the-same"))[0] == -101
    for number in range(19):
        assert result(get(f"Badges/wrong-{number}"))[0] == -101

    response = Client().get("/api/v2/Badges/wrong-again")
    right = get(f"Badges/{token}")
    elsewhere = Client(REMOTE_ADDR="203.0.113.9").get(f"/api/v2/Badges/{token}").json()

    assert response.json()["resultCode"] == -38
    assert 1 <= int(response["Retry-After"]) <= 600
    assert result(right)[0] == -38
    assert right["badges"] == []
    assert elsewhere["resultCode"] == 0


@pytest.mark.usefixtures("middle_of_a_minute")
def test_account_asks_only_so_often(settings: Settings, token: str) -> None:
    settings.API_RATE_LIMIT = 5

    codes = [get(f"Badges/{token}")["resultCode"] for _ in range(7)]

    assert codes == [0, 0, 0, 0, 0, -38, -38]


@pytest.mark.parametrize("count", [1, 3])
def test_badges_take_so_many_queries(
    token: str,
    acme: Organization,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
    settings: Settings,
) -> None:
    settings.API_RATE_LIMIT = 0
    for _ in range(count):
        factories.badge(factories.template(acme))
        imported(AccountEmail.objects.get().account)
    forget_contents()
    get(f"Badges/{token}")

    numbering = 1 if connection.vendor == "postgresql" else 0

    with django_assert_num_queries(
        4 + numbering
    ):  # token, badges, organizations, imported; versions are known by now
        assert len(get(f"Badges/{token}")["badges"]) == 2 * count


def test_outcome_issues_and_the_badge_is_in_the_list(token: str, template: BadgeTemplate) -> None:
    create_outcome(organization=template.organization, code="course 7 è", template=template, by=None)

    answers = [
        Client().post(f"/api/v2/Outcome/{token}/course 7 è", body, content_type=kind).json()
        for body, kind in [("", "text/plain"), ("{broken", "application/json"), ("x" * 100_000, "text/html")]
    ]

    assert [result(answer) for answer in answers] == [(0, "Ok")] * 3
    assert all(list(answer) == MEMBERS for answer in answers)
    assert [badge["name"] for badge in get(f"Badges/{token}")["badges"]] == ["Data literacy"]
    assert Badge.objects.count() == 1


def test_outcome_is_refused_by_its_codes(token: str, acme: Organization) -> None:
    create_outcome(organization=acme, code="nowhere", by=None)
    closed = factories.template(acme, status="inactive")
    create_outcome(organization=acme, code="closed", template=closed, by=None)

    codes = {
        code: Client().post(f"/api/v2/Outcome/{token}/{code}").json()["resultCode"]
        for code in ("none", "nowhere", "closed", "%00")
    }

    assert codes == {"none": -2003, "nowhere": -2071, "closed": -2071, "%00": -2003}
    assert Badge.objects.count() == 0
    AccountEmail.objects.update(verified_at=None)
    assert Client().post(f"/api/v2/Outcome/{token}/closed").json()["resultCode"] == -2072
