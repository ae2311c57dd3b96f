"""The commands of organizations: what they make, what they print, and what they refuse in one line."""

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from organizations.enums import ApiScope, OrganizationStatus, Role
from organizations.models import ApiKey, BadgekitConsumer, Membership, Organization, SigningKey, System, User
from organizations.services.access import consumer_secret, find_api_key
from organizations.services.keys import private_bytes
from tests.commands import answered, refused, told
from tests.processes import ROOT, environment


def test_create_organization_makes_one_with_keys_and_the_first_system(db: None) -> None:
    values = answered(
        "create_organization", "Blu Acadèmia", "--email=info@blu.example", "--website=https://blu.example"
    )

    organization = Organization.objects.issuers().get()
    assert values == {
        "id": str(organization.uuid),
        "slug": "blu-academia",
        "public_url": f"http://127.0.0.1:8000/public/issuers/{organization.uuid}",
    }
    assert (organization.name, organization.website, organization.email) == (
        "Blu Acadèmia",
        "https://blu.example",
        "info@blu.example",
    )
    assert organization.system == System.objects.get()
    assert set(organization.signing_keys.values_list("algorithm", "status")) == {
        ("ed25519", "active"),
        ("rsa", "active"),
    }


def test_create_organization_takes_slug_system_language_and_owner(system: System, charlie: User) -> None:
    lines = told(
        "create_organization",
        "Blue",
        *("--slug=azure", "--system=main", "--language=it", "--owner=CHARLIE@elsewhere.example"),
    )

    organization = Organization.objects.get(slug="azure")
    assert lines == ["Blue: azure", organization.public_url]
    assert (organization.system, organization.language) == (system, "it")
    assert list(Membership.objects.values_list("user", "organization", "role")) == [
        (charlie.pk, organization.pk, Role.OWNER)
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["New", "--system=absent"], "--system: There is no system “absent”."),
        (
            ["New", "--owner=nobody@example.org"],
            "--owner: There is no user nobody@example.org: `createsuperuser` makes one.",
        ),
        (["New", "--slug=acme"], "slug: This short name is taken. Please choose another one."),
        (
            ["New", "--slug=a b"],
            "slug: A short name has 1 to 255 characters: letters without accents, digits, hyphens and underscores.",
        ),
        (["New", "--email=nobody"], "contact_info.email: This is not a valid e-mail address."),
        (["New", "--website=blu"], "website: This is not a valid web address (https://…)."),
        ([" "], "name: A name has 1 to 255 characters."),
        (["N" * 256], "name: A name has 1 to 255 characters."),
    ],
)
def test_create_organization_refuses_in_one_line(acme: Organization, arguments: list[str], line: str) -> None:
    before = (Organization.objects.count(), SigningKey.objects.count())

    assert refused("create_organization", *arguments) == line

    assert (Organization.objects.count(), SigningKey.objects.count()) == before


def test_create_api_key_prints_a_key_that_works(acme: Organization) -> None:
    values = answered("create_api_key", "acme", "--name= Moodle ")

    key = find_api_key(values["api_key"])
    assert key is not None
    assert values == {
        "id": str(key.uuid),
        "name": "Moodle",
        "scopes": list(ApiScope.values),
        "api_key": values["api_key"],
    }
    assert key.organization == acme


def test_create_api_key_gives_the_scopes_that_were_named(acme: Organization) -> None:
    text, advice = told("create_api_key", str(acme.uuid), "--name=reader", "--scopes=read, issue")

    key = find_api_key(text)
    assert key is not None
    assert key.scopes == ["read", "issue"]
    assert advice == "Keep it now: it is not shown again."


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ["initech", "--name=x"],
            "No single organization is called “initech”. Give its id or one of these: acme, globex.",
        ),
        (
            ["11111111-1111-4111-8111-111111111111", "--name=x"],
            "No single organization is called “11111111-1111-4111-8111-111111111111”."
            " Give its id or one of these: acme, globex.",
        ),
        (
            ["main", "--name=x"],
            "No single organization is called “main”. Give its id or one of these: acme, globex.",
        ),
        (["acme", "--name=x", "--scopes=read,delete"], "scopes: Choose scopes among: read, write, issue."),
        (["acme", "--name=x", "--scopes=,"], "scopes: Choose scopes among: read, write, issue."),
        (["acme", "--name= "], "name: Give the key a name of 1 to 100 characters that says what uses it."),
        (
            ["acme", "--name=" + "x" * 101],
            "name: Give the key a name of 1 to 100 characters that says what uses it.",
        ),
    ],
)
def test_create_api_key_refuses_in_one_line(
    acme: Organization, globex: Organization, arguments: list[str], line: str
) -> None:
    assert refused("create_api_key", *arguments) == line

    assert ApiKey.objects.count() == 0


