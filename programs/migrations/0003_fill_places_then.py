from django.db import migrations
from django.db.models import OuterRef, Subquery


def fill_places(apps, schema_editor):
    """Until now no decree has moved a chi hội: where it stands is where it was taken on."""
    Branch = apps.get_model("branches", "Branch")
    Assignment = apps.get_model("programs", "Assignment")
    place = Branch.objects.filter(pk=OuterRef("supported_id")).values("path")[:1]
    Assignment.objects.filter(supported_path="").update(supported_path=Subquery(place))


class Migration(migrations.Migration):
    dependencies = [("programs", "0002_ended_quotas_and_places_then")]
    operations = [migrations.RunPython(fill_places, migrations.RunPython.noop)]
