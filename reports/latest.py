"""Stocks to date: each unit's latest figure of the year, also over mergers and divisions.

Who follows whom is read from the applied decrees. A unit that ended goes on counting until
what follows it has reported in its place: members of 10 and 7 are 17 before and after a
merger, never 34 and never 0.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from branches.decrees import applied_lines, people_go
from branches.models import Branch
from branches.querysets import under_paths

from .models import Figure, Report, Total


def counted_figures(periods, statuses=Report.COUNTED):
    """The figures that count: given, in approved reports of these periods, or in those of other
    states."""
    counted = Figure.objects.filter(report__period__in=periods, report__status__in=statuses)
    return counted.given()


def latest_figures(period, indicators, paths, field, statuses=Report.COUNTED, among=None):
    """Each unit's latest figure of the year up to `period`, where it stands below `paths`.

    `field` is the path to look at: of the report's day or of today. A unit that moved counts
    once, where its latest report stands. `among`: of these units only, their ids or a query of
    them.
    """
    year, here = period.up_to_here(), under_paths(paths, field)
    if among is None:
        of_report = under_paths(paths, field.removeprefix("report__"))
        was_here = Report.objects.filter(of_report, period__in=year, status__in=statuses)
        among = was_here.values("branch")
    ranked = (
        counted_figures(year, statuses)
        .filter(indicator__in=indicators, report__branch__in=among)
        .annotate(
            age=Window(
                RowNumber(),
                partition_by=[F("report__branch"), F("indicator")],
                order_by=F("report__period__starts_on").desc(),
            )
        )
        .filter(age=1)
    )
    latest = Figure.objects.filter(here, pk__in=ranked.values("pk"))
    by_units = defaultdict(list)  # most often the same of every stock
    for indicator, units in replaced_units(period, indicators, here, statuses).items():
        by_units[tuple(units)].append(indicator)
    replaced = Q(pk__in=[])
    for units, of_these in by_units.items():
        replaced |= Q(indicator__in=of_these, report__branch__in=units)
    return latest.exclude(replaced)


def odd_units(base, period, branch, indicators, paths):
    """The units below `branch`, in the tree of then, whose latest figures of the year up to
    `period` are not simply those of `base`, one of its periods, or what they told since instead.

    Their ids, in several questions: as one, joined by "or", it would be asked of each report of
    the year. They told before `base` and have no approved report in it, or left blank there what
    they told before, or they ended. `branch` itself is always one of them.
    """
    year = period.up_to_here()
    before = list(year.filter(starts_on__lt=base.starts_on).values_list("pk", flat=True))
    reports = Report.objects.order_by().values_list("branch", flat=True)
    here = reports.filter(under_paths(paths, "branch_path"))
    told = here.filter(period__in=before, status__in=Report.COUNTED)
    of_base, of_year = here.filter(period=base), here.filter(period__in=year)
    blank = left_blank_in(base, before, branch, indicators, paths)
    return [
        of_year.filter(branch=branch).distinct(),
        in_none_of(of_base.filter(status__in=Report.COUNTED), told, branch),
        of_year.filter(branch__in=endings(period).keys()).distinct(),
        of_year.filter(branch__in=blank).distinct(),
    ]


def told_again(figures, periods):
    """Those of `figures` that their units told again in a later one of `periods`, given in their
    order. Who has reported later is asked first: PostgreSQL would read all figures there are."""
    *earlier, _ = periods
    later = Report.objects.filter(period__in=periods[1:], status__in=Report.COUNTED)
    again = counted_figures(periods[1:]).filter(
        report__branch=OuterRef("report__branch"),
        indicator=OuterRef("indicator"),
        report__period__starts_on__gt=OuterRef("report__period__starts_on"),
    )
    return figures.filter(
        Exists(again), report__period__in=earlier, report__branch__in=later.values("branch")
    )


def in_none_of(reports, others, branch):
    """Ids of the units of `others` that have none of `reports`, all of them below `branch`.

    At a top that is asked of the units, which are a tenth of a year's reports; elsewhere of the
    reports, for who ever stood below a unit is told by them alone.
    """
    if branch.parent_id is not None:
        return others.difference(reports)
    of_unit = {"branch": OuterRef("pk")}
    return (
        Branch.objects.filter(~Exists(reports.filter(**of_unit)), Exists(others.filter(**of_unit)))
        .order_by()
        .values_list("pk", flat=True)
    )


def left_blank_in(base, before, branch, indicators, paths):
    """Ids of the units that told in `before` what they left blank in `base`.

    Stored sums say of which indicators that may be so, often of none: of those that somebody told
    before, and that not all told then.
    """
    totals = Total.objects.filter(branch=branch, indicator__in=indicators)
    told_before = set(totals.filter(period__in=before, answered__gt=0).values_list("indicator"))
    answered = dict(totals.filter(period=base).values_list("indicator", "answered"))
    reports = Report.objects.filter(under_paths(paths, "branch_path"), period=base)
    everybody = reports.filter(status__in=Report.COUNTED).exclude(branch=branch).count()
    some = [pk for (pk,) in told_before if answered.get(pk, 0) < everybody]
    again = counted_figures([base]).filter(
        report__branch=OuterRef("report__branch"), indicator=OuterRef("indicator")
    )
    told = counted_figures(before).filter(
        ~Exists(again), under_paths(paths, "report__branch_path"), indicator__in=some
    )
    return told.order_by().values("report__branch")


def replaced_units(period, indicators, here, statuses):
    """Units that ended and whose successors have given the figure: indicator id → unit ids.

    Only what both stand in the asked place (`here`): at an old ward itself nothing replaces its
    own figures, so past sums stay as they were.
    """
    ends = endings(period)
    if not ends:
        return {}
    heirs = {heir for end in ends.values() for heir in end.heirs}
    figures = (
        counted_figures(period.up_to_here(), statuses)
        .filter(here, report__branch__in=heirs, indicator__in=indicators)
        .select_related("report__branch", "report__period")
    )
    given = defaultdict(lambda: defaultdict(list))
    for figure in figures:
        given[figure.indicator_id][figure.report.branch_id].append(figure.report)
    return {
        indicator: [unit for unit in ends if is_replaced(unit, ends, reports)]
        for indicator, reports in given.items()
    }


def is_replaced(unit, ends, reports):
    """All that follow the unit have given the figure, or were replaced themselves since.

    `reports`: unit id → its reports with the figure.
    """
    end = ends[unit]
    return bool(end.heirs) and all(
        any(end.is_told_in(report) for report in reports.get(heir, ()))
        or (heir in ends and is_replaced(heir, ends, reports))
        for heir in end.heirs
    )


@dataclass(frozen=True)
class Ending:
    """When a unit ended, when the decree was applied here, and the units its people went to."""

    on: date
    applied_at: datetime
    heirs: list

    def is_told_in(self, report):
        """Does an heir's report hold this unit's people too? Its period must reach the day; and
        a unit that went on knew of it only once the decree was applied."""
        return report.period.ends_on >= self.on and (
            report.branch.opened_on >= self.on or report.first_submitted_at >= self.applied_at
        )


def endings(period):
    """Units ended by decrees of about the last year, up to the end of `period`: id → Ending.

    Divided ones that still wait are left out: they go on reporting themselves.
    """
    lines = defaultdict(list)
    for line in applied_lines().filter(
        reorganisation__effective_on=F("predecessor__closed_on"),
        predecessor__closed_on__gt=period.starts_on - timedelta(days=366),
        predecessor__closed_on__lte=period.ends_on,
    ):
        lines[line.predecessor_id].append(line)
    if not lines:
        return {}
    waiting = set(Branch.objects.waiting().values_list("pk", flat=True))
    return {
        unit: Ending(
            on=rows[0].reorganisation.effective_on,
            applied_at=rows[0].reorganisation.applied_at,
            heirs=heirs_of(rows),
        )
        for unit, rows in lines.items()
        if unit not in waiting
    }


def heirs_of(lines):
    """The units to which the people went; parts known to be land only are none."""
    to = people_go(lines)
    return [
        line.successor.branch_id
        for line in lines
        if line.successor
        and line.successor.branch_id
        and (line.successor_id == to if to else line.takes_people is not False)
    ]
