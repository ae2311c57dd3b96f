"""The badges that an earner holds, on the issuers' pages of earners."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from badges.models import Badge
from badges.services.merging import held_by_both
from badges.views.badges import status_word
from earners.manage.holdings import Part, show_on_earner_pages
from earners.models import Earner
from organizations.manage.desk import Desk

SHOWN = 50
# Versions have long texts, which are not shown.
COLUMNS = (
    *("uuid", "issued_at", "expires_at", "revoked_at", "accepted_at", "is_imported", "recipient_email"),
    "version__title",
)


class HeldBadges:
    """Badges, revoked and expired ones too."""

    def held(self) -> Q:
        """Return the condition for earners who have a badge."""
        return Q(Exists(Badge.objects.filter(earner=OuterRef("pk"))))

    def counts(self, earners: Collection[Earner]) -> Mapping[int, int]:
        """Return how many badges each has."""
        rows = Badge.objects.filter(earner__in=earners).order_by().values_list("earner")
        return dict(rows.annotate(count=Count("pk")))

    def part(self, desk: Desk, earner: Earner) -> Part:
        """Return the newest badges of an earner and how many there are."""
        badges = Badge.objects.filter(earner=earner)
        newest = badges.select_related("version").only(*COLUMNS)
        rows: list[dict[str, Any]] = [
            {
                "title": badge.version.title,
                "address": desk.url("badge", badge.uuid),
                "status": status_word(badge),
                "is_unaccepted": not (badge.accepted_at or badge.is_revoked or badge.is_imported),
                "recipient": badge.recipient_email,
                "issued_at": badge.issued_at,
            }
            for badge in newest.order_by("-pk")[:SHOWN]
        ]
        context = {"rows": rows, "count": badges.count() if len(rows) == SHOWN else len(rows)}
        return Part("manage/earners/_badges.html", context)

    def held_by_both(self, one: Earner, other: Earner) -> list[str]:
        """Return the titles of badges that each earner gets once, and both have."""
        return [str(template) for template in held_by_both(one, other)]


show_on_earner_pages(HeldBadges())
