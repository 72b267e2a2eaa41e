import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programs", "0005_seed_words"),
    ]

    operations = [
        migrations.AddField(
            model_name="entry",
            name="corrects",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="corrections", to="programs.entry", verbose_name="sửa dòng"),
        ),
    ]
