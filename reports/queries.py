"""Questions across tables: sums over the tree and over months, who is late. Read-only.

Sums hold approved reports, or all that were handed in (`Basis`). They can be asked in the
geography of then, the tree as it stood when each period opened, or of now: where the same units,
or those that follow them, stand today. Only the approved ones of then are stored (`Total`), what
is added to them is counted when it is asked for; both geographies have the same national sums.
How a figure adds up is fixed by its indicator (`Indicator.aggregation`): over units everything
sums; over months a flow sums, a stock or a yes/no takes each unit's latest figure, and a
ratio is computed anew from its two parts, never averaged.
"""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Concat, Greatest, NullIf, StrIndex, Substr

from branches.custody import acting_for
from branches.models import Branch, BranchSpan, Position
from branches.querysets import under_paths
from hoiphunu.bulk import rows_of
from programs.models import Indicator

from .latest import counted_figures, endings, latest_figures, odd_units, told_again
from .models import (
    Basis,
    Contact,
    Figure,
    Geography,
    Notification,
    Period,
    PeriodDue,
    Report,
    Total,
)
from .places import EVER_BELOW, directly_below, ids_below, paths_of
from .querysets import LAST_DAY

Aggregation = Indicator.Aggregation
THEN, NOW = Geography.THEN, Geography.NOW
APPROVED = Basis.APPROVED


class Amount(NamedTuple):
    """A sum and the number of reports that gave a figure; `value` None: nobody did.

    For a ratio `value` is the quotient (0,75 stands for 75 %), for a yes/no indicator the
    share of answering units that said yes. What is not added has no value, only answers.
    """

    value: Decimal | None = None
    answered: int = 0
    yes: int | None = None  # of a share of units: how many said yes
    rough: frozenset = frozenset()  # ids of the units whose number in it is not exact


NOTHING_YET = Amount()

# Where a figure stands: in the tree of its report's day, or in today's.
PATHS = {THEN: "report__branch_path", NOW: "report__branch__path"}


@dataclass(frozen=True)
class SummaryLine:
    indicator: Indicator
    section: str
    period: Amount
    to_date: Amount


@dataclass
class ChildColumn:
    """One unit's part in a sum: a unit directly below, or the unit's own activities."""

    branch: Branch
    is_own: bool
    amounts: dict = field(default_factory=dict)  # indicator id → Amount
    reports: "HandedIn | None" = None  # its own and those below it

    @property
    def is_undivided(self):
        """Of today's geography: figures of a unit that ended, which nobody can share out.

        One that was merged stands below its successor; one that was divided or abolished,
        below a unit of a higher level.
        """
        level, keeper = self.branch.level, self.branch.parent
        if level.is_unplaced:
            return True
        return bool(
            self.branch.closed_on
            and keeper
            and (keeper.level.is_unplaced or keeper.level.rank < level.rank)
        )


# --- Sums ---------------------------------------------------------------------------------


def form_lines(asked):
    """What is asked in a Period, or what a ReportForm asks now, from top to bottom."""
    parts = ("indicator__numerator", "indicator__denominator")
    return list(asked.lines.in_order().select_related(*parts))


class Sums:
    """Adds up what comes from several places: what is stored, and what is counted on the spot."""

    def __init__(self):
        self.found = defaultdict(dict)  # place → indicator id → Amount

    def add(self, rows):
        """`rows`: (place, indicator id, sum or None, how many answered)."""
        found = self.found
        for place, indicator, value, answered in rows:  # thousands for one page: no call too many
            at = found[place]
            if type(value) is int:
                value = Decimal(value)
            elif type(value) is not Decimal:
                value = exact(value)
            if indicator in at:
                before = at[indicator]
                value, answered = value + before.value, answered + before.answered
            if answered:
                at[indicator] = Amount(value, answered)
            else:
                at.pop(indicator, None)


CENT = Decimal("0.01")  # figures have two decimals


