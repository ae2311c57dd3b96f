import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("claimcodes", "0004_give_uuids")]

    operations = [
        migrations.AlterField(
            model_name="claimcode",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
    ]
