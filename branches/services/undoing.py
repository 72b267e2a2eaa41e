"""Taking a decree back: each column of the tree as it was, from the spans that the decree ended."""

from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from branches.models import Branch, BranchKey, BranchSpan, Reorganisation
from branches.querysets import path_above, under_paths
from hoiphunu.bulk import insert, remember, rows_of, run, scratch, stored, weigh
from hoiphunu.text import exact_fold, fold

from .applying import FACTS, keep_all_paths, moving_tables, write_facts
from .checks import BranchError
from .keys import keep_keys
from .tree import lock_tree

# How PostgreSQL and SQLite call it when two open units would share a name.
NAME_TAKEN = ("branch_name_once_under_parent", "branches_branch.exact_text")


def why_tree_stays(reorganisation):
    """Sentences about what has happened in the tree since, so that no undo is possible."""
    if not reorganisation.is_applied:
        return ["Văn bản này chưa được thực hiện."]
    if not reorganisation.journal:
        return ["Phần mềm không giữ lại những gì văn bản này đã làm nên không hoàn tác được."]
    found = []
    owner = reorganisation.owner.path
    later = (
        Reorganisation.objects.filter(
            under_paths([owner], "owner__path") | path_above([owner], "owner__path"),
            stage=Reorganisation.Stage.APPLIED,
            applied_at__gt=reorganisation.applied_at,
        )
        .exclude(pk=reorganisation.pk)
        .first()
    )
    if later:
        found.append(f"Sau đó đã thực hiện {later}. Chị hoàn tác văn bản ấy trước.")
    if reorganisation.placed:
        found.append("Đã có chi hội được xếp về đơn vị mới theo văn bản này.")
    changed = changed_since(reorganisation)
    if changed:
        found.append(f"{changed.full_name} đã thay đổi sau khi thực hiện văn bản.")
    return found


def changed_since(reorganisation):
    """A unit that somebody has changed after the decree changed it, or None."""
    late = late_moved_since(reorganisation)
    if late:
        return late
    spans = BranchSpan.objects.filter(decree=reorganisation).select_related("branch")
    ended = spans.exclude(ends_on=None).first()
    if ended:
        return ended.branch
    moved = rows_of(
        "SELECT span.branch_id FROM branches_branchspan span"
        " JOIN branches_branchspan old"
        " ON old.branch_id = span.branch_id AND old.ends_on = span.starts_on"
        " WHERE span.decree_id = %s"
        " AND (span.type <> old.type OR span.name <> old.name OR span.code <> old.code)"
        " AND span.branch_id NOT IN (SELECT branch_id FROM branches_successor"
        " WHERE reorganisation_id = %s AND branch_id IS NOT NULL) LIMIT 1",
        [reorganisation.pk, reorganisation.pk],
    )
    if moved:
        return Branch.objects.get(pk=moved[0][0])
    for row in reorganisation.successors.select_related("branch"):
        unit = row.branch
        if unit and any(
            getattr(unit, name) != getattr(row, name) for name in ("type", "name", "code")
        ):
            return unit
    return None


def late_moved_since(reorganisation):
    """Of the units that had opened after the day, one that no longer stands where the decree
    put it: under whoever keeps the papers of its old parent. They have no span of the decree."""
    late = dict(reorganisation.journal["tree"]["amended"])
    keepers = dict(Branch.objects.filter(pk__in=late.values()).values_list("pk", "parent"))
    spans = BranchSpan.objects.filter(branch__in=late, starts_on__gte=reorganisation.effective_on)
    for span in spans.select_related("branch"):
        if span.ends_on or span.parent_id != keepers[late[span.branch_id]]:
            return span.branch
    return None


APART = ("Branch", "BranchSpan", "BranchKey")  # the tree's own, asked by `left_below`


def what_hangs(units, apart=()):
    """Ids of the rows that name one of these units, by table and column; noted right after the
    decree, so that what a person has put there since is known. `apart`: models left out."""
    return {
        f"{named.table}.{named.column}": [pk for pk, _ in rows_naming(named, units)]
        for named in where_units_are_named()
        if named.model.__name__ not in APART and named.model not in apart
    }


class Named(NamedTuple):
    """A column in which rows of a model name a unit; for several units, of the table between."""

    model: type
    table: str
    column: str


def where_units_are_named():
    for relation in Branch._meta.related_objects:
        if relation.many_to_many:
            table, column = relation.through._meta.db_table, relation.field.m2m_reverse_name()
        else:
            table, column = relation.related_model._meta.db_table, relation.field.column
        yield Named(relation.related_model, table, column)


def rows_naming(named, units):
    """[(the row's id, the unit's)]"""
    return rows_of(
        f'SELECT id, "{named.column}" FROM {named.table}'  # noqa: S608
        f' WHERE "{named.column}" IN ({listed(units)})'
    )


