"""The reports that a programme's forms ask of a unit and of those below it: what is owed, since
when, and what is said of the plan's deadlines for reports.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q

from branches.decrees import standing_below
from branches.models import Branch
from programs.models import Milestone

from .models import Holiday, Period, Report, ReportForm
from .querysets import LAST_DAY


@dataclass(frozen=True)
class PeriodOwed:
    """An opened period. `own`: the unit's own report in it, or None; the numbers are those of the
    units below it."""

    period: Period
    own: Report | None
    owed: int
    submitted: int
    since: date | None  # the earliest last day that was missed; None: none was

    @property
    def missing(self):
        return self.owed - self.submitted

    @property
    def is_owed(self):
        return bool(self.missing or (self.own and not self.own.first_submitted_on))


@dataclass(frozen=True)
class FormOwed:
    """`latest`: the form's latest period; `earlier`: those before it that still lack reports."""

    form: ReportForm
    latest: PeriodOwed
    earlier: list


@dataclass(frozen=True)
class MilestoneOwed:
    """A deadline for reports; `period` None: no period was opened that falls due on its day."""

    milestone: Milestone
    period: PeriodOwed | None
    is_past: bool


def forms_owed(forms, branch, on):
    """A FormOwed of each of the forms with an opened period, as `branch` and its units owe it."""
    periods = opened(forms)
    states = periods_owed(periods, branch, on)
    found = []
    for form in forms:
        rows = [states[period.pk] for period in periods if period.form_id == form.pk]
        if rows:
            found.append(FormOwed(form, rows[0], [row for row in rows[1:] if row.is_owed]))
    return found


def opened(forms):
    """The latest first."""
    periods = Period.objects.filter(form__in=forms, opened_at__isnull=False)
    return list(periods.order_by("-ends_on", "-starts_on", "pk"))


def periods_owed(periods, branch, on, levels=()):
    """Period id → PeriodOwed, in two questions; of units of some `levels` alone, or of all. Below
    is what stood below the unit when the period opened, wherever it stands today."""
    stood = Q(branch_path__contains=f"/{branch.pk}/")
    if branch.closed_on:  # its programmes go on for those that followed
        stood |= Q(branch__in=standing_below(branch))
    here = Report.objects.owed().filter(stood, period__in=periods)
    if levels:
        here = here.filter(branch__level__in=levels)
    missed = Q(first_submitted_on=None, last_day__lt=on)
    rows = (
        here.exclude(branch=branch)
        .order_by()
        .alias(last_day=LAST_DAY)
        .values("period")
        .annotate(
            owed=Count("pk"),
            submitted=Count("pk", filter=Q(first_submitted_on__isnull=False)),
            since=Min("last_day", filter=missed),
        )
    )
    below = {row.pop("period"): row for row in rows}
    own = {report.period_id: report for report in here.filter(branch=branch)}
    nobody = {"owed": 0, "submitted": 0, "since": None}
    return {
        period.pk: PeriodOwed(period=period, own=own.get(period.pk), **below.get(period.pk, nobody))
        for period in periods
    }


def programs_owed(programs, user, on):
    """Program's id → how many reports its forms ask of her territory, how many of them were never
    handed in, how many of these are overdue: {"owed", "missing", "overdue"}. One question."""
    missing = Q(first_submitted_on=None)
    rows = (
        Report.objects.visible_to(user)
        .owed()
        .filter(period__form__program__in=programs)
        .order_by()
        .alias(last_day=LAST_DAY)
        .values("period__form__program")
        .annotate(
            owed=Count("pk"),
            missing=Count("pk", filter=missing),
            overdue=Count("pk", filter=missing & Q(last_day__lt=on)),
        )
    )
    return {row.pop("period__form__program"): row for row in rows}


def milestones_owed(program, forms, branch, on):
    """The deadlines for reports of a running programme, each with the period that answers it: the
    one that falls due on the same day for the same levels."""
    if not program.is_running:
        return []
    milestones = program.milestones.filter(kind=Milestone.Kind.REPORT).prefetch_related("levels")
    found = []
    for row in milestones.order_by("due_on", "pk"):
        levels = list(row.levels.all())
        period = period_of(row, levels, forms)
        state = period and periods_owed([period], branch, on, levels)[period.pk]
        found.append(MilestoneOwed(row, state, row.due_on < on))
    return found


def period_of(milestone, levels, forms):
    """The day that the paper names may be a day off: then the period is due on the next one."""
    day = milestone.due_on
    moved = Holiday.objects.days_off(day, day + timedelta(days=30)).next(day)  # scope: all's
    falls_due = {"dues__due_on__in": {day, moved}}
    if levels:
        falls_due["dues__level__in"] = levels
    periods = Period.objects.filter(form__in=forms, opened_at__isnull=False, **falls_due)
    return periods.order_by("pk").first()


def territory_of(user, program):
    """The unit for which she is told: the owner itself where it is hers, else her highest."""
    is_hers = Branch.objects.visible_to(user).filter(pk=program.owner_id).exists()
    return program.owner if is_hers else user.home_branch
