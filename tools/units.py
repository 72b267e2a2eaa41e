"""Make the country's units in branches/data/ anew, from one published data set.

    .venv/bin/python tools/units.py                 downloads the package (pip, the network)
    .venv/bin/python tools/units.py FOLDER          the unpacked wheel, which has the folder
                                                    vietnamadminunits/ in it

The data set is the package `vietnamadminunits` 1.0.4 on PyPI, MIT licence, © 2025 Tran Ngoc
Minh Hieu: its `data/dataset.db` (the units until 30/6/2025 and since 1/7/2025) and
`data/converter_2025.json` (which commune went where). It is read here once and is no part of
the site. The commands and tests need the files in branches/data/, not this script.

What is put right on the way, and why:

- Five of its 10,040 old communes have no name: the island districts Bạch Long Vĩ, Cồn Cỏ,
  Hoàng Sa, Lý Sơn and Côn Đảo, which had no communes. 10,035 are left, the official number.
- A unit's type is read from its full name: seven rows say another type beside it (of the old,
  Ngọc Lặc and two wards by number; of the new, Việt Hòa, Vĩnh Hòa, Tân Lộc, Phong Điền).
  "Thị Xã", "Thị Trấn", "Thành Phố" lose a capital.
- `units_corrections/names.csv`: eight old names as the state spells them, six of units that it
  calls unchanged on 1/7/2025. The package's spelling becomes an alias.
- It found a commune's successors by name, so 32 pairs of one name in one new province were
  mixed up, and it missed one line: `units_corrections/targets.csv`, each with its reason, from
  the state's conversion table (Bảng chuyển đổi đơn vị hành chính mới – cũ, July 2025).
- `units_corrections/people.csv`, from the same table: of a divided commune, the part that has
  all its people ("toàn bộ dân số") and those that are land only ("một phần diện tích"). What
  the table does not say stays unknown.
- `units_corrections/aliases.csv`: other official spellings (that table, and the statistical
  office's list of January 2025) which a search without diacritics would not find.
- Text is NFC, with single spaces.

The table has faults of its own, which are not followed: its second line of code 01615 is Mỹ
Hưng's (01651), its second line of code 02485 is Phú Thịnh's (02482), its line Cổ Bi → Thuận An
is Đặng Xá's (00556). Counted by code it shows 441 divided communes; they are 440.

The files on Đà Nẵng (`danang-2021.csv`, `decree-danang-2025.csv`) and the decree of 30/4/2026
were written by hand and are not touched here.
"""

import csv
import json
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from zipfile import ZipFile

PACKAGE = "vietnamadminunits==1.0.4"
HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "branches" / "data"
CORRECTIONS = HERE / "units_corrections"

TYPES = "tỉnh, thành phố, quận, huyện, thị xã, xã, phường, thị trấn, đặc khu".split(", ")
OLD = "SELECT * FROM admin_units_legacy ORDER BY wardCode"
NEW = "SELECT * FROM admin_units ORDER BY wardCode"


def main(folder=None):
    with tempfile.TemporaryDirectory() as scratch:
        package = Path(folder or download(scratch)) / "vietnamadminunits" / "data"
        source = sqlite3.connect(package / "dataset.db")
        source.row_factory = sqlite3.Row
        old, new = source.execute(OLD).fetchall(), source.execute(NEW).fetchall()
        targets = read_targets(package / "converter_2025.json", old, new)
    correct(targets)
    old_units, new_units = units_of(old), units_of(new)
    aliases = read_aliases()
    rename(old_units, aliases)
    lines = decree(old_units, new_units, targets)
    write("2025-06-30.csv", LIST, with_aliases(old_units, aliases))
    spellings = carried(aliases, old_units, new_units, lines)
    write("2025-07-01.csv", LIST, with_aliases(new_units, spellings))
    write("decree-2025-07-01.csv", LINES, lines)


def download(scratch):
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", scratch, PACKAGE],
        check=True,
    )
    (wheel,) = Path(scratch).glob("*.whl")
    ZipFile(wheel).extractall(scratch)
    return scratch


# --- Units -------------------------------------------------------------------------------

LIST = ["code", "type", "name", "parent", "aliases"]


def units_of(rows):
    """code → (type, name, parent's code), from the top down."""
    units = {}
    for row in rows:
        units[row["provinceCode"]] = (*split(row["province"]), "")
    for row in rows:
        if "district" in row.keys():
            units[row["districtCode"]] = (*split(row["district"]), row["provinceCode"])
    for row in rows:
        if row["wardCode"]:
            above = row["districtCode" if "district" in row.keys() else "provinceCode"]
            units[row["wardCode"]] = (*split(row["ward"]), above)
    return dict(sorted(units.items(), key=lambda unit: (len(unit[0]), unit[0])))


def split(full_name):
    """("Thị Xã Mường Lay") is ("thị xã", "Mường Lay")."""
    text = unicodedata.normalize("NFC", " ".join(full_name.split()))
    type = next(type for type in TYPES if text.lower().startswith(f"{type} "))
    return type, text[len(type) + 1 :]


