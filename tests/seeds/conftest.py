"""The demo, filled once, and who calls on it: what the examples of the seeds are replayed on."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from config.demo import fill
from tests.api import Api
from tests.badgekit import BadgekitClient
from tests.seeds.comparing import Notes


@pytest.fixture(scope="package")
def filled(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Notes]:
    """The demo, filled once for this folder; the database is as it was afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill()
        transaction.set_rollback(True)


@pytest.fixture
def demo(filled: Notes, db: None) -> Notes:
    """What the demo printed. What a test changes is gone after it."""
    return filled


@pytest.fixture
def issuer(demo: Notes) -> Api:
    """A program of the demo's academy."""
    return Api(demo["api_key"])


@pytest.fixture
def badgekit(demo: Notes) -> BadgekitClient:
    """A client of BadgeKit in the demo's system."""
    return BadgekitClient(demo["badgekit"]["key"], demo["badgekit"]["secret"])
