"""A person deletes their account: each organization keeps what it has chosen, all of the record or that there was one."""

import json

import pytest
from django.db.models import Model
from django.test import Client

from badges.credentials import signing
from badges.credentials.keys import Ed25519PublicKey
from badges.enums import OutcomeState, Visibility
from badges.exceptions import AccountWithoutAddress, BadgeNotChangeable, ReferenceUnknown
from badges.models import Badge, BadgeDocument, BadgeTally, BadgeTemplate, BatchRow, OutcomeRecord
from badges.services.accepting import accept_badge
from badges.services.batches import create_batch, run_batch
from badges.services.changing import change_badge
from badges.services.counters import recount
from badges.services.documents import credential
from badges.services.issuing import issue_badge
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import Assignment, complete_assignment, record_outcome, retry_outcome
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from earners.models import Earner, EarnerAccount, EarnersList, ListMembership
from earners.services import ListedPerson, Person, create_list, put_on_list
from earners.services.accounts import delete_account, what_stays
from earners.services.erasing import erase_earner
from organizations.enums import AccountDeletion, AuditAct
from organizations.models import AuditEntry, Message, Organization, User
from organizations.services.audit import note_act
from tests import factories
from tests.accounts import account_of
from tests.api import Api
from tests.badges.test_my_badges import signed_in, text

pytestmark = pytest.mark.django_db
ADA, CHARLES = "ada@example.org", "charles@example.org"


@pytest.fixture
def anonymising(acme: Organization) -> Organization:
    """Acme, which keeps of badges only that they were issued."""
    acme.account_deletion = AccountDeletion.ANONYMISE
    acme.save()
    return acme


def kept_by(organization: Organization) -> str:
    """Return all that an organization has, but its users, as one text."""
    owned: dict[type[Model], str] = {
        Badge: "organization",
        BadgeDocument: "badge__organization",
        BatchRow: "batch__organization",
        OutcomeRecord: "outcome__organization",
        Claim: "claim_code__template__organization",
        ClaimCode: "template__organization",
        Earner: "organization",
        ListMembership: "earners_list__organization",
        Message: "organization",
        AuditEntry: "organization",
    }
    rows = [
        list(model._default_manager.filter(**{path: organization}).values()) for model, path in owned.items()
    ]
    return json.dumps(rows, default=str).lower()


def test_organization_that_keeps_its_records_keeps_all(acme: Organization, badge: Badge) -> None:
    assert titles(ADA) == 1
    account = EarnerAccount.objects.get()
    assert Message.objects.filter(organization__isnull=True, recipient=ADA).count() == 1
    create_outcome(organization=acme, code="course-7", template=badge.template, by=None)
    record = record_outcome(account=account, code="course-7")
    before = Badge.objects.values().get(pk=badge.pk)

    delete_account(account=account)

    assert Badge.objects.values().get(pk=badge.pk) == before
    assert Client().get(badge.public_path).status_code == 200
    record.refresh_from_db()
    assert (record.account, record.recipient_email, record.state) == (None, ADA, OutcomeState.ISSUED)
    assert not Message.objects.filter(organization__isnull=True, recipient=ADA).exists()
    assert titles(ADA) == 2


def titles(email: str) -> int:
    """Return how many badges somebody finds who signs in with an address."""
    return text(signed_in(email).get("/me")).count('class="row-link"')


def test_organization_that_keeps_no_person_forgets_them(
    anonymising: Organization, globex: Organization, template: BadgeTemplate, alice: User
) -> None:
    account = account_of(ADA)
    claimed = claim_code(
        claim_code=factories.claim_code(template), email=ADA, first_name="Ada", last_name="Lovelace"
    ).badge
    assert claimed is not None
    shown = factories.badge(
        template,
        visibility=Visibility.PUBLIC,
        narrative="Ada wrote the first program.",
        evidence=[{"url": "https://example.org/ada"}],
        notes="Ada was ill",
        additional_details={"class": "Lovelace"},
    )
    batch = create_batch(template=template, people=[(Person(email=ADA, last_name="Lovelace"), {})], by=None)
    run_batch(batch)
    earners_list = create_list(organization=anonymising, name="Class", by=alice)
    put_on_list(
        earners_list=earners_list, people=[ListedPerson(email=ADA, metadata={"id": "Lovelace"})], by=alice
    )
    create_outcome(organization=anonymising, code="course-7", template=template, by=None)
    record_outcome(account=account, code="course-7")
    accept_badge(account=account, badge_id=shown.uuid)
    note_act(
        organization=anonymising, act=AuditAct.BADGE_CHANGED, by=alice, subject=shown.uuid, label=f"{ADA} Ada"
    )
    kept = factories.badge(factories.template(globex))
    issue_badge(template=template, person=Person(email=CHARLES), by=None)
    earner_uuid = shown.earner.uuid
    counts = BadgeTally.objects.filter(organization=anonymising).values_list("badges", "accepted_badges")
    before = counts.get()
    for trace in (ADA, "lovelace", str(earner_uuid)):
        assert trace in kept_by(anonymising)

    delete_account(account=account)

    assert sum(recount().values()) == 0
    assert counts.get() == before == (5, 3)
    shown.refresh_from_db()
    assert (shown.recipient_email, shown.recipient_name, shown.narrative, shown.evidence, shown.notes) == (
        *("", "", ""),
        [],
        "",
    )
    assert (shown.visibility, shown.is_anonymous, shown.is_revoked) == (Visibility.HIDDEN, True, False)
    assert shown.accepted_at is not None
    for trace in (ADA, "lovelace", str(earner_uuid)):
        assert trace not in kept_by(anonymising)
    assert CHARLES in kept_by(anonymising)
    assert ADA in kept_by(globex)
    assert Client().get(kept.public_path).status_code == 200
    assert EarnersList.objects.get().earners_count == 0
    assert AuditEntry.objects.filter(act=AuditAct.EARNER_ERASED).count() == 1


