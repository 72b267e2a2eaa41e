from django.db import migrations

# code, name, how its Hội is called, may stand at the top, levels it may sit under.
# Both organisations: with districts (until 30/6/2025) and without (since 1/7/2025).
LEVELS = [
    ("trung_uong", "Trung ương", "Hội LHPN", True, []),
    ("tinh", "tỉnh/thành phố", "Hội LHPN", True, ["trung_uong"]),
    ("huyen", "quận/huyện", "Hội LHPN", False, ["tinh"]),
    ("truc_thuoc", "đơn vị trực thuộc", "", False, ["trung_uong", "tinh", "huyen", "xa"]),
    ("xa", "xã/phường", "Hội LHPN", False, ["tinh", "huyen"]),
    ("chi_hoi", "chi hội", "", False, ["xa", "truc_thuoc"]),
    ("to_phu_nu", "tổ phụ nữ", "", False, ["chi_hoi"]),
]


def add_levels(apps, schema_editor):
    Level = apps.get_model("branches", "Level")
    made = {}
    for rank, (code, name, prefix, alone, _) in enumerate(LEVELS):
        made[code] = Level.objects.create(
            code=code, name=name, office_prefix=prefix, can_stand_alone=alone, rank=rank
        )
    for code, *_, parents in LEVELS:
        made[code].parents.set(made[parent] for parent in parents)


class Migration(migrations.Migration):
    dependencies = [("branches", "0001_organisation")]
    operations = [migrations.RunPython(add_levels, migrations.RunPython.noop)]
