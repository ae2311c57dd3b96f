"""Many at once: limits, credits, unique badges and counts come out exact, on every database."""

import json

import pytest
from pytest_django import Settings

from badges.credentials import status
from badges.models import Badge, BadgeDocument, StatusList
from badges.services.counters import recount
from badges.services.issuing import issue_badge
from badges.services.revoking import revoke_badge
from badges.services.templates import update_template
from earners.models import Earner
from earners.services import Person
from organizations.models import Message, Organization
from organizations.services.wallet import add_credits
from tests import factories
from tests.racing import kinds, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def acme() -> Organization:
    """The organization of these races, committed."""
    return factories.OrganizationFactory.create(slug="acme")


def test_race_for_a_limit_gives_exactly_as_many(acme: Organization) -> None:
    template = factories.template(acme, limit=5)

    answers = race(lambda number: factories.badge(template, f"earner{number}@example.org"), times=16)

    assert kinds(answers) == {"Badge": 5, "LimitReached": 11}
    template.refresh_from_db()
    assert (Badge.objects.count(), BadgeDocument.objects.count(), Message.objects.count()) == (5, 5, 5)
    assert template.badges_count == 5
    assert not any(recount().values())


def test_race_for_credits_spends_each_once(acme: Organization, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=5, description="five", by=None)
    template = factories.template(acme)

    answers = race(lambda number: factories.badge(template, f"earner{number}@example.org"), times=16)

    assert kinds(answers) == {"Badge": 5, "NotEnoughCredits": 11}
    acme.refresh_from_db()
    assert (acme.credits_left, acme.badges_count) == (0, 5)
    assert not any(recount().values())


def test_race_for_a_unique_badge_gives_one(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)

    answers = race(
        lambda number: issue_badge(
            template=template,
            person=Person(email="ada@example.org" if number % 2 else "ADA@example.org"),
            by=None,
        ),
        times=12,
    )

    assert kinds(answers) == {"Badge": 1, "BadgeAlreadyHeld": 11}
    assert (Badge.objects.count(), Earner.objects.count()) == (1, 1)
    assert not any(recount().values())


def test_race_of_two_templates_for_one_new_earner_adds_one_earner(acme: Organization) -> None:
    templates = [factories.template(acme), factories.template(acme)]

    answers = race(lambda number: factories.badge(templates[number % 2]), times=12)

    assert kinds(answers) == {"Badge": 12}
    assert Earner.objects.count() == 1
    assert not any(recount().values())


def test_race_gives_every_badge_its_own_place_in_one_list(acme: Organization) -> None:
    template = factories.template(acme)

    race(lambda number: factories.badge(template, f"earner{number}@example.org"), times=12)

    assert StatusList.objects.count() == 1
    assert len(set(Badge.objects.values_list("status_index", flat=True))) == 12


def test_race_of_revocations_loses_none(acme: Organization) -> None:
    template = factories.template(acme)
    badges = [factories.badge(template, f"earner{number}@example.org") for number in range(8)]

    answers = race(
        lambda number: revoke_badge(badge=badges[number // 2], reason="Mistake", by=None), times=16
    )

    assert kinds(answers) == {"Badge": 8, "AlreadyRevoked": 8}
    document = json.loads(StatusList.objects.get().body)
    revoked = status.decode(document["credentialSubject"]["encodedList"]).indices()
    assert revoked == sorted(badge.status_index or 0 for badge in Badge.objects.revoked())
    assert len(revoked) == 8
    assert not any(recount().values())


def test_race_of_issuing_and_editing_pins_each_badge_to_what_it_says(acme: Organization) -> None:
    template = factories.template(acme)

    def act(number: int) -> object:
        if number % 4 == 0:
            return update_template(template=template, fields={"title": f"Title {number}"}, by=None)
        return factories.badge(template, f"earner{number}@example.org")

    answers = race(act, times=16)

    assert kinds(answers) == {"Badge": 12, "BadgeTemplate": 4}
    for badge in Badge.objects.select_related("version"):
        document = json.loads(badge.documents.get().body)
        assert document["name"] == badge.version.title
        assert document["credentialSubject"]["achievement"]["id"] == badge.version.public_url
