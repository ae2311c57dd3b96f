"""Lists of earners as the services change them, several at once too."""

import pytest

from badges.services.batches import create_batch
from config.exceptions import InvalidInput
from earners.enums import ListStatus
from earners.files import read_earners
from earners.models import Earner, EarnersList
from earners.services import (
    ListedPerson,
    Person,
    change_membership,
    create_list,
    delete_list,
    import_earners,
    put_on_list,
    remove_from_list,
    update_list,
)
from tests import factories
from tests.earners.membership_counts import counts
from tests.racing import kinds, race

CLASS = b"Email\nalan@example.org\n"


def test_disabled_list_is_issued_to_nobody(listed: EarnersList) -> None:
    template = factories.template(listed.organization)
    update_list(earners_list=listed, fields={"status": ListStatus.DISABLED}, by=None)
    listed.refresh_from_db()

    with pytest.raises(InvalidInput, match="disabled") as refusal:
        create_batch(template=template, earners_list=listed, by=None)
    assert refusal.value.field == "earners_list_id"

    listed = update_list(earners_list=listed, fields={"status": ListStatus.ENABLED}, by=None)
    assert create_batch(template=template, earners_list=listed, by=None).total == 2


@pytest.mark.django_db(transaction=True)
def test_race_of_lists_makes_each_earner_once() -> None:
    acme = factories.OrganizationFactory.create()
    people = [Person(email=f"p{number}@example.org") for number in range(60)]

    lists = race(
        lambda number: create_list(organization=acme, name=f"{number}", people=people, by=None), times=4
    )

    assert kinds(lists) == {"EarnersList": 4}
    assert list(EarnersList.objects.values_list("earners_count", flat=True)) == [60] * 4
    acme.refresh_from_db()
    assert (acme.earners_count, Earner.objects.count()) == (60, 60)


def test_delete_list_that_is_gone_changes_nothing(listed: EarnersList) -> None:
    delete_list(earners_list=listed, by=None)

    delete_list(earners_list=listed, by=None)

    with pytest.raises(EarnersList.DoesNotExist):
        update_list(earners_list=listed, fields={"name": "x"}, by=None)


def test_import_into_a_list_that_was_deleted_meanwhile(listed: EarnersList) -> None:
    delete_list(earners_list=listed, by=None)

    with pytest.raises(EarnersList.DoesNotExist):
        put_on_list(earners_list=listed, people=[Person(email="new@example.org")], by=None)
    with pytest.raises(EarnersList.DoesNotExist):
        import_earners(
            organization=listed.organization, file=read_earners(CLASS), earners_list=listed, by=None
        )
    assert not Earner.objects.filter(email__in=["new@example.org", "alan@example.org"]).exists()


def test_list_that_says_no_name_takes_nobodys_away(listed: EarnersList) -> None:
    other = create_list(
        organization=listed.organization, name="Other", people=[Person(email="ada@example.org")], by=None
    )

    put_on_list(
        earners_list=other, people=[ListedPerson(email="ada@example.org", metadata={"Room": 1})], by=None
    )
    change_membership(membership=other.memberships.get(), fields={"first_name": ""}, by=None)

    assert Earner.objects.get(email="ada@example.org").first_name == "Ada"


@pytest.mark.django_db(transaction=True)
def test_race_for_one_address_leaves_it_with_one_earner() -> None:
    acme = factories.OrganizationFactory.create()
    people = [Person(email=f"p{number}@example.org") for number in range(4)]
    made = create_list(organization=acme, name="Class", people=people, by=None)
    rows = list(made.memberships.select_related("earners_list__organization"))

    answers = race(
        lambda number: change_membership(
            membership=rows[number], fields={"email": "free@example.org"}, by=None
        ),
        times=4,
    )

    assert kinds(answers) == {"ListMembership": 1, "InvalidInput": 3}
    assert Earner.objects.filter(email_key="free@example.org").count() == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_adding_and_removing_keeps_the_counters() -> None:
    acme = factories.OrganizationFactory.create()
    made = create_list(
        organization=acme,
        name="Class",
        people=[Person(email=f"p{number}@example.org") for number in range(6)],
        by=None,
    )
    rows = list(made.memberships.select_related("earners_list__organization"))
    new = [Person(email=f"new{number}@example.org") for number in range(5)]

    def act(number: int) -> object:
        if number % 2:
            return put_on_list(earners_list=made, people=new, by=None)
        remove_from_list(membership=rows[number // 4], by=None)
        return None

    race(act, times=8)

    # Rows 0 and 1 were removed twice each, the five came once.
    assert counts(made) == (9, 9, 11)
