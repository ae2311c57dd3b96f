"""The commands of badges: issuing to a list from its file on, going on after a kill, status lists; refusals in one line."""

import time
from pathlib import Path

import pytest
from pytest_django import Settings

from badges.enums import BatchState
from badges.models import Badge, BadgeTemplate, Batch, StatusList
from badges.services.batches import create_batch, run_batch
from badges.services.counters import recount
from badges.services.templates import archive_template
from earners.models import EarnersList
from earners.services import Person, add_earners, create_list
from organizations.models import Message, Organization
from tests import factories
from tests.commands import answered, refused, told
from tests.processes import start


def listed(organization: Organization, count: int, *, name: str = "Class") -> EarnersList:
    """Return a list of that many earners."""
    earners_list = create_list(organization=organization, name=name, by=None)
    people = [Person(email=f"earner{number}@example.org", first_name="E") for number in range(count)]
    for earner in add_earners(organization=organization, people=people).values():
        earners_list.memberships.create(earner=earner, first_name=earner.first_name)
    EarnersList.objects.filter(pk=earners_list.pk).update(earners_count=count)
    return earners_list


def test_issue_gives_the_badge_to_everybody_of_an_imported_file(
    template: BadgeTemplate, tmp_path: Path
) -> None:
    path = tmp_path / "class.csv"
    path.write_text("E-mail;Nome;Cognome\nada@example.org;Ada;Lovelace\ngrace@example.org;Grace;Hopper\n")
    told("import_earners", "acme", str(path), "--list=Class")

    values = answered("issue", template.slug, "--list=Class")

    badges = list(Badge.objects.order_by("pk"))
    assert values == {
        "batch": str(Batch.objects.get().uuid),
        "total": 2,
        "issued": 2,
        "failed": [],
        "badges": [{"id": str(badge.uuid), "email": badge.recipient_email} for badge in badges],
    }
    assert [badge.recipient_name for badge in badges] == ["Ada Lovelace", "Grace Hopper"]
    assert set(Message.objects.values_list("subject", "recipient")) == {
        (badge.uuid, badge.recipient_email) for badge in badges
    }


def test_issue_tells_people_who_was_left_out_and_why(acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    earners_list = listed(acme, 3)
    factories.badge(template, "earner1@example.org")

    lines = told("issue", str(template.uuid), f"--list={earners_list.uuid}", "--no-mail")

    assert lines == [
        "row 2: earner1@example.org:"
        " This earner has this badge already, and the template gives it only once.",
        "2 of 3 badges issued.",
    ]
    assert Badge.objects.count() == 3
    assert Message.objects.count() == 1, "the one of the badge from before"
    again = answered("issue", template.slug, "--list=Class")
    assert (again["issued"], again["badges"], len(again["failed"])) == (0, [], 3)
    assert set(again["failed"][0]) == {"row", "email", "code", "reason"}
    assert {row["code"] for row in again["failed"]} == {"badge_already_held"}


def test_issue_refuses_in_one_line_and_changes_nothing(template: BadgeTemplate, globex: Organization) -> None:
    listed(template.organization, 1)
    listed(globex, 1, name="Theirs")
    unknown = "11111111-1111-4111-8111-111111111111"

    assert [
        refused("issue"),
        refused("issue", template.slug),
        refused("issue", "absent", "--list=Class"),
        refused("issue", unknown, "--list=Class", "--json"),
        refused("issue", template.slug, "--list=Theirs"),
        refused("issue", "--resume", unknown),
        refused("issue", "--resume", "the last one"),
    ] == [
        "Name a template and a list: issue TEMPLATE --list NAME.",
        "Name a template and a list: issue TEMPLATE --list NAME.",
        f"No single template is called “absent”. There are: {template.slug}.",
        f"No single template is called “{unknown}”. There are: {template.slug}.",
        "No single list is called “Theirs”. There are: Class.",
        f"--resume: There is no batch “{unknown}”. Not finished are: none.",
        "--resume: There is no batch “the last one”. Not finished are: none.",
    ]
    assert (Batch.objects.count(), Badge.objects.count()) == (0, 0)


def test_issue_refuses_an_empty_list_and_an_archived_template(template: BadgeTemplate) -> None:
    listed(template.organization, 0)
    assert refused("issue", template.slug, "--list=Class") == "There is nobody to issue to."

    listed(template.organization, 1, name="One")
    archive_template(template=template, by=None)
    assert refused("issue", template.slug, "--list=One")

    assert (Batch.objects.count(), Badge.objects.count()) == (0, 0)


def test_issue_refuses_without_credits_for_all(template: BadgeTemplate, settings: Settings) -> None:
    settings.CREDITS = "enforced"
    listed(template.organization, 1)

    assert refused("issue", template.slug, "--list=Class") == (
        "There are not enough credits in the wallet. No badge was issued."
    )

    assert (Batch.objects.count(), Badge.objects.count()) == (0, 0)


def test_issue_resumes_a_batch_and_names_the_unfinished_ones(template: BadgeTemplate) -> None:
    batch = create_batch(template=template, earners_list=listed(template.organization, 2), by=None)
    assert refused("issue", "--resume=last").endswith(f"Not finished are: {batch.uuid}.")

    assert told("issue", f"--resume={batch.uuid}") == ["2 of 2 badges issued."]
    assert told("issue", f"--resume={batch.uuid}") == ["2 of 2 badges issued."]

    batch.refresh_from_db()
    assert (batch.state, Badge.objects.count()) == (BatchState.DONE, 2)


def test_run_batch_stops_after_as_many_chunks_as_it_was_told(
    template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("badges.services.batches.CHUNK", 2)
    batch = create_batch(template=template, earners_list=listed(template.organization, 5), by=None)

    assert run_batch(batch, max_chunks=2).issued_count == Badge.objects.count() == 4
    assert (batch.state, run_batch(batch, max_chunks=2).state) == (BatchState.RUNNING, BatchState.DONE)

    assert Badge.objects.count() == 5


@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_issue_resumes_after_it_was_killed() -> None:
    template = factories.template(factories.OrganizationFactory.create(slug="acme"))
    listed(template.organization, 3000)
    command = start("issue", template.slug, "--list=Class", "--no-mail")
    deadline = time.monotonic() + 60
    while not Badge.objects.exists():
        assert command.poll() is None, command.communicate()[1].decode()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    command.kill()
    command.communicate()
    batch = Batch.objects.get()
    assert 0 < batch.issued_count == Badge.objects.count() < batch.total == 3000

    values = answered("issue", f"--resume={batch.uuid}")

    assert (values["total"], values["issued"], values["failed"]) == (3000, 3000, [])
    assert Badge.objects.values("recipient_email").distinct().count() == Badge.objects.count() == 3000
    assert not any(recount().values())


def test_publish_status_lists_signs_those_of_one_organization_or_all(
    badge: Badge, globex: Organization
) -> None:
    factories.badge(factories.template(globex))
    StatusList.objects.update(body="")

    assert answered("publish_status_lists", "acme") == {"count": 1}
    assert [bool(row.body) for row in StatusList.objects.order_by("organization_id")] == [True, False]

    assert told("publish_status_lists") == ["Lists of revoked badges signed anew: 2."]
    assert all(row.body for row in StatusList.objects.all())
    assert refused("publish_status_lists", "absent").startswith("No single organization is called “absent”.")
