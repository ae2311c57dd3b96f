"""Wrong combinations of settings are told at start, each by its own id; right ones are not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage
from pytest_django import Settings

from config import checks
from config.env import BASE_DIR

KEY = Fernet.generate_key().decode()
# A public server as it should be: behind a proxy, with mails and a shared cache.
RIGHT: dict[str, Any] = {
    "PUBLIC_URL": "https://badges.example.org",
    "IS_SECURE": True,
    "ALLOWED_HOSTS": ["badges.example.org"],
    "BEHIND_PROXY": True,
    "DEBUG": False,
    "KEY_ENCRYPTION_KEYS": [KEY],
    "BADGEKIT_MASTER_SECRET": "",
    "CREDITS": "counted",
    "LANGUAGE_CODE": "en",
    "ORGANIZATION_TIME_ZONE": "Europe/Rome",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "CACHES": {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "laurel_cache"}
    },
    "STORAGES": {"default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}},
}
WRONG: list[tuple[str, dict[str, Any]]] = [
    ("laurel.E001", {"KEY_ENCRYPTION_KEYS": []}),
    ("laurel.E002", {"KEY_ENCRYPTION_KEYS": [KEY, "not a key"]}),
    ("laurel.E002", {"KEY_ENCRYPTION_KEYS": [KEY[:-4]]}),
    ("laurel.E003", {"BADGEKIT_MASTER_SECRET": "x" * 31}),
    ("laurel.E004", {"CREDITS": "free"}),
    ("laurel.E005", {"LANGUAGE_CODE": "fr"}),
    ("laurel.E006", {"ORGANIZATION_TIME_ZONE": "Rome"}),
    ("laurel.E022", {"CLAIM_CODE_LENGTH": 9}),
    ("laurel.E022", {"CLAIM_CODE_LENGTH": 65}),
    ("laurel.E023", {"LOGIN_PROVIDER_FAULTS": ["It is no list."]}),
    ("laurel.E024", {"SIGN_UP": "everybody"}),
    ("laurel.W007", {"PUBLIC_URL": "http://badges.example.org", "IS_SECURE": False}),
    ("laurel.E008", {"DEBUG": True}),
    ("laurel.E009", {"ALLOWED_HOSTS": ["www.example.org"]}),
    ("laurel.E009", {"ALLOWED_HOSTS": []}),
    ("laurel.W010", {"BEHIND_PROXY": False}),
    ("laurel.W011", {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}),
    ("laurel.W012", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
]


def found(settings: Settings, **changes: Any) -> list[CheckMessage]:
    """Return what all checks tell of these settings."""
    for name, value in (RIGHT | changes).items():
        setattr(settings, name, value)
    told: list[CheckMessage] = []
    for check in (
        checks.check_keys,
        checks.check_choices,
        checks.check_addresses,
        checks.check_services,
        checks.check_storage,
        checks.check_cache,
    ):
        told += check(None)
    return told


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"BADGEKIT_MASTER_SECRET": "x" * 32},
        {"CREDITS": "enforced", "LANGUAGE_CODE": "it"},
        {"KEY_ENCRYPTION_KEYS": [KEY, Fernet.generate_key().decode()]},
        {"ALLOWED_HOSTS": ["www.example.org", "badges.example.org"]},
        {"ALLOWED_HOSTS": ["*"]},
        {
            "PUBLIC_URL": "http://127.0.0.1:8000",
            "IS_SECURE": False,
            "ALLOWED_HOSTS": ["127.0.0.1"],
            "DEBUG": True,
        },
        {
            "PUBLIC_URL": "http://[::1]:8000",
            "IS_SECURE": False,
            "ALLOWED_HOSTS": ["[::1]"],
            "BEHIND_PROXY": False,
        },
        {
            "STORAGES": {"default": {"BACKEND": "storages.backends.s3.S3Storage"}}
        },  # boto3 is there for the tests
    ],
)
def test_checks_are_silent_where_settings_are_right(settings: Settings, changes: dict[str, Any]) -> None:
    assert found(settings, **changes) == []


@pytest.mark.parametrize(("check_id", "changes"), WRONG)
def test_check_tells_of_wrong_settings_and_what_to_do(
    settings: Settings, check_id: str, changes: dict[str, Any]
) -> None:
    (message,) = found(settings, **changes)
    assert message.id == check_id
    assert message.is_serious(40) is check_id.startswith("laurel.E")
    assert message.hint is not None


def test_check_tells_of_missing_storage_package(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    (message,) = found(settings, STORAGES={"default": {"BACKEND": "storages.backends.s3.S3Storage"}})
    assert (message.id, message.msg) == (
        "laurel.E013",
        "STORAGE_URL needs the Python package boto3, which is not installed.",
    )


def test_check_tells_of_missing_cache_package(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    (message,) = found(
        settings, CACHES={"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}
    )
    assert (message.id, message.msg) == (
        "laurel.E014",
        "CACHE_URL needs the Python package redis, which is not installed.",
    )


def test_every_check_is_tested() -> None:
    source = (BASE_DIR / "config" / "checks.py").read_text()
    ids = {part[:11] for part in source.split('id="')[1:]}
    assert ids == {check_id for check_id, _changes in WRONG} | {"laurel.E013", "laurel.E014", "laurel.E015"}


def check_deploy(data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check --deploy` as a new process, which has these variables and no others of ours."""
    return subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(data_dir)} | variables,
        capture_output=True,
        check=False,
        text=True,
    )


PRODUCTION = {
    "SECRET_KEY": "made up for this test, and longer than the fifty characters that Django wants",
    "KEY_ENCRYPTION_KEYS": KEY,
    "PUBLIC_URL": "https://badges.example.org",
    "BEHIND_PROXY": "1",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {
            "DATABASE_URL": "postgres://laurel:password@database.example.org/laurel",
            "STORAGE_URL": "s3://KEY:SECRET@objects.example.org/pictures",
            "CACHE_URL": "redis://cache.example.org:6379/0",
            "CREDITS": "enforced",
        },
    ],
)
def test_production_settings_pass_all_checks(tmp_path: Path, more: dict[str, str]) -> None:
    answer = check_deploy(tmp_path, **PRODUCTION | more)
    assert (answer.returncode, answer.stdout, answer.stderr) == (
        0,
        "System check identified no issues (2 silenced).\n",
        "",
    )


def test_production_settings_without_mail_do_not_pass(tmp_path: Path) -> None:
    answer = check_deploy(
        tmp_path, **{name: value for name, value in PRODUCTION.items() if name != "EMAIL_URL"}
    )
    assert answer.returncode == 1
    assert "laurel.W011" in answer.stderr


def test_server_without_secret_key_says_what_to_do(tmp_path: Path) -> None:
    answer = check_deploy(tmp_path)
    assert answer.returncode == 1
    assert "SECRET_KEY is not set. To try Laurel, run `make demo`." in answer.stderr


def test_login_providers_that_are_wrong_are_told_and_keep_nothing_else_from_starting(tmp_path: Path) -> None:
    answer = check_deploy(tmp_path, **PRODUCTION, LOGIN_PROVIDERS='[{"issuer": "https://id.example.org"}]')

    assert answer.returncode == 1
    assert "(laurel.E023) LOGIN_PROVIDERS is not as it must be" in answer.stderr
    assert "Entry 1 needs an audience" in answer.stderr
    assert "Traceback" not in answer.stderr
