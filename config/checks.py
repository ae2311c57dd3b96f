"""System checks: wrong combinations of settings are told at start, each with an id and with what to do."""

import importlib.util
import zoneinfo
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

from config.env import has_redis_queue

LOCAL_HOSTS = {"127.0.0.1", "localhost", "::1"}


@register
def check_keys(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell of secrets that are missing or of no use."""
    found: list[CheckMessage] = []
    if not settings.KEY_ENCRYPTION_KEYS:
        found.append(
            Error(
                "KEY_ENCRYPTION_KEYS is not set, so no badge can be signed.",
                hint="Set it to what `manage.py new_encryption_key` prints, and keep a copy apart from the database.",
                id="laurel.E001",
            )
        )
    for key in settings.KEY_ENCRYPTION_KEYS:
        try:
            Fernet(key)
        except ValueError:
            found.append(
                Error(
                    "KEY_ENCRYPTION_KEYS has a value that is no key.",
                    hint="Each is 44 characters, as `manage.py new_encryption_key` prints them; separate them by commas.",
                    id="laurel.E002",
                )
            )
    if settings.BADGEKIT_MASTER_SECRET and len(settings.BADGEKIT_MASTER_SECRET) < 32:
        found.append(
            Error(
                "BADGEKIT_MASTER_SECRET is shorter than 32 characters, so it can be guessed.",
                hint="Set a longer one, or unset it to close the key `master`.",
                id="laurel.E003",
            )
        )
    return found


@register
def check_choices(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell of settings that have none of their values."""
    found: list[CheckMessage] = []
    if settings.CREDITS not in {"counted", "enforced"}:
        found.append(
            Error(
                f"CREDITS is {settings.CREDITS!r}.",
                hint="Set it to `counted` or `enforced`.",
                id="laurel.E004",
            )
        )
    if not 10 <= settings.CLAIM_CODE_LENGTH <= 64:
        found.append(
            Error(
                f"CLAIM_CODE_LENGTH is {settings.CLAIM_CODE_LENGTH}.",
                hint="Set it to a number from 10 to 64: shorter claim codes can be guessed.",
                id="laurel.E022",
            )
        )
    found += [
        Error(
            f"LOGIN_PROVIDERS is not as it must be, so no provider signs anybody in. {fault}",
            hint='It is like [{"issuer": "https://id.example.org", "name": "Example School", "client_id": "laurel",'
            ' "client_secret": "…"}]; docs/settings.md has all of it.',
            id="laurel.E023",
        )
        for fault in settings.LOGIN_PROVIDER_FAULTS
    ]
    if settings.SIGN_UP not in {"first", "open", "closed"}:
        found.append(
            Error(
                f"SIGN_UP is {settings.SIGN_UP!r}, so nobody can sign up.",
                hint="Set it to first, open or closed.",
                id="laurel.E024",
            )
        )
    if settings.LANGUAGE_CODE not in dict(settings.LANGUAGES):
        found.append(
            Error(
                f"LANGUAGE_CODE is {settings.LANGUAGE_CODE!r}.", hint="Set it to en or it.", id="laurel.E005"
            )
        )
    if settings.ORGANIZATION_TIME_ZONE not in zoneinfo.available_timezones():
        found.append(
            Error(
                f"TIME_ZONE is {settings.ORGANIZATION_TIME_ZONE!r}, which is not known.",
                hint="Use a name such as Europe/Rome.",
                id="laurel.E006",
            )
        )
    return found


@register
def check_addresses(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell of addresses under which badges would not verify elsewhere, or would not be served."""
    found: list[CheckMessage] = []
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    if not settings.IS_SECURE and host not in LOCAL_HOSTS:
        found.append(
            Warning(
                f"PUBLIC_URL is {settings.PUBLIC_URL}, without https: badges issued now will be refused elsewhere.",
                hint="Set up https first; the address is written into each badge and cannot be changed later.",
                id="laurel.W007",
            )
        )
    if settings.DEBUG and host not in LOCAL_HOSTS:
        found.append(
            Error(
                "DEBUG is on for a public address: anybody would see settings and source in error pages.",
                hint="Unset DEBUG.",
                id="laurel.E008",
            )
        )
    if "*" not in settings.ALLOWED_HOSTS and host not in [
        name.strip("[]") for name in settings.ALLOWED_HOSTS
    ]:
        found.append(
            Error(
                f"ALLOWED_HOSTS leaves out {host}, the host of PUBLIC_URL: its own badges would not be served.",
                hint="Add it to ALLOWED_HOSTS, or unset ALLOWED_HOSTS.",
                id="laurel.E009",
            )
        )
    return found


@register(Tags.security, deploy=True)
def check_services(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell what a public server lacks."""
    found: list[CheckMessage] = []
    if settings.IS_SECURE and not settings.BEHIND_PROXY:
        found.append(
            Warning(
                "PUBLIC_URL has https, but no proxy in front is believed (BEHIND_PROXY is off).",
                hint="Set BEHIND_PROXY=1 when a proxy ends https and sets X-Forwarded-Proto; else pages redirect for ever.",
                id="laurel.W010",
            )
        )
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        found.append(
            Warning(
                "EMAIL_URL is not set: mails to earners become files in DATA_DIR/mail and reach nobody.",
                hint="Set it, such as smtp+tls://user:password@mail.example.org:587.",
                id="laurel.W011",
            )
        )
    if settings.CACHES["default"]["BACKEND"].endswith("locmem.LocMemCache"):
        found.append(
            Warning(
                "CACHE_URL names a cache that each process has for itself: wrong sign-ins are counted too low.",
                hint="Unset it for a table of the database, or use Redis.",
                id="laurel.W012",
            )
        )
    return found


@register
def check_cache(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell when the library for the chosen cache is missing."""
    if settings.CACHES["default"]["BACKEND"].endswith("RedisCache") and _is_missing("redis"):
        return [
            Error(
                "CACHE_URL needs the Python package redis, which is not installed.",
                hint="Install requirements-production.lock, or Laurel's extra [redis].",
                id="laurel.E014",
            )
        ]
    return []


@register
def check_tasks(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell when the libraries for the chosen queue are missing."""
    if settings.TASKS_URL and not has_redis_queue():
        return [
            Error(
                "TASKS_URL needs Python packages for Redis, which are not installed.",
                hint="Install requirements-production.lock, or Laurel's extra [redis]; or unset TASKS_URL.",
                id="laurel.E015",
            )
        ]
    return []


@register
def check_storage(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Tell when the library for the chosen storage is missing."""
    backend = settings.STORAGES["default"]["BACKEND"]
    for part, module, extra in (
        ("s3.S3Storage", "boto3", "s3"),
        ("GoogleCloudStorage", "google.cloud.storage", "gcs"),
    ):
        if backend.endswith(part) and _is_missing(module):
            return [
                Error(
                    f"STORAGE_URL needs the Python package {module}, which is not installed.",
                    hint=f"Install requirements-production.lock, or Laurel's extra [{extra}].",
                    id="laurel.E013",
                )
            ]
    return []


def _is_missing(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is None
    except ModuleNotFoundError:
        return True
