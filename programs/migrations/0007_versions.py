from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programs", "0006_ledger_corrections"),
    ]

    operations = [
        migrations.AddField(
            model_name="donor",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="partner",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="condition",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
