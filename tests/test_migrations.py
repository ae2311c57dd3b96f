"""What an installation of the first release has is there after migrating, with what later releases count and number."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from badges.models import Badge, BadgeTally, ExpiryTally
from badges.services.counters import recount
from claimcodes.models import ClaimCode
from organizations.models import Organization

# The newest of each app when the first release was made.
FIRST = [
    ("organizations", "0001_initial"),
    ("earners", "0002_initial"),
    ("badges", "0003_initial"),
    ("claimcodes", "0002_initial"),
]
ISSUED = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight of New Year in Rome


@pytest.mark.django_db(transaction=True)
def test_first_release_is_migrated(transactional_db: None) -> None:
    executor = MigrationExecutor(connection)
    newest = executor.loader.graph.leaf_nodes()
    try:
        executor.migrate(FIRST)
        filled(executor.loader.project_state(FIRST).apps)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(newest)

    organization = Organization.objects.get(name="Acme")
    assert organization.last_badge_number == 3
    assert sorted(Badge.objects.values_list("number", "recipient_email")) == [
        (1, "earner0@example.org"),
        (2, "earner1@example.org"),
        (3, "earner2@example.org"),
    ]
    assert list(BadgeTally.objects.values_list("month", "badges", "public_badges")) == [
        (datetime(2025, 1, 1, tzinfo=UTC).date(), 2, 1)
    ]
    assert ExpiryTally.objects.get().badges == 2
    assert len(set(ClaimCode.objects.values_list("uuid", flat=True))) == 3
    assert all(wrong == 0 for wrong in recount().values())


def filled(apps: Any) -> None:
    """Make an organization with three badges, one of them revoked and one public, and three claim codes."""
    system = apps.get_model("organizations", "System").objects.create(slug="main", name="Main")
    organization = apps.get_model("organizations", "Organization").objects.create(
        system=system, slug="acme", name="Acme", time_zone="Europe/Rome", badges_count=2, earners_count=3,
        badge_templates_count=1,
    )  # fmt: skip
    template = apps.get_model("badges", "BadgeTemplate").objects.create(
        system=system, organization=organization, slug="data", badges_count=2
    )
    version = apps.get_model("badges", "BadgeTemplateVersion").objects.create(
        template=template, number=1, title="Data", sealed_at=ISSUED
    )
    template.current_version = version
    template.save()
    for number in range(3):
        email = f"earner{number}@example.org"
        earner = apps.get_model("earners", "Earner").objects.create(
            organization=organization, email=email, email_key=email
        )
        apps.get_model("badges", "Badge").objects.create(
            organization=organization,
            template=template,
            version=version,
            earner=earner,
            recipient_email=email,
            recipient_salt="salt",
            issued_at=ISSUED,
            expires_at=datetime(2026, 1, 1, tzinfo=UTC),
            visibility="public" if number == 0 else "unlisted",
            revoked_at=ISSUED if number == 2 else None,
            issued_by="server",
        )
        apps.get_model("claimcodes", "ClaimCode").objects.create(
            system=system, template=template, code=f"c{number}", code_key=f"c{number}"
        )
