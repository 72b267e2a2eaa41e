"""Questions about decrees: what becomes of each unit, and what still waits for a person.

Read-only. `Routes` reads a decree's lines and says where everything goes; the check, the plan
and the step itself all ask it, so that what is shown is what is done.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from django.db.models import Count, F, Q

from .models import Branch, BranchSpan, Level, Succession
from .querysets import path_above, under_paths


class Fate(StrEnum):
    """What becomes of a predecessor, from all its lines together."""

    GOES_ON = "goes_on"  # the same unit, perhaps with another name, type or place
    WHOLE = "whole"  # ends; all that hangs on it goes to one successor
    WAITS = "waits"  # ends, divided; its chi hội wait under the marked row to be placed by hand
    SPREAD = "spread"  # ends, divided; nothing stands below it that could wait
    ABOLISHED = "abolished"  # ends without a successor


@dataclass(frozen=True)
class Place:
    """A unit that stands, or will once the decree is applied: by its own or its successor's id."""

    branch: int | None = None
    successor: int | None = None


class Routes:
    """Where everything goes, worked out once from the decree's rows in a few queries."""

    def __init__(self, reorganisation):
        self.reorganisation = reorganisation
        self.levels = {level.pk: level for level in Level.objects.prefetch_related("parents")}
        self.parents = {
            level.pk: {above.pk for above in level.parents.all()} for level in self.levels.values()
        }
        self.marked = next((lv for lv in self.levels.values() if lv.is_unplaced), None)
        self.successors = {row.pk: row for row in reorganisation.successors.all()}
        self.lines = defaultdict(list)
        for line in reorganisation.successions.order_by("pk"):
            self.lines[line.predecessor_id].append(line)
        self.units = self._read_units()
        self.with_below = set(
            Branch.objects.filter(
                closed_on=None,
                parent__successions__reorganisation=reorganisation,
                parent__successions__kind=Succession.Kind.PART,
            )
            .exclude(successions__reorganisation=reorganisation)
            .order_by()
            .values_list("parent_id", flat=True)
            .distinct()
        )
        self.people = {pk: people_go(lines) for pk, lines in self.lines.items()}
        self.fate = {pk: self._fate(pk) for pk in self.lines}
        self.going_on = {
            line.successor_id: pk
            for pk, lines in self.lines.items()
            for line in lines
            if self.fate[pk] == Fate.GOES_ON and line.kind in Succession.GOES_ON
        }
        self.kids = defaultdict(list)
        for pk in self.lines:
            self.kids[self.units[pk].parent_id].append(pk)
        self.keeper = cache(self._keeper)

    def _read_units(self):
        """The predecessors, everything above them, and the units named as parents."""
        named = Q(successions__reorganisation=self.reorganisation) | Q(
            successors_below__reorganisation=self.reorganisation
        )
        units = {unit.pk: unit for unit in plain_units().filter(named).distinct()}
        above = {pk for unit in units.values() for pk in unit.ancestor_ids} - units.keys()
        return units | {unit.pk: unit for unit in plain_units().filter(pk__in=above)}

    def _fate(self, pk):
        kinds = {line.kind for line in self.lines[pk]}
        if kinds & set(Succession.GOES_ON):
            return Fate.GOES_ON
        if kinds == {Succession.Kind.ABOLISHED}:
            return Fate.ABOLISHED
        if self.people[pk] is not None:
            return Fate.WHOLE
        return Fate.WAITS if pk in self.with_below else Fate.SPREAD

    def ended(self):
        """Predecessors that end, as opposed to going on changed."""
        return [pk for pk, fate in self.fate.items() if fate != Fate.GOES_ON]

    def place_of(self, successor_id):
        """A successor's place: that of the unit which goes on as it, or a new one."""
        goes_on = self.going_on.get(successor_id)
        return Place(branch=goes_on) if goes_on else Place(successor=successor_id)

    def standing(self, branch_id):
        """Where to look for `branch_id` afterwards: itself, or who keeps its papers."""
        if self.fate.get(branch_id, Fate.GOES_ON) == Fate.GOES_ON:
            return Place(branch=branch_id)
        if self.fate[branch_id] == Fate.WHOLE:
            return self.place_of(self.people[branch_id])
        return self.home(branch_id)

    def home(self, pk):
        """The open unit above one that was divided or abolished; None when there is none.

        An abolished unit goes to its successor in all but name when everything below it went
        wholly to one and the same; otherwise to whatever its own parent has become.
        """
        if self.fate[pk] == Fate.ABOLISHED and self.kids[pk]:
            gone = {
                self.people[kid] if self.fate[kid] == Fate.WHOLE else None for kid in self.kids[pk]
            }
            if len(gone) == 1 and None not in gone:
                return self.place_of(gone.pop())
        parent = self.units[pk].parent_id
        return self.standing(parent) if parent else None

    def _keeper(self, pk):
        """Under which unit the ended `pk` stands from now on; for one that waits, above the row."""
        if self.fate[pk] == Fate.WHOLE:
            return self.place_of(self.people[pk])
        place = self.home(pk)
        if self.fate[pk] == Fate.WAITS:
            seen = set()
            while place and self.marked and place not in seen:
                if self.level_at(place) in self.parents[self.marked.pk]:
                    return place
                seen.add(place)
                place = self.above(place)
            return None
        return place

    def level_at(self, place):
        if place.successor:
            return self.successors[place.successor].level_id
        return self.units[place.branch].level_id

    def above(self, place):
        """The place directly above, afterwards."""
        successor = self.successor_at(place)
        if successor is None:
            parent = self.units[place.branch].parent_id
            return self.standing(parent) if parent else None
        if successor.parent_successor_id:
            return self.place_of(successor.parent_successor_id)
        parent = successor.parent_branch_id
        return Place(branch=parent) if parent else None

    def successor_at(self, place):
        if place.successor:
            return self.successors[place.successor]
        for line in self.lines.get(place.branch, ()):
            if line.kind in Succession.GOES_ON:
                return self.successors[line.successor_id]
        return None

    def reviewer(self, pk):
        """Who approves what the ended `pk` still owes: the nearest unit above it that stands,
        of a higher level."""
        rank = self.levels[self.units[pk].level_id].rank
        place, seen = self.keeper(pk), set()
        while place and place not in seen:
            if self.levels[self.level_at(place)].rank < rank:
                return place
            seen.add(place)
            place = self.above(place)
        return None


