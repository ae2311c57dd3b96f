"""Outcomes that call out: the report that a platform gets, and the badge that it calls back with."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from badges.enums import OutcomeState
from badges.models import Badge, BadgeTemplate, ImportedBadge, Outcome, OutcomeRecord
from badges.services.outcome_settings import OutcomeSecrets, create_outcome, update_outcome
from badges.services.outcomes import WRONG_CALLBACKS, record_outcome, retry_outcome
from badges.services.revoking import revoke_badge
from earners.models import EarnerAccount
from organizations.models import Message, Organization
from organizations.services.outbox import PAUSES, deliver_due
from tests import factories
from tests.accounts import account_of, token_of
from tests.conformance.authority import make_authority
from tests.elsewhere import ASSERTION, BASE, HOST, Elsewhere
from tests.foreign import Site, foreign_site
from tests.racing import race

PLATFORM = "http://platform.example/outcomes"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Nobody has tried anything yet."""
    cache.clear()
    WRONG_CALLBACKS._suspects.clear()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> Iterator[Site]:
    """The web of others: a platform, and an issuer whose badges are taken."""
    settings.FOREIGN_BADGE_HOSTS = [HOST]
    with foreign_site(monkeypatch, make_authority(tmp_path, HOST)) as running:
        running.replies["/outcomes"] = (202, {}, b"")
        yield running


@pytest.fixture
def exam(acme: Organization) -> tuple[Outcome, OutcomeSecrets]:
    """An outcome of acme's that calls out, and its secrets."""
    outcome, secrets = create_outcome(organization=acme, code="exam", call_url=PLATFORM, by=None)
    assert secrets is not None
    return outcome, secrets


@pytest.fixture
def ada(db: None) -> EarnerAccount:
    """The account of ada@example.org."""
    return account_of("ada@example.org")


@pytest.fixture
def record(ada: EarnerAccount, exam: tuple[Outcome, OutcomeSecrets]) -> OutcomeRecord:
    """Ada reached acme's outcome."""
    return record_outcome(account=ada, code="exam")


def call(secret: str | None, **body: Any) -> tuple[int, str]:
    """Call back; return result code and message."""
    headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
    response = Client().post(
        "/api/v2/BadgeAssignment", json.dumps(body), content_type="application/json", headers=headers
    )
    assert response.status_code == 200
    answer = response.json()
    assert list(answer) == ["requestID", "requestDateTime", "resultCode", "resultMessage"]
    return answer["resultCode"], answer["resultMessage"]


def standing(record: OutcomeRecord) -> tuple[str, int | None, int | None, str]:
    """Return what a callback would change."""
    record.refresh_from_db()
    return record.state, record.badge_id, record.imported_badge_id, record.badge_url


# The report