def listed(ids):
    return ", ".join(str(int(pk)) for pk in ids) or "0"  # which no row has


def put_on_new_units(reorganisation):
    """The sentence of `delete_created` about what it would meet, asked beforehand; or None."""
    kept = reorganisation.journal["tree"]
    hanging = reorganisation.journal.get("hanging", {})
    for named in where_units_are_named():
        if named.model is Branch:
            found = left_below(reorganisation, kept)
        else:
            own = hanging.get(f"{named.table}.{named.column}")
            rows = rows_naming(named, kept["created"]) if own is not None else []
            found = [unit for pk, unit in rows if pk not in set(own)]
        if found:
            return hanging_words(found[0], named.model)
    return None


def left_below(reorganisation, kept):
    """New units below which stands, or stood, one that does not go back with the decree."""
    new, late = listed(kept["created"]), listed(pk for pk, _ in kept["amended"])
    found = rows_of(
        f"""
        SELECT parent_id FROM branches_branch
        WHERE parent_id IN ({new}) AND id NOT IN ({new}) AND id NOT IN ({late})
          AND id NOT IN ({listed(kept["ended"])})
          AND id NOT IN (SELECT branch_id FROM branches_branchspan WHERE decree_id = %s)
        UNION ALL
        SELECT parent_id FROM branches_branchspan
        WHERE parent_id IN ({new}) AND (decree_id IS NULL OR decree_id <> %s)
          AND (ends_on IS NOT NULL OR branch_id NOT IN ({late}))
        """,  # noqa: S608
        [reorganisation.pk, reorganisation.pk],
    )
    return [unit for [unit] in found]


def hanging_words(unit, model):
    what = model._meta.verbose_name
    return (
        f"{Branch.objects.get(pk=unit).full_name} đã có {what} được ghi sau khi thực hiện văn "
        "bản, nên không hoàn tác được nữa."
    )


def undo_in_tree(reorganisation, by):
    """The tree as it was before the decree; its new units are deleted, as if never opened.

    Called last of all floors: whatever still hangs on a new unit was put there by a person,
    and then nothing is undone.
    """
    lock_tree()
    problems = why_tree_stays(reorganisation)
    if problems:
        raise BranchError(" ".join(problems))
    try:
        with transaction.atomic(), moving_tables():
            Undoing(reorganisation, by).run()
    except IntegrityError as error:
        if not any(name in str(error) for name in NAME_TAKEN):
            raise
        raise BranchError(
            "Có đơn vị mới trùng tên với đơn vị cũ, nên chưa hoàn tác được."
        ) from error


