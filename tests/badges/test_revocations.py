"""Revoking many badges: at once, or written down and done by a worker, whatever dies in between."""

from typing import Any

import pytest

from badges.exceptions import NothingToRevoke
from badges.models import Badge, BadgeTemplate, Revocation, RevocationRow
from badges.services import revocations
from badges.services.counters import recount
from badges.services.revocations import run_revocation, start_revocation
from badges.services.revoking import revoke_badge, revoke_badges
from config.exceptions import InvalidInput
from config.lanes import Revocations
from organizations.enums import OrganizationStatus
from organizations.exceptions import KeyNotUsable, OrganizationDisabled
from organizations.models import AuditEntry, Organization, SigningKey, User
from tests import factories
from tests.badges.test_revoking import revoked_places


@pytest.fixture
def five(acme: Organization, template: BadgeTemplate) -> list[Badge]:
    """Five badges of two templates; the first one was revoked before."""
    other = factories.template(acme, title="Web pages")
    badges = [
        factories.badge(template if number % 2 else other, f"earner{number}@example.org")
        for number in range(5)
    ]
    revoke_badge(badge=badges[0], reason="Earlier", by=None)
    return badges


def reasons() -> list[str]:
    return list(Badge.objects.order_by("number").values_list("revocation_reason", flat=True))


def test_revoke_badges_takes_back_what_is_not_revoked(
    acme: Organization, five: list[Badge], bob: User
) -> None:
    AuditEntry.objects.all().delete()

    revoked = revoke_badges(
        organization=acme, badges=[badge.pk for badge in five[:4]], reason="Void exam", by=bob
    )

    assert revoked == 3
    assert reasons() == ["Earlier", "Void exam", "Void exam", "Void exam", ""]
    assert five[0].status_list is not None
    assert revoked_places(five[0].status_list) == sorted(badge.status_index or 0 for badge in five[:4])
    assert set(recount().values()) == {0}
    [entry] = AuditEntry.objects.all()
    assert (entry.act, entry.actor, entry.details) == (
        "badge.revoked",
        "bob@acme.example",
        {"badges": 3, "numbers": [2, 3, 4], "reason": "Void exam"},
    )


def test_revoke_badges_leaves_those_of_others(
    acme: Organization, globex: Organization, five: list[Badge]
) -> None:
    theirs = factories.badge(factories.template(globex))

    assert revoke_badges(organization=acme, badges=[theirs.pk], reason="Mine?", by=None) == 0

    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_revocation_is_done_by_a_worker(
    acme: Organization, five: list[Badge], bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "MOST_AT_ONCE", 3)
    AuditEntry.objects.all().delete()

    revocation = start_revocation(
        organization=acme, badges=Badge.objects.all(), reason="  Void exam ", by=bob
    )

    assert (revocation.total, reasons()) == (4, ["Earlier", "", "", "", ""])
    while Revocations(is_waiting=True).work():
        pass
    revocation.refresh_from_db()
    assert (revocation.done_count, revocation.revoked_count) == (4, 4)
    assert revocation.finished_at is not None
    assert reasons() == ["Earlier", *["Void exam"] * 4]
    assert set(Badge.objects.filter(number__gt=1).values_list("revoked_by", flat=True)) == {
        "bob@acme.example"
    }
    assert not RevocationRow.objects.exists()
    assert set(recount().values()) == {0}
    assert [entry.details for entry in AuditEntry.objects.all()] == [{"badges": 4, "reason": "Void exam"}]


def test_revocation_goes_on_where_it_was_killed(
    acme: Organization, five: list[Badge], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "MOST_AT_ONCE", 2)
    revocation = start_revocation(organization=acme, badges=Badge.objects.all(), reason="Void", by=None)
    assert run_revocation(revocation)

    def die(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(revocations, "take_back", die)
        with pytest.raises(KeyboardInterrupt):
            run_revocation(revocation)
    revocation.refresh_from_db()
    assert (revocation.done_count, RevocationRow.objects.count()) == (2, 2)
    revoke_badge(badge=five[4], reason="Somebody else", by=None)

    assert run_revocation(revocation)
    assert not run_revocation(revocation)

    revocation.refresh_from_db()
    assert (revocation.done_count, revocation.revoked_count) == (4, 3)
    assert reasons() == ["Earlier", "Void", "Void", "Void", "Somebody else"]
    assert set(recount().values()) == {0}


def test_revocation_says_what_holds_it_up(acme: Organization, five: list[Badge]) -> None:
    revocation = start_revocation(organization=acme, badges=Badge.objects.all(), reason="Void", by=None)
    key = SigningKey.objects.get(pk=five[1].status_list.signing_key_id)  # type: ignore[union-attr]
    good = bytes(key.encrypted_private_bytes)
    SigningKey.objects.filter(pk=key.pk).update(encrypted_private_bytes=b"broken")

    with pytest.raises(KeyNotUsable):
        run_revocation(revocation)

    revocation.refresh_from_db()
    assert revocation.problem
    assert reasons() == ["Earlier", "", "", "", ""]
    SigningKey.objects.filter(pk=key.pk).update(encrypted_private_bytes=good)
    assert run_revocation(revocation)
    revocation.refresh_from_db()
    assert (revocation.problem, revocation.revoked_count) == ("", 4)


def test_revocation_is_refused(acme: Organization, five: list[Badge], bob: User) -> None:
    with pytest.raises(InvalidInput):
        start_revocation(organization=acme, badges=Badge.objects.all(), reason=" ", by=bob)
    with pytest.raises(NothingToRevoke):
        start_revocation(organization=acme, badges=Badge.objects.filter(pk=five[0].pk), reason="Void", by=bob)
    Organization.objects.filter(pk=acme.pk).update(status=OrganizationStatus.DISABLED)
    acme.refresh_from_db()
    with pytest.raises(OrganizationDisabled):
        start_revocation(organization=acme, badges=Badge.objects.all(), reason="Void", by=bob)

    assert not Revocation.objects.exists()
    assert reasons() == ["Earlier", "", "", "", ""]
