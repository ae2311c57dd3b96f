"""The real application is started for conformance tests, and nothing of it stays behind."""

import urllib.error
from pathlib import Path

import pytest

from tests.conformance.authority import Authority
from tests.conformance.server import Application, ApplicationNotRunningError, running_application

PUBLIC_URL = (
    "from django.conf import settings; print(settings.PUBLIC_URL, settings.DATABASES['default']['NAME'])"
)


def settled(application: Application) -> list[str]:
    return application.manage("shell", "--no-imports", "--command", PUBLIC_URL).split()


def test_application_over_https_knows_its_address(application_over_https: Application) -> None:
    database = application_over_https.folder / "laurel.sqlite3"

    assert application_over_https.url.startswith("https://localhost:")
    assert settled(application_over_https) == [application_over_https.url, str(database)]
    assert database.is_file()


def test_application_answers_until_it_is_stopped(tmp_path: Path) -> None:
    with running_application(tmp_path) as application:
        assert application.url.startswith("http://127.0.0.1:")
        assert settled(application) == [application.url, str(tmp_path / "laurel.sqlite3")]
        with pytest.raises(urllib.error.HTTPError) as refusal:
            application.get("/no/such/page")
        refusal.value.close()

    with pytest.raises(urllib.error.URLError, match="refused"):
        application.get("/no/such/page")
    assert refusal.value.code == 404


def test_application_that_cannot_start_says_why(tmp_path: Path, authority: Authority) -> None:
    nowhere = {"DATABASE_URL": f"sqlite:///{tmp_path / 'no' / 'folder.sqlite3'}"}

    with (
        pytest.raises(
            ApplicationNotRunningError, match=r"manage\.py migrate --verbosity=0 failed:[^$]*unable to open"
        ),
        running_application(tmp_path, authority=authority, environment=nowhere),
    ):
        pytest.fail("it started")
