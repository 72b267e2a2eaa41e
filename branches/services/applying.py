"""What a decree does to the tree, and how that is taken back.

A decree may touch every unit of the country, so that rows are written set by set in plain
SQL. `apply_to_tree` and `undo_in_tree` are steps of a transaction that the floor above
holds (`reports.reorganisation`); each takes the lock of the tree.

A unit that ends is closed and stands under whoever keeps its papers from now on: scope and
"theo địa bàn hiện nay" then need nothing but today's path. Where it stood is in its spans.
"""

from collections import Counter, defaultdict
from contextlib import contextmanager

from django.db import connection
from django.utils.timezone import now

from branches.decrees import Fate, Routes
from branches.models import Branch, BranchKey, BranchSpan
from hoiphunu.bulk import insert, remember, rows_of, run, scratch, stored, weigh
from hoiphunu.text import exact_fold, fold, slugify

from .checks import BranchError
from .keys import keep_keys
from .reorganisation import check_decree
from .tree import lock_tree

MARKED_ROW = "Chưa phân địa bàn"
FACTS = ("type", "name", "code", "parent_id")
STEPS = 7  # that `progress` counts
BYTES = {"postgresql": 'text COLLATE "C"', "sqlite": "text"}  # compared as PathField is


# --- Applying -----------------------------------------------------------------------------


def apply_to_tree(reorganisation, by, progress=None):
    """Let the tree become what the decree says, from its effective day on.

    Returns what `undo_in_tree` and the floors above must know, ready to be kept as JSON:
    `created` units, `moved` (whole predecessor → successor), `ended`, `waits`, `reviewers` …
    """
    lock_tree()
    routes = Routes(reorganisation)
    problems = check_decree(reorganisation, routes=routes)  # the tree may have changed meanwhile
    if problems:
        raise BranchError(" ".join(problems[:3]))
    tell = progress or (lambda done, total: None)
    step = Step(reorganisation, by, routes)
    with moving_tables():
        for done, part in enumerate(
            (
                step.close_predecessors,
                step.open_successors,
                step.place_predecessors,
                step.move_children,
                step.keep_spans,
                step.keep_paths,
                step.keep_records,
            ),
            1,
        ):
            part()
            tell(done, STEPS)
    return step.journal()


@contextmanager
def moving_tables():
    """What ends and where its papers go; what goes along; whatever differs afterwards."""
    with (
        scratch(
            "decree_unit",
            "branch_id bigint PRIMARY KEY, keeper_id bigint, carries boolean,"
            " suffix text, suffix_folded text, suffix_exact text",
        ),
        scratch("decree_child", "branch_id bigint PRIMARY KEY, parent_id bigint, suffix_of bigint"),
        scratch("decree_touched", "branch_id bigint PRIMARY KEY"),
    ):
        yield


