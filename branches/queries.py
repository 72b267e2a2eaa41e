"""Questions across the tree: where units stand, which ones a few words mean."""

from .models import Branch

HITS = 50


def with_places(units):
    """The units as a list, each with `place`: the units above it, from the root down."""
    units = list(units)
    above = Branch.objects.in_bulk({pk for unit in units for pk in unit.ancestor_ids})
    for unit in units:
        unit.place = [above[pk] for pk in unit.ancestor_ids if pk in above]
    return units


def find_units(units, words, levels=()):
    """At most 50 of `units` whose name holds `words`, best first, each with its `place`."""
    found = units.matching(words).select_related("level")
    if levels:
        found = found.filter(level__code__in=levels)
    return with_places(found[:HITS])


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