def people_go(lines):
    """The successor to which all people of a unit go, whatever becomes of its land; or None."""
    whole = [line for line in lines if line.kind == Succession.Kind.WHOLE]
    if whole:
        return whole[0].successor_id
    parts = [line for line in lines if line.kind == Succession.Kind.PART]
    taking = [line for line in parts if line.takes_people]
    inhabited = taking or [line for line in parts if line.takes_people is None]
    return inhabited[0].successor_id if len(inhabited) == 1 else None


def plain_units():
    """Units without the keys of the search, for looking at many."""
    return Branch.objects.order_by().defer("search_text", "exact_text", "sort_key")


# --- What became of a unit --------------------------------------------------------------------


def successors_of(branch):
    """Lines of applied decrees that say what became of `branch`, newest first."""
    return applied_lines().filter(predecessor=branch)


def predecessors_of(branch):
    """Lines of applied decrees that say what `branch` was made of, newest first."""
    return applied_lines().filter(successor__branch=branch)


def applied_lines():
    return (
        Succession.objects.filter(reorganisation__stage="applied")
        .select_related("reorganisation", "predecessor__level", "successor__branch__level")
        .order_by("-reorganisation__effective_on", "predecessor__sort_key", "pk")
    )


def units_today(*branches):
    """The open units that these became, through all decrees since; each itself while open. One
    that took a piece of land and none of the people is not among them."""
    found, asked, waiting = {}, set(), list(branches)
    while waiting:
        asked |= {unit.pk for unit in waiting}
        found |= {unit.pk: unit for unit in waiting if not unit.closed_on}
        lines = applied_lines().filter(predecessor__in=[u for u in waiting if u.closed_on])
        lines = lines.exclude(takes_people=False)
        after = {line.successor.branch for line in lines if line.successor_id}
        waiting = [unit for unit in after if unit and unit.pk not in asked]
    return sorted(found.values(), key=lambda unit: (unit.level_id, unit.sort_key, unit.pk))


def standing_below(branch):
    """The units below `branch`; of one that has ended, also all at and below those that the units
    which stood directly below it at its end became."""
    below = Branch.objects.below(branch)
    if branch.closed_on is None:
        return below
    stood = list(Branch.objects.filter(spans__parent=branch, spans__ends_on=branch.closed_on))
    paths = [unit.path for unit in (branch, *stood, *units_today(*stood))]
    return Branch.objects.filter(under_paths(paths)).exclude(pk=branch.pk)


def standing_under(branch):
    """The same with `branch` itself."""
    return standing_below(branch) | Branch.objects.filter(pk=branch.pk)


def ended_above(branches):
    """Ids of the units that ended while these, what went into them, or what stands above them,
    stood directly below: the other direction of `standing_below`. Two questions and one for each
    decree that came after another."""
    here = {pk for branch in branches for pk in (*branch.ancestor_ids, branch.pk)}
    spans = BranchSpan.objects.filter(
        branch__in=here | became_part_of(here), ends_on=F("parent__closed_on")
    )
    return set(spans.values_list("parent", flat=True))