class Step:
    """One decree on its way into the tree; the parts are called in the order of this page."""

    def __init__(self, reorganisation, by, routes):
        self.decree, self.by, self.at = reorganisation, by, now()
        self.day = reorganisation.effective_on
        self.reason = f"sắp xếp: {reorganisation}"
        self.routes = routes
        self.ended = self.routes.ended()
        self.new = {}  # successor's id → the unit opened for it
        self.rows = {}  # place of a province → its marked row
        self.created, self.renamed = [], []
        self.distinctions, self.amended = [], []

    def close_predecessors(self):
        insert("decree_unit", ["branch_id"], ((pk,) for pk in self.ended))
        run(
            "UPDATE branches_branch SET closed_on = %s"
            " WHERE id IN (SELECT branch_id FROM decree_unit)",
            [stored(self.day)],
        )

    def open_successors(self):
        """From the top down, so that each finds its parent; those that go on are changed."""
        self.free_names()
        taken = set()
        for depth in self.by_depth():
            units = []
            for row in depth:
                if row.pk in self.routes.going_on:
                    self.change_going_on(row)
                else:
                    units.append(self.new_unit(row))
            self.open_units(units, taken)
            self.new |= {unit.successor_id: unit for unit in units}
        self.open_marked_rows(taken)
        self.link_successors()

    def free_names(self):
        """Two units may change names with each other; for a moment each has a name of its own."""
        self.standing = {
            unit.pk: unit
            for unit in Branch.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=self.routes.going_on.values())
            .order_by("pk")
        }
        self.changed = {}
        for successor, pk in self.routes.going_on.items():
            row, unit = self.routes.successors[successor], self.standing[pk]
            if row.parent_successor_id or any(
                getattr(unit, name) != value for name, value in self.facts_of(row).items()
            ):
                self.changed[pk] = {name: getattr(unit, name) for name in FACTS}
        if self.changed:
            marks = ", ".join(["%s"] * len(self.changed))
            run(
                f"UPDATE branches_branch SET exact_text = '#' || id WHERE id IN ({marks})",  # noqa: S608
                list(self.changed),
            )

    def by_depth(self):
        """The decree's successors, those under standing units first."""
        depth = {}

        def depth_of(row):
            if row.pk not in depth:
                above = self.routes.successors.get(row.parent_successor_id)
                depth[row.pk] = 1 + depth_of(above) if above else 0
            return depth[row.pk]

        floors = defaultdict(list)
        for row in self.routes.successors.values():
            floors[depth_of(row)].append(row)
        return [floors[n] for n in sorted(floors)]

    def facts_of(self, row):
        return {
            "type": row.type,
            "name": row.name,
            "code": row.code,
            "parent_id": self.parent_of(row),
        }

    def parent_of(self, row):
        if row.parent_successor_id:
            return self.id_at(self.routes.place_of(row.parent_successor_id))
        return row.parent_branch_id

    def id_at(self, place):
        if place is None:
            return None
        if place.branch:
            return place.branch
        unit = self.new.get(place.successor)
        return unit and unit.pk

    def change_going_on(self, row):
        unit = self.standing[self.routes.going_on[row.pk]]
        if unit.pk not in self.changed:
            return
        facts = self.facts_of(row)
        if facts == self.changed[unit.pk]:
            del self.changed[unit.pk]  # nothing but its parent's name changes
        if (unit.name, unit.type) != (row.name, row.type):
            self.renamed.append(unit.pk)
        for name, value in facts.items():
            setattr(unit, name, value)
        unit.fill_keys()
        write_facts(unit)

    def new_unit(self, row):
        unit = Branch(
            level_id=row.level_id,
            parent_id=self.parent_of(row),
            type=row.type,
            name=row.name,
            code=row.code,
            opened_on=self.day,
        )
        unit.successor_id = row.pk
        return unit

    def open_units(self, units, taken):
        give_slugs(units, self.names_above(units), taken)
        for unit in units:
            unit.fill_keys()
        Branch.objects.bulk_create(units, batch_size=500)
        self.created += [unit.pk for unit in units]

    def names_above(self, units):
        above = {unit.parent_id for unit in units if unit.parent_id}
        found = plain_names(above - {unit.pk for unit in self.new.values()})
        return found | {unit.pk: unit.full_name for unit in self.new.values() if unit.pk in above}

    def open_marked_rows(self, taken):
        """A province gets its marked row when the first of its units waits to be placed."""
        routes = self.routes
        wanted = {routes.keeper(pk) for pk in self.ended if routes.fate[pk] == Fate.WAITS}
        provinces = {place: self.id_at(place) for place in wanted}
        stand = (
            dict(
                Branch.objects.filter(
                    parent__in=provinces.values(), level=routes.marked, closed_on=None
                )
                .order_by("-pk")
                .values_list("parent", "pk")
            )
            if provinces
            else {}
        )
        units = []
        for place, province in provinces.items():
            if province not in stand:
                unit = Branch(
                    level=routes.marked, parent_id=province, name=MARKED_ROW, opened_on=self.day
                )
                unit.place = place
                units.append(unit)
        self.open_units(units, taken)
        stand |= {unit.parent_id: unit.pk for unit in units}
        self.rows = {place: stand[province] for place, province in provinces.items()}

    def link_successors(self):
        """Each successor names the unit that it has become."""
        routes = self.routes
        with scratch("decree_linked", "successor_id bigint PRIMARY KEY, branch_id bigint"):
            insert(
                "decree_linked",
                ["successor_id", "branch_id"],
                ((pk, self.id_at(routes.place_of(pk))) for pk in routes.successors),
            )
            run(
                "UPDATE branches_successor SET branch_id = made.branch_id FROM decree_linked made"
                " WHERE branches_successor.id = made.successor_id"
            )

    def place_predecessors(self):
        """Each that ended stands under its keeper; the columns for what goes along with it."""
        routes = self.routes
        keepers = {pk: self.keeper_id(pk) for pk in self.ended}
        suffixes = self.suffixes(keepers)
        run("DELETE FROM decree_unit")
        insert(
            "decree_unit",
            ["branch_id", "keeper_id", "carries", "suffix", "suffix_folded", "suffix_exact"],
            (
                (
                    pk,
                    keeper,
                    routes.fate[pk] in (Fate.WHOLE, Fate.ABOLISHED) and keeper is not None,
                    suffixes[pk],
                    fold(suffixes[pk]),
                    exact_fold(suffixes[pk]),
                )
                for pk, keeper in keepers.items()
            ),
        )
        weigh("decree_unit")
        run(
            "UPDATE branches_branch SET parent_id = unit.keeper_id FROM decree_unit unit"
            " WHERE branches_branch.id = unit.branch_id AND unit.keeper_id IS NOT NULL"
        )

    def keeper_id(self, pk):
        place = self.routes.keeper(pk)
        return self.rows[place] if self.routes.fate[pk] == Fate.WAITS else self.id_at(place)

    def suffixes(self, keepers):
        """What tells the chi hội of one old unit from those of another: "phường Mân Thái cũ"."""
        units = self.routes.units
        named = Counter((keepers[pk], units[pk].full_name) for pk in self.ended)
        found = {}
        for pk in self.ended:
            unit = units[pk]
            words = f"{unit.full_name} cũ"
            if named[keepers[pk], unit.full_name] > 1 and unit.parent_id:
                words += f", {units[unit.parent_id].full_name}"
            found[pk] = words[:100]
        return found

    def move_children(self):
        """Open units below a predecessor go along; where two then share a name, both say more."""
        run(
            """
            INSERT INTO decree_child (branch_id, parent_id, suffix_of)
            SELECT branch.id, unit.keeper_id, unit.branch_id
            FROM branches_branch branch
            JOIN decree_unit unit ON unit.branch_id = branch.parent_id AND unit.carries
            WHERE branch.closed_on IS NULL AND NOT EXISTS (
                SELECT 1 FROM branches_succession line
                WHERE line.predecessor_id = branch.id AND line.reorganisation_id = %s
            )
            """,
            [self.decree.pk],
        )
        weigh("decree_child")
        keep_all_paths("decree_touched", without="decree_child")  # where the children will stand
        self.distinctions = move_with_names()

    def keep_spans(self):
        """The dated facts: what ended ends on the day, what changed begins anew on it."""
        day = stored(self.day)
        self.amended = amend_late_spans(day)
        run(
            "UPDATE branches_branchspan SET ends_on = %s WHERE ends_on IS NULL"
            " AND branch_id IN (SELECT branch_id FROM decree_unit)",
            [day],
        )
        new_spans("decree_child", day, self.decree.pk)
        with scratch("decree_changed", "branch_id bigint PRIMARY KEY"):
            insert("decree_changed", ["branch_id"], ((pk,) for pk in self.changed))
            new_spans("decree_changed", day, self.decree.pk)
            run(
                "INSERT INTO decree_touched SELECT branch_id FROM decree_changed WHERE true"
                " ON CONFLICT DO NOTHING"
            )
        run(
            "INSERT INTO branches_branchspan"
            " (branch_id, type, name, code, parent_id, starts_on, decree_id)"
            " SELECT id, type, name, code, parent_id, %s, %s FROM branches_branch"
            " WHERE id IN (SELECT branch_id FROM branches_successor"
            " WHERE reorganisation_id = %s)"
            " AND NOT EXISTS (SELECT 1 FROM branches_branchspan span"
            " WHERE span.branch_id = branches_branch.id)",
            [day, self.decree.pk, self.decree.pk],
        )
        rows = [pk for pk in self.created if pk in set(self.rows.values())]
        BranchSpan.objects.bulk_create(
            BranchSpan(
                branch_id=unit.pk,
                name=unit.name,
                parent_id=unit.parent_id,
                starts_on=self.day,
                decree=self.decree,
            )
            for unit in Branch.objects.filter(pk__in=rows)
        )

    def keep_paths(self):
        run(
            "INSERT INTO decree_touched SELECT branch_id FROM decree_unit"
            " UNION SELECT branch_id FROM decree_child WHERE true ON CONFLICT DO NOTHING"
        )
        keep_all_paths("decree_touched")

    def keep_records(self):
        """History and search; what the decree opened has one record, of the opening."""
        with scratch("decree_created", "branch_id bigint PRIMARY KEY"):
            insert("decree_created", ["branch_id"], ((pk,) for pk in self.created))
            signed = {"by": self.by, "reason": self.reason, "at": self.at}
            created = "SELECT branch_id FROM decree_created"
            remember(Branch, created, sign="+", **signed)
            remember(
                Branch,
                f"SELECT branch_id FROM decree_touched EXCEPT {created}",  # noqa: S608
                sign="~",
                **signed,
            )
        run(  # the names of what ended stay; they are those of a closed unit now
            "UPDATE branches_branchkey SET standing = standing + %s"
            " WHERE branch_id IN (SELECT branch_id FROM decree_unit)",
            [BranchKey.Standing.CLOSED],
        )
        keep_keys([*self.created, *self.renamed])

    def journal(self):
        routes = self.routes
        whole = {
            pk: self.id_at(routes.place_of(routes.people[pk]))
            for pk in self.ended
            if routes.fate[pk] == Fate.WHOLE
        }
        return {
            "created": self.created,
            "rows": [pk for pk in self.created if pk in set(self.rows.values())],
            "going_on": list(self.changed),
            "ended": self.ended,
            "moved": [[pk, to] for pk, to in whole.items()],
            "waits": [pk for pk in self.ended if routes.fate[pk] == Fate.WAITS],
            "reviewers": [[pk, self.id_at(routes.reviewer(pk))] for pk in self.ended],
            "distinctions": self.distinctions,
            "amended": self.amended,
        }


