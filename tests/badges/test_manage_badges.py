"""The pages of badges: the list and its filters, one badge, and acts on one and on many."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from badges.manage import bulk
from badges.models import Badge, BadgeTemplate, Revocation
from badges.services import revocations
from badges.services.accepting import accept_badge
from badges.services.revoking import revoke_badge
from config.lanes import Revocations
from earners.services import Person, create_list
from organizations.enums import AuditAct, MessageKind, Role
from organizations.models import AuditEntry, Message, Organization, User
from tests import factories
from tests.accounts import account_of
from tests.at_work import Member


@pytest.fixture
def three(template: BadgeTemplate) -> list[Badge]:
    """Badges of Ada at three addresses, the last one of them revoked."""
    badges = [factories.badge(template, f"ada{number}@example.org") for number in (1, 2, 3)]
    return [*badges[:2], revoke_badge(badge=badges[2], reason="Issued by mistake", by=None)]


def shown(page: Any) -> list[str]:
    """Return whose badges a page of the list shows."""
    return [row.badge.recipient_email.split("@")[0] for row in page.context["rows"]]


def ids(badges: Sequence[Badge]) -> list[str]:
    return [str(badge.uuid) for badge in badges]


def test_list_shows_badges_newest_first(
    acme: Organization, globex: Organization, bob: User, three: list[Badge]
) -> None:
    factories.badge(factories.template(globex), "elsewhere@example.org")

    page = Member(bob, acme).get("badges")

    assert shown(page) == ["ada3", "ada2", "ada1"]
    text = page.content.decode()
    assert "1–3 of 3" in text
    assert "elsewhere" not in text


def test_filters_narrow_the_list_and_stay_in_the_address(
    acme: Organization, bob: User, template: BadgeTemplate, three: list[Badge]
) -> None:
    member = Member(bob, acme)
    web = factories.template(acme, title="Web pages")
    factories.badge(web, "grace@example.org", issued_at=timezone.now() - timedelta(days=40))
    members = create_list(organization=acme, name="Class", people=[Person(email="ada2@example.org")], by=None)
    today = timezone.now().date()

    def found(**query: Any) -> list[str]:
        return shown(member.get("badges", **query))

    assert found(q="web") == found(template=web.uuid) == ["grace"]
    assert found(q="ada1") == ["ada1"]
    assert found(status="revoked") == ["ada3"]
    assert found(status="not_accepted") == ["grace", "ada2", "ada1"]
    assert found(list=members.uuid) == ["ada2"]
    assert found(since=today - timedelta(days=1), status="valid") == ["ada2", "ada1"]
    assert found(until=today - timedelta(days=30)) == ["grace"]
    assert found(visibility="public") == []
    page = member.get("badges", q="ada", status="valid", page=2)
    assert [(chip.label, chip.value, chip.query) for chip in page.context["listing"].chips] == [
        ("Search", "ada", "status=valid"),
        ("Status", "Valid", "q=ada"),
    ]


def test_value_that_is_no_filters_is_told_and_narrows_nothing(
    acme: Organization, globex: Organization, bob: User, three: list[Badge]
) -> None:
    theirs = factories.template(globex, title="Theirs")

    page = Member(bob, acme).get("badges", template=theirs.uuid, since="soon", before="x", page="-1")

    assert shown(page) == ["ada3", "ada2", "ada1"]
    assert set(page.context["listing"].filters.form.errors) == {"template", "since"}
    assert "Theirs" not in page.content.decode()


def test_empty_list_offers_the_first_step(acme: Organization, bob: User) -> None:
    member = Member(bob, acme)

    assert "Issue the first badge" in member.get("badges").content.decode()
    viewer = Member(factories.member(acme, Role.VIEWER, "viewer@acme.example"), acme)
    assert "Issue the first badge" not in viewer.get("badges").content.decode()
    assert "Nothing fits these filters" in member.get("badges", q="nobody").content.decode()


def test_names_cannot_run_anything(acme: Organization, bob: User, template: BadgeTemplate) -> None:
    evil = "<img src=x onerror=alert(1)>"
    badge = factories.badge(template, activity_title=evil, narrative=evil, notes=evil)
    Badge.objects.update(recipient_first_name=evil)
    member = Member(bob, acme)

    for page in (
        member.get("badges", q=evil),
        member.get("badge", badge.uuid, next=f'/manage/{acme.pk}/"><script>'),
        member.get("edit_badge", badge.uuid),
        member.get("revoke_badges", badge=str(badge.uuid), next=f'/manage/{acme.pk}/"><script>'),
    ):
        assert "<img src=x" not in page.content.decode()
        assert '"><script>' not in page.content.decode()


def test_page_of_a_badge_tells_what_became_of_it(acme: Organization, bob: User, badge: Badge) -> None:
    accept_badge(account=account_of("ada@example.org"), badge_id=badge.uuid)
    member = Member(bob, acme)
    member.post("edit_badge", badge.uuid, recipient_email="ada@example.org", recipient_first_name="Augusta")
    Message.objects.update(given_up_at=timezone.now(), last_error="no such mailbox")
    member.post("revoke_badge", badge.uuid, reason="Void")

    page = member.get("badge", badge.uuid)

    events = [(str(event.words), event.detail) for event in page.context["events"]]
    assert sorted(events) == [
        ("Accepted by the earner", ""),
        ("Badge changed", "First name: Ada → Augusta · Last name: Lovelace → – · by bob@acme.example"),
        ("Issued", "by server"),
        ("Mail about the badge", "not sent to ada@example.org: no such mailbox"),
        ("Opened by the earner", ""),
        ("Revoked", "by bob@acme.example"),
    ]
    assert "The reason, which is public: Void" in page.content.decode()


def test_badge_of_another_organization_is_not_there(
    acme: Organization, globex: Organization, bob: User, badge: Badge
) -> None:
    theirs = factories.badge(factories.template(globex))
    member = Member(bob, acme)

    for name in ("badge", "edit_badge", "revoke_badge"):
        assert member.get(name, theirs.uuid).status_code == 404
        assert member.get(name, badge.uuid).status_code == 200
    assert member.post("revoke_badge", theirs.uuid, reason="Mine").status_code == 404
    assert member.get("download_badge", theirs.uuid, "ob3.json").status_code == 404
    member.post("revoke_badges", badge=[str(theirs.uuid)], reason="Mine")
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_badge_is_corrected(acme: Organization, bob: User, badge: Badge) -> None:
    Message.objects.all().delete()
    member = Member(bob, acme)

    page = member.post(
        "edit_badge",
        badge.uuid,
        recipient_email="ada@new.example",
        recipient_first_name="Ada",
        recipient_last_name="Lovelace",
        is_announced="on",
        is_public="on",
        notes="Told us by phone",
    )

    assert page.status_code == 302
    badge.refresh_from_db()
    assert (badge.recipient_email, badge.visibility, badge.notes) == (
        "ada@new.example",
        "public",
        "Told us by phone",
    )
    assert Message.objects.get().recipient == "ada@new.example"
    entry = AuditEntry.objects.get(act=AuditAct.BADGE_CHANGED)
    assert entry.details == {
        "recipient_email": ["ada@example.org", "ada@new.example"],
        "visibility": ["unlisted", "public"],
        "notes": True,
    }


def test_refused_correction_keeps_what_was_typed(acme: Organization, bob: User, badge: Badge) -> None:
    page = Member(bob, acme).post("edit_badge", badge.uuid, recipient_email="ada@", notes="kept")

    assert page.status_code == 400
    text = page.content.decode()
    assert 'value="ada@"' in text
    assert "kept" in text
    badge.refresh_from_db()
    assert (badge.recipient_email, badge.notes) == ("ada@example.org", "")


def test_revoked_badge_keeps_who_it_belongs_to(acme: Organization, bob: User, three: list[Badge]) -> None:
    member = Member(bob, acme)

    member.post("edit_badge", three[2].uuid, recipient_email="other@example.org", notes="Seen")

    three[2].refresh_from_db()
    assert (three[2].recipient_email, three[2].notes) == ("ada3@example.org", "Seen")


def test_badge_is_revoked_after_asking_for_a_reason(acme: Organization, bob: User, badge: Badge) -> None:
    member = Member(bob, acme)
    assert "for good" in member.get("revoke_badge", badge.uuid).content.decode()
    assert member.post("revoke_badge", badge.uuid, reason=" ").status_code == 400
    badge.refresh_from_db()
    assert badge.revoked_at is None

    page = member.post("revoke_badge", badge.uuid, reason="Issued by mistake", follow=True)

    assert "Everybody who verifies it is told at once" in page.content.decode()
    badge.refresh_from_db()
    assert (badge.revocation_reason, badge.revoked_by) == ("Issued by mistake", "bob@acme.example")
    assert AuditEntry.objects.filter(act=AuditAct.BADGE_REVOKED, subject=badge.uuid).count() == 1
    again = member.post("revoke_badge", badge.uuid, reason="Twice")
    assert again.status_code == 400
    assert "revoked before" in again.content.decode()


def test_chosen_badges_are_revoked_and_the_list_keeps_its_place(
    acme: Organization, bob: User, three: list[Badge]
) -> None:
    member = Member(bob, acme)
    back = f"{member.url('badges')}?q=ada&page=1"
    query = {"badge": ids(three), "next": back}
    page = member.get("revoke_badges", **query)
    assert (page.context["count"], page.context["back"]) == (2, back)
    address = f"{member.url('revoke_badges')}?badge={three[0].uuid}&badge={three[1].uuid}"

    answer = member.client.post(address, {"reason": "Void exam", "expected": "2", "next": back})

    assert (answer.status_code, answer["Location"]) == (302, back)
    assert list(Badge.objects.order_by("number").values_list("revocation_reason", flat=True)) == [
        "Void exam",
        "Void exam",
        "Issued by mistake",
    ]
    assert AuditEntry.objects.filter(act=AuditAct.BADGE_REVOKED, actor="bob@acme.example").count() == 1


def test_page_of_a_badge_remembers_the_list_that_one_came_from(
    acme: Organization, bob: User, three: list[Badge]
) -> None:
    member = Member(bob, acme)
    place = f"?next=%2Fmanage%2F{acme.pk}%2Fbadges%3Fstatus%3Dvalid"
    page = member.url("badge", three[0].uuid)
    assert f'"{page}{place}"' in member.get("badges", status="valid").content.decode()
    assert f'"{page}"' in member.get("badges").content.decode()

    shown_page = member.client.get(page + place)
    answers = [
        member.client.post(
            member.url("edit_badge", three[0].uuid) + place, {"recipient_email": "ada@a.example"}
        ),
        member.client.post(member.url("resend_badge_mail", three[0].uuid) + place),
        member.client.post(member.url("revoke_badge", three[0].uuid) + place, {"reason": "Void exam"}),
    ]

    assert shown_page.context["back"] == f"{member.url('badges')}?status=valid"
    assert [answer["Location"] for answer in answers] == [page + place] * 3


@pytest.mark.parametrize("query", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_days_at_the_ends_of_time_narrow_nothing(
    acme: Organization, bob: User, three: list[Badge], query: dict[str, str]
) -> None:
    member = Member(bob, acme)

    page = member.get("badges", **query)
    export = member.get("export_badges", all="1", format="csv", **query)

    assert (page.status_code, shown(page)) == (200, ["ada3", "ada2", "ada1"])
    assert "Check the year" in page.content.decode()
    assert len(b"".join(export.streaming_content).splitlines()) == 4


def test_revoking_asks_again_when_there_are_more_meanwhile(
    acme: Organization, bob: User, template: BadgeTemplate, three: list[Badge]
) -> None:
    member = Member(bob, acme)
    address = f"{member.url('revoke_badges')}?all=1&q=ada"
    expected = member.client.get(address).context["count"]
    factories.badge(template, "ada4@example.org")

    page = member.client.post(address, {"reason": "Void exam", "expected": str(expected)})

    assert page.status_code == 400
    assert "Meanwhile it is 3 badges" in page.content.decode()
    assert "Void exam" in page.content.decode()
    assert Badge.objects.filter(revoked_at__isnull=True).count() == 3


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/admin/", "/manage/{pk}/../../admin/"]
)
def test_way_back_leads_nowhere_else(acme: Organization, bob: User, badge: Badge, elsewhere: str) -> None:
    member = Member(bob, acme)

    answer = member.post("resend_badge_mail", badge.uuid, next=elsewhere.format(pk=acme.pk))

    assert answer["Location"] == member.url("badges")


def test_many_badges_are_revoked_in_the_background(
    acme: Organization, bob: User, three: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(revocations, "MOST_AT_ONCE", 1)
    member = Member(bob, acme)

    answer = member.client.post(
        f"{member.url('revoke_badges')}?all=1", {"reason": "Void exam", "expected": "2"}
    )

    revocation = Revocation.objects.get()
    assert answer["Location"] == member.url("revocation", revocation.uuid)
    waiting = member.get("revocation", revocation.uuid).content.decode()
    assert "0 of 2" in waiting
    assert "hx-get" in waiting
    while Revocations(is_waiting=True).work():
        pass
    done = member.get("revocation", revocation.uuid).content.decode()
    assert "2 badges are revoked" in done
    assert "hx-get" not in done
    assert not Badge.objects.filter(revoked_at__isnull=True).exists()
    Revocation.objects.update(finished_at=None, worked_at=timezone.now() - timedelta(minutes=5))
    assert "manage.py worker" in member.get("revocation", revocation.uuid).content.decode()


def test_mail_is_sent_again_and_not_twice(acme: Organization, bob: User, badge: Badge) -> None:
    Message.objects.all().delete()
    member = Member(bob, acme)

    first = member.post("resend_badge_mail", badge.uuid, follow=True)
    second = member.post("resend_badge_mail", badge.uuid, follow=True)

    assert "The mail is on its way to ada@example.org" in first.content.decode()
    assert "within the last hour" in second.content.decode()
    assert Message.objects.get().kind == MessageKind.BADGE_REMINDER


def test_mails_to_many_tell_who_was_not_mailed(acme: Organization, bob: User, three: list[Badge]) -> None:
    Message.objects.all().delete()
    member = Member(bob, acme)
    member.post("resend_badge_mail", three[0].uuid)
    query = "&".join(f"badge={badge.uuid}" for badge in three)
    assert member.client.get(f"{member.url('resend_badge_mails')}?{query}").context["count"] == 2

    page = member.client.post(f"{member.url('resend_badge_mails')}?{query}", follow=True)

    assert Message.objects.count() == 2
    assert [str(message) for message in page.context["messages"]] == [
        "1 mail is on its way.",
        "1 × The earner was mailed of this badge within the last hour. Send it again in 60 minutes.",
    ]


def test_too_many_mails_at_once_are_refused(
    acme: Organization, bob: User, three: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_MAILS", 1)
    Message.objects.all().delete()
    member = Member(bob, acme)

    page = member.client.post(f"{member.url('resend_badge_mails')}?all=1")

    assert "At most 1 mails go out at once" in page.content.decode()
    assert not Message.objects.exists()


def test_export_has_what_the_filters_find(acme: Organization, bob: User, three: list[Badge]) -> None:
    answer = Member(bob, acme).get("export_badges", all=1, format="csv", status="valid", q="ada1")

    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert [row["E-mail"] for row in rows] == ["ada1@example.org"]
    assert answer["Content-Disposition"].startswith('attachment; filename="badges-acme-')
    assert AuditEntry.objects.get(act=AuditAct.DATA_EXPORTED).details == {"badges": "csv"}


def test_export_of_chosen_badges_is_a_workbook(acme: Organization, bob: User, three: list[Badge]) -> None:
    answer = Member(bob, acme).get("export_badges", badge=ids(three[:2]))

    assert b"".join(answer.streaming_content)[:2] == b"PK"
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")


def test_files_of_a_hidden_badge_are_there_for_its_issuer(
    acme: Organization, bob: User, badge: Badge
) -> None:
    Badge.objects.update(visibility="hidden")
    member = Member(bob, acme)

    answer = member.get("download_badge", badge.uuid, "ob3.png")

    assert answer.content[:4] == b"\x89PNG"
    assert member.get("download_badge", badge.uuid, "ob9.doc").status_code == 404
    assert "The earner hides this badge" in member.get("badge", badge.uuid).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_however_long(
    acme: Organization, bob: User, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        factories.badge(factories.template(acme, title=f"Title {number}"), f"e{number}@example.org")
    member = Member(bob, acme)
    member.get("badges")

    with django_assert_num_queries(6):
        assert len(shown(member.get("badges"))) == rows
    # SQLite is asked first how many badges have the word.
    with django_assert_num_queries({"sqlite": 10, "postgresql": 8}[connection.vendor]):
        assert len(shown(member.get("badges", q="example.org"))) == rows


@pytest.mark.parametrize("mails", [1, 3])
def test_page_of_a_badge_costs_the_same_however_much_became_of_it(
    acme: Organization, bob: User, badge: Badge, mails: int, django_assert_num_queries: Any
) -> None:
    for _number in range(mails - 1):
        Message.objects.create(
            organization=acme,
            kind=MessageKind.BADGE_REMINDER,
            subject=badge.uuid,
            recipient="ada@example.org",
        )
    member = Member(bob, acme)
    member.get("badge", badge.uuid)

    with django_assert_num_queries(6):
        assert len(member.get("badge", badge.uuid).context["events"]) == mails + 1
