import django.db.models.deletion
import simple_history.models
from django.db import migrations, models


def fill_levels(apps, schema_editor):
    """The one level of each row becomes the first of its levels, in what is remembered too."""
    for name in ("duty", "milestone"):
        rows = apps.get_model("programs", name).objects.exclude(level=None)
        links = apps.get_model("programs", name).levels.through
        made = links.objects.bulk_create(
            links(**{f"{name}_id": row.pk, "level_id": row.level_id}) for row in rows
        )
        ids = {getattr(link, f"{name}_id"): link.pk for link in made}
        records = apps.get_model("programs", f"historical{name}").objects.exclude(level=None)
        remembered = apps.get_model("programs", f"historical{name}_levels")
        remembered.objects.bulk_create(
            remembered(
                id=ids.get(record.id, 0),  # of the link, which a removed row has no more
                history_id=record.pk,
                level_id=record.level_id,
                **{f"{name}_id": record.id},
            )
            for record in records.order_by("pk")
        )
    schema_editor.connection.check_constraints()  # or PostgreSQL refuses to alter the tables yet


class Migration(migrations.Migration):

    dependencies = [
        ('branches', '0008_seen_version'),
        ('programs', '0001_squashed_0007_versions'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalDuty_levels',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('m2m_history_id', models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'HistoricalDuty_levels',
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalMilestone_levels',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('m2m_history_id', models.AutoField(primary_key=True, serialize=False)),
            ],
            options={
                'verbose_name': 'HistoricalMilestone_levels',
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.AddField(
            model_name='duty',
            name='levels',
            field=models.ManyToManyField(blank=True, related_name='duties', to='branches.level', verbose_name='mọi đơn vị cấp'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='levels',
            field=models.ManyToManyField(blank=True, related_name='milestones', to='branches.level', verbose_name='các cấp phải làm'),
        ),
        migrations.AddField(
            model_name='historicalduty_levels',
            name='duty',
            field=models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programs.duty'),
        ),
        migrations.AddField(
            model_name='historicalduty_levels',
            name='history',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to='programs.historicalduty'),
        ),
        migrations.AddField(
            model_name='historicalduty_levels',
            name='level',
            field=models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='branches.level'),
        ),
        migrations.AddField(
            model_name='historicalmilestone_levels',
            name='history',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, to='programs.historicalmilestone'),
        ),
        migrations.AddField(
            model_name='historicalmilestone_levels',
            name='level',
            field=models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='branches.level'),
        ),
        migrations.AddField(
            model_name='historicalmilestone_levels',
            name='milestone',
            field=models.ForeignKey(blank=True, db_constraint=False, db_tablespace='', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='programs.milestone'),
        ),
        migrations.RunPython(fill_levels, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='duty',
            name='duty_binds_a_level_or_a_unit',
        ),
        migrations.RemoveField(
            model_name='duty',
            name='level',
        ),
        migrations.RemoveField(
            model_name='historicalduty',
            name='level',
        ),
        migrations.RemoveField(
            model_name='historicalmilestone',
            name='level',
        ),
        migrations.RemoveField(
            model_name='milestone',
            name='level',
        ),
    ]