def exact(value):
    """A fraction of SQLite's, which are floats (12.1 + 0.2 is 12.299…), as a Decimal; 0 for None,
    which stands where "không phát sinh" was all that there is."""
    return Decimal(str(value or 0)).quantize(CENT)


def amounts_at(branch, periods, geography=THEN, basis=APPROVED):
    """Sums at one unit: indicator id → Amount of the raw figures."""
    sums = Sums()
    if geography == NOW:
        sums.add(counted_below(branch, periods, geography, basis.statuses, Value(1)))
        return sums.found[1]
    sums.add(stored_sums(Total.objects.filter(branch=branch, period__in=periods), Value(1)))
    own = counted_figures(periods).filter(report__branch=branch)
    sums.add(figure_sums(own, Value(1)))
    sums.add(counted_below(branch, periods, geography, basis.waiting, Value(1)))
    return sums.found[1]


def has_counted(branch):
    """A condition for periods: figures of `branch` or of those below it count in it."""
    below = Total.objects.filter(period=OuterRef("pk"), branch=branch, answered__gt=0)
    own = Figure.objects.filter(
        report__period=OuterRef("pk"), report__branch=branch, report__status__in=Report.COUNTED
    )
    return Exists(below) | Exists(own.given())


def stored_sums(totals, place):
    """Rows for `Sums` from stored totals; `place` says to which one each belongs."""
    rows = totals.order_by().values_list(place, "indicator")
    return plain(rows.annotate(Sum("value"), Sum("answered")))


def figure_sums(figures, place):
    """Rows for `Sums` from figures."""
    rows = figures.order_by().values_list(place, "indicator")
    return plain(rows.annotate(Sum("value"), Count("pk")))


def plain(rows):
    """The rows as the driver gives them: a page of a province is 5,000, and Django would take
    longer over turning each into what it is already than the database over finding it."""
    try:
        return rows_of(*rows.query.sql_with_params())
    except EmptyResultSet:  # of no period at all; Django knows without the database
        return []


def added_up(*questions):
    """Rows for `Sums` in one question: `questions` for (place, indicator, value, answered)."""
    parts = []
    for rows in questions:
        with suppress(EmptyResultSet):  # of no unit or no period at all: nothing to add
            parts.append(rows.order_by().query.sql_with_params())
    if not parts:
        return []
    given = " UNION ALL ".join(sql for sql, _ in parts)
    return rows_of(
        f"WITH given (place, indicator, value, answered) AS ({given})"  # noqa: S608 -- Django's
        " SELECT place, indicator, sum(value), sum(answered) FROM given GROUP BY place, indicator",
        [param for _, params in parts for param in params],
    )


def may_be_told(branch, geography):
    """A condition for figures: what nobody has approved yet is told only where its unit stands
    today, for elsewhere nobody may open the report."""
    if geography == NOW:
        return Q()
    stands = under_paths([branch.path], PATHS[NOW])
    return Q(report__status__in=Report.COUNTED) | stands


def counted_below(branch, periods, geography, statuses, place):
    """Rows for `Sums` from the figures of `branch` and all below it, in reports of these states."""
    if not statuses:
        return []
    field = PATHS[geography]
    here = under_paths(places_of_branch(branch, geography), field)
    here &= may_be_told(branch, geography)
    return figure_sums(counted_figures(periods, statuses).filter(here), place)


def marked(raw, rough):
    """The same amounts, knowing the units whose numbers in them are not exact: `rough` is
    indicator id → unit ids."""
    return {
        pk: amount._replace(rough=frozenset(rough[pk])) if pk in rough else amount
        for pk, amount in raw.items()
    }


def rough_by_place(branch, periods, geography=THEN, standing=(), basis=APPROVED):
    """Who gave "hơn 120" rather than 120, at `branch` and in the units directly below it.

    unit id → indicator id → unit ids, places as in `latest_by_place`, which tells of `standing`.
    """
    field = PATHS[geography]
    figures = (
        counted_figures(periods, basis.statuses)
        .filter(under_paths(places_of_branch(branch, geography), field))
        .filter(may_be_told(branch, geography))
        .exclude(indicator__in=standing)
    )
    return rough_places(branch, field, figures)


