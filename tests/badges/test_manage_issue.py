"""Issuing in the browser, from choosing the badge to the badge or the batch; and that nothing is issued twice or lost."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from badges.models import Badge, BadgeTemplate, Batch
from badges.services.batches import run_batch
from badges.services.issue_plans import Audience, Wish, issue_once
from badges.services.templates import archive_template
from config.exceptions import InvalidInput
from earners.models import EarnersList
from earners.services import Person, create_list
from organizations.models import AuditEntry, Message, Organization, User
from organizations.services.wallet import add_credits
from tests import factories
from tests.at_work import Member
from tests.racing import race

EVIDENCE = {"evidence-TOTAL_FORMS": "1", "evidence-INITIAL_FORMS": "0"}
DETAILS: dict[str, Any] = EVIDENCE | {"visibility": "unlisted", "notify": "on", "when": "at_once"}
THREE = "Ada Lovelace <ada@example.org>\nalan@example.org; Alan; Turing\ngrace@example.org\n"


@pytest.fixture
def member(acme: Organization, bob: User) -> Member:
    """Bob, who issues for acme."""
    return Member(bob, acme)


@pytest.fixture
def earners_list(acme: Organization) -> EarnersList:
    """A list with Ada and Alan."""
    people = [Person(email="ada@example.org", first_name="Ada"), Person(email="alan@example.org")]
    return create_list(organization=acme, name="Spring class", people=people, by=None)


def send(member: Member, name: str, query: dict[str, Any], **fields: Any) -> Any:
    """Send the form of a step."""
    return member.client.post(member.url(name), fields, query_params=query)


def draft_for(member: Member, template: BadgeTemplate, to: str = "paste", **fields: Any) -> str:
    """Choose who gets the badge; return the draft's id."""
    page = send(member, "issue_recipients", {"template": template.uuid, "to": to}, **fields)
    assert page.status_code == 302, page.context["form"].errors
    query = parse_qs(urlsplit(str(page["Location"])).query)
    return query["draft"][0]


def described(member: Member, draft: str, **details: Any) -> str:
    """Say what the badges say; return the draft's id."""
    page = send(member, "issue_details", {"draft": draft}, **DETAILS | details)
    assert page.status_code == 302, page.context["form"].errors
    assert page["Location"] == f"{member.url('issue_summary')}?draft={draft}"
    return draft


def test_choosing_a_badge_leads_on_with_whom_the_address_names(
    member: Member, template: BadgeTemplate, earners_list: EarnersList
) -> None:
    factories.template(template.organization, title="Bee keeping")

    page = member.get("issue", q="data", list=earners_list.uuid)

    assert [row.pk for row, _picture, _address in page.context["tiles"]] == [template.pk]
    following = member.client.get(page.context["tiles"][0][2])
    assert following.context["source"] == "list"
    assert (
        f'<option value="{earners_list.uuid}" selected>Spring class (2)</option>'
        in following.content.decode()
    )
    direct = member.get("issue", template=template.uuid)
    assert direct["Location"] == f"{member.url('issue_recipients')}?template={template.uuid}"


def test_without_a_template_the_first_step_leads_to_making_one(acme: Organization, alice: User) -> None:
    owner = Member(alice, acme)

    assert f'href="{owner.url("new_template")}"' in owner.get("issue").content.decode()


def test_earner_of_the_address_is_filled_in_unless_another_organization_has_them(
    member: Member, template: BadgeTemplate, badge: Badge, globex: Organization
) -> None:
    theirs = factories.badge(factories.template(globex), "hidden@example.org").earner

    page = member.get("issue_recipients", template=template.uuid, earner=badge.earner.uuid)
    other = member.get("issue_recipients", template=template.uuid, earner=theirs.uuid)

    assert 'value="ada@example.org"' in page.content.decode()
    assert "hidden@example.org" not in other.content.decode()


def test_one_person_gets_the_badge_at_once(member: Member, template: BadgeTemplate) -> None:
    draft = described(
        member, draft_for(member, template, "person", email="ada@example.org", first_name="Ada")
    )
    assert "Issue 1 badge" in member.get("issue_summary", draft=draft).content.decode()

    page = send(member, "issue_summary", {"draft": draft}, count="1")

    badge = Badge.objects.get()
    assert page["Location"] == member.url("badge", badge.uuid)
    assert (badge.recipient_email, badge.recipient_first_name, badge.issued_by) == (
        *("ada@example.org", "Ada"),
        "bob@acme.example",
    )
    assert AuditEntry.objects.get(act="badge.issued").subject == badge.uuid
    assert Message.objects.get().recipient == "ada@example.org"


