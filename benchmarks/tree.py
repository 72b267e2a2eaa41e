"""The tree of units at 1,000 and at 113,000: what a page asks of it, against one row by its key.

    python benchmarks/tree.py                            SQLite
    python benchmarks/tree.py --database postgres://…    PostgreSQL, in a database beside that one

Prints medians, ratios and the limits of the handbook; keeps them in docs/benchmarks/. Exit 1
when one is broken. The growth is between the two trees: what is asked is the same in both.
"""

import json
import random
import statistics
import sys
from datetime import date

from scratch import PROJECT, arguments, ask, command, commit, head, scratch_database

SEED = 3
SIZES = (1_000, 113_000)
BEST_OF = 10
# what, times one row by its key at most, growth at most
LIMITS = {
    "one row by its key": (None, None),
    "the units above a chi hội": (10, 1.5),
    "a page of the units below": (10, 1.5),
    "count of a small province": (50, 1.5),
    "count of the largest province": (50, None),
}
SEARCHES = ["nam can", "Nậm Cắn", "thanh khe da nang", "hoa", "t", "chi hoi", "khu dan cu 1", "zz"]
LIMITS |= {f"typing “{words}”": (50, 3) for words in SEARCHES}

SYLLABLES = (
    "An Bình Cẩm Châu Đông Hòa Khánh Lộc Minh Mỹ Nam Ngọc Phú Phước Quảng Sơn Tam Tân Tây Thanh "
    "Thành Thạnh Thắng Thọ Thới Thủy Tiến Trà Trung Vân Vĩnh Xuân Yên Hải Long Giang Hưng Điền"
).split()
PROVINCES = ["Đà Nẵng", "Nghệ An"]  # the same in both trees, with the units that are searched
SEEDED = [["Thanh Khê", "Hải Châu", "Hòa Tiến"], ["Nậm Cắn", "Na Ngoi", "Nậm Càn"]]
OPENED, REFORM = date(2016, 1, 1), date(2025, 7, 1)


class Planting:
    """Units with ids, paths, spans and keys of their own, written in bulk."""

    def __init__(self, size):
        from branches.models import Branch, Level

        self.Branch, self.rows, self.size, self.taken = Branch, [], size, set()
        self.levels = {level.code: level.pk for level in Level.objects.all()}
        self.chance = random.Random(SEED)

    def add(self, level, above, type, name, closed_on=None):
        pk = len(self.rows) + 1
        while (above, type, name) in self.taken:
            name = f"{name} mới"
        self.taken.add((above, type, name))
        row = self.Branch(
            pk=pk,
            level_id=self.levels[level],
            parent_id=above and above.pk,
            path=f"{above.path if above else '/'}{pk}/",
            slug=f"u{pk}",
            type=type,
            name=name,
            opened_on=OPENED,
            closed_on=closed_on,
        )
        row.fill_keys()
        self.rows.append(row)
        return row

    def name(self, number):
        """Names as they are: two words, some of them met again elsewhere."""
        words = " ".join(self.chance.sample(SYLLABLES, 2))
        return words if self.chance.random() < 0.5 else f"{words} {number}"

    def plant(self):
        top = self.add("trung_uong", None, "Trung ương Hội LHPN", "Việt Nam")
        for at, name in enumerate(PROVINCES):
            self.province(top, name, SEEDED[at], communes=12, chi_hoi=35)
        if self.size > 10_000:
            sizes = [(98, 28)] * 31 + [(250, 33)]
            for number, (communes, chi_hoi) in enumerate(sizes):
                name = self.name(f"tỉnh {number}")
                self.province(top, name, [], communes=communes, chi_hoi=chi_hoi, closed=300)
        xa = self.levels["xa"]
        places = [row for row in self.rows if row.level_id == xa and row.closed_on is None]
        number = 0
        while len(self.rows) < self.size:  # the last few, to the size that was asked for
            number += 1
            self.add("chi_hoi", places[-number % len(places)], "chi hội", f"Xóm {number}")
        return self

    def province(self, top, name, seeded, *, communes, chi_hoi, closed=0):
        province = self.add("tinh", top, "tỉnh", name)
        names = list(seeded)
        while len(names) < communes:
            names.append(self.name(len(names)))
        places = []
        for number, known in enumerate(dict.fromkeys(names)):
            type = self.chance.choice(["xã", "phường"])
            places.append(self.add("xa", province, type, known))
            for below in range(1, chi_hoi + 1):
                shown = [f"Khu dân cư {below}", f"Thôn {self.name(below)}", f"Tổ {below}"]
                self.add("chi_hoi", places[-1], "chi hội", shown[(number + below) % 3])
        for number in range(closed):
            self.add("xa", self.chance.choice(places), "xã", self.name(number), closed_on=REFORM)

    def write(self, connection):
        from branches.models import BranchSpan
        from branches.services import keep_keys

        self.Branch.objects.bulk_create(self.rows, batch_size=1000)
        BranchSpan.objects.bulk_create(
            (
                BranchSpan(
                    branch_id=row.pk,
                    type=row.type,
                    name=row.name,
                    parent_id=row.parent_id,
                    starts_on=OPENED,
                    ends_on=row.closed_on,
                )
                for row in self.rows
            ),
            batch_size=1000,
        )
        keep_keys(row.pk for row in self.rows)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def uproot(self, connection):
        tables = ["branches_branchkey", "branches_branchspan", "branches_branch"]
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM sqlite_stat1")