def rough_places(branch, field, *figures):
    """unit id → indicator id → ids of the units that gave a figure of these which is not exact."""
    found, step = defaultdict(lambda: defaultdict(set)), f"/{branch.pk}/"
    for each in figures:
        rough = each.exclude(qualifier="").values_list(field, "indicator", "report__branch")
        for path, indicator, unit in rough:
            for place in (branch.pk, next_on(path, step)):
                found[place][indicator].add(unit)
    return found


def next_on(path, step):
    """The id of the unit directly below the one of `step` on `path`; None for its own."""
    below = path.split(step, 1)[1].split("/")[0]
    return int(below) if below else None


def latest_by_place(branch, period, indicators, geography=THEN, basis=APPROVED):
    """Stocks to date at `branch`, and in the units directly below it.

    unit id → indicator id → Amount; `branch` itself stands for all, None for its own report.
    """
    if geography == THEN and is_first_of_year(period) and not endings(period):
        return said_now(branch, period, indicators, basis)  # and that is stored
    if geography == THEN and basis == APPROVED:
        return said_and_changed(branch, period, indicators)
    field, places = PATHS[geography], places_of_branch(branch, geography)
    figures = latest_figures(period, indicators, places, field, basis.statuses)
    return by_place(figures.filter(may_be_told(branch, geography)), branch, field)


def by_place(figures, branch, field):
    """Sums of these figures at `branch` and in the units directly below, as `latest_by_place`."""
    rows = (
        figures.order_by()
        .values_list(step_below(branch, field), "indicator")
        .annotate(Sum("value"), Count("pk"), rough=Count("pk", filter=~Q(qualifier="")))
    )
    sums, has_rough = Sums(), False
    for step, indicator, value, answered, rough in rows:
        for place in (branch.pk, int(step) if step else None):
            sums.add([(place, indicator, value, answered)])
        has_rough = has_rough or rough
    if not has_rough:
        return sums.found
    return all_marked(sums.found, rough_places(branch, field, figures))


def said_and_changed(branch, period, indicators):
    """As `latest_by_place`, of approved reports in the tree of then: the stored sums of one period
    of the year and of those since, less what was told again, and beside them only the few units
    of which that is not all. All of a country's figures of a year would be 12 million.

    The sums are one question, so that an approval meanwhile counts in all parts or none; which
    units are the few is asked before it, and one whose report is reopened in between is missed
    once.
    """
    base, paths, field = nearest(branch, period, indicators), paths_of(branch), PATHS[THEN]
    since = period.up_to_here().filter(starts_on__gte=base.starts_on)
    periods = list(since.order_by("starts_on"))
    others = named(odd_units(base, period, branch, indicators, paths))
    then = counted_figures(periods).filter(under_paths(paths, field), indicator__in=indicators)
    now = latest_figures(period, indicators, paths, field, among=others)
    stored = Total.objects.filter(parent=branch, period__in=periods, indicator__in=indicators)
    below = reported_by_those_below(branch, periods).filter(indicator__in=indicators)
    taken = then.filter(report__branch__in=others).exclude(report__branch=branch)
    alike = then.exclude(report__branch__in=others)
    again = told_again(alike, periods)
    step = Cast(NullIf(step_below(branch, field), Value("")), BigIntegerField())
    sums = Sums()
    for place, *row in added_up(
        stored.values_list("branch", "indicator", "value", "answered"),
        below.values_list("report__branch", "indicator", "value", Value(1)),
        taken.values_list(step, "indicator", -F("value"), Value(-1)),
        again.values_list(step, "indicator", -F("value"), Value(-1)),
        now.values_list(step, "indicator", "value", Value(1)),
    ):
        sums.add([(place, *row), (branch.pk, *row)])
    # Those that are not exact have an index of their own; SQLite would ask each figure of the year.
    rough = Figure.objects.exclude(qualifier="").values("pk")
    of_year = counted_figures(period.up_to_here()).filter(pk__in=rough)
    if not of_year.filter(under_paths(paths, field), indicator__in=indicators).exists():
        return sums.found
    known = alike.exclude(qualifier="")
    known = known.exclude(pk__in=told_again(known, periods).values("pk"))
    return all_marked(sums.found, rough_places(branch, field, known, now))