def test_create_api_key_says_what_to_do_when_there_is_no_organization(db: None) -> None:
    assert refused("create_api_key", "acme", "--name=x") == (
        "No single organization is called “acme”. Give its id or one of these:"
        " (there is none yet: create_organization)."
    )


def test_create_badgekit_consumer_prints_the_secret_that_is_kept(system: System) -> None:
    values = answered("create_badgekit_consumer", "main", "--description=Old site")

    consumer = BadgekitConsumer.objects.get()
    assert values == {"system": "main", "key": consumer.key, "secret": consumer_secret(consumer)}
    assert (consumer.system, consumer.description) == (system, "Old site")


def test_create_badgekit_consumer_tells_people_to_keep_the_secret(system: System) -> None:
    lines = told("create_badgekit_consumer", "main")

    consumer = BadgekitConsumer.objects.get()
    assert lines == [
        f"key: {consumer.key}",
        f"secret: {consumer_secret(consumer)}",
        "Keep the secret now: it is not shown again.",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["absent"], "system: There is no system “absent”. There are: main."),
        (["main", "--description=" + "x" * 256], "description: A description has at most 255 characters."),
    ],
)
def test_create_badgekit_consumer_refuses_in_one_line(
    system: System, arguments: list[str], line: str
) -> None:
    assert refused("create_badgekit_consumer", *arguments) == line

    assert BadgekitConsumer.objects.count() == 0


def test_secrets_survive_a_change_of_their_encryption_key(acme: Organization, settings: Settings) -> None:
    old = settings.KEY_ENCRYPTION_KEYS
    private = {key.pk: private_bytes(key) for key in SigningKey.objects.all()}
    secret = answered("create_badgekit_consumer", "main")["secret"]
    [new] = told("new_encryption_key")

    settings.KEY_ENCRYPTION_KEYS = [new, *old]
    count = SigningKey.objects.count() + 1
    assert told("re_encrypt_secrets") == [
        f"{count} secrets are encrypted with the newest key now. The older keys may be dropped."
    ]
    settings.KEY_ENCRYPTION_KEYS = [new]

    assert {key.pk: private_bytes(key) for key in SigningKey.objects.all()} == private
    assert consumer_secret(BadgekitConsumer.objects.get()) == secret
    assert answered("re_encrypt_secrets") == {"count": count}


def test_re_encrypt_secrets_refuses_without_the_key_that_was_used(
    acme: Organization, settings: Settings
) -> None:
    before = list(SigningKey.objects.order_by("pk").values())
    settings.KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    assert refused("re_encrypt_secrets") == (
        "A secret was encrypted with a key that is not among KEY_ENCRYPTION_KEYS. Put that key back at its end."
    )

    assert list(SigningKey.objects.order_by("pk").values()) == before


@pytest.mark.parametrize(
    ("keys", "beginning"),
    [([], "KEY_ENCRYPTION_KEYS is not set"), (["short"], "KEY_ENCRYPTION_KEYS has a value that is no key")],
)
def test_create_organization_needs_a_key_to_keep_secrets(
    db: None, settings: Settings, keys: list[str], beginning: str
) -> None:
    settings.KEY_ENCRYPTION_KEYS = keys

    assert refused("create_organization", "Blue").startswith(beginning)

    assert (System.objects.count(), Organization.objects.count()) == (0, 0)


def test_disabled_organization_is_found_by_commands(acme: Organization) -> None:
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)

    call_command("create_api_key", "acme", "--name=reader", "--scopes=read", "--json")

    assert ApiKey.objects.get().organization == acme


def test_refused_command_ends_with_status_1_and_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "create_api_key", "acme", "--name=x", "--json"],
        cwd=ROOT,
        env=environment()
        | {"DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}", "DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "CommandError: The database refused: no such table: organizations_organization."
        " Is DATABASE_URL right, and has `manage.py migrate` been run?\n"
    )


def test_first_administrator_is_made_by_createsuperuser(
    db: None, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "a long enough password")

    told("createsuperuser", "--no-input", "--email=First@server.example")

    assert client.login(email="FIRST@server.example", password="a long enough password")
    assert client.get("/admin/").status_code == 200
    assert refused("createsuperuser", "--no-input", "--email=first@server.example")
    assert User.objects.get().email == "first@server.example"