@pytest.mark.parametrize(
    ("backend", "words"), [("smtp", "its earner is told by mail"), ("filebased", "This server sends no mail")]
)
def test_nobody_is_said_to_be_told_where_no_mail_is_sent(
    member: Member, template: BadgeTemplate, settings: Settings, backend: str, words: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    draft = described(member, draft_for(member, template, "person", email="ada@example.org"))

    badge_page = member.client.get(send(member, "issue_summary", {"draft": draft}, count="1")["Location"])

    assert words in badge_page.content.decode()


def test_pasted_addresses_become_a_batch_with_all_that_was_said(
    member: Member, template: BadgeTemplate, acme: Organization
) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Europe/Rome")
    draft = draft_for(member, template, addresses=f"{THREE}nobody\nADA@example.org\n")
    described(
        member,
        draft,
        **{
            "issued_on": "2024-05-01",
            "expires_on": "2040-05-01",
            "activity_title": "Spring course",
            "activity_started_on": "2024-04-01",
            "activity_ended_on": "2024-04-30",
            "narrative": "Did it.",
            "notes": "ours",
            "visibility": "public",
            "report": "on",
            "notify": "",
            "evidence-0-url": "https://example.org/work",
            "evidence-0-name": "Work",
        },
    )
    summary = member.get("issue_summary", draft=draft)
    assert summary.context["plan"].names == ("Ada Lovelace", "Alan Turing", "grace@example.org")
    assert "1 line cannot be used" in summary.content.decode()
    assert "1 address is there more than once" in summary.content.decode()

    page = send(member, "issue_summary", {"draft": draft}, count="3")

    batch = Batch.objects.get()
    assert page["Location"] == member.url("batch", batch.uuid)
    assert (batch.total, batch.notify, batch.report_to) == (3, False, "bob@acme.example")
    run_batch(batch)
    badge = Badge.objects.get(recipient_email="ada@example.org")
    assert [
        moment.isoformat()
        for moment in (badge.issued_at, badge.expires_at, badge.activity_started_at, badge.activity_ended_at)
        if moment
    ] == [
        "2024-04-30T22:00:00+00:00",
        "2040-05-01T21:59:59+00:00",
        "2024-03-31T22:00:00+00:00",
        "2024-04-30T21:59:59+00:00",
    ]
    assert (badge.activity_title, badge.narrative, badge.notes) == ("Spring course", "Did it.", "ours")
    assert (badge.visibility, badge.evidence) == (
        "public",
        [{"url": "https://example.org/work", "name": "Work"}],
    )


def test_results_are_those_that_the_template_asks_for(member: Member, acme: Organization) -> None:
    template = factories.template(
        acme,
        result_descriptions=[
            {"id": "points", "name": "Points", "type": "RawScore", "value_min": "0", "value_max": "100"},
            {"id": "level", "name": "Level", "type": "Status", "allowed_values": ["basic", "advanced"]},
        ],
    )
    draft = draft_for(member, template, "person", email="ada@example.org")

    refused = send(member, "issue_details", {"draft": draft}, **DETAILS, result_0="101", result_1="basic")
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["result_0"])
    described(member, draft, result_0="99", result_1="advanced")
    send(member, "issue_summary", {"draft": draft}, count="1")

    assert [(result["value"], result["result_description"]) for result in Badge.objects.get().results] == [
        ("99", "points"),
        ("advanced", "level"),
    ]


def test_list_is_issued_to_as_it_is_then(
    member: Member, template: BadgeTemplate, earners_list: EarnersList
) -> None:
    draft = described(member, draft_for(member, template, "list", list=earners_list.uuid))

    send(member, "issue_summary", {"draft": draft}, count="2")

    batch = Batch.objects.get()
    assert (batch.earners_list, batch.total) == (earners_list, 2)


def test_file_is_read_and_kept_for_the_next_steps(member: Member, template: BadgeTemplate) -> None:
    upload = SimpleUploadedFile("class.csv", b"E-mail;Nome;Cognome\nada@example.org;Ada;Lovelace\nnobody;;\n")
    draft = described(member, draft_for(member, template, "file", file=upload))

    page = member.get("issue_summary", draft=draft)

    assert "of the file “class.csv”" in page.content.decode()
    assert page.context["plan"].names == ("Ada Lovelace",)
    assert [line.number for line in page.context["recipients"].unusable] == [3]