def test_verifiers_find_nothing_here_and_a_kept_file_still_verifies(
    anonymising: Organization, badge: Badge, acme_key: str
) -> None:
    file = json.loads(credential(badge))
    list_path = file["credentialStatus"]["statusListCredential"].partition("127.0.0.1:8000")[2]
    before = Client().get(list_path).content
    pages = [
        badge.public_path,
        *(
            f"{badge.public_path}/{name}"
            for name in ("ob3.json", "ob2.json", "ob3.jwt", "ob3.png", "ob2.jws")
        ),
    ]
    assert {Client().get(page).status_code for page in pages} == {200}

    delete_account(account=account_of(ADA))

    assert {Client().get(page).status_code for page in pages} == {404}
    method = signing.verification_methods(file)[0]
    assert signing.verify_credential(file, Ed25519PublicKey.from_multibase(method.rpartition("#")[2]))
    assert Client().get(list_path).content == before
    api = Api(acme_key)
    body = api.get(f"/badges/{badge.uuid}").json()["data"]
    assert (body["id"], body["recipient_email"]) == (str(badge.uuid), "")
    assert api.get(f"/badges/{badge.uuid}/download/ob3.json").status_code == 404


def test_anonymous_badge_stays_nobodys(anonymising: Organization, badge: Badge, alice: User) -> None:
    delete_account(account=account_of(ADA))

    for fields in ({"recipient_email": ADA}, {"is_public": True}):
        with pytest.raises(BadgeNotChangeable):
            change_badge(badge=badge, fields=fields, by=alice)

    badge.refresh_from_db()
    assert (badge.recipient_email, badge.visibility) == ("", Visibility.HIDDEN)
    change_badge(badge=badge, fields={"notes": "Erased by request"}, by=alice)
    assert titles(ADA) == 0
    factories.badge(badge.template)
    assert titles(ADA) == 1


def test_earner_is_erased_once_by_an_issuer(acme: Organization, badge: Badge, bob: User) -> None:
    erase_earner(earner=badge.earner, by=bob)
    first = Earner.objects.values().get()

    erase_earner(earner=badge.earner, by=bob)

    assert Earner.objects.values().get() == first
    assert first["email_key"].startswith("erased:")
    entries = AuditEntry.objects.filter(act=AuditAct.EARNER_ERASED).values_list("actor", "subject")
    assert list(entries) == [("bob@acme.example", first["uuid"])]
    acme.refresh_from_db()
    assert (acme.earners_count, acme.badges_count) == (1, 1)


@pytest.mark.parametrize("choice", list(AccountDeletion))
def test_outcome_that_waits_is_closed(acme: Organization, choice: AccountDeletion) -> None:
    Organization.objects.update(account_deletion=choice)
    account = account_of(ADA)
    outcome = create_outcome(
        organization=acme, code="course-8", call_url="https://platform.example/take", by=None
    )[0]
    record = record_outcome(account=account, code="course-8")
    reference = str(record.ref_id)

    delete_account(account=account)

    record.refresh_from_db()
    assert (record.account, record.state, record.ref_id, record.problem) == (
        None,
        OutcomeState.REFUSED,
        None,
        "The person has deleted their account.",
    )
    assert record.recipient_email == (ADA if choice == AccountDeletion.KEEP else "")
    with pytest.raises(AccountWithoutAddress):
        retry_outcome(record=record, by=None)
    assignment = Assignment(ref_id=reference, outcome_code="course-8", badge_url="https://x.example/b")
    with pytest.raises(ReferenceUnknown):
        complete_assignment(outcome=outcome, assignment=assignment)
    assert record_outcome(account=account_of(ADA), code="course-8").pk != record.pk


def test_page_says_what_each_organization_keeps(
    anonymising: Organization, globex: Organization, badge: Badge
) -> None:
    ada = signed_in(ADA)
    factories.badge(factories.template(globex))
    factories.badge(factories.template(factories.OrganizationFactory.create(name="Initech")), CHARLES)

    page = text(ada.get("/me/account/delete"))

    account = EarnerAccount.objects.get()
    assert [(staying.organization, staying.keeps_person) for staying in what_stays(account)] == [
        ("Acme Academy", False),
        ("Globex College", True),
    ]
    assert page.index("Acme Academy") < page.index("Keeps only that badges were issued")
    assert page.index("Globex College") < page.index("Keeps its records of you")
    assert "Initech" not in page
