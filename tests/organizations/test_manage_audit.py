"""The audit log and its pages."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction

from organizations.enums import AuditAct
from organizations.models import AuditEntry, Organization, User
from organizations.services.audit import changes_between, note_act
from organizations.services.wallet import request_credits
from tests.at_work import Member


def test_entry_tells_who_did_what(acme: Organization, alice: User, staff: User) -> None:
    note_act(
        organization=acme,
        act=AuditAct.ORGANIZATION_CHANGED,
        by=alice,
        subject=acme.uuid,
        label=acme.name,
        details=changes_between({"name": "Acme", "website": ""}, {"name": "Acme Academy", "website": ""}),
    )
    note_act(organization=acme, act=AuditAct.STAFF_ENTERED, by=staff)
    note_act(organization=acme, act=AuditAct.EARNERS_IMPORTED, by=None, label="x" * 400)

    server, looked, changed = AuditEntry.objects.filter(organization=acme)[:3]
    assert (changed.actor, changed.user, changed.is_staff) == ("alice@acme.example", alice, False)
    assert changed.details == {"name": ["Acme", "Acme Academy"]}
    assert (looked.actor, looked.is_staff) == ("staff@server.example", True)
    assert (server.actor, server.user, len(server.subject_label)) == ("server", None, 255)


def test_what_was_rolled_back_is_not_noted(acme: Organization, alice: User) -> None:
    with transaction.atomic():
        request_credits(organization=acme, credits=1, description="", user=alice)
        transaction.set_rollback(True)

    assert not AuditEntry.objects.filter(act="credits.requested").exists()


def test_page_shows_filters_and_details(acme: Organization, globex: Organization, alice: User) -> None:
    note_act(organization=globex, act=AuditAct.LIST_DELETED, by=None, label="Their list")
    note_act(organization=acme, act=AuditAct.LIST_DELETED, by=alice, label="Class 5A")
    note_act(
        organization=acme,
        act=AuditAct.TEMPLATE_CHANGED,
        by=alice,
        label="<b>Data</b>",
        details={"title": ["Old <i>", "New"], "is_unique": [False, True]},
    )
    member = Member(alice, acme)

    page = member.get("audit_log").content.decode()

    assert "Their list" not in page
    assert "&lt;b&gt;Data&lt;/b&gt;" in page
    assert "Old &lt;i&gt; → New" in page
    assert "no → yes" in page
    narrowed = member.get("audit_log", act="list.deleted", q="5a")
    assert [entry.subject_label for entry, _what, _changes in narrowed.context["rows"]] == ["Class 5A"]
    assert member.get("audit_log", since="2999-01-01").context["rows"] == []
    wrong = member.get("audit_log", since="nonsense", act="no.such")
    assert len(wrong.context["rows"]) == AuditEntry.objects.filter(organization=acme).count()


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ({"until": "2026-05-01"}, ["late on 1 May"]),
        ({"since": "2026-05-02"}, ["2 May"]),
        ({"since": "2026-05-01", "until": "2026-05-02"}, ["2 May", "late on 1 May"]),
        (
            {"until": "9999-12-31"},
            ["2 May", "late on 1 May"],
        ),  # no such day on each clock: it narrows nothing
    ],
)
def test_days_are_those_of_the_organizations_clock(
    acme: Organization, alice: User, days: dict[str, str], found: list[str]
) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    for label, at in (("late on 1 May", "2026-05-01T21:59:59Z"), ("2 May", "2026-05-01T22:00:00Z")):
        note_act(organization=acme, act=AuditAct.LIST_CREATED, by=alice, label=label)
        AuditEntry.objects.filter(subject_label=label).update(at=datetime.fromisoformat(at))

    page = Member(alice, acme).get("audit_log", act="list.created", **days)

    assert [entry.subject_label for entry, _what, _changes in page.context["rows"]] == found


def test_details_are_in_the_language_of_who_reads(acme: Organization, alice: User) -> None:
    note_act(
        organization=acme,
        act=AuditAct.MEMBER_ROLE_CHANGED,
        by=alice,
        details={"role": ["viewer", "issuer"], "scopes": ["read", "write"], "is_unique": [False, True]},
    )
    User.objects.filter(pk=alice.pk).update(language="it")
    alice.refresh_from_db()

    rows = Member(alice, acme).get("audit_log", act="member.role_changed").context["rows"]

    assert [list(changes) for _entry, _what, changes in rows] == [
        [("ruolo", "Lettore → Emittente"), ("ambiti", "Leggi, Scrivi"), ("unico", "no → sì")]
    ]


def test_file_has_what_the_filters_keep_and_no_formulas(
    acme: Organization, globex: Organization, alice: User
) -> None:
    note_act(organization=globex, act=AuditAct.LIST_DELETED, by=None, label="Their list")
    note_act(organization=acme, act=AuditAct.LIST_DELETED, by=alice, label="=cmd()")
    note_act(organization=acme, act=AuditAct.LIST_CREATED, by=alice, label="Class 5A")

    response = Member(alice, acme).get("audit_log_export", act="list.deleted")

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1:4] for row in rows] == [
        ["Who", "What", "To what"],
        ["alice@acme.example", "List deleted", "'=cmd()"],
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_log_costs_the_same_however_long(
    acme: Organization, alice: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _ in range(rows):
        note_act(organization=acme, act=AuditAct.LIST_DELETED, by=alice)
    member = Member(alice, acme)

    with django_assert_num_queries(5):
        page = member.get("audit_log", act="list.deleted")

    assert len(page.context["rows"]) == rows
