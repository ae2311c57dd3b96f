"""Badges and progress of two earners who turned out to be one person."""

from django.utils import timezone

from badges.models import Badge, BadgeTemplate, PathProgress
from badges.services.progress import mark_due
from earners.models import Earner


def join_badges(*, kept: Earner, gone: Earner) -> None:
    """Give all badges of `gone` to `kept`. Must run in a transaction that holds the organization's row.

    Badges keep the name and the address that they were issued to, and their documents. Of two badges of a template that
    gives each earner one, both stay, and one holds the place: the one of `kept`, unless it expired and the other did not.
    """
    now = timezone.now()
    held = {badge.template_id: badge for badge in Badge.objects.filter(earner=kept, holds_place=True)}
    for badge in Badge.objects.filter(earner=gone, holds_place=True, template__in=held):
        own = held[badge.template_id]
        gives_way = own if _is_expired(own) and not _is_expired(badge) else badge
        Badge.objects.filter(pk=gives_way.pk).update(holds_place=False)
    moved = list(Badge.objects.filter(earner=gone).order_by("pk").only("pk", "template_id", "earner_id"))
    Badge.objects.filter(earner=gone).update(earner=kept, updated_at=now)
    _join_progress(kept, gone)
    one_of_each = {badge.template_id: badge for badge in moved}
    for template in BadgeTemplate.objects.filter(pk__in=one_of_each).order_by("pk"):
        badge = one_of_each[template.pk]
        badge.earner = kept
        mark_due(template, [badge])


def held_by_both(kept: Earner, gone: Earner) -> "list[BadgeTemplate]":
    """Return the templates whose one place for each earner both hold."""
    theirs = Badge.objects.filter(earner=gone, holds_place=True).values("template")
    both = Badge.objects.filter(earner=kept, holds_place=True, template__in=theirs).values("template")
    return list(BadgeTemplate.objects.select_related("current_version").filter(pk__in=both).order_by("pk"))


def _is_expired(badge: Badge) -> bool:
    return badge.expires_at is not None and badge.expires_at <= timezone.now()


def _join_progress(kept: Earner, gone: Earner) -> None:
    """Leave one row of progress on each path, to be looked at anew; a badge that a path gave stays noted with it."""
    now = timezone.now()
    own = {row.path_id: row for row in PathProgress.objects.filter(earner=kept)}
    for row in PathProgress.objects.filter(earner=gone):
        stays = own.get(row.path_id)
        if stays is None:
            PathProgress.objects.filter(pk=row.pk).update(earner=kept, due_at=now)
            continue
        PathProgress.objects.filter(pk=row.pk).delete()
        badge = stays.badge_id or row.badge_id
        PathProgress.objects.filter(pk=stays.pk).update(badge=badge, due_at=now)