def test_refused_steps_keep_what_was_typed(member: Member, template: BadgeTemplate) -> None:
    page = send(
        member,
        "issue_recipients",
        {"template": template.uuid, "to": "person"},
        email="ada@",
        first_name="Ada",
    )
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["email"])
    assert 'value="Ada"' in page.content.decode()

    draft = draft_for(member, template, addresses=THREE)
    page = send(
        member,
        "issue_details",
        {"draft": draft},
        **DETAILS
        | {
            "narrative": "kept words",
            "activity_started_on": "2024-05-02",
            "activity_ended_on": "2024-05-01",
            "when": "later",
        },
    )
    assert (page.status_code, list(page.context["form"].errors)) == (400, ["starts_at"])
    assert "kept words" in page.content.decode()
    page = send(
        member,
        "issue_details",
        {"draft": draft},
        **DETAILS | {"activity_started_on": "2024-05-02", "activity_ended_on": "2024-05-01"},
    )
    assert list(page.context["form"].errors) == ["activity_ended_on"]
    assert THREE.strip() in member.get("issue_recipients", draft=draft).content.decode().replace(
        "&lt;", "<"
    ).replace("&gt;", ">")
    assert not Badge.objects.exists()
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("issued_on", "0001-01-01"),
        ("expires_on", "9999-12-31"),
        ("activity_ended_on", "9999-12-31"),
        ("evidence-0-url", "https://[half"),
    ],
)
def test_days_and_addresses_that_no_clock_and_no_browser_knows_are_refused(
    member: Member, template: BadgeTemplate, field: str, typed: str
) -> None:
    draft = draft_for(member, template, addresses=THREE)

    page = send(member, "issue_details", {"draft": draft}, **DETAILS | {field: typed, "narrative": "kept"})

    form = page.context["form"]
    assert (page.status_code, len(form.errors) + form.evidence_forms.total_error_count()) == (400, 1)
    assert f'value="{typed}"' in page.content.decode()


def test_more_evidence_asks_for_one_more_and_judges_nothing(member: Member, template: BadgeTemplate) -> None:
    draft = draft_for(member, template, addresses=THREE)

    page = send(
        member,
        "issue_details",
        {"draft": draft},
        **DETAILS | {"evidence-0-url": "example", "add_evidence": "1", "narrative": "kept"},
    )

    assert page.status_code == 200
    assert len(page.context["form"].evidence_forms.forms) == 2
    assert "kept" in page.content.decode()
    assert "errorlist" not in page.content.decode()


def test_who_has_it_already_is_told_and_can_be_left_out(
    member: Member, template: BadgeTemplate, badge: Badge, earners_list: EarnersList
) -> None:
    draft = described(member, draft_for(member, template, addresses=THREE))

    page = member.get("issue_summary", draft=draft)
    without = member.get("issue_summary", draft=draft, leave_out="1")

    assert "1 person has it already and gets another one" in page.content.decode()
    assert (page.context["plan"].count, without.context["plan"].count) == (3, 2)
    send(member, "issue_summary", {"draft": draft}, count="2", leave_out="1")
    assert list(Batch.objects.get().rows.values_list("email", flat=True)) == [
        "alan@example.org",
        "grace@example.org",
    ]
    of_list = described(member, draft_for(member, template, "list", list=earners_list.uuid))
    send(member, "issue_summary", {"draft": of_list}, count="1", leave_out="1")
    assert Badge.objects.get(recipient_email="alan@example.org").template == template


def test_badge_given_once_leaves_out_who_has_it(member: Member, acme: Organization) -> None:
    template = factories.template(acme, is_unique=True)
    factories.badge(template)
    draft = described(member, draft_for(member, template, "person", email="ADA@example.org"))

    page = member.get("issue_summary", draft=draft)
    refused = send(member, "issue_summary", {"draft": draft}, count="0")

    assert "Everybody has this badge already" in page.content.decode()
    assert (refused.status_code, Badge.objects.count()) == (400, 1)


def test_too_few_credits_issue_nothing_and_lose_nothing(
    member: Member, template: BadgeTemplate, acme: Organization, settings: Settings
) -> None:
    settings.CREDITS = "enforced"
    add_credits(organization=acme, credits=2, description="two", by=None)
    draft = described(member, draft_for(member, template, addresses=THREE))

    page = send(member, "issue_summary", {"draft": draft}, count="3")

    assert (page.status_code, Batch.objects.count()) == (400, 0)
    assert "Your wallet has 2 credits" in page.content.decode()
    add_credits(organization=acme, credits=1, description="one", by=None)
    assert send(member, "issue_summary", {"draft": draft}, count="3").status_code == 302
    acme.refresh_from_db()
    assert (Batch.objects.get().total, acme.credits_left) == (3, 0)


