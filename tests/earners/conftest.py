"""Lists of earners that tests begin with."""

import pytest

from earners.models import EarnersList
from earners.services import ListedPerson, Person, create_list
from organizations.models import Organization
from tests.api import Api


@pytest.fixture
def api(acme_key: str) -> Api:
    """A client with a key of acme's that may do everything."""
    return Api(acme_key)


@pytest.fixture
def listed(acme: Organization) -> EarnersList:
    """A list of acme's with Ada and Grace."""
    people = [
        ListedPerson(email="ada@example.org", first_name="Ada", last_name="Lovelace", metadata={"Mark": 4}),
        ListedPerson(email="grace@example.org", first_name="Grace", last_name="Hopper"),
    ]
    return create_list(
        organization=acme, name="Class", description="Facilitated in Paris", people=people, by=None
    )


@pytest.fixture
def foreign(globex: Organization) -> EarnersList:
    """A list of globex's with one earner, who could leak."""
    return create_list(
        organization=globex, name="Secret", people=[Person(email="mole@globex.example")], by=None
    )