def is_standing_below(unit, branch):
    """The same of one unit, without a question while `branch` is open."""
    if branch.closed_on is None:
        return unit.pk != branch.pk and unit.path.startswith(branch.path)
    return standing_below(branch).filter(pk=unit.pk).exists()


def issued_for(user, owner):
    """A condition: what the unit at `owner` issues is meant for her territory too.

    It stands above it; or it has ended, and her units followed those that stood directly below
    it: for them its programmes and forms go on.
    """
    above = path_above(user.branch_paths(), f"{owner}__path")
    return above | Q(**{f"{owner}__in": followed_by(user)})


def followed_by(user):
    """Ids of the ended units whose forms and programmes go on for hers; asked once per request."""
    if not hasattr(user, "_followed"):
        user._followed = ended_above([position.branch for position in user.standing])
    return user._followed


def units_before(branch):
    """Ids of the ended units whose people, or some of them, came to `branch`, through all
    decrees."""
    return became_part_of({branch.pk})


def became_part_of(ids):
    """The same of several units; a question for each decree that came after another."""
    found, waiting = set(), set(ids)
    while waiting:
        lines = applied_lines().filter(successor__branch__in=waiting).exclude(takes_people=False)
        ended = lines.filter(predecessor__closed_on__isnull=False).order_by()
        waiting = set(ended.values_list("predecessor", flat=True)) - found
        found |= waiting
    return found


def became_since(day):
    """Ended unit's id → the id of the unit to which all its people went, through all decrees.

    Of units that ended on `day` or later; one whose people parted is not in it. One query.
    """
    lines = defaultdict(list)
    for line in applied_lines().filter(
        reorganisation__effective_on=F("predecessor__closed_on"), predecessor__closed_on__gte=day
    ):
        lines[line.predecessor_id].append(line)
    after = {}
    for pk, rows in lines.items():
        branches = {line.successor_id: line.successor.branch_id for line in rows if line.successor}
        if heir := branches.get(people_go(rows)):
            after[pk] = heir
    return {pk: last_of(after, pk) for pk in after}


def last_of(after, pk):
    while pk in after:
        pk = after[pk]
    return pk


# --- What waits to be placed ------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A unit where a waiting chi hội may go; some were named as the likely ones."""

    branch: Branch
    is_suggested: bool


@dataclass(frozen=True)
class WaitingUnit:
    """A divided unit, how many units below it still wait, and where they may go."""

    unit: Branch
    count: int
    choices: list


def marked_rows(branch):
    return Branch.objects.under(branch).filter(level__is_unplaced=True)


def waiting_units(branch):
    """Open units at or below `branch` that stand under a divided one until they are placed."""
    return (
        Branch.objects.filter(
            under_paths([branch.path]),
            closed_on=None,
            parent__closed_on__isnull=False,
            parent__parent__level__is_unplaced=True,
        )
        .select_related("level", "parent__level", "parent__parent")
        .order_by("parent__sort_key", "parent", "sort_key", "pk")
    )


def count_waiting(branch):
    return waiting_units(branch).order_by().count()


def waiting_by_unit(branch):
    """The work list: each divided unit with how many wait below it and where they may go."""
    divided = (
        Branch.objects.under(branch)
        .waiting()
        .select_related("level", "parent__parent")
        .annotate(waiting_count=Count("children", filter=Q(children__closed_on=None)))
        .order_by("sort_key", "pk")
    )
    units = list(divided)
    choices = choices_of(units)
    return [WaitingUnit(unit, unit.waiting_count, choices[unit.pk]) for unit in units]


def places_for(unit):
    """Where a waiting chi hội, or those of a divided unit, may go: only to its successors."""
    divided = unit if unit.closed_on else unit.parent
    return choices_of([divided])[divided.pk]


def choices_of(divided):
    """Divided unit's id → its choices; two queries for all of them."""
    lines = applied_lines().filter(predecessor__in=divided, kind=Succession.Kind.PART)
    latest, found = {}, {unit.pk: [] for unit in divided}
    for line in lines:
        newest = latest.setdefault(line.predecessor_id, line.reorganisation_id)
        if line.reorganisation_id != newest or line.takes_people is False:
            continue
        if line.successor.branch and not line.successor.branch.closed_on:
            found[line.predecessor_id].append(Choice(line.successor.branch, line.is_suggested))
        elif line.successor.branch:  # it has been merged since
            for unit in units_today(line.successor.branch):
                found[line.predecessor_id].append(Choice(unit, line.is_suggested))
    for choices in found.values():
        choices.sort(key=lambda choice: (not choice.is_suggested, choice.branch.sort_key))
    return found


def is_emptied(unit):
    """A divided unit below which nothing waits any more."""
    return not Branch.objects.filter(parent=unit, closed_on=None).exists()