NAMED = 5_000  # SQLite takes 32,766 values in a question, and these stand in it thrice


def named(questions):
    """The ids themselves: PostgreSQL guesses a hundred thousand of a subquery and reads all figures
    of the year instead of theirs. SQLite is given them while they are few."""
    found, has_limit = set(), connection.features.max_query_params is not None
    for units in questions:
        found.update(units[: NAMED + 1] if has_limit else units)
        if has_limit and len(found) > NAMED:
            return Branch.objects.filter(any_of(questions))
    return found


def any_of(questions):
    condition = Q(pk__in=[])
    for units in questions:
        condition |= Q(pk__in=units)
    return condition


def all_marked(found, rough):
    return defaultdict(dict, {place: marked(raw, rough[place]) for place, raw in found.items()})


def nearest(branch, period, indicators):
    """Of the year's periods up to this one, that from which about least must be asked: the whole
    year of units that told nothing then, and each period in which others have told since."""
    totals = Total.objects.filter(branch=branch, indicator__in=indicators)
    rows = totals.filter(period__in=period.up_to_here()).order_by().values_list("period")
    given = dict(rows.annotate(Sum("answered")))
    most, since, best = max(given.values(), default=0), 0, {}
    year = period.up_to_here().order_by("-starts_on")
    for each in year:
        told = given.get(each.pk, 0)
        best.setdefault((most - told) * len(year) + since, each)
        since += told
    return best[min(best)]


def is_first_of_year(period):
    return not period.up_to_here().exclude(pk=period.pk).exists()


def said_now(branch, period, indicators, basis):
    """As `latest_by_place`, from the sums of the period itself."""
    found = sums_below(branch, [period], basis=basis)
    found[branch.pk] = amounts_at(branch, [period], basis=basis)
    rough = rough_by_place(branch, [period], basis=basis)
    only = {
        place: {pk: amount for pk, amount in raw.items() if pk in indicators}
        for place, raw in found.items()
    }
    return all_marked(only, rough)


def places_of_branch(branch, geography=THEN):
    """The paths under which the reports of `branch` and of what is below it stand."""
    return {branch.path} if geography == NOW else paths_of(branch)


def has_changed_since(period):
    """Did any unit move, merge or end after the period began? Then the geographies differ."""
    return (
        BranchSpan.objects.filter(starts_on__gt=period.starts_on)
        .filter(starts_on__gt=F("branch__opened_on"))
        .exists()
        or Branch.objects.filter(closed_on__gt=period.starts_on).exists()
    )


def finish(indicator, raw):
    """What a page shows for `indicator`, from the raw sums of all indicators."""
    if indicator.aggregation == Aggregation.NONE:
        return Amount(None, raw.get(indicator.pk, NOTHING_YET).answered)
    if indicator.aggregation == Aggregation.RATIO:
        above = raw.get(indicator.numerator_id, NOTHING_YET)
        below = raw.get(indicator.denominator_id, NOTHING_YET)
        if above.value is None or not below.value:
            return NOTHING_YET
        return Amount(
            above.value / below.value,
            min(above.answered, below.answered),
            rough=above.rough | below.rough,
        )
    found = raw.get(indicator.pk, NOTHING_YET)
    if indicator.aggregation == Aggregation.SHARE_OF_UNITS and found.answered:
        return Amount(found.value / found.answered, found.answered, int(found.value))
    return found


def parts_of(lines):
    """Every indicator whose figures the lines need, ratios by their two parts."""
    for line in lines:
        yield from filter(
            None, (line.indicator, line.indicator.numerator, line.indicator.denominator)
        )