def test_later_start_is_on_the_organizations_clock(
    member: Member, template: BadgeTemplate, acme: Organization
) -> None:
    Organization.objects.filter(pk=acme.pk).update(time_zone="Asia/Tokyo")
    day = (timezone.now() + timedelta(days=3)).date()
    draft = draft_for(member, template, "person", email="ada@example.org")

    described(member, draft, when="later", starts_at=f"{day}T09:00")
    page = member.get("issue_summary", draft=draft)
    send(member, "issue_summary", {"draft": draft}, count="1")

    batch = Batch.objects.get()
    assert "Schedule 1 badge" in page.content.decode()
    assert batch.starts_at is not None
    assert batch.starts_at.isoformat() == f"{day}T00:00:00+00:00"
    assert batch.is_scheduled


def test_sent_again_leads_to_what_was_issued(member: Member, template: BadgeTemplate) -> None:
    draft = described(member, draft_for(member, template, "person", email="ada@example.org"))
    first = send(member, "issue_summary", {"draft": draft}, count="1")

    again = send(member, "issue_summary", {"draft": draft}, count="1")
    reloaded = member.get("issue_summary", draft=draft)

    assert first["Location"] == again["Location"] == reloaded["Location"]
    assert Badge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_double_clicks_issue_once(template: BadgeTemplate, bob: User) -> None:
    member = Member(bob, template.organization)
    draft = described(member, draft_for(member, template, addresses=THREE))

    answers = race(
        lambda number: str(send(member, "issue_summary", {"draft": draft}, count="3")["Location"]), times=8
    )

    assert set(answers) == {member.url("batch", Batch.objects.get().uuid)}


@pytest.mark.django_db(transaction=True)
def test_race_with_one_token_issues_one_badge(template: BadgeTemplate) -> None:
    audience = Audience(people=[Person(email="ada@example.org")])

    answers = race(
        lambda number: issue_once(token="t", template=template, audience=audience, wish=Wish(), by=None),
        times=8,
    )

    assert [answer.badge for answer in answers if not isinstance(answer, Exception)] == [
        Badge.objects.get().uuid
    ] * 8


def test_list_that_grew_meanwhile_is_looked_at_again(
    template: BadgeTemplate, earners_list: EarnersList
) -> None:
    with pytest.raises(InvalidInput) as refused:
        issue_once(
            token="t",
            template=template,
            audience=Audience(earners_list=earners_list),
            wish=Wish(),
            expected=1,
            by=None,
        )

    assert refused.value.message == "Meanwhile these are 2 people. Nothing was issued: please look again."
    assert not Batch.objects.exists()


def test_draft_belongs_to_one_browser_and_its_organization(
    member: Member, template: BadgeTemplate, acme: Organization, bob: User
) -> None:
    draft = described(member, draft_for(member, template, addresses=THREE))

    other = Member(bob, acme).get("issue_summary", draft=draft)

    assert other["Location"] == member.url("issue")
    assert member.get("issue_summary", draft=draft).status_code == 200
    for session in Session.objects.all():
        assert "_auth_user_id" not in session.get_decoded() or "draft" not in session.get_decoded()


def test_oldest_drafts_go_and_leave_nothing_behind(member: Member, template: BadgeTemplate) -> None:
    before = Session.objects.count()

    drafts = [draft_for(member, template, "person", email="ada@example.org") for _ in range(7)]

    assert Session.objects.count() == before + 2 * 5
    assert member.get("issue_details", draft=drafts[0])["Location"] == member.url("issue")
    send(member, "issue_summary", {"draft": described(member, drafts[-1])}, count="1")
    assert (Badge.objects.count(), Session.objects.count()) == (1, before + 2 * 4)


def test_template_of_others_or_out_of_use_is_not_issued(
    member: Member, template: BadgeTemplate, globex: Organization
) -> None:
    foreign = factories.template(globex)
    draft = described(member, draft_for(member, template, addresses=THREE))
    archive_template(template=template, by=None)

    for uuid in (foreign.uuid, template.uuid, "none"):
        page = send(member, "issue_recipients", {"template": uuid, "to": "paste"}, addresses=THREE)
        assert page["Location"] == member.url("issue")
    assert send(member, "issue_summary", {"draft": draft}, count="3")["Location"] == member.url("issue")
    assert not Batch.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_first_step_and_summary_cost_the_same_however_many(
    member: Member, acme: Organization, number: int, django_assert_num_queries: Any
) -> None:
    templates = [factories.template(acme, title=f"Badge {count}") for count in range(number)]
    lines = "\n".join(f"earner{count}@example.org" for count in range(number))
    draft = described(member, draft_for(member, templates[0], addresses=lines))

    with django_assert_num_queries(5):  # session, user, membership, number, templates
        assert len(member.get("issue").context["tiles"]) == number
    with django_assert_num_queries(11):  # of the summary: two drafts rows, holders, keys, and what is above
        assert member.get("issue_summary", draft=draft).context["plan"].count == number
