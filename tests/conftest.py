"""The cast: acme and globex; alice owns acme, bob issues for it, charlie belongs to nobody. And what every test runs on."""

import os
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate
from organizations.enums import ApiScope, Role
from organizations.models import Organization, System, User
from tests import factories


def pytest_report_header() -> str:
    """Say which database the tests run on."""
    return f"database: {connection.vendor}"


@pytest.fixture(scope="session", autouse=True)
def right_database() -> None:
    """Fail when the tests run on another database than the one that was asked for."""
    wanted = os.environ.get("LAUREL_TEST_VENDOR", connection.vendor)
    assert connection.vendor == wanted, f"asked to test on {wanted}, running on {connection.vendor}"


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
def data_dir(tmp_path: Path, settings: Settings) -> Path:
    """An empty DATA_DIR."""
    settings.DATA_DIR = tmp_path
    return tmp_path
