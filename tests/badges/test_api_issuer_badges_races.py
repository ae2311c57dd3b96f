"""Requests at the same time, sent to a real server: what is asked for twice is done once."""

import json
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from badges.models import Badge, BadgeDocument
from badges.services.counters import recount
from organizations.models import CreditTransaction, IdempotentRequest, Message, Organization
from organizations.services.wallet import add_credits
from tests import factories
from tests.processes import ROOT, environment

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 50


@pytest.fixture
def acme() -> Organization:
    """An organization with ten credits, committed."""
    acme = factories.OrganizationFactory.create(slug="acme")
    add_credits(organization=acme, credits=10, description="ten", by=None)
    return acme


@pytest.fixture(scope="module")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of two web processes with eight threads each, on the database of the tests."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "manage.py", "serve", "--no-worker", "--workers", "2", "--threads", "8"]
    log = tmp_path_factory.mktemp("server") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=environment() | {"CREDITS": "enforced"},
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 120
        while "Listening at" not in log.read_text():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/api/v1/issuers/organization"
    finally:
        server.terminate()
        server.wait(timeout=60)


def post(url: str, key: str, body: Any, **headers: str) -> tuple[int, bytes]:
    """POST a body as programs do; return status and body."""
    request = urllib.request.Request(  # noqa: S310 - http://127.0.0.1
        url,
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} | headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - http://127.0.0.1
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, answer.read()


def at_once(send: Any) -> list[tuple[int, bytes]]:
    """Call `send(number)` in TIMES threads at once; return the answers in order."""
    answers: list[tuple[int, bytes]] = [(0, b"")] * TIMES
    start = threading.Barrier(TIMES)

    def run(number: int) -> None:
        start.wait(timeout=60)
        answers[number] = send(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=180)
    return answers


def test_one_key_at_once_is_one_badge(acme: Organization, address: str) -> None:
    template = factories.template(acme)
    key = factories.api_key(acme)[1]
    body = {"recipient_email": "ada@example.org", "badge_template_id": str(template.uuid)}

    answers = at_once(lambda number: post(f"{address}/badges", key, body, **{"Idempotency-Key": "order-1"}))

    assert len(set(answers)) == 1
    [(status, content)] = set(answers)
    badge = Badge.objects.get()
    assert (status, json.loads(content)["data"]["id"]) == (201, str(badge.uuid))
    acme.refresh_from_db()
    assert (acme.credits_left, acme.badges_count) == (9, 1)
    assert CreditTransaction.objects.filter(credits=-1).count() == 1
    assert (BadgeDocument.objects.count(), Message.objects.count(), IdempotentRequest.objects.count()) == (
        1,
        1,
        1,
    )
    assert not any(recount().values())
    assert post(f"{address}/badges", key, body | {"notes": "x"}, **{"Idempotency-Key": "order-1"})[0] == 409
    assert Badge.objects.count() == 1


def test_one_key_with_two_bodies_at_once_is_one_of_them(acme: Organization, address: str) -> None:
    template = factories.template(acme)
    key = factories.api_key(acme)[1]

    def send(number: int) -> tuple[int, bytes]:
        body = {"recipient_email": f"ada{number % 2}@example.org", "badge_template_id": str(template.uuid)}
        return post(f"{address}/badges", key, body, **{"Idempotency-Key": "order-1"})

    answers = at_once(send)

    badge = Badge.objects.get()
    won = int(badge.recipient_email[3])
    assert [status for status, _content in answers] == [
        201 if number % 2 == won else 409 for number in range(TIMES)
    ]
    acme.refresh_from_db()
    assert acme.credits_left == 9


def test_credits_are_spent_once_each(acme: Organization, address: str) -> None:
    template = factories.template(acme)
    key = factories.api_key(acme)[1]

    answers = at_once(
        lambda number: post(
            f"{address}/badges",
            key,
            {"recipient_email": f"ada{number}@example.org", "badge_template_id": str(template.uuid)},
        )
    )

    assert sorted(status for status, _content in answers) == [201] * 10 + [402] * 40
    acme.refresh_from_db()
    assert (acme.credits_left, acme.badges_count, acme.last_badge_number) == (0, 10, 10)
    assert sorted(Badge.objects.values_list("number", flat=True)) == list(range(1, 11))
    assert not any(recount().values())
