"""Where a unit has stood: the paths under which reports may remember it or what was below it.

Read from the few rows that say who was above whom, today (`Branch`), by the dated facts
(`BranchSpan`) and before a correction (the history); not from the reports, of which a country has
100,000 a month. A path at which nothing was ever reported does no harm: nothing is found there.
The two questions are SQL as it is: on every page of totals Django would take longer over writing
them than the database over the answer.
"""

from collections import defaultdict

from django.db.models import CharField, F, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast, Concat

from hoiphunu.bulk import rows_of

EVER_BELOW = """
    SELECT id FROM branches_branch WHERE parent_id = %s
    UNION SELECT branch_id FROM branches_branchspan WHERE parent_id = %s
    UNION SELECT id FROM branches_historicalbranch WHERE parent_id = %s
"""


def paths_of(branch):
    """Every path that the unit may have had in the reports, today's among them."""
    parents, asked = defaultdict(set), {*branch.ancestor_ids, branch.pk}
    while asked:
        for child, parent in parents_ever(asked):
            parents[child].add(parent)
        asked = {parent for child in asked for parent in parents[child]} - parents.keys() - {None}
    return {branch.path, *ways_down(branch.pk, parents)}


def parents_ever(ids):
    """(unit, parent or None) of these units, as it ever was."""
    sql = """
        SELECT id, parent_id FROM branches_branch WHERE id IN ({ids})
        UNION SELECT branch_id, parent_id FROM branches_branchspan WHERE branch_id IN ({ids})
        UNION SELECT id, parent_id FROM branches_historicalbranch WHERE id IN ({ids})
    """
    return rows_of(sql.format(ids=", ".join(["%s"] * len(ids))), [*ids] * 3)


def ids_below(branch):
    """Ids of all units that ever stood directly below, as a subquery."""
    return RawSQL(EVER_BELOW, [branch.pk] * 3)  # noqa: S611 -- no word of it is typed by anybody


def ways_down(unit, parents, below="/"):
    """Paths that end in `below`, one for each way from a top down to `unit`."""
    path = f"/{unit}{below}"
    for parent in parents[unit]:
        if parent is None:
            yield path
        elif f"/{parent}/" not in path:
            yield from ways_down(parent, parents, path)


def directly_below(paths, unit, field):
    """A condition: `field` is the path of `unit`, a foreign key, directly below one of `paths`."""
    step = Concat(Cast(F(f"{unit}_id"), CharField()), Value("/"))
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(**{field: Concat(Value(path), step)})
    return condition
