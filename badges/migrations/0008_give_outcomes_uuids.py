"""Gives the outcomes that are there their public ids."""

import uuid

from django.db import migrations


def give(apps, schema_editor):  # noqa: ARG001
    """One for each outcome, in portions."""
    outcome = apps.get_model("badges", "Outcome")
    rows = outcome.objects.filter(uuid__isnull=True).only("pk")
    while portion := list(rows[:1000]):
        for row in portion:
            row.uuid = uuid.uuid4()
        outcome.objects.bulk_update(portion, ["uuid"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("badges", "0007_outcome_records")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
