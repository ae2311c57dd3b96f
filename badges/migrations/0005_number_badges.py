"""Gives the badges that are there their numbers, and counts them into the tallies."""

from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.models import Count, Q
from django.db.models.functions import TruncDate, TruncMonth

NUMBERS = """
    UPDATE badges_badge SET number = numbered.number
    FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY organization_id ORDER BY id) AS number FROM badges_badge
    ) AS numbered
    WHERE numbered.id = badges_badge.id
"""
LAST_NUMBERS = """
    UPDATE organizations_organization SET last_badge_number = (
        SELECT COUNT(*) FROM badges_badge WHERE badges_badge.organization_id = organizations_organization.id
    )
"""


def tally(apps, schema_editor):  # noqa: ARG001
    """Count what was issued here and not revoked."""
    badge = apps.get_model("badges", "Badge")
    badge_tally = apps.get_model("badges", "BadgeTally")
    expiry_tally = apps.get_model("badges", "ExpiryTally")
    for organization in apps.get_model("organizations", "Organization").objects.all():
        counted = badge.objects.filter(
            organization=organization, revoked_at__isnull=True, is_imported=False
        ).order_by()
        months = counted.annotate(
            month=TruncMonth("issued_at", tzinfo=ZoneInfo(organization.time_zone))
        ).values("version", "month")
        badge_tally.objects.bulk_create(
            badge_tally(
                organization=organization,
                version_id=row["version"],
                month=row["month"].date(),
                badges=row["badges"],
                public_badges=row["public_badges"],
            )
            for row in months.annotate(
                badges=Count("pk"), public_badges=Count("pk", filter=Q(visibility="public"))
            )
        )
        days = counted.filter(expires_at__isnull=False).annotate(
            day=TruncDate("expires_at", tzinfo=ZoneInfo("UTC"))
        )
        expiry_tally.objects.bulk_create(
            expiry_tally(organization=organization, day=row["day"], badges=row["badges"])
            for row in days.values("day").annotate(badges=Count("pk"))
        )


class Migration(migrations.Migration):
    dependencies = [("badges", "0004_numbers_tallies_paths")]

    operations = [
        migrations.RunSQL(NUMBERS, migrations.RunSQL.noop),
        migrations.RunSQL(LAST_NUMBERS, migrations.RunSQL.noop),
        migrations.RunPython(tally, migrations.RunPython.noop),
    ]