def read_aliases():
    aliases = defaultdict(list)
    for row in read(CORRECTIONS / "aliases.csv"):
        aliases[row["code"]].append(row["alias"])
    return aliases


def rename(units, aliases):
    for row in read(CORRECTIONS / "names.csv"):
        type, name, parent = units[row["code"]]
        units[row["code"]] = type, row["name"], parent
        aliases[row["code"]].append(name)


def carried(aliases, old_units, new_units, lines):
    """A new unit that took the name of an old one is looked for under its spellings too."""
    carried = defaultdict(list)
    for code in (code for code in new_units if len(code) == 2):
        carried[code] = list(aliases.get(code, []))
    for old, new, *_ in lines:
        spellings = [old_units[old][1], *aliases.get(old, [])]
        if len(old) == 5 and new_units[new][1] in spellings:
            name = new_units[new][1]
            carried[new] += [s for s in spellings if s != name and s not in carried[new]]
    return carried


def with_aliases(units, aliases):
    for code, unit in units.items():
        others = dict.fromkeys(alias for alias in aliases.get(code, []) if alias != unit[1])
        yield code, *unit, "|".join(others)


# --- Who went where ----------------------------------------------------------------------

LINES = ["old", "new", "kind", "people", "suggested", "note"]


def read_targets(path, old, new):
    """old code → {new code: whether the package suggests it}, as the package has it."""
    converter = json.loads(path.read_text(encoding="utf-8"))
    old_codes = {
        "_".join([row["provinceKey"], row["districtKey"], row["wardKey"] or ""]): row["wardCode"]
        for row in old
    }
    new_codes = {(row["provinceKey"], row["wardKey"]): row["wardCode"] for row in new}
    targets = defaultdict(dict)
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, keys in wards.items():
            for key in keys:
                targets[old_codes[key]][new_codes[province, ward]] = False
    for province, keys in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, parts in keys.items():
            for part in parts:
                code = new_codes[province, part["newWardKey"]]
                targets[old_codes[key]][code] = part["isDefaultNewWard"]
    targets.pop(None)  # the island districts have no communes
    return targets


def correct(targets):
    for row in read(CORRECTIONS / "targets.csv"):
        if row["action"] == "add":
            targets[row["old"]][row["new"]] = False
        else:
            del targets[row["old"]][row["new"]]


def decree(old_units, new_units, targets):
    """The lines of 1/7/2025: provinces, then districts, then communes."""
    homes = {commune: targets[commune] for commune in old_units if len(commune) == 5}
    provinces = province_targets(old_units, new_units, homes)
    lines = [
        (old, new, kind_of(old_units[old], new_units[new], is_alone), "", "", "")
        for old, new, is_alone in alone(provinces)
    ]
    lines += [district_line(code, old_units, new_units) for code in old_units if len(code) == 3]
    people = {(row["old"], row["new"]): row["people"] for row in read(CORRECTIONS / "people.csv")}
    for old, new, is_alone in alone(homes):
        parts = homes[old]
        if len(parts) == 1:
            kind = kind_of(old_units[old], new_units[new], is_alone)
            lines.append((old, new, kind, "", "", ""))
        else:
            known = {part: people.get((old, part), "") for part in parts}
            lines.append((old, new, "part", known[new], suggested(new, parts, known), ""))
    return lines


def province_targets(old_units, new_units, homes):
    """Each old province went whole to the one new province that has its communes."""
    provinces = {}
    for commune, parts in homes.items():
        old = old_units[old_units[commune][2]][2]
        for new in parts:
            provinces.setdefault(old, {})[new_units[new][2]] = False
    if any(len(new) > 1 for new in provinces.values()):
        raise ValueError("a province was divided")
    return dict(sorted(provinces.items()))


def district_line(code, old_units, new_units):
    """Districts ended; the five of islands without communes each became a đặc khu."""
    if any(unit[2] == code for unit in old_units.values()):
        return code, "", "abolished", "", "", ""
    (new,) = (
        new
        for new, (type, name, _) in new_units.items()
        if type == "đặc khu" and name == old_units[code][1]
    )
    return code, new, "whole", "", "", "sắp xếp toàn bộ huyện thành đặc khu"


def alone(targets):
    """(old, new, whether the new one has no other predecessor), part by part."""
    predecessors = Counter(new for parts in targets.values() for new in parts)
    for old, parts in targets.items():
        for new in sorted(parts):
            yield old, new, predecessors[new] == 1


def kind_of(old, new, is_alone):
    """One old unit as it was, alone, goes on; a merger makes a new unit, whatever its name."""
    if not is_alone:
        return "whole"
    if old[1] != new[1]:
        return "renamed"
    return "unchanged" if old[0] == new[0] else "type_changed"


def suggested(new, parts, known):
    """Where all the people went; else what the package takes without a street."""
    if "all" in known.values():
        return "1" if known[new] == "all" else ""
    return "1" if parts[new] else ""


# --- Files -------------------------------------------------------------------------------


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name, columns, rows):
    rows = list(rows)
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    print(f"{DATA.name}/{name}: {len(rows)} rows")


if __name__ == "__main__":
    main(*sys.argv[1:])