def test_report_is_signed_and_says_what_the_platform_needs(
    site: Site, exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord
) -> None:
    assert deliver_due() == 1

    [(headers, body)] = site.posted
    assert json.loads(body) == {
        "refId": str(record.ref_id),
        "outcome": "exam",
        "recipient": {"type": "email", "identity": "ada@example.org"},
        "reportedAt": record.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "callbackUrl": "http://127.0.0.1:8000/api/v2/BadgeAssignment",
    }
    signed = f"{headers['Laurel-Timestamp']}.".encode() + body
    expected = hmac.new(exam[1].signing_secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Laurel-Signature"] == f"v1={expected}"
    assert headers["Content-Type"] == "application/json"
    assert abs(int(headers["Laurel-Timestamp"]) - timezone.now().timestamp()) < 60
    record.refresh_from_db()
    assert record.reported_at is not None
    assert [entry["event"] for entry in record.history] == ["recorded", "reported"]
    assert deliver_due() == 0


@pytest.mark.parametrize("reply", [(500, {}, b"down"), (302, {"Location": "http://127.0.0.1/"}, b"")])
def test_report_that_fails_is_tried_again_and_then_given_up(
    site: Site, record: OutcomeRecord, reply: Any
) -> None:
    site.replies["/outcomes"] = reply
    for _ in range(len(PAUSES)):
        deliver_due()
        record.refresh_from_db()
        assert (record.state, record.problem) == (
            OutcomeState.WAITING,
            f"it answers with the status {reply[0]}",
        )
        Message.objects.update(due_at=timezone.now())

    deliver_due()

    record.refresh_from_db()
    assert (record.state, len(site.posted)) == (OutcomeState.REFUSED, len(PAUSES) + 1)
    assert Message.objects.get().given_up_at is not None
    site.replies["/outcomes"] = (200, {}, b"")

    retry_outcome(record=record, by=None)

    assert deliver_due() == 1
    record.refresh_from_db()
    assert (record.state, record.problem) == (OutcomeState.WAITING, "")
    assert record.history[-1]["event"] == "reported"


def test_report_goes_to_public_addresses_alone(site: Site, record: OutcomeRecord, settings: Settings) -> None:
    Outcome.objects.update(call_url="http://10.1.2.3:9000/hook")
    deliver_due()
    record.refresh_from_db()
    assert (record.problem, site.posted, site.connected) == ("it names an unusual port", [], [])
    settings.PRIVATE_HOSTS = ["10.1.2.3:9000"]
    site.replies["/hook"] = (200, {}, b"")
    Message.objects.update(due_at=timezone.now())

    deliver_due()

    record.refresh_from_db()
    assert (record.problem, site.connected) == ("", [("10.1.2.3", 9000)])
    assert site.posted[0][0]["Host"] == "10.1.2.3:9000"


def test_report_of_what_was_completed_or_switched_off_is_not_sent(
    site: Site, exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord
) -> None:
    update_outcome(outcome=exam[0], fields={"is_active": False}, by=None)

    assert deliver_due() == 1

    assert site.posted == []
    assert standing(record)[0] == OutcomeState.WAITING


# The callback


def test_callback_with_a_badge_of_ours_completes_without_network(
    site: Site, exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, template: BadgeTemplate
) -> None:
    badge = factories.badge(template, "ADA@example.org")
    body = {"refId": str(record.ref_id), "outcome": "exam", "badgeUrl": f"{badge.public_url}/ob2.json"}

    first, again = call(exam[1].callback_token, **body), call(exam[1].callback_token, **body)

    assert (first, again) == ((0, "Ok"), (0, "Ok"))
    assert standing(record) == (OutcomeState.COMPLETED, badge.pk, None, body["badgeUrl"])
    assert [entry["event"] for entry in record.history] == ["recorded", "completed"]
    assert site.asked == []


def test_callback_with_a_badge_of_another_issuer_completes_and_keeps_it(
    site: Site, exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord
) -> None:
    Elsewhere(site)
    body = {"refId": str(record.ref_id), "outcome": "exam", "badgeUrl": ASSERTION}
    _row, token = token_of("ada@example.org")

    assert call(exam[1].callback_token, **body, more="ignored") == (0, "Ok")
    asked = len(site.asked)
    assert call(exam[1].callback_token, **body) == (0, "Ok")

    assert len(site.asked) == asked, "the same again is not fetched again"
    kept = ImportedBadge.objects.get()
    assert standing(record) == (OutcomeState.COMPLETED, None, kept.pk, ASSERTION)
    [badge] = Client().get(f"/api/v2/Badges/{token}").json()["badges"]
    assert (badge["badgeID"], badge["name"], badge["issuerName"]) == (
        str(kept.uuid),
        "First aid",
        "Red Hospital",
    )


def test_basic_credentials_do_as_well(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, template: BadgeTemplate
) -> None:
    badge = factories.badge(template)
    shown = base64.b64encode(f"platform:{exam[1].callback_token}".encode()).decode()

    response = Client().post(
        "/api/v2/BadgeAssignment",
        json.dumps({"refId": str(record.ref_id), "outcome": "exam", "badgeUrl": badge.public_url}),
        content_type="application/json; charset=utf-8",
        headers={"Authorization": f"Basic {shown}"},
    )

    assert response.json()["resultCode"] == 0
    assert standing(record)[0] == OutcomeState.COMPLETED


@pytest.mark.parametrize("secret", [None, "", "wrong", "ü", "a:b", "x" * 10_000])
def test_callback_with_wrong_credentials_changes_nothing(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, badge: Badge, secret: str | None
) -> None:
    before = standing(record), record.history

    answer = call(secret, refId=str(record.ref_id), outcome="exam", badgeUrl=badge.public_url)

    assert answer == (-2001, "Wrong or missing credentials")
    assert (standing(record), record.history) == before
    assert (
        call(exam[1].callback_token, refId=str(record.ref_id), outcome="exam", badgeUrl=badge.public_url)[0]
        == 0
    )


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic eA==", "Digest x", "Bearer", "x", "Basic /w=="]
)
def test_odd_authorization_is_none(record: OutcomeRecord, header: str) -> None:
    response = Client().post("/api/v2/BadgeAssignment", headers={"Authorization": header})

    assert response.json()["resultCode"] == -2001


