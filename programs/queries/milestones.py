"""Deadlines: what is owed, by whom, by when, as far as the programme itself can know.

A list is there once every unit has taken on all that it must: that the quotas tell. Whether a
report or something else was done in time is not known on this floor, so nothing is said of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from branches.models import Position
from programs.models import Assignment, Milestone, Program, Quota

from .quotas import missing_of


@dataclass
class Owing:
    """One unit or team and how many chi hội it has yet to take on."""

    quota: Quota
    missing: int


@dataclass
class MilestoneState:
    """`bound`: how many units, of those that the reader sees, must have it done; `owing`: those
    that have not. Both are empty where nobody knows (`is_known`)."""

    milestone: Milestone
    is_known: bool
    is_past: bool
    bound: int = 0
    owing: list = field(default_factory=list)

    @property
    def is_overdue(self):
        return self.is_past and bool(self.owing)


def milestone_states(program, table, on):
    """How far each deadline of the programme is met on the day `on`, from its quota table as she
    sees it."""
    rows = program.milestones.select_related("document").prefetch_related("levels")
    return [state_of(milestone, table, on, program) for milestone in rows]


def state_of(milestone, table, on, program):
    """Until the programme has begun nobody can have taken on anything, and nobody owes it."""
    has_begun = not program.is_draft
    state = MilestoneState(
        milestone,
        is_known=has_begun and milestone.kind == Milestone.Kind.LIST,
        is_past=milestone.due_on < on,
    )
    if state.is_known:
        rows = [row for line in table.lines for row in line.rows if binds(milestone, row.quota)]
        missing = defaultdict(int)
        for row in rows:
            missing[row.quota.supporter_key] += row.tally.missing
        state.bound = len(missing)
        by_key = {row.quota.supporter_key: row.quota for row in rows}
        state.owing = [Owing(by_key[key], count) for key, count in missing.items() if count]
    return state


def binds(milestone, quota):
    """No level is every unit; a team counts with its unit."""
    levels = {level.pk for level in milestone.levels.all()}
    return not levels or quota.answering_branch.level_id in levels


@dataclass
class Owed:
    """What one of her own units still owes of a list, and by when."""

    milestone: Milestone
    owing: Owing
    is_past: bool


def owed_by(user, on):
    """The lists of running programmes for which a unit where she is officer has yet to take on
    chi hội, the earliest first; so many questions for one programme as for many."""
    units = {p.branch_id for p in user.standing if p.role == Position.Role.OFFICER}
    quotas = Quota.objects.visible_to(user).filter(
        Q(supporter_branch__in=units) | Q(supporter_team__branch__in=units),
        ended_on=None,
        line__program__status=Program.Status.RUNNING,
    )
    quotas = list(quotas.with_units().order_by("line__program", "pk"))
    programs = {quota.line.program_id for quota in quotas}
    milestones = Milestone.objects.visible_to(user).filter(
        program__in=programs, kind=Milestone.Kind.LIST
    )
    milestones = list(milestones.select_related("program").prefetch_related("levels"))
    named = {(quota.line.program_id, *quota.supporter_key): quota for quota in quotas}
    active = Assignment.objects.active().filter(
        Q(supporter_branch__in=units) | Q(supporter_team__branch__in=units), program__in=programs
    )
    missing = missing_of(quotas, active)
    owed = [
        Owed(milestone, Owing(named[key], missing[key]), milestone.due_on < on)
        for milestone in milestones
        for key in missing
        if key[0] == milestone.program_id and missing[key] and binds(milestone, named[key])
    ]
    return sorted(owed, key=lambda row: (row.milestone.due_on, row.milestone.pk))
