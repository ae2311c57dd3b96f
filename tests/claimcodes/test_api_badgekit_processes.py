"""Claims through HTTP, by a server of several processes: raced for, and killed in the middle."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from badges.models import Badge, BadgeDocument, BadgeTemplate
from badges.services.counters import recount
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import create_claim_codes, recount_uses
from organizations.models import Message
from tests import factories, processes
from tests.badgekit import claims_for, token
from tests.settings import BADGEKIT_MASTER_SECRET

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.crash]


class Server:
    """The product behind gunicorn, as three processes on the database of the test."""

    def __init__(self, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = log
        command = [
            *(sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"),
            *("--workers", "3", "--threads", "4", "--bind", f"127.0.0.1:{self.port}"),
        ]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=processes.ROOT,
                env=processes.environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + 90
        while self._health() != 200:
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

    def _health(self) -> int:
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as client:
                client.request("GET", "/health")
                return client.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0

    def claim(self, path: str, email: str) -> tuple[int, str]:
        """Claim the code of this path; return the status and BadgeKit's word, or 0 and nothing where no answer came."""
        path = f"{path}/claim"
        body = json.dumps({"email": email}).encode()
        headers = {
            "Authorization": token(claims_for("POST", path, body), BADGEKIT_MASTER_SECRET),
            "Content-Type": "application/json",
        }
        try:
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as client:
                client.request("POST", path, body, headers)
                answer = client.getresponse()
                told = json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, ""
        return answer.status, str(told.get("code", ""))

    def kill(self) -> None:
        """Kill all processes at once, as a power cut does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts servers; all of them are gone afterwards."""
    started: list[Server] = []

    def start() -> Server:
        started.append(Server(tmp_path / "log"))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def at_once(act: Callable[[int], tuple[int, str]], times: int) -> dict[tuple[int, str], int]:
    """Do it so many times at once; return how often each answer came."""
    answers: list[tuple[int, str]] = []
    barrier = threading.Barrier(times)

    def run(number: int) -> None:
        barrier.wait(timeout=30)
        answers.append(act(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return {answer: answers.count(answer) for answer in set(answers)}


def path_of(code: ClaimCode) -> str:
    """Return the address of a code."""
    template = code.template
    return f"/systems/{template.system.slug}/badges/{template.slug}/codes/{code.code}"


def make_template(**rules: object) -> BadgeTemplate:
    """Return a template of an organization with a system of its own."""
    return factories.template(factories.OrganizationFactory.create(slug="acme"), **rules)


def test_fifty_claims_of_one_code_have_one_winner(server: Callable[[], Server]) -> None:
    path = path_of(factories.claim_code(make_template()))
    running = server()

    told = at_once(lambda number: running.claim(path, f"e{number}@example.org"), 50)

    assert told == {(200, ""): 1, (400, "CodeAlreadyUsed"): 49}
    assert (Claim.objects.count(), Badge.objects.count(), ClaimCode.objects.get().uses) == (1, 1, 1)


def test_claims_at_a_limit_issue_exactly_so_many(server: Callable[[], Server]) -> None:
    path = path_of(factories.claim_code(make_template(limit=7), is_multiuse=True))
    running = server()

    told = at_once(lambda number: running.claim(path, f"e{number}@example.org"), 30)

    assert told == {(200, ""): 7, (400, "LimitReached"): 23}
    assert (Claim.objects.count(), Badge.objects.count(), ClaimCode.objects.get().uses) == (7, 7, 7)


def test_kill_in_the_middle_leaves_both_or_none(server: Callable[[], Server]) -> None:
    template = make_template()
    codes = create_claim_codes(template=template, count=60, by=None)
    paths = {code.code: path_of(code) for code in codes}
    running = server()
    answers: dict[str, int] = {}
    some_are_through = threading.Event()

    def claim(mine: list[ClaimCode]) -> None:
        for code in mine:
            answers[code.code] = running.claim(paths[code.code], f"{code.code}@example.org")[0]
            if list(answers.values()).count(200) >= 10:
                some_are_through.set()

    threads = [threading.Thread(target=claim, args=(codes[start::6],)) for start in range(6)]
    for thread in threads:
        thread.start()
    assert some_are_through.wait(timeout=90)
    running.kill()
    for thread in threads:
        thread.join(timeout=90)

    unanswered = [code for code in codes if answers[code.code] != 200]
    assert unanswered, "the kill came too late to be in the middle"
    rows = {row.code: row for row in ClaimCode.objects.all()}
    claims = {claim.claim_code.code: claim for claim in Claim.objects.select_related("badge", "claim_code")}
    used = {code for code, row in rows.items() if row.uses}
    assert {code for code, status in answers.items() if status == 200} <= used
    assert used == set(claims) == {code for code, row in rows.items() if row.is_claimed}
    assert {badge.pk for badge in Badge.objects.all()} == {
        claim.badge.pk for claim in claims.values() if claim.badge is not None
    }
    assert BadgeDocument.objects.count() == Message.objects.count() == Badge.objects.count() == len(used)
    assert not any(recount().values())
    assert recount_uses() == 0

    again = server()
    statuses = {code.code: again.claim(paths[code.code], f"{code.code}@example.org") for code in unanswered}

    for code, status in statuses.items():
        assert status == ((400, "CodeAlreadyUsed") if code in used else (200, ""))
    assert Badge.objects.count() == len(codes)