def write_facts(unit):
    columns = [*FACTS, "search_text", "exact_text", "sort_key"]
    sets = ", ".join(f"{name} = %s" for name in columns)
    run(
        f"UPDATE branches_branch SET {sets} WHERE id = %s",  # noqa: S608
        [*(getattr(unit, name) for name in columns), unit.pk],
    )


def plain_names(ids):
    found = Branch.objects.filter(pk__in=ids).only("type", "name", "distinction")
    return {unit.pk: unit.full_name for unit in found}


def give_slugs(units, names, taken):
    """An address for each, as `free_slug` finds one, without a question for each.

    `names`: id of a parent → its full name. `taken`: addresses just given; grows.
    """
    wishes = {}
    for unit in units:
        base = slugify(unit.full_name)[:90]
        above = names.get(unit.parent_id)
        longer = [f"{base}-{slugify(above)}"[:105]] if above else []
        wishes[id(unit)] = [base, *longer, f"{base}-{unit.opened_on.year}"]
    asked = list({slug for slugs in wishes.values() for slug in slugs})
    used = set(taken)
    for start in range(0, len(asked), 500):
        some = asked[start : start + 500]
        used |= set(Branch.objects.filter(slug__in=some).values_list("slug", flat=True))
    for unit in units:
        slugs = wishes[id(unit)]
        unit.slug = next((slug for slug in slugs if slug not in used), None)
        if unit.slug is None:
            unit.slug = numbered_slug(slugs[-1], used)
        used.add(unit.slug)
        taken.add(unit.slug)