def test_wrong_credentials_are_slowed(exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord) -> None:
    codes = [call(f"wrong-{number}")[0] for number in range(21)]

    assert codes == [-2001] * 20 + [-38]
    assert call(exam[1].callback_token)[0] == -38


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"refId": None}, -2002),
        ({"refId": ""}, -2002),
        ({"refId": 7}, -2002),
        ({"refId": None, "outcome": None}, -2002),
        ({"outcome": None}, -2003),
        ({"outcome": "Exam"}, -2003),
        ({"outcome": "other"}, -2003),
        ({"outcome": ["exam"]}, -2003),
        ({"badgeUrl": None}, -2005),
        ({"badgeUrl": ""}, -2005),
        ({"badgeUrl": {"url": 1}}, -2005),
        ({"badgeUrl": "not an address"}, -2007),
        ({"badgeUrl": "/public/badges/1"}, -2007),
        ({"badgeUrl": "javascript:alert(1)"}, -2007),
        ({"badgeUrl": "http://"}, -2007),
        ({"badgeUrl": "https://[::1"}, -2007),
        ({"badgeUrl": "https://x.example/" + "x" * 2000}, -2007),
        ({"refId": "nonsense"}, -2003),
        ({"refId": "00000000-0000-4000-8000-000000000000"}, -2003),
        ({"badgeUrl": "http://127.0.0.1:8000/public/badges/00000000-0000-4000-8000-000000000000"}, -2004),
        ({"badgeUrl": "http://127.0.0.1:8000/admin/"}, -2004),
        ({"badgeUrl": "http://127.0.0.1/"}, -2004),
        ({"badgeUrl": "https://evil.example/badge"}, -2004),
        ({"badgeUrl": f"{BASE}/none"}, -2004),
    ],
)
def test_callback_that_is_not_right_is_refused_by_its_code(
    site: Site,
    exam: tuple[Outcome, OutcomeSecrets],
    record: OutcomeRecord,
    badge: Badge,
    change: dict[str, Any],
    code: int,
) -> None:
    right = {"refId": str(record.ref_id), "outcome": "exam", "badgeUrl": badge.public_url}
    body = {name: value for name, value in (right | change).items() if value is not None}
    create_outcome(organization=exam[0].organization, code="other", call_url=PLATFORM, by=None)

    assert call(exam[1].callback_token, **body)[0] == code

    assert standing(record) == (OutcomeState.WAITING, None, None, "")
    assert ImportedBadge.objects.count() == 0
    assert call(exam[1].callback_token, **right) == (0, "Ok")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipient": {"type": "email", "hashed": False, "identity": "charles@example.org"}}, -2026),
        ({"recipient": {"type": "phone", "identity": "7"}}, -2022),
        ({"recipient": {}}, -2021),
        ({"recipient": {"type": "email"}}, -2023),
        ({"recipient": {"type": "email", "hashed": True, "identity": "abc"}}, -2024),
        ({"recipient": {"type": "email", "hashed": True, "identity": "crc$abc"}}, -2025),
        ({"badge": f"{BASE}/none"}, -2005),
        ({"revoked": True}, -2004),
    ],
)
def test_badge_that_is_refused_is_told_by_its_code_and_in_the_history(
    site: Site, exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, change: dict[str, Any], code: int
) -> None:
    elsewhere = Elsewhere(site)
    elsewhere.documents[ASSERTION] |= change
    elsewhere.publish()

    answer = call(exam[1].callback_token, refId=str(record.ref_id), outcome="exam", badgeUrl=ASSERTION)

    assert answer[0] == code
    assert standing(record) == (OutcomeState.WAITING, None, None, "")
    assert record.history[-1]["event"] == "callback_refused"
    assert record.history[-1]["detail"] == answer[1]
    assert ImportedBadge.objects.count() == 0


