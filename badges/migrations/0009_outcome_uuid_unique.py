import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("badges", "0008_give_outcomes_uuids")]

    operations = [
        migrations.AlterField(
            model_name="outcome",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
