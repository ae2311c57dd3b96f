"""The pages of claim codes."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from badges.models import BadgeTemplate
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from organizations.models import AuditEntry, Organization, User
from tests import factories
from tests.at_work import Member


def new(template: BadgeTemplate, /, **fields: Any) -> dict[str, Any]:
    """Return the form of new codes as a browser sends it."""
    return {"template": str(template.uuid), "uses": "single", "how": "random", "count": "1", **fields}


def test_many_codes_are_made_at_once(acme: Organization, bob: User, template: BadgeTemplate) -> None:
    page = Member(bob, acme).post(
        "new_claim_codes", **new(template, count="30", begins_with="SUMMER-", length="12"), follow=True
    )

    codes = list(ClaimCode.objects.all())
    assert "30 claim codes are made." in page.content.decode()
    assert all(re.fullmatch("SUMMER-[0-9a-f]{12}", code.code) for code in codes)
    assert len({code.code for code in codes}) == 30
    entry = AuditEntry.objects.get(act="claim_codes.created")
    assert (entry.actor, entry.details) == ("bob@acme.example", {"count": 30})
    assert codes[0].code not in str(entry.details) + entry.subject_label


def test_own_code_for_many_is_made(acme: Organization, bob: User, template: BadgeTemplate) -> None:
    page = Member(bob, acme).post(
        "new_claim_codes",
        **new(
            template, how="own", code="Open Day 2026", uses="multi", max_uses="100", expires_on="2030-05-01"
        ),
        follow=True,
    )

    code = ClaimCode.objects.get()
    assert (code.code, code.is_multiuse, code.max_uses) == ("Open Day 2026", True, 100)
    assert code.expires_at is not None
    assert code.expires_at.isoformat() == "2030-05-02T00:00:00+00:00"
    assert "code=Open%20Day%202026" in page.content.decode()


def test_without_a_template_the_first_step_is_to_make_one(acme: Organization, alice: User, bob: User) -> None:
    owner, issuer = (Member(user, acme).get("new_claim_codes").content.decode() for user in (alice, bob))

    assert ["There is nothing to claim yet" in page for page in (owner, issuer)] == [True, True]
    assert ["/templates/new" in page for page in (owner, issuer)] == [True, False]
    assert '<form class="panel"' not in owner + issuer


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"how": "own"}, "Type the code"),
        ({"count": ""}, "Enter how many codes"),
        ({"count": "5001"}, "less than or equal to 5000"),
        ({"length": "4"}, "Enter at least 10: shorter codes could be guessed."),
        ({"how": "own", "code": "TAKEN"}, "exists already"),
        ({"template": ""}, "Choose the badge"),
        ({"uses": "multi", "max_uses": "0"}, "greater than or equal to 1"),
        ({"expires_on": "soon"}, "not a date"),
        ({"expires_on": "9999-12-31"}, "Check the year"),
        ({"expires_on": "2020-01-01"}, "This day has passed"),
    ],
)
def test_refused_codes_are_kept_as_typed(
    acme: Organization, bob: User, template: BadgeTemplate, fields: dict[str, str], words: str
) -> None:
    factories.claim_code(template, code="taken")

    page = Member(bob, acme).post("new_claim_codes", **new(template, **{"begins_with": "TYPED-", **fields}))

    assert page.status_code == 400
    assert words in page.content.decode()
    assert 'value="TYPED-"' in page.content.decode()
    assert ClaimCode.objects.count() == 1


def test_guessing_codes_of_others_is_slowed(
    acme: Organization, globex: Organization, bob: User, template: BadgeTemplate
) -> None:
    theirs = factories.template(globex)
    for number in range(12):
        factories.claim_code(theirs, code=f"theirs-{number}")
    member = Member(bob, acme)

    pages = [
        member.post("new_claim_codes", **new(template, how="own", code=f"theirs-{number}")).content.decode()
        for number in range(12)
    ]

    assert "exists already" in pages[0]
    assert "Too many codes that are taken" in pages[-1]
    assert not ClaimCode.objects.filter(template=template).exists()


def test_templates_of_others_get_no_codes(acme: Organization, globex: Organization, bob: User) -> None:
    theirs = factories.template(globex)

    page = Member(bob, acme).post("new_claim_codes", **new(theirs))

    assert page.status_code == 400
    assert not ClaimCode.objects.exists()


def test_list_is_searched_and_narrowed(
    acme: Organization, globex: Organization, bob: User, template: BadgeTemplate
) -> None:
    factories.claim_code(factories.template(globex, title="Their badge"), code="theirs")
    used = factories.claim_code(template, code="used-1")
    claim_code(claim_code=used, email="ada@example.org")
    factories.claim_code(template, code="open-1")
    factories.claim_code(template, code="over-1", expires_at=timezone.now() - timedelta(days=1))
    factories.claim_code(template, code="many-1", is_multiuse=True)
    member = Member(bob, acme)

    def found(**query: str) -> list[str]:
        return [code.code for code in member.get("claim_codes", **query).context["listing"].page]

    assert found() == ["many-1", "over-1", "open-1", "used-1"]
    assert found(state="open") == ["many-1", "open-1"]
    assert found(state="used") == ["used-1"]
    assert found(state="ended") == ["over-1"]
    assert found(kind="multi") == ["many-1"]
    assert found(q="OPEN") == ["open-1"]
    assert found(q="Ada@example.org") == ["used-1"]
    assert found(template=str(template.uuid), state="used") == ["used-1"]
    assert "Their badge" not in member.get("claim_codes").content.decode()


def test_page_shows_who_claimed(acme: Organization, bob: User, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="poster", is_multiuse=True, max_uses=9)
    claim_code(claim_code=code, email="ada@example.org", first_name="Ada", last_name="<b>Lovelace")

    page = Member(bob, acme).get("claim_code", code.uuid).content.decode()

    assert "Ada &lt;b&gt;Lovelace" in page
    assert "1 of 9" in page
    assert "data:image/svg+xml" in page


def test_code_is_changed_ended_and_deleted(acme: Organization, alice: User, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, is_multiuse=True, max_uses=5)
    claim_code(claim_code=code, email="ada@example.org")
    claim_code(claim_code=code, email="grace@example.org")
    member = Member(alice, acme)

    too_few = member.post("update_claim_code", code.uuid, max_uses="1")
    assert too_few.status_code == 400
    assert "was used 2 times" in too_few.content.decode()
    member.post("update_claim_code", code.uuid, max_uses="7", expires_on="2030-01-01")
    code.refresh_from_db()
    assert (code.max_uses, code.is_claimable) == (7, True)
    member.post("update_claim_code", code.uuid, end="1")
    code.refresh_from_db()
    assert not code.is_claimable
    assert "2 people have claimed" in member.get("delete_claim_code", code.uuid).content.decode()
    member.post("delete_claim_code", code.uuid)
    assert not ClaimCode.objects.exists()
    assert [entry.act for entry in AuditEntry.objects.filter(subject=code.uuid).order_by("pk")] == [
        "claim_code.changed",
        "claim_code.changed",
        "claim_code.deleted",
    ]


@pytest.mark.parametrize("layout", ["labels24", "labels10", "cards", "poster", "nonsense"])
def test_sheets_have_what_can_still_be_used(
    acme: Organization, bob: User, template: BadgeTemplate, layout: str
) -> None:
    used = factories.claim_code(template, code="used-1")
    claim_code(claim_code=used, email="ada@example.org")
    for number in range(3):
        factories.claim_code(template, code=f"open-{number}")

    page = Member(bob, acme).get("claim_codes_sheet", layout=layout)

    text = page.content.decode()
    assert [f"open-{number}" in text for number in range(3)] == [True] * 3
    assert "used-1" not in text
    assert len(page.context["sheets"]) == (3 if layout == "poster" else 1)
    assert text.count("Scan the code with your phone") == (3 if layout == "poster" else 0)


def test_qr_code_leads_to_the_claim_page(acme: Organization, bob: User, template: BadgeTemplate) -> None:
    code = factories.claim_code(template, code="Gruß & Co")
    member = Member(bob, acme)

    svg, png = (member.get("claim_code_qr", code.uuid, ending) for ending in ("svg", "png"))

    assert (svg["Content-Type"], svg.content[:4]) == ("image/svg+xml", b"<svg")
    assert (png["Content-Type"], png.content[:4]) == ("image/png", b"\x89PNG")
    assert member.get("claim_code_qr", code.uuid, "exe").status_code == 404
    prefilled = member.client.get(code.public_path).content.decode()
    assert "Gruß &amp; Co" in prefilled


def test_event_screen_counts_on_and_shows_names_only_when_asked(
    acme: Organization, bob: User, template: BadgeTemplate
) -> None:
    code = factories.claim_code(template, code="event", is_multiuse=True)
    claim_code(claim_code=code, email="ada@example.org", first_name="Ada", last_name="Lovelace")
    member = Member(bob, acme)

    screen = member.get("event_screen", code.uuid).content.decode()
    counter = member.get("event_counter", code.uuid, names="1").content.decode()
    claim_code(claim_code=code, email="grace@example.org")

    assert "Ada" not in screen
    assert "Ada L." in counter
    assert "Lovelace" not in counter
    assert 'event-number">2<' in member.get("event_counter", code.uuid).content.decode()


def test_file_has_what_the_filters_keep(
    acme: Organization, globex: Organization, bob: User, template: BadgeTemplate
) -> None:
    factories.claim_code(factories.template(globex), code="theirs")
    for code in ("=1+1", "open-1"):
        factories.claim_code(template, code=code)

    response = Member(bob, acme).get("claim_codes_export", state="open")

    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["code", "'=1+1", "open-1"]
    entry = AuditEntry.objects.get(act="data.exported")
    assert (entry.actor, entry.details) == ("bob@acme.example", {"claim_codes": "csv"})


@pytest.mark.parametrize("rows", [1, 3])
def test_pages_cost_the_same_however_long(
    acme: Organization, bob: User, template: BadgeTemplate, rows: int, django_assert_num_queries: Any
) -> None:
    many = factories.claim_code(template, code="many", is_multiuse=True)
    for number in range(rows):
        factories.claim_code(template, code=f"code-{number}")
        claim_code(claim_code=many, email=f"ada{number}@example.org")
    member = Member(bob, acme)

    with django_assert_num_queries(6):
        member.get("claim_codes")
    with django_assert_num_queries(5):
        member.get("claim_code", many.uuid)
    with django_assert_num_queries(5):
        member.get("event_counter", many.uuid, names="1")

    assert Claim.objects.count() == rows
