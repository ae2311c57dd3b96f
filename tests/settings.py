"""The settings of the tests: the product's own, with made-up secrets, quick hashes, mail and pictures in memory."""

import os
import tempfile

from cryptography.fernet import Fernet

# Set before the settings are read, whatever the shell has: a test must not touch a person's data.
os.environ |= {
    "SECRET_KEY": "a key for tests, long enough that Django does not warn of it: 0123456789",
    "KEY_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "BADGEKIT_MASTER_SECRET": "a master secret for tests, of at least 32 characters",
    "PUBLIC_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "DATA_DIR": tempfile.mkdtemp(prefix="laurel-tests-"),
}

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES |= {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Races are run with threads, and SQLite in memory is not what people run on: a file, with WAL as in the product.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(os.environ["DATA_DIR"], "test.sqlite3")}  # noqa: PTH118

STATIC_ROOT.mkdir()  # noqa: F405  the static files' middleware warns of a folder that is missing
