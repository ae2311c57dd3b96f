"""What is published, seen from outside: right as it is served; what a proxy or cache spoils is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings
from pytest_django.live_server_helper import LiveServer

from badges.enums import Visibility
from badges.models import Badge, BadgeTemplate
from badges.services.fetching import Answer, Fetcher, NotFetched, fetch
from badges.services.findings import Finding, Level
from badges.services.publication import Visitor
from badges.services.revoking import revoke_badge
from badges.services.templates import publish_template
from organizations.models import Organization
from tests import factories

OK, WARNING, ERROR = Level.OK, Level.WARNING, Level.ERROR
ISSUER = ["did_document", "profile", "key_document", "signing_profile"]
BADGE = ["status_list", "badge_class", "picture", "badge", "hosted_badge"]
PROXY_ADVICE = "Let the proxy in front pass everything under /public/ on to Laurel, and check PUBLIC_URL."


def codes(findings: list[Finding], *levels: Level) -> list[str]:
    """Return the codes of the findings of these levels."""
    return [finding.code for finding in findings if finding.level in levels]


class Outside:
    """Fetches from the application what is asked of PUBLIC_URL, and spoils the answers at one place."""

    def __init__(self, suffix: str = "", spoil: Callable[[Answer], Answer] | None = None) -> None:
        self.suffix, self.spoil = suffix, spoil
        self.asked: list[str] = []

    def __call__(self, url: str, *, accept: str) -> Answer:
        parts = urlsplit(url)
        self.asked.append(parts.path)
        response = Client().get(parts.path, headers={"accept": accept, "host": parts.netloc})
        headers = {name.lower(): value for name, value in response.headers.items()}
        headers["date"] = format_datetime(timezone.now())
        answer = Answer(url=url, status=response.status_code, headers=headers, body=response.content)
        return self.spoil(answer) if self.spoil and parts.path.endswith(self.suffix) else answer


def look(organization: Organization, outside: Fetcher) -> list[Finding]:
    """Return what a visitor finds."""
    return list(Visitor(organization, outside).findings())


def on_live_server(server: LiveServer, settings: Settings) -> Fetcher:
    """Return a fetcher that asks the running server for what is at PUBLIC_URL, as a proxy does."""
    settings.ALLOWED_HOSTS = ["badges.example.org", "127.0.0.1", "localhost"]

    def fetched(url: str, *, accept: str) -> Answer:
        return fetch(url.replace(settings.PUBLIC_URL, server.url), accept=accept)

    return fetched


@pytest.mark.django_db(transaction=True)
def test_everything_is_published_under_https(secure: Settings, live_server: LiveServer, badge: Badge) -> None:
    findings = look(badge.organization, on_live_server(live_server, secure))
    assert [(finding.code, finding.level) for finding in findings] == [
        (code, OK) for code in [*ISSUER, *BADGE, "clock"]
    ]
    assert findings[0] == Finding(
        code="did_document",
        level=OK,
        subject="Acme Academy",
        message="The list of the issuer's keys (did.json) is published at"
        f" https://badges.example.org/public/issuers/{badge.organization.uuid}/did.json.",
    )


@pytest.mark.django_db(transaction=True)
def test_everything_but_did_document_is_published_on_loopback(
    settings: Settings, live_server: LiveServer, acme: Organization
) -> None:
    settings.PUBLIC_URL = live_server.url
    factories.badge(factories.template(acme))
    findings = look(acme, fetch)
    assert [(finding.code, finding.level) for finding in findings] == [
        (code, OK) for code in ["profile", "key_document", "signing_profile", *BADGE, "clock"]
    ]


def test_server_that_is_down_is_told_at_each_address(secure: Settings, badge: Badge) -> None:
    def nowhere(url: str, *, accept: str) -> Answer:
        raise NotFetched("nothing listens there")

    findings = look(badge.organization, nowhere)
    assert codes(findings, ERROR) == [*ISSUER, *BADGE]
    assert len(findings) == len(ISSUER + BADGE)  # and nothing is said about the clock
    assert findings[len(ISSUER)] == Finding(
        code="status_list",
        level=ERROR,
        subject="Acme Academy",
        message="The list that tells which badges are revoked cannot be read at"
        f" https://badges.example.org/public/issuers/{badge.organization.uuid}/status/1: nothing listens"
        " there. Verifiers read it each time, and refuse badges when they cannot.",
        advice="Start the server, and open this address from another network.",
    )


def test_organization_without_badge_is_looked_at_as_far_as_it_goes(
    secure: Settings, acme: Organization
) -> None:
    factories.template(acme)  # not published: its addresses answer 404, and nobody has been given them
    outside = Outside()
    findings = look(acme, outside)
    assert [(finding.code, finding.level) for finding in findings] == [
        (code, OK) for code in [*ISSUER, "badge", "clock"]
    ]
    assert findings[len(ISSUER)].advice == "Issue a badge to yourself, then run this check again."
    assert len(outside.asked) == len(ISSUER)


def test_published_template_is_looked_at_before_the_first_badge(
    secure: Settings, template: BadgeTemplate
) -> None:
    publish_template(template=template, by=None)
    findings = look(template.organization, Outside())
    assert [(finding.code, finding.level) for finding in findings] == [
        (code, OK) for code in [*ISSUER, "badge_class", "picture", "badge", "clock"]
    ]


def test_newest_badge_that_may_be_seen_is_looked_at(secure: Settings, template: BadgeTemplate) -> None:
    seen = factories.badge(template)
    factories.badge(template, "bea@example.org", visibility=Visibility.HIDDEN)
    revoke_badge(badge=factories.badge(template, "carl@example.org"), reason="A mistake.", by=None)
    outside = Outside()
    findings = look(template.organization, outside)
    assert codes(findings, WARNING, ERROR) == []
    assert outside.asked[-1] == f"/public/badges/{seen.uuid}/ob2.json"


def test_logo_is_looked_at(secure: Settings, acme: Organization) -> None:
    acme.logo = default_storage.save("logo.png", ContentFile(b"no picture"))
    acme.save()
    (finding,) = [finding for finding in look(acme, Outside()) if finding.code == "logo"]
    assert (finding.level, finding.message) == (
        ERROR,
        "The logo is not a PNG file, so no badge can be woven into it.",
    )


def without_cors(answer: Answer) -> Answer:
    return replace(
        answer, headers={**answer.headers, "access-control-allow-origin": "https://school.example"}
    )


def as_page(answer: Answer) -> Answer:
    return replace(answer, headers={**answer.headers, "content-type": "text/html"}, body=b"<!doctype html>")


def as_text(answer: Answer) -> Answer:
    return replace(answer, headers={**answer.headers, "content-type": "text/plain"})


def as_list(answer: Answer) -> Answer:
    return replace(answer, body=b"[]")


def of_another(answer: Answer) -> Answer:
    return replace(
        answer, body=json.dumps(json.loads(answer.body) | {"id": "https://other.example"}).encode()
    )


def old(answer: Answer) -> Answer:
    return replace(answer, body=json.dumps({"id": json.loads(answer.body)["id"]}).encode())


def missing(answer: Answer) -> Answer:
    return replace(answer, status=404)


ADDRESSES = {
    "did_document": "/did.json",
    "signing_profile": "/profile.json",
    "status_list": "/status/1",
    "badge": "/ob3.json",
    "hosted_badge": "/ob2.json",
}


@pytest.mark.parametrize("code", ADDRESSES)
@pytest.mark.parametrize("spoil", [without_cors, as_page, as_text, as_list, of_another, missing])
def test_document_that_others_cannot_use_is_told(
    secure: Settings, badge: Badge, code: str, spoil: Callable[[Answer], Answer]
) -> None:
    findings = look(badge.organization, Outside(ADDRESSES[code], spoil))
    assert (codes(findings, ERROR), codes(findings, WARNING)) == ([code], [])
    assert len(findings) == len([*ISSUER, *BADGE, "clock"])


@pytest.mark.parametrize(
    ("code", "level"),
    [("did_document", ERROR), ("status_list", ERROR), ("hosted_badge", ERROR), ("badge", WARNING)],
)
def test_old_copy_is_told(secure: Settings, badge: Badge, code: str, level: Level) -> None:
    findings = look(badge.organization, Outside(ADDRESSES[code], old))
    assert [(finding.code, finding.level) for finding in findings if finding.level is not OK] == [
        (code, level)
    ]


def test_list_from_before_a_revocation_is_told(secure: Settings, template: BadgeTemplate) -> None:
    factories.badge(template)
    mistaken = factories.badge(template, "bea@example.org")
    before: dict[str, Answer] = {}
    kept = Outside("/status/1", lambda answer: before.setdefault(answer.url, answer))
    assert codes(look(template.organization, kept), ERROR) == []
    revoke_badge(badge=mistaken, reason="A mistake.", by=None)
    assert codes(look(template.organization, Outside()), ERROR) == []
    assert codes(look(template.organization, kept), ERROR) == ["status_list"]


def test_profile_of_another_is_told(secure: Settings, acme: Organization) -> None:
    findings = look(acme, Outside(str(acme.uuid), of_another))
    assert codes(findings, ERROR) == ["profile"]


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (401, "Let everybody read what is under /public/, without signing in."),
        (403, "Let everybody read what is under /public/, without signing in."),
        (404, PROXY_ADVICE),
        (301, PROXY_ADVICE),
        (502, "Look into the server's log."),
    ],
)
def test_status_decides_the_advice(secure: Settings, acme: Organization, status: int, advice: str) -> None:
    findings = look(acme, Outside("/did.json", lambda answer: replace(answer, status=status)))
    assert (findings[0].level, findings[0].advice) == (ERROR, advice)
    assert f"/did.json answers with status {status}." in findings[0].message


def test_picture_of_another_type_is_told(secure: Settings, badge: Badge) -> None:
    findings = look(badge.organization, Outside("/image.png", as_page))
    assert codes(findings, WARNING, ERROR) == ["picture"]


def test_picture_without_cors_is_told(secure: Settings, badge: Badge) -> None:
    findings = look(badge.organization, Outside("/image.png", without_cors))
    assert (codes(findings, WARNING), codes(findings, ERROR)) == (["picture"], [])


def dated(time: datetime, **more: str) -> Callable[[Answer], Answer]:
    """Return what puts another time on each answer."""
    return lambda answer: replace(answer, headers={**answer.headers, "date": format_datetime(time), **more})


@pytest.mark.parametrize(
    ("seconds", "age", "level"),
    [
        (0, 0, OK),
        (50, 0, OK),
        (-50, 0, OK),
        (100, 0, WARNING),
        (-100, 0, WARNING),
        (-500, 500, OK),
        (0, 100, WARNING),
    ],
)
def test_clock_is_compared(
    secure: Settings, acme: Organization, seconds: int, age: int, level: Level
) -> None:
    outside = Outside(spoil=dated(timezone.now() + timedelta(seconds=seconds), age=str(age)))
    (finding,) = [finding for finding in look(acme, outside) if finding.code == "clock"]
    assert finding.level is level


def test_clock_ahead_says_what_follows(secure: Settings, acme: Organization) -> None:
    finding = look(acme, Outside(spoil=dated(timezone.now() - timedelta(hours=1))))[-1]
    assert finding.message.endswith("badges would be issued in the future, and refused until then.")
    assert finding.advice == "Set the clocks by NTP, here and on the proxy."


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 31 Feb 2026 10:00:00 GMT"])
def test_clock_without_a_date_is_left_out(secure: Settings, acme: Organization, date: str) -> None:
    outside = Outside(spoil=lambda answer: replace(answer, headers={**answer.headers, "date": date}))
    assert "clock" not in [finding.code for finding in look(acme, outside)]


def test_look_asks_few_questions(
    secure: Settings, badge: Badge, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    answers: dict[str, Answer] = {}
    outside = Outside()

    def remembered(url: str, *, accept: str) -> Answer:
        if url not in answers:
            answers[url] = outside(url, accept=accept)
        return answers[url]

    look(badge.organization, remembered)
    with django_assert_max_num_queries(6):
        look(badge.organization, remembered)
    factories.badge(badge.template, "bea@example.org")
    assert len(outside.asked) == 9
