"""The pages of batches: how far they are, what can be done with them, their rows."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from badges.enums import BatchState
from badges.models import Badge, BadgeTemplate, Batch
from badges.services import batches
from badges.services.batches import create_batch, run_batch
from earners.services import Person
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.at_work import Member


@pytest.fixture
def member(acme: Organization, bob: User) -> Member:
    """Bob, who issues for acme."""
    return Member(bob, acme)


def a_batch(template: BadgeTemplate, count: int = 4, *, broken: int = 0, **more: Any) -> Batch:
    """Return a batch for so many people, of whom some have no address."""
    people: list[tuple[Person, dict[str, str]]] = [
        (
            Person(
                email="broken" if number < broken else f"earner{number}@example.org", first_name=f"E{number}"
            ),
            {},
        )
        for number in range(count)
    ]
    return create_batch(template=template, people=people, by=None, **more)


def let_time_pass(batch: Batch, **time: int) -> None:
    """Let what was done with a batch be so long ago."""
    ago = timezone.now() - timedelta(**time)
    Batch.objects.filter(pk=batch.pk).update(created_at=ago)
    AuditEntry.objects.filter(subject=batch.uuid).update(at=ago)
    Badge.objects.filter(batch_row__batch=batch).update(created_at=ago)


def test_batch_shows_counts_rows_and_reasons(member: Member, template: BadgeTemplate) -> None:
    batch = run_batch(a_batch(template, broken=1))

    page = member.get("batch", batch.uuid)
    failed = member.get("batch", batch.uuid, state="failed")
    found = member.get("batch", batch.uuid, q="EARNER2")

    badge = Badge.objects.get(recipient_email="earner2@example.org")
    assert "3 badges were issued" in page.content.decode()
    assert [row.number for row in page.context["listing"].page] == [1, 2, 3, 4]
    assert [row.number for row in failed.context["listing"].page] == [1]
    assert "“broken” is not a valid e-mail address." in failed.content.decode()
    assert [row.number for row in found.context["listing"].page] == [3]
    assert member.url("badge", badge.uuid) in found.content.decode()


def test_progress_asks_again_while_it_moves_and_not_when_it_is_done(
    member: Member, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = run_batch(a_batch(template), max_chunks=1)
    polled = {"HX-Request": "true"}

    def progress() -> str:
        answer = member.client.get(member.url("batch_progress", batch.uuid), headers=polled)
        return str(answer.content.decode())

    assert "2 of 4" in progress()
    assert "hx-get" in progress()
    assert '<meta http-equiv="refresh"' in member.get("batch", batch.uuid).content.decode()
    run_batch(batch)
    assert "hx-get" not in progress()
    assert "4 badges were issued" in progress()
    assert member.get("batch_progress", batch.uuid)["Location"] == member.url("batch", batch.uuid)


def test_batch_says_when_nothing_moves_and_how_to_start_a_worker(
    member: Member, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = a_batch(template)
    words = "Nothing has moved for"
    assert words not in member.get("batch", batch.uuid).content.decode()

    let_time_pass(batch, minutes=3)
    assert "manage.py worker" in member.get("batch", batch.uuid).content.decode()
    run_batch(batch, max_chunks=1)
    assert words not in member.get("batch", batch.uuid).content.decode()
    let_time_pass(batch, minutes=3)
    assert words in member.get("batch", batch.uuid).content.decode()
    member.post("pause_batch", batch.uuid)
    assert words not in member.get("batch", batch.uuid).content.decode()
    member.post("resume_batch", batch.uuid)
    assert words not in member.get("batch", batch.uuid).content.decode()
    Batch.objects.filter(pk=batch.pk).update(state="pending", starts_at=timezone.now() + timedelta(hours=1))
    let_time_pass(batch, days=3)
    assert words not in member.get("batch", batch.uuid).content.decode()


def test_batch_is_paused_resumed_stopped_and_tried_again(
    member: Member, template: BadgeTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "CHUNK", 2)
    batch = run_batch(a_batch(template), max_chunks=1)

    assert "after 2 of 4" in member.post("pause_batch", batch.uuid, follow=True).content.decode()
    assert "Paused by bob@acme.example." in member.get("batch", batch.uuid).content.decode()
    assert "2 are left" in member.post("resume_batch", batch.uuid, follow=True).content.decode()
    asked = member.get("stop_batch", batch.uuid).content.decode()
    assert "2 badges that were issued stay." in asked
    assert "2 people get none" in asked
    batch.refresh_from_db()
    assert batch.state == BatchState.PENDING
    stopped = member.post("stop_batch", batch.uuid, follow=True).content.decode()
    assert "2 badges were issued" in stopped
    assert '<progress max="4" value="2"' in stopped
    assert "2 credits are taken" in member.get("retry_batch", batch.uuid).content.decode()
    assert "2 rows are tried again" in member.post("retry_batch", batch.uuid, follow=True).content.decode()

    assert (run_batch(batch).issued_count, Badge.objects.count()) == (4, 4)
    refused = member.post("pause_batch", batch.uuid, follow=True).content.decode()
    assert "This batch is not running" in refused


def test_scheduled_batch_is_moved_started_and_cancelled(member: Member, template: BadgeTemplate) -> None:
    batch = a_batch(template, starts_at=timezone.now() + timedelta(days=1))
    later = timezone.now() + timedelta(days=2)
    past = timezone.now() - timedelta(days=2)

    assert "Starts on" in member.get("batch", batch.uuid).content.decode()
    refused = member.post("reschedule_batch", batch.uuid, starts_at=f"{past:%Y-%m-%dT%H:%M}")
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["starts_at"])
    assert f'value="{past:%Y-%m-%dT%H:%M}"' in refused.content.decode()
    member.post("reschedule_batch", batch.uuid, starts_at=f"{later:%Y-%m-%dT%H:%M}")
    batch.refresh_from_db()
    assert batch.starts_at == later.replace(second=0, microsecond=0)
    assert "Cancel what is scheduled?" in member.get("stop_batch", batch.uuid).content.decode()
    member.post("reschedule_batch", batch.uuid, now="1")
    batch.refresh_from_db()
    assert batch.starts_at is None
    assert batch.state == BatchState.PENDING
    late = member.post("reschedule_batch", batch.uuid, starts_at=f"{later:%Y-%m-%dT%H:%M}")
    assert late.status_code == 400
    assert "does not wait for its moment" in late.content.decode()


def test_failed_rows_are_a_file_that_no_spreadsheet_executes(member: Member, template: BadgeTemplate) -> None:
    people: list[tuple[Person, dict[str, str]]] = [(Person(email="broken", first_name="=1+1"), {})]
    batch = run_batch(create_batch(template=template, people=people, by=None))

    answer = member.get("batch_failed_rows", batch.uuid)

    text = b"".join(answer).decode("utf-8-sig")
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    assert "broken,'=1+1," in text
    noted = AuditEntry.objects.get(act="data.exported")
    assert (noted.actor, noted.subject, noted.details) == (
        *("bob@acme.example", batch.uuid),
        {"failed_rows": "csv"},
    )


def test_list_of_batches_is_narrowed_by_state_and_words(member: Member, template: BadgeTemplate) -> None:
    bees = factories.template(template.organization, title="Bee keeping")
    done = run_batch(a_batch(template))
    waiting = a_batch(template)
    scheduled = a_batch(bees, starts_at=timezone.now() + timedelta(days=1))

    def found(**query: str) -> list[Batch]:
        return list(member.get("batches", **query).context["listing"].page)

    assert found() == [scheduled, waiting, done]
    assert found(state="scheduled") == [scheduled]
    assert found(state="pending") == [waiting]
    assert found(state="done") == [done]
    assert found(q="bee") == [scheduled]


def test_viewer_sees_and_cannot_act(acme: Organization, template: BadgeTemplate, badge: Badge) -> None:
    viewer = Member(factories.member(acme, "viewer", "viewer@acme.example"), acme)  # type: ignore[arg-type]
    batch = a_batch(template)
    failed = run_batch(a_batch(template, broken=1))

    page = viewer.get("batch", batch.uuid).content.decode()
    ended = viewer.get("batch", failed.uuid).content.decode()

    assert viewer.url("batch_failed_rows", failed.uuid) in ended
    assert viewer.url("retry_batch", failed.uuid) not in ended
    assert viewer.url("stop_batch", batch.uuid) not in page
    assert "Issue to others" not in page
    assert viewer.post("stop_batch", batch.uuid).status_code == 403
    batch.refresh_from_db()
    assert batch.state == BatchState.PENDING


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same_however_long(
    member: Member, template: BadgeTemplate, number: int, django_assert_num_queries: Any
) -> None:
    made = [run_batch(a_batch(template, number)) for _ in range(number)]

    with django_assert_num_queries(5):  # session, user, membership, number, batches
        assert len(member.get("batches").context["listing"].page) == number
    with django_assert_num_queries(5):  # session, user, membership, batch, rows: their number is known
        assert len(member.get("batch", made[0].uuid).context["listing"].page) == number
