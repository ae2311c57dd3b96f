"""The cast: acme and globex; alice owns acme, bob issues for it, charlie belongs to nobody. And what every test runs on."""

import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connection
from django.utils import translation
from pytest_django import DjangoDbBlocker, Settings

from badges.models import Badge, BadgeTemplate
from organizations.enums import ApiScope, Role
from organizations.models import Organization, System, User
from organizations.services import rates
from tests import factories
from tests.flushing import make_throwaway_database_quick
from tests.things import Things, things_of

# What says the same whatever the database, though it asks one. What may ask none is found by itself.
ANY_DATABASE = (
    *("badges/credentials", "earners/files", "organizations/test_pictures.py"),
    *("organizations/test_rasterising.py", "organizations/test_richtext.py", "organizations/test_svg.py"),
    *("config/test_access_log.py", "config/test_bootstrap.py", "config/test_checks.py", "config/test_env.py"),
    *("config/test_api_issuer_fields.py", "config/test_api_issuer_pages.py", "config/test_masking.py"),
    *("config/test_api_issuer_parsing.py", "config/test_api_issuer_views.py", "config/test_first_start.py"),
    *("badges/test_designing.py", "badges/test_manage_pictures.py", "badges/test_views_sharing_pictures.py"),
    *("badges/test_api_issuer_template_pictures.py", "config/test_worker.py"),
    *("config/test_admin.py", "config/test_api_json_bodies.py", "seeds/", "test_access.py"),
    *("test_manage_access.py", "test_architecture.py", "test_docs.py"),
    *("test_theme.py", "test_translations.py"),
)


NEARLY_OVER = 6.0  # seconds: more than a test takes that counts tries, on a busy machine too
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}
COUNTING_QUERIES = {"django_assert_num_queries", "django_assert_max_num_queries"}

# How long an example takes says how busy the machine is, and nothing of what is tested.
hypothesis.settings.register_profile(
    "laurel", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("laurel")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what need not run on every database."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix().startswith(ANY_DATABASE) or not asks_database(item):
            item.add_marker("any_database")


def asks_database(item: pytest.Item) -> bool:
    """Whether a test may ask the database: pytest-django refuses it to one without this marker or such a fixture."""
    fixtures = getattr(item, "fixturenames", ())
    return item.get_closest_marker("django_db") is not None or not DATABASE_FIXTURES.isdisjoint(fixtures)


def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Fail a test that comes by a database in a way that was not seen when it was marked: it would run on one alone."""
    if (
        fixturedef.argname in DATABASE_FIXTURES
        and isinstance(request.node, pytest.Item)
        and not asks_database(request.node)
    ):
        pytest.fail(
            "Name the fixture `db` among the arguments of this test, so that it runs on every database."
        )


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lives as long as the run: it went through all of it every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_sessionfinish() -> None:
    """Let the last collection see everything: what was not closed is an error."""
    gc.unfreeze()


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"database: {connection.vendor}"


@pytest.fixture(scope="session", autouse=True)
def right_database() -> None:
    """Fail when the tests run on another database than the one that was asked for."""
    wanted = os.environ.get("LAUREL_TEST_VENDOR", connection.vendor)
    assert connection.vendor == wanted, f"asked to test on {wanted}, running on {connection.vendor}"


@pytest.fixture(autouse=True)
def middle_of_ten_minutes() -> None:
    """Begin no test in the last seconds of ten minutes: tries are counted anew in the next ones, in which it would end."""
    wait_for_the_next(600)


@pytest.fixture
def middle_of_a_minute() -> None:
    """For tests that count requests, whose limit is for a minute: in the next one an API's first request asks once more."""
    rates._leases.clear()
    wait_for_the_next(60)


@pytest.fixture(autouse=True)
def queries_of_one_minute(request: pytest.FixtureRequest) -> None:
    """Let tests that count queries be such ones, without what another test's requests left behind."""
    if not COUNTING_QUERIES.isdisjoint(request.fixturenames):
        request.getfixturevalue("middle_of_a_minute")


def wait_for_the_next(seconds: int) -> None:
    """Sleep while a window of so many seconds is about to end."""
    if (left := seconds - time.time() % seconds) < NEARLY_OVER:
        time.sleep(left)


@pytest.fixture(autouse=True)
def default_language() -> None:
    """Begin every test in the default language: a request to the test client leaves its own behind in the thread."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of pytest-django, made quick where it may be."""
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            make_throwaway_database_quick(patch)
        yield


@pytest.fixture
def secure(settings: Settings) -> Settings:
    """A server that is published under https, so that organizations issue as did:web."""
    settings.PUBLIC_URL = "https://badges.example.org"
    settings.IS_SECURE = True
    settings.ALLOWED_HOSTS = ["badges.example.org"]
    return settings


@pytest.fixture
def system(db: None) -> System:
    """The system that acme and globex belong to."""
    return factories.SystemFactory.create(slug="main", name="Main")


@pytest.fixture
def acme(system: System) -> Organization:
    """The organization of alice and bob."""
    return factories.OrganizationFactory.create(system=system, slug="acme", name="Acme Academy")


@pytest.fixture
def globex(system: System) -> Organization:
    """Another organization of the same system, none of acme's business."""
    return factories.OrganizationFactory.create(system=system, slug="globex", name="Globex College")


@pytest.fixture
def alice(acme: Organization) -> User:
    """Owner of acme."""
    return factories.member(acme, Role.OWNER, "alice@acme.example", first_name="Alice")


@pytest.fixture
def bob(acme: Organization) -> User:
    """Issuer of acme."""
    return factories.member(acme, Role.ISSUER, "bob@acme.example", first_name="Bob")


@pytest.fixture
def charlie(db: None) -> User:
    """A user who is a member of nothing."""
    return factories.UserFactory.create(email="charlie@elsewhere.example", first_name="Charlie")


@pytest.fixture
def staff(db: None) -> User:
    """A superuser."""
    return factories.UserFactory.create(email="staff@server.example", is_staff=True, is_superuser=True)


@pytest.fixture
def template(acme: Organization) -> BadgeTemplate:
    """A template of acme's that badges can be issued from."""
    return factories.template(acme)


@pytest.fixture
def badge(template: BadgeTemplate) -> Badge:
    """A badge of acme's, issued to ada@example.org."""
    return factories.badge(template)


@pytest.fixture
def acme_key(acme: Organization) -> str:
    """An API key of acme's that may do everything, as text."""
    return factories.api_key(acme, *ApiScope)[1]


@pytest.fixture
def things(acme: Organization, alice: User, template: BadgeTemplate, badge: Badge) -> Things:
    """One of each thing of acme's that a route may name."""
    return things_of(acme, alice, template, badge)


@pytest.fixture
def data_dir(tmp_path: Path, settings: Settings) -> Path:
    """An empty DATA_DIR."""
    settings.DATA_DIR = tmp_path
    return tmp_path
