from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("branches", "0007_confirmed_email"),
    ]

    operations = [
        migrations.AddField(
            model_name="reorganisationrun",
            name="seen_version",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="bản đã xem"),
        ),
        migrations.AddField(
            model_name="reorganisation",
            name="placed",
            field=models.PositiveIntegerField(
                default=0, editable=False, verbose_name="chi hội đã xếp"
            ),
        ),
    ]
