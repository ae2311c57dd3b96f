"""`demo`, `worker` and `recount`, run as a person runs them: started twice, at once, killed, told to stop."""

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core import mail
from django.db import connection
from django.test import RequestFactory
from pytest_django import Settings

from badges.enums import BatchState
from badges.models import Badge, BadgeTemplate, Batch, Outcome
from badges.services.awards import Award
from badges.services.batches import create_batch
from badges.services.counters import recount
from badges.services.issuing import issue_badge
from badges.services.templates import update_template
from claimcodes.models import ClaimCode
from earners.models import EarnersList, LoginToken
from earners.services import Person
from organizations.enums import Role
from organizations.models import BadgekitConsumer, Membership, Message, Organization, System, User
from organizations.services.access import consumer_secret, find_api_key
from tests import factories
from tests.commands import answered, refused, told
from tests.processes import ROOT, start

KEYS = {
    *("organization", "other_organization", "api_key", "read_only_api_key", "badgekit", "login_token"),
    *("earner_email", "users", "badge", "revoked_badge", "claim_code", "outcome_code"),
}


def demo_environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a newcomer, who has set DATA_DIR and nothing else."""
    ours = {
        *("SECRET_KEY", "KEY_ENCRYPTION_KEYS", "BADGEKIT_MASTER_SECRET", "PUBLIC_URL", "ALLOWED_HOSTS"),
        *("DATABASE_URL", "DJANGO_SETTINGS_MODULE"),
    }
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {"DATA_DIR": str(folder)} | more


def start_demo(folder: Path, *options: str, **more: str) -> subprocess.Popen[str]:
    """Start `manage.py demo` in a DATA_DIR; whoever starts it ends it."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo", *options],
        cwd=ROOT,
        env=demo_environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_demo(folder: Path, *options: str, **more: str) -> tuple[int, str, str]:
    """Run `manage.py demo --no-serve --json` to its end; return status, standard output and error."""
    process = start_demo(folder, "--no-serve", "--json", *options, **more)
    output, errors = process.communicate(timeout=300)
    return process.returncode, output, errors


def demo_notes(folder: Path, *options: str) -> dict[str, Any]:
    """Run the demo, which must succeed; return the one object on standard output."""
    code, output, errors = run_demo(folder, *options)
    assert code == 0, errors
    assert output.count("\n") == 1
    return dict(json.loads(output))


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement on a demo's database."""
    with closing(sqlite3.connect(folder / "laurel.sqlite3")) as database:
        rows = database.execute(statement).fetchall()
        database.commit()
    return rows


def issued(folder: Path) -> list[tuple[Any, ...]]:
    """All badges of a demo."""
    return query(folder, "SELECT uuid, issued_at, revoked_at FROM badges_badge ORDER BY id")


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A DATA_DIR in which two demos were started at once, and what each of them printed."""
    folder = tmp_path_factory.mktemp("demo") / "var"
    both = [start_demo(folder, "--no-serve", "--json") for _ in range(2)]
    printed = []
    for process in both:
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
        printed.append(output)
    return folder, printed


@pytest.fixture
def folder(first_start: tuple[Path, list[str]], tmp_path: Path) -> Path:
    """A filled demo's DATA_DIR for this test alone."""
    copy = tmp_path / "var"
    shutil.copytree(first_start[0], copy)
    return copy


@pytest.fixture
def notes(db: None, data_dir: Path) -> dict[str, Any]:
    """What the demo prints for programs, made in the database of this test."""
    return answered("demo", "--no-serve")


def test_two_demos_at_once_fill_it_once(first_start: tuple[Path, list[str]]) -> None:
    folder, printed = first_start

    assert printed[0] == printed[1]
    assert json.loads(printed[0]) == json.loads((folder / "demo.json").read_text())
    assert query(folder, "SELECT slug FROM organizations_system") == [("demo",)]


def test_files_with_secrets_of_demo_are_readable_by_their_owner_alone(
    first_start: tuple[Path, list[str]],
) -> None:
    folder = first_start[0]

    assert {name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("settings.env", "demo.json")} == {
        "settings.env": 0o600,
        "demo.json": 0o600,
    }
    settings = (folder / "settings.env").read_text()
    assert [line.partition("=")[0] for line in settings.splitlines()[1:]] == [
        *("SECRET_KEY", "KEY_ENCRYPTION_KEYS", "BADGEKIT_MASTER_SECRET", "PUBLIC_URL"),
    ]