def numbered_slug(base, used):
    stand = set(Branch.objects.filter(slug__startswith=f"{base}-").values_list("slug", flat=True))
    numbers = (f"{base}-{number}" for number in range(2, 10_000))
    return next(slug for slug in numbers if slug not in used and slug not in stand)


# --- Parts that placing by hand and undoing use as well ------------------------------------------


def move_with_names():
    """Put the units of decree_child where it says, in one statement, for they are many.

    Where another one in the new place bears the same name they get a `distinction`; their
    keys follow by joining folded pieces, which is the same as folding the joined words.
    Returns [[id, its distinction before]] of those.
    """
    with scratch("decree_twice", "branch_id bigint PRIMARY KEY"):
        run(
            """
            INSERT INTO decree_twice
            SELECT child.branch_id FROM decree_child child
            JOIN branches_branch branch ON branch.id = child.branch_id
            JOIN (
                SELECT parent_id, type, exact_text FROM (
                    SELECT child.parent_id, branch.type, branch.exact_text
                    FROM decree_child child
                    JOIN branches_branch branch ON branch.id = child.branch_id
                    UNION ALL
                    SELECT branch.parent_id, branch.type, branch.exact_text
                    FROM branches_branch branch
                    WHERE branch.closed_on IS NULL
                      AND branch.parent_id IN (SELECT parent_id FROM decree_child)
                ) AS names GROUP BY parent_id, type, exact_text HAVING count(*) > 1
            ) AS twice ON twice.parent_id = child.parent_id
                AND twice.type = branch.type AND twice.exact_text = branch.exact_text
            """
        )
        before = rows_of(
            "SELECT id, distinction FROM branches_branch"
            " WHERE id IN (SELECT branch_id FROM decree_twice)"
        )
        run(
            f"""
            UPDATE branches_branch SET
                parent_id = child.parent_id,
                path = above.path || branches_branch.id || '/',
                distinction = {joined("distinction", 100, brackets=False)},
                search_text = {joined("search_text", 200)},
                exact_text = {joined("exact_text", 200)}
            FROM decree_child child
            JOIN branches_branch above ON above.id = child.parent_id
            JOIN decree_unit unit ON unit.branch_id = child.suffix_of
            LEFT JOIN decree_twice twice ON twice.branch_id = child.branch_id
            WHERE branches_branch.id = child.branch_id
            """  # noqa: S608
        )
    return [list(row) for row in before]


