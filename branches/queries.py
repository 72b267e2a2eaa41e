"""Questions across the tree: where units stand and stood, who followed whom."""

from collections import defaultdict
from copy import copy
from datetime import timedelta

from django.db.models import F

from .models import Branch, BranchSpan, Succession

MOST_LEVELS = 8  # above a unit, or decrees after it; a circle in old dates must not keep us


def with_places(units):
    """The units as a list, each with `place`: the units above it, from the root down.

    Of a closed one these are the units of then, for now only its papers have a place.
    """
    units = list(units)
    above = Branch.objects.in_bulk({pk for unit in units for pk in unit.ancestor_ids})
    for unit in units:
        unit.place = [above[pk] for pk in unit.ancestor_ids if pk in above]
    add_last_places([unit for unit in units if unit.closed_on])
    return units


def add_last_places(closed):
    """`place` of closed units: those above, from the root down, as on the unit's last day."""
    days = {(unit.pk, unit.closed_on - timedelta(days=1)): unit for unit in closed}
    chains = {key: [] for key in days}
    at = {key: key[0] for key in days}  # where each has come to, on its way up
    for _ in range(MOST_LEVELS):
        if not at:
            break
        spans = defaultdict(list)
        rows = BranchSpan.objects.filter(branch__in=set(at.values()))
        for span in rows.select_related("branch"):
            spans[span.branch_id].append(span)
        for key, pk in list(at.items()):
            span = next((s for s in spans[pk] if is_in_force(s, key[1])), None)
            if span and pk != key[0]:
                chains[key].insert(0, named_then(span))
            if span and span.parent_id:
                at[key] = span.parent_id
            else:
                del at[key]
    for key, unit in days.items():
        unit.place = chains[key] or unit.place


def named_then(span):
    """The unit under the name of its span, to be shown and linked, never saved."""
    unit = copy(span.branch)
    unit.type, unit.name, unit.distinction = span.type, span.name, ""
    return unit


def is_in_force(span, day):
    return span.starts_on <= day and (span.ends_on is None or span.ends_on > day)


def add_heirs(units):
    """`heirs` of each: the open units that are there in place of a closed one, by decrees."""
    followed = defaultdict(dict)
    ask = {unit.pk for unit in units if unit.closed_on}
    for _ in range(MOST_LEVELS):
        if not ask:
            break
        rows = Succession.objects.in_force().filter(predecessor__in=ask)
        rows = rows.exclude(successor__branch=None)
        for row in rows.exclude(successor__branch=F("predecessor")):
            followed[row.predecessor_id][row.successor.branch_id] = row.successor.branch
        found = {unit for pk in ask for unit in followed[pk].values()}
        ask = {unit.pk for unit in found if unit.closed_on} - followed.keys()
    for unit in units:
        unit.heirs = list(last_heirs(unit.pk, followed).values()) if unit.closed_on else []
    return units


def last_heirs(pk, followed, depth=0):
    heirs = {}
    for unit in followed.get(pk, {}).values() if depth < MOST_LEVELS else []:
        heirs |= last_heirs(unit.pk, followed, depth + 1) if unit.closed_on else {unit.pk: unit}
    return heirs


def predecessors(branch):
    """Lines of decrees in force that made the unit out of others."""
    rows = Succession.objects.in_force().filter(successor__branch=branch)
    return rows.exclude(predecessor=branch)


def successors(branch):
    """Lines of decrees in force by which the unit went on in others, or ended."""
    rows = Succession.objects.in_force().filter(predecessor=branch)
    return rows.exclude(successor__branch=branch)


def territory_tops(user):
    """The units where her territory begins: none of them stands below another."""
    paths = set(user.branch_paths())
    tops = [
        path
        for path in paths
        if not any(path != other and path.startswith(other) for other in paths)
    ]
    return (
        Branch.objects.visible_to(user)
        .filter(path__in=tops)
        .select_related("level")
        .with_open_children()
    )


def open_children(units):
    """The open units directly below `units`, in one question: parent's id → list."""
    below = {unit.pk: [] for unit in units}
    rows = Branch.objects.filter(parent__in=units, closed_on=None).select_related("level")
    for child in rows.with_open_children():
        below[child.parent_id].append(child)
    return below


def tops_then(user, day):
    """Her territory as it was on a day: where it began, each with `below`."""
    tops = as_then(BranchSpan.objects.in_force(day).tops(user).with_below(day))
    below = children_then(tops, user, day)
    for top in tops:
        top.below = below[top.pk]
    return tops


def children_then(units, user, day):
    """The units of her territory directly below `units` on a day: parent's id → list."""
    below = {unit.pk: [] for unit in units}
    spans = BranchSpan.objects.in_force(day).within(user).filter(parent__in=units)
    for child in as_then(spans.with_below(day)):
        below[child.then_under].append(child)
    return below


def as_then(spans):
    """Units for the tree, under the names and in the places of then."""
    units = []
    for span in spans:
        unit = span.branch
        unit.then, unit.then_under, unit.open_children = (
            span.full_name,
            span.parent_id,
            span.below_then,
        )
        units.append(unit)
    return units