def test_second_start_of_demo_keeps_notes_and_data(folder: Path) -> None:
    before, settings = issued(folder), (folder / "settings.env").read_text()
    notes = json.loads((folder / "demo.json").read_text())

    assert demo_notes(folder) == notes

    assert len(before) > 10
    assert (issued(folder), (folder / "settings.env").read_text()) == (before, settings)


def test_demo_reset_starts_anew(folder: Path) -> None:
    before, notes = issued(folder), json.loads((folder / "demo.json").read_text())
    (folder / "mail").mkdir()
    (folder / "mail" / "old.log").touch()
    pictures = set((folder / "media").rglob("*.png"))

    anew = demo_notes(folder, "--reset")

    assert anew.keys() == notes.keys()
    assert anew["organization"]["id"] != notes["organization"]["id"]
    assert not {row[0] for row in before} & {row[0] for row in issued(folder)}
    assert len(issued(folder)) == len(before)
    assert pictures
    assert not pictures & set((folder / "media").rglob("*.png"))
    assert not (folder / "mail").exists()


def test_demo_reset_leaves_alone_what_is_not_its_own(folder: Path) -> None:
    (folder / "demo.json").unlink()  # without its notes it could be anybody's
    before, pictures = issued(folder), set((folder / "media").rglob("*"))

    code, output, errors = run_demo(folder, "--reset")

    assert (code, output) == (1, "")
    assert errors.startswith(
        "CommandError: The database holds something that is not the demo of this DATA_DIR"
    )
    assert errors.count("\n") == 1
    assert (issued(folder), set((folder / "media").rglob("*"))) == (before, pictures)


def test_demo_leaves_the_database_of_another_program_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "laurel.sqlite3")) as database:
        database.execute("CREATE TABLE auth_user (id integer)")
    before = (tmp_path / "laurel.sqlite3").read_bytes()

    for options in ([], ["--reset"]):
        code, output, errors = run_demo(tmp_path, *options)
        assert (code, output, errors.count("\n")) == (1, "", 1)
        assert query(tmp_path, "SELECT name FROM sqlite_master") == [("auth_user",)]

    assert len(before) == (tmp_path / "laurel.sqlite3").stat().st_size


@pytest.mark.crash
def test_demo_killed_in_the_middle_is_filled_by_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    precious = tmp_path / "media" / "of_another_database.png"
    precious.touch()
    process = start_demo(tmp_path, "--no-serve", "--json")
    assert process.stderr is not None
    assert process.stderr.readline() == "Filling the demo ...\n"
    time.sleep(0.3)
    process.kill()
    output, _ = process.communicate()
    assert (output, process.returncode) == ("", -signal.SIGKILL)
    assert not (tmp_path / "demo.json").exists(), "killed too late"
    assert issued(tmp_path) == []

    notes = demo_notes(tmp_path, "--reset")

    assert query(tmp_path, "SELECT slug FROM organizations_system") == [("demo",)]
    assert (notes["badge"]["id"].replace("-", ""),) in [row[:1] for row in issued(tmp_path)]
    assert precious.exists()