SUFFIXES = {"distinction": "suffix", "search_text": "suffix_folded", "exact_text": "suffix_exact"}


def joined(column, length, brackets=True):
    """SQL: the column with the unit's suffix joined on, where the unit must be told apart."""
    own, suffix = f"branches_branch.{column}", f"unit.{SUFFIXES[column]}"
    first = f"{own} || ' (' || {suffix} || ')'" if brackets else suffix
    inner = f"substr({own}, 1, length({own}) - 1)" if brackets else own
    again = f"{inner} || ', ' || {suffix}" + (" || ')'" if brackets else "")
    return (
        f"CASE WHEN twice.branch_id IS NULL THEN {own}"
        f" WHEN branches_branch.distinction = '' THEN substr({first}, 1, {length})"
        f" ELSE substr({again}, 1, {length}) END"
    )


def amend_late_spans(day):
    """Chi hội opened on the day or later, of a decree that was entered late: since they opened
    they have belonged to the successor. Returns [[id, parent named until now]]."""
    late = rows_of(
        "SELECT span.branch_id, span.parent_id FROM branches_branchspan span"
        " JOIN decree_child child ON child.branch_id = span.branch_id"
        " WHERE span.ends_on IS NULL AND span.starts_on >= %s",
        [day],
    )
    run(
        "UPDATE branches_branchspan SET parent_id = child.parent_id FROM decree_child child"
        " WHERE branches_branchspan.branch_id = child.branch_id"
        " AND branches_branchspan.ends_on IS NULL AND branches_branchspan.starts_on >= %s",
        [day],
    )
    return [list(row) for row in late]


def new_spans(table, day, decree_id):
    """End the last span of the units in `table` on the day, and begin one as they stand now."""
    ended = run(
        f"""
        UPDATE branches_branchspan SET ends_on = %s
        WHERE ends_on IS NULL AND starts_on < %s AND branch_id IN (SELECT branch_id FROM {table})
        """,  # noqa: S608
        [day, day],
    )
    if ended:
        run(
            f"""
            INSERT INTO branches_branchspan
                (branch_id, type, name, code, parent_id, starts_on, decree_id)
            SELECT branch.id, branch.type, branch.name, branch.code, branch.parent_id, %s, %s
            FROM branches_branch branch JOIN {table} ON {table}.branch_id = branch.id
            WHERE NOT EXISTS (
                SELECT 1 FROM branches_branchspan span
                WHERE span.branch_id = branch.id AND span.ends_on IS NULL
            )
            """,  # noqa: S608
            [day, decree_id],
        )


def keep_all_paths(touched, without=None):
    """Make every stored path what its parents say, and note in `touched` whose path changes.

    A unit that no root leads to would stand in a circle: refused. `without` names a table of
    units that are left out, with all below them.
    """
    left_out = f"AND branch.id NOT IN (SELECT branch_id FROM {without})" if without else ""  # noqa: S608
    with scratch("decree_path", f"branch_id bigint PRIMARY KEY, path {BYTES[connection.vendor]}"):
        run(
            f"""
            INSERT INTO decree_path
            WITH RECURSIVE tree (id, path) AS (
                SELECT id, '/' || id || '/' FROM branches_branch WHERE parent_id IS NULL
              UNION ALL
                SELECT branch.id, tree.path || branch.id || '/'
                FROM branches_branch branch JOIN tree ON branch.parent_id = tree.id {left_out}
            )
            SELECT id, path FROM tree
            """  # noqa: S608
        )
        [[all_units, reached]] = rows_of(
            "SELECT (SELECT count(*) FROM branches_branch), (SELECT count(*) FROM decree_path)"
        )
        if all_units != reached and not without:
            raise BranchError("Sau văn bản này có đơn vị đứng dưới chính nó, nên chưa ghi gì.")
        run(
            "DELETE FROM decree_path WHERE EXISTS (SELECT 1 FROM branches_branch branch"
            " WHERE branch.id = decree_path.branch_id AND branch.path = decree_path.path)"
        )
        run(
            "UPDATE branches_branch SET path = new.path FROM decree_path new"
            " WHERE branches_branch.id = new.branch_id"
        )
        run(
            f"INSERT INTO {touched} SELECT branch_id FROM decree_path WHERE true"  # noqa: S608
            " ON CONFLICT DO NOTHING"
        )
