"""Gives the claim codes that are there their public ids."""

import uuid

from django.db import migrations


def give(apps, schema_editor):  # noqa: ARG001
    """One for each code, in portions."""
    claim_code = apps.get_model("claimcodes", "ClaimCode")
    rows = claim_code.objects.filter(uuid__isnull=True).only("pk")
    while portion := list(rows[:1000]):
        for row in portion:
            row.uuid = uuid.uuid4()
        claim_code.objects.bulk_update(portion, ["uuid"], batch_size=200)


class Migration(migrations.Migration):
    dependencies = [("claimcodes", "0003_uuid")]

    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
