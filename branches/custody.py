"""Who acts for units that have ended: the nearest unit above them, as they stand today.

A unit that has ended stands where its papers are kept. A divided one still acts while chi hội of
its own wait to be placed; the marked row above these is nobody's office.
"""

from django.db.models import Q

from .models import Branch


def offices():
    """Units in which somebody can act: open or waiting, and no marked row."""
    return Branch.objects.staffed().filter(level__is_unplaced=False)


def stands(unit):
    return unit.closed_on is None or Branch.objects.waiting().filter(pk=unit.pk).exists()


def stand_in(unit, below=None):
    """`unit` itself while it stands; otherwise the nearest office above it, or None.

    `below`: the level of those for whom it acts; the office must be of a higher one.
    """
    if unit is None or stands(unit):
        return unit
    above = offices().filter(pk__in=unit.ancestor_ids).select_related("level")
    if below is not None:
        above = above.filter(level__rank__lt=below.rank)
    return above.order_by("path").last()


def acting_for(units):
    """Unit's id → ids of the offices whose people act for it: its own and, once it has ended,
    the one that keeps its papers. Two queries for all of them, none while all are open."""
    closed = [unit for unit in units if unit.closed_on]
    if not closed:
        return {unit.pk: [unit.pk] for unit in units}
    standing = Branch.objects.staffed().filter(pk__in={unit.pk for unit in closed})
    standing = set(standing.values_list("pk", flat=True))
    above = offices().filter(pk__in={pk for unit in closed for pk in unit.ancestor_ids})
    above = set(above.values_list("pk", flat=True))
    found = {unit.pk: [unit.pk] for unit in units}
    for unit in closed:
        keepers = [pk for pk in unit.ancestor_ids if pk in above]
        if unit.pk not in standing:
            found[unit.pk] = [unit.pk, *keepers[-1:]]
    return found


def kept_by(ids):
    """Ids of the ended units whose papers the offices `ids` keep; the reverse of `acting_for`.

    A query for each step down a chain of units that ended one after another.
    """
    ended = Q(closed_on__isnull=False) & ~Q(pk__in=Branch.objects.waiting().values("pk"))
    kept, above = set(), set(offices().filter(pk__in=ids).values_list("pk", flat=True))
    while above:
        below = Branch.objects.filter(ended | Q(level__is_unplaced=True), parent__in=above)
        rows = below.order_by().values_list("pk", "closed_on")
        above = {pk for pk, _ in rows}
        kept |= {pk for pk, closed_on in rows if closed_on}
    return kept
