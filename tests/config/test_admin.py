"""The whole site of the staff: every page with every table filled, and no secret on any of them."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from badges.models import (
    Badge,
    BadgeTemplate,
    BadgeTemplateVersion,
    Batch,
    BatchRow,
    ImportedBadge,
    Outcome,
    OutcomeRecord,
    PathProgress,
    StatusList,
)
from badges.services.batches import create_batch, run_batch
from badges.services.documents import credential_jwt, signed_assertion
from badges.services.outcome_settings import create_outcome
from badges.services.outcomes import record_outcome
from badges.services.paths import PathStepSpec, set_path_steps
from badges.services.revoking import revoke_badge
from claimcodes.models import Claim, ClaimCode
from claimcodes.services import claim_code
from earners.models import Earner, EarnerAccount, EarnersList, ListMembership, LoginToken
from earners.services import Person, create_list, create_login_token
from organizations.enums import Role
from organizations.models import (
    ApiKey,
    AuditEntry,
    BadgekitConsumer,
    CreditTransaction,
    Invitation,
    MailStop,
    Membership,
    Message,
    Organization,
    Program,
    SigningKey,
    System,
    User,
)
from organizations.services.access import create_badgekit_consumer
from organizations.services.invitations import invite
from organizations.services.mail_stops import Subscription, stop_mails
from organizations.services.organizations import create_organization, create_system
from organizations.services.wallet import request_credits
from tests import factories
from tests.accounts import imported
from tests.factories import PASSWORD
from tests.keys import ED25519_PRIVATE, RSA_PRIVATE
from tests.staff import browser_of, url

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DP"
# A search that finds something in the list of each model: every registered one is here, or a test fails.
SEARCHES: dict[type[models.Model], str] = {
    ApiKey: "test",
    AuditEntry: "alice@acme.example",
    Authenticator: "alice",
    Badge: "ada@example.org",
    BadgeTemplate: "Data literacy",
    BadgeTemplateVersion: "Data literacy",
    BadgekitConsumer: "the old portal",
    Batch: "Data literacy",
    BatchRow: "grace@example.org",
    Claim: "claire@example.org",
    ClaimCode: "WELCOME",
    CreditTransaction: "for the autumn",
    Earner: "ada@example.org",
    EarnerAccount: "ada@example.org",
    EarnersList: "Class of 2026",
    Group: "Support",
    Invitation: "guest@example.org",
    ListMembership: "ada@example.org",
    LogEntry: "Acme",
    LoginToken: "ada@example.org",
    MailStop: "ada@example.org",
    Membership: "alice@acme.example",
    Message: "ada@example.org",
    Organization: "Acme Academy",
    ImportedBadge: "First aid",
    Outcome: "course-7",
    OutcomeRecord: "course-7",
    PathProgress: "ada@example.org",
    Program: "Summer school",
    SigningKey: "Acme Academy",
    StatusList: "Acme Academy",
    System: "Main",
    User: "alice@acme.example",
}
# Session, user, one or two counts, the rows, and some for dates and for each filter that names rows.
QUERIES: dict[type[models.Model], int] = {
    ApiKey: 8,
    AuditEntry: 9,
    Authenticator: 7,
    Badge: 7,
    BadgeTemplate: 8,
    BadgeTemplateVersion: 8,
    BadgekitConsumer: 6,
    Batch: 8,
    BatchRow: 5,
    Claim: 8,
    ClaimCode: 8,
    CreditTransaction: 8,
    Earner: 7,
    EarnerAccount: 8,
    EarnersList: 8,
    Group: 5,
    Invitation: 8,
    ListMembership: 4,
    LogEntry: 8,
    LoginToken: 8,
    MailStop: 8,
    Membership: 6,
    Message: 8,
    Organization: 8,
    ImportedBadge: 7,
    Outcome: 8,
    OutcomeRecord: 8,
    PathProgress: 8,
    Program: 6,
    SigningKey: 8,
    StatusList: 6,
    System: 5,
    User: 8,
}
ADDED_BY_SERVICES = {
    AuditEntry,
    Authenticator,
    Badge,
    BadgeTemplateVersion,
    Batch,
    BatchRow,
    Claim,
    CreditTransaction,
    Earner,
    EarnerAccount,
    ListMembership,
    LogEntry,
    LoginToken,
    MailStop,
    Message,
    PathProgress,
    SigningKey,
    StatusList,
    ImportedBadge,
    Invitation,
    OutcomeRecord,
}


@dataclass
class Populated:
    """A database with a row in every table that staff see, and every secret in it by name."""

    secrets: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture
def populated(acme: Organization, alice: User, bob: User, staff: User) -> Populated:
    """Every table filled, and the secrets of it."""
    secrets = fill(acme, alice, staff, "ada@example.org", "")
    return Populated(
        secrets | {"password": PASSWORD.encode(), "Ed25519 key": ED25519_PRIVATE, "RSA key": RSA_PRIVATE}
    )


@pytest.fixture
def tripled(populated: Populated, staff: User) -> None:
    """Every table filled three times, so that few lists have one organization or template in two rows."""
    for number in (2, 3):
        system = create_system(name=f"System {number}")
        organization = create_organization(name=f"Organization {number}", system=system, by=None)
        owner = factories.member(organization, Role.OWNER, f"owner{number}@example.org")
        fill(organization, owner, staff, f"ada{number}@example.org", f" {number}")


def fill(organization: Organization, owner: User, staff: User, email: str, suffix: str) -> dict[str, bytes]:
    """Put at least one row into every table, by the services; return the secrets by name."""
    template = factories.template(organization)
    badge = factories.badge(template, email)
    key, secret = factories.api_key(organization)
    consumer, consumer_secret = create_badgekit_consumer(
        system=organization.system, description="the old portal", by=None
    )
    token, token_text = create_login_token(email=email)
    factories.ProgramFactory(organization=organization, name="Summer school")
    request_credits(organization=organization, credits=50, description="for the autumn", user=owner)
    earners_list = create_list(organization=organization, name="Class of 2026", by=None)
    ListMembership.objects.create(earners_list=earners_list, earner=badge.earner, metadata={"class": "5b"})
    outcome, outcome_secrets = create_outcome(
        organization=organization, code=f"course-7{suffix}", call_url="https://platform.example/", by=None
    )
    assert outcome_secrets is not None
    record_outcome(account=token.account, code=outcome.code)
    imported(token.account, recipient_email=email, document="the foreign document")
    people: list[tuple[Person, dict[str, str]]] = [
        (Person(email=address), {}) for address in ("grace@example.org", "no address")
    ]
    run_batch(create_batch(template=template, people=people, by=None))
    revoke_badge(badge=factories.badge(template, "eve@example.org"), reason="issued twice", by=None)
    factories.badge(
        template, "old@example.org", evidence=[{"url": "https://example.org/work"}], narrative="Well done."
    )
    path = factories.template(organization, title="Reader", is_learning_path=True)
    set_path_steps(path=path, steps=[PathStepSpec(templates=[template])], in_order=False, by=None)
    code = factories.claim_code(template, code=f"WELCOME{suffix}", is_multiuse=True)
    claim_code(claim_code=code, email="claire@example.org", by=None)
    credential_jwt(badge)
    signed_assertion(badge)
    Authenticator.objects.create(user=owner, type="totp", data={"secret": TOTP_SECRET})
    invite(organization=organization, emails=["guest@example.org"], role=Role.ISSUER, by=owner)
    stop_mails(subscription=Subscription(organization, email))
    Group.objects.create(name=f"Support{suffix}")
    LogEntry.objects.log_actions(staff.pk, [organization], 2, change_message="Changed.", single_object=True)
    return {
        "API key": secret.encode(),
        "API key's secret part": secret.split("_", 2)[2].encode(),
        "API key's digest": key.digest.encode(),
        "consumer's secret": consumer_secret.encode(),
        "consumer's encrypted secret": bytes(consumer.encrypted_secret),
        "login token": token_text.encode(),
        "login token's digest": token.digest.encode(),
        "signing secret": outcome_secrets.signing_secret.encode(),
        "encrypted signing secret": bytes(outcome.encrypted_signing_secret or b"-none-"),
        "callback token": outcome_secrets.callback_token.encode(),
        "callback digest": (outcome.callback_digest or "-none-").encode(),
        "foreign document": b"the foreign document",
        "salt": badge.recipient_salt.encode(),
        "second factor": TOTP_SECRET.encode(),
        "owner's digest": owner.password.encode(),
        "owner's digest, without its salt": owner.password.rpartition("$")[2].encode(),
        **{f"signing key {row.pk}": bytes(row.encrypted_private_bytes) for row in SigningKey.objects.all()},
        **{f"public part of {row.pk}": bytes(row.public_bytes) for row in SigningKey.objects.all()},
        **{f"document {row.kind}": row.body.encode() for row in badge.documents.all()},
        **{f"status list {row.pk}": row.body.encode() for row in StatusList.objects.all()},
        **{f"digest of status list {row.pk}": row.digest.encode() for row in StatusList.objects.all()},
    }


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which the superuser is signed in."""
    return browser_of(staff)


