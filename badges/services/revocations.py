"""Revocations of many badges: written down as one act, then done by a worker in short transactions.

Whatever dies in the middle, what was not revoked yet is still written down, and the next worker goes on.
"""

from functools import partial

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from badges.exceptions import NothingToRevoke
from badges.models import Revocation, RevocationRow
from badges.querysets import BadgeQuerySet
from badges.services.revoking import MOST_AT_ONCE, checked_reason, hold_for_revoking, take_back
from badges.signals import revocation_waiting
from config.exceptions import RuleBroken
from organizations.actors import Actor, label_of
from organizations.enums import AuditAct
from organizations.models import Organization
from organizations.services.audit import note_act
from organizations.services.organizations import require_enabled

# One statement for however many badges. Django's querysets have no INSERT of a SELECT.
WRITE_DOWN = """
    INSERT INTO badges_revocationrow (revocation_id, badge_id)
    SELECT {revocation:d}, chosen.id FROM ({chosen}) AS chosen
"""


def start_revocation(
    *, organization: Organization, badges: BadgeQuerySet, reason: str, by: Actor | None
) -> Revocation:
    """Write down which badges of an organization are taken back, and why; a worker does it, beginning after the commit.

    They are those that the query finds at this moment and that are not revoked. Raises InvalidInput without a reason,
    NothingToRevoke when there are none, OrganizationDisabled (except for staff).
    """
    reason = checked_reason(reason)
    with transaction.atomic():
        if by is not None and not by.sees_everything:
            require_enabled(organization)
        revocation = Revocation.objects.create(
            organization=organization, reason=reason, revoked_by=label_of(by)
        )
        chosen = badges.filter(organization=organization, revoked_at__isnull=True).order_by().values("id")
        sql, values = chosen.query.get_compiler(connection=connection).as_sql()
        with connection.cursor() as cursor:
            cursor.execute(WRITE_DOWN.format(revocation=revocation.pk, chosen=sql), values)
        revocation.total = revocation.rows.count()
        if not revocation.total:
            raise NothingToRevoke
        revocation.save(update_fields=["total"])
        note_act(
            organization=organization,
            act=AuditAct.BADGE_REVOKED,
            by=by,
            subject=revocation.uuid,
            details={"badges": revocation.total, "reason": reason},
        )
        # Only a nudge: a worker finds the rows too, a moment later.
        transaction.on_commit(
            partial(revocation_waiting.send_robust, sender=Revocation, revocation=revocation)
        )
    return revocation


def run_revocation(revocation: Revocation, *, is_waiting: bool = True) -> bool:
    """Revoke the next badges, MOST_AT_ONCE in one transaction; return whether there was anything to do.

    Several workers take turns; without `is_waiting` whoever comes while another is at it leaves it. What stands in the way
    (a key that cannot sign) is written down with it and raised; it is tried again.
    """
    try:
        with transaction.atomic():
            held = (
                Revocation.objects.unfinished()
                .filter(pk=revocation.pk)
                .select_for_update(no_key=True, skip_locked=not is_waiting)
                .first()
            )
            if held is None:
                return False
            rows = dict(held.rows.order_by("pk").values_list("pk", "badge_id")[:MOST_AT_ONCE])
            organization = hold_for_revoking(rows.values(), held.organization_id, by=None)
            revoked = take_back(
                organization, list(rows.values()), reason=held.reason, revoked_by=held.revoked_by
            )
            RevocationRow.objects.filter(pk__in=rows).delete()
            now = timezone.now()
            Revocation.objects.filter(pk=held.pk).update(
                done_count=F("done_count") + len(rows),
                revoked_count=F("revoked_count") + len(revoked),
                problem="",
                worked_at=now,
                finished_at=None if held.rows.exists() else now,
            )
    except RuleBroken as refusal:
        Revocation.objects.filter(pk=revocation.pk).update(problem=refusal.message[:1000])
        raise
    return True
