import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0006_form_versions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='formline',
            name='form_asks_an_indicator_once',
        ),
        migrations.RemoveField(
            model_name='formline',
            name='form',
        ),
        migrations.RemoveField(
            model_name='historicalformline',
            name='form',
        ),
        migrations.AddConstraint(
            model_name='period',
            constraint=models.CheckConstraint(condition=models.Q(('opened_at', None), ('form_version__isnull', False), _connector='OR'), name='period_opened_with_a_version'),
        ),
        migrations.RemoveField(
            model_name='formline',
            name='section_was',
        ),
        migrations.RemoveField(
            model_name='historicalformline',
            name='section_was',
        ),
        migrations.AlterField(
            model_name='formline',
            name='section',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='reports.formsection', verbose_name='phần'),
        ),
        migrations.AlterField(
            model_name='formline',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='reports.formversion', verbose_name='bản'),
        ),
    ]