def every_page() -> Iterator[tuple[type[models.Model], str]]:
    """Yield (model, address) of every list, form and row's page and history."""
    for model in admin.site._registry:
        yield model, url(model, "changelist")
        if model not in ADDED_BY_SERVICES:
            yield model, url(model, "add")
        for row in model._default_manager.all():
            yield model, url(model, "change", row.pk)
            yield model, url(model, "history", row.pk)
    yield User, reverse("admin:index")
    for user in User.objects.all():
        yield User, reverse("admin:auth_user_password_change", args=[user.pk])


def test_every_model_is_on_the_site() -> None:
    assert set(admin.site._registry) == set(SEARCHES)


def test_every_page_answers(populated: Populated, staff_client: Client) -> None:
    """With no script or style of ours inside: the content security policy would stop it."""
    seen: set[type[models.Model]] = set()
    for model, address in every_page():
        response = staff_client.get(address)
        assert response.status_code == 200, address
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", page), address
        seen.add(model)
    assert seen == set(SEARCHES)
    assert all(model._default_manager.exists() for model in seen)


def test_every_list_is_searched(populated: Populated, staff_client: Client) -> None:
    for model, term in SEARCHES.items():
        response = staff_client.get(url(model, "changelist"), {"q": term})
        assert response.status_code == 200
        assert response.context["cl"].result_count >= 1, model
        response = staff_client.get(url(model, "changelist"), {"q": "nothing is called this"})
        assert response.context["cl"].result_count == 0, model


