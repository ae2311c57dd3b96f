"""Which earners' progress on learning paths has to be looked at, noted with what changed: badges, steps, rules.

All of it is written while the row of the path's organization is held, so that two who note never wait for each other.
"""

from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from badges.models import Badge, BadgeTemplate, PathProgress
from earners.models import Earner
from organizations.models import Organization

# One statement for however many earners. Django's querysets have no INSERT of a SELECT.
MARK_HOLDERS = """
    INSERT INTO badges_pathprogress (path_id, earner_id, steps_done, problem, due_at, updated_at)
    SELECT DISTINCT step.path_id, badge.earner_id, 0, '', {now}, {now}
    FROM badges_pathstep AS step
    JOIN badges_pathstep_templates AS counting ON counting.pathstep_id = step.id
    JOIN badges_badge AS badge ON badge.template_id = counting.badgetemplate_id
    WHERE step.path_id = %s AND badge.revoked_at IS NULL AND NOT badge.is_imported
    ON CONFLICT (path_id, earner_id) DO UPDATE SET due_at = excluded.due_at
"""
NOW = {"postgresql": "CAST(%s AS timestamptz)", "sqlite": "%s"}


def mark_due(template: BadgeTemplate, badges: Sequence[Badge]) -> None:
    """Note that these badges of one template were issued or revoked, for every path that has the template in a step.

    Must run in the transaction that issues or revokes: a worker looks at what was noted, whoever dies in between.
    """
    now = timezone.now()
    earners = {badge.earner_id for badge in badges}
    paths = BadgeTemplate.objects.filter(path_steps__templates=template, is_learning_path=True)
    PathProgress.objects.bulk_create(
        [
            PathProgress(path_id=path, earner_id=earner, due_at=now)
            for path in paths.distinct().values_list("pk", flat=True)
            for earner in sorted(earners)
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["path", "earner"],
        update_fields=["due_at"],
    )


def mark_path_due(path: BadgeTemplate) -> None:
    """Note everybody who is on the path, and everybody who has a badge of one of its steps, however long ago.

    Must run in the transaction that changes the path. Takes the organization's row.
    """
    _hold_organization(path)
    now = timezone.now()
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(MARK_HOLDERS.format(now=NOW[connection.vendor]), [moment, moment, path.pk])
    # Whoever has none of these badges: of steps that were there before, or revoked.
    PathProgress.objects.filter(path=path).exclude(due_at=now).update(due_at=now)


def mark_problems_due(path: BadgeTemplate, earner: Earner | None = None) -> int:
    """Note the earners (or this one) to whom the path's badge was refused; return how many. Takes the organization's row."""
    _hold_organization(path)
    rows = PathProgress.objects.refused().filter(path=path)
    if earner is not None:
        rows = rows.filter(earner=earner)
    return rows.update(due_at=timezone.now())


def _hold_organization(path: BadgeTemplate) -> None:
    Organization.objects.select_for_update(no_key=True).only("pk").get(pk=path.organization_id)
