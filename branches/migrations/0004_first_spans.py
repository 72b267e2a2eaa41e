from django.db import migrations
from django.db.models import F

UNPLACED = "chua_phan"


def add_unplaced_level(apps, schema_editor):
    """The marked row of a province, for units that were divided (see docs/decisions.md)."""
    Level = apps.get_model("branches", "Level")
    last = Level.objects.order_by("-rank").first()
    level = Level.objects.create(
        code=UNPLACED,
        name="chưa phân địa bàn",
        rank=last.rank + 1 if last else 0,
        is_unplaced=True,
    )
    level.parents.set(Level.objects.filter(code="tinh"))


def name_the_top(apps, schema_editor):
    """ "Trung ương Hội LHPN Việt Nam" says it all: nothing stands before that name."""
    apps.get_model("branches", "Level").objects.filter(code="trung_uong").update(office_prefix="")


def begin_spans(apps, schema_editor):
    """Each unit has been what it is since it opened; what it was before is in its history."""
    Branch = apps.get_model("branches", "Branch")
    Span = apps.get_model("branches", "BranchSpan")
    rows = Branch.objects.filter(spans=None).annotate(starts_on=F("opened_on"))
    names = ("type", "name", "code", "parent_id", "starts_on")
    Span.objects.bulk_create(
        (
            Span(branch_id=row["pk"], ends_on=row["closed_on"], **{n: row[n] for n in names})
            for row in rows.values("pk", "closed_on", *names).iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [("branches", "0003_spans_and_decrees")]
    operations = [
        migrations.RunPython(add_unplaced_level, migrations.RunPython.noop),
        migrations.RunPython(name_the_top, migrations.RunPython.noop),
        migrations.RunPython(begin_spans, migrations.RunPython.noop),
    ]