def standing_ids(lines):
    """Indicators that take each unit's latest figure over the months instead of adding."""
    adding = (Aggregation.FLOW, Aggregation.RATIO, Aggregation.NONE)
    return {part.pk for part in parts_of(lines) if part.aggregation not in adding}


def without(raw, ids):
    return {pk: amount for pk, amount in raw.items() if pk not in ids}


def summary_lines(period, branch, lines, geography=THEN, basis=APPROVED):
    """The form's lines with this period's sum and the lũy kế of the year at `branch`."""
    here, year, how = branch.pk, list(period.up_to_here()), (geography, basis)
    rough = rough_by_place(branch, [period], geography, basis=basis)[here]
    in_period = marked(amounts_at(branch, [period], *how), rough)
    standing = standing_ids(lines)
    to_date = without(amounts_at(branch, year, *how), standing)
    to_date = marked(to_date, rough_by_place(branch, year, geography, standing, basis)[here])
    to_date |= latest_by_place(branch, period, standing, *how)[here]
    return [
        SummaryLine(
            indicator=line.indicator,
            section=str(line.section),
            period=finish(line.indicator, in_period),
            to_date=finish(line.indicator, to_date),
        )
        for line in lines
    ]


def child_columns(period, branch, lines, *, to_date=False, geography=THEN, basis=APPROVED):
    """Sums of the units directly below, and of the unit's own report, first.

    Of this period, or with `to_date` of the year up to it. Below are the units that stood
    there when the periods opened (or stand there today), also those that have not reported:
    silence is shown.
    """
    periods, how = list(period.up_to_here()) if to_date else [period], (geography, basis)
    raw = sums_below(branch, periods, *how)
    standing = standing_ids(lines) if to_date else set()
    rough = rough_by_place(branch, periods, geography, standing, basis)
    raw = defaultdict(dict, {place: marked(found, rough[place]) for place, found in raw.items()})
    if to_date:
        latest = latest_by_place(branch, period, standing, *how)
        for place in raw.keys() | latest.keys():
            raw[place] = without(raw[place], standing) | latest[place]
    columns = [
        ChildColumn(child, is_own=False, amounts=finished(lines, raw[child.pk]))
        for child in units_below(periods, branch, geography)
    ]
    if Report.objects.filter(period__in=periods, branch=branch).exists():
        columns.insert(0, ChildColumn(branch, is_own=True, amounts=finished(lines, raw[None])))
    return columns


def finished(lines, raw):
    return {line.indicator_id: finish(line.indicator, raw) for line in lines}


def sums_below(branch, periods, geography=THEN, basis=APPROVED):
    """Sums of the units directly below: unit id → indicator id → Amount; None for its own."""
    sums, field = Sums(), PATHS[geography]
    statuses = basis.statuses
    if geography == THEN:
        statuses = basis.waiting
        sums.add(sums_of_a_page(branch, [period.pk for period in periods]))
        if branch.pk in sums.found:
            sums.found[None] = sums.found.pop(branch.pk)
    counted = counted_below(branch, periods, geography, statuses, step_below(branch, field))
    sums.add((int(step) if step else None, *row) for step, *row in counted)
    return sums.found


# The stored sums of the units directly below with what each reported itself, where it stood, and
# the unit's own report. Written out, for a page would wait for Django to write it.
SUMS_OF_A_PAGE = f"""
WITH given (place, indicator, value, answered) AS (
    SELECT branch_id, indicator_id, value, answered FROM reports_total
    WHERE parent_id = %s AND period_id IN ({{periods}})
  UNION ALL
    SELECT report.branch_id, figure.indicator_id, figure.value, 1
    FROM reports_report report JOIN reports_figure figure ON figure.report_id = report.id
    WHERE report.period_id IN ({{periods}}) AND report.status IN ('approved', 'locked')
      AND (figure.value IS NOT NULL OR figure.is_nothing OR figure.text <> '')
      AND report.branch_id IN (SELECT id FROM branches_branch WHERE id = %s UNION {EVER_BELOW})
      AND (report.branch_id = %s OR report.branch_path IN ({{paths}}))
)
SELECT place, indicator, sum(value), sum(answered) FROM given GROUP BY place, indicator
"""  # noqa: S608