def questions(planting):
    """What is asked, by its name: a list of calls, each with another unit."""
    from branches.models import Branch
    from branches.queries import open_children
    from branches.search import find_units

    chance = random.Random(SEED)
    by_level = {code: [] for code in planting.levels}
    codes = {pk: code for code, pk in planting.levels.items()}
    for row in planting.rows:
        by_level[codes[row.level_id]].append(row)
    leaves = chance.sample(by_level["chi_hoi"], 50)
    wards = chance.sample([row for row in by_level["xa"] if row.closed_on is None], 20)
    provinces = by_level["tinh"]

    def find(words):
        return lambda: find_units(
            Branch.objects.directory(with_closed=True), words, with_closed=True
        )

    def count(province):
        return lambda: Branch.objects.under(province).count()

    asked = {
        "one row by its key": [lambda pk=u.pk: Branch.objects.get(pk=pk) for u in leaves],
        "the units above a chi hội": [lambda u=u: list(u.ancestors()) for u in leaves],
        "a page of the units below": [lambda u=u: open_children([u]) for u in wards],
        "count of a small province": [count(provinces[0]), count(provinces[1])],
        "count of the largest province": [count(provinces[-1])],
    }
    return asked | {f"typing “{words}”": [find(words)] for words in SEARCHES}


def measure(planting, rounds):
    """Median seconds of each question; the rounds go through all of them in turn.

    Each call counts with the best of a few, for another program that takes the processor away
    for a moment meets a call of 5 ms more often than one of 0.2 ms.
    """
    asked = questions(planting)
    times = {name: [] for name in asked}
    for number in range(rounds + 1):
        for name, calls in asked.items():
            calls = (calls * 5)[: max(5, len(calls))]
            seconds = [min(ask(call) for _ in range(BEST_OF)) for call in calls]
            if number:  # the first warms up
                times[name] += seconds
    return {name: statistics.median(seconds) for name, seconds in times.items()}


def table(small, large):
    """Lines for the eye, and the names of what broke its limit."""
    key = "one row by its key"
    lines, broken = [], []
    for name, (most, growth) in LIMITS.items():
        times = max(small[name] / small[key], large[name] / large[key])
        grown = large[name] / small[name]
        is_broken = (most and times > most) or (growth and grown > growth)
        broken += [name] if is_broken else []
        lines.append(
            f"{name:34} {small[name] * 1000:8.2f} {large[name] * 1000:8.2f}"
            f" {times:7.1f} {most or '':>6} {grown:7.2f} {growth or '':>6}"
            f"{'  too slow' if is_broken else ''}"
        )
    return lines, broken


def main():
    options = arguments(__doc__).parse_args()
    results = {}
    with scratch_database(options.database) as connection:
        head("tree")
        print(f"  seed {SEED}, {options.rounds} rounds\n")
        for size in SIZES:
            planting = Planting(size).plant()
            planting.write(connection)
            results[size] = measure(planting, options.rounds)
            planting.uproot(connection)
        vendor = connection.vendor
    small, large = results.values()
    lines, broken = table(small, large)
    print(
        f"{'ms':34} {SIZES[0]:8,} {SIZES[1]:8,}"
        f" {'× key':>7} {'limit':>6} {'growth':>7} {'limit':>6}"
    )
    print("\n".join(lines))
    folder = PROJECT / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    kept = {
        "command": command(),
        "commit": commit(),
        "seed": SEED,
        "rounds": options.rounds,
        "seconds": {str(size): seconds for size, seconds in results.items()},
        "broken": broken,
    }
    (folder / f"tree-{vendor}.json").write_text(
        json.dumps(kept, ensure_ascii=False, indent=1) + "\n"
    )
    print(f"\n{'Broken: ' + ', '.join(broken) if broken else 'Every limit is kept.'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