def test_badge_of_ours_must_be_of_the_organization_and_the_person(
    exam: tuple[Outcome, OutcomeSecrets],
    record: OutcomeRecord,
    template: BadgeTemplate,
    globex: Organization,
) -> None:
    of_globex = factories.badge(factories.template(globex))
    of_charles = factories.badge(template, "charles@example.org")
    revoked = factories.badge(template)
    revoke_badge(badge=revoked, reason="Mistake", by=None)
    now = timezone.now()
    expired = factories.badge(template, issued_at=now - timedelta(days=9), expires_at=now - timedelta(days=1))

    codes = [
        call(exam[1].callback_token, refId=str(record.ref_id), outcome="exam", badgeUrl=badge.public_url)[0]
        for badge in (of_globex, of_charles, revoked, expired)
    ]

    assert codes == [-2004, -2026, -2004, -2004]
    assert standing(record) == (OutcomeState.WAITING, None, None, "")


def test_callback_of_another_outcome_changes_nothing(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, globex: Organization, badge: Badge
) -> None:
    _theirs, secrets = create_outcome(organization=globex, code="theirs", call_url=PLATFORM, by=None)
    assert secrets is not None

    for code in ("theirs", "exam"):
        answer = call(
            secrets.callback_token, refId=str(record.ref_id), outcome=code, badgeUrl=badge.public_url
        )
        assert answer[0] == -2003

    assert standing(record) == (OutcomeState.WAITING, None, None, "")


def test_callback_with_another_badge_later_changes_nothing(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, template: BadgeTemplate
) -> None:
    first, second = factories.badge(template), factories.badge(template)
    body = {"refId": str(record.ref_id), "outcome": "exam"}
    call(exam[1].callback_token, **body, badgeUrl=first.public_url)
    before = standing(record), record.history

    assert call(exam[1].callback_token, **body, badgeUrl=second.public_url)[0] == -2003

    assert (standing(record), record.history) == before


def test_callback_too_late_changes_nothing(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, badge: Badge
) -> None:
    body = {"refId": str(record.ref_id), "outcome": "exam", "badgeUrl": badge.public_url}
    OutcomeRecord.objects.update(ref_expires_at=timezone.now() - timedelta(seconds=1))
    assert call(exam[1].callback_token, **body)[0] == -2003
    assert standing(record)[0] == OutcomeState.WAITING

    retry_outcome(record=record, by=None)

    assert call(exam[1].callback_token, **body) == (0, "Ok")


def test_callback_of_an_outcome_that_is_switched_off_changes_nothing(
    exam: tuple[Outcome, OutcomeSecrets], record: OutcomeRecord, badge: Badge
) -> None:
    update_outcome(outcome=exam[0], fields={"is_active": False}, by=None)

    answer = call(exam[1].callback_token, refId=str(record.ref_id), outcome="exam", badgeUrl=badge.public_url)

    assert answer[0] == -2003
    assert standing(record)[0] == OutcomeState.WAITING


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"text"', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b'{"refId":"a","refId":"b"}', "application/json", 400),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "application/json", 400),
        (b"refId=1", "application/x-www-form-urlencoded", 415),
        (b"x", "text/plain", 415),
        (b"{" + b" " * 70_000 + b"}", "application/json", 413),
        (b"", "application/json", 200),
        (b"{}", "text/json", 200),
    ],
)
def test_odd_bodies_are_refused_in_the_envelope(
    exam: tuple[Outcome, OutcomeSecrets], content: bytes, content_type: str, status: int
) -> None:
    response = Client().post(
        "/api/v2/BadgeAssignment",
        content,
        content_type=content_type,
        headers={"Authorization": f"Bearer {exam[1].callback_token}"},
    )

    assert response.status_code == status
    assert response.json()["resultCode"] == (-2002 if status == 200 else status)


@pytest.mark.django_db(transaction=True)
def test_callback_repeated_at_once_completes_once(site: Site) -> None:
    acme = factories.OrganizationFactory.create(slug="acme")
    _outcome, secrets = create_outcome(organization=acme, code="exam", call_url=PLATFORM, by=None)
    assert secrets is not None
    record = record_outcome(account=account_of("ada@example.org"), code="exam")
    Elsewhere(site)

    answers = race(
        lambda _: call(secrets.callback_token, refId=str(record.ref_id), outcome="exam", badgeUrl=ASSERTION),
        times=8,
    )

    assert answers == [(0, "Ok")] * 8
    assert ImportedBadge.objects.count() == 1
    record.refresh_from_db()
    assert [entry["event"] for entry in record.history] == ["recorded", "completed"]