class Undoing:
    """The parts stand in the order in which names and places become free."""

    def __init__(self, reorganisation, by):
        self.decree, self.by = reorganisation, by
        self.day = stored(reorganisation.effective_on)
        self.kept = reorganisation.journal["tree"]
        self.signed = {"by": by, "reason": f"hoàn tác: {reorganisation}", "at": now()}

    def run(self):
        insert("decree_unit", ["branch_id"], ((pk,) for pk in self.kept["ended"]))
        weigh("decree_unit")
        insert("decree_touched", ["branch_id"], ((pk,) for pk in self.kept["going_on"]))
        run(
            "UPDATE branches_branch SET exact_text = '#' || id"
            " WHERE id IN (SELECT branch_id FROM decree_touched)"
        )
        before = self.facts_before()
        self.send_children_back()
        self.take_predecessors_out()
        with scratch("decree_created", "branch_id bigint PRIMARY KEY"):
            insert("decree_created", ["branch_id"], ((pk,) for pk in self.kept["created"]))
            self.delete_created()
        self.give_facts_back(before)
        self.reopen()
        keep_all_paths("decree_touched")
        remember(Branch, "SELECT branch_id FROM decree_touched", sign="~", **self.signed)
        run(
            "UPDATE branches_branchkey SET standing = standing - %s"
            " WHERE branch_id IN (SELECT branch_id FROM decree_unit)",
            [BranchKey.Standing.CLOSED],
        )
        keep_keys(self.kept["going_on"])

    def facts_before(self):
        """What the units that went on were until the day: id → facts."""
        spans = BranchSpan.objects.filter(
            branch__in=self.kept["going_on"], ends_on=self.decree.effective_on
        )
        return {span.branch_id: {name: getattr(span, name) for name in FACTS} for span in spans}

    def send_children_back(self):
        run(
            "INSERT INTO decree_child (branch_id, parent_id)"
            " SELECT span.branch_id, old.parent_id FROM branches_branchspan span"
            " JOIN branches_branchspan old"
            " ON old.branch_id = span.branch_id AND old.ends_on = span.starts_on"
            " WHERE span.decree_id = %s AND span.branch_id NOT IN"
            " (SELECT branch_id FROM decree_touched)",
            [self.decree.pk],
        )
        insert("decree_child", ["branch_id", "parent_id"], self.kept["amended"])
        weigh("decree_child")
        run(
            "UPDATE branches_branch SET parent_id = child.parent_id FROM decree_child child"
            " WHERE branches_branch.id = child.branch_id"
        )
        run(  # of those opened later; the others' last span is the decree's own
            "UPDATE branches_branchspan SET parent_id = child.parent_id FROM decree_child child"
            " WHERE branches_branchspan.branch_id = child.branch_id"
            " AND branches_branchspan.ends_on IS NULL"
        )
        with scratch(
            "decree_name",
            "branch_id bigint PRIMARY KEY, distinction text, search_text text, exact_text text",
        ):
            insert(
                "decree_name",
                ["branch_id", "distinction", "search_text", "exact_text"],
                self.names_before(),
            )
            run(
                "UPDATE branches_branch SET distinction = old.distinction,"
                " search_text = old.search_text, exact_text = old.exact_text"
                " FROM decree_name old WHERE branches_branch.id = old.branch_id"
            )

    def names_before(self):
        """Distinction and keys of before, for the units that were told apart."""
        before = dict(self.kept["distinctions"])
        keys = {}
        for pk, type, name in rows_about(list(before)):
            words = f"{type} {name}".strip()
            full = f"{words} ({before[pk]})" if before[pk] else words
            if full not in keys:  # many are called "Khu dân cư 1"
                keys[full] = fold(full)[:200], exact_fold(full)[:200]
            yield pk, before[pk], *keys[full]

    def take_predecessors_out(self):
        """Them and the units that went on: out from under the units that the decree opened."""
        run(
            "UPDATE branches_branch SET parent_id = span.parent_id FROM decree_touched unit"
            " JOIN branches_branchspan span ON span.branch_id = unit.branch_id"
            " WHERE branches_branch.id = unit.branch_id AND span.ends_on = %s",
            [self.day],
        )
        run(
            "UPDATE branches_branch SET parent_id = span.parent_id FROM decree_unit unit"
            " JOIN branches_branchspan span ON span.branch_id = unit.branch_id"
            " WHERE branches_branch.id = unit.branch_id AND span.ends_on = %s",
            [self.day],
        )

    def delete_created(self):
        """Refused while anything but the decree's own rows names one of them."""
        run(
            "UPDATE branches_successor SET branch_id = NULL WHERE reorganisation_id = %s",
            [self.decree.pk],
        )
        run("DELETE FROM branches_branchspan WHERE decree_id = %s", [self.decree.pk])
        new = "SELECT branch_id FROM decree_created"
        run(f"DELETE FROM branches_branchkey WHERE branch_id IN ({new})")  # noqa: S608
        for named in where_units_are_named():
            if named.model is Branch:
                found = rows_of(
                    f"SELECT parent_id FROM branches_branch WHERE parent_id IN ({new})"  # noqa: S608
                    f" AND id NOT IN ({new}) LIMIT 1"
                )
            else:
                found = named_in(named, new)
            if found:
                raise BranchError(hanging_words(found[0][0], named.model))
        remember(Branch, new, sign="-", **self.signed)
        run(f"DELETE FROM branches_branch WHERE id IN ({new})")  # noqa: S608

    def give_facts_back(self, before):
        for unit in Branch.objects.filter(pk__in=before):
            for name, value in before[unit.pk].items():
                setattr(unit, name, value)
            unit.fill_keys()
            write_facts(unit)

    def reopen(self):
        run(
            "UPDATE branches_branch SET closed_on = NULL"
            " WHERE id IN (SELECT branch_id FROM decree_unit)"
        )
        run(
            "INSERT INTO decree_touched SELECT branch_id FROM decree_unit"
            " UNION SELECT branch_id FROM decree_child WHERE true ON CONFLICT DO NOTHING"
        )
        run(
            "UPDATE branches_branchspan SET ends_on = NULL WHERE ends_on = %s"
            " AND branch_id IN (SELECT branch_id FROM decree_touched)"
            " AND NOT EXISTS (SELECT 1 FROM branches_branchspan last"  # opened or moved later
            " WHERE last.branch_id = branches_branchspan.branch_id AND last.ends_on IS NULL)",
            [self.day],
        )


def rows_about(ids, at_once=5000):
    for start in range(0, len(ids), at_once):
        units = Branch.objects.filter(pk__in=ids[start : start + at_once]).order_by()
        yield from units.values_list("pk", "type", "name")


def named_in(named, which):
    """Rows of other models that name one of these units: [(unit's id,)] of the first found."""
    return rows_of(
        f'SELECT "{named.column}" FROM {named.table}'  # noqa: S608
        f' WHERE "{named.column}" IN ({which}) LIMIT 1'
    )
