"""The environment: every setting that an administrator can make, where it is read from, and what it means."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

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
    Setting("EMAIL_URL", "The mail server", "mails become files in DATA_DIR/mail", is_secret=True),
    Setting("DEFAULT_FROM_EMAIL", "The sender of mails", "badges@ the host of PUBLIC_URL"),
    Setting("CREDITS", "`counted` or `enforced`", "counted"),
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
