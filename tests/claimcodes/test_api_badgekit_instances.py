"""Badge instances in the BadgeKit API: issued to an address, by code, in bulk; listed, found, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from badges.api.badgekit_bodies import instant
from badges.models import Badge, BadgeTemplate, Batch
from badges.services.batches import run_batch
from badges.services.templates import archive_template, update_template
from claimcodes.api import badgekit_instances
from claimcodes.models import Claim, ClaimCode
from config.masking import loggable_path
from organizations.enums import ApiScope
from organizations.models import Organization, Program
from tests import factories
from tests.badgekit import Answer, BadgekitClient, segment
from tests.racing import race

SYSTEM, ISSUER, PROGRAM = (
    "/systems/main",
    "/systems/main/issuers/acme",
    "/systems/main/issuers/acme/programs/evening",
)
ADA, BOB = "ada@example.org", "bob@example.org"


@pytest.fixture
def program(acme: Organization) -> Program:
    """A program of acme's."""
    return factories.ProgramFactory.create(organization=acme, slug="evening", name="Evening school")


@pytest.fixture
def bees(acme: Organization, program: Program) -> BadgeTemplate:
    """A badge that each earner may hold once, `bees` in acme's program."""
    template = factories.template(acme, title="Bees", is_unique=True, program=program)
    assert template.slug == "bees"
    return template


@pytest.fixture
def master(bees: BadgeTemplate) -> BadgekitClient:
    """A client with the master key; the badge `bees` is there."""
    return BadgekitClient()


def issue(client: BadgekitClient, **body: Any) -> Answer:
    """Issue `bees`, to Ada unless told."""
    return client.post(f"{ISSUER}/badges/bees/instances", {"email": ADA} | body)


@pytest.mark.parametrize("scope", [SYSTEM, ISSUER, PROGRAM])
def test_a_badge_is_issued_and_found(master: BadgekitClient, scope: str) -> None:
    answer = master.post(f"{scope}/badges/bees/instances", {"email": "Ada@Example.org"})

    badge = Badge.objects.get()
    instance = {
        "slug": str(badge.uuid),
        "email": "Ada@Example.org",
        "expires": None,
        "issuedOn": instant(badge.issued_at),
        "assertionUrl": f"{settings.PUBLIC_URL}/public/badges/{badge.uuid}/ob2.json",
        "badge": None,
    }
    assert (answer.status, answer.body) == (201, {"status": "created", "instance": instance})
    assert list(answer.body["instance"]) == list(instance)
    assert answer.headers["Location"] == f"/public/assertions/{badge.uuid}"
    shown = master.get(f"{scope}/badges/bees").body["badge"]
    found = instance | {"claimCode": None, "badge": shown}
    assert master.get(f"{scope}/badges/bees/instances/{ADA}").body == {"instance": found}
    assert master.get(f"{scope}/badges/bees/instances/ADA%40example.org").body == {"instance": found}
    assert master.get(f"{scope}/badges/bees/instances").body == {"instances": [found]}
    assert master.get(f"{scope}/instances/{segment(ADA)}").body == {"instances": [found], "instance": found}
    assert list(master.get(f"{scope}/badges/bees/instances/{ADA}").body["instance"]) == [
        *("slug", "email", "expires", "issuedOn", "claimCode", "assertionUrl", "badge")
    ]
    assertion = master.client.get(f"/public/badges/{badge.uuid}/ob2.json").json()
    assert assertion["id"] == instance["assertionUrl"]


def test_who_has_a_unique_badge_gets_no_second(master: BadgekitClient) -> None:
    first = issue(master).body["instance"]

    answer = issue(master, email=" ADA@example.org ")

    message = "User ADA@example.org has already been awarded badge bees"
    assert (answer.status, answer.body) == (
        409,
        {
            "code": "ResourceConflict",
            "error": message,
            "message": message,
            "details": {"assertionUrl": first["assertionUrl"]},
        },
    )
    assert Badge.objects.count() == 1