def test_every_filter_answers(populated: Populated, staff_client: Client) -> None:
    for model in SEARCHES:
        page = staff_client.get(url(model, "changelist"))
        for filter_spec in page.context["cl"].filter_specs:
            for choice in filter_spec.choices(page.context["cl"]):
                address = url(model, "changelist") + choice["query_string"]
                assert staff_client.get(address).status_code == 200, address


def test_links_between_rows_lead_to_pages_that_answer(populated: Populated, staff_client: Client) -> None:
    """They are made by hand. Sorting and filtering within a list are Django's."""
    addresses = {address for _model, address in every_page()}
    followed = set()
    for address in sorted(addresses):
        for link in re.findall(r'href="(/admin/[^"#]*)"', staff_client.get(address).content.decode()):
            target = unescape(link)
            if target not in addresses and target not in followed and "id__exact" in target:
                followed.add(target)
                assert staff_client.get(target).status_code == 200, f"{address} links to {target}"
    assert len(followed) > 10


def test_no_page_shows_a_secret(populated: Populated, staff_client: Client) -> None:
    pages = {address: staff_client.get(address).content for _model, address in every_page()}
    pages["the log"] = "\n".join(
        f"{entry.object_repr} {entry.change_message}" for entry in LogEntry.objects.all()
    ).encode()
    assert len(populated.secrets) > 15
    for name, secret in populated.secrets.items():
        spellings = {
            secret,
            secret.hex().encode(),
            base64.b64encode(secret).rstrip(b"="),
            base64.urlsafe_b64encode(secret).rstrip(b"="),
            repr(secret)[2:-1].encode(),
        }
        for address, page in pages.items():
            plain = unescape(page.decode()).encode()
            for spelling in spellings:
                assert spelling not in page, f"{name} is on {address}"
                assert spelling not in plain, f"{name} is on {address}"


