"""Static files for production: collected when they changed, not at every start."""

import contextlib
import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import brotli
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from config import first_start

QUALITY = 9  # of Brotli; 11 saves a tenth more and takes twelve times as long, at the first start of every installation


class QuickCompressor(Compressor):  # type: ignore[misc]  # WhiteNoise ships no types
    """Compresses so that a first start does not wait for it."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """Return the content as Brotli has it."""
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # the same
    """Static files under names of their content, compressed."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        """Return what compresses them."""
        return QuickCompressor(**kwargs)


def collect_static_files() -> bool:
    """Collect and compress all static files into STATIC_ROOT; False when they are there as they should be.

    What is there is known by a fingerprint beside the folder. Of several processes that start at once one
    collects, the others wait.
    """
    root = Path(settings.STATIC_ROOT)
    fingerprint_file = root.with_name(f"{root.name}.fingerprint")
    wanted = fingerprint()
    with first_start.alone("static"):
        with contextlib.suppress(OSError):
            if fingerprint_file.read_text() == wanted and root.is_dir():
                return False
        fingerprint_file.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=StringIO())
        fingerprint_file.write_text(wanted)
    return True


def fingerprint() -> str:
    """Return the digest of the names and contents of all static files, and of what turns them into others."""
    storage = settings.STORAGES["staticfiles"]["BACKEND"]
    digest = hashlib.sha256(f"{storage} {version('django')} {version('whitenoise')}".encode())
    for name, content in sorted(source_files()):
        digest.update(f"\n{name} {hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()


def source_files() -> Iterator[tuple[str, bytes]]:
    """Yield the name and the content of each static file of the project and of the installed applications."""
    for finder in get_finders():
        for name, storage in finder.list([]):
            yield name, Path(storage.path(name)).read_bytes()