def test_what_is_not_unique_is_issued_as_often_as_asked(master: BadgekitClient, bees: BadgeTemplate) -> None:
    update_template(template=bees, fields={"is_unique": False}, by=None)

    slugs = [issue(master).body["instance"]["slug"] for _ in range(2)]

    assert master.get(f"{ISSUER}/badges/bees/instances/{ADA}").body["instance"]["slug"] == slugs[1]
    assert len(master.get(f"{ISSUER}/instances/{ADA}").body["instances"]) == 2
    assert master.delete(f"{ISSUER}/badges/bees/instances/{ADA}").body["instance"]["slug"] == slugs[1]
    assert master.get(f"{ISSUER}/badges/bees/instances/{ADA}").status == 404


@pytest.mark.parametrize(
    "sent",
    [
        "2024-05-29T10:16:01.654Z",
        "2024-05-29T12:16:01+02:00",
        1716977761,
        "1716977761",
        1716977761654,
        "1716977761654",
    ],
)
def test_times_are_read_in_all_their_forms(master: BadgekitClient, sent: object) -> None:
    instance = issue(master, issuedOn=sent, expires="2999-01-01").body["instance"]

    assert (instance["issuedOn"], instance["expires"]) == (
        "2024-05-29T10:16:01.000Z",
        "2999-01-01T00:00:00.000Z",
    )
    assert Badge.objects.get().issued_at == datetime(2024, 5, 29, 10, 16, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": None}, ["email"]),
        ({"email": "nobody"}, ["email"]),
        ({"email": ["ada@example.org"]}, ["email"]),
        ({"email": f"{'a' * 250}@example.org"}, ["email"]),
        ({"email": "", "issuedOn": "yesterday", "expires": [1]}, ["email", "issuedOn", "expires"]),
        ({"issuedOn": 10**30}, ["issuedOn"]),
        ({"issuedOn": "2999-01-01"}, ["issuedOn"]),
        ({"issuedOn": "2024-01-02", "expires": "2024-01-01"}, ["expires"]),
        ({"claimCode": "x" * 256}, ["claimCode"]),
        ({"claimCode": {"a": 1}}, ["claimCode"]),
        ({"comment": "x" * 20_001}, ["comment"]),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(
    master: BadgekitClient, body: dict[str, Any], fields: list[str]
) -> None:
    answer = issue(master, **body)

    assert (answer.status, answer.body["code"]) == (400, "ValidationError")
    assert [part["field"] for part in answer.body["details"]] == fields
    assert Badge.objects.count() == 0


def test_a_comment_is_the_issuers_note_and_unknown_fields_are_ignored(master: BadgekitClient) -> None:
    issue(master, comment="By hand.", slug="my-own", id=7, badgeId=8, issued_by="me")

    badge = Badge.objects.get()
    assert (badge.notes, badge.issued_by) == ("By hand.", "BadgeKit key master")


@pytest.mark.parametrize("path", ["badges/none/instances", "badges/bees/instances/nobody@example.org"])
def test_what_is_not_there_is_not_found(master: BadgekitClient, path: str) -> None:
    answer = master.get(f"{ISSUER}/{path}")

    kind, field, value = (
        ("badge", "slug", "none") if "none" in path else ("badgeInstance", "email", "nobody@example.org")
    )
    message = f"Could not find {kind} field: `{field}`, value: `{value}`"
    assert (answer.status, answer.body) == (404, {"code": "ResourceNotFound", "message": message})


def test_who_has_nothing_gets_an_empty_list(master: BadgekitClient) -> None:
    assert master.get(f"{SYSTEM}/instances/nobody@example.org").body == {"instances": []}


def test_a_claim_code_is_used_by_the_same_act(master: BadgekitClient, bees: BadgeTemplate) -> None:
    code = factories.claim_code(bees, code="Summer 1/2")

    answer = issue(master, claimCode=" summer 1/2 ")

    assert (answer.status, answer.body["instance"]["claimCode"]) == (201, "Summer 1/2")
    code.refresh_from_db()
    assert (code.is_claimed, code.uses, code.email) == (True, 1, ADA)
    assert Claim.objects.get().badge == Badge.objects.get()
    assert master.get(f"{ISSUER}/badges/bees/instances").body["instances"][0]["claimCode"] == "Summer 1/2"
    again = issue(master, email=BOB, claimCode="Summer 1/2")
    assert (again.status, again.body) == (
        400,
        {"code": "CodeAlreadyUsed", "message": "Claim code `Summer 1/2` has already been claimed"},
    )
    assert Badge.objects.count() == 1


def test_a_code_of_another_badge_is_none(
    master: BadgekitClient, bees: BadgeTemplate, template: BadgeTemplate
) -> None:
    factories.claim_code(template, code="theirs")

    answer = issue(master, claimCode="theirs")

    assert (answer.status, answer.body["message"]) == (
        404,
        "Could not find claimCode field: `code`, value: theirs",
    )
    assert (Badge.objects.count(), ClaimCode.objects.get().uses) == (0, 0)


@pytest.mark.parametrize("is_multiuse", [False, True])
def test_who_has_the_badge_does_not_use_up_a_code(
    master: BadgekitClient, bees: BadgeTemplate, is_multiuse: bool
) -> None:
    held = issue(master).body["instance"]
    code = factories.claim_code(bees, is_multiuse=is_multiuse)

    answer = issue(master, claimCode=code.code)

    assert (answer.status, answer.body["details"]) == (409, {"assertionUrl": held["assertionUrl"]})
    code.refresh_from_db()
    assert (code.is_claimed, code.uses) == (False, 0)


def test_a_multiuse_code_gives_each_address_one_badge(master: BadgekitClient, bees: BadgeTemplate) -> None:
    update_template(template=bees, fields={"is_unique": False}, by=None)
    code = factories.claim_code(bees, is_multiuse=True)

    statuses = [issue(master, email=email, claimCode=code.code).status for email in (ADA, BOB, ADA)]

    assert statuses == [201, 201, 409]
    assert Badge.objects.count() == 2


def test_a_reached_limit_uses_up_no_code(master: BadgekitClient, bees: BadgeTemplate) -> None:
    update_template(template=bees, fields={"limit": 1}, by=None)
    issue(master, email=BOB)
    code = factories.claim_code(bees)

    answer = issue(master, claimCode=code.code)

    code.refresh_from_db()
    assert (answer.status, answer.body["code"], code.uses) == (400, "LimitReached", 0)


def test_nothing_is_issued_of_an_archived_badge(master: BadgekitClient, bees: BadgeTemplate) -> None:
    archive_template(template=bees, by=None)

    assert (issue(master).status, issue(master).body["code"]) == (400, "BadgeNotIssuable")
    assert master.get(f"{ISSUER}/badges/bees/instances").body == {"instances": []}


def test_many_are_issued_at_once(master: BadgekitClient) -> None:
    issue(master)

    answer = master.post(
        f"{ISSUER}/badges/bees/instances/bulk",
        {"emails": [ADA, BOB, "BOB@example.org", "carl@example.org"], "expires": 4102444800},
    )

    assert (answer.status, answer.body["status"]) == (201, "created")
    assert [(row["email"], row["expires"], row["badge"]) for row in answer.body["instances"]] == [
        (BOB, "2100-01-01T00:00:00.000Z", None),
        ("carl@example.org", "2100-01-01T00:00:00.000Z", None),
    ]
    assert "claimCode" not in answer.body["instances"][0]
    assert Badge.objects.count() == 3


def test_none_of_many_is_issued_where_one_is_no_address(master: BadgekitClient) -> None:
    answer = master.post(f"{ISSUER}/badges/bees/instances/bulk", {"emails": [ADA, "nobody", 7, None]})

    assert answer.status == 400
    assert answer.body["details"] == [
        {"message": "Invalid email", "field": "email", "value": value} for value in ("nobody", 7, "")
    ]
    assert Badge.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"emails": ADA}, {"emails": {"0": {"a": 1}}}, {"emails": None}])
