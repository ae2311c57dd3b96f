"""Requests that are made again get the answer of the first time, and nothing is done twice."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from config.exceptions import InvalidInput
from organizations.exceptions import IdempotencyConflict
from organizations.models import IdempotentRequest, Organization, Program
from organizations.services.idempotency import Answer, answer_once
from organizations.services.rates import prune_requests
from tests import factories
from tests.racing import kinds, race


def act_for(organization: Organization, name: str = "made") -> Answer:
    """Do something that can be counted."""
    Program.objects.create(organization=organization, slug=f"p{Program.objects.count()}", name=name)
    return 201, f'{{"name":"{name}"}}'


def once(organization: Organization, *, key: str = "k", fingerprint: str = "f") -> tuple[Answer, bool]:
    return answer_once(
        organization=organization, key=key, fingerprint=fingerprint, act=lambda: act_for(organization)
    )


def test_second_request_gets_the_first_answer(acme: Organization) -> None:
    answer = (201, '{"name":"made"}')

    assert [once(acme) for _time in range(3)] == [(answer, False), (answer, True), (answer, True)]
    assert Program.objects.count() == 1


def test_key_is_of_one_request(acme: Organization) -> None:
    once(acme)

    with pytest.raises(IdempotencyConflict):
        once(acme, fingerprint="other")

    assert Program.objects.count() == 1


def test_keys_and_organizations_are_apart(acme: Organization, globex: Organization) -> None:
    assert [once(acme)[1], once(acme, key="l")[1], once(globex)[1], once(globex, fingerprint="f")[1]] == [
        False,
        False,
        False,
        True,
    ]
    assert Program.objects.count() == 3


def test_refused_request_leaves_its_key_free(acme: Organization) -> None:
    def refuse() -> Answer:
        act_for(acme)
        raise InvalidInput("No.")

    with pytest.raises(InvalidInput):
        answer_once(organization=acme, key="k", fingerprint="f", act=refuse)

    assert (Program.objects.count(), IdempotentRequest.objects.count()) == (0, 0)
    assert once(acme)[1] is False


def test_key_is_kept_for_24_hours(acme: Organization) -> None:
    once(acme)
    row = IdempotentRequest.objects.all()

    row.update(created_at=timezone.now() - timedelta(hours=23, minutes=59))
    assert once(acme)[1] is True
    assert prune_requests() == 0
    row.update(created_at=timezone.now() - timedelta(hours=24, seconds=1))

    assert once(acme, fingerprint="other")[1] is False
    assert Program.objects.count() == 2


def test_old_keys_are_pruned(acme: Organization) -> None:
    once(acme)
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert prune_requests() == 1
    assert not IdempotentRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_requests_at_once_are_done_once() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")

    answers = race(lambda number: once(acme), times=16)

    assert kinds(answers) == {"tuple": 16}
    assert {answer[0] for answer in answers if isinstance(answer, tuple)} == {(201, '{"name":"made"}')}
    assert sum(not answer[1] for answer in answers if isinstance(answer, tuple)) == 1
    assert Program.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_refused_first_request_lets_the_next_one_try() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")

    def act(number: int) -> tuple[Answer, bool]:
        def refuse() -> Answer:
            raise InvalidInput("No.")

        return answer_once(
            organization=acme, key="k", fingerprint="f", act=refuse if number % 2 else lambda: act_for(acme)
        )

    answers = race(act, times=12)

    assert Program.objects.count() == 1
    done = [answer for answer in answers if isinstance(answer, tuple)]
    assert sum(not is_replayed for _answer, is_replayed in done) == 1
    # Whoever came after the one that was done got its answer, whoever came before was refused and left nothing.
    assert set(kinds(answers)) <= {"tuple", "InvalidInput"}


@pytest.mark.django_db(transaction=True)
def test_process_that_dies_in_the_middle_leaves_the_key_free() -> None:
    acme = factories.OrganizationFactory.create(slug="acme")

    def die() -> Answer:
        act_for(acme)
        connection.connection.close()  # as when the process is killed: nobody says rollback
        raise ConnectionError

    with pytest.raises(Exception), transaction.atomic():  # noqa: B017, PT011  # whatever the driver says
        answer_once(organization=acme, key="k", fingerprint="f", act=die)
    connection.close()

    assert (Program.objects.count(), IdempotentRequest.objects.count()) == (0, 0)
    assert once(acme)[1] is False