def test_nothing_kept_can_be_deleted(populated: Populated, staff_client: Client) -> None:
    deletable = {Group, Authenticator}
    for model in set(SEARCHES) - deletable:
        before = model._default_manager.count()
        row = model._default_manager.first()
        assert row is not None
        assert staff_client.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403, model
        assert b"deletelink" not in staff_client.get(url(model, "change", row.pk)).content
        actions = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
        staff_client.post(url(model, "changelist"), actions)
        assert model._default_manager.count() == before, model


def test_history_can_be_neither_added_nor_changed(populated: Populated, staff_client: Client) -> None:
    for model in ADDED_BY_SERVICES:
        row = model._default_manager.first()
        assert row is not None
        before = model._default_manager.filter(pk=row.pk).values().get()
        assert staff_client.get(url(model, "add")).status_code == 403, model
        assert staff_client.post(url(model, "add"), {}).status_code == 403, model
        assert staff_client.post(url(model, "change", row.pk), {}).status_code == 403, model
        assert model._default_manager.filter(pk=row.pk).values().get() == before


def test_a_viewer_sees_everything_and_does_nothing(populated: Populated) -> None:
    """Staff with nothing but permission to view: every page answers, no act is offered, none is taken."""
    viewer = User.objects.create_user("viewer@server.example", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = browser_of(viewer)
    for model, model_admin in admin.site._registry.items():
        row = model._default_manager.first()
        assert row is not None
        page = client.get(url(model, "change", row.pk))
        assert page.status_code == 200, model
        assert b'name="_save"' not in page.content
        assert {name for name, _description in page.context.get("acts", ())} <= {
            "verifiability"
        }  # it only reads
        assert client.post(url(model, "change", row.pk), {}).status_code == 403, model
        assert client.get(url(model, "add")).status_code == 403, model
        before = list(model._default_manager.order_by("pk").values())
        for act in (name for name in model_admin.actions or () if isinstance(name, str)):
            chosen = {
                "action": act,
                "_selected_action": row.pk,
                "confirmed": "1",
                "reason": "no",
                "credits": "5",
            }
            client.post(url(model, "changelist"), chosen | {"description": "no"})
        assert list(model._default_manager.order_by("pk").values()) == before, model


def test_staff_without_permissions_see_nothing(populated: Populated) -> None:
    client = browser_of(User.objects.create_user("new@server.example", is_staff=True))
    for model in SEARCHES:
        assert client.get(url(model, "changelist")).status_code == 403, model


def test_members_who_are_not_staff_are_refused(populated: Populated, alice: User) -> None:
    client = browser_of(alice)
    assert client.get(reverse("admin:login")).status_code == 403
    response = client.get(url(Organization, "changelist"))
    assert response.status_code == 302
    assert client.get(response.headers["Location"]).status_code == 403


def rows_in_pages(client: Client, model: type[models.Model], count: int) -> int:
    """Return how many queries the list of a model takes with this number of rows on it."""
    chosen = list(model._default_manager.order_by("pk").values_list("pk", flat=True)[:count])
    assert len(chosen) == count, f"{model} has too few rows to compare"
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url(model, "changelist"), {"pk__in": ",".join(str(pk) for pk in chosen)})
    assert page.context["cl"].result_count == count
    return len(queries)


def test_lists_take_as_many_queries_for_three_rows_as_for_one(tripled: None, staff_client: Client) -> None:
    counted = {
        model: (rows_in_pages(staff_client, model, 1), rows_in_pages(staff_client, model, 3))
        for model in SEARCHES
    }
    assert counted == {model: (expected, expected) for model, expected in QUERIES.items()}
