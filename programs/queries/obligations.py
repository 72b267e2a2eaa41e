"""What comes again and again: yearly budgets, plans, reports; by whom, for when, and by what day
if the paper names one.

Whether it was done is not known here, so nothing is called overdue.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db.models import Q

from branches.decrees import is_standing_below
from branches.models import Position
from programs.models import Duty, Program

from .papers import duties_by_level

Kind, Rhythm = Duty.Kind, Duty.Rhythm
KINDS = (Kind.BUDGET, Kind.PLAN, Kind.REPORT, Kind.LIST)
RHYTHMS = (Rhythm.MONTHLY, Rhythm.QUARTERLY, Rhythm.HALF_YEARLY, Rhythm.YEARLY)
QUARTERS = ("I", "II", "III", "IV")


@dataclass(frozen=True)
class Obligation:
    """A duty for the span that the day lies in; `due_on` None: the paper names no day."""

    duty: Duty
    by_whom: str
    span: str
    due_on: date | None


def obligations(program, on):
    """What recurs in a running programme, in the order of the plan."""
    if not program.is_running:
        return []
    return [
        owed(duty, program, by_whom(group, program), on)
        for group in duties_by_level(program)
        for duty in group.duties
        if duty.kind in KINDS and duty.rhythm in RHYTHMS
    ]


def obligations_of(user, on):
    """What recurs for the units where she is officer, in all running programmes; one question
    for their duties however many there are."""
    units = [p.branch for p in user.standing if p.role == Position.Role.OFFICER]
    duties = (
        Duty.objects.visible_to(user)
        .filter(
            Q(branch__in=units)
            | Q(levels__in={unit.level_id for unit in units})
            | Q(levels=None, branch=None, program__owner__in=units),
            program__status=Program.Status.RUNNING,
            kind__in=KINDS,
            rhythm__in=RHYTHMS,
        )
        .select_related("program__owner__level", "document")
        .prefetch_related("levels")
        .order_by("program", "position", "pk")
    )
    is_below = cache(is_standing_below)
    return [
        owed(duty, duty.program, unit.office_name, on)
        for duty in duties.distinct()
        for unit in units
        if binds(duty, unit, is_below)
    ]


def binds(duty, unit, is_below):
    """Of levels, the units that stand below the programme's owner; else the one unit, or the
    owner itself."""
    levels = [level.pk for level in duty.levels.all()]
    if levels:
        return unit.level_id in levels and is_below(unit, duty.program.owner)
    return unit.pk == (duty.branch_id or duty.program.owner_id)


def by_whom(group, program):
    if group.levels:
        return "Mọi " + ", ".join(f"{level} ({count} đơn vị)" for level, count in group.levels)
    return (group.branch or program.owner).office_name


def owed(duty, program, by_whom, on):
    day = min(max(on, program.starts_on), program.ends_on)
    return Obligation(duty, by_whom, span_of(duty.rhythm, day), duty.due_in(day.year))


def span_of(rhythm, day):
    """ "năm 2026", "quý IV/2026": the span that the day lies in."""
    if rhythm == Rhythm.MONTHLY:
        return f"tháng {day.month}/{day.year}"
    if rhythm == Rhythm.QUARTERLY:
        return f"quý {QUARTERS[(day.month - 1) // 3]}/{day.year}"
    if rhythm == Rhythm.HALF_YEARLY:
        return f"6 tháng {'đầu' if day.month < 7 else 'cuối'} năm {day.year}"
    return f"năm {day.year}"
