"""All settings, read from the environment (config/env.py), safe when nothing is set."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.env import BASE_DIR, environment, login_providers, public_url, storage_options, task_options

# Django's forms and admin classes take type arguments in their stubs only; this lets them at run time too.
django_stubs_ext.monkeypatch()

env = environment()

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. To try Laurel, run `make demo`. For a server, set it in the environment or in settings.env"
        " in DATA_DIR, to what this prints: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

# Addresses: what is published under PUBLIC_URL stays valid for as long as a badge lives.
PUBLIC_URL = public_url(env.str("PUBLIC_URL", default="http://127.0.0.1:8000"))
_public = urlsplit(PUBLIC_URL)
IS_SECURE = _public.scheme == "https"
_is_local = _public.hostname in {"127.0.0.1", "localhost", "::1"}
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if _is_local else [_public.hostname or ""]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

# What Laurel itself is told
CREDITS = env.str("CREDITS", default="counted")
KEY_ENCRYPTION_KEYS = env.list("KEY_ENCRYPTION_KEYS", default=[])
BADGEKIT_MASTER_SECRET = env.str("BADGEKIT_MASTER_SECRET", default="")
FOREIGN_BADGE_HOSTS = [host.lower() for host in env.list("FOREIGN_BADGE_HOSTS", default=[])]
SIGN_UP = env.str("SIGN_UP", default="first")
LOGIN_PROVIDERS, LOGIN_PROVIDER_FAULTS = login_providers(env.str("LOGIN_PROVIDERS", default=""))
PRIVATE_HOSTS = [host.lower() for host in env.list("PRIVATE_HOSTS", default=[])]
CLAIM_CODE_LENGTH = env.int("CLAIM_CODE_LENGTH", default=10)
WEB_WORKERS = env.int("WEB_WORKERS", default=0)
WEB_THREADS = env.int("WEB_THREADS", default=4)

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "organizations",
    "earners",
    "badges",
    "claimcodes",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "corsheaders",
    "csp",
    "django_filters",
    "django_tasks",
    "django_tasks_db",
    "drf_spectacular",
    "rest_framework",
]

MIDDLEWARE = [
    "config.head_answers.without_body_for_head",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "config.middleware.PolicyMiddleware",
    "config.middleware.BrowserSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.BrowserAuthenticationMiddleware",
    "config.middleware.BrowserMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Database: persistent connections are the largest single switch (docs/benchmarks.md); SQLite takes its write lock at BEGIN,
# so that no transaction fails half way for want of it.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'laurel.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 600
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA cache_size=-16000;",
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    DATABASES["default"]["OPTIONS"] = {"server_side_binding": True, "prepare_threshold": 5} | DATABASES[
        "default"
    ].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": env.cache_url("CACHE_URL", default="dbcache://laurel_cache")}
if not CACHES["default"]["BACKEND"].endswith("RedisCache"):
    # Django drops entries above 300: a flood of wrong codes would wipe out the brakes on codes and on signing in.
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 100_000} | CACHES["default"].get("OPTIONS", {})

STORAGES = {
    "default": storage_options(env.str("STORAGE_URL", default=""), DATA_DIR / "media"),
    "staticfiles": {"BACKEND": "config.static_files.StaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000  # the editor of a badge template sends three lists of 100 rows

# Background work: a queue that tells workers what to look at, in the database or in Redis (config/queues).
TASKS_URL = env.str("TASKS_URL", default="")
TASKS, RQ_QUEUES, _apps_of_queue = task_options(TASKS_URL)
INSTALLED_APPS += _apps_of_queue

# Mail
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"badges@{_public.hostname}")

# Signing in is by e-mail and password, slowed after wrong tries in the cache. Signing up: organizations.services.sign_up.
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "organizations.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # confirmed on the way in: by invitation, by the link of signing up
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key"}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/manage"

# The APIs
API_RATE_LIMIT = env.int("API_RATE_LIMIT", default=600)
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/(api|systems)/"
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "Idempotent-Replayed",
]
CORS_ALLOW_HEADERS = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
]
REST_FRAMEWORK: dict[str, object] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],  # each dialect has its own
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_SCHEMA_CLASS": "config.api.openapi_schema.LaurelSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, object] = {
    "TITLE": "Laurel",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": r"/(?:api/v[0-9]+|systems)",
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "POSTPROCESSING_HOOKS": [],  # enumerations stand where they are used
    "ENABLE_DJANGO_DEPLOY_CHECK": False,  # the document has a test of its own
    "SERVE_INCLUDE_SCHEMA": False,
}

# Language and time: instants are kept in UTC; an organization has a time zone of its own.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = IS_SECURE
LANGUAGES = [("en", "English"), ("it", "Italiano")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
TIME_ZONE = "UTC"
ORGANIZATION_TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True

# Security
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_SECURE
SECURE_REDIRECT_EXEMPT = [r"^health$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # other services of the same domain are not ours to decide about
SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # subdomains: see above
    "security.W021",  # preload: likewise
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"masked_paths": {"()": "config.masking.MaskedPaths"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["masked_paths"],
            "stream": sys.stderr,
        }
    },
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "fido2": {"level": "WARNING"},  # else each passkey's id is logged when it is used
    },
}
