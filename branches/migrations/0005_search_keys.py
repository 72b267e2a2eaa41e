import re

import django.db.models.deletion
from django.db import migrations, models

import branches.models.tree

LONGEST, MOST_WORDS, BY_TYPE, CLOSED, FORMER = 60, 12, 4, 2, 1


def key_words(text):
    return re.findall(r"[^\W_]+", text.replace("'", ""))


def fill_keys(apps, schema_editor):
    """One key for each word that the name of a unit begins with; later ones by the services."""
    from hoiphunu.text import fold

    Branch = apps.get_model("branches", "Branch")
    Key = apps.get_model("branches", "BranchKey")

    def keys():
        for branch in Branch.objects.only(
            "type", "search_text", "exact_text", "level_id", "closed_on"
        ).iterator():
            plain, marked = key_words(branch.search_text), key_words(branch.exact_text)
            if len(plain) != len(marked):
                marked = plain
            skipped = len(key_words(fold(branch.type)))
            starts = range(skipped, min(len(plain), skipped + MOST_WORDS))
            seen = set()
            for start in [0, *starts] if skipped and starts else starts:
                folded = " ".join(plain[start:])[:LONGEST].rstrip()
                exact = " ".join(marked[start:])[:LONGEST].rstrip()
                standing = CLOSED if branch.closed_on else 0
                standing += BY_TYPE if start < skipped else 0
                if (folded, exact) not in seen:
                    seen.add((folded, exact))
                    yield Key(
                        branch=branch,
                        level_id=branch.level_id,
                        standing=standing,
                        folded=folded,
                        exact=exact,
                    )

    Key.objects.bulk_create(keys(), batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("branches", "0004_first_spans")]

    operations = [
        migrations.CreateModel(
            name="BranchKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("standing", models.PositiveSmallIntegerField(verbose_name="thứ bậc")),
                (
                    "folded",
                    branches.models.tree.PathField(max_length=60, verbose_name="chữ không dấu"),
                ),
                (
                    "exact",
                    branches.models.tree.PathField(max_length=60, verbose_name="chữ có dấu"),
                ),
                (
                    "branch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="keys",
                        to="branches.branch",
                        verbose_name="đơn vị",
                    ),
                ),
                (
                    "level",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="branches.level",
                        verbose_name="cấp",
                    ),
                ),
            ],
            options={
                "verbose_name": "chữ để tìm",
                "verbose_name_plural": "chữ để tìm",
                "indexes": [
                    models.Index(
                        fields=["standing", "level", "folded", "branch"], name="key_folded"
                    ),
                    models.Index(fields=["standing", "level", "exact", "branch"], name="key_exact"),
                ],
            },
        ),
        migrations.RunPython(fill_keys, migrations.RunPython.noop),
    ]
