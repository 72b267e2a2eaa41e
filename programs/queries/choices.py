"""What a page offers to choose from: units, levels, supporters, units to help."""

from django.db.models import Q

from branches.decrees import standing_below, standing_under
from branches.models import Branch, Level, Team
from branches.queries import with_places
from branches.querysets import under_paths
from hoiphunu.text import exact_fold, fold
from programs.models import PlanDocument, Quota

from .quotas import TABLE_ORDER, lies_under

MOST_UNITS = 300  # a longer list in a drop-down helps nobody
MOST_MATCHES = 20


def papers_to_choose(program, user, standing=None):
    """The programme's papers that she may read, and the one that a standing row names: who helps
    or is helped from outside reads no plan."""
    hers = PlanDocument.objects.visible_to(user).filter(program=program)
    shown = Q(pk__in=hers.values("pk"))
    if standing:
        shown |= Q(pk=standing.pk)
    return PlanDocument.objects.filter(shown)  # scope: hers, and what stands


def plan_units(owner, program=None):
    """The units of the owner's tree that a plan may name, the owner first, in tree order.

    Above chi hội; of a very large tree only those directly below the owner; last those that
    the programme's table names already, were they closed since.
    """
    below = standing_below(owner).filter(closed_on=None, level__rank__lt=rank_of("chi_hoi"))
    below = below.select_related("level", "parent")
    if owner.closed_on is None and below.count() > MOST_UNITS:
        below = below.filter(parent=owner)
    units = [owner, *in_tree_order(below)]
    units += [unit for unit in named_units(program) if unit not in units]
    for unit in units:
        unit.choice = "\u2003" * (unit.path.count("/") - owner.path.count("/")) + unit.full_name
    return units


def in_tree_order(units):
    """Each unit behind the one above it; those whose unit above is not among them, first."""
    units = list(units.order_by("level__rank", "sort_key", "pk"))
    known, children = {unit.pk for unit in units}, {}
    for unit in units:
        above = unit.parent_id if unit.parent_id in known else None
        children.setdefault(above, []).append(unit)

    def walk(pk):
        for child in children.get(pk, []):
            yield child
            yield from walk(child.pk)

    return walk(None)


def named_units(program):
    lines = program.lines.select_related("branch", "place") if program else []
    return {unit: None for line in lines for unit in (line.branch, line.place) if unit}


def areas_of(program):
    """The units directly below the owner that have units of their own: the districts."""
    units = Branch.objects.directory().filter(parent=program.owner)
    return list(units.filter(children__closed_on=None, children__isnull=False).distinct())


def plan_levels(owner):
    """Levels between the owner and the chi hội."""
    return list(Level.objects.filter(rank__gt=owner.level.rank, rank__lt=rank_of("chi_hoi")))


def rank_of(code):
    return Level.objects.values_list("rank", flat=True).get(code=code)


def supporters_to_choose(program, user, assignment=None):
    """Who may be named as helping: quotas of the table; without one, the owner and what stands
    below it. Each has `choice`, its words, and names its unit or team.

    Of those whose supporter she may name; one that stands in the assignment stays.
    """
    standing = assignment.supporter_key if assignment else None
    if program.lines.exists():
        paths = user.branch_paths()
        rows = [
            quota
            for quota in Quota.objects.of(program).with_units().order_by(*TABLE_ORDER)
            if may_be_named(quota, paths) or quota.supporter_key == standing
        ]
    else:
        rows = free_supporters(program, user, standing)
    for row in rows:
        place = f" (chi hội thuộc {row.place.full_name})" if row.place else ""
        row.choice = f"{row.supporter_name}{place}"
    return rows


def free_supporters(program, user, standing):
    """Units and teams of the owner's tree where she writes, as quotas that nobody gave."""
    hers = under_paths(user.branch_paths("officer"))
    hers = standing_under(program.owner).directory().filter(hers)
    units = hers.filter(level__rank__lt=rank_of("chi_hoi")).order_by("path")[:MOST_UNITS]
    found = [Quota(supporter_branch=unit) for unit in units]
    teams = Team.objects.directory().filter(branch__in=hers).order_by("branch__path", "name")
    found += [Quota(supporter_team=team) for team in teams]
    if standing and standing not in {row.supporter_key for row in found}:
        branch, team = standing
        found.append(Quota(supporter_branch_id=branch, supporter_team_id=team))
    for row in found:
        branch, team = row.supporter_key
        row.pk = f"b{branch}" if branch else f"t{team}"
    return found


def may_be_named(quota, paths):
    """Does the supporter belong to the territory of `paths`, or is it bound to help there?"""
    return lies_under(quota.answering_branch, paths) or (
        quota.place is not None and any(touches(quota.place.path, path) for path in paths)
    )


def touches(one, other):
    """Does one path lead through the other?"""
    return one.startswith(other) or other.startswith(one)


def units_to_help(program):
    """The open units that the programme may help, by name and place: the directory."""
    units = Branch.objects if program.reaches_out else standing_under(program.owner)
    return units.directory().filter(level=program.supported_level)


def search_units_to_help(program, words):
    """At most 20 units whose name, with that of the unit above, holds all the words.

    "khu 1 thọ quang" finds Khu dân cư 1 of phường Thọ Quang. The name typed in full comes
    first, and alone.
    """
    units = units_to_help(program)
    for word in fold(words).replace("›", " ").replace(",", " ").split():
        units = units.filter(Q(search_text__contains=word) | Q(parent__search_text__contains=word))
    found = list(units.order_by("parent__sort_key", "sort_key", "pk")[: MOST_MATCHES + 1])
    typed = exact_fold(words)
    exact = [u for u in found if typed in (exact_fold(str(u)), exact_fold(unit_words(u)))]
    return with_places(exact if len(exact) == 1 else found)


def unit_words(unit):
    """A unit and the one above it, as one line that finds it again."""
    return f"{unit.full_name} › {unit.parent.full_name}"