def sums_of_a_page(branch, period_ids):
    """Rows for `Sums`, each at the id of the unit below or of `branch` itself."""
    if not period_ids:
        return []
    here, paths = branch.pk, sorted(paths_of(branch))
    sql = SUMS_OF_A_PAGE.format(
        periods=", ".join(["%s"] * len(period_ids)),
        paths=", ".join(["%s || report.branch_id || '/'"] * len(paths)),
    )
    return rows_of(sql, [here, *period_ids, *period_ids, *[here] * 5, *paths])


def reported_by_those_below(branch, periods):
    """The counted figures that the units directly below gave of themselves, where they stood."""
    stood_there = directly_below(paths_of(branch), "report__branch", PATHS[THEN])
    figures = counted_figures(periods).filter(report__branch__in=ids_below(branch))
    return figures.filter(stood_there)


def step_below(branch, field):
    """The id, as text, of the unit directly below `branch` on the path `field`; "" for its own."""
    step = f"/{branch.pk}/"
    rest = Substr(field, StrIndex(field, Value(step)) + len(step))
    return Substr(rest, 1, Greatest(StrIndex(rest, Value("/")) - 1, 0))


def units_below(periods, branch, geography=THEN):
    """Units directly below `branch` with a report in or under them in these periods."""
    reports = Report.objects.filter(period__in=periods)
    if geography == NOW:
        steps = reports.filter(under_paths([branch.path], "branch__path")).values_list(
            step_below(branch, "branch__path"), flat=True
        )
        below = set(steps.order_by().distinct()) - {""}
        units = Branch.objects.filter(pk__in=[int(pk) for pk in below])
    else:
        has_one, step = Q(pk__in=[]), Cast(OuterRef("pk"), CharField())
        for path in paths_of(branch):
            first, last = (Concat(Value(path), step, Value(sign)) for sign in "/0")
            has_one |= Q(Exists(reports.filter(branch_path__gte=first, branch_path__lt=last)))
        units = Branch.objects.filter(has_one, pk__in=ids_below(branch))
    return units.select_related("level", "parent__level")


def rows_behind(period, branch, indicator, *, to_date, geography=THEN, basis=APPROVED):
    """The figures that a sum at `branch` is made of, in units' own reports.

    With `to_date`, those of the whole year for a flow or what is not added, the latest of each
    unit otherwise.
    A ratio has the rows of both its parts.
    """
    parts = [indicator]
    if indicator.aggregation == Aggregation.RATIO:
        parts = [indicator.numerator, indicator.denominator]
    return (
        figures_behind(period, branch, parts, to_date=to_date, geography=geography, basis=basis)
        .select_related(
            "indicator", "report__period", "report__branch__level", "report__branch__parent"
        )
        .order_by("indicator", "report__branch__sort_key", "report__branch", "report__period")
    )


def figures_behind(period, branch, parts, *, to_date, geography=THEN, basis=APPROVED):
    """The figures of the indicators `parts` in the sums at `branch`, of any number of them."""
    kept = (Aggregation.FLOW, Aggregation.NONE)
    flows = [part for part in parts if part.aggregation in kept]
    others = [part for part in parts if part not in flows]
    places, field = places_of_branch(branch, geography), PATHS[geography]
    if to_date:
        latest = latest_figures(period, others, places, field, basis.statuses)
        counted = Q(indicator__in=flows, report__period__in=period.up_to_here()) | Q(
            pk__in=latest.values("pk")
        )
    else:
        counted = Q(indicator__in=parts, report__period=period)
    return Figure.objects.filter(
        counted,
        under_paths(places, field),
        may_be_told(branch, geography),
        report__status__in=basis.statuses,
    ).given()


# --- Who has reported -----------------------------------------------------------------------