def test_demo_serves_on_the_next_free_port_and_prints_one_object(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start_demo(folder, "--json", PUBLIC_URL=f"http://127.0.0.1:{port}", WEB_WORKERS="1")
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            printed = process.stdout.readline()
            line = next(line for line in process.stderr if "is taken" in line)
            served = line.partition("serving on ")[2].partition(" instead")[0]
            assert wait_for(f"{served}/health") == 200
        finally:
            process.terminate()
            rest, _ = process.communicate(timeout=60)
    assert served != f"http://127.0.0.1:{port}"
    assert (json.loads(printed).keys(), rest, process.returncode) == (KEYS, "", 0)


def wait_for(url: str) -> int:
    """Return the status of a page as soon as something answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http://127.0.0.1
                return int(answer.status)
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_demo_says_where_it_cannot_write() -> None:
    code, output, errors = run_demo(Path("/dev/null/laurel"))

    assert (code, output) == (1, "")
    assert errors == (
        "The demo cannot be prepared in /dev/null/laurel: Not a directory."
        " Name a folder that you may write to: make demo DATA_DIR=/path/to/folder\n"
    )


def test_keys_and_passwords_that_demo_prints_work(notes: dict[str, Any]) -> None:
    organizations = {
        row.slug: {"id": str(row.uuid), "slug": row.slug} for row in Organization.objects.issuers()
    }
    academy, college = organizations["bay-tree"], organizations["harbour"]
    keys = {
        text: find_api_key(text)
        for text in (notes["api_key"], notes["read_only_api_key"], notes["other_organization"]["api_key"])
    }
    assert [(key.organization.slug, key.scopes) if key else None for key in keys.values()] == [
        ("bay-tree", ["read", "write", "issue"]),
        ("bay-tree", ["read"]),
        ("harbour", ["read", "write", "issue"]),
    ]
    consumer = BadgekitConsumer.objects.get(key=notes["badgekit"]["key"])
    assert notes["badgekit"] == {
        "system": "demo",
        "key": consumer.key,
        "secret": consumer_secret(consumer),
    }
    assert consumer.system.slug == "demo"
    token = LoginToken.objects.usable().get(digest=hashlib.sha256(notes["login_token"].encode()).hexdigest())
    assert token.account.emails.get().email == notes["earner_email"]
    assert notes["organization"] == academy
    assert notes["other_organization"] == college | {"api_key": notes["other_organization"]["api_key"]}
    assert notes.keys() == KEYS

    for user in notes["users"]:
        assert user.keys() == {"email", "password", "role"}
        signed_in = authenticate(
            RequestFactory().post("/"), email=user["email"], username=user["email"], password=user["password"]
        )
        assert signed_in == User.objects.get(email=user["email"])

    roles = {user["role"]: user["email"] for user in notes["users"]}
    assert User.objects.get(is_superuser=True, is_staff=True).email == roles["staff"]
    assert set(Membership.objects.values_list("user__email", "role", "organization__slug")) == {
        (roles["owner"], Role.OWNER, "bay-tree"),
        (roles["admin"], Role.ADMIN, "bay-tree"),
        (roles["issuer"], Role.ISSUER, "bay-tree"),
        (roles["viewer"], Role.VIEWER, "bay-tree"),
        (roles["other"], Role.OWNER, "harbour"),
    }


def test_what_demo_prints_is_there_and_people_are_told_of_it(notes: dict[str, Any], client: Any) -> None:
    shown = {name: Badge.objects.get(uuid=notes[name]["id"]) for name in ("badge", "revoked_badge")}
    assert {name: badge.public_url for name, badge in shown.items()} == {
        name: notes[name]["url"] for name in shown
    }
    assert (shown["badge"].is_revoked, shown["revoked_badge"].is_revoked) == (False, True)
    assert shown["badge"].recipient_email == notes["earner_email"]
    assert client.get(f"/public/badges/{notes['badge']['id']}").status_code == 200
    code = ClaimCode.objects.get(code=notes["claim_code"]["code"])
    assert notes["claim_code"]["url"] == f"http://127.0.0.1:8000/claim?code={code.code}"
    assert Outcome.objects.get().code == notes["outcome_code"]
    assert not any(recount().values())
    assert not Message.objects.due().exists(), "the earners of the demo do not exist"

    text = "\n".join(told("demo", "--no-serve"))

    first, _somebody_else, _rest = text.partition("Or as somebody else")
    owner = next(user for user in notes["users"] if user["role"] == "owner")
    assert re.findall(r"http\S+", first) == ["http://127.0.0.1:8000/accounts/login/"]
    assert [owner["email"] in first, owner["password"] in first] == [True, True]
    wanted = [notes["badge"]["url"], notes["revoked_badge"]["url"], notes["api_key"]]
    wanted += [user[field] for user in notes["users"] for field in ("email", "password", "role")]
    assert [word for word in wanted if word not in text] == []
    assert "http://127.0.0.1:8000/admin/" in text
    assert "These badges carry a local address" in text


def test_demo_refuses_a_database_with_other_content(acme: Organization, data_dir: Path) -> None:
    before = list(System.objects.values())

    for options in ([], ["--json"]):
        assert refused("demo", "--no-serve", *options).startswith(
            "The database holds something that is not the demo of this DATA_DIR, so nothing was changed."
        )

    assert (list(System.objects.values()), Organization.objects.issuers().get()) == (before, acme)
    assert list(data_dir.iterdir()) == []


def test_demo_refuses_a_database_that_somebody_signs_in_to(charlie: User, data_dir: Path) -> None:
    assert refused("demo", "--no-serve").startswith("The database holds something that is not the demo")

    assert (System.objects.count(), User.objects.get()) == (0, charlie)


def test_demo_reset_refuses_a_database_outside_of_data_dir(badge: Badge, data_dir: Path) -> None:
    (data_dir / "media").mkdir()

    assert refused("demo", "--no-serve", "--reset") == (
        "The database is not in DATA_DIR, so it was left alone."
        if connection.vendor == "sqlite"
        else "Only a demo on SQLite is thrown away by this command. Drop the database yourself."
    )

    assert (Badge.objects.get(), (data_dir / "media").exists()) == (badge, True)


@pytest.fixture
def signals() -> Iterator[None]:
    """The worker takes SIGTERM and SIGINT for itself: give them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.mark.usefixtures("signals")
@pytest.mark.django_db(
    transaction=True
)  # the worker looks after its connection, which a test's transaction would hide
def test_worker_once_sends_mails_and_finishes_batches_then_ends(template: BadgeTemplate) -> None:
    people: list[tuple[Person, dict[str, Any]]] = [
        (Person(email=f"earner{number}@example.org"), {}) for number in range(30)
    ]
    batch = create_batch(template=template, people=people, by=None)

    told("worker", "--once")

    batch.refresh_from_db()
    assert (batch.state, Badge.objects.count()) == (BatchState.DONE, 30)
    assert {message.to[0] for message in mail.outbox} == {person.email for person, _ in people}
    assert (len(mail.outbox), Message.objects.filter(sent_at__isnull=True).count()) == (30, 0)


@pytest.mark.usefixtures("signals")
@pytest.mark.django_db(transaction=True)
def test_worker_goes_on_after_a_batch_that_cannot_be_issued(
    template: BadgeTemplate, acme: Organization
) -> None:
    refused_batch = create_batch(template=template, people=[(Person(email="a@example.org"), {})], by=None)
    other = create_batch(
        template=factories.template(acme, title="Other"),
        people=[(Person(email="b@example.org"), {})],
        by=None,
    )
    update_template(template=template, fields={"status": "inactive"}, by=None)

    told("worker", "--once")

    refused_batch.refresh_from_db()
    other.refresh_from_db()
    assert (refused_batch.state, other.state) == (BatchState.PAUSED, BatchState.DONE)
    assert refused_batch.pause_reason
    assert Badge.objects.get().recipient_email == "b@example.org"


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_worker_sends_mails_to_files_and_stops_when_told(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path
    template = factories.template(factories.OrganizationFactory.create())
    issue_badge(template=template, person=Person(email="ada@example.org"), award=Award(), by=None)
    assert Message.objects.due().count() == 1

    worker = start("worker")
    try:
        wait_until(worker, lambda: Message.objects.filter(sent_at__isnull=False).exists())
        worker.send_signal(signal.SIGTERM)
        errors = worker.communicate(timeout=10)[1].decode()
    finally:
        worker.kill()
        worker.wait()

    assert worker.returncode == 0
    assert "The worker is ready." in errors
    assert "The worker has stopped." in errors
    [file] = (tmp_path / "mail").iterdir()
    assert "To: ada@example.org" in file.read_text()


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_worker_stops_in_the_middle_of_a_long_batch() -> None:
    template = factories.template(factories.OrganizationFactory.create())
    people: list[tuple[Person, dict[str, Any]]] = [
        (Person(email=f"earner{number}@example.org"), {}) for number in range(6000)
    ]
    batch = create_batch(template=template, people=people, is_announced=False, by=None)

    worker = start("worker")
    try:
        wait_until(worker, Badge.objects.exists)
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=10)
    finally:
        worker.kill()
        worker.wait()

    batch.refresh_from_db()
    assert worker.returncode == 0
    assert 0 < batch.issued_count == Badge.objects.count() < 6000
    assert list(Batch.objects.unfinished()) == [batch]


def wait_until(worker: subprocess.Popen[bytes], is_so: Any) -> None:
    """Wait for what a worker is to do."""
    deadline = time.monotonic() + 60
    while not is_so():
        assert worker.poll() is None, worker.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_recount_finds_all_counters_right(badge: Badge) -> None:
    assert told("recount") == ["All counters were right."]
    assert set(answered("recount").values()) == {0}


def test_recount_corrects_counters_and_names_them(badge: Badge) -> None:
    code = factories.claim_code(badge.template)
    ClaimCode.objects.update(uses=1)
    Organization.objects.filter(pk=badge.organization_id).update(badges_count=7)
    EarnersList.objects.create(organization=badge.organization, name="Empty", earners_count=3)

    assert set(told("recount")) == {
        "organization.badges_count: 1 corrected",
        "list.earners_count: 1 corrected",
        "claim_code.uses: 1 corrected",
    }

    code.refresh_from_db()
    badge.organization.refresh_from_db()
    assert (code.uses, badge.organization.badges_count, EarnersList.objects.get().earners_count) == (0, 1, 0)
    assert told("recount") == ["All counters were right."]
