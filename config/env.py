"""The environment: every setting that an administrator can make, where it is read from, and what it means."""

import importlib.util
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

BASE_DIR = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the environment: its name, what it means, and what holds when it is unset."""

    name: str
    meaning: str
    unset: str
    is_secret: bool = False


# docs/settings.md has one row for each of these; a test compares them.
SETTINGS = (
    Setting("SECRET_KEY", "Signs sessions and links in mails", "the server does not start", is_secret=True),
    Setting("SECRET_KEY_FALLBACKS", "Former secret keys, separated by commas", "none", is_secret=True),
    Setting(
        "KEY_ENCRYPTION_KEYS",
        "Encrypt signing keys at rest; newest first",
        "nothing is signed",
        is_secret=True,
    ),
    Setting(
        "BADGEKIT_MASTER_SECRET", "Secret of the BadgeKit key `master`", "that key is refused", is_secret=True
    ),
    Setting("PUBLIC_URL", "The address under which badges are published", "http://127.0.0.1:8000"),
    Setting("ALLOWED_HOSTS", "Host names that are answered", "the host of PUBLIC_URL"),
    Setting("BEHIND_PROXY", "Whether X-Forwarded-Proto and -For of one proxy are believed", "no"),
    Setting("DATA_DIR", "Folder of the database, pictures and mails when these are local", "var/"),
    Setting("DATABASE_URL", "The database", "SQLite in DATA_DIR", is_secret=True),
    Setting("STORAGE_URL", "Where pictures are kept", "DATA_DIR/media", is_secret=True),
    Setting("CACHE_URL", "Shared cache for throttles", "a table of the database", is_secret=True),
    Setting("TASKS_URL", "Where background work is queued", "in the database", is_secret=True),
    Setting("EMAIL_URL", "The mail server", "mails become files in DATA_DIR/mail", is_secret=True),
    Setting("DEFAULT_FROM_EMAIL", "The sender of mails", "badges@ the host of PUBLIC_URL"),
    Setting("CREDITS", "`counted` or `enforced`", "counted"),
    Setting("CLAIM_CODE_LENGTH", "Hexadecimal digits of a random claim code", "10"),
    Setting("API_RATE_LIMIT", "Requests per minute of one API key; 0: no limit", "600"),
    Setting("SIGN_UP", "Who may make an account and an organization: `first`, `open` or `closed`", "first"),
    Setting("FOREIGN_BADGE_HOSTS", "Hosts whose badges earners may bring; `*`: any public one", "none"),
    Setting("LOGIN_PROVIDERS", "Identity providers that sign earners in, as JSON", "none", is_secret=True),
    Setting("PRIVATE_HOSTS", "Hosts that are asked although they are not on the public internet", "none"),
    Setting(
        "CORS_ORIGINS", "Sites whose pages may call the APIs: https://a.example,https://b.example", "none"
    ),
    Setting("LANGUAGE_CODE", "Language where nothing else decides: en or it", "en"),
    Setting("TIME_ZONE", "Time zone of new organizations", "UTC"),
    Setting("WEB_WORKERS", "Processes of `manage.py serve`", "by processors"),
    Setting("WEB_THREADS", "Threads in each of them", "4"),
    Setting("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR", "INFO"),
    Setting("DEBUG", "Shows errors in the browser: for development only", "off"),
)


class _Variables(FileAwareMapping):  # type: ignore[misc]  # django-environ ships no types
    """Variables first, then the files that NAME_FILE variables point to, without the line break at their end."""

    def __getitem__(self, key: str) -> str:
        path = None if key in self.env else self.env.get(f"{key}_FILE")
        if not path:
            return str(self.env[key])
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n")
        except OSError as failure:
            reason = f"{key}_FILE points to {path}, which cannot be read: {failure.strerror}."
            raise ImproperlyConfigured(reason) from failure


class _Environment(environ.Env):  # type: ignore[misc]  # likewise
    ENVIRON = _Variables()


def environment() -> environ.FileAwareEnv:
    """Return the reader of settings.

    A setting comes from the variable of its name; or from the file that the variable NAME_FILE points to (for secrets
    mounted as files); or from the file `settings.env` in DATA_DIR, which `manage.py demo` writes.
    """
    reader = _Environment()
    data_dir = Path(reader.str("DATA_DIR", default=str(BASE_DIR / "var")))
    settings_file = data_dir / "settings.env"
    if settings_file.is_file():
        reader.read_env(str(settings_file), overwrite=False)
    return reader


def storage_options(url: str, media_root: Path) -> dict[str, Any]:
    """Return the STORAGES entry for STORAGE_URL: file:///path, s3://KEY:SECRET@HOST/BUCKET?option=value, gs://BUCKET.

    For S3 the host is the endpoint (empty or `aws` for Amazon's own, `https` unless `?insecure=1`), and further options are
    those of django-storages by their lower-case names. Raises ImproperlyConfigured for anything else.
    """
    if not url:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(media_root), "base_url": "/media/"},
        }
    parts = urlsplit(url)
    switches = {"1": True, "true": True, "0": False, "false": False}
    options: dict[str, Any] = {
        name: switches.get(value.lower(), value) for name, value in parse_qsl(parts.query)
    }
    if parts.scheme == "file":
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(parts.path), "base_url": "/media/"},
        }
    if parts.scheme == "s3":
        insecure = options.pop("insecure", False) is True
        host = parts.hostname or ""
        if host and host != "aws":
            port = f":{parts.port}" if parts.port else ""
            options["endpoint_url"] = f"{'http' if insecure else 'https'}://{host}{port}"
        if parts.username:
            options["access_key"] = unquote(parts.username)
            options["secret_key"] = unquote(parts.password or "")
        options["bucket_name"] = parts.path.strip("/")
        options.setdefault("querystring_auth", False)
        options.setdefault("file_overwrite", False)
        if not options["bucket_name"]:
            raise ImproperlyConfigured("STORAGE_URL names no bucket: s3://KEY:SECRET@HOST/BUCKET")
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    if parts.scheme == "gs":
        options |= {"bucket_name": parts.hostname or "", "file_overwrite": False}
        options.setdefault("querystring_auth", False)
        return {"BACKEND": "storages.backends.gcloud.GoogleCloudStorage", "OPTIONS": options}
    raise ImproperlyConfigured(
        f"STORAGE_URL begins with {parts.scheme or 'nothing'}: use file:///path, s3://KEY:SECRET@HOST/BUCKET or gs://BUCKET."
    )


def task_options(url: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Return TASKS, RQ_QUEUES and further apps for TASKS_URL: empty for the database, or redis://, rediss://, unix://.

    Without the Python packages for Redis these are the ones of the database, and a check refuses to start. Raises
    ImproperlyConfigured for other addresses.
    """
    database: dict[str, Any] = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    if not url:
        return database, {}, []
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"} or not (parts.hostname or parts.path):
        raise ImproperlyConfigured(
            "TASKS_URL must be redis://HOST:6379/0, or empty for a queue in the database."
        )
    if not has_redis_queue():
        return database, {}, []
    # A Redis that does not answer must not keep a page waiting: the nudge is lost, and workers look by themselves.
    patience = {"socket_connect_timeout": "2", "socket_timeout": "5"}
    query = urlencode(patience | dict(parse_qsl(parts.query)))
    queues = {"default": {"URL": parts._replace(query=query).geturl()}}
    return {"default": {"BACKEND": "django_tasks_rq.RQBackend"}}, queues, ["django_rq"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginProvider:
    """An identity provider of LOGIN_PROVIDERS.

    `audience` is what its tokens for programs call this server, `client_id` what those for browsers do: empty where the
    one or the other is not offered. `jwks_url` is where its keys are, empty where it says so itself (OpenID Connect
    Discovery). `domains`, folded, are those that it speaks for; none: any.
    """

    issuer: str
    name: str
    audience: str = ""
    jwks_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    domains: tuple[str, ...] = ()


def login_providers(text: str) -> tuple[list[LoginProvider], list[str]]:
    """Return the providers of LOGIN_PROVIDERS, and what is wrong with it, in sentences.

    Where something is wrong there are no providers at all, so that half a setting lets nobody in; a check tells of it.
    """
    try:
        rows = json.loads(text) if text.strip() else []
    except ValueError as error:
        return [], [f"It is not JSON: {error}."]
    if not isinstance(rows, list):
        return [], ["It is no list."]
    faults = [
        f"Entry {number} {fault}." for number, row in enumerate(rows, 1) for fault in _provider_faults(row)
    ]
    if faults:
        return [], faults
    issuers = [row["issuer"] for row in rows]
    twice = sorted({issuer for issuer in issuers if issuers.count(issuer) > 1})
    if twice:
        return [], [f"{issuer} is there more than once." for issuer in twice]
    return [_provider(row) for row in rows], []


def _provider(row: Mapping[str, Any]) -> LoginProvider:
    domains = tuple(domain.casefold().lstrip("@") for domain in row.get("domains", []))
    name = row.get("name") or urlsplit(row["issuer"]).hostname
    return LoginProvider(**{**row, "name": name, "domains": domains})


def _provider_faults(row: object) -> Iterator[str]:
    """Say what is wrong with an entry of LOGIN_PROVIDERS, as ends of sentences. Values are not repeated: one is secret."""
    if not isinstance(row, dict):
        yield "is no object"
        return
    names = {one.name for one in fields(LoginProvider)}
    if unknown := sorted(set(row) - names):
        yield f"has {', '.join(unknown)}, which is not known: it may have {', '.join(sorted(names))}"
    texts = {name: row.get(name, "") for name in names - {"domains"}}
    if wrong := sorted(name for name, value in texts.items() if not isinstance(value, str)):
        yield f"has a value that is no text: {', '.join(wrong)}"
        return
    domains = row.get("domains", [])
    if not isinstance(domains, list) or not all(isinstance(domain, str) and domain for domain in domains):
        yield "has domains that are no list of domains"
    if not _is_issuer(texts["issuer"]):
        yield "needs an issuer that is an address with https, such as https://id.example.org"
    if texts["jwks_url"] and not re.fullmatch(r"https?://\S+", texts["jwks_url"]):
        yield "has a jwks_url that is no web address"
    if not (texts["audience"] or texts["client_id"]):
        yield "needs an audience (for programs), a client_id (for browsers), or both"
    if texts["client_secret"] and not texts["client_id"]:
        yield "has a client_secret without a client_id"


def _is_issuer(text: str) -> bool:
    """Whether a text can be an issuer (OpenID Connect Core 1.0, section 2): https, or on this machine, without a query."""
    try:
        parts = urlsplit(text)
        is_local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    except ValueError:
        return False
    is_plain = len(text) <= 500 and not (
        parts.query or parts.fragment or parts.username or re.search(r"\s", text)
    )
    return (
        is_plain
        and bool(parts.hostname)
        and (parts.scheme == "https" or (parts.scheme == "http" and is_local))
    )


def has_redis_queue() -> bool:
    """Return whether the Python packages for a queue in Redis are installed."""
    return all(importlib.util.find_spec(name) for name in ("django_tasks_rq", "django_rq", "rq", "redis"))


def public_url(text: str) -> str:
    """Return PUBLIC_URL without a trailing slash; raise ImproperlyConfigured unless it is scheme and host alone.

    Badges carry this address for ever, and did:web is made of its host: a path would make both ambiguous.
    """
    url = text.rstrip("/")
    if not re.fullmatch(r"https?://[A-Za-z0-9.\-\[\]:]+", url):
        raise ImproperlyConfigured(
            f"PUBLIC_URL must be like https://badges.example.org, without a path: {text!r}"
        )
    return url