@dataclass(frozen=True)
class Completeness:
    """How many of a group's reports are in; "in" means submitted at least once."""

    label: str
    owed: int
    submitted: int
    late: int
    approved: int

    @property
    def missing(self):
        return self.owed - self.submitted

    def __str__(self):
        return f"{self.submitted}/{self.owed} {self.label}"


COUNTS = {
    "owed": Count("pk"),
    "submitted": Count("pk", filter=Q(first_submitted_on__isnull=False)),
    "late": Count("pk", filter=Q(first_submitted_on__gt=LAST_DAY)),
    "approved": Count("pk", filter=Q(status__in=Report.COUNTED)),
}


def reports_under(period, branch):
    """Reports of this period from `branch` and what stood below it."""
    return Report.objects.owed().filter(
        under_paths(places_of_branch(branch), "branch_path"), period=period
    )


def completeness(period, branch):
    """Groups of reports below `branch`: those that it reviews itself, then lower levels."""
    below = reports_under(period, branch).exclude(branch=branch)
    direct = below.filter(reviewer_branch=branch).aggregate(**COUNTS)
    groups = [Completeness(label="đơn vị trực tiếp", **direct)] if direct["owed"] else []
    levels = (
        below.exclude(reviewer_branch=branch)
        .order_by("branch__level__rank")
        .values("branch__level__name", "branch__level__rank")
        .annotate(**COUNTS)
    )
    return groups + [
        Completeness(label=row["branch__level__name"], **{name: row[name] for name in COUNTS})
        for row in levels
    ]


class HandedIn(NamedTuple):
    """Of the reports of a unit and all below it, how many are in."""

    owed: int = 0
    submitted: int = 0

    def __str__(self):
        return f"{self.submitted}/{self.owed}"


# The reports in and under each unit that ever stood directly below one. The path of the one is
# given, so each unit's reports are one stretch of an index, and those that are not in of a smaller
# one; no report itself is read. What has lapsed was never in.
OF_UNIT = """
FROM reports_report report WHERE report.period_id = %s
    AND report.branch_path >= %s || CAST(unit.id AS text) || '/'
    AND report.branch_path < %s || CAST(unit.id AS text) || '0'
"""
NOT_IN = f"{OF_UNIT} AND report.first_submitted_on IS NULL"
COUNT_BY_UNIT = f"""
SELECT unit.id, (SELECT count(*) {OF_UNIT}), (SELECT count(*) {NOT_IN}),
       (SELECT count(*) {NOT_IN} AND report.status = 'lapsed')
FROM branches_branch unit
WHERE unit.id IN (
    SELECT id FROM branches_branch WHERE parent_id = %s
    UNION SELECT branch_id FROM branches_branchspan WHERE parent_id = %s
    UNION SELECT id FROM branches_historicalbranch WHERE parent_id = %s
)
"""  # noqa: S608


def handed_in_by_unit(period, branch):
    """Id of each unit directly below that has reports in or under it → HandedIn."""
    found = defaultdict(HandedIn)
    for path in paths_of(branch):
        stretch = [period.pk, path, path]
        for unit, every, not_in, lapsed in rows_of(COUNT_BY_UNIT, stretch * 3 + [branch.pk] * 3):
            if every > lapsed:
                owed, submitted = found[unit]
                found[unit] = HandedIn(owed + every - lapsed, submitted + every - not_in)
    return found


def not_in(period, branch):
    """Reports below `branch` that were never submitted, in the order of the tree: an index knows
    it, and the country may look at any page of 100,000."""
    return (
        reports_under(period, branch)
        .exclude(branch=branch)
        .filter(first_submitted_on=None)
        .select_related("branch__level", "branch__parent__level", "reviewer_branch__level")
        .defer(*Report.NARRATIVE)
        .order_by("branch_path")
    )


def missing_directly_below(period, branch):
    """Those of `not_in` that `branch` itself reviews."""
    direct = Q(branch__closed_on=None, branch__parent=branch)
    left = Q(branch__closed_on__isnull=False, reviewer_branch=branch)
    return not_in(period, branch).filter(direct | left)


