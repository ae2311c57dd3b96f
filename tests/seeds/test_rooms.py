"""What the demo holds for whoever looks around in it: something in every room, in every state, over a year."""

from datetime import timedelta

from django.utils import timezone

from badges.enums import BatchState, OutcomeState
from badges.models import Badge, BadgeTemplate, Batch, OutcomeRecord, PathProgress
from claimcodes.models import ClaimCode
from earners.models import EarnersList
from organizations.enums import AuditAct, CreditStatus
from organizations.models import AuditEntry, CreditTransaction, Invitation, Organization
from tests.seeds.comparing import Notes


def academy(demo: Notes) -> Organization:
    """The organization that a newcomer signs in to."""
    return Organization.objects.get(uuid=demo["organization"]["id"])


def test_demo_has_badges_in_every_state(demo: Notes) -> None:
    badges, now = Badge.objects.filter(organization=academy(demo)), timezone.now()
    valid = badges.filter(revoked_at=None)
    states = {
        "for ever": valid.filter(expires_at=None),
        "soon expired": valid.filter(expires_at__range=(now, now + timedelta(days=30))),
        "expired": valid.filter(expires_at__lt=now),
        "revoked": badges.exclude(revoked_at=None),
        "accepted": valid.exclude(accepted_at=None),
        "not accepted": valid.filter(accepted_at=None),
        "public": valid.filter(visibility="public"),
        "from a batch": valid.exclude(batch_row=None),
    }

    assert [name for name, rows in states.items() if not rows.exists()] == []


def test_demo_has_badges_of_each_month_of_a_year(demo: Notes) -> None:
    now = timezone.now()
    ages = {
        (now - issued_at).days // 31
        for issued_at in Badge.objects.filter(organization=academy(demo)).values_list("issued_at", flat=True)
    }

    assert set(range(12)) <= ages


def test_demo_has_batches_that_are_done_failed_paused_and_scheduled(demo: Notes) -> None:
    batches = Batch.objects.filter(organization=academy(demo)).order_by("pk")
    done, failed, paused, scheduled = batches

    assert [batch.state for batch in batches] == [
        BatchState.DONE,
        BatchState.DONE,
        BatchState.PAUSED,
        BatchState.PENDING,
    ]
    assert (done.issued_count, done.failed_count) == (30, 0)
    assert failed.issued_count > 0 < failed.failed_count
    assert (paused.issued_count, paused.total) == (0, 30)
    assert scheduled.is_scheduled


def test_demo_has_something_in_every_other_room(demo: Notes) -> None:
    ours = academy(demo)
    codes = ClaimCode.objects.filter(template__organization=ours)
    rows = {
        "lists": EarnersList.objects.filter(organization=ours).count(),
        "templates": BadgeTemplate.objects.filter(organization=ours, is_published=True).count(),
        "drafts": BadgeTemplate.objects.filter(organization=ours, is_published=False).count(),
        "codes for one": codes.filter(is_multiuse=False, uses=0).count(),
        "used codes": codes.filter(is_multiuse=False, uses=1).count(),
        "codes for many": codes.filter(is_multiuse=True).count(),
        "invitations": Invitation.objects.filter(organization=ours).count(),
        "requests": CreditTransaction.objects.filter(organization=ours, status=CreditStatus.REQUEST).count(),
        "outcomes": OutcomeRecord.objects.filter(
            outcome__organization=ours, state=OutcomeState.ISSUED
        ).count(),
    }
    progress = PathProgress.objects.filter(path__organization=ours)
    noted = set(AuditEntry.objects.filter(organization=ours).values_list("act", flat=True))

    assert rows == {
        "lists": 2,
        "templates": 7,
        "drafts": 1,
        "codes for one": 33,
        "used codes": 3,
        "codes for many": 2,
        "invitations": 1,
        "requests": 1,
        "outcomes": 2,
    }
    assert progress.filter(badge=None, steps_done=1).exists()
    assert progress.exclude(badge=None).exists()
    assert {AuditAct.BADGE_ISSUED, AuditAct.BADGE_REVOKED, AuditAct.EARNERS_IMPORTED} <= noted


def test_demo_earner_has_badges_of_both_organizations(demo: Notes) -> None:
    badges = Badge.objects.filter(recipient_email=demo["earner_email"])

    assert set(badges.values_list("organization__slug", flat=True)) == {"bay-tree", "harbour"}
    assert badges.filter(accepted_at=None).exists()
    assert badges.exclude(accepted_at=None).exists()
