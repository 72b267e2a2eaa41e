from django.db import migrations, models


def fill_search_text(apps, schema_editor):
    """As `User.fill_keys` makes it: the given name first, then all of it, log-in name, phone."""
    from hoiphunu.text import fold

    User = apps.get_model("branches", "User")
    batch = []
    for user in User.objects.only("full_name", "username", "phone").iterator():
        name, digits = fold(user.full_name), "".join(filter(str.isdigit, user.phone))
        given = name.rpartition(" ")[2]
        user.search_text = f"{given} {name} {user.username.lower()} {digits}"[:400]
        batch.append(user)
    User.objects.bulk_update(batch, ["search_text"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ("branches", "0005_search_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="search_text",
            field=models.CharField(default="", editable=False, max_length=400),
        ),
        migrations.AddField(
            model_name="user",
            name="one_time_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="mật khẩu một lần dùng đến"),
        ),
        migrations.AddField(
            model_name="user",
            name="session_round",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="historicaluser",
            name="one_time_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="mật khẩu một lần dùng đến"),
        ),
        migrations.RunPython(fill_search_text, migrations.RunPython.noop, elidable=True),
    ]