def contacts_below(period, branch):
    """Who reminded `branch`, or units below it, by herself; the latest first."""
    below = under_paths([branch.path], "branch__path")
    return Contact.objects.filter(below, period=period)


def last_contacts(reports):
    """Report's id → the last Contact with its unit about its period; a unit's own only."""
    units = {report.branch_id: report.pk for report in reports}
    rows = Contact.objects.filter(
        period__in={report.period_id for report in reports}, branch__in=units, is_group=False
    )
    return {units[row.branch_id]: row for row in rows.select_related("by").order_by("at", "pk")}


def reminder_log(period, branch, user):
    """What the software said about reports of `branch` and of units below it to people of her
    territory, or missed to say; the latest first."""
    below = under_paths([branch.path], "about__path")
    return (
        Notification.objects.log_for(user)
        .filter(below, period=period)
        .select_related("recipient", "letter", "about__level")
    )


def officers_to_call(reports, positions):
    """Report's id → positions, out of `positions`, of the officers who write it; of those of the
    unit directly above where it has none, as a chi hội seldom has."""
    acting = acting_for([report.branch for report in reports])
    wanted = {pk for offices in acting.values() for pk in offices}
    wanted |= {report.branch.parent_id for report in reports}
    held = defaultdict(list)
    officers = positions.filter(role=Position.Role.OFFICER, branch__in=wanted - {None})
    for position in officers.select_related("user", "branch__level").order_by("pk"):
        held[position.branch_id].append(position)
    return {
        report.pk: [position for office in acting[report.branch_id] for position in held[office]]
        or held[report.branch.parent_id]
        for report in reports
    }


def punctuality(form, branch, year):
    """Per month of the year: reports below `branch` in time, late and never submitted.

    Below is what stood below it in that month, wherever the unit itself stood.
    """
    rows = (
        Report.objects.owed()
        .filter(branch_path__contains=f"/{branch.pk}/", period__form=form, period__year=year)
        .exclude(branch=branch)
        .order_by("period__starts_on")
        .values("period__label", "period__code", "period__starts_on")
        .annotate(**COUNTS)
    )
    return [
        {
            "label": row["period__label"],
            "code": row["period__code"],
            "in_time": row["submitted"] - row["late"],
            "late": row["late"],
            "missing": row["owed"] - row["submitted"],
        }
        for row in rows
    ]


@dataclass(frozen=True)
class CalendarLine:
    """A period in the calendar: its days, and how many of the reports below a unit are in."""

    period: Period
    dues: list  # PeriodDue, the highest level first
    owed: int
    submitted: int


def forms_with_periods(forms, year):
    """Ids of those of the forms that have a period in a year."""
    rows = Period.objects.filter(form__in=forms, year=year).order_by()
    return set(rows.values_list("form", flat=True).distinct())


def calendars_of(forms, year, branch):
    """Form's id → its periods in a year, the first one first; counted below `branch` (or nowhere).

    Three questions, however many forms and periods there are.
    """
    periods = Period.objects.filter(form__in=forms, year=year).order_by("starts_on", "kind", "pk")
    dues = PeriodDue.objects.select_related("level").order_by("level__rank")
    periods = list(periods.prefetch_related(Prefetch("dues", queryset=dues)))
    counted = {}
    if branch is not None and periods:
        reports = Report.objects.owed().filter(
            period__in=periods, branch_path__contains=f"/{branch.pk}/"
        )
        counted = {
            row["period"]: row
            for row in reports.order_by()
            .values("period")
            .annotate(owed=COUNTS["owed"], submitted=COUNTS["submitted"])
        }
    none, found = {"owed": 0, "submitted": 0}, defaultdict(list)
    for period in periods:
        numbers = {name: counted.get(period.pk, none)[name] for name in none}
        found[period.form_id].append(CalendarLine(period, list(period.dues.all()), **numbers))
    return found
