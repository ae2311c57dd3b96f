from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("badges", "0005_number_badges")]

    operations = [
        migrations.AlterField(
            model_name="badge",
            name="number",
            field=models.PositiveIntegerField(editable=False),
        ),
        migrations.AddConstraint(
            model_name="badge",
            constraint=models.UniqueConstraint(fields=("organization", "number"), name="badge_number_once"),
        ),
    ]