def test_bulk_needs_a_list(master: BadgekitClient, body: dict[str, Any]) -> None:
    answer = master.post(f"{ISSUER}/badges/bees/instances/bulk", body)

    assert (answer.status, [part["field"] for part in answer.body["details"]]) == (400, ["emails"])


def test_bulk_to_nobody_is_an_empty_list(master: BadgekitClient) -> None:
    answer = master.post(f"{ISSUER}/badges/bees/instances/bulk", {"emails": []})

    assert (answer.status, answer.body) == (201, {"status": "created", "instances": []})


def test_none_of_many_is_issued_where_the_limit_is_reached(
    master: BadgekitClient, bees: BadgeTemplate
) -> None:
    update_template(template=bees, fields={"limit": 2}, by=None)

    answer = master.post(f"{ISSUER}/badges/bees/instances/bulk", {"emails": [ADA, BOB, "carl@example.org"]})

    assert (answer.status, answer.body["code"]) == (400, "LimitReached")
    bees.refresh_from_db()
    assert (Badge.objects.count(), bees.badges_count) == (0, 0)


def test_very_many_become_a_batch(master: BadgekitClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(badgekit_instances, "AT_ONCE", 2)

    answer = master.post(f"{ISSUER}/badges/bees/instances/bulk", {"emails": [ADA, BOB, "carl@example.org"]})

    batch = Batch.objects.get()
    assert (answer.status, answer.body) == (
        202,
        {"status": "accepted", "instances": [], "batch": {"id": str(batch.uuid), "total": 3}},
    )
    run_batch(batch)
    assert len(master.get(f"{ISSUER}/badges/bees/instances").body["instances"]) == 3


def test_a_revoked_badge_is_gone_here_and_says_so_elsewhere(
    master: BadgekitClient, bees: BadgeTemplate
) -> None:
    issue(master)
    path = f"{ISSUER}/badges/bees/instances/{ADA}"
    shown = master.get(path).body["instance"]

    answer = master.delete(path)

    assert (answer.status, answer.body) == (200, {"status": "deleted", "instance": shown})
    badge = Badge.objects.get()
    assert (badge.is_revoked, badge.revocation_reason) == (True, "Revoked by the issuer.")
    assert [master.get(path).status, master.delete(path).status] == [404, 404]
    assert master.get(f"{ISSUER}/badges/bees/instances").body == {"instances": []}
    assert master.client.get(f"{badge.public_path}/ob2.json").status_code == 410
    assert issue(master).status == 201


def test_a_reason_to_revoke_is_kept(master: BadgekitClient) -> None:
    issue(master)

    answer = master.call("DELETE", f"{ISSUER}/badges/bees/instances/{ADA}", b'{"reason": "A mistake."}')

    assert (answer.status, Badge.objects.get().revocation_reason) == (200, "A mistake.")


def test_lists_are_paged_oldest_first(master: BadgekitClient) -> None:
    for number in range(3):
        issue(master, email=f"earner{number}@example.org")

    answer = master.get(f"{ISSUER}/badges/bees/instances?page=2&count=2")

    assert [row["email"] for row in answer.body["instances"]] == ["earner2@example.org"]
    assert answer.body["pageData"] == {"page": 2, "count": 2, "total": 3}


@pytest.mark.parametrize("number", [1, 3])
def test_lists_take_the_same_number_of_queries(
    master: BadgekitClient,
    bees: BadgeTemplate,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for index in range(number):
        code = factories.claim_code(bees)
        issue(master, email=f"earner{index}@example.org", claimCode=code.code)
    other = factories.template(bees.organization, is_unique=False)
    for _ in range(number):
        factories.badge(other)

    with django_assert_num_queries(4):
        assert len(master.get(f"{ISSUER}/badges/bees/instances").body["instances"]) == number
    with django_assert_num_queries(3):
        assert len(master.get(f"{ISSUER}/instances/{ADA}").body["instances"]) == number


@pytest.mark.parametrize(
    "address", ["o'neil+tag@example.org", "a/b@example.org", "{a}|b@example.org", "50%@example.org"]
)
def test_odd_addresses_stand_in_paths(master: BadgekitClient, address: str) -> None:
    assert issue(master, email=address).status == 201
    assert master.get(f"{ISSUER}/badges/bees/instances/{segment(address)}").status == 200
    assert master.delete(f"{ISSUER}/badges/bees/instances/{segment(address)}").status == 200


def test_other_methods_are_refused(master: BadgekitClient) -> None:
    issue(master)

    answers = [
        master.put(f"{ISSUER}/badges/bees/instances/{ADA}", {"email": BOB}),
        master.delete(f"{ISSUER}/badges/bees/instances"),
        master.delete(f"{ISSUER}/instances/{ADA}"),
    ]

    assert {(answer.status, answer.body["code"]) for answer in answers} == {(405, "MethodNotAllowedError")}
    assert not Badge.objects.get().is_revoked


def test_a_consumer_of_another_system_sees_and_changes_nothing(master: BadgekitClient) -> None:
    issue(master)
    consumer = BadgekitClient.of(factories.SystemFactory.create(slug="other"))

    for path in (f"{ISSUER}/badges/bees/instances", f"{ISSUER}/instances/{ADA}"):
        assert consumer.get(path).status == 403
    assert consumer.get("/systems/other/badges/bees/instances").status == 404
    assert consumer.get(f"/systems/other/instances/{ADA}").body == {"instances": []}
    assert consumer.delete(f"/systems/other/badges/bees/instances/{ADA}").status == 404
    assert not Badge.objects.get().is_revoked


def test_an_api_key_needs_the_scope_of_the_act(master: BadgekitClient, acme: Organization) -> None:
    keys = {scope: {"Authorization": f"Bearer {factories.api_key(acme, scope)[1]}"} for scope in ApiScope}
    path = f"{ISSUER}/badges/bees/instances"

    assert master.post(path, {"email": ADA}, keys[ApiScope.WRITE]).status == 403
    assert master.post(path, {"email": ADA}, keys[ApiScope.ISSUE]).status == 201
    assert master.get(path, keys[ApiScope.ISSUE]).status == 403
    assert master.get(path, keys[ApiScope.READ]).status == 200
    assert master.delete(f"{path}/{ADA}", keys[ApiScope.WRITE]).status == 403
    assert master.delete(f"{path}/{ADA}", keys[ApiScope.ISSUE]).status == 200


def test_guessing_codes_through_a_server_is_slowed(master: BadgekitClient) -> None:
    visitor = {"Laurel-Visitor": "203.0.113.7"}
    path = f"{ISSUER}/badges/bees/instances"

    statuses = [
        master.post(path, {"email": ADA, "claimCode": f"guess-{number}"}, visitor).status
        for number in range(12)
    ]

    assert statuses == [404] * 10 + [429] * 2
    assert master.post(path, {"email": ADA}, visitor).status == 201


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_same", [True, False])
def test_of_many_at_once_one_gets_the_code(is_same: bool) -> None:
    acme = factories.OrganizationFactory.create(
        system=factories.SystemFactory.create(slug="main"), slug="acme"
    )
    bees = factories.template(acme, title="Bees")
    code = factories.claim_code(bees)

    answers = race(
        lambda number: (
            issue(
                BadgekitClient(), email=ADA if is_same else f"earner{number}@example.org", claimCode=code.code
            ).status
        ),
        times=8,
    )

    assert sorted(map(str, answers)) == ["201", *["400"] * 7]
    assert (Badge.objects.count(), Claim.objects.count(), ClaimCode.objects.get().uses) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_with_one_address_one_is_told_that_it_was_issued() -> None:
    acme = factories.OrganizationFactory.create(
        system=factories.SystemFactory.create(slug="main"), slug="acme"
    )
    code = factories.claim_code(factories.template(acme, title="Bees"), is_multiuse=True)

    answers = race(lambda _number: issue(BadgekitClient(), claimCode=code.code).status, times=8)

    assert sorted(map(str, answers)) == ["201", *["409"] * 7]
    assert (Badge.objects.count(), Claim.objects.count(), ClaimCode.objects.get().uses) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_issued_the_unique_badge() -> None:
    acme = factories.OrganizationFactory.create(
        system=factories.SystemFactory.create(slug="main"), slug="acme"
    )
    bees = factories.template(acme, title="Bees", is_unique=True)

    answers = race(lambda _number: issue(BadgekitClient()).status, times=8)

    bees.refresh_from_db()
    assert sorted(map(str, answers)) == ["201", *["409"] * 7]
    assert (Badge.objects.count(), bees.badges_count) == (1, 1)
    assert Badge.objects.get().issued_at > timezone.now() - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"{ISSUER}/badges/bees/instances/{ADA}", f"{ISSUER}/badges/bees/instances/*"),
        (f"{SYSTEM}/instances/{ADA}", f"{SYSTEM}/instances/*"),
        (f"/systems//main/instances/{ADA}", "/systems/*"),
        (f"{SYSTEM}/none/{ADA}", "/systems/*"),
    ],
)
def test_addresses_are_masked_in_logs(path: str, logged: str) -> None:
    assert loggable_path(path) == logged
